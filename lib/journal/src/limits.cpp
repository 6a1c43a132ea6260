// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/limits.hpp"

#include <array>

#include "database.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/journal/failed_starts.hpp"
#include "tillkit/journal/journal.hpp"

namespace tillkit::journal {
namespace {

constexpr auto number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"journal.body_bytes_max",           number(kBodyBytesMax),          "bytes"},
    core::NamedLimit{"journal.cache_rows_per_step_max",  kCacheRowsPerStepMax,           "rows"},
    core::NamedLimit{"journal.checkpoint_pages",         kCheckpointPages,               "pages"},
    core::NamedLimit{"journal.cursor_bytes_max",         number(kCursorBytesMax),        "bytes"},
    core::NamedLimit{"journal.drop_records_max",         kDropRecordsMax,                "records"},
    core::NamedLimit{"journal.failed_starts_max",        kFailedStartsMax,               "starts"},
    core::NamedLimit{"journal.findings_max",             number(kFindingsMax),           "findings"},
    core::NamedLimit{"journal.order_seq_max",            kOrderSeqMax.value(),           "records"},
    core::NamedLimit{"journal.personal_per_record_max",  number(kPersonalPerRecordMax),  "values"},
    core::NamedLimit{"journal.personal_value_bytes_max", number(kPersonalValueBytesMax), "bytes"},
    core::NamedLimit{"journal.records_per_commit_max",   number(kRecordsPerCommitMax),   "records"},
    core::NamedLimit{"journal.statements_max",           number(kStatementsMax),         "statements"},
    core::NamedLimit{"journal.wal_pages_max",            kWalPagesMax,                   "pages"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> journal_limits() {
  return kLimits;
}

}  // namespace tillkit::journal
