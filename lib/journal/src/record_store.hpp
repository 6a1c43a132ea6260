// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "database.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/journal/record.hpp"

namespace tillkit::journal {

/// The columns of a record, in the order that `read_record` wants them.
#define TILLKIT_JOURNAL_COLUMNS \
  "seq, kind, version, sale, wall_ms, quality, boot, monotonic_us, operator, shift, business_day, chain, seal, body"

/// Corrupt: something in the row is of another type or out of range.
[[nodiscard]] core::Result<Record> read_record(const detail::Cursor& row, const JournalId& journal);

[[nodiscard]] core::Result<> insert_record(detail::Database& database, const Record& record);

/// NotFound: there is none.
[[nodiscard]] core::Result<Record> find_record(detail::Database& database, const JournalId& journal, Seq seq);

/// The newest record; none in an empty file.
[[nodiscard]] core::Result<std::optional<Record>> newest_record(detail::Database& database, const JournalId& journal);

/// Calls `visit(const Record&)` for each record of the selection.
template <class Visit>
[[nodiscard]] core::Result<> each_record(detail::Database& database, const JournalId& journal,
                                         const Selection& selection, const Visit& visit) {
  const bool by_sale = selection.sale != SaleId{};
  const char* const sql =
      by_sale ? "SELECT " TILLKIT_JOURNAL_COLUMNS
                " FROM records WHERE sale = ?3 AND seq BETWEEN ?1 AND ?2 AND (?4 IS NULL OR kind = ?4) ORDER BY seq"
              : "SELECT " TILLKIT_JOURNAL_COLUMNS
                " FROM records WHERE seq BETWEEN ?1 AND ?2 AND (?4 IS NULL OR kind = ?4) AND ?3 = 0 ORDER BY seq";
  TILLKIT_TRY(detail::PreparedStatement* const statement, database.prepare(sql));
  TILLKIT_TRY_VOID(statement->begin({selection.from.value(), selection.to.value(), selection.sale.value(),
                                     selection.kind ? detail::Value(selection.kind->view()) : detail::Value{}}));
  detail::Cursor row(*statement);
  for (;;) {
    TILLKIT_TRY(const bool any, row.next());
    if (!any) return {};
    TILLKIT_TRY(const Record record, read_record(row, journal));
    TILLKIT_TRY_VOID(visit(record));
  }
}

}  // namespace tillkit::journal
