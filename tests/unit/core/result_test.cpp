// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/result.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

using tillkit::core::ErrorCode;
using tillkit::core::fail;
using tillkit::core::Result;

namespace {

Result<std::string> half_of(int number) {
  if (number % 2 != 0) return fail(ErrorCode::InvalidArgument);
  return std::to_string(number / 2);
}

Result<std::string> quarter_of(int number) {
  TILLKIT_TRY(const std::string half, half_of(number));
  return half_of(std::stoi(half));
}

}  // namespace

TEST_CASE("results are equal in value or in error", "[core]") {
  CHECK(half_of(4) == Result<std::string>("2"));
  CHECK_FALSE(half_of(4) == half_of(6));
  CHECK_FALSE(half_of(4) == half_of(5));
  CHECK(half_of(3) == half_of(5));
  CHECK_FALSE(half_of(3) == Result<std::string>(fail(ErrorCode::OutOfRange)));
}

TEST_CASE("a failure on the way is the failure of the whole", "[core]") {
  CHECK(quarter_of(8) == Result<std::string>("2"));
  CHECK(quarter_of(6) == Result<std::string>(fail(ErrorCode::InvalidArgument)));
}
