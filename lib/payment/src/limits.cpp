// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/limits.hpp"

#include <array>

#include "policy_fields.hpp"
#include "tillkit/payment/cash.hpp"

namespace tillkit::payment {
namespace {

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"payment.coin_minor_max",  kCoinMinorMax,                             "minor units"},
    core::NamedLimit{"payment.refunds_ceiling", kRefundsMaxCeiling,                        "refunds"},
    core::NamedLimit{"payment.refunds_open_max", static_cast<std::int64_t>(kRefundsOpenMax), "refunds"},
    core::NamedLimit{"payment.unresolved_max",  static_cast<std::int64_t>(kUnresolvedMax), "attempts"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> payment_limits() {
  return kLimits;
}

}  // namespace tillkit::payment
