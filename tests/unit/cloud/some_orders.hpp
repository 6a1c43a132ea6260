// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "must.hpp"
#include "tillkit/cloud/gateway.hpp"

namespace tillkit::cloud {

using core::failed_with;
using core::must;

// Made before any test runs: a wrong one ends the program.
inline const Order kOrder{.number = OrderNumber::parse("T1A5").value(), .amount = {1'250, core::kCny}};
inline const Refund kRefund{
    .number = RefundNumber::parse("T1A6").value(), .order = kOrder.number, .amount = {250, core::kCny}};

inline Reply json_reply(std::string_view body, int status = 200) {
  return {.status = status, .content_type = "application/json", .retry_after = {}, .body = body};
}

inline Reply problem_reply(std::string_view body, int status) {
  return {.status = status, .content_type = "application/problem+json", .retry_after = {}, .body = body};
}

/// Whether the outcome is unknown, which neither 'no' nor 'nothing happened' is.
template <class T>
bool is_unknown(const core::Result<T>& result) {
  return failed_with(result, core::ErrorCode::Timeout);
}

}  // namespace tillkit::cloud
