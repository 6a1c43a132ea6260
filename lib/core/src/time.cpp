// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/time.hpp"

#include <utility>

#include "field_reader.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/calendar.hpp"

namespace tillkit::core {
namespace {

using std::chrono::milliseconds;

std::chrono::minutes read_utc_offset(FieldReader& in) {
  const char sign = in.one_of("Zz+-");
  if (sign != '+' && sign != '-') return {};
  const std::chrono::hours hours{in.number(2, 0, 23)};
  in.one_of(":");
  const std::chrono::minutes offset = hours + std::chrono::minutes{in.number(2, 0, 59)};
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::string_view to_string(WallQuality quality) {
  switch (quality) {
    case WallQuality::Unknown: return "unknown";
    case WallQuality::Estimated: return "estimated";
    case WallQuality::Trusted: return "trusted";
  }
  TILLKIT_ASSERT(false && "a WallQuality outside the enumeration");
  return {};
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  FieldReader in(text);
  const std::chrono::year_month_day date = in.date();
  in.one_of("Tt");
  const std::chrono::hours hours{in.number(2, 0, 23)};
  in.one_of(":");
  const std::chrono::minutes minutes{in.number(2, 0, 59)};
  in.one_of(":");
  const std::size_t second_at = in.offset();
  const std::chrono::seconds seconds{in.number(2, 0, 60)};
  milliseconds fraction{0};
  if (in.optional('.')) fraction = in.fraction();
  const std::chrono::minutes utc_offset = read_utc_offset(in);
  in.end();
  if (in.failed()) return fail_at(in.offset());

  const auto day = std::chrono::sys_days{date}.time_since_epoch();
  WallTime at{milliseconds{day} + hours + minutes + seconds - utc_offset};
  const auto civil = to_civil(at, std::chrono::minutes{0});
  if (!civil) return fail_at(0);
  if (seconds.count() == 60) {
    // Leap seconds are inserted at the end of a month, in UTC.
    const bool month_begins = civil->since_midnight.count() == 0 && civil->date.day() == std::chrono::day{1};
    if (!month_begins) return fail_at(second_at);
    return at;
  }
  return at + fraction;
}

Result<std::string> format_rfc3339(WallTime at) {
  TILLKIT_TRY(const CivilTime civil, to_civil(at, std::chrono::minutes{0}));
  TILLKIT_TRY(std::string text, format_date(civil.date));
  const std::chrono::hh_mm_ss time(civil.since_midnight);
  text += 'T';
  append_padded(text, time.hours().count(), 2);
  text += ':';
  append_padded(text, time.minutes().count(), 2);
  text += ':';
  append_padded(text, time.seconds().count(), 2);
  text += '.';
  append_padded(text, time.subseconds().count(), 3);
  text += 'Z';
  return text;
}

}  // namespace tillkit::core
