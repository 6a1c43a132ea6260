// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "database.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/table_set.hpp"

namespace tillkit::journal {

inline constexpr Kind kSnapshot = kind("journal.snapshot");

struct TableDigest {
  Chain digest{};
  std::int64_t rows = 0;
  friend bool operator==(const TableDigest&, const TableDigest&) = default;
};

/// Takes in every row of a table, whatever its keys. Corrupt: no such table, or a floating point number in it.
[[nodiscard]] core::Result<TableDigest> table_digest(detail::Database& database, std::string_view table);

/// Stores all rows of all sets in place of those of the snapshot before.
[[nodiscard]] core::Result<> store_snapshot_rows(detail::Database& database, std::span<const TableSet> sets);

/// The body of the record: per table its digest and the number of rows.
[[nodiscard]] core::Result<std::string> snapshot_body(detail::Database& database, std::span<const TableSet> sets);

/// Puts the stored rows into the empty tables of `to`. Corrupt: a row is of another form.
[[nodiscard]] core::Result<> load_snapshot_rows(detail::Database& from, detail::Database& to,
                                                std::span<const TableSet> sets);

}  // namespace tillkit::journal
