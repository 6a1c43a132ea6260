// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "people.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/ledger/lease.hpp"
#include "vouchers.hpp"

/// The cloud's own decisions, as its log keeps them and `Books::decide` takes them. Each is a JSON object with all that
/// it hangs on, the time included: told again, it makes the same.
namespace tillkit::sandbox {

[[nodiscard]] core::Result<std::string> member_decision(std::int64_t at, std::string_view member,
                                                        const Registration& said);
[[nodiscard]] core::Result<std::string> merge_decision(std::int64_t at, const Merge& merge);

struct GiveDecision {
  ledger::Unit unit = ledger::Unit::Points;
  std::string of{};
  std::string lot{};
  std::int64_t amount = 0;
  std::optional<std::int64_t> expires_at{};
};
[[nodiscard]] core::Result<std::string> give_decision(std::int64_t at, const GiveDecision& give);

/// `holder`: it is placed there by news, too.
[[nodiscard]] core::Result<std::string> issue_decision(std::int64_t at, std::string_view coupon,
                                                       const Voucher& voucher);
[[nodiscard]] core::Result<std::string> set_apart_decision(std::int64_t at, std::string_view terminal,
                                                           std::int64_t until, std::span<const std::string> coupons);

struct LeaseDecision {
  std::string id{};
  std::string request{};  ///< empty: the cloud's own idea, told by news
  std::string terminal{};
  ledger::Unit unit = ledger::Unit::Points;
  std::string of{};
  std::int64_t asked = 0;
  std::int64_t at_most = 0;  ///< of the amount asked for; 0: refused
  std::int64_t until = 0;
  std::string draw_key{};  ///< base64url, or ""
};
[[nodiscard]] core::Result<std::string> lease_decision(std::int64_t at, const LeaseDecision& lease);
/// Of a lease or of a coupon; the other is empty.
[[nodiscard]] core::Result<std::string> recall_decision(std::int64_t at, std::string_view lease,
                                                        std::string_view coupon);
[[nodiscard]] core::Result<std::string> revoke_decision(std::int64_t at, std::string_view id);

struct ClaimDecision {
  std::string claim{};
  std::string by{};
  std::string terminal{};
  SaleKey sale{};
};
[[nodiscard]] core::Result<std::string> claim_decision(std::int64_t at, const ClaimDecision& claim);
[[nodiscard]] core::Result<std::string> share_decision(std::int64_t at, bool shared);
[[nodiscard]] core::Result<std::string> write_off_decision(std::int64_t at, std::string_view terminal, bool as_spent);
/// `settings`: of terminals, the contract's `Settings`; `home`: an object with members of `HomeSettings`.
[[nodiscard]] core::Result<std::string> settings_decision(std::int64_t at, std::string_view settings,
                                                          std::string_view home);

// What the contract writes of leases and coupons, for news and answers.

void write_lease(core::JsonWriter& json, const ledger::LeaseGrant& grant, std::string_view of);
void write_coupon(core::JsonWriter& json, std::string_view id, const Voucher& voucher);

}  // namespace tillkit::sandbox
