// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::contract {
namespace {

struct VirtualSource : hal_virtual::VirtualBoard {
  VirtualSource() : VirtualBoard({.seed = test::seed(), .clock = {}, .http = {}}) {}
};
struct LinuxSource {
  hal_linux::Random random;
};

using Sources = std::tuple<VirtualSource, LinuxSource>;

TEMPLATE_LIST_TEST_CASE("each byte of a span is filled, and nothing beside it", "[contract][random]", Sources) {
  TestType subject;

  for (std::size_t size = 0; size <= 40; ++size) {
    CAPTURE(size);
    // A byte that stays zero in 16 fills was not filled: chance makes that once in 10^36 runs.
    core::Bytes seen(size + 2);
    for (int fill = 0; fill < 16; ++fill) {
      core::Bytes bytes(size + 2);
      REQUIRE(subject.random.fill(std::span(bytes).subspan(1, size)));
      std::ranges::transform(bytes, seen, seen.begin(), std::bit_or<>{});
    }
    CHECK(seen.front() == std::byte{});
    CHECK(seen.back() == std::byte{});
    CHECK(std::ranges::count(seen, std::byte{}) == 2);
  }
}

TEMPLATE_LIST_TEST_CASE("no two fills are alike", "[contract][random]", Sources) {
  TestType subject;
  std::set<core::Bytes> seen;

  for (int i = 0; i < 1'000; ++i) {
    core::Bytes bytes(16);
    REQUIRE(subject.random.fill(bytes));
    CHECK(seen.insert(bytes).second);
  }
}

TEMPLATE_LIST_TEST_CASE("each value comes about equally often in a large fill", "[contract][random]", Sources) {
  TestType subject;
  core::Bytes bytes(1'024 * 1'024);
  std::array<int, 256> times{};

  REQUIRE(subject.random.fill(bytes));
  for (const auto byte : bytes)
    ++times[std::to_integer<std::size_t>(byte)];

  // Each is 4096 on average with a deviation of 64: 8 deviations are chance once in 10^13 runs.
  CHECK(*std::ranges::min_element(times) > 4'096 - 512);
  CHECK(*std::ranges::max_element(times) < 4'096 + 512);
}

TEST_CASE("a virtual source repeats by its seed, and a failed fill leaves zeros", "[contract][random]") {
  hal_virtual::VirtualRandom one(5);
  hal_virtual::VirtualRandom same(5);
  hal_virtual::VirtualRandom other(6);
  core::Bytes a(33);
  core::Bytes b(33);
  core::Bytes c(33);

  REQUIRE(one.fill(a));
  REQUIRE(same.fill(b));
  REQUIRE(other.fill(c));
  CHECK(a == b);
  CHECK(a != c);

  one.faults().fail_call(1, {core::ErrorCode::Unavailable});
  CHECK(code_of(one.fill(a)) == core::ErrorCode::Unavailable);
  CHECK(a == core::Bytes(33));
}

}  // namespace
}  // namespace tillkit::contract
