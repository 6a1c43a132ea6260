// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tillkit/core/id.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/security/digest.hpp"

/// What a terminal may give away without asking. The cloud sets it apart beforehand, so it is never given twice.
namespace tillkit::ledger {

/// What is leased. Stored in records; never renumber. Money is in minor units of the store's currency.
enum class Unit : std::uint8_t {
  Points = 1,  ///< of a member
  Value = 2,   ///< stored value of a member
  Budget = 3,  ///< of an offer: what it may take off here
  Risk = 4,    ///< the merchant's: what signed tokens that cannot be checked here may cost
};
inline constexpr std::size_t kUnits = 4;

/// `points`, `value`, `budget`, `risk`
[[nodiscard]] std::string_view to_string(Unit unit);

using LeaseId = core::TextId<struct LeaseIdTag, 32>;
/// Points or value that came at one time and expire together. The cloud names it.
using LotId = core::TextId<struct LotIdTag, 48>;
/// Whose it is: a member, an offer; empty for `Risk`.
using Owner = core::TextId<struct OwnerTag, 64>;

/// A part of a lot.
struct LotPart {
  LotId lot{};
  std::int64_t amount = 0;
  core::WallTime expires_at = core::WallTime::max();  ///< not included

  friend bool operator==(const LotPart&, const LotPart&) = default;
};

/// As the cloud grants it.
struct LeaseGrant {
  LeaseId id{};
  Unit unit = Unit::Points;
  Owner of{};
  std::int64_t amount = 0;  ///< 1 to `kLeaseAmountMax`
  core::WallTime until{};   ///< From then on this terminal stops spending it. It is given back by `return_lease` only.
  std::vector<LotPart> lots{};                 ///< of points and value: they add up to the amount; else none
  std::optional<security::Sha256> draw_key{};  ///< of a budget for random discounts: this terminal's key for its draws

  friend bool operator==(const LeaseGrant&, const LeaseGrant&) = default;
};

/// As it stands here.
struct Lease {
  LeaseGrant grant{};
  std::int64_t reserved = 0;  ///< by sales that are being paid
  std::int64_t taken = 0;

  [[nodiscard]] std::int64_t left() const { return grant.amount - reserved - taken; }
};

/// A part of a lease that a sale reserves or takes.
struct Hold {
  LeaseId lease{};
  LotId lot{};  ///< empty where the unit has none
  std::int64_t amount = 0;

  friend bool operator==(const Hold&, const Hold&) = default;
};

/// Of a lease, and of what is earned or taken back at once.
inline constexpr std::int64_t kLeaseAmountMax = 1'000'000'000'000;
inline constexpr std::size_t kLotsPerLeaseMax = 64;
inline constexpr std::size_t kLeasesMax = 100'000;  ///< held here at a time
inline constexpr std::size_t kReservationsPerSaleMax = 64;
/// Of all reservations of a sale together: the record that takes them names them all.
inline constexpr std::size_t kHoldsPerSaleMax = 256;
inline constexpr std::size_t kRequestsOpenMax = 16;

}  // namespace tillkit::ledger
