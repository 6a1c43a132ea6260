// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/tables.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "bodies.hpp"
#include "tillkit/checkout/records.hpp"
#include "tillkit/fulfilment/records.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/members/records.hpp"

namespace tillkit::checkout {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Money;
using core::Result;
using journal::any_rows;
using journal::one_row;
using journal::Record;
using journal::SaleId;
using journal::Statement;
using journal::Tables;
using journal::Tx;
using Number = std::int64_t;

constexpr std::string_view kFirst[] = {
    "CREATE TABLE sales(sale INTEGER PRIMARY KEY, state INTEGER NOT NULL, total INTEGER NOT NULL,"
    " currency TEXT NOT NULL, cash INTEGER NOT NULL, changed_at INTEGER NOT NULL, changed_quality INTEGER NOT NULL,"
    " member TEXT NOT NULL DEFAULT '') STRICT",
    "CREATE TABLE benefits(sale INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
    "CREATE TABLE returns(sale INTEGER NOT NULL, returned_by INTEGER NOT NULL, PRIMARY KEY(sale, returned_by))"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE shifts(shift INTEGER PRIMARY KEY) STRICT"};
constexpr journal::Migration kMigrations[] = {kFirst};
constexpr std::string_view kTables[] = {"sales", "benefits", "returns", "shifts"};

#define TILLKIT_SALE_COLUMNS "sale, state, total, currency, cash, changed_at, changed_quality"
#define TILLKIT_SALE_ROW TILLKIT_SALE_COLUMNS ", member"

using SaleColumns = std::tuple<SaleId, Number, Number, std::string, Number, Number, Number, std::string>;

constexpr Statement<SaleColumns()> kSales{"SELECT " TILLKIT_SALE_ROW " FROM sales ORDER BY sale"};
constexpr Statement<SaleColumns(SaleId)> kSale{"SELECT " TILLKIT_SALE_ROW " FROM sales WHERE sale = ?1"};
constexpr Statement<std::tuple<SaleId>(SaleId)> kReturns{
    "SELECT returned_by FROM returns WHERE sale = ?1 ORDER BY returned_by"};

constexpr Statement<void(SaleId, SaleState, Number, std::string_view, Number, Number)> kBegin{
    "INSERT INTO sales(" TILLKIT_SALE_COLUMNS
    ") VALUES(?1, ?2, ?3, ?4, 0, ?5, ?6) ON CONFLICT(sale) DO UPDATE SET state = excluded.state,"
    " total = excluded.total, changed_at = excluded.changed_at, changed_quality = excluded.changed_quality,"
    " member = ''"};
constexpr Statement<void(SaleId, SaleState, Number, Number)> kSetState{
    "UPDATE sales SET state = ?2, changed_at = ?3, changed_quality = ?4 WHERE sale = ?1"};
constexpr Statement<void(SaleId, Number)> kAddCash{"UPDATE sales SET cash = cash + ?2 WHERE sale = ?1"};
constexpr Statement<void(SaleId, std::string_view)> kSetMember{"UPDATE sales SET member = ?2 WHERE sale = ?1"};
constexpr Statement<std::tuple<std::string>(SaleId)> kBenefits{"SELECT body FROM benefits WHERE sale = ?1"};
constexpr Statement<void(SaleId, std::string_view)> kAddBenefits{"INSERT INTO benefits(sale, body) VALUES(?1, ?2)"};
constexpr Statement<void(SaleId)> kRemoveBenefits{"DELETE FROM benefits WHERE sale = ?1"};
constexpr Statement<void(SaleId)> kRemove{"DELETE FROM sales WHERE sale = ?1"};
constexpr Statement<std::tuple<std::uint32_t>()> kShift{"SELECT shift FROM shifts"};
constexpr Statement<void()> kForgetShift{"DELETE FROM shifts"};
constexpr Statement<void(std::uint32_t)> kBeginShift{"INSERT INTO shifts(shift) VALUES(?1)"};
constexpr Statement<void(SaleId, SaleId)> kAddReturn{"INSERT INTO returns(sale, returned_by) VALUES(?1, ?2)"};

Result<OpenSale> sale_of(const SaleColumns& row) {
  const auto& [id, state, total, currency, cash, changed, quality, member] = row;
  const bool in_range = state >= 1 && state <= static_cast<Number>(kSaleStates) && quality >= 0 &&
                        quality <= static_cast<Number>(core::WallQuality::Trusted);
  if (!in_range) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY(const core::Currency found, core::find_currency(currency));
  members::MemberId whose;
  if (!member.empty()) {
    TILLKIT_TRY(whose, members::MemberId::parse(member));
  }
  return OpenSale{
      .id = id,
      .state = static_cast<SaleState>(state),
      .total = {total, found},
      .cash = {cash, found},
      .changed = {core::WallTime{std::chrono::milliseconds{changed}}, static_cast<core::WallQuality>(quality)},
      .member = whose};
}

Number at(const Record& record) {
  return record.at.wall.at.time_since_epoch().count();
}

Number quality(const Record& record) {
  return static_cast<Number>(record.at.wall.quality);
}

Result<> begin(Tx& tx, const Record& record, SaleState state, const Money& total) {
  return one_row(tx.run(kBegin, record.sale, state, total.minor, total.currency.alpha(), at(record), quality(record)));
}

Result<> apply_priced(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveBenefits, record.sale)));  // of the price before
  TILLKIT_TRY(const Money total, read_money(body, "total"));
  return begin(tx, record, SaleState::Paying, total);
}

Result<> apply_benefits(Tx& tx, const Record& record, const JsonValue&) {
  return one_row(tx.run(kAddBenefits, record.sale, record.body));
}

/// A member is recognised with a price or with a payment; a refund's own records name it, too, and there is no such
/// row.
Result<> apply_recognised(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const JsonValue member, body.member("member"));
  TILLKIT_TRY(const std::string_view name, member.text());
  return any_rows(tx.run(kSetMember, record.sale, name));
}

Result<> apply_suspended(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const Money total, read_money(body, "total"));
  return begin(tx, record, SaleState::Suspended, total);
}

Result<> apply_return(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const Money amount, read_money(body, "amount"));
  TILLKIT_TRY(const Number of, read_integer(body, "of"));
  TILLKIT_TRY_VOID(one_row(tx.run(kAddReturn, SaleId(of), record.sale)));
  return begin(tx, record, SaleState::Returning, amount);
}

Result<> apply_reopened(Tx& tx, const Record& record, const JsonValue&) {
  return one_row(tx.run(kSetState, record.sale, SaleState::Open, at(record), quality(record)));
}

/// All is paid, and the goods may move.
Result<> apply_fulfilling(Tx& tx, const Record& record, const JsonValue&) {
  return one_row(tx.run(kSetState, record.sale, SaleState::Fulfilling, at(record), quality(record)));
}

Result<> apply_undoing(Tx& tx, const Record& record, const JsonValue&) {
  return one_row(tx.run(kSetState, record.sale, SaleState::Undoing, at(record), quality(record)));
}

Result<> apply_cash_taken(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const Money settled, read_money(body, "settled"));
  return one_row(tx.run(kAddCash, record.sale, settled.minor));
}

Result<> apply_cash_returned(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const Money settled, read_money(body, "settled"));
  return one_row(tx.run(kAddCash, record.sale, -settled.minor));
}

Result<> apply_shift(Tx& tx, const Record& record, const JsonValue&) {
  if (const auto forgotten = tx.run(kForgetShift); !forgotten) return std::unexpected(forgotten.error());
  return one_row(tx.run(kBeginShift, record.duty.shift));
}

/// Of a void that nothing was recorded of before there is no row.
Result<> apply_closed(Tx& tx, const Record& record, const JsonValue&) {
  TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveBenefits, record.sale)));
  return any_rows(tx.run(kRemove, record.sale));
}

struct Handler {
  journal::Kind kind;
  Result<> (*apply)(Tx& tx, const Record& record, const JsonValue& body);
};

constexpr Handler kHandlers[] = {
    {kSalePriced, &apply_priced},
    {kSaleSuspended, &apply_suspended},
    {kReturnStarted, &apply_return},
    {kSaleBenefits, &apply_benefits},
    {members::kRecognised, &apply_recognised},
    {kSaleReopened, &apply_reopened},
    {fulfilment::kVendIntended, &apply_fulfilling},
    {kSaleUndoing, &apply_undoing},
    {kCashTaken, &apply_cash_taken},
    {kCashReturned, &apply_cash_returned},
    {kSaleClosed, &apply_closed},
    {kShiftStarted, &apply_shift},
};

Result<> apply(Tx& tx, const Record& record) {
  const auto* handler = std::ranges::find(kHandlers, record.kind, &Handler::kind);
  if (handler == std::ranges::end(kHandlers)) return {};
  TILLKIT_TRY(const core::JsonDocument body, core::JsonDocument::parse(record.body));
  return handler->apply(tx, record, body.root());
}

}  // namespace

constexpr journal::TableSet kCheckoutTables{"checkout", kMigrations, kTables, &apply};

Result<std::vector<OpenSale>> open_sales(const Tables& tables) {
  std::vector<OpenSale> found;
  TILLKIT_TRY_VOID(tables.each(kSales, [&](auto... columns) -> Result<> {
    TILLKIT_TRY(const OpenSale sale, sale_of(SaleColumns(std::move(columns)...)));
    found.push_back(sale);
    return {};
  }));
  return found;
}

Result<std::optional<OpenSale>> find_sale(const Tables& tables, SaleId sale) {
  TILLKIT_TRY(const auto row, tables.find(kSale, sale));
  if (!row) return std::optional<OpenSale>{};
  TILLKIT_TRY(const OpenSale found, sale_of(*row));
  return std::optional(found);
}

Result<std::optional<Benefits>> benefits_of(const Tables& tables, SaleId sale) {
  TILLKIT_TRY(const auto row, tables.find(kBenefits, sale));
  if (!row) return std::optional<Benefits>{};
  TILLKIT_TRY(Benefits benefits, read_benefits(std::get<0>(*row)));
  return std::optional(std::move(benefits));
}

Result<std::vector<SaleId>> returns_of(const Tables& tables, SaleId sale) {
  std::vector<SaleId> found;
  TILLKIT_TRY_VOID(tables.each(
      kReturns,
      [&](SaleId returned_by) -> Result<> {
        found.push_back(returned_by);
        return {};
      },
      sale));
  return found;
}

Result<std::uint32_t> last_shift(const Tables& tables) {
  TILLKIT_TRY(const auto row, tables.find(kShift));
  return row ? std::get<0>(*row) : 0U;
}

}  // namespace tillkit::checkout
