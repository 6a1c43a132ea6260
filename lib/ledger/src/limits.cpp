// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/limits.hpp"

#include <array>

#include "tillkit/ledger/lease.hpp"

namespace tillkit::ledger {
namespace {

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"ledger.amount_max",                kLeaseAmountMax,                                    "points or minor units"},
    core::NamedLimit{"ledger.holds_per_sale_max",        static_cast<std::int64_t>(kHoldsPerSaleMax),        "holds"},
    core::NamedLimit{"ledger.leases_max",                static_cast<std::int64_t>(kLeasesMax),              "leases"},
    core::NamedLimit{"ledger.lots_per_lease_max",        static_cast<std::int64_t>(kLotsPerLeaseMax),        "lots"},
    core::NamedLimit{"ledger.requests_open_max",         static_cast<std::int64_t>(kRequestsOpenMax),        "requests"},
    core::NamedLimit{"ledger.reservations_per_sale_max", static_cast<std::int64_t>(kReservationsPerSaleMax), "reservations"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> ledger_limits() {
  return kLimits;
}

}  // namespace tillkit::ledger
