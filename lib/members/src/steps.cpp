// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/steps.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "bodies.hpp"
#include "tables_internal.hpp"
#include "tillkit/members/records.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;
using journal::SaleId;
using journal::Seq;
using journal::Tx;

/// Longest version of a text that is agreed to.
constexpr std::size_t kTextVersionBytesMax = 64;
constexpr std::int64_t kShownCountMax = 1'000'000;
constexpr std::string_view kUnattendedBy = "unattended";

Result<Seq> append(Tx& tx, journal::Kind kind, SaleId sale, JsonWriter& json) {
  TILLKIT_TRY(const std::string body, json.end_object().finish());
  return tx.append({.kind = kind, .sale = sale, .body = body});
}

JsonWriter about(std::string_view name, std::string_view id) {
  JsonWriter json;
  json.begin_object().name(name).text(id);
  return json;
}

bool is_sale(SaleId sale) {
  return sale > SaleId{};
}

/// Whether `count` more would be beyond `max`.
Result<bool> is_full(const Tx& tx, Total what, std::size_t count, std::size_t max) {
  TILLKIT_TRY(const std::int64_t now, total(tx, what));
  return static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0)) + count > max;
}

/// One notice per member that the uses belong to: in a sale that is one.
Result<> notice_of_uses(Tx& tx, SaleId sale, std::span<const CouponUse> uses, NoticeWhat what, Seq of) {
  std::vector<std::pair<MemberId, std::int64_t>> counts;
  for (const CouponUse& use : uses) {
    if (use.member.empty()) continue;
    TILLKIT_TRY(const MemberId member, resolve(tx, use.member));
    const auto known = std::ranges::find(counts, member, &std::pair<MemberId, std::int64_t>::first);
    if (known == counts.end()) {
      counts.emplace_back(member, 1);
    } else {
      ++known->second;
    }
  }
  for (const auto& [member, count] : counts)
    TILLKIT_TRY_VOID(notice(tx, sale, member, what, of, count));
  return {};
}

Result<> append_consent(Tx& tx, SaleId sale, const MemberId& member, std::string_view by, std::string_view text) {
  JsonWriter json = about("member", member.view());
  json.name("by").text(by).name("text").text(text);
  TILLKIT_TRY_VOID(append(tx, kConsented, sale, json));
  return {};
}

Result<> refuse(Tx& tx, SaleId sale, const Identity& identity) {
  TILLKIT_TRY(const KnownIdentity known, find_identity(tx, identity));
  if (known.known == Known::Refused) return {};
  if (known.known == Known::No) {
    TILLKIT_TRY(const bool full, is_full(tx, Total::Identities, 1, kIdentitiesMax));
    if (full) return fail(ErrorCode::Exhausted);
  }
  JsonWriter json;
  json.begin_object();
  write_identity(json, identity);
  json.name("member").text(known.member.view());
  TILLKIT_TRY_VOID(append(tx, kRefusedConsent, sale, json));
  return {};
}

/// The payer is a new member.
Result<MemberId> append_enrolment(Tx& tx, SaleId sale, const Identity& identity, EnrolPolicy policy, Consent consent) {
  TILLKIT_TRY(const bool full, is_full(tx, Total::Identities, 1, kIdentitiesMax));
  if (full) return fail(ErrorCode::Exhausted);
  const MemberId made = provisional_id(identity);
  JsonWriter json = about("member", made.view());
  write_identity(json, identity);
  json.name("policy").integer(static_cast<int>(policy)).name("consent").integer(static_cast<int>(consent));
  TILLKIT_TRY(const Seq seq, append(tx, kEnrolled, sale, json));
  TILLKIT_TRY(const MemberId member, resolve(tx, made));
  TILLKIT_TRY_VOID(notice(tx, sale, member, NoticeWhat::Enrolled, seq, 1));
  return member;
}

bool is_use(const CouponUse& use) {
  const bool by = use.by == CouponBy::Lease || use.by == CouponBy::Token;
  return by && !use.coupon.empty() && !use.offer.empty() && use.risk_minor >= 0;
}

/// Whether a lease has as many uses left as `uses` take of it.
Result<> check_lease(const Tx& tx, const offers::CouponId& coupon, std::span<const CouponUse> uses) {
  TILLKIT_TRY(const auto placed, find_coupon(tx, coupon));
  if (!placed) return fail(ErrorCode::NotFound);
  const auto taken = std::ranges::count_if(
      uses, [&](const CouponUse& use) { return use.coupon == coupon && use.by == CouponBy::Lease; });
  if (taken > static_cast<std::ptrdiff_t>(placed->left())) return fail(ErrorCode::AlreadyExists);
  return {};
}

Result<> check_token(const Tx& tx, const CouponUse& use, std::span<const CouponUse> uses) {
  if (std::ranges::count(uses, use.coupon, &CouponUse::coupon) > 1) return fail(ErrorCode::AlreadyExists);
  TILLKIT_TRY(const bool used, is_used(tx, use.coupon));
  TILLKIT_TRY(const bool forgotten, may_be_forgotten(tx, use.expires_at));
  TILLKIT_TRY(const auto row, find_row(tx, use.coupon));
  if (used || forgotten || (row && bars_token(*row))) return fail(ErrorCode::AlreadyExists);
  return {};
}

JsonWriter about(const Grant& grant, const MemberId& member) {
  JsonWriter json = about("member", member.view());
  json.name("by").text(grant.by.view()).name("offer").text(grant.coupon.view()).name("count").integer(grant.count);
  return json;
}

bool is_grant(const Grant& grant) {
  return !grant.coupon.empty() && grant.count >= 1 && grant.count <= kCouponUsesMax;
}

}  // namespace

Result<> recognise(Tx& tx, SaleId sale, const MemberId& member, RecogniseHow how) {
  const auto number = static_cast<std::size_t>(how);
  if (!is_sale(sale) || member.empty() || number < 1 || number > kRecogniseHows)
    return fail(ErrorCode::InvalidArgument);
  JsonWriter json = about("member", member.view());
  json.name("how").integer(static_cast<int>(how));
  TILLKIT_TRY_VOID(append(tx, kRecognised, sale, json));
  return {};
}

Result<std::optional<MemberId>> enrol(Tx& tx, SaleId sale, const Identity& identity, EnrolPolicy policy,
                                      Consent consent, RecogniseHow how) {
  if (!is_sale(sale)) return fail(ErrorCode::InvalidArgument);
  if (consent == Consent::Refused) {
    TILLKIT_TRY_VOID(refuse(tx, sale, identity));
    return std::optional<MemberId>{};
  }
  TILLKIT_TRY(const KnownIdentity known, find_identity(tx, identity));
  if (known.known == Known::Refused || policy == EnrolPolicy::Off) return std::optional<MemberId>{};

  MemberId member = known.member;
  if (known.known == Known::No) {
    TILLKIT_TRY(member, append_enrolment(tx, sale, identity, policy, consent));
  } else if (!known.consented && consent == Consent::Given) {
    TILLKIT_TRY_VOID(append_consent(tx, sale, member, kUnattendedBy, ""));
  } else if (!known.consented && policy == EnrolPolicy::Automatic) {
    TILLKIT_TRY_VOID(append_consent(tx, sale, member, "", ""));
  }
  TILLKIT_TRY_VOID(recognise(tx, sale, member, how));
  return std::optional(member);
}

Result<> consent(Tx& tx, const MemberId& member, const journal::Operator& by, std::string_view text_version) {
  if (member.empty() || by.empty() || text_version.size() > kTextVersionBytesMax)
    return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const bool enrolled, is_enrolled(tx, member));
  if (!enrolled) return fail(ErrorCode::NotFound);
  return append_consent(tx, SaleId{}, member, by.view(), text_version);
}

Result<> refuse_consent(Tx& tx, const Identity& identity) {
  return refuse(tx, SaleId{}, identity);
}

Result<> merge(Tx& tx, const MemberId& from, const MemberId& into) {
  if (from.empty() || into.empty()) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const Merging merging, look_at_merge(tx, from, into));
  if (merging == Merging::Done) return {};
  if (merging == Merging::Ring) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const bool full, is_full(tx, Total::Aliases, 1, kAliasesMax));
  if (full) return fail(ErrorCode::Exhausted);
  JsonWriter json = about("from", from.view());
  json.name("into").text(into.view());
  TILLKIT_TRY_VOID(append(tx, kMerged, SaleId{}, json));
  return {};
}

Result<> reach_tier(Tx& tx, SaleId sale, const MemberId& member, const offers::Name& from, const offers::Name& to) {
  if (!is_sale(sale) || member.empty() || to.empty() || from == to) return fail(ErrorCode::InvalidArgument);
  JsonWriter json = about("member", member.view());
  json.name("from").text(from.view()).name("to").text(to.view());
  TILLKIT_TRY(const Seq seq, append(tx, kTierReached, sale, json));
  return notice(tx, sale, member, NoticeWhat::TierReached, seq, 1);
}

Result<> place_coupon(Tx& tx, const HeldCoupon& coupon, const MemberId& member, core::WallTime until) {
  if (coupon.id.empty() || coupon.offer.empty() || coupon.uses < 1 || coupon.uses > kCouponUsesMax)
    return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const auto before, find_row(tx, coupon.id));
  if (before && (!before->ended || before->placed.reserved > 0 || until <= before->placed.until)) return {};
  TILLKIT_TRY(const bool forgotten, may_be_forgotten(tx, std::min(coupon.expires_at, until)));
  if (forgotten) return fail(ErrorCode::FailedPrecondition);
  if (const auto identity = identity_of(member)) {
    TILLKIT_TRY(const KnownIdentity known, find_identity(tx, *identity));
    if (known.known == Known::Refused) return fail(ErrorCode::FailedPrecondition);
  }
  if (!before) {
    TILLKIT_TRY(const bool full, is_full(tx, Total::Coupons, 1, kPlacedCouponsMax));
    if (full) return fail(ErrorCode::Exhausted);
  }
  JsonWriter json = about("coupon", coupon.id.view());
  json.name("offer").text(coupon.offer.view()).name("member").text(member.view());
  json.name("claimed").integer(milliseconds_of(coupon.claimed_at));
  json.name("valid_from").integer(milliseconds_of(coupon.valid_from));
  json.name("expires").integer(milliseconds_of(coupon.expires_at));
  json.name("uses").integer(coupon.uses).name("until").integer(milliseconds_of(until));
  TILLKIT_TRY_VOID(append(tx, kCouponPlaced, SaleId{}, json));
  return {};
}

Result<> give_up_coupon(Tx& tx, const offers::CouponId& coupon) {
  TILLKIT_TRY(const auto placed, find_coupon(tx, coupon));
  if (!placed) return fail(ErrorCode::NotFound);
  if (placed->reserved > 0) return fail(ErrorCode::FailedPrecondition);
  JsonWriter json = about("coupon", coupon.view());
  json.name("unused").integer(placed->left());
  TILLKIT_TRY_VOID(append(tx, kCouponGivenUp, SaleId{}, json));
  return {};
}

Result<> reserve_coupons(Tx& tx, SaleId sale, std::span<const CouponUse> uses) {
  if (uses.empty()) return {};
  if (!is_sale(sale) || !std::ranges::all_of(uses, is_use)) return fail(ErrorCode::InvalidArgument);
  if (uses.size() > kCouponUsesPerSaleMax) return fail(ErrorCode::Exhausted);
  TILLKIT_TRY(const bool before, has_uses(tx, sale));
  if (before) return fail(ErrorCode::AlreadyExists);
  for (const CouponUse& use : uses) {
    if (use.by == CouponBy::Lease) {
      TILLKIT_TRY_VOID(check_lease(tx, use.coupon, uses));
    } else {
      TILLKIT_TRY_VOID(check_token(tx, use, uses));
    }
  }
  TILLKIT_TRY(const bool full, is_full(tx, Total::Uses, uses.size(), kCouponUsesKeptMax));
  if (full) return fail(ErrorCode::Exhausted);
  JsonWriter json;
  json.begin_object();
  write_uses(json, uses);
  TILLKIT_TRY_VOID(append(tx, kCouponsReserved, sale, json));
  return {};
}

Result<> redeem_coupons(Tx& tx, SaleId sale) {
  TILLKIT_TRY(const std::vector<CouponUse> uses, reserved_for(tx, sale));
  if (uses.empty()) return {};
  JsonWriter json;
  json.begin_object();
  write_uses(json, uses);
  TILLKIT_TRY(const Seq seq, append(tx, kCouponsRedeemed, sale, json));
  return notice_of_uses(tx, sale, uses, NoticeWhat::CouponRedeemed, seq);
}

Result<> release_coupons(Tx& tx, SaleId sale) {
  TILLKIT_TRY(const std::vector<CouponUse> uses, reserved_for(tx, sale));
  if (uses.empty()) return {};
  JsonWriter json;
  TILLKIT_TRY_VOID(append(tx, kCouponsReleased, sale, json.begin_object()));
  return {};
}

Result<> return_coupons(Tx& tx, SaleId sale, SaleId sold, std::span<const CouponUse> uses) {
  if (uses.empty()) return {};
  if (!is_sale(sale) || !is_sale(sold) || !std::ranges::all_of(uses, is_use)) return fail(ErrorCode::InvalidArgument);
  if (uses.size() > kCouponUsesPerSaleMax) return fail(ErrorCode::Exhausted);
  JsonWriter json;
  json.begin_object().name("sale").integer(sold.value()).name("coupons").begin_array();
  for (const CouponUse& use : uses)
    json.text(use.coupon.view());
  json.end_array();
  TILLKIT_TRY(const Seq seq, append(tx, kCouponsReturned, sale, json));
  return notice_of_uses(tx, sale, uses, NoticeWhat::CouponReturned, seq);
}

Result<> grant_coupons(Tx& tx, SaleId sale, const MemberId& member, const Grant& grant) {
  if (!is_sale(sale) || member.empty() || !is_grant(grant)) return fail(ErrorCode::InvalidArgument);
  JsonWriter json = about(grant, member);
  TILLKIT_TRY(const Seq seq, append(tx, kCouponGranted, sale, json));
  return notice(tx, sale, member, NoticeWhat::CouponGranted, seq, grant.count);
}

Result<> void_grant(Tx& tx, SaleId sale, SaleId sold, const MemberId& member, const Grant& grant) {
  if (!is_sale(sale) || !is_sale(sold) || member.empty() || !is_grant(grant)) return fail(ErrorCode::InvalidArgument);
  JsonWriter json = about(grant, member);
  json.name("sale").integer(sold.value());
  TILLKIT_TRY(const Seq seq, append(tx, kGrantVoided, sale, json));
  return notice(tx, sale, member, NoticeWhat::GrantVoided, seq, grant.count);
}

Result<> count_shown(Tx& tx, SaleId sale, std::span<const CouponCount> shown) {
  std::vector<CouponCount> counts;
  for (const CouponCount& count : shown) {
    const auto end = static_cast<std::size_t>(count.end);
    if (end < 1 || end > kCouponEnds || count.count < 1 || count.count > kShownCountMax)
      return fail(ErrorCode::InvalidArgument);
    const auto known = std::ranges::find_if(
        counts, [&](const CouponCount& other) { return other.end == count.end && other.reason == count.reason; });
    if (known == counts.end()) {
      counts.push_back(count);
    } else {
      known->count += count.count;
    }
  }
  if (counts.empty()) return {};
  JsonWriter json;
  json.begin_object().name("shown").begin_array();
  for (const CouponCount& count : counts) {
    json.begin_object().name("end").integer(static_cast<int>(count.end)).name("reason").integer(count.reason);
    json.name("count").integer(count.count).end_object();
  }
  json.end_array();
  TILLKIT_TRY_VOID(append(tx, kCouponsShown, sale, json));
  return {};
}

Result<> record_double_redemption(Tx& tx, const offers::CouponId& coupon, SaleId sale, const offers::FunderId& funder,
                                  std::int64_t amount_minor) {
  if (coupon.empty() || !is_sale(sale) || funder.empty() || amount_minor < 0) return fail(ErrorCode::InvalidArgument);
  JsonWriter json = about("coupon", coupon.view());
  json.name("sale").integer(sale.value()).name("funder").text(funder.view()).name("amount").integer(amount_minor);
  TILLKIT_TRY_VOID(append(tx, kDoubleRedemption, SaleId{}, json));
  return {};
}

Result<> notice(Tx& tx, SaleId sale, const MemberId& member, NoticeWhat what, Seq of, std::int64_t count) {
  const auto number = static_cast<std::size_t>(what);
  if (member.empty() || number < 1 || number > kNoticeWhats || of <= Seq{} || of >= tx.next_seq())
    return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const MemberId now, resolve(tx, member));
  JsonWriter json = about("member", now.view());
  json.name("what").integer(static_cast<int>(what)).name("of").integer(of.value()).name("count").integer(count);
  TILLKIT_TRY_VOID(append(tx, kNotice, sale, json));
  return {};
}

}  // namespace tillkit::members
