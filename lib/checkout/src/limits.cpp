// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/limits.hpp"

#include <array>

namespace tillkit::checkout {
namespace {

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"checkout.code_held_max_s",  kCodeHeldMax.count(),                         "s"},
    core::NamedLimit{"checkout.grants_max",       static_cast<std::int64_t>(kGrantsMax),        "grants"},
    core::NamedLimit{"checkout.gift_count_max",   kGiftCountMax,                                "times"},
    core::NamedLimit{"checkout.lease_retry_s",    kLeaseRetryPause.count(),                     "s"},
    core::NamedLimit{"checkout.lease_wait_max_s", kLeaseWaitMax.count(),                        "s"},
    core::NamedLimit{"checkout.leases_returned_max", static_cast<std::int64_t>(kLeasesReturnedMax), "leases"},
    core::NamedLimit{"checkout.proof_part_bytes", static_cast<std::int64_t>(kProofPartBytes),   "bytes"},
    core::NamedLimit{"checkout.proof_parts_max",  static_cast<std::int64_t>(kProofPartsMax),    "records"},
    core::NamedLimit{"checkout.returns_max",      static_cast<std::int64_t>(kReturnsMax),       "sales"},
    core::NamedLimit{"checkout.sale_lines_max",   static_cast<std::int64_t>(kSaleLinesMax),     "lines"},
    core::NamedLimit{"checkout.shopper_idle_max_s", kShopperIdleMax.count(),                    "s"},
    core::NamedLimit{"checkout.suspended_max",    static_cast<std::int64_t>(kSuspendedMax),     "sales"},
    core::NamedLimit{"checkout.tenders_max",      static_cast<std::int64_t>(kTendersMax),       "tenders"},
    core::NamedLimit{"checkout.tokens_max",       static_cast<std::int64_t>(kTokensMax),        "tokens"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> checkout_limits() {
  return kLimits;
}

}  // namespace tillkit::checkout
