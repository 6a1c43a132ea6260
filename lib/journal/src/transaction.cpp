// SPDX-License-Identifier: Apache-2.0
#include "transaction.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "big_endian.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::journal {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr Kind kForgotten = kind("journal.forgotten");
constexpr std::string_view kPersonalMember = "personal";

constexpr const char* kFieldsOf = "SELECT field FROM personal WHERE seq = ?1 ORDER BY field";
constexpr const char* kForget = "DELETE FROM personal WHERE seq = ?1";
constexpr const char* kKeep = "INSERT INTO personal(seq, field, salt, ciphertext) VALUES(?1, ?2, ?3, ?4)";

core::Result<std::vector<std::string>> fields_of(detail::Database& database, Seq seq) {
  TILLKIT_TRY(detail::PreparedStatement* const statement, database.prepare(kFieldsOf));
  TILLKIT_TRY_VOID(statement->begin({seq.value()}));
  detail::Cursor row(*statement);
  std::vector<std::string> fields;
  for (;;) {
    TILLKIT_TRY(const bool any, row.next());
    if (!any) return fields;
    TILLKIT_TRY(const std::string_view field, row.text(0));
    fields.emplace_back(field);
  }
}

}  // namespace

core::Bytes personal_context(const JournalId& journal, Seq seq, std::string_view field, core::ByteView salt) {
  BigEndian out;
  out.raw(journal.bytes).number(seq.value()).text<std::uint16_t>(field).raw(salt);
  return out.take();
}

namespace detail {

/// Remembers a failure that leaves half of something behind: the commit fails with it, whatever the caller does.
template <class T>
core::Result<T> Transaction::breaking(core::Result<T> result) {
  if (!result && !broken_) broken_ = result.error();
  return result;
}

core::Result<> Transaction::check(const NewRecord& record) const {
  if (live_ == nullptr || applying_ != nullptr) return core::fail(core::ErrorCode::FailedPrecondition);
  if (record.kind.empty() || record.sale < SaleId{}) return core::fail(core::ErrorCode::InvalidArgument);
  if (appended_.size() >= kRecordsPerCommitMax || record.body.size() > kBodyBytesMax ||
      record.personal.size() > kPersonalPerRecordMax) {
    return core::fail(core::ErrorCode::Exhausted);
  }
  if (!record.body.starts_with('{') || !record.body.ends_with('}')) {
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  TILLKIT_TRY_VOID(core::check_utf8(record.body));
  for (std::size_t i = 0; i < record.personal.size(); ++i) {
    const PersonalValue& value = record.personal[i];
    if (value.field.empty() || value.value.empty() || value.value.size() > kPersonalValueBytesMax) {
      return core::fail(core::ErrorCode::InvalidArgument);
    }
    for (std::size_t j = 0; j < i; ++j)
      if (record.personal[j].field == value.field) return core::fail(core::ErrorCode::InvalidArgument);
  }
  if (record.personal.empty()) return {};
  // Rare records: only these are read once more.
  TILLKIT_TRY(const core::JsonDocument body, core::JsonDocument::parse(record.body));
  if (body.root().find(kPersonalMember)) return core::fail(core::ErrorCode::InvalidArgument);
  return {};
}

/// Stores the values encrypted and writes what the body shows of them.
core::Result<> Transaction::protect(const NewRecord& record, core::JsonWriter& json) {
  for (const auto& [field, value] : record.personal) {
    std::array<std::byte, kSaltBytes> salt;
    TILLKIT_TRY_VOID(live_->random.fill(salt));
    TILLKIT_TRY(const security::MacKey key, live_->crypto.import_mac_key(salt));
    TILLKIT_TRY(const security::Sha256 mac, key.mac(core::as_bytes(value)));
    TILLKIT_TRY(const core::Bytes ciphertext,
                live_->personal_key.encrypt(core::as_bytes(value),
                                            personal_context(live_->journal, next_seq(), field.view(), salt)));
    TILLKIT_TRY_VOID(
        database_.run(kKeep, {next_seq().value(), field.view(), core::ByteView(salt), core::ByteView(ciphertext)}));
    json.name(field.view()).text(core::encode_base64url(mac));
  }
  return {};
}

core::Result<std::string> Transaction::body_of(const NewRecord& record) {
  if (record.personal.empty()) return std::string(record.body);
  core::JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(protect(record, json));
  TILLKIT_TRY(const std::string personal, json.end_object().finish());

  std::string body(record.body.substr(0, record.body.size() - 1));
  const bool first = body.find_first_not_of(" \t\r\n", 1) == std::string::npos;
  body.append(first ? "\"" : ",\"").append(kPersonalMember).append("\":").append(personal).append("}");
  return body;
}

RecordTime Transaction::now() const {
  core::WallReading wall = live_->clock.wall();
  if (wall.at < tail_.wall) wall = {tail_.wall, core::WallQuality::Unknown};
  return {wall, live_->boot, live_->clock.monotonic()};
}

core::Result<Seq> Transaction::append(const NewRecord& record) {
  if (broken_) return std::unexpected(*broken_);
  TILLKIT_TRY_VOID(check(record));
  Record added;
  added.journal = live_->journal;
  added.seq = next_seq();
  added.kind = record.kind;
  added.version = record.version;
  added.sale = record.sale;
  added.at = now();
  added.duty = live_->duty;
  TILLKIT_TRY(added.body, breaking(body_of(record)));
  TILLKIT_TRY(added.chain, breaking(next_chain(tail_.chain, added)));
  TILLKIT_TRY_VOID(breaking(apply(added)));
  tail_ = {added.seq, added.chain, added.at.wall.at};
  appended_.push_back(std::move(added));
  return tail_.seq;
}

core::Result<> Transaction::apply(const Record& record) {
  for (const TableSet& set : sets_) {
    applying_ = &set;
    const auto applied = set.apply(tx_, record);
    applying_ = nullptr;
    if (!applied) return applied;
    if (broken_) return std::unexpected(*broken_);  // an apply that dropped an error
  }
  return {};
}

core::Result<> Transaction::forget(Seq seq) {
  if (broken_) return std::unexpected(*broken_);
  if (live_ == nullptr || applying_ != nullptr) return core::fail(core::ErrorCode::FailedPrecondition);
  TILLKIT_TRY(const std::vector<std::string> fields, fields_of(database_, seq));
  if (fields.empty()) return core::fail(core::ErrorCode::NotFound);
  if (appended_.size() >= kRecordsPerCommitMax) return core::fail(core::ErrorCode::Exhausted);

  core::JsonWriter json;
  json.begin_object().name("seq").integer(seq.value()).name("fields").begin_array();
  for (const std::string& field : fields)
    json.text(field);
  TILLKIT_TRY(const std::string body, json.end_array().end_object().finish());
  TILLKIT_TRY_VOID(breaking(database_.run(kForget, {seq.value()})));
  TILLKIT_TRY_VOID(breaking(append({.kind = kForgotten, .body = body})));
  forgot_ = true;
  return {};
}

core::Result<OrderNumber> Transaction::make_order_number(const TerminalName& terminal) {
  if (live_ == nullptr || applying_ != nullptr) return core::fail(core::ErrorCode::FailedPrecondition);
  std::array<std::byte, 8> drawn;
  TILLKIT_TRY_VOID(live_->random.fill(drawn));
  std::uint64_t random = 0;
  for (const std::byte byte : drawn)
    random = (random << 8U) | std::to_integer<std::uint64_t>(byte);
  return journal::make_order_number(terminal, next_seq(), random);
}

core::Result<std::int64_t> Transaction::change(std::string_view sql, std::initializer_list<Value> arguments) {
  if (broken_) return std::unexpected(*broken_);
  if (applying_ == nullptr) return breaking<std::int64_t>(core::fail(core::ErrorCode::FailedPrecondition));
  TILLKIT_TRY(PreparedStatement* const statement, breaking(database_.prepare(sql)));
  const auto own = [&](const std::string& table) {
    return std::ranges::find(applying_->tables, std::string_view(table)) != applying_->tables.end();
  };
  if (!std::ranges::all_of(statement->written(), own)) {
    return breaking<std::int64_t>(core::fail(core::ErrorCode::PermissionDenied));
  }
  if (statement->columns() != 0) return breaking<std::int64_t>(core::fail(core::ErrorCode::InvalidArgument));
  return breaking(database_.run(*statement, std::span(arguments.begin(), arguments.size())));
}

}  // namespace detail

core::Result<Seq> Tx::append(const NewRecord& record) {
  return transaction_.append(record);
}

Seq Tx::next_seq() const {
  return transaction_.next_seq();
}

core::Result<OrderNumber> Tx::make_order_number(const TerminalName& terminal) {
  return transaction_.make_order_number(terminal);
}

core::Result<> Tx::forget(Seq seq) {
  return transaction_.forget(seq);
}

core::Result<std::int64_t> Tx::change(const char* sql, std::initializer_list<detail::Value> arguments) {
  return transaction_.change(sql, arguments);
}

}  // namespace tillkit::journal
