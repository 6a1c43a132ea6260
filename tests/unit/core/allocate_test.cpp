// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/allocate.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "random.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::core;

namespace {

using Units = std::vector<std::int64_t>;

constexpr std::array kRules{AllocationRule::LargestRemainder, AllocationRule::FirstLines, AllocationRule::LastLine};

Units allocated(std::int64_t amount, const Units& weights, AllocationRule rule, const Units& caps = {}) {
  Units shares(weights.size());
  REQUIRE(allocate(amount, weights, shares, rule, caps).has_value());
  return shares;
}

/// What the definition says, line by line and unit by unit, in 64 bits: for small numbers only.
struct Oracle {
  Units shares;
  Units remainders;  // of the lines that are not full; -1 for the others
  bool fits = true;
};

/// A line is full if, at the level where it fills up (cap / weight), all lines together have not taken the amount yet.
bool is_full(std::size_t line, std::int64_t amount, const Units& weights, const Units& caps) {
  std::int64_t taken = 0;
  for (std::size_t other = 0; other < weights.size(); ++other) {
    taken += std::min(caps[other] * weights[line], caps[line] * weights[other]);
  }
  return taken < amount * weights[line];
}

void hand_out_one_by_one(Oracle& oracle, std::int64_t left, AllocationRule rule, const Units& caps) {
  std::vector<std::size_t> order;
  for (std::size_t line = 0; line < caps.size(); ++line) {
    if (oracle.remainders[line] >= 0) order.push_back(line);
  }
  if (rule == AllocationRule::LargestRemainder) {
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(-oracle.remainders[a], a) < std::pair(-oracle.remainders[b], b);
    });
  }
  if (rule == AllocationRule::LastLine) std::reverse(order.begin(), order.end());
  for (const std::size_t line : order) {
    do {
      if (left == 0 || oracle.shares[line] == caps[line]) break;
      ++oracle.shares[line];
      --left;
    } while (rule == AllocationRule::LastLine);
  }
  if (left != 0) FAIL("the oracle is wrong");
}

Oracle ask_oracle(std::int64_t amount, Units weights, Units caps, AllocationRule rule) {
  const std::size_t lines = weights.size();
  if (std::all_of(weights.begin(), weights.end(), [](auto weight) { return weight == 0; })) weights.assign(lines, 1);
  if (caps.empty()) caps.assign(lines, amount);
  Oracle oracle{Units(lines, 0), Units(lines, -1)};
  std::int64_t room = 0;
  for (std::size_t line = 0; line < lines; ++line)
    room += weights[line] > 0 ? caps[line] : 0;
  oracle.fits = room >= amount;
  if (!oracle.fits) return oracle;

  std::int64_t rest = amount;
  std::int64_t weight_sum = 0;
  for (std::size_t line = 0; line < lines; ++line) {
    if (weights[line] == 0) continue;
    if (is_full(line, amount, weights, caps)) {
      oracle.shares[line] = caps[line];
      rest -= caps[line];
    } else {
      oracle.remainders[line] = 0;
      weight_sum += weights[line];
    }
  }
  std::int64_t left = rest;
  for (std::size_t line = 0; line < lines; ++line) {
    if (oracle.remainders[line] < 0) continue;
    oracle.shares[line] = rest * weights[line] / weight_sum;
    oracle.remainders[line] = rest * weights[line] % weight_sum;
    left -= oracle.shares[line];
  }
  hand_out_one_by_one(oracle, left, rule, caps);
  return oracle;
}

struct Case {
  std::int64_t amount = 0;
  Units weights;
  Units caps;
  AllocationRule rule = AllocationRule::LargestRemainder;
};

std::string describe(const Case& made) {
  std::string text = std::string(to_string(made.rule)) + " of " + std::to_string(made.amount) + " over";
  for (const std::int64_t weight : made.weights)
    text += ' ' + std::to_string(weight);
  if (!made.caps.empty()) text += " caps";
  for (const std::int64_t cap : made.caps)
    text += ' ' + std::to_string(cap);
  return text;
}

/// Baskets as they come, and the odd ones: zero weights, equal weights, tight caps.
Case make_case(Random& random) {
  Case made;
  made.rule = pick(random, kRules);
  const std::size_t lines = 1 + below(random, std::size_t{10});
  const std::int64_t weight_bound = pick(random, std::array{2, 4, 100, 20'000});
  for (std::size_t line = 0; line < lines; ++line)
    made.weights.push_back(below(random, weight_bound));
  made.amount = below(random, std::int64_t{pick(random, std::array{3, 30, 1'000, 1'000'000})});
  if (below(random, 2) == 0) {
    const std::int64_t cap_bound = 2 + 2 * made.amount / (1 + below(random, static_cast<std::int64_t>(lines)));
    for (std::size_t line = 0; line < lines; ++line)
      made.caps.push_back(below(random, cap_bound));
  }
  return made;
}

/// Names the first property that does not hold, or nothing. No Catch2 inside: it would be most of the time.
const char* check_properties(const Case& made, const Units& shares) {
  std::int64_t sum = 0;
  std::int64_t weight_sum = 0;
  for (std::size_t line = 0; line < shares.size(); ++line) {
    sum += shares[line];
    weight_sum += made.weights[line];
    if (shares[line] < 0) return "a share points the other way";
    if (!made.caps.empty() && shares[line] > made.caps[line]) return "a share is above its cap";
  }
  if (sum != made.amount) return "the shares do not add up";
  if (weight_sum == 0) return nullptr;
  for (std::size_t line = 0; line < shares.size(); ++line) {
    if (made.weights[line] == 0 && shares[line] != 0) return "a line without weight has a share";
    const std::int64_t away = shares[line] * weight_sum - made.amount * made.weights[line];
    const bool proportional = made.caps.empty() && made.rule != AllocationRule::LastLine;
    // A line of the first ones may get a unit although nothing was cut from it.
    const std::int64_t most = made.rule == AllocationRule::FirstLines ? weight_sum : weight_sum - 1;
    if (proportional && (away > most || away <= -weight_sum)) return "a share is a unit or more off";
  }
  return nullptr;
}

/// Shuffles the lines: only units that a tie decides may move.
const char* check_shuffled(const Case& made, const Units& shares, const Units& remainders, Random& random) {
  if (made.rule != AllocationRule::LargestRemainder) return nullptr;
  std::vector<std::size_t> order(shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  Units weights;
  Units caps;
  for (const std::size_t line : order) {
    weights.push_back(made.weights[line]);
    if (!made.caps.empty()) caps.push_back(made.caps[line]);
  }
  Units shuffled(shares.size());
  if (!allocate(made.amount, weights, shuffled, made.rule, caps)) return "the shuffled lines do not fit";

  std::int64_t tied_remainder = -1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t line = order[i];
    const std::int64_t moved = shuffled[i] - shares[line];
    if (moved == 0) continue;
    if (moved > 1 || moved < -1) return "more than one unit moved";
    if (tied_remainder == -1) tied_remainder = remainders[line];
    if (remainders[line] != tied_remainder) return "a unit moved without a tie";
  }
  return nullptr;
}

}  // namespace

TEST_CASE("what does not divide goes to the lines that lost most", "[core]") {
  CHECK(allocated(100, {1, 1, 1}, AllocationRule::LargestRemainder) == Units{34, 33, 33});
  CHECK(allocated(100, {200, 300, 100}, AllocationRule::LargestRemainder) == Units{33, 50, 17});
  CHECK(allocated(1, {1, 2}, AllocationRule::LargestRemainder) == Units{0, 1});
}

TEST_CASE("what does not divide goes to the first lines where the rule says so", "[core]") {
  CHECK(allocated(101, {1, 1, 1}, AllocationRule::FirstLines) == Units{34, 34, 33});
  CHECK(allocated(1, {1, 2}, AllocationRule::FirstLines) == Units{1, 0});
  CHECK(allocated(1, {0, 1, 2}, AllocationRule::FirstLines) == Units{0, 1, 0});
}

TEST_CASE("what does not divide goes to the last line where the rule says so", "[core]") {
  CHECK(allocated(101, {1, 1, 1}, AllocationRule::LastLine) == Units{33, 33, 35});
  CHECK(allocated(101, {1, 1, 1, 0}, AllocationRule::LastLine) == Units{33, 33, 35, 0});
}

TEST_CASE("a line at its floor passes on what it cannot take", "[core]") {
  // Prices 10.00, 2.00, 8.00; the second may not fall below 1.95.
  CHECK(allocated(400, {1'000, 200, 800}, AllocationRule::LargestRemainder, {1'000, 5, 800}) == Units{219, 5, 176});
  CHECK(allocated(35, {1, 1, 1}, AllocationRule::LargestRemainder, {10, 100, 20}) == Units{10, 13, 12});
  CHECK(allocated(40, {1, 1, 1}, AllocationRule::LargestRemainder, {10, 10, 20}) == Units{10, 10, 20});
  CHECK(allocated(101, {1, 1, 1}, AllocationRule::LastLine, {50, 50, 34}) == Units{33, 34, 34});
  CHECK(allocated(101, {1, 1, 1}, AllocationRule::FirstLines, {33, 50, 50}) == Units{33, 34, 34});
}

TEST_CASE("an amount that the floors leave no room for is exhausted and changes nothing", "[core]") {
  Units shares{7, 7, 7};

  CHECK(failed_with(allocate(41, Units{1, 1, 1}, shares, AllocationRule::LargestRemainder, Units{10, 10, 20}),
                    ErrorCode::Exhausted));
  CHECK(failed_with(allocate(-41, Units{1, 1, 1}, shares, AllocationRule::LargestRemainder, Units{10, 10, 20}),
                    ErrorCode::Exhausted));
  CHECK(failed_with(allocate(1, Units{0, 1, 1}, shares, AllocationRule::LargestRemainder, Units{10, 0, 0}),
                    ErrorCode::Exhausted));
  CHECK(shares == Units{7, 7, 7});
}

TEST_CASE("lines without any weight share alike", "[core]") {
  CHECK(allocated(5, {0, 0}, AllocationRule::LargestRemainder) == Units{3, 2});
  CHECK(allocated(5, {0, 0}, AllocationRule::LargestRemainder, {1, 4}) == Units{1, 4});
}

TEST_CASE("nothing is shared over any lines, and something over none is exhausted", "[core]") {
  CHECK(allocated(0, {3, 0}, AllocationRule::LastLine) == Units{0, 0});
  CHECK(allocated(0, {3, 1}, AllocationRule::LastLine, {0, 0}) == Units{0, 0});
  CHECK(allocated(0, {}, AllocationRule::LargestRemainder).empty());
  Units none;
  CHECK(failed_with(allocate(1, Units{}, none), ErrorCode::Exhausted));
}

TEST_CASE("allocation refuses what it cannot mean", "[core]") {
  Units shares(2);
  CHECK(failed_with(allocate(1, Units{1}, shares), ErrorCode::InvalidArgument));
  CHECK(failed_with(allocate(1, Units{1, -1}, shares), ErrorCode::InvalidArgument));
  CHECK(failed_with(allocate(1, Units{1, kAllocationWeightMax + 1}, shares), ErrorCode::InvalidArgument));
  CHECK(failed_with(allocate(1, Units{1, 1}, shares, AllocationRule::LastLine, Units{1}), ErrorCode::InvalidArgument));
  CHECK(failed_with(allocate(1, Units{1, 1}, shares, AllocationRule::LastLine, Units{1, -1}),
                    ErrorCode::InvalidArgument));
}

TEST_CASE("as many lines as the limit says can be shared over, and not one more", "[core]") {
  Units weights(kAllocationLinesMax, kAllocationWeightMax);
  const Units shares = allocated(INT64_MAX, weights, AllocationRule::LargestRemainder);
  CHECK(std::accumulate(shares.begin(), shares.end(), std::int64_t{0}) == INT64_MAX);
  CHECK(shares.front() - shares.back() == 1);

  weights.push_back(1);
  Units too_many(weights.size());
  CHECK(failed_with(allocate(1, weights, too_many), ErrorCode::Exhausted));
  std::vector<Money> too_many_amounts(weights.size());
  CHECK(failed_with(allocate(Money{1, kCny}, weights, too_many_amounts), ErrorCode::Exhausted));
}

TEST_CASE("caps that fill one after the other still end", "[core]") {
  // Each round fills exactly the next line: the most rounds that there can be.
  Units weights(kAllocationLinesMax);
  Units caps(kAllocationLinesMax);
  std::int64_t room = 0;
  for (std::size_t line = 0; line < caps.size(); ++line) {
    weights[line] = 1;
    caps[line] = static_cast<std::int64_t>((line + 1) * (line + 1));
    room += caps[line];
  }
  CHECK(allocated(room, weights, AllocationRule::LargestRemainder, caps) == caps);
  const Units shares = allocated(room - 1, weights, AllocationRule::LargestRemainder, caps);
  CHECK(shares.back() == caps.back() - 1);
}

TEST_CASE("the largest amounts are shared without a loss", "[core]") {
  CHECK(allocated(INT64_MIN, {1}, AllocationRule::LargestRemainder) == Units{INT64_MIN});
  const Units halves = allocated(INT64_MIN, {kAllocationWeightMax, kAllocationWeightMax}, AllocationRule::LastLine);
  CHECK(halves == Units{INT64_MIN / 2, INT64_MIN / 2});
  CHECK(allocated(INT64_MAX, {1, 1}, AllocationRule::LargestRemainder, {INT64_MAX, INT64_MAX}) ==
        Units{(std::int64_t{1} << 62), (std::int64_t{1} << 62) - 1});
  // 2^63 - 1 over 1 and 2^31 - 1: a 94-bit product. 2^63 - 1 = 2^32 * 2^31 - 1.
  CHECK(allocated(INT64_MAX, {1, kAllocationWeightMax}, AllocationRule::LargestRemainder) ==
        Units{std::int64_t{1} << 32, INT64_MAX - (std::int64_t{1} << 32)});
}

TEST_CASE("money is shared in its own currency", "[core]") {
  std::array<Money, 3> shares{};

  REQUIRE(allocate(Money{-100, kCny}, Units{1, 1, 1}, shares).has_value());

  CHECK(shares == std::array{Money{-34, kCny}, Money{-33, kCny}, Money{-33, kCny}});
  CHECK(must(checked_sum(shares, kCny)) == Money{-100, kCny});
}

TEST_CASE("a hundred thousand baskets are shared as the slow definition says", "[core]") {
  Random random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  Units shares;
  Units mirrored;
  int fitted = 0;
  for (int i = 0; i < 120'000; ++i) {
    const Case made = make_case(random);
    shares.assign(made.weights.size(), 0);
    mirrored.assign(made.weights.size(), 0);

    const auto outcome = allocate(made.amount, made.weights, shares, made.rule, made.caps);
    const auto refund = allocate(-made.amount, made.weights, mirrored, made.rule, made.caps);

    const Oracle oracle = ask_oracle(made.amount, made.weights, made.caps, made.rule);
    if (outcome.has_value() != oracle.fits || refund.has_value() != oracle.fits) FAIL("fits: " << describe(made));
    if (!oracle.fits) {
      if (outcome.error().code != ErrorCode::Exhausted) FAIL("code: " << describe(made));
      continue;
    }
    ++fitted;
    const char* wrong = check_properties(made, shares);
    if (wrong == nullptr) wrong = check_shuffled(made, shares, oracle.remainders, random);
    if (wrong == nullptr && shares != oracle.shares) wrong = "not what the definition says";
    for (std::int64_t& share : mirrored)
      share = -share;
    if (wrong == nullptr && mirrored != shares) wrong = "the refund is no mirror";
    if (wrong != nullptr) FAIL(wrong << ": " << describe(made));
  }
  CHECK(fitted > 100'000);
}

TEST_CASE("random amounts of any size add up and stay under their caps", "[core]") {
  Random random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  for (int i = 0; i < 5'000; ++i) {
    Case made;
    made.rule = pick(random, kRules);
    made.amount = static_cast<std::int64_t>(random() >> (1 + below(random, 63)));
    const std::size_t lines = 1 + below(random, std::size_t{20});
    for (std::size_t line = 0; line < lines; ++line) {
      made.weights.push_back(static_cast<std::int64_t>(random() >> (33 + below(random, 31))));
      made.caps.push_back(static_cast<std::int64_t>(random() >> (1 + below(random, 20))));
    }
    Units shares(lines);
    if (!allocate(made.amount, made.weights, shares, made.rule, made.caps)) continue;
    std::int64_t left = made.amount;
    for (std::size_t line = 0; line < lines; ++line) {
      if (shares[line] < 0 || shares[line] > made.caps[line]) FAIL("cap: " << describe(made));
      left -= shares[line];
    }
    if (left != 0) FAIL("sum: " << describe(made));
  }
}
