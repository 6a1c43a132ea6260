// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/calendar.hpp"

#include "field_reader.hpp"

namespace tillkit::core {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::year;

constexpr milliseconds kFirst{sys_days{year{1} / 1 / 1}.time_since_epoch()};
constexpr milliseconds kEnd{sys_days{year{10'000} / 1 / 1}.time_since_epoch()};

constexpr bool is_offset(std::chrono::minutes utc_offset) {
  return utc_offset >= -kUtcOffsetMax && utc_offset <= kUtcOffsetMax;
}

constexpr bool is_year(year value) {
  return value >= year{1} && value <= year{9999};
}

}  // namespace

Result<CivilTime> to_civil(WallTime at, std::chrono::minutes utc_offset) {
  const milliseconds utc = at.time_since_epoch();
  if (!is_offset(utc_offset) || utc < kFirst || utc >= kEnd) return fail(ErrorCode::OutOfRange);
  const milliseconds local = utc + utc_offset;
  if (local < kFirst || local >= kEnd) return fail(ErrorCode::OutOfRange);
  const auto day = std::chrono::floor<days>(local);
  return CivilTime{sys_days{day}, local - day};
}

Result<WallTime> to_wall(const CivilTime& civil, std::chrono::minutes utc_offset) {
  if (!civil.date.ok()) return fail(ErrorCode::InvalidArgument);
  if (civil.since_midnight < milliseconds{0} || civil.since_midnight >= days{1}) {
    return fail(ErrorCode::InvalidArgument);
  }
  if (!is_offset(utc_offset) || !is_year(civil.date.year())) return fail(ErrorCode::OutOfRange);
  const milliseconds utc = sys_days{civil.date}.time_since_epoch() + civil.since_midnight - utc_offset;
  if (utc < kFirst || utc >= kEnd) return fail(ErrorCode::OutOfRange);
  return WallTime{utc};
}

Result<std::chrono::year_month_day> parse_date(std::string_view text) {
  FieldReader in(text);
  const std::chrono::year_month_day date = in.date();
  in.end();
  if (in.failed()) return fail_at(in.offset());
  return date;
}

Result<std::string> format_date(std::chrono::year_month_day date) {
  if (!date.ok() || !is_year(date.year())) return fail(ErrorCode::OutOfRange);
  std::string text;
  append_padded(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_padded(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_padded(text, static_cast<unsigned>(date.day()), 2);
  return text;
}

Result<std::chrono::seconds> parse_time_of_day(std::string_view text) {
  FieldReader in(text);
  const std::chrono::hours hours{in.number(2, 0, 24)};
  in.one_of(":");
  const int latest = hours.count() == 24 ? 0 : 59;
  const std::chrono::minutes minutes{in.number(2, 0, latest)};
  std::chrono::seconds seconds{0};
  if (in.optional(':')) seconds = std::chrono::seconds{in.number(2, 0, latest)};
  in.end();
  if (in.failed()) return fail_at(in.offset());
  return hours + minutes + seconds;
}

}  // namespace tillkit::core
