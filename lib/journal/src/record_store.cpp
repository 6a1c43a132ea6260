// SPDX-License-Identifier: Apache-2.0
#include "record_store.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tillkit::journal {
namespace {

constexpr const char* kInsert = "INSERT INTO records(" TILLKIT_JOURNAL_COLUMNS
                                ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr const char* kFind = "SELECT " TILLKIT_JOURNAL_COLUMNS " FROM records WHERE seq = ?1";
constexpr const char* kNewest = "SELECT " TILLKIT_JOURNAL_COLUMNS " FROM records ORDER BY seq DESC LIMIT 1";

template <std::size_t Size>
core::Result<std::array<std::byte, Size>> bytes_of(const detail::Cursor& row, int column) {
  TILLKIT_TRY(const core::ByteView stored, row.bytes(column));
  if (stored.size() != Size) return core::fail(core::ErrorCode::Corrupt);
  std::array<std::byte, Size> bytes;
  std::ranges::copy(stored, bytes.begin());
  return bytes;
}

template <class Id>
core::Result<Id> id_of(const detail::Cursor& row, int column) {
  TILLKIT_TRY(const std::string_view text, row.text(column));
  const auto id = Id::parse(text);
  if (!id) return core::fail(core::ErrorCode::Corrupt);
  return *id;
}

}  // namespace

core::Result<Record> read_record(const detail::Cursor& row, const JournalId& journal) {
  using detail::column_of;
  Record record;
  record.journal = journal;
  TILLKIT_TRY(record.seq, column_of<Seq>(row, 0));
  TILLKIT_TRY(record.kind, id_of<Kind>(row, 1));
  TILLKIT_TRY(record.version, column_of<std::uint16_t>(row, 2));
  TILLKIT_TRY(const auto sale, column_of<std::optional<SaleId>>(row, 3));
  record.sale = sale.value_or(SaleId{});
  TILLKIT_TRY(const std::int64_t wall_ms, row.integer(4));
  record.at.wall.at = core::WallTime(std::chrono::milliseconds(wall_ms));
  TILLKIT_TRY(record.at.wall.quality, column_of<core::WallQuality>(row, 5));
  if (record.at.wall.quality > core::WallQuality::Trusted) return core::fail(core::ErrorCode::Corrupt);
  TILLKIT_TRY(record.at.boot, column_of<std::uint32_t>(row, 6));
  TILLKIT_TRY(const std::int64_t monotonic_us, row.integer(7));
  record.at.since_boot = core::MonotonicTime(std::chrono::microseconds(monotonic_us));
  TILLKIT_TRY(record.duty.operator_id, id_of<Operator>(row, 8));
  TILLKIT_TRY(record.duty.shift, column_of<std::uint32_t>(row, 9));
  TILLKIT_TRY(const auto day, column_of<std::int32_t>(row, 10));
  record.duty.business_day = std::chrono::sys_days(std::chrono::days(day));
  TILLKIT_TRY(record.chain, bytes_of<security::kSha256Bytes>(row, 11));
  if (!row.is_null(12)) {
    TILLKIT_TRY(record.seal, bytes_of<std::tuple_size_v<Seal>>(row, 12));
  }
  TILLKIT_TRY(const std::string_view body, row.text(13));
  record.body = body;
  return record;
}

core::Result<> insert_record(detail::Database& database, const Record& record) {
  using detail::Value;
  TILLKIT_TRY_VOID(database.run(
      kInsert,
      {record.seq.value(), record.kind.view(), std::int64_t{record.version},
       record.sale == SaleId{} ? Value{} : Value{record.sale.value()},
       std::int64_t{record.at.wall.at.time_since_epoch().count()}, static_cast<std::int64_t>(record.at.wall.quality),
       std::int64_t{record.at.boot}, std::int64_t{record.at.since_boot.time_since_epoch().count()},
       record.duty.operator_id.view(), std::int64_t{record.duty.shift},
       std::int64_t{record.duty.business_day.time_since_epoch().count()}, core::ByteView(record.chain),
       record.seal ? Value{core::ByteView(*record.seal)} : Value{}, std::string_view(record.body)}));
  return {};
}

core::Result<Record> find_record(detail::Database& database, const JournalId& journal, Seq seq) {
  TILLKIT_TRY(detail::PreparedStatement* const statement, database.prepare(kFind));
  TILLKIT_TRY_VOID(statement->begin({seq.value()}));
  detail::Cursor row(*statement);
  TILLKIT_TRY(const bool any, row.next());
  if (!any) return core::fail(core::ErrorCode::NotFound);
  return read_record(row, journal);
}

core::Result<std::optional<Record>> newest_record(detail::Database& database, const JournalId& journal) {
  TILLKIT_TRY(detail::PreparedStatement* const statement, database.prepare(kNewest));
  TILLKIT_TRY_VOID(statement->begin({}));
  detail::Cursor row(*statement);
  TILLKIT_TRY(const bool any, row.next());
  if (!any) return std::optional<Record>{};
  TILLKIT_TRY(Record record, read_record(row, journal));
  return std::optional<Record>(std::move(record));
}

}  // namespace tillkit::journal
