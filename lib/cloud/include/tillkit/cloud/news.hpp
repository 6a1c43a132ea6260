// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/cloud/ids.hpp"
#include "tillkit/cloud/leases.hpp"
#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/members.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

/// How what has changed comes from the cloud.
namespace tillkit::cloud {

/// Stored in records; never renumber.
enum class Feed : std::uint8_t {
  Decisions = 1,  ///< what concerns money
  Copies = 2,     ///< what a terminal may lose
};
inline constexpr std::size_t kFeeds = 2;
/// `decisions`, `copies`
[[nodiscard]] std::string_view to_string(Feed feed);

/// Path and query of the request; `cursor` is the last page's, empty: from the beginning; the answer may wait for news
/// as long as `wait`. - InvalidArgument: no cursor of the contract. - OutOfRange: beyond `kNewsWaitMax`.
[[nodiscard]] core::Result<std::string> news_target(Feed feed, std::string_view cursor, std::chrono::seconds wait);

/// A page with a signature that nobody has checked yet.
struct SignedPage {
  Name key{};
  Signature signature{};
  std::string message{};  ///< what was signed; the page is its end

  [[nodiscard]] std::string_view page() const;
};

/// A reply other than 200 fails as `error_of` says; a 200 that is not understood is a Timeout: ask again.
[[nodiscard]] core::Result<SignedPage> read_news(const Reply& reply);

struct LeaseGranted {
  Lease lease{};
};
/// To be given back as soon as no sale has reserved of it.
struct LeaseRecalled {
  LeaseId lease{};
};
struct CouponPlaced {
  Coupon coupon{};
  MemberId member{};  ///< empty: whoever bears it
  core::WallTime until{};
};
struct CouponRecalled {
  Name coupon{};
};
struct Merged {
  MemberId from{};
  MemberId into{};
};
/// A coupon that this terminal honoured was used elsewhere, too; who bears it.
struct DoubleRedemption {
  Name coupon{};
  JournalId journal{};
  std::int64_t sale = 0;
  Name funder{};
  std::int64_t amount_minor = 0;
};
/// Another terminal wants to refund this sale.
struct RefundClaimed {
  core::OrderNumber claim{};
  JournalId journal{};
  std::int64_t sale = 0;
};

/// How a payer becomes a member. Stored in records; never renumber.
enum class EnrolPolicy : std::uint8_t { Off = 0, Provisional = 1, Automatic = 2 };
/// `off`, `provisional`, `automatic`
[[nodiscard]] std::string_view to_string(EnrolPolicy policy);

/// What points pay.
struct PointsWorth {
  std::int64_t points = 0;
  std::int64_t minor = 0;
};
struct TierStep {
  Name from{};  ///< empty: no tier
  Name to{};
  std::uint32_t orders_at_least = 0;  ///< 0: does not count
  std::int64_t spent_at_least_minor = 0;
};
struct Settings {
  EnrolPolicy enrol = EnrolPolicy::Off;
  std::optional<PointsWorth> points_worth{};
  std::vector<CloudKey> keys{};
  Name first_tier{};
  std::vector<TierStep> tiers{};
  std::string policies{};  ///< a JSON object, of lib/payment's policies.schema.json; empty: the defaults
};
/// In place of all settings before.
struct SettingsChanged {
  std::int64_t number = 0;  ///< only rises
  Settings settings{};
  std::string json{};  ///< the settings, as `read_settings` reads them
};

struct MemberChanged {
  Member member{};
  std::vector<Identity> identities{};
  std::vector<Coupon> coupons{};  ///< held, for the screen
};
struct MemberGone {
  MemberId member{};
};
/// A member token or coupon that is void before its time.
struct IdRevoked {
  Name id{};
};
struct ItemChanged {
  std::string item{};  ///< a JSON object, of lib/catalog's catalog.schema.json
};
struct ItemGone {
  Name item{};
};
struct RuleSetChanged {
  std::string rule_set{};  ///< a JSON object, of lib/offers's rule_set.schema.json
};

using Change =
    std::variant<LeaseGranted, LeaseRecalled, CouponPlaced, CouponRecalled, Merged, DoubleRedemption, RefundClaimed,
                 SettingsChanged, MemberChanged, MemberGone, IdRevoked, ItemChanged, ItemGone, RuleSetChanged>;

struct News {
  TerminalId terminal{};
  Feed feed = Feed::Decisions;
  std::string after{};  ///< the cursor that was asked with; empty: none
  std::string cursor{};
  bool more = false;  ///< there is another page already
  std::vector<Change> changes{};
  std::size_t passed_over = 0;  ///< changes of types that this build does not know
};

/// Reads a page whose signature is good. Whether it is for this terminal and continues its cursor, the caller looks.
/// - Corrupt: not a page of the contract; the byte offset. Nothing of it counts.
[[nodiscard]] core::Result<News> read_page(std::string_view page);

/// Reads `SettingsChanged::json` again, as it was stored. - Corrupt: it is none.
[[nodiscard]] core::Result<Settings> read_settings(std::string_view json);

}  // namespace tillkit::cloud
