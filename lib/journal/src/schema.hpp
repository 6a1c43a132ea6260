// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "database.hpp"
#include "tillkit/journal/table_set.hpp"

namespace tillkit::journal {

/// What is in the file.
enum class FileKind : std::uint8_t {
  Empty,    ///< nothing yet
  Journal,  ///< ours, and this program can work with it
};

/// Looks and changes nothing.
/// - Unsupported: written by a newer program, or by one with a module that `sets` lacks.
/// - Corrupt: some other SQLite file.
[[nodiscard]] core::Result<FileKind> look_at(detail::Database& database, std::span<const TableSet> sets,
                                             std::uint32_t application);

/// Whether `migrate` would do something. Looks and changes nothing.
[[nodiscard]] core::Result<bool> needs_migration(detail::Database& database, std::span<const TableSet> sets);

/// Brings each set to its newest version, in the transaction that is open. True: something was done.
[[nodiscard]] core::Result<bool> migrate(detail::Database& database, std::span<const TableSet> sets);

/// Makes the tables of the newest version in an empty database.
[[nodiscard]] core::Result<> make_tables(detail::Database& database, std::span<const TableSet> sets);

/// Marks a file as ours, in the transaction that is open.
[[nodiscard]] core::Result<> mark(detail::Database& database, std::uint32_t application);

inline constexpr std::uint32_t kJournalFile = 0x74696C6C;  // "till"
inline constexpr std::uint32_t kCacheFile = 0x74696C63;    // "tilc"

/// The journal's own tables.
[[nodiscard]] const TableSet& journal_set();

}  // namespace tillkit::journal
