// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/points.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "random.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::ledger {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::must;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

struct Keys {
  Keys() : store(world, 1), random(1) { crypto = must(security::Crypto::start(store, random)); }
  [[nodiscard]] security::MacKey key(std::byte first, int step) const {
    std::array<std::byte, security::kSha256Bytes> bytes{};
    int value = std::to_integer<int>(first);
    for (std::byte& byte : bytes) {
      byte = static_cast<std::byte>(value);
      value += step;
    }
    return must(crypto->import_mac_key(bytes));
  }
  hal_virtual::World world;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  std::unique_ptr<security::Crypto> crypto;
};

TEST_CASE("paying with points never gives a fraction away", "[ledger]") {
  const PointsRate rate{.points = 3, .minor = 2};

  CHECK(must(points_for(0, rate)) == 0);
  CHECK(must(points_for(1, rate)) == 2);  // 1.5 points
  CHECK(must(points_for(2, rate)) == 3);
  CHECK(must(points_for(3, rate)) == 5);  // 4.5
  CHECK(must(worth_of(0, rate)) == 0);
  CHECK(must(worth_of(1, rate)) == 0);  // two thirds of a fen
  CHECK(must(worth_of(2, rate)) == 1);
  CHECK(must(worth_of(5, rate)) == 3);
  CHECK(must(points_for(kMost, {.points = 1, .minor = 1})) == kMost);
  CHECK(must(points_for(kMost, {.points = kMost, .minor = kMost})) == kMost);
  CHECK(must(points_for(1, {.points = 1, .minor = kMost})) == 1);
  CHECK(must(worth_of(kMost, {.points = kMost, .minor = 1})) == 1);
}

TEST_CASE("what points pay costs no more than those points, and no fewer would do", "[ledger]") {
  core::Random random(test::seed());
  CAPTURE(test::seed());
  for (int i = 0; i < 20'000; ++i) {
    const PointsRate rate{.points = 1 + core::below(random, std::int64_t{1'000}),
                          .minor = 1 + core::below(random, std::int64_t{1'000})};
    const auto points = core::below(random, std::int64_t{1'000'000'000});
    CAPTURE(rate.points, rate.minor, points);
    const std::int64_t worth = must(worth_of(points, rate));
    const std::int64_t cost = must(points_for(worth, rate));
    REQUIRE(cost <= points);
    REQUIRE(must(points_for(worth + 1, rate)) > points);
    if (cost > 0) REQUIRE(must(worth_of(cost - 1, rate)) < worth);
  }
}

TEST_CASE("numbers that no rate has are refused", "[ledger]") {
  for (const PointsRate rate : {PointsRate{0, 1}, PointsRate{1, 0}, PointsRate{-1, 1}, PointsRate{1, -1}}) {
    CHECK(failed_with(points_for(1, rate), ErrorCode::OutOfRange));
    CHECK(failed_with(worth_of(1, rate), ErrorCode::OutOfRange));
  }
  CHECK(failed_with(points_for(-1, {}), ErrorCode::OutOfRange));
  CHECK(failed_with(worth_of(-1, {}), ErrorCode::OutOfRange));
  CHECK(failed_with(points_for(kMost, {.points = 2, .minor = 1}), ErrorCode::OutOfRange));
  CHECK(failed_with(worth_of(kMost, {.points = 1, .minor = 2}), ErrorCode::OutOfRange));
}

TEST_CASE("points earn no points", "[ledger]") {
  CHECK(must(earned_of(100, 1'000, 0)) == 100);
  CHECK(must(earned_of(100, 1'000, 1'000)) == 0);
  CHECK(must(earned_of(100, 1'000, 995)) == 0);  // half a point
  CHECK(must(earned_of(100, 1'000, 1)) == 99);
  CHECK(must(earned_of(0, 1'000, 0)) == 0);
  CHECK(must(earned_of(50, 0, 0)) == 0);
  CHECK(must(earned_of(kMost, kMost, 1)) == kMost - 1);
  CHECK(failed_with(earned_of(-1, 10, 0), ErrorCode::OutOfRange));
  CHECK(failed_with(earned_of(1, 10, 11), ErrorCode::OutOfRange));
  CHECK(failed_with(earned_of(1, 10, -1), ErrorCode::OutOfRange));
  CHECK(failed_with(earned_of(1, -10, 0), ErrorCode::OutOfRange));
}

// The numbers are Python's:
//   d = hmac.new(key, b"tillkit/draw/v1" + struct.pack(">Q", n), hashlib.sha256).digest()
//   min + (int.from_bytes(d[:8], "big") * (max - min + 1) >> 64)
TEST_CASE("whoever has the key can check each draw", "[ledger]") {
  const Keys keys;
  const security::MacKey counting = keys.key(std::byte{0}, 1);  // bytes(range(32))
  const security::MacKey all_ones = keys.key(std::byte{0xFF}, 0);

  constexpr std::array<std::int64_t, 8> kDrawn{183, 745, 149, 263, 649, 320, 685, 609};
  for (std::size_t n = 0; n < kDrawn.size(); ++n)
    CHECK(must(draw(counting, n, 100, 800)) == kDrawn[n]);
  constexpr std::array<std::int64_t, 16> kCoins{1, 2, 1, 1, 2, 1, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1};
  for (std::size_t n = 0; n < kCoins.size(); ++n)
    CHECK(must(draw(counting, n, 1, 2)) == kCoins[n]);
  CHECK(must(draw(counting, 0, 1, kMost)) == 1'102'685'041'632'174'382);
  CHECK(must(draw(counting, std::uint64_t{1} << 63, 1, kMost)) == 4'168'989'938'903'401'845);
  CHECK(must(draw(all_ones, 0, 1, kMost)) == 205'031'480'065'407'760);
  CHECK(must(draw(all_ones, 1, 1, kMost)) == 8'812'770'162'720'853'176);
  CHECK(must(draw(all_ones, ~std::uint64_t{0}, 1, kMost)) == 1'103'627'892'702'129'918);
  CHECK(must(draw(counting, 0, 7, 7)) == 7);
  CHECK(must(draw(counting, 0, kMost - 2, kMost)) == kMost - 2);
  CHECK(must(draw(counting, 1, kMost - 2, kMost)) == kMost);
  CHECK(failed_with(draw(counting, 0, 0, 5), ErrorCode::OutOfRange));
  CHECK(failed_with(draw(counting, 0, 6, 5), ErrorCode::OutOfRange));
}

TEST_CASE("every amount of a random discount is drawn about as often", "[ledger]") {
  const Keys keys;
  const security::MacKey key = keys.key(std::byte{5}, 3);
  constexpr std::int64_t kMin = 3;
  constexpr std::int64_t kMax = 12;
  constexpr int kDraws = 20'000;

  std::map<std::int64_t, int> times;
  for (int n = 0; n < kDraws; ++n)
    ++times[must(draw(key, static_cast<std::uint64_t>(n), kMin, kMax))];

  CHECK(times.begin()->first == kMin);
  CHECK(times.rbegin()->first == kMax);
  // 2,000 each; five standard deviations are 212.
  for (const auto& [amount, count] : times) {
    CAPTURE(amount);
    CHECK(count > 1'788);
    CHECK(count < 2'212);
  }
}

}  // namespace
}  // namespace tillkit::ledger
