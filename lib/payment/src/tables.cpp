// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/tables.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "bodies.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Money;
using core::Result;
using core::WallReading;
using journal::any_rows;
using journal::one_row;
using journal::Record;
using journal::Statement;
using journal::Tables;
using journal::Tx;
using Number = std::int64_t;

constexpr std::string_view kFirst[] = {
    "CREATE TABLE attempts(attempt INTEGER PRIMARY KEY, sale INTEGER NOT NULL, number TEXT NOT NULL,"
    " tender INTEGER NOT NULL, wallet INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,"
    " state INTEGER NOT NULL, began_at INTEGER NOT NULL, began_quality INTEGER NOT NULL, paid_at INTEGER NOT NULL,"
    " paid_quality INTEGER NOT NULL, sale_closed INTEGER NOT NULL) STRICT",
    // By attempt: one refund of it at a time, and the table says so.
    "CREATE TABLE refunds(attempt INTEGER PRIMARY KEY, refund INTEGER NOT NULL, sale INTEGER NOT NULL,"
    " number TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, state INTEGER NOT NULL,"
    " began_at INTEGER NOT NULL, began_quality INTEGER NOT NULL) STRICT",
    "CREATE TABLE given_back(attempt INTEGER PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL,"
    " refunds INTEGER NOT NULL, newest_at INTEGER NOT NULL, newest_quality INTEGER NOT NULL) STRICT"};
constexpr journal::Migration kMigrations[] = {kFirst};
constexpr std::string_view kTables[] = {"attempts", "refunds", "given_back"};

#define TILLKIT_ATTEMPT_COLUMNS                                                                                      \
  "attempt, sale, number, tender, wallet, amount, currency, state, began_at, began_quality, paid_at, paid_quality, " \
  "sale_closed"
#define TILLKIT_REFUND_COLUMNS "refund, attempt, sale, number, amount, currency, state, began_at, began_quality"

using AttemptColumns = std::tuple<AttemptId, journal::SaleId, std::string, Number, Number, Number, std::string, Number,
                                  Number, Number, Number, Number, bool>;
using RefundColumns =
    std::tuple<RefundId, AttemptId, journal::SaleId, std::string, Number, std::string, Number, Number, Number>;

constexpr Statement<AttemptColumns()> kAttempts{"SELECT " TILLKIT_ATTEMPT_COLUMNS " FROM attempts ORDER BY attempt"};
constexpr Statement<AttemptColumns(AttemptId)> kAttempt{"SELECT " TILLKIT_ATTEMPT_COLUMNS
                                                        " FROM attempts WHERE attempt = ?1"};
constexpr Statement<RefundColumns()> kRefunds{"SELECT " TILLKIT_REFUND_COLUMNS " FROM refunds ORDER BY attempt"};
constexpr Statement<RefundColumns(AttemptId)> kRefund{"SELECT " TILLKIT_REFUND_COLUMNS
                                                      " FROM refunds WHERE attempt = ?1"};
constexpr Statement<std::tuple<Number, std::string, std::uint32_t, Number, Number>(AttemptId)> kGivenBack{
    "SELECT amount, currency, refunds, newest_at, newest_quality FROM given_back WHERE attempt = ?1"};

constexpr Statement<void(AttemptId, journal::SaleId, std::string_view, Number, Number, Number, std::string_view,
                         AttemptState, Number, Number, Number, Number, bool)>
    kAddAttempt{"INSERT INTO attempts(" TILLKIT_ATTEMPT_COLUMNS
                ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"};
constexpr Statement<void(AttemptId, AttemptState)> kSetAttempt{"UPDATE attempts SET state = ?2 WHERE attempt = ?1"};
constexpr Statement<void(AttemptId, AttemptState, Number, core::WallQuality)> kSetPaid{
    "UPDATE attempts SET state = ?2, paid_at = ?3, paid_quality = ?4 WHERE attempt = ?1"};
constexpr Statement<void(AttemptId)> kRemoveAttempt{"DELETE FROM attempts WHERE attempt = ?1"};
constexpr Statement<void(AttemptId, AttemptState)> kRemoveIfClosed{
    "DELETE FROM attempts WHERE attempt = ?1 AND state = ?2 AND sale_closed = 1"};
constexpr Statement<void(journal::SaleId)> kCloseSale{"UPDATE attempts SET sale_closed = 1 WHERE sale = ?1"};
constexpr Statement<void(journal::SaleId, AttemptState)> kRemoveOfSale{
    "DELETE FROM attempts WHERE sale = ?1 AND state = ?2"};

constexpr Statement<void(RefundId, AttemptId, journal::SaleId, std::string_view, Number, std::string_view, RefundState,
                         Number, core::WallQuality)>
    kAddRefund{"INSERT INTO refunds(" TILLKIT_REFUND_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
constexpr Statement<void(AttemptId, RefundState)> kSetRefund{"UPDATE refunds SET state = ?2 WHERE attempt = ?1"};
constexpr Statement<void(AttemptId)> kRemoveRefund{"DELETE FROM refunds WHERE attempt = ?1"};

constexpr Statement<void(AttemptId, Number, std::string_view, Number, Number, core::WallQuality)> kGiveBack{
    "INSERT INTO given_back(attempt, amount, currency, refunds, newest_at, newest_quality)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(attempt) DO UPDATE SET amount = amount + excluded.amount,"
    " refunds = refunds + excluded.refunds, newest_at = excluded.newest_at, newest_quality = excluded.newest_quality"};

// --- rows ---

Result<WallReading> reading_of(Number at, Number quality) {
  if (quality < 0 || quality > static_cast<Number>(core::WallQuality::Trusted)) return fail(ErrorCode::Corrupt);
  return WallReading{core::WallTime{std::chrono::milliseconds{at}}, static_cast<core::WallQuality>(quality)};
}

Result<Attempt> attempt_of(const AttemptColumns& row) {
  const auto& [id, sale, number, tender, wallet, amount, currency, state, began, began_quality, paid, paid_quality,
               closed] = row;
  Attempt attempt{.id = id, .sale = sale, .sale_closed = closed};
  TILLKIT_TRY(attempt.order, journal::OrderNumber::parse(number));
  TILLKIT_TRY(attempt.tender, enum_of<TenderKind>(tender, kTenderKinds));
  TILLKIT_TRY(attempt.wallet, wallet_of(wallet));
  TILLKIT_TRY(const core::Currency found, core::find_currency(currency));
  attempt.amount = {amount, found};
  TILLKIT_TRY(attempt.state, enum_of<AttemptState>(state, kAttemptStates));
  TILLKIT_TRY(attempt.began, reading_of(began, began_quality));
  TILLKIT_TRY(attempt.paid, reading_of(paid, paid_quality));
  return attempt;
}

Result<Refund> refund_of(const RefundColumns& row) {
  const auto& [id, attempt, sale, number, amount, currency, state, began, began_quality] = row;
  Refund refund{.id = id, .attempt = attempt, .sale = sale};
  TILLKIT_TRY(refund.number, journal::OrderNumber::parse(number));
  TILLKIT_TRY(const core::Currency found, core::find_currency(currency));
  refund.amount = {amount, found};
  TILLKIT_TRY(refund.state, enum_of<RefundState>(state, kRefundStates));
  TILLKIT_TRY(refund.began, reading_of(began, began_quality));
  return refund;
}

// --- apply ---

Number milliseconds_of(const WallReading& reading) {
  return reading.at.time_since_epoch().count();
}

Result<AttemptId> attempt_in(const JsonValue& body) {
  TILLKIT_TRY(const Number seq, read_integer(body, "attempt"));
  return AttemptId(seq);
}

Result<Attempt> known_attempt(const Tx& tx, AttemptId id) {
  TILLKIT_TRY(const auto found, find_attempt(tx, id));
  if (!found) return fail(ErrorCode::Corrupt);
  return *found;
}

Result<> give_back(Tx& tx, const Record& record, AttemptId attempt, const Money& amount, Number refunds) {
  return any_rows(tx.run(kGiveBack, attempt, amount.minor, amount.currency.alpha(), refunds,
                         milliseconds_of(record.at.wall), record.at.wall.quality));
}

/// It is paid and at rest; of a closed sale it is over.
Result<> settle(Tx& tx, AttemptId attempt) {
  TILLKIT_TRY_VOID(one_row(tx.run(kSetAttempt, attempt, AttemptState::Paid)));
  return any_rows(tx.run(kRemoveIfClosed, attempt, AttemptState::Paid));
}

Result<> apply_intended(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const auto order, read_order(body, "order"));
  TILLKIT_TRY(const Number tender, read_integer(body, "tender"));
  TILLKIT_TRY(const Number wallet, read_integer(body, "wallet"));
  TILLKIT_TRY(const Money amount, read_money(body, "amount"));
  return one_row(tx.run(kAddAttempt, AttemptId(record.seq.value()), record.sale, order.view(), tender, wallet,
                        amount.minor, amount.currency.alpha(), AttemptState::Intended, milliseconds_of(record.at.wall),
                        static_cast<Number>(record.at.wall.quality), 0, 0, false));
}

Result<> apply_paid(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId attempt, attempt_in(body));
  TILLKIT_TRY(const bool late, read_boolean(body, "late"));
  const AttemptState state = late ? AttemptState::Refunding : AttemptState::Paid;
  TILLKIT_TRY_VOID(one_row(tx.run(kSetPaid, attempt, state, milliseconds_of(record.at.wall), record.at.wall.quality)));
  return any_rows(tx.run(kRemoveIfClosed, attempt, AttemptState::Paid));
}

Result<> apply_over(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId attempt, attempt_in(body));
  return one_row(tx.run(kRemoveAttempt, attempt));
}

Result<> apply_reversing(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId attempt, attempt_in(body));
  return one_row(tx.run(kSetAttempt, attempt, AttemptState::Reversing));
}

Result<> apply_given_back(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId id, attempt_in(body));
  TILLKIT_TRY(const Attempt attempt, known_attempt(tx, id));
  TILLKIT_TRY_VOID(give_back(tx, record, id, attempt.amount, 0));
  return one_row(tx.run(kRemoveAttempt, id));
}

Result<> apply_refund_intended(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId attempt, attempt_in(body));
  TILLKIT_TRY(const auto number, read_order(body, "number"));
  TILLKIT_TRY(const Money amount, read_money(body, "amount"));
  TILLKIT_TRY(const auto known, find_attempt(tx, attempt));
  if (known) {
    TILLKIT_TRY_VOID(one_row(tx.run(kSetAttempt, attempt, AttemptState::Refunding)));
  } else {
    TILLKIT_TRY(const auto order, read_order(body, "order"));
    TILLKIT_TRY(const Number sale, read_integer(body, "sale"));
    TILLKIT_TRY(const Number tender, read_integer(body, "tender"));
    TILLKIT_TRY(const Number wallet, read_integer(body, "wallet"));
    TILLKIT_TRY(const Money of, read_money(body, "of"));
    TILLKIT_TRY(const Number paid_at, read_integer(body, "paid_at"));
    TILLKIT_TRY(const Number quality, read_integer(body, "paid_at_quality"));
    TILLKIT_TRY_VOID(
        one_row(tx.run(kAddAttempt, attempt, journal::SaleId(sale), order.view(), tender, wallet, of.minor,
                       of.currency.alpha(), AttemptState::Refunding, paid_at, quality, paid_at, quality, true)));
  }
  return one_row(tx.run(kAddRefund, RefundId(record.seq.value()), attempt, record.sale, number.view(), amount.minor,
                        amount.currency.alpha(), RefundState::Intended, milliseconds_of(record.at.wall),
                        record.at.wall.quality));
}

Result<> apply_refund_done(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId attempt, attempt_in(body));
  TILLKIT_TRY(const Money amount, read_money(body, "amount"));
  TILLKIT_TRY(const bool all, read_boolean(body, "all"));
  TILLKIT_TRY_VOID(one_row(tx.run(kRemoveRefund, attempt)));
  TILLKIT_TRY_VOID(give_back(tx, record, attempt, amount, 1));
  if (!all) return settle(tx, attempt);
  return one_row(tx.run(kRemoveAttempt, attempt));
}

Result<> apply_refund_refused(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId id, attempt_in(body));
  TILLKIT_TRY(const Attempt attempt, known_attempt(tx, id));
  TILLKIT_TRY_VOID(one_row(tx.run(kSetRefund, id, RefundState::Refused)));
  TILLKIT_TRY_VOID(give_back(tx, record, id, {0, attempt.amount.currency}, 0));
  return one_row(tx.run(kSetAttempt, id, AttemptState::NeedsPerson));
}

Result<> apply_needs_person(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId attempt, attempt_in(body));
  TILLKIT_TRY(const Number refund, read_integer(body, "refund"));
  if (refund != 0) TILLKIT_TRY_VOID(one_row(tx.run(kSetRefund, attempt, RefundState::NeedsPerson)));
  return one_row(tx.run(kSetAttempt, attempt, AttemptState::NeedsPerson));
}

Result<> apply_person_decided(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const AttemptId attempt, attempt_in(body));
  TILLKIT_TRY(const Number number, read_integer(body, "decision"));
  TILLKIT_TRY(const auto decision, enum_of<AttemptEvent>(number, kAttemptEvents));
  TILLKIT_TRY(const Number refund, read_integer(body, "refund"));
  TILLKIT_TRY(const Money amount, read_money(body, "given_back"));
  if (refund != 0) TILLKIT_TRY_VOID(one_row(tx.run(kRemoveRefund, attempt)));
  if (amount.is_positive()) TILLKIT_TRY_VOID(give_back(tx, record, attempt, amount, refund != 0 ? 1 : 0));
  if (decision == AttemptEvent::PersonSaysPaid) return settle(tx, attempt);
  return one_row(tx.run(kRemoveAttempt, attempt));
}

Result<> apply_sale_closed(Tx& tx, const Record& record, const JsonValue&) {
  TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveOfSale, record.sale, AttemptState::Paid)));
  return any_rows(tx.run(kCloseSale, record.sale));
}

struct Handler {
  journal::Kind kind;
  Result<> (*apply)(Tx& tx, const Record& record, const JsonValue& body);
};

constexpr Handler kHandlers[] = {
    {kAttemptIntended, &apply_intended},    {kAttemptPaid, &apply_paid},
    {kAttemptDeclined, &apply_over},        {kAttemptNotSent, &apply_over},
    {kAttemptReversing, &apply_reversing},  {kAttemptReversed, &apply_over},
    {kAttemptGivenBack, &apply_given_back}, {kRefundIntended, &apply_refund_intended},
    {kRefundDone, &apply_refund_done},      {kRefundRefused, &apply_refund_refused},
    {kNeedsPerson, &apply_needs_person},    {kPersonDecided, &apply_person_decided},
    {kSaleClosed, &apply_sale_closed},
};

Result<> apply(Tx& tx, const Record& record) {
  const auto* handler = std::ranges::find(kHandlers, record.kind, &Handler::kind);
  if (handler == std::ranges::end(kHandlers)) return {};
  TILLKIT_TRY(const core::JsonDocument body, core::JsonDocument::parse(record.body));
  return handler->apply(tx, record, body.root());
}

Result<> add_to(std::vector<Money>& sums, const Money& amount) {
  const auto found = std::ranges::find(sums, amount.currency, &Money::currency);
  if (found == sums.end()) {
    sums.push_back(amount);
    return {};
  }
  TILLKIT_TRY(*found, core::checked_add(*found, amount));
  return {};
}

void note_oldest(Backlog& backlog, const WallReading& began) {
  if (!backlog.oldest || began.at < backlog.oldest->at) backlog.oldest = began;
}

}  // namespace

constexpr journal::TableSet kPaymentTables{"payment", kMigrations, kTables, &apply};

Result<std::vector<Attempt>> attempts(const Tables& tables) {
  std::vector<Attempt> found;
  TILLKIT_TRY_VOID(tables.each(kAttempts, [&](auto... columns) -> Result<> {
    TILLKIT_TRY(Attempt attempt, attempt_of(AttemptColumns(std::move(columns)...)));
    found.push_back(attempt);
    return {};
  }));
  return found;
}

Result<std::optional<Attempt>> find_attempt(const Tables& tables, AttemptId attempt) {
  TILLKIT_TRY(const auto row, tables.find(kAttempt, attempt));
  if (!row) return std::optional<Attempt>{};
  TILLKIT_TRY(const Attempt found, attempt_of(*row));
  return std::optional(found);
}

Result<std::vector<Refund>> refunds(const Tables& tables) {
  std::vector<Refund> found;
  TILLKIT_TRY_VOID(tables.each(kRefunds, [&](auto... columns) -> Result<> {
    TILLKIT_TRY(Refund refund, refund_of(RefundColumns(std::move(columns)...)));
    found.push_back(refund);
    return {};
  }));
  return found;
}

Result<std::optional<Refund>> find_refund(const Tables& tables, AttemptId attempt) {
  TILLKIT_TRY(const auto row, tables.find(kRefund, attempt));
  if (!row) return std::optional<Refund>{};
  TILLKIT_TRY(const Refund found, refund_of(*row));
  return std::optional(found);
}

Result<GivenBack> given_back(const Tables& tables, AttemptId attempt, core::Currency currency) {
  TILLKIT_TRY(const auto row, tables.find(kGivenBack, attempt));
  if (!row) return GivenBack{.amount = {0, currency}};
  const auto& [amount, alpha, refunds, at, quality] = *row;
  TILLKIT_TRY(const core::Currency found, core::find_currency(alpha));
  TILLKIT_TRY(const WallReading newest, reading_of(at, quality));
  return GivenBack{.amount = {amount, found}, .refunds = refunds, .newest = newest};
}

Result<Backlog> backlog(const Tables& tables) {
  Backlog backlog;
  TILLKIT_TRY(const std::vector<Attempt> open, attempts(tables));
  for (const Attempt& attempt : open) {
    if (!is_unresolved(attempt.state)) continue;
    ++backlog.unresolved;
    if (attempt.state == AttemptState::NeedsPerson) ++backlog.needs_person;
    TILLKIT_TRY_VOID(add_to(backlog.at_risk, attempt.amount));
    note_oldest(backlog, attempt.began);
  }
  TILLKIT_TRY(const std::vector<Refund> owed, refunds(tables));
  backlog.refunds_open = owed.size();
  for (const Refund& refund : owed) {
    if (recovery_of(refund.state) == Recovery::None) continue;
    ++backlog.refunds;
    TILLKIT_TRY_VOID(add_to(backlog.owed, refund.amount));
    note_oldest(backlog, refund.began);
  }
  return backlog;
}

}  // namespace tillkit::payment
