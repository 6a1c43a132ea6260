// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// The value of a call that must succeed for the test to go on.
template <class T>
T must(Result<T> result) {
  REQUIRE(result.has_value());
  return *std::move(result);
}

template <class T>
bool failed_with(const Result<T>& result, ErrorCode code) {
  return !result.has_value() && result.error().code == code;
}

/// Whether the input was refused, at this byte.
template <class T>
bool failed_at(const Result<T>& result, std::size_t offset, ErrorCode code = ErrorCode::InvalidArgument) {
  return !result.has_value() && result.error() == fail_at(offset, code).error();
}

}  // namespace tillkit::core
