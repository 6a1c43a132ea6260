// SPDX-License-Identifier: Apache-2.0
#include "tillkit/sync/tables.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/members/records.hpp"
#include "tillkit/sync/records.hpp"

namespace tillkit::sync {
namespace {

using core::JsonValue;
using core::Result;
using journal::any_rows;
using journal::one_row;
using journal::Record;
using journal::SaleId;
using journal::Seq;
using journal::Statement;
using journal::Tables;
using journal::Tx;
using Number = std::int64_t;
using Text = std::string_view;

constexpr Text kFirst[] = {
    "CREATE TABLE parked_records(seq INTEGER PRIMARY KEY, why INTEGER NOT NULL) STRICT",
    "CREATE TABLE upload_stop(one INTEGER PRIMARY KEY, why INTEGER NOT NULL) STRICT",
    "CREATE TABLE news_cursors(feed INTEGER PRIMARY KEY, cursor TEXT NOT NULL) STRICT",
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): long statements on several lines
    "CREATE TABLE recalls(what INTEGER NOT NULL, id TEXT NOT NULL, sale INTEGER NOT NULL, PRIMARY KEY(what, id))"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE refused_decisions(seq INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL,"
    " error INTEGER NOT NULL) STRICT",
    "CREATE INDEX refused_decisions_by_id ON refused_decisions(type, id)",
    "CREATE TABLE double_redemptions(coupon TEXT NOT NULL, sale INTEGER NOT NULL, PRIMARY KEY(coupon, sale))"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE ceded_refunds(sale INTEGER PRIMARY KEY, claim TEXT NOT NULL) STRICT",
    "CREATE TABLE cloud_settings(one INTEGER PRIMARY KEY, number INTEGER NOT NULL, settings TEXT NOT NULL) STRICT"};
constexpr journal::Migration kMigrations[] = {kFirst};
constexpr Text kTables[] = {"parked_records",    "upload_stop",        "news_cursors",  "recalls",
                            "refused_decisions", "double_redemptions", "ceded_refunds", "cloud_settings"};

constexpr Statement<void(Number, Number)> kPark{"INSERT INTO parked_records(seq, why) VALUES(?1, ?2)"};
constexpr Statement<void(StopWhy)> kStop{"INSERT INTO upload_stop(one, why) VALUES(1, ?1)"};
constexpr Statement<void()> kResume{"DELETE FROM upload_stop"};
constexpr Statement<void(Number, Text)> kSetCursor{
    "INSERT INTO news_cursors(feed, cursor) VALUES(?1, ?2) ON CONFLICT(feed) DO UPDATE SET cursor = excluded.cursor"};
constexpr Statement<void(RecallWhat, Text, Number)> kAddRecall{
    "INSERT INTO recalls(what, id, sale) VALUES(?1, ?2, ?3)"};
constexpr Statement<void(RecallWhat, Text)> kEndRecall{"DELETE FROM recalls WHERE what = ?1 AND id = ?2"};
constexpr Statement<void(Seq, Text, Text, Number)> kAddRefused{
    "INSERT INTO refused_decisions(seq, type, id, error) VALUES(?1, ?2, ?3, ?4)"};
constexpr Statement<void(Number)> kForgetRefused{
    "DELETE FROM refused_decisions WHERE seq <= (SELECT seq FROM refused_decisions ORDER BY seq DESC LIMIT 1 OFFSET "
    "?1)"};
constexpr Statement<void(Text, Number)> kAddDouble{"INSERT INTO double_redemptions(coupon, sale) VALUES(?1, ?2)"};
constexpr Statement<void(Number, Text)> kCede{"INSERT INTO ceded_refunds(sale, claim) VALUES(?1, ?2)"};
constexpr Statement<void(Number, Text)> kSetSettings{
    "INSERT INTO cloud_settings(one, number, settings) VALUES(1, ?1, ?2)"
    " ON CONFLICT(one) DO UPDATE SET number = excluded.number, settings = excluded.settings"};

constexpr Statement<std::tuple<Number>()> kStopped{"SELECT why FROM upload_stop"};
constexpr Statement<std::tuple<std::string>(cloud::Feed)> kCursor{"SELECT cursor FROM news_cursors WHERE feed = ?1"};
constexpr Statement<std::tuple<Number>()> kParked{"SELECT count(*) FROM parked_records"};
constexpr Statement<std::tuple<Seq, Number>(Number)> kParkedOldest{
    "SELECT seq, why FROM parked_records ORDER BY seq LIMIT ?1"};
constexpr Statement<std::tuple<Number>(Seq)> kIsParked{"SELECT why FROM parked_records WHERE seq = ?1"};
constexpr Statement<std::tuple<Number>()> kRefusedCount{"SELECT count(*) FROM refused_decisions"};
constexpr Statement<std::tuple<Number>(Text, Text)> kIsRefused{
    "SELECT seq FROM refused_decisions WHERE type = ?1 AND id = ?2"};
constexpr Statement<std::tuple<Number, std::string, SaleId>(Number)> kRecalls{
    "SELECT what, id, sale FROM recalls ORDER BY what, id LIMIT ?1"};
constexpr Statement<std::tuple<Number>(RecallWhat, Text)> kIsRecalled{
    "SELECT sale FROM recalls WHERE what = ?1 AND id = ?2"};
constexpr Statement<std::tuple<Number>()> kRecallCount{"SELECT count(*) FROM recalls"};
constexpr Statement<std::tuple<Number>(Text, SaleId)> kIsDouble{
    "SELECT sale FROM double_redemptions WHERE coupon = ?1 AND sale = ?2"};
constexpr Statement<std::tuple<Number>(SaleId)> kIsCeded{"SELECT sale FROM ceded_refunds WHERE sale = ?1"};
constexpr Statement<std::tuple<Number, std::string>()> kSettings{"SELECT number, settings FROM cloud_settings"};

Result<std::string> read_string(const JsonValue& body, Text name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const Text text, value.text());
  return std::string(text);
}

Result<> apply_record_refused(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Number seq, core::read_integer(body, "seq"));
  TILLKIT_TRY(const Number why, core::read_integer(body, "why"));
  return one_row(tx.run(kPark, seq, why));
}

Result<> apply_upload_stopped(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Number number, core::read_integer(body, "why"));
  TILLKIT_TRY(const auto why, core::enum_of<StopWhy>(number, kStopWhys));
  return one_row(tx.run(kStop, why));
}

Result<> apply_upload_resumed(Tx& tx, const Record&, const JsonValue&) {
  return one_row(tx.run(kResume));
}

Result<> apply_news_taken(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Number feed, core::read_integer(body, "feed"));
  TILLKIT_TRY(const std::string cursor, read_string(body, "cursor"));
  return one_row(tx.run(kSetCursor, feed, cursor));
}

Result<> apply_decision_refused(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const std::string type, read_string(body, "type"));
  TILLKIT_TRY(const std::string id, read_string(body, "id"));
  TILLKIT_TRY(const Number error, core::read_integer(body, "error"));
  TILLKIT_TRY_VOID(one_row(tx.run(kAddRefused, record.seq, type, id, error)));
  return any_rows(tx.run(kForgetRefused, kRefusedDecisionsKept));
}

Result<> apply_recalled(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Number number, core::read_integer(body, "what"));
  TILLKIT_TRY(const auto what, core::enum_of<RecallWhat>(number, kRecallWhats));
  TILLKIT_TRY(const std::string id, read_string(body, "id"));
  TILLKIT_TRY(const Number sale, core::read_integer(body, "sale"));
  return one_row(tx.run(kAddRecall, what, id, sale));
}

Result<> apply_recall_ended(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Number number, core::read_integer(body, "what"));
  TILLKIT_TRY(const auto what, core::enum_of<RecallWhat>(number, kRecallWhats));
  TILLKIT_TRY(const std::string id, read_string(body, "id"));
  return one_row(tx.run(kEndRecall, what, id));
}

Result<> apply_refund_ceded(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const std::string claim, read_string(body, "claim"));
  TILLKIT_TRY(const Number sale, core::read_integer(body, "sale"));
  TILLKIT_TRY_VOID(any_rows(tx.run(kEndRecall, RecallWhat::Refund, claim)));
  return one_row(tx.run(kCede, sale, claim));
}

Result<> apply_settings_changed(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Number number, core::read_integer(body, "number"));
  TILLKIT_TRY(const JsonValue settings, body.member("settings"));
  core::JsonWriter json;
  json.value(settings);
  TILLKIT_TRY(const std::string text, json.finish());
  return one_row(tx.run(kSetSettings, number, text));
}

// Records of other modules that end something here.

Result<> apply_lease_returned(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const std::string lease, read_string(body, "lease"));
  return any_rows(tx.run(kEndRecall, RecallWhat::Lease, lease));
}

Result<> apply_coupon_given_up(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const std::string coupon, read_string(body, "coupon"));
  return any_rows(tx.run(kEndRecall, RecallWhat::Coupon, coupon));
}

Result<> apply_double_redemption(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const std::string coupon, read_string(body, "coupon"));
  Number sale = record.sale.value();
  if (body.find("sale")) {
    TILLKIT_TRY(sale, core::read_integer(body, "sale"));
  }
  TILLKIT_TRY(const auto known, tx.find(kIsDouble, coupon, SaleId{sale}));
  if (known) return {};
  return one_row(tx.run(kAddDouble, coupon, sale));
}

struct Handler {
  journal::Kind kind;
  Result<> (*apply)(Tx& tx, const Record& record, const JsonValue& body);
};

constexpr Handler kHandlers[] = {{kRecordRefused, &apply_record_refused},
                                 {kUploadStopped, &apply_upload_stopped},
                                 {kUploadResumed, &apply_upload_resumed},
                                 {kNewsTaken, &apply_news_taken},
                                 {kDecisionRefused, &apply_decision_refused},
                                 {kRecalled, &apply_recalled},
                                 {kRecallEnded, &apply_recall_ended},
                                 {kRefundCeded, &apply_refund_ceded},
                                 {kSettingsChanged, &apply_settings_changed},
                                 {ledger::kLeaseReturned, &apply_lease_returned},
                                 {members::kCouponGivenUp, &apply_coupon_given_up},
                                 {members::kDoubleRedemption, &apply_double_redemption}};

Result<> apply(Tx& tx, const Record& record) {
  const auto* handler = std::ranges::find(kHandlers, record.kind, &Handler::kind);
  if (handler == std::ranges::end(kHandlers)) return {};
  TILLKIT_TRY(const core::JsonDocument body, core::JsonDocument::parse(record.body));
  return handler->apply(tx, record, body.root());
}

template <class... Arguments>
Result<Number> count(const Tables& tables, const Statement<std::tuple<Number>(Arguments...)>& statement,
                     const std::type_identity_t<Arguments>&... arguments) {
  TILLKIT_TRY(const auto row, tables.find(statement, arguments...));
  return row ? std::get<0>(*row) : 0;
}

template <class... Arguments>
Result<bool> is_there(const Tables& tables, const Statement<std::tuple<Number>(Arguments...)>& statement,
                      const std::type_identity_t<Arguments>&... arguments) {
  TILLKIT_TRY(const auto row, tables.find(statement, arguments...));
  return row.has_value();
}

}  // namespace

constexpr journal::TableSet kSyncTables{"sync", kMigrations, kTables, &apply};

std::string_view to_string(StopWhy why) {
  constexpr std::array<std::string_view, kStopWhys> kNames{"forked", "broken", "not_yours"};
  return kNames[static_cast<std::size_t>(why) - 1];
}

Result<std::optional<StopWhy>> upload_stop(const Tables& tables) {
  TILLKIT_TRY(const auto row, tables.find(kStopped));
  if (!row) return std::optional<StopWhy>{};
  TILLKIT_TRY(const auto why, core::enum_of<StopWhy>(std::get<0>(*row), kStopWhys));
  return std::optional(why);
}

Result<std::string> news_cursor(const Tables& tables, cloud::Feed feed) {
  TILLKIT_TRY(const auto row, tables.find(kCursor, feed));
  return row ? std::get<0>(*row) : std::string{};
}

Result<Number> parked_records(const Tables& tables) {
  return count(tables, kParked);
}
Result<std::vector<Parked>> parked(const Tables& tables, std::size_t at_most) {
  std::vector<Parked> found;
  TILLKIT_TRY_VOID(tables.each(
      kParkedOldest,
      [&](Seq seq, Number why) -> Result<> {
        found.push_back({.seq = seq, .why = static_cast<cloud::RefusedWhy>(why)});
        return {};
      },
      static_cast<Number>(at_most)));
  return found;
}
Result<bool> is_parked(const Tables& tables, Seq seq) {
  return is_there(tables, kIsParked, seq);
}
Result<Number> refused_decisions(const Tables& tables) {
  return count(tables, kRefusedCount);
}
Result<bool> is_refused(const Tables& tables, Text type, Text id) {
  return is_there(tables, kIsRefused, type, id);
}

Result<std::vector<Recall>> recalls(const Tables& tables, std::size_t at_most) {
  std::vector<Recall> found;
  TILLKIT_TRY_VOID(tables.each(
      kRecalls,
      [&](Number number, std::string id, SaleId sale) -> Result<> {
        TILLKIT_TRY(const auto what, core::enum_of<RecallWhat>(number, kRecallWhats));
        found.push_back({.what = what, .id = std::move(id), .sale = sale});
        return {};
      },
      static_cast<Number>(at_most)));
  return found;
}

Result<bool> is_recalled(const Tables& tables, RecallWhat what, Text id) {
  return is_there(tables, kIsRecalled, what, id);
}
Result<Number> recalls_waiting(const Tables& tables) {
  return count(tables, kRecallCount);
}
Result<bool> is_double_redemption_known(const Tables& tables, Text coupon, SaleId sale) {
  return is_there(tables, kIsDouble, coupon, sale);
}
Result<bool> is_ceded(const Tables& tables, SaleId sale) {
  return is_there(tables, kIsCeded, sale);
}

Result<std::optional<StoredSettings>> stored_settings(const Tables& tables) {
  TILLKIT_TRY(auto row, tables.find(kSettings));
  if (!row) return std::optional<StoredSettings>{};
  return std::optional(StoredSettings{.number = std::get<0>(*row), .json = std::move(std::get<1>(*row))});
}

}  // namespace tillkit::sync
