// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/ids.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

/// What a terminal may give away without asking.
namespace tillkit::cloud {

inline constexpr std::string_view kLeasePath = "/v1/leases";

/// What is leased. Stored in records; never renumber.
enum class LeaseUnit : std::uint8_t { Points = 1, Value = 2, Budget = 3, Risk = 4 };
/// `points`, `value`, `budget`, `risk`
[[nodiscard]] std::string_view to_string(LeaseUnit unit);

/// Whose it is: a member, an offer; empty for `Risk`.
using LeaseOwner = core::TextId<struct LeaseOwnerTag, 64>;

struct LeaseRequest {
  core::OrderNumber request{};  ///< the key: the same request again gets the same answer
  LeaseUnit unit = LeaseUnit::Points;
  LeaseOwner of{};
  std::int64_t amount = 0;
};

/// - InvalidArgument: no key. - OutOfRange: an amount that is not from 1 to `kAmountMinorMax`.
[[nodiscard]] core::Result<std::string> lease_body(const LeaseRequest& request);

struct LeaseLot {
  LotId lot{};
  std::int64_t amount = 0;
  std::optional<core::WallTime> expires_at{};  ///< not included; none: never
};

struct Lease {
  LeaseId id{};
  LeaseUnit unit = LeaseUnit::Points;
  LeaseOwner of{};
  std::int64_t amount = 0;
  core::WallTime until{};
  std::vector<LeaseLot> lots{};      ///< of points and value: they add up to the amount; else none
  std::optional<Sha256> draw_key{};  ///< of a budget for random discounts
};

struct LeaseAnswer {
  std::optional<Lease> granted{};  ///< none: refused
};

/// A reply other than 200 fails as `error_of` says; a 200 that is not understood, that grants something else than was
/// asked for, more of it, or lots that do not add up, is a Timeout: ask again with the same key.
[[nodiscard]] core::Result<LeaseAnswer> read_lease(const Reply& reply, const LeaseRequest& asked);

}  // namespace tillkit::cloud
