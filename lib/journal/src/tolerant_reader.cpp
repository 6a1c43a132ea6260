// SPDX-License-Identifier: Apache-2.0
#include "tolerant_reader.hpp"

#include <algorithm>
#include <utility>

#include "record_store.hpp"

namespace tillkit::journal {
namespace {

constexpr const char* kFrom = "SELECT " TILLKIT_JOURNAL_COLUMNS " FROM records WHERE seq > ?1 ORDER BY seq";
/// Where the newest record cannot be read, so many numbers behind the last that is known are tried.
constexpr std::int64_t kTriedMax = 10'000;

}  // namespace

TolerantReader::TolerantReader(detail::Database& database, const JournalId& journal, Seq last_expected, Seq from)
    : database_(database), journal_(journal), bound_(last_expected.value()), last_(from.value() - 1) {
  const auto newest = newest_record(database_, journal_);
  bound_is_end_ = newest.has_value();
  if (newest && *newest) bound_ = std::max(bound_, (*newest)->seq.value());
}

std::optional<Found> TolerantReader::next() {
  if (found_behind_gap_) {
    last_ = found_behind_gap_->seq.value();
    return Found{std::exchange(found_behind_gap_, std::nullopt), {}};
  }
  if (ended_) return std::nullopt;
  if (!rows_) {
    const auto statement = database_.prepare(kFrom);
    if (!statement || !(*statement)->begin({last_})) return search();
    rows_.emplace(**statement);
  }
  const auto any = rows_->next();
  if (any && !*any) return std::nullopt;
  if (any) {
    if (auto record = read_record(*rows_, journal_)) {
      last_ = record->seq.value();
      return Found{*std::move(record), {}};
    }
  }
  return search();
}

/// Asks for one record after the other until one can be read.
std::optional<Found> TolerantReader::search() {
  rows_.reset();
  const std::int64_t bound = bound_is_end_ ? bound_ : std::max(bound_, last_) + kTriedMax;
  std::int64_t unreadable_to = 0;
  std::int64_t seq = last_ + 1;
  for (; seq <= bound; ++seq) {
    auto record = find_record(database_, journal_, Seq(seq));
    if (record) {
      found_behind_gap_ = *std::move(record);
      break;
    }
    // What is not there at all is no gap of ours: whoever counts finds it missing.
    if (record.error().code != core::ErrorCode::NotFound) unreadable_to = seq;
  }
  const std::int64_t from = last_ + 1;
  last_ = seq;
  ended_ = !found_behind_gap_;
  if (unreadable_to == 0) return found_behind_gap_ ? next() : std::nullopt;
  const bool open_end = ended_ && !bound_is_end_;
  return Found{std::nullopt, {Seq(from), open_end ? Seq{} : Seq(unreadable_to)}};
}

}  // namespace tillkit::journal
