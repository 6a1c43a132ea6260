// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/checkout/basket.hpp"
#include "tillkit/checkout/sale.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/vend_book.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/ledger/history.hpp"
#include "tillkit/members/history.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/payment/history.hpp"
#include "tillkit/receipt/receipt.hpp"

/// A sale as the journal tells it, open or long over.
namespace tillkit::checkout {

struct CashPart {
  core::Money tendered{};
  core::Money change{};
  core::Money rounding{};  ///< what it spared the shopper
  core::Money settled{};   ///< of the total
};

struct SaleStory {
  journal::SaleId id{};
  SaleState state = SaleState::Open;
  core::WallReading began{};
  core::WallReading ended{};  ///< of the newest record
  journal::Duty duty{};       ///< of the first record
  core::Money total{};        ///< to pay; of a refund what goes back
  std::vector<BasketLine> lines{};
  std::uint32_t removed = 0;
  int age = 0;          ///< that somebody confirmed
  std::string proof{};  ///< of the newest price, as `offers::to_json` wrote it; empty: it never was to be paid
  std::vector<CashPart> cash{};
  core::Money cash_back{};          ///< handed out by an undone sale or a refund
  core::Money cash_back_settled{};  ///< what of the total that gives back
  payment::PaymentHistory payments{};
  journal::SaleId of{};                        ///< the sale that this one gives back; 0: it is no refund
  std::vector<offers::UnitRange> units{};      ///< of a refund
  std::uint32_t copies = 0;                    ///< of its receipt
  std::optional<fulfilment::VendEnd> goods{};  ///< what came out, where a machine moved them; none: not known yet
  bool goods_released = false;                 ///< the machine had the approval
  members::MembersHistory members{};
  ledger::LedgerHistory ledger{};
  std::vector<journal::Seq> personal{};  ///< records that may have personal values of the payer

  [[nodiscard]] bool is_refund() const { return of.value() != 0; }
};

/// Reads all records of a sale.
/// - NotFound: there is none, or it was dropped. - Corrupt: a record is not what these modules write.
[[nodiscard]] core::Result<SaleStory> read_sale(const journal::Journal& journal, journal::SaleId sale);

/// The price proof of a story. - NotFound: it was never to be paid. - Corrupt: it is not one.
[[nodiscard]] core::Result<offers::PriceProof> proof_of(const SaleStory& story);

/// What of a sale went back before: the units of its refunds, and what cash gave.
struct ReturnedSoFar {
  std::vector<offers::UnitRange> units{};
  core::Money amount{};                         ///< what they are worth, all together
  core::Money cash{};                           ///< handed out
  core::Money cash_settled{};                   ///< what of the total that gave back
  std::vector<ledger::GivenBack> given_back{};  ///< points, value and budgets
  std::int64_t points = 0;                      ///< taken back
  bool under_way = false;                       ///< one of them is not over
};
/// Of the refunds with smaller numbers than `before`; 0: of all.
[[nodiscard]] core::Result<ReturnedSoFar> returned_so_far(const journal::Journal& journal, const SaleStory& sold,
                                                          journal::SaleId before = {});

/// What receipts of this terminal say of themselves.
struct StoreTexts {
  std::string merchant;
  std::string tax_number;  ///< may be empty
  std::string store;
  std::string address;  ///< may be empty
  /// What an invoice's QR code begins with; the sale's number is added. Empty: no fapiao link.
  std::string fapiao_link;
};

/// `T1-7f3a-1234`: the terminal, four digits of the journal's id, so that numbers of a restored or cloned terminal
/// differ, and the sale.
[[nodiscard]] receipt::SaleNumber sale_number(const journal::TerminalName& terminal, const journal::JournalId& journal,
                                              journal::SaleId sale);
/// - NotFound: it is not one of this journal's.
[[nodiscard]] core::Result<journal::SaleId> sale_of(std::string_view number, const journal::TerminalName& terminal,
                                                    const journal::JournalId& journal);

/// What its receipt shows: of a closed sale the receipt, of a refund the refund's, of an undone one a slip that names
/// what may have been taken. `copy`: 0 for the original.
/// - FailedPrecondition: there is nothing to print (open, voided). Others as `read_sale`.
[[nodiscard]] core::Result<receipt::ReceiptData> receipt_of(const journal::Journal& journal, const SaleStory& story,
                                                            const StoreTexts& store,
                                                            const journal::TerminalName& terminal,
                                                            std::chrono::minutes utc_offset, std::uint32_t copy);

}  // namespace tillkit::checkout
