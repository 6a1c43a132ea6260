// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/time.hpp"

#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/core/calendar.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::core;
using namespace std::chrono_literals;

namespace {

WallTime at_ms(std::int64_t ms) {
  return WallTime{std::chrono::milliseconds{ms}};
}

constexpr std::int64_t kFirstMs = -62'135'596'800'000;  // 0001-01-01T00:00:00.000Z
constexpr std::int64_t kLastMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

}  // namespace

TEST_CASE("an RFC 3339 time is the same moment whatever its offset", "[core]") {
  CHECK(must(parse_rfc3339("1970-01-01T00:00:00Z")) == at_ms(0));
  CHECK(must(parse_rfc3339("2026-11-21T08:05:30.250+08:00")) == must(parse_rfc3339("2026-11-21T00:05:30.250Z")));
  CHECK(must(parse_rfc3339("2026-11-21T08:05:30.250+08:00")) == at_ms(1'795'219'530'250));
  CHECK(must(parse_rfc3339("1969-12-31t19:00:00-05:00")) == at_ms(0));
  CHECK(must(parse_rfc3339("1970-01-01T00:00:00-00:00")) == at_ms(0));
  CHECK(must(parse_rfc3339("1970-01-02T05:29:00+23:59")) == at_ms(19'800'000));
  CHECK(must(parse_rfc3339("2024-02-29T00:00:00z")) == at_ms(1'709'164'800'000));
}

TEST_CASE("digits past the millisecond are cut off", "[core]") {
  CHECK(must(parse_rfc3339("1970-01-01T00:00:00.5Z")) == at_ms(500));
  CHECK(must(parse_rfc3339("1970-01-01T00:00:00.05Z")) == at_ms(50));
  CHECK(must(parse_rfc3339("1970-01-01T00:00:00.0019999999999999999999999999Z")) == at_ms(1));
}

TEST_CASE("a leap second counts as the next full second", "[core]") {
  CHECK(must(parse_rfc3339("2016-12-31T23:59:60Z")) == must(parse_rfc3339("2017-01-01T00:00:00Z")));
  CHECK(must(parse_rfc3339("2016-12-31T23:59:60.9Z")) == must(parse_rfc3339("2017-01-01T00:00:00Z")));
  CHECK(must(parse_rfc3339("2017-01-01T07:59:60+08:00")) == must(parse_rfc3339("2017-01-01T00:00:00Z")));
  CHECK(failed_at(parse_rfc3339("2016-12-31T23:58:60Z"), 17));
  CHECK(failed_at(parse_rfc3339("2016-12-30T23:59:60Z"), 17));
  CHECK(failed_at(parse_rfc3339("2017-01-01T08:59:60+08:00"), 17));
}

TEST_CASE("a time that is not RFC 3339 is refused where it goes wrong", "[core]") {
  struct Case {
    const char* text;
    std::size_t offset;
  };
  for (const auto& [text, offset] : {Case{"", 0},
                                     Case{"2026-11-21", 10},
                                     Case{"2026-11-21T08:05:30", 19},
                                     Case{"2026-11-21T08:05:30.Z", 20},
                                     Case{"2026-11-21 08:05:30Z", 10},
                                     Case{"2026-11-21T08:05:30Z ", 20},
                                     Case{" 2026-11-21T08:05:30Z", 0},
                                     Case{"2026-11-21T08:05Z", 16},
                                     Case{"2026-13-21T08:05:30Z", 5},
                                     Case{"2026-00-21T08:05:30Z", 5},
                                     Case{"2026-02-29T08:05:30Z", 8},
                                     Case{"2026-04-31T08:05:30Z", 8},
                                     Case{"2026-04-00T08:05:30Z", 8},
                                     Case{"2026-11-21T24:00:00Z", 11},
                                     Case{"2026-11-21T23:60:00Z", 14},
                                     Case{"2026-11-21T23:59:61Z", 17},
                                     Case{"2026-11-21T08:05:30+8:00", 21},
                                     Case{"2026-11-21T08:05:30+0800", 22},
                                     Case{"2026-11-21T08:05:30+24:00", 20},
                                     Case{"2026-11-21T08:05:30+08:60", 23},
                                     Case{"2026-11-21T08:05:30,5Z", 19},
                                     Case{"0000-01-01T00:00:00Z", 0},
                                     Case{"+2026-01-01T00:00:00Z", 0},
                                     Case{"0001-01-01T00:00:00+00:01", 0},
                                     Case{"9999-12-31T23:59:59-00:01", 0}}) {
    CAPTURE(text);
    CHECK(failed_at(parse_rfc3339(text), offset));
  }
}

TEST_CASE("times are written so that texts sort as times do", "[core]") {
  CHECK(must(format_rfc3339(at_ms(0))) == "1970-01-01T00:00:00.000Z");
  CHECK(must(format_rfc3339(at_ms(-1))) == "1969-12-31T23:59:59.999Z");
  CHECK(must(format_rfc3339(at_ms(kFirstMs))) == "0001-01-01T00:00:00.000Z");
  CHECK(must(format_rfc3339(at_ms(kLastMs))) == "9999-12-31T23:59:59.999Z");
  CHECK(failed_with(format_rfc3339(at_ms(kFirstMs - 1)), ErrorCode::OutOfRange));
  CHECK(failed_with(format_rfc3339(at_ms(kLastMs + 1)), ErrorCode::OutOfRange));
  CHECK(failed_with(format_rfc3339(WallTime::min()), ErrorCode::OutOfRange));
  CHECK(failed_with(format_rfc3339(WallTime::max()), ErrorCode::OutOfRange));
}

TEST_CASE("every moment reads back as it was written", "[core]") {
  std::mt19937_64 random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  std::string last_text;
  std::int64_t last = kFirstMs - 1;
  for (int i = 0; i < 5'000; ++i) {
    const std::int64_t ms =
        kFirstMs + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kLastMs - kFirstMs));
    const auto text = format_rfc3339(at_ms(ms));
    if (!text || parse_rfc3339(*text).value_or(WallTime::min()) != at_ms(ms)) FAIL(ms);
    if ((ms < last) != (*text < last_text)) FAIL(ms << " sorts otherwise than " << last);
    last = ms;
    last_text = *text;
  }
}

TEST_CASE("the shop's clock shows its own day", "[core]") {
  const WallTime late = must(parse_rfc3339("2026-11-21T17:30:00.125Z"));

  const CivilTime shanghai = must(to_civil(late, 8h));

  CHECK(must(format_date(shanghai.date)) == "2026-11-22");
  CHECK(shanghai.since_midnight == 1h + 30min + 125ms);
  CHECK(must(to_wall(shanghai, 8h)) == late);
  CHECK(must(format_date(must(to_civil(late, -18h)).date)) == "2026-11-20");
  CHECK(failed_with(to_civil(late, kUtcOffsetMax + 1min), ErrorCode::OutOfRange));
  CHECK(failed_with(to_civil(at_ms(kLastMs), 1min), ErrorCode::OutOfRange));
  CHECK(failed_with(to_civil(WallTime::max(), 1min), ErrorCode::OutOfRange));
  CHECK(failed_with(to_civil(WallTime::min(), -1min), ErrorCode::OutOfRange));
}

TEST_CASE("shop time that no clock shows is refused", "[core]") {
  using std::chrono::year;
  CHECK(failed_with(to_wall({year{2026} / 2 / 29, 0ms}, 0min), ErrorCode::InvalidArgument));
  CHECK(failed_with(to_wall({year{2026} / 2 / 28, 24h}, 0min), ErrorCode::InvalidArgument));
  CHECK(failed_with(to_wall({year{2026} / 2 / 28, -1ms}, 0min), ErrorCode::InvalidArgument));
  CHECK(failed_with(to_wall({year{0} / 2 / 28, 0ms}, 0min), ErrorCode::OutOfRange));
  CHECK(failed_with(to_wall({year{1} / 1 / 1, 0ms}, 1min), ErrorCode::OutOfRange));
}

TEST_CASE("dates and times of day are read strictly", "[core]") {
  CHECK(must(parse_date("2024-02-29")) == std::chrono::year{2024} / 2 / 29);
  CHECK(must(format_date(must(parse_date("0001-01-01")))) == "0001-01-01");
  CHECK(failed_at(parse_date("2026-02-29"), 8));
  CHECK(failed_at(parse_date("2026-2-28"), 6));
  CHECK(failed_at(parse_date("2026-02-28T"), 10));
  CHECK(failed_at(parse_date("0000-02-28"), 0));
  CHECK(failed_with(format_date(std::chrono::year{2026} / 2 / 29), ErrorCode::OutOfRange));
  CHECK(failed_with(format_date(std::chrono::year{10'000} / 1 / 1), ErrorCode::OutOfRange));

  CHECK(must(parse_time_of_day("08:30")) == 8h + 30min);
  CHECK(must(parse_time_of_day("23:59:59")) == 24h - 1s);
  CHECK(must(parse_time_of_day("24:00")) == 24h);
  CHECK(failed_at(parse_time_of_day("24:01"), 3));
  CHECK(failed_at(parse_time_of_day("8:30"), 1));
  CHECK(failed_at(parse_time_of_day("08:60"), 3));
  CHECK(failed_at(parse_time_of_day("08:30:60"), 6));
  CHECK(failed_at(parse_time_of_day("08:30 "), 5));
}
