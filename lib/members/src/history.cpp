// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/history.hpp"

#include <algorithm>
#include <array>

#include "bodies.hpp"
#include "tillkit/members/records.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;
using journal::Record;

Result<> tell_recognised(MembersHistory& history, const JsonValue& body) {
  TILLKIT_TRY(history.member, read_id<MemberId>(body, "member"));
  TILLKIT_TRY(const std::int64_t how, read_integer(body, "how"));
  TILLKIT_TRY(history.how, enum_of<RecogniseHow>(how, kRecogniseHows));
  return {};
}

Result<> tell_enrolled(MembersHistory& history, const JsonValue& body) {
  TILLKIT_TRY(history.enrolled, read_identity(body));
  return {};
}

Result<> tell_reserved(MembersHistory& history, const JsonValue& body) {
  TILLKIT_TRY(history.coupons, read_uses(body));
  history.coupons_state = CouponsState::Reserved;
  return {};
}

Result<> tell_redeemed(MembersHistory& history, const JsonValue& body) {
  TILLKIT_TRY(history.coupons, read_uses(body));
  history.coupons_state = CouponsState::Redeemed;
  return {};
}

Result<> tell_released(MembersHistory& history, const JsonValue&) {
  history.coupons_state = CouponsState::Released;
  return {};
}

Result<> tell_returned(MembersHistory& history, const JsonValue& body) {
  TILLKIT_TRY(const JsonValue list, body.member("coupons"));
  TILLKIT_TRY(const core::JsonElements coupons, list.elements());
  for (const JsonValue element : coupons) {
    TILLKIT_TRY(const std::string_view text, element.text());
    TILLKIT_TRY(const auto coupon, offers::CouponId::parse(text));
    history.returned.push_back(coupon);
  }
  return {};
}

Result<Grant> read_grant(const JsonValue& body) {
  Grant grant;
  TILLKIT_TRY(grant.by, read_optional_id<offers::OfferId>(body, "by"));
  TILLKIT_TRY(grant.coupon, read_id<offers::OfferId>(body, "offer"));
  TILLKIT_TRY(grant.count, read_count(body, "count"));
  return grant;
}

Result<> tell_granted(MembersHistory& history, const JsonValue& body) {
  TILLKIT_TRY(const Grant grant, read_grant(body));
  history.granted.push_back(grant);
  return {};
}

Result<> tell_voided(MembersHistory& history, const JsonValue& body) {
  TILLKIT_TRY(const Grant grant, read_grant(body));
  history.voided.push_back(grant);
  return {};
}

Result<> tell_notice(MembersHistory& history, const JsonValue&) {
  ++history.notices;
  return {};
}

Result<> tell_nothing(MembersHistory&, const JsonValue&) {
  return {};
}

struct Teller {
  journal::Kind kind;
  Result<> (*tell)(MembersHistory& history, const JsonValue& body);
};

constexpr std::array kTellers = {
    Teller{kRecognised, &tell_recognised},
    Teller{kEnrolled, &tell_enrolled},
    Teller{kMerged, &tell_nothing},
    Teller{kConsented, &tell_nothing},
    Teller{kRefusedConsent, &tell_nothing},
    Teller{kTierReached, &tell_nothing},
    Teller{kCouponPlaced, &tell_nothing},
    Teller{kCouponGivenUp, &tell_nothing},
    Teller{kCouponsReserved, &tell_reserved},
    Teller{kCouponsRedeemed, &tell_redeemed},
    Teller{kCouponsReleased, &tell_released},
    Teller{kCouponsReturned, &tell_returned},
    Teller{kCouponGranted, &tell_granted},
    Teller{kGrantVoided, &tell_voided},
    Teller{kCouponsShown, &tell_nothing},
    Teller{kDoubleRedemption, &tell_nothing},
    Teller{kNotice, &tell_notice},
};

}  // namespace

Result<> tell(MembersHistory& history, const Record& record) {
  if (!record.kind.view().starts_with("members.")) return {};
  const auto* teller = std::ranges::find(kTellers, record.kind, &Teller::kind);
  if (teller == kTellers.end()) return fail(ErrorCode::Unsupported);
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(record.body));
  return teller->tell(history, document.root());
}

}  // namespace tillkit::members
