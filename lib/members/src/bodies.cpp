// SPDX-License-Identifier: Apache-2.0
#include "bodies.hpp"

#include <string>

namespace tillkit::members {

void write_identity(core::JsonWriter& json, const Identity& identity) {
  json.name("kind").integer(static_cast<int>(identity.kind));
  json.name("index").text(std::to_string(identity.index.value()));
}

core::Result<Identity> read_identity(const core::JsonValue& body) {
  TILLKIT_TRY(const std::int64_t number, read_integer(body, "kind"));
  Identity identity;
  TILLKIT_TRY(identity.kind, enum_of<IdentityKind>(number, kIdentityKinds));
  TILLKIT_TRY(const core::JsonValue index, body.member("index"));
  TILLKIT_TRY(const std::string_view text, index.text());
  TILLKIT_TRY(identity.index, parse_index(text));
  return identity;
}

void write_uses(core::JsonWriter& json, std::span<const CouponUse> uses) {
  json.name("coupons").begin_array();
  for (const CouponUse& use : uses) {
    json.begin_object().name("coupon").text(use.coupon.view()).name("offer").text(use.offer.view());
    json.name("member").text(use.member.view()).name("by").integer(static_cast<int>(use.by));
    json.name("expires").integer(milliseconds_of(use.expires_at));
    if (use.by == CouponBy::Token) json.name("risk").integer(use.risk_minor);
    json.end_object();
  }
  json.end_array();
}

core::Result<std::vector<CouponUse>> read_uses(const core::JsonValue& body) {
  TILLKIT_TRY(const core::JsonValue list, body.member("coupons"));
  TILLKIT_TRY(const core::JsonElements elements, list.elements());
  std::vector<CouponUse> uses;
  for (const core::JsonValue element : elements) {
    CouponUse use;
    TILLKIT_TRY(use.coupon, read_id<offers::CouponId>(element, "coupon"));
    TILLKIT_TRY(use.offer, read_id<offers::OfferId>(element, "offer"));
    TILLKIT_TRY(use.member, read_optional_id<MemberId>(element, "member"));
    TILLKIT_TRY(const std::int64_t by, read_integer(element, "by"));
    TILLKIT_TRY(use.by, enum_of<CouponBy>(by, kCouponBys));
    TILLKIT_TRY(const std::int64_t expires, read_integer(element, "expires"));
    use.expires_at = time_of(expires);
    if (use.by == CouponBy::Token) {
      TILLKIT_TRY(use.risk_minor, read_integer(element, "risk"));
    }
    uses.push_back(use);
  }
  return uses;
}

}  // namespace tillkit::members
