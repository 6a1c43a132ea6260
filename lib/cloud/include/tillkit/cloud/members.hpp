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
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

/// What a terminal asks about members and coupons.
namespace tillkit::cloud {

/// Its body is `identify_body` of gateway.hpp.
inline constexpr std::string_view kIdentifyMemberPath = "/v1/members/identify";
inline constexpr std::string_view kFindMemberPath = "/v1/members/find";
inline constexpr std::string_view kClaimCouponPath = "/v1/coupons/claim";

/// By what a member is known. Stored in records; never renumber.
enum class IdentityKind : std::uint8_t { Payer = 1, UnionId = 2, Card = 3, Phone = 4, MemberCode = 5 };
/// `payer`, `union_id`, ...
[[nodiscard]] std::string_view to_string(IdentityKind kind);

/// A blind index under the merchant's key.
struct Identity {
  IdentityKind kind = IdentityKind::Payer;
  std::int64_t index = 0;

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Asks by an identity.
[[nodiscard]] core::Result<std::string> find_body(const Identity& identity);
/// Asks by an id. `InvalidArgument`: none.
[[nodiscard]] core::Result<std::string> find_body(const MemberId& member);
/// `InvalidArgument`: no coupon.
[[nodiscard]] core::Result<std::string> claim_coupon_body(const Name& coupon);

struct Coupon {
  Name id{};
  Name offer{};
  core::WallTime claimed_at{};
  std::optional<core::WallTime> valid_from{};
  std::optional<core::WallTime> expires_at{};  ///< not included
  std::uint32_t uses = 1;
};

struct Member {
  MemberId id{};
  Name tier{};  ///< empty: none
  std::vector<Name> tags{};
  std::uint8_t birth_month = 0;  ///< 0: not known
  std::uint8_t birth_day = 0;
  std::uint32_t orders = 0;
  std::int64_t spent_minor = 0;
  std::int64_t points = 0;
  std::int64_t value_minor = 0;
  std::int64_t debt_points = 0;
  bool consented = false;
};

/// A coupon that is set apart for this terminal.
struct Placement {
  Coupon coupon{};
  core::WallTime until{};
};

struct FoundMember {
  bool may_spend = false;  ///< what was shown proves that it is the member
  Member member{};
  std::vector<Placement> coupons{};
};

struct MemberAnswer {
  std::optional<FoundMember> found{};  ///< none: nobody of that name
};

enum class ClaimOutcome : std::uint8_t {
  SetApart = 1,   ///< nobody else can use it before `until`
  Used = 2,       ///< not to be honoured; nor are the next two
  Elsewhere = 3,  ///< another terminal has it
  Void = 4,
  NotFound = 5,
};
/// `set_apart`, ...
[[nodiscard]] std::string_view to_string(ClaimOutcome outcome);

struct ClaimAnswer {
  ClaimOutcome outcome = ClaimOutcome::NotFound;
  Coupon coupon{};         ///< of SetApart: the one that was asked for
  core::WallTime until{};  ///< of SetApart
};

// A reply other than 200 fails as `error_of` says; a 200 that is not understood is a Timeout. These are questions:
// whatever a Timeout hides is undone by itself, when an upload has gone beyond `until`.

/// Of `identify_member` and `find_member`.
[[nodiscard]] core::Result<MemberAnswer> read_member(const Reply& reply);
[[nodiscard]] core::Result<ClaimAnswer> read_claim_coupon(const Reply& reply, const Name& asked);

}  // namespace tillkit::cloud
