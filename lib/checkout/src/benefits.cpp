// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/benefits.hpp"

#include <limits>
#include <string>

#include "bodies.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;

namespace {

constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kCountMax = 1'000'000;

Result<std::int64_t> read_number(const JsonValue& body, std::string_view name, std::int64_t max) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  return value.integer_in(0, max);
}

Result<Gift> read_gift(const JsonValue& value) {
  Gift gift;
  TILLKIT_TRY(gift.by, core::read_optional_id<offers::OfferId>(value, "by"));
  TILLKIT_TRY(gift.coupon, core::read_optional_id<offers::OfferId>(value, "coupon"));
  TILLKIT_TRY(gift.points, read_number(value, "points", kNumberMax));
  TILLKIT_TRY(const std::int64_t count, read_number(value, "count", kCountMax));
  gift.count = static_cast<std::uint32_t>(count);
  return gift;
}

Result<members::CouponCount> read_shown(const JsonValue& value) {
  members::CouponCount shown;
  TILLKIT_TRY(const std::int64_t end, read_number(value, "end", members::kCouponEnds));
  if (end == 0) return fail(ErrorCode::Corrupt);
  shown.end = static_cast<members::CouponEnd>(end);
  TILLKIT_TRY(const std::int64_t reason, read_number(value, "reason", std::numeric_limits<std::uint8_t>::max()));
  shown.reason = static_cast<std::uint8_t>(reason);
  TILLKIT_TRY(shown.count, read_number(value, "count", kCountMax));
  return shown;
}

}  // namespace

Result<> append_benefits(journal::Tx& tx, journal::SaleId sale, const Benefits& benefits) {
  if (benefits == Benefits{}) return {};
  return append_with(tx, kSaleBenefits, sale, [&](core::JsonWriter& json) {
    json.name("points").integer(benefits.points).name("grants").begin_array();
    for (const Gift& gift : benefits.gifts) {
      json.begin_object().name("by").text(gift.by.view()).name("coupon").text(gift.coupon.view());
      json.name("points").integer(gift.points).name("count").integer(gift.count).end_object();
    }
    json.end_array().name("shown").begin_array();
    for (const members::CouponCount& shown : benefits.shown) {
      json.begin_object().name("end").integer(static_cast<int>(shown.end)).name("reason").integer(shown.reason);
      json.name("count").integer(shown.count).end_object();
    }
    json.end_array().name("wallet").integer(benefits.wallet ? static_cast<int>(*benefits.wallet) : 0);
    json.name("depends").integer(benefits.depends).name("tier").text(benefits.tier.view());
    json.name("tier_before").text(benefits.tier_before.view());
    json.name("consent").integer(static_cast<int>(benefits.consent));
    json.name("enrol").integer(benefits.enrol ? static_cast<int>(benefits.enrol->kind) : 0);
    json.name("index").text(std::to_string(benefits.enrol ? benefits.enrol->index.value() : 0));
    json.name("how").integer(static_cast<int>(benefits.how));
  });
}

Result<Benefits> read_benefits(std::string_view body) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(body));
  const JsonValue root = document.root();
  Benefits benefits;
  TILLKIT_TRY(benefits.points, read_number(root, "points", kNumberMax));
  TILLKIT_TRY(const JsonValue grants, root.member("grants"));
  TILLKIT_TRY(const core::JsonElements gifts, grants.elements());
  for (const JsonValue value : gifts) {
    TILLKIT_TRY(const Gift gift, read_gift(value));
    benefits.gifts.push_back(gift);
  }
  TILLKIT_TRY(const JsonValue ends, root.member("shown"));
  TILLKIT_TRY(const core::JsonElements list, ends.elements());
  for (const JsonValue value : list) {
    TILLKIT_TRY(const members::CouponCount shown, read_shown(value));
    benefits.shown.push_back(shown);
  }
  TILLKIT_TRY(const std::int64_t wallet, read_number(root, "wallet", codes::kWalletCount));
  if (wallet != 0) benefits.wallet = static_cast<codes::Wallet>(wallet);
  TILLKIT_TRY(benefits.depends, read_number(root, "depends", kNumberMax));
  TILLKIT_TRY(benefits.tier, core::read_optional_id<offers::Name>(root, "tier"));
  TILLKIT_TRY(benefits.tier_before, core::read_optional_id<offers::Name>(root, "tier_before"));
  TILLKIT_TRY(const std::int64_t consent, read_number(root, "consent", static_cast<int>(members::Consent::Refused)));
  benefits.consent = static_cast<members::Consent>(consent);
  TILLKIT_TRY(const std::int64_t how, read_number(root, "how", static_cast<int>(members::RecogniseHow::Phone)));
  benefits.how = static_cast<members::RecogniseHow>(how);
  TILLKIT_TRY(const std::int64_t kind, read_number(root, "enrol", members::kIdentityKinds));
  if (kind == 0) return benefits;
  TILLKIT_TRY(const JsonValue index, root.member("index"));
  TILLKIT_TRY(const std::string_view digits, index.text());
  benefits.enrol.emplace();
  benefits.enrol->kind = static_cast<members::IdentityKind>(kind);
  TILLKIT_TRY(benefits.enrol->index, members::parse_index(digits));
  return benefits;
}

}  // namespace tillkit::checkout
