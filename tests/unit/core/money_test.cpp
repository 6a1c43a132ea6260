// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/money.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::core;

namespace {

constexpr std::int64_t kMost = INT64_MAX;
constexpr std::int64_t kLeast = INT64_MIN;

Money cny(std::int64_t minor) {
  return {minor, kCny};
}

}  // namespace

TEST_CASE("a currency is found by its code and by its number", "[core]") {
  for (std::size_t row = 1; row < kCurrencyRows.size(); ++row) {
    const std::string alpha(kCurrencyRows[row].alpha.data(), 3);
    CAPTURE(alpha);
    const Currency by_code = must(find_currency(alpha));
    CHECK(by_code.alpha() == alpha);
    CHECK(must(find_currency(kCurrencyRows[row].numeric)) == by_code);
    CHECK(by_code.exponent() <= 4);
  }
  CHECK(kCny.numeric() == 156);
  CHECK(kJpy.exponent() == 0);
  CHECK(Currency::of("KWD").exponent() == 3);
  CHECK(Currency::of("CLF").exponent() == 4);
}

TEST_CASE("no two currencies share a code or a number", "[core]") {
  std::set<std::string> codes;
  std::set<int> numbers;
  for (const CurrencyRow& row : kCurrencyRows) {
    codes.emplace(row.alpha.data(), 3);
    numbers.insert(row.numeric);
  }
  CHECK(codes.size() == kCurrencyRows.size());
  CHECK(numbers.size() == kCurrencyRows.size());
}

TEST_CASE("a currency that this build does not know is not found", "[core]") {
  CHECK(failed_with(find_currency("ABC"), ErrorCode::NotFound));
  CHECK(failed_with(find_currency("cny"), ErrorCode::NotFound));
  CHECK(failed_with(find_currency("CNYX"), ErrorCode::NotFound));
  CHECK(failed_with(find_currency(""), ErrorCode::NotFound));
  CHECK(failed_with(find_currency("XXX"), ErrorCode::NotFound));
  CHECK(failed_with(find_currency(std::uint16_t{999}), ErrorCode::NotFound));
  CHECK(failed_with(find_currency(std::uint16_t{0}), ErrorCode::NotFound));
}

TEST_CASE("amounts of one currency add, subtract, negate and multiply", "[core]") {
  CHECK(must(checked_add(cny(1'230), cny(-30))) == cny(1'200));
  CHECK(must(checked_subtract(cny(100), cny(250))) == cny(-150));
  CHECK(must(checked_negate(cny(5))) == cny(-5));
  CHECK(must(checked_multiply(cny(350), 3)) == cny(1'050));
  CHECK(must(checked_multiply(cny(350), -3)) == cny(-1'050));
}

TEST_CASE("arithmetic between two currencies is refused", "[core]") {
  const Money yuan = cny(100);
  const Money dollars{100, kUsd};
  CHECK(failed_with(checked_add(yuan, dollars), ErrorCode::InvalidArgument));
  CHECK(failed_with(checked_subtract(yuan, dollars), ErrorCode::InvalidArgument));
  CHECK(failed_with(compare(yuan, dollars), ErrorCode::InvalidArgument));
  CHECK(yuan != dollars);
  CHECK(failed_with(checked_add(yuan, Money{}), ErrorCode::InvalidArgument));
}

TEST_CASE("an amount that does not fit is an error and never wraps", "[core]") {
  CHECK(must(checked_add(cny(kMost - 1), cny(1))) == cny(kMost));
  CHECK(failed_with(checked_add(cny(kMost), cny(1)), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_add(cny(kLeast), cny(-1)), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_subtract(cny(kLeast), cny(1)), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_negate(cny(kLeast)), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_multiply(cny(kMost), 2), ErrorCode::OutOfRange));
  CHECK(failed_with(checked_multiply(cny(kLeast), -1), ErrorCode::OutOfRange));
}

TEST_CASE("amounts of one currency have an order", "[core]") {
  CHECK(cny(1) < cny(2));
  CHECK(cny(-1) < cny(0));
  CHECK(must(compare(cny(3), cny(3))) == std::strong_ordering::equal);
}

TEST_CASE("a sum names the currency, also of nothing", "[core]") {
  struct Line {
    Money net;
  };
  const std::vector<Line> lines{{cny(100)}, {cny(250)}, {cny(-50)}};

  CHECK(must(checked_sum(lines, kCny, &Line::net)) == cny(300));
  CHECK(must(checked_sum(std::vector<Money>{}, kCny)) == cny(0));
  CHECK(failed_with(checked_sum(lines, kUsd, &Line::net), ErrorCode::InvalidArgument));
  CHECK(failed_with(checked_sum(std::vector{cny(kMost), cny(1)}, kCny), ErrorCode::OutOfRange));
}

TEST_CASE("an amount is written with exactly the currency's digits", "[core]") {
  CHECK(format_amount(cny(1'230)) == "12.30");
  CHECK(format_amount(cny(0)) == "0.00");
  CHECK(format_amount(cny(-5)) == "-0.05");
  CHECK(format_amount({1'200, kJpy}) == "1200");
  CHECK(format_amount({-1, Currency::of("KWD")}) == "-0.001");
  CHECK(format_amount({123'456, Currency::of("CLF")}) == "12.3456");
  CHECK(format_amount(cny(kMost)) == "92233720368547758.07");
  CHECK(format_amount(cny(kLeast)) == "-92233720368547758.08");
}

TEST_CASE("an amount reads back as it was written", "[core]") {
  std::mt19937_64 random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  std::vector<std::int64_t> amounts{0, 1, -1, 9, 10, 99, 100, -100, kMost, kLeast, kLeast + 1};
  for (int i = 0; i < 2'000; ++i)
    amounts.push_back(static_cast<std::int64_t>(random()) >> (random() % 64));
  for (const Currency currency : {kCny, kJpy, Currency::of("BHD"), Currency::of("CLF")}) {
    for (const std::int64_t minor : amounts) {
      const Money amount{minor, currency};
      const auto read = parse_amount(format_amount(amount), currency);
      if (!read || *read != amount) FAIL(format_amount(amount) << ' ' << currency.alpha());
    }
  }
}

TEST_CASE("an amount that is written in another way is refused where it goes wrong", "[core]") {
  struct Case {
    const char* text;
    std::size_t offset;
  };
  for (const auto& [text, offset] :
       {Case{"", 0}, Case{"-", 1}, Case{"12", 2}, Case{"12.", 3}, Case{"12.3", 4}, Case{"12.300", 5}, Case{".30", 0},
        Case{"012.30", 0}, Case{"00.30", 0}, Case{"-0.00", 0}, Case{"+1.00", 0}, Case{" 1.00", 0}, Case{"1.00 ", 4},
        Case{"1,00", 1}, Case{"1,000.00", 1}, Case{"1.0x", 3}, Case{"--1.00", 1}, Case{"1e2.00", 1}}) {
    CAPTURE(text);
    CHECK(failed_at(parse_amount(text, kCny), offset));
  }
  CHECK(failed_at(parse_amount("12.00", kJpy), 2));
}

TEST_CASE("an amount above 64 bits is out of range however long it is", "[core]") {
  CHECK(must(parse_amount("92233720368547758.07", kCny)) == cny(kMost));
  CHECK(must(parse_amount("-92233720368547758.08", kCny)) == cny(kLeast));
  CHECK(failed_with(parse_amount("92233720368547758.08", kCny), ErrorCode::OutOfRange));
  CHECK(failed_with(parse_amount("-92233720368547758.09", kCny), ErrorCode::OutOfRange));
  CHECK(failed_with(parse_amount("184467440737095516.16", kCny), ErrorCode::OutOfRange));
  CHECK(failed_with(parse_amount(std::string(400, '9') + ".00", kCny), ErrorCode::OutOfRange));
  CHECK(failed_with(parse_amount("18446744073709551617", kJpy), ErrorCode::OutOfRange));  // 2^64 + 1
  CHECK(failed_with(parse_amount("100000000000000000000000", kJpy), ErrorCode::OutOfRange));
}
