// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/currency.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/quantity.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/payment/tender.hpp"
#include "tillkit/receipt/limits.hpp"

/// Everything a receipt shows, as data. Amounts are in minor units of the receipt's one currency and never below zero:
/// that money goes back is said by the kind, not by a sign.
namespace tillkit::receipt {

using SaleNumber = core::TextId<struct SaleNumberTag, kSaleNumberBytesMax>;
using core::OrderNumber;  // the shopper finds it in the wallet
using core::TransactionNumber;

/// Stored; never renumber.
enum class ReceiptKind : std::uint8_t {
  Sale = 1,
  Refund = 2,        ///< Refers to the sale that it takes back, all or a part of it.
  NotCompleted = 3,  ///< No sale: if money was taken, it comes back by itself. Names the attempts.
};

/// `sale`, `refund`, `not_completed`
[[nodiscard]] std::string_view to_string(ReceiptKind kind);

/// Who, where and when. What may be empty says so.
struct ReceiptHeader {
  std::string merchant;
  std::string tax_number;  ///< May be empty.
  std::string store;
  std::string address;  ///< May be empty.
  std::string terminal;
  std::string operator_name;  ///< Empty: unattended.
  SaleNumber sale;
  core::WallReading at;
  std::chrono::minutes utc_offset{480};  ///< Of the shop's clock.
  std::string fapiao_link;               ///< What the QR code for an invoice says: printable ASCII. May be empty.

  friend bool operator==(const ReceiptHeader&, const ReceiptHeader&) = default;
};

/// A part of a discount that somebody else than the merchant pays and that the receipt names.
struct ReceiptFunder {
  std::string name;
  std::int64_t amount = 0;

  friend bool operator==(const ReceiptFunder&, const ReceiptFunder&) = default;
};

/// An offer or coupon that took money off.
struct ReceiptUse {
  std::string name;
  bool coupon = false;
  bool under_lines = false;   ///< Shown under the lines it discounts (prices, offers on items); else once, below them.
  std::int64_t discount = 0;  ///< The lines' shares add up to it.
  std::vector<ReceiptFunder> funders;

  friend bool operator==(const ReceiptUse&, const ReceiptUse&) = default;
};

struct ReceiptDiscount {
  std::uint32_t use = 0;  ///< Index into `ReceiptData::uses`.
  std::int64_t amount = 0;

  friend bool operator==(const ReceiptDiscount&, const ReceiptDiscount&) = default;
};

struct ReceiptLine {
  std::string name;
  core::Quantity quantity;
  std::int64_t unit_price = 0;
  std::int64_t per_grams = 0;  ///< The price is for so many grams; 0: for a piece.
  std::int64_t list = 0;
  std::vector<ReceiptDiscount> discounts;
  std::int64_t net = 0;
  core::BasisPoints tax_rate;
  bool tax_included = true;
  std::int64_t tax = 0;

  friend bool operator==(const ReceiptLine&, const ReceiptLine&) = default;
};

struct ReceiptGift {
  std::string name;
  std::int64_t count = 0;

  friend bool operator==(const ReceiptGift&, const ReceiptGift&) = default;
};

/// What lines of one tax rate add up to.
struct ReceiptTax {
  core::BasisPoints rate;
  bool included = true;
  std::int64_t base = 0;  ///< without the tax
  std::int64_t tax = 0;

  friend bool operator==(const ReceiptTax&, const ReceiptTax&) = default;
};

struct ReceiptTender {
  payment::TenderKind kind = payment::TenderKind::Cash;
  std::string name;     ///< The wallet's or value's name; empty: that of its kind.
  std::string account;  ///< Masked, see `mask_account`; empty: none.
  OrderNumber order;    ///< Of external tenders.
  TransactionNumber transaction;
  std::int64_t amount = 0;             ///< What it settles of the total, or gives back.
  std::int64_t provider_discount = 0;  ///< Part of `amount` that the provider's own promotion paid, not the payer.
  // Cash: `tendered - change + rounding == amount`. In a refund `tendered` is what is handed out.
  std::int64_t tendered = 0;
  std::int64_t change = 0;
  std::int64_t rounding = 0;  ///< What rounding spared the shopper (in a refund: kept); negative: the other way.

  friend bool operator==(const ReceiptTender&, const ReceiptTender&) = default;
};

/// The sale that a refund takes back.
struct SaleReference {
  SaleNumber sale;
  core::WallReading at;

  friend bool operator==(const SaleReference&, const SaleReference&) = default;
};

struct ReceiptData {
  ReceiptKind kind = ReceiptKind::Sale;
  std::uint32_t copy = 0;  ///< 0: the original; 1: the first reprint.
  ReceiptHeader header;
  SaleReference refers_to;  ///< Of a refund.
  core::Currency currency;
  std::vector<ReceiptLine> lines;
  std::vector<ReceiptUse> uses;
  std::vector<ReceiptGift> gifts;
  std::vector<ReceiptTax> taxes;  ///< By rate, those included in prices first.
  std::vector<ReceiptTender> tenders;
  std::int64_t list = 0;
  std::int64_t discount = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;  ///< To pay, or given back: net, and the tax that is not included in prices.
  /// Of a member: what the sale earned, or what its refund took back. 0: nothing. None where nothing was sold.
  std::int64_t points = 0;

  friend bool operator==(const ReceiptData&, const ReceiptData&) = default;
};

/// Why parts make no receipt. Closed.
enum class ReceiptMistake : std::uint8_t {
  None = 0,
  Text = 1,       ///< Empty where something must stand, too long, not UTF-8, or with a control character.
  Account = 2,    ///< Not masked.
  Limit = 3,      ///< Too many lines, uses, gifts or tenders, or an amount beyond its range.
  Reference = 4,  ///< A refund without its sale, or another kind with one.
  ItemText = 5,   ///< An item that nobody named.
  Lines = 6,      ///< A line's list price, discounts and net do not add up.
  Uses = 7,       ///< An offer's shares do not add up to its discount, or its funders pay more than it.
  Totals = 8,     ///< The lines do not add up to the totals.
  Taxes = 9,      ///< The tax by rate is not that of the lines.
  Tenders = 10,   ///< The tenders do not add up to the total.
  Cash = 11,      ///< Tendered, change and rounding do not add up, or stand where there is no cash.
  Attempt = 12,   ///< An external tender without its order number, or a local one with one.
  Contents = 13,  ///< Something that this kind of receipt does not have, or lacks.
};

/// `none`, `text`, `account`, ...
[[nodiscard]] std::string_view to_string(ReceiptMistake mistake);

/// Whether a receipt can say it: 1 to `kTextBytesMax` bytes of UTF-8 without control characters.
[[nodiscard]] bool is_receipt_text(std::string_view text);

/// Whether a receipt's QR code can say it: at most `kLinkBytesMax` printable ASCII characters, none of them a space.
[[nodiscard]] bool is_receipt_link(std::string_view link);

/// Passes a receipt in which everything adds up; else says what does not.
[[nodiscard]] ReceiptMistake mistake_in(const ReceiptData& receipt);

/// What the catalog calls an item.
struct ItemText {
  offers::Name item;
  std::string name;
  std::int64_t per_grams = 0;
};

/// A funder that receipts name. One that is not listed is not shown.
struct FunderText {
  offers::FunderId funder;
  std::string name;
};

struct ReceiptTexts {
  std::span<const ItemText> items;
  std::span<const FunderText> funders;
};

// Each of these fails with `InvalidArgument`, and `mistake` says why; nothing half-made is given out.

/// The receipt of a sale that was paid.
[[nodiscard]] core::Result<ReceiptData> make_sale_receipt(const ReceiptHeader& header, const offers::PriceProof& proof,
                                                          const ReceiptTexts& texts,
                                                          std::span<const ReceiptTender> tenders,
                                                          ReceiptMistake& mistake);

/// The receipt of a refund that `offers::refund` computed from the sale's proof. `header` is of the refund.
[[nodiscard]] core::Result<ReceiptData> make_refund_receipt(const ReceiptHeader& header, const SaleReference& refers_to,
                                                            const offers::PriceProof& proof,
                                                            const offers::Refund& refund, const ReceiptTexts& texts,
                                                            std::span<const ReceiptTender> tenders,
                                                            ReceiptMistake& mistake);

/// The slip of a sale that was given up while an attempt was not confirmed. `tenders` are the attempts that may have
/// taken money; their amounts add up to the slip's total.
[[nodiscard]] core::Result<ReceiptData> make_not_completed_slip(const ReceiptHeader& header, core::Currency currency,
                                                                std::span<const ReceiptTender> tenders,
                                                                ReceiptMistake& mistake);

/// The same receipt, to be printed again: the next copy.
[[nodiscard]] ReceiptData copy_of(const ReceiptData& receipt);

/// Hides all but the last four characters of an account, or all where it has fewer than eight: `****eS6o`.
[[nodiscard]] std::string mask_account(std::string_view account);

/// One JSON text, always the same for the same receipt; schema/receipt.schema.json.
/// - InvalidArgument: `mistake_in` finds something, or a time outside years 0001-9999. Exhausted: beyond
///   `kReceiptJsonLimits`.
[[nodiscard]] core::Result<std::string> to_json(const ReceiptData& receipt);

/// Reads what `to_json` wrote, and nothing that does not add up.
/// - as `core::JsonDocument::parse` and its values; InvalidArgument: a member too many or too few, or sums that are
///   wrong. Unsupported: a later version.
[[nodiscard]] core::Result<ReceiptData> read_receipt(std::string_view json);
[[nodiscard]] core::Result<ReceiptData> read_receipt(const core::JsonValue& value);

}  // namespace tillkit::receipt
