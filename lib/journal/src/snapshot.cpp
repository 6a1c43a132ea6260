// SPDX-License-Identifier: Apache-2.0

// A snapshot is a record with a digest per derived table, and beside it the rows themselves: whoever changes these is
// found by the digest, which chain and seal protect. Only the rows of the newest snapshot are kept.

#include "snapshot.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "big_endian.hpp"
#include "impl.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/security/digest.hpp"

namespace tillkit::journal {
namespace {

// One value of a row: its type, then the number, or the length and the bytes. Stored: never renumber.
enum class Type : std::uint8_t { Null = 0, Integer = 1, Text = 2, Bytes = 3 };

constexpr const char* kClear = "DELETE FROM snapshot_rows";
constexpr const char* kStoreRow = "INSERT INTO snapshot_rows(table_set, table_name, row) VALUES(?1, ?2, ?3)";
constexpr const char* kLoadRows = "SELECT table_set, table_name, row FROM snapshot_rows ORDER BY number";

core::Result<core::Bytes> row_bytes(const detail::Cursor& row) {
  BigEndian out;
  const auto type = [&](Type of) { out.number(static_cast<std::uint8_t>(of)); };
  for (int column = 0; column < row.columns(); ++column) {
    switch (row.type(column)) {
      case detail::ColumnType::Null: type(Type::Null); break;
      case detail::ColumnType::Integer: {
        TILLKIT_TRY(const std::int64_t value, row.integer(column));
        type(Type::Integer);
        out.number(value);
        break;
      }
      case detail::ColumnType::Text: {
        TILLKIT_TRY(const std::string_view value, row.text(column));
        type(Type::Text);
        out.text<std::uint32_t>(value);
        break;
      }
      case detail::ColumnType::Bytes: {
        TILLKIT_TRY(const core::ByteView value, row.bytes(column));
        type(Type::Bytes);
        out.text<std::uint32_t>(core::as_text(value));
        break;
      }
      case detail::ColumnType::Real: return core::fail(core::ErrorCode::Corrupt);
    }
  }
  return out.take();
}

/// Reads what `row_bytes` wrote. The views are into `bytes`.
class RowReader {
 public:
  explicit RowReader(core::ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] core::Result<detail::Value> next() {
    TILLKIT_TRY(const std::uint64_t type, number(1));
    switch (static_cast<Type>(type)) {
      case Type::Null: return detail::Value{};
      case Type::Integer: {
        TILLKIT_TRY(const std::uint64_t value, number(8));
        return detail::Value{static_cast<std::int64_t>(value)};
      }
      case Type::Text: {
        TILLKIT_TRY(const core::ByteView value, bytes());
        return detail::Value{core::as_text(value)};
      }
      case Type::Bytes: {
        TILLKIT_TRY(const core::ByteView value, bytes());
        return detail::Value{value};
      }
    }
    return core::fail(core::ErrorCode::Corrupt);
  }

 private:
  [[nodiscard]] core::Result<std::uint64_t> number(std::size_t size) {
    if (rest_.size() < size) return core::fail(core::ErrorCode::Corrupt);
    std::uint64_t value = 0;
    for (const std::byte byte : rest_.first(size))
      value = (value << 8U) | std::to_integer<std::uint64_t>(byte);
    rest_ = rest_.subspan(size);
    return value;
  }

  [[nodiscard]] core::Result<core::ByteView> bytes() {
    TILLKIT_TRY(const std::uint64_t size, number(4));
    if (rest_.size() < size) return core::fail(core::ErrorCode::Corrupt);
    const core::ByteView value = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(value.size());
    return value;
  }

  core::ByteView rest_;
};

/// Calls `visit(row)` for each row, in an order that only their content decides.
template <class Visit>
core::Result<> each_row(detail::Database& database, std::string_view table, const Visit& visit) {
  std::string sql = "SELECT * FROM \"" + std::string(table) + '"';
  TILLKIT_TRY(const detail::PreparedStatement* const unordered, database.prepare(sql));
  for (int column = 1; column <= unordered->columns(); ++column)
    sql += (column == 1 ? " ORDER BY " : ", ") + std::to_string(column);
  TILLKIT_TRY(detail::PreparedStatement* const statement, database.prepare(sql));
  TILLKIT_TRY_VOID(statement->begin({}));
  detail::Cursor row(*statement);
  for (;;) {
    TILLKIT_TRY(const bool any, row.next());
    if (!any) return {};
    TILLKIT_TRY(const core::Bytes bytes, row_bytes(row));
    TILLKIT_TRY_VOID(visit(bytes));
  }
}

bool has_table(std::span<const TableSet> sets, std::string_view set_name, std::string_view table) {
  const auto set = std::ranges::find(sets, set_name, &TableSet::name);
  return set != sets.end() && std::ranges::find(set->tables, table) != set->tables.end();
}

}  // namespace

core::Result<TableDigest> table_digest(detail::Database& database, std::string_view table) {
  TableDigest digest;
  const auto take_in = [&](const core::Bytes& row) -> core::Result<> {
    BigEndian link;
    link.raw(digest.digest).raw(row);
    TILLKIT_TRY(digest.digest, security::sha256(link.view()));
    ++digest.rows;
    return {};
  };
  TILLKIT_TRY_VOID(each_row(database, table, take_in));
  return digest;
}

core::Result<> store_snapshot_rows(detail::Database& database, std::span<const TableSet> sets) {
  TILLKIT_TRY_VOID(database.run(kClear, {}));
  for (const TableSet& set : sets) {
    for (const std::string_view table : set.tables) {
      const auto store = [&](const core::Bytes& row) -> core::Result<> {
        TILLKIT_TRY_VOID(database.run(kStoreRow, {set.name, table, core::ByteView(row)}));
        return {};
      };
      TILLKIT_TRY_VOID(each_row(database, table, store));
    }
  }
  return {};
}

core::Result<std::string> snapshot_body(detail::Database& database, std::span<const TableSet> sets) {
  core::JsonWriter json;
  json.begin_object().name("tables").begin_array();
  for (const TableSet& set : sets) {
    for (const std::string_view table : set.tables) {
      TILLKIT_TRY(const TableDigest digest, table_digest(database, table));
      json.begin_object().name("set").text(set.name).name("table").text(table).name("rows").integer(digest.rows);
      json.name("digest").text(core::encode_hex(digest.digest)).end_object();
    }
  }
  return json.end_array().end_object().finish();
}

core::Result<> load_snapshot_rows(detail::Database& from, detail::Database& to, std::span<const TableSet> sets) {
  TILLKIT_TRY(detail::PreparedStatement* const statement, from.prepare(kLoadRows));
  TILLKIT_TRY_VOID(statement->begin({}));
  detail::Cursor stored(*statement);
  std::vector<detail::Value> values;
  for (;;) {
    TILLKIT_TRY(const bool any, stored.next());
    if (!any) return {};
    TILLKIT_TRY(const std::string_view set, stored.text(0));
    TILLKIT_TRY(const std::string_view table, stored.text(1));
    TILLKIT_TRY(const core::ByteView bytes, stored.bytes(2));
    if (!has_table(sets, set, table)) return core::fail(core::ErrorCode::Corrupt);  // its name goes into SQL
    values.clear();
    std::string sql = "INSERT INTO \"" + std::string(table) + "\" VALUES(";
    for (RowReader row(bytes); !row.at_end();) {
      TILLKIT_TRY(values.emplace_back(), row.next());
      sql += values.size() == 1 ? "?" : ",?";
    }
    TILLKIT_TRY_VOID(to.run(sql + ")", values));
  }
}

core::Result<> Journal::Impl::append_snapshot(detail::Transaction& transaction) {
  TILLKIT_TRY_VOID(store_snapshot_rows(*database_, sets_));
  TILLKIT_TRY(const std::string body, snapshot_body(*database_, sets_));
  TILLKIT_TRY_VOID(transaction.append({.kind = kSnapshot, .body = body}));
  return {};
}

core::Result<Seq> Journal::Impl::snapshot() {
  TILLKIT_TRY_VOID(check_writable(false));
  TILLKIT_TRY_VOID(database_->begin());
  const detail::Live from = live();
  detail::Transaction transaction(*database_, sets_, &from);
  core::Result<> outcome = append_snapshot(transaction);
  if (outcome) {
    FileState next = file_;
    next.snapshot_seq = transaction.tail().seq;
    outcome = finish(transaction, &next);
  }
  if (!outcome) {
    database_->rollback();
    return std::unexpected(outcome.error());
  }
  keep_wal_short(false);
  return tail_.seq;
}

}  // namespace tillkit::journal
