// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/members.hpp"

#include <limits>

#include "reading.hpp"
#include "tillkit/core/json_writer.hpp"
#include "writing.hpp"

namespace tillkit::cloud {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::size_t kTagsMax = 32;
constexpr std::size_t kCouponsMax = 100;
constexpr std::int64_t kUsesMax = 1'000;
constexpr std::int64_t kOrdersMax = std::numeric_limits<std::uint32_t>::max();

Result<Name> read_tag(const JsonValue& element) {
  TILLKIT_TRY(const std::string_view text, element.text());
  const auto tag = Name::parse(text);
  if (!tag) return element.mistake();
  return *tag;
}

Result<std::uint8_t> read_part_of_date(const JsonValue& member, std::string_view name, std::int64_t max) {
  if (!member.find(name)) return std::uint8_t{0};
  TILLKIT_TRY(const std::int64_t number, read_integer_in(member, name, 1, max));
  return static_cast<std::uint8_t>(number);
}

Result<Placement> read_placement(const JsonValue& object) {
  Placement placement;
  TILLKIT_TRY(const JsonValue coupon, object.member("coupon"));
  TILLKIT_TRY(placement.coupon, read_coupon(coupon));
  TILLKIT_TRY(placement.until, read_milliseconds(object, "until"));
  return placement;
}

Result<MemberAnswer> read_member_answer(const JsonValue& root) {
  TILLKIT_TRY(const JsonValue outcome, root.member("outcome"));
  TILLKIT_TRY(const std::string_view word, outcome.text());
  if (word == "not_found") return MemberAnswer{};
  if (word != "found") return outcome.mistake();
  FoundMember found;
  TILLKIT_TRY(found.may_spend, read_flag(root, "may_spend"));
  TILLKIT_TRY(const JsonValue member, root.member("member"));
  TILLKIT_TRY(found.member, read_member_of(member));
  TILLKIT_TRY(found.coupons, read_list<Placement>(root, "coupons", kCouponsMax, read_placement));
  return MemberAnswer{.found = std::move(found)};
}

Result<ClaimAnswer> read_claim_answer(const JsonValue& root, const Name& asked) {
  ClaimAnswer answer;
  TILLKIT_TRY(answer.outcome, read_word(root, "outcome", claim_words()));
  if (answer.outcome != ClaimOutcome::SetApart) return answer;
  TILLKIT_TRY(const Placement placement, read_placement(root));
  if (placement.coupon.id != asked) return root.mistake();
  answer.coupon = placement.coupon;
  answer.until = placement.until;
  return answer;
}

}  // namespace

Result<Coupon> read_coupon(const JsonValue& object) {
  Coupon coupon;
  TILLKIT_TRY(coupon.id, read_id<Name>(object, "id"));
  TILLKIT_TRY(coupon.offer, read_id<Name>(object, "offer"));
  TILLKIT_TRY(coupon.claimed_at, read_milliseconds(object, "claimed_at"));
  TILLKIT_TRY(coupon.valid_from, read_milliseconds_if_there(object, "valid_from"));
  TILLKIT_TRY(coupon.expires_at, read_milliseconds_if_there(object, "expires_at"));
  TILLKIT_TRY(const std::int64_t uses, read_integer_in(object, "uses", 1, kUsesMax));
  coupon.uses = static_cast<std::uint32_t>(uses);
  return coupon;
}

Result<Member> read_member_of(const JsonValue& object) {
  Member member;
  TILLKIT_TRY(member.id, read_id<MemberId>(object, "id"));
  TILLKIT_TRY(member.tier, read_id_if_there<Name>(object, "tier"));
  TILLKIT_TRY(member.tags, read_list_if_there<Name>(object, "tags", kTagsMax, read_tag));
  TILLKIT_TRY(member.birth_month, read_part_of_date(object, "birth_month", 12));
  TILLKIT_TRY(member.birth_day, read_part_of_date(object, "birth_day", 31));
  TILLKIT_TRY(const std::int64_t orders, read_integer_in(object, "orders", 0, kOrdersMax));
  member.orders = static_cast<std::uint32_t>(orders);
  TILLKIT_TRY(member.spent_minor, read_count(object, "spent_minor"));
  TILLKIT_TRY(member.points, read_count(object, "points"));
  TILLKIT_TRY(member.value_minor, read_count(object, "value_minor"));
  TILLKIT_TRY(member.debt_points, read_count(object, "debt_points"));
  TILLKIT_TRY(member.consented, read_flag(object, "consented"));
  return member;
}

Result<std::string> find_body(const Identity& identity) {
  JsonWriter json;
  json.begin_object().name("identity").begin_object();
  json.name("kind").text(to_string(identity.kind)).name("index").text(std::to_string(identity.index));
  return json.end_object().end_object().finish();
}

Result<std::string> find_body(const MemberId& member) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_id(json, "member", member.view()));
  return json.end_object().finish();
}

Result<std::string> claim_coupon_body(const Name& coupon) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_id(json, "coupon", coupon.view()));
  return json.end_object().finish();
}

Result<MemberAnswer> read_member(const Reply& reply) {
  return read_reply<MemberAnswer>(reply, read_member_answer, kLongAnswerJsonLimits);
}

Result<ClaimAnswer> read_claim_coupon(const Reply& reply, const Name& asked) {
  return read_reply<ClaimAnswer>(reply, [&](const JsonValue& root) { return read_claim_answer(root, asked); });
}

}  // namespace tillkit::cloud
