// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/ledger/lease.hpp"
#include "tillkit/ledger/tables.hpp"

// What the steps ask the tables, beyond what everybody may.
namespace tillkit::ledger {

/// Whether the lease is here, or was, or is so old that nobody here could know any more.
[[nodiscard]] core::Result<bool> was_placed(const journal::Tables& tables, const LeaseId& lease, core::WallTime until);

[[nodiscard]] core::Result<std::int64_t> leases_held(const journal::Tables& tables);

[[nodiscard]] core::Result<std::optional<LeaseRequest>> find_request(const journal::Tables& tables,
                                                                     const RequestKey& request);

/// What is left of one lot of a lease, or of a lease without lots.
struct PartLeft {
  Unit unit = Unit::Points;
  Owner of{};
  std::int64_t left = 0;
};
[[nodiscard]] core::Result<std::optional<PartLeft>> find_part(const journal::Tables& tables, const LeaseId& lease,
                                                              const LotId& lot);

/// What may be spent at a time, in the order in which it should be.
[[nodiscard]] core::Result<std::vector<Hold>> spendable(const journal::Tables& tables, Unit unit, const Owner& of,
                                                        core::WallTime now);

}  // namespace tillkit::ledger
