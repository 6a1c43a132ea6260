// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "database.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/report.hpp"

namespace tillkit::journal {

/// Reads records in order and goes on behind what cannot be read.
class TolerantReader {
 public:
  /// `last_expected`: as far as the file is known to have come, whatever it shows now.
  TolerantReader(detail::Database& database, const JournalId& journal, Seq last_expected, Seq from = Seq{1});

  /// None: the end.
  [[nodiscard]] std::optional<Found> next();

 private:
  [[nodiscard]] std::optional<Found> search();

  detail::Database& database_;
  const JournalId& journal_;
  std::int64_t bound_;
  bool bound_is_end_ = false;  // the newest record can be read
  std::int64_t last_ = 0;
  std::optional<detail::Cursor> rows_;
  std::optional<Record> found_behind_gap_;
  bool ended_ = false;
};

}  // namespace tillkit::journal
