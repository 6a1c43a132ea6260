// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/checkout/basket.hpp"
#include "tillkit/checkout/benefits.hpp"
#include "tillkit/checkout/sale.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/ledger/lease.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/members/tables.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/payment/cash.hpp"
#include "tillkit/payment/tender.hpp"

/// The records' bodies: what is written, and how it is read.
namespace tillkit::checkout {

using core::read_boolean;
using core::read_integer;
using core::read_money;
using core::write_money;

[[nodiscard]] core::Result<SaleState> read_state(const core::JsonValue& body, std::string_view name);

/// Of `sale_priced` and `sale_suspended`.
struct PricedBody {
  core::Money total{};
  std::vector<BasketLine> lines;
  std::uint32_t removed = 0;
  int age = 0;
};
[[nodiscard]] core::Result<> append_priced(journal::Tx& tx, journal::Kind kind, journal::SaleId sale,
                                           const PricedBody& body);
/// Its first lines; `read_lines` adds those of the `sale_lines` that follow.
[[nodiscard]] core::Result<PricedBody> read_priced(const core::JsonValue& body);
[[nodiscard]] core::Result<> read_lines(const core::JsonValue& body, std::vector<BasketLine>& lines);

/// A refund takes back points of what `sold` earned, and the member is told.
[[nodiscard]] core::Result<> append_taken_back(journal::Tx& tx, journal::SaleId sale, journal::SaleId sold,
                                               const members::MemberId& member, std::int64_t points);

/// Adds to the count of the same end and reason.
void add_count(std::vector<members::CouponCount>& counts, const members::CouponCount& more);

/// What a local tender is paid with.
[[nodiscard]] inline ledger::Unit unit_of(payment::TenderKind kind) {
  return kind == payment::TenderKind::Points ? ledger::Unit::Points : ledger::Unit::Value;
}

/// Where there are none, nothing is appended.
[[nodiscard]] core::Result<> append_benefits(journal::Tx& tx, journal::SaleId sale, const Benefits& benefits);

/// In one record, or in pieces.
/// - Exhausted: more than `kProofPartsMax` pieces. Nothing was appended.
[[nodiscard]] core::Result<> append_proof(journal::Tx& tx, journal::SaleId sale, std::string_view proof);

struct CashBody {
  core::Money due{};
  core::Money tendered{};
  core::Money change{};
  core::Money rounding{};
  core::Money settled{};
};
[[nodiscard]] core::Result<> append_cash(journal::Tx& tx, journal::SaleId sale,
                                         const payment::CashSettlement& settlement);
[[nodiscard]] core::Result<CashBody> read_cash(const core::JsonValue& body);

struct CashReturn {
  core::Money amount{};   ///< handed out
  core::Money settled{};  ///< what of the total it gives back
};
[[nodiscard]] core::Result<> append_cash_returned(journal::Tx& tx, journal::SaleId sale, const CashReturn& cash);
[[nodiscard]] core::Result<CashReturn> read_cash_returned(const core::JsonValue& body);

struct ReturnBody {
  journal::SaleId of{};
  std::vector<offers::UnitRange> units;
  core::Money amount{};
  bool whole = false;
  journal::Operator by{};
};
[[nodiscard]] core::Result<> append_return(journal::Tx& tx, journal::SaleId sale, const ReturnBody& body);
[[nodiscard]] core::Result<ReturnBody> read_return(const core::JsonValue& body);

/// A body that `write` fills.
template <class Write>
[[nodiscard]] core::Result<> append_with(journal::Tx& tx, journal::Kind kind, journal::SaleId sale, Write&& write) {
  core::JsonWriter json;
  json.begin_object();
  write(json);
  json.end_object();
  TILLKIT_TRY(const std::string body, json.finish());
  TILLKIT_TRY([[maybe_unused]] const journal::Seq seq, tx.append({.kind = kind, .sale = sale, .body = body}));
  return {};
}

}  // namespace tillkit::checkout
