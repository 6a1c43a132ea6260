// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>

#include "impl.hpp"
#include "record_store.hpp"

namespace tillkit::journal {
namespace {

struct Moment {
  std::int64_t wall_ms;
  core::WallQuality quality;
};

core::Result<Moment> moment_of(detail::Database& database, std::int64_t seq) {
  TILLKIT_TRY(detail::PreparedStatement* const statement,
              database.prepare("SELECT wall_ms, quality FROM records WHERE seq = ?1"));
  TILLKIT_TRY_VOID(statement->begin({seq}));
  detail::Cursor row(*statement);
  TILLKIT_TRY(const bool any, row.next());
  if (!any) return core::fail(core::ErrorCode::Corrupt);  // records have no gaps
  TILLKIT_TRY(const std::int64_t wall_ms, row.integer(0));
  TILLKIT_TRY(const auto quality, detail::column_of<core::WallQuality>(row, 1));
  return Moment{wall_ms, quality};
}

/// The last record from `first` to `last` that surely happened before `since`, or the one before `first`. Times never
/// run backwards from record to record, so halving finds it; a time that is only a lower bound proves nothing.
core::Result<std::int64_t> last_before(detail::Database& database, std::int64_t first, std::int64_t last,
                                       core::WallTime since) {
  std::int64_t low = first - 1;
  for (std::int64_t high = last; low < high;) {
    const std::int64_t middle = high - (high - low) / 2;
    TILLKIT_TRY(const Moment moment, moment_of(database, middle));
    if (moment.wall_ms < since.time_since_epoch().count()) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  for (; low >= first; --low) {
    TILLKIT_TRY(const Moment moment, moment_of(database, low));
    if (moment.quality != core::WallQuality::Unknown) break;
  }
  return low;
}

}  // namespace

core::Result<Dropped> Journal::Impl::drop(const Keep& keep) {
  TILLKIT_TRY_VOID(check_writable(true));
  const std::int64_t first = file_.base_seq.value() + 1;
  const std::int64_t allowed =
      std::min({file_.acknowledged.value(), file_.snapshot_seq.value() - 1, keep.from.value() - 1});
  if (allowed < first) return Dropped{};
  TILLKIT_TRY(const std::int64_t last, last_before(*database_, first, allowed, keep.since));
  const std::int64_t end = std::min(last, first + kDropRecordsMax - 1);
  if (end < first) return Dropped{};

  TILLKIT_TRY(const Record base, find_record(*database_, file_.journal, Seq(end)));
  FileState next = file_;
  next.base_seq = base.seq;
  next.base_chain = base.chain;
  TILLKIT_TRY_VOID(database_->begin());
  const auto outcome = [&]() -> core::Result<> {
    TILLKIT_TRY_VOID(database_->run("DELETE FROM personal WHERE seq <= ?1", {end}));
    TILLKIT_TRY_VOID(database_->run("DELETE FROM records WHERE seq <= ?1", {end}));
    TILLKIT_TRY_VOID(store_state(*database_, seal_key_, next));
    return watch(database_->commit());
  }();
  if (!outcome) {
    database_->rollback();
    return std::unexpected(outcome.error());
  }
  file_ = next;
  keep_wal_short(false);
  return Dropped{end - first + 1, last > end};
}

}  // namespace tillkit::journal
