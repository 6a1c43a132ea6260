// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/error.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::journal {

/// One SQL statement and the types that go in and come out. The text is a literal; `?1`, `?2` ... are the arguments.
///
///     constexpr Statement<void(Seq, std::string_view)> kAdd{"INSERT INTO attempts(seq, provider) VALUES(?1, ?2)"};
///     constexpr Statement<std::tuple<Seq, std::string>(std::int64_t)> kOpen{"SELECT seq, provider FROM attempts WHERE
///     state=?1"};
///
/// Types: integers of up to 63 bits, `bool`, enums, `StrongId`, text (`string_view` in, `string` out), bytes
/// (`ByteView` in, `Bytes` out), and `optional` of them for what may be NULL. What is stored in another type, or does
/// not fit, is `Corrupt`. There is no floating point.
template <class Signature>
struct Statement;

template <class... Arguments>
struct Statement<void(Arguments...)> {
  const char* sql;
};
template <class... Columns, class... Arguments>
struct Statement<std::tuple<Columns...>(Arguments...)> {
  const char* sql;
};

namespace detail {

class Database;
class PreparedStatement;

using Value = std::variant<std::monostate, std::int64_t, std::string_view, core::ByteView>;

template <class T>
struct IsStrongId : std::false_type {};
template <class Tag, class Rep>
struct IsStrongId<core::StrongId<Tag, Rep>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
concept Storable = std::integral<T> && (std::signed_integral<T> || sizeof(T) < 8);

template <class T>
Value to_value(const T& argument) {
  if constexpr (IsOptional<T>::value) {
    return argument ? to_value(*argument) : Value{};
  } else if constexpr (IsStrongId<T>::value) {
    return to_value(argument.value());
  } else if constexpr (std::is_enum_v<T>) {
    return to_value(static_cast<std::underlying_type_t<T>>(argument));
  } else if constexpr (std::integral<T>) {
    static_assert(Storable<T>, "SQLite's integers have a sign");
    return static_cast<std::int64_t>(argument);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return std::string_view(argument);
  } else {
    return core::ByteView(argument);
  }
}

enum class ColumnType : std::uint8_t { Null, Integer, Real, Text, Bytes };

/// A statement under way; ends it when it goes.
class Cursor {
 public:
  explicit Cursor(PreparedStatement& statement) : statement_(&statement) {}
  Cursor(Cursor&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Cursor& operator=(Cursor&&) = delete;
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor();

  /// Goes to the next row; false: there is none.
  [[nodiscard]] core::Result<bool> next();
  /// `Corrupt` where the column has another type. Views are valid until `next`.
  [[nodiscard]] int columns() const;
  [[nodiscard]] ColumnType type(int column) const;
  [[nodiscard]] bool is_null(int column) const { return type(column) == ColumnType::Null; }
  [[nodiscard]] core::Result<std::int64_t> integer(int column) const;
  [[nodiscard]] core::Result<std::string_view> text(int column) const;
  [[nodiscard]] core::Result<core::ByteView> bytes(int column) const;

 private:
  PreparedStatement* statement_;
};

template <class T>
core::Result<T> column_of(const Cursor& cursor, int column) {
  if constexpr (IsOptional<T>::value) {
    if (cursor.is_null(column)) return T{};
    TILLKIT_TRY(auto value, column_of<typename T::value_type>(cursor, column));
    return T(std::move(value));
  } else if constexpr (IsStrongId<T>::value) {
    TILLKIT_TRY(const auto value, column_of<decltype(T{}.value())>(cursor, column));
    return T(value);
  } else if constexpr (std::is_enum_v<T>) {
    TILLKIT_TRY(const auto value, column_of<std::underlying_type_t<T>>(cursor, column));
    return static_cast<T>(value);
  } else if constexpr (std::integral<T>) {
    static_assert(Storable<T>, "SQLite's integers have a sign");
    TILLKIT_TRY(const std::int64_t value, cursor.integer(column));
    if (!std::in_range<std::conditional_t<std::same_as<T, bool>, std::uint8_t, T>>(value) ||
        (std::same_as<T, bool> && value > 1)) {
      return core::fail(core::ErrorCode::Corrupt);
    }
    return static_cast<T>(value);
  } else if constexpr (std::same_as<T, std::string>) {
    TILLKIT_TRY(const std::string_view value, cursor.text(column));
    return std::string(value);
  } else {
    static_assert(std::same_as<T, core::Bytes>, "not a type that a column can have");
    TILLKIT_TRY(const core::ByteView value, cursor.bytes(column));
    return core::Bytes(value.begin(), value.end());
  }
}

template <class Row, std::size_t... Index>
core::Result<Row> row_of(const Cursor& cursor, std::index_sequence<Index...>) {
  std::tuple<core::Result<std::tuple_element_t<Index, Row>>...> read{
      column_of<std::tuple_element_t<Index, Row>>(cursor, static_cast<int>(Index))...};
  std::optional<core::Error> error;
  (..., (void)(!error && !std::get<Index>(read) ? error = std::get<Index>(read).error() : error));
  if (error) return std::unexpected(*error);
  return Row{*std::move(std::get<Index>(read))...};
}

}  // namespace detail

/// Reads the tables of one database.
///
/// Every call may fail with Corrupt (the file is damaged, or a column is not of the statement's type), Unavailable (the
/// device did not give the bytes; nothing happened), InvalidArgument (the SQL is wrong, or it writes) or
/// FailedPrecondition (the same statement is under way further up).
class Tables {
 public:
  /// The only row, or the first, or none.
  template <class... Columns, class... Arguments>
  [[nodiscard]] core::Result<std::optional<std::tuple<Columns...>>> find(
      const Statement<std::tuple<Columns...>(Arguments...)>& statement,
      const std::type_identity_t<Arguments>&... arguments) const {
    using Row = std::tuple<Columns...>;
    TILLKIT_TRY(detail::Cursor cursor, read(statement.sql, {detail::to_value(arguments)...}, sizeof...(Columns)));
    TILLKIT_TRY(const bool any, cursor.next());
    if (!any) return std::optional<Row>{};
    TILLKIT_TRY(Row row, detail::row_of<Row>(cursor, std::index_sequence_for<Columns...>{}));
    return std::optional<Row>(std::move(row));
  }

  /// Calls `visit(columns...)` for each row, until it returns an error; passes that on.
  template <class Visit, class... Columns, class... Arguments>
  [[nodiscard]] core::Result<> each(const Statement<std::tuple<Columns...>(Arguments...)>& statement, Visit&& visit,
                                    const std::type_identity_t<Arguments>&... arguments) const {
    using Row = std::tuple<Columns...>;
    TILLKIT_TRY(detail::Cursor cursor, read(statement.sql, {detail::to_value(arguments)...}, sizeof...(Columns)));
    for (;;) {
      TILLKIT_TRY(const bool any, cursor.next());
      if (!any) return {};
      TILLKIT_TRY(Row row, detail::row_of<Row>(cursor, std::index_sequence_for<Columns...>{}));
      TILLKIT_TRY_VOID(std::apply(visit, std::move(row)));
    }
  }

 protected:
  explicit Tables(detail::Database& database) : database_(&database) {}

  /// Starts a statement that only reads and has that many columns.
  [[nodiscard]] core::Result<detail::Cursor> read(const char* sql, std::initializer_list<detail::Value> arguments,
                                                  std::size_t columns) const;

  detail::Database* database_;  // outlives this object
};

/// A change (`Tx::run`, `CacheTx::run`) that must meet exactly one row: a record about what is not there does not
/// belong to these tables. Else `Corrupt`.
[[nodiscard]] inline core::Result<> one_row(const core::Result<std::int64_t>& changed) {
  if (!changed) return std::unexpected(changed.error());
  if (*changed != 1) return core::fail(core::ErrorCode::Corrupt);
  return {};
}

/// A change that may meet any number of rows.
[[nodiscard]] inline core::Result<> any_rows(const core::Result<std::int64_t>& changed) {
  if (!changed) return std::unexpected(changed.error());
  return {};
}

}  // namespace tillkit::journal
