// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/cash.hpp"

#include <cstdlib>
#include <limits>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::kCny;
using core::Money;
using core::must;
using core::Rounding;

Money cny(std::int64_t minor) {
  return {minor, kCny};
}

TEST_CASE("cash is rounded to the smallest coin by the rule's name", "[payment]") {
  const CashRule yuan = default_cash_rule(kCny);
  CHECK(must(cash_price(cny(1'239), yuan)) == cny(1'230));
  CHECK(must(cash_price(cny(9), yuan)) == cny(0));
  const CashRule up{.currency = kCny, .coin_minor = 10, .rounding = Rounding::HalfUp};
  CHECK(must(cash_price(cny(1'235), up)) == cny(1'240));
  CHECK(must(cash_price(cny(1'234), up)) == cny(1'230));
  const auto chf = core::Currency::of("CHF");
  CHECK(must(cash_price({1'002, chf}, default_cash_rule(chf))) == Money{1'000, chf});
  CHECK(must(cash_price({1'003, chf}, default_cash_rule(chf))) == Money{1'005, chf});
  const auto jpy = core::Currency::of("JPY");
  CHECK(must(cash_price({1'003, jpy}, default_cash_rule(jpy))) == Money{1'003, jpy});
}

TEST_CASE("cash that is enough settles the rest, with change and what rounding did", "[payment]") {
  const auto settled = must(settle_cash(cny(1'239), cny(2'000), default_cash_rule(kCny)));

  CHECK(settled.taken == cny(1'230));
  CHECK(settled.rounding == cny(9));
  CHECK(settled.change == cny(770));
  CHECK(settled.missing == cny(0));
  const CashRule up{.currency = kCny, .coin_minor = 10, .rounding = Rounding::HalfUp};
  CHECK(must(settle_cash(cny(1'235), cny(1'240), up)).rounding == cny(-5));
}

TEST_CASE("cash that is not enough is taken whole and not rounded", "[payment]") {
  const auto part = must(settle_cash(cny(1'239), cny(1'220), default_cash_rule(kCny)));

  CHECK(part.taken == cny(1'220));
  CHECK(part.rounding == cny(0));
  CHECK(part.change == cny(0));
  CHECK(part.missing == cny(19));
  CHECK(must(settle_cash(cny(1'239), cny(1'230), default_cash_rule(kCny))).missing == cny(0));
}

TEST_CASE("cash adds up to the last unit, whatever the rule", "[payment]") {
  for (const auto rounding :
       {Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor, Rounding::Ceil, Rounding::TowardZero}) {
    for (const std::int64_t coin : {1, 5, 10, 50}) {
      for (std::int64_t due = 1; due < 260; ++due) {
        for (const std::int64_t coins : {1, 2, 7, 60}) {
          CAPTURE(static_cast<int>(rounding), coin, due, coins);
          const auto settled = must(settle_cash(cny(due), cny(coins * coin), {kCny, coin, rounding}));
          CHECK(settled.taken.minor + settled.change.minor == coins * coin);
          CHECK(settled.taken.minor + settled.rounding.minor + settled.missing.minor == due);
          CHECK(settled.change.minor % coin == 0);
          CHECK(settled.change.minor >= 0);
          CHECK(settled.missing.minor >= 0);
          CHECK(std::abs(settled.rounding.minor) < coin);
        }
      }
    }
  }
}

TEST_CASE("what nobody can pay in cash is refused", "[payment]") {
  const CashRule rule = default_cash_rule(kCny);
  CHECK(failed_with(settle_cash(cny(100), cny(105), rule), ErrorCode::InvalidArgument));
  CHECK(failed_with(settle_cash(cny(100), cny(0), rule), ErrorCode::InvalidArgument));
  CHECK(failed_with(settle_cash(cny(100), cny(-10), rule), ErrorCode::InvalidArgument));
  CHECK(failed_with(settle_cash(cny(100), {100, core::Currency::of("USD")}, rule), ErrorCode::InvalidArgument));
  CHECK(failed_with(settle_cash({100, core::Currency::of("USD")}, cny(100), rule), ErrorCode::InvalidArgument));
  CHECK(failed_with(cash_price(cny(-1), rule), ErrorCode::OutOfRange));
  CHECK(failed_with(cash_price(cny(1), {kCny, 0, Rounding::Floor}), ErrorCode::InvalidArgument));
  CHECK(failed_with(cash_price(cny(1), {kCny, kCoinMinorMax + 1, Rounding::Floor}), ErrorCode::InvalidArgument));
  const Money most = cny(std::numeric_limits<std::int64_t>::max());
  CHECK(failed_with(cash_price(most, {kCny, 10, Rounding::Ceil}), ErrorCode::OutOfRange));
}

}  // namespace
}  // namespace tillkit::payment
