// SPDX-License-Identifier: Apache-2.0
// What records say of members and coupons.
#include <algorithm>
#include <array>
#include <charconv>

#include "books.hpp"
#include "checks.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/members/steps.hpp"

namespace tillkit::sandbox {

using core::JsonValue;
using core::Result;

namespace {

constexpr std::size_t kMemberMax = members::MemberId::kLengthMax;
constexpr std::size_t kCouponMax = offers::CouponId::kLengthMax;
constexpr std::size_t kOfferMax = offers::OfferId::kLengthMax;
constexpr std::int64_t kTimeMax = 253'402'300'799'999;
constexpr std::int64_t kSeqMax = 1'125'899'906'842'623;

/// As `NoticeWhat` numbers them and the contract calls them.
constexpr std::array<std::string_view, 12> kNotices{
    "points_earned",   "points_spent",    "points_given_back", "points_taken_back", "value_spent",  "value_given_back",
    "coupon_redeemed", "coupon_returned", "coupon_granted",    "grant_voided",      "tier_reached", "enrolled"};

Result<std::string> read_member(const JsonValue& body, std::string_view name, std::size_t min = 1) {
  return read_pattern(body, name, min, kMemberMax, core::is_id_char);
}

Result<std::string> read_coupon(const JsonValue& body) {
  return read_pattern(body, "coupon", 1, kCouponMax, core::is_id_char);
}

Result<std::string> read_offer(const JsonValue& body, std::string_view name, std::size_t min = 1) {
  return read_pattern(body, name, min, kOfferMax, core::is_id_char);
}

Result<IdentityName> read_identity(const JsonValue& body) {
  TILLKIT_TRY(const std::int64_t kind,
              read_number(body, "kind", 1, static_cast<std::int64_t>(members::kIdentityKinds)));
  TILLKIT_TRY(const JsonValue index, body.member("index"));
  TILLKIT_TRY(const std::string_view digits, index.text());
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (wrong != std::errc{} || end != digits.data() + digits.size()) return index.mistake();
  return IdentityName{std::string(members::to_string(static_cast<members::IdentityKind>(kind))),
                      std::to_string(number)};
}

BookEvent event_of(std::string_view type, const Heard& heard) {
  return {.type = type,
          .at = heard.wall(),
          .terminal = heard.terminal,
          .journal = heard.journal,
          .sale = heard.record.sale.value()};
}

/// Far times stand for none.
std::optional<std::int64_t> time_or_none(std::int64_t milliseconds) {
  if (milliseconds < 0 || milliseconds > kTimeMax) return std::nullopt;
  return milliseconds;
}

}  // namespace

// --- members ---

/// The members' accounts and names are one, and all terminals are told.
Result<> Books::merge(const std::vector<Merge>& merges, Effects& effects) {
  for (const Merge& merge : merges) {
    TILLKIT_TRY(const auto from, ledger::Owner::parse(merge.from));
    TILLKIT_TRY(const auto into, ledger::Owner::parse(merge.into));
    ledger_.merge(from, into);
    core::JsonWriter json;
    json.begin_object().name("type").text("merged").name("from").text(merge.from);
    json.name("into").text(merge.into).end_object();
    TILLKIT_TRY(const std::string change, json.finish());
    effects.news.push_back({decisions_of_merchant(merchant_), "merged:" + merge.from + ":" + merge.into, change});
    effects.members.insert(merge.from);
    effects.members.insert(merge.into);
  }
  return {};
}

Result<> Books::take_enrolled(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string member, read_member(body, "member"));
  TILLKIT_TRY(const IdentityName identity, read_identity(body));
  TILLKIT_TRY(const std::int64_t policy, read_number(body, "policy", 0, 2));
  TILLKIT_TRY(const std::int64_t consent, read_number(body, "consent", 0, 2));
  const bool consented = policy == static_cast<int>(members::EnrolPolicy::Automatic) ||
                         consent == static_cast<int>(members::Consent::Given);
  const auto merges = people_.enrol(member, identity, heard.store, heard.when(), consented);
  effects.members.insert(member);
  BookEvent event = event_of("enrolled", heard);
  event.member = member;
  effects.events.push_back(std::move(event));
  for (const Merge& merged : merges) {
    BookEvent word = event_of("merged", heard);
    word.member = merged.into;
    word.what = merged.from;
    effects.events.push_back(std::move(word));
  }
  return merge(merges, effects);
}

Result<> Books::take_merged(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string from, read_member(body, "from"));
  TILLKIT_TRY(const std::string into, read_member(body, "into"));
  const Merge merged{from, into};
  // Most of them come from the cloud's own news.
  if (!people_.merge(merged)) return {};
  BookEvent event = event_of("merged", heard);
  event.member = into;
  event.what = from;
  effects.events.push_back(std::move(event));
  return merge({merged}, effects);
}

Result<> Books::take_consented(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string member, read_member(body, "member"));
  people_.consent(member, heard.when());
  effects.members.insert(member);
  return {};
}

Result<> Books::take_refused(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const IdentityName identity, read_identity(body));
  TILLKIT_TRY(const std::string member, read_member(body, "member", 0));
  const auto before = people_.find(identity);
  people_.refuse(identity, heard.when());
  if (!member.empty()) effects.members.insert(member);
  if (before) effects.members.insert(*before);
  return {};
}

Result<> Books::take_tier(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string member, read_member(body, "member"));
  TILLKIT_TRY(const std::string to, read_name(body, "to"));
  people_.reach_tier(member, to, heard.when());
  effects.members.insert(member);
  return {};
}

Result<> Books::take_notice(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string member, read_member(body, "member"));
  TILLKIT_TRY(const std::int64_t what, read_number(body, "what", 1, static_cast<std::int64_t>(kNotices.size())));
  TILLKIT_TRY(const std::int64_t count, core::read_integer(body, "count"));
  TILLKIT_TRY_VOID(read_number(body, "of", 1, kSeqMax));
  const std::string_view name = kNotices[static_cast<std::size_t>(what - 1)];
  ++notices_[std::string(name)];
  BookEvent event = event_of("notice", heard);
  event.member = member;
  event.what = name;
  event.count = count;
  effects.events.push_back(std::move(event));
  return {};
}

// --- coupons ---

/// Whose copy shows the coupon.
void Books::touch_holder(const std::string& coupon, Effects& effects) const {
  const Voucher* voucher = vouchers_.find(coupon);
  if (voucher != nullptr && !voucher->member.empty()) effects.members.insert(voucher->member);
}

Result<> Books::take_placed(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string coupon, read_coupon(body));
  TILLKIT_TRY(const JsonValue until, body.member("until"));
  TILLKIT_TRY(const std::int64_t until_ms, until.integer());
  vouchers_.placed(coupon, heard.terminal, time_or_none(until_ms).value_or(kTimeMax));
  effects.news.push_back({decisions_of_terminal(heard.terminal), "coupon:" + coupon, ""});
  return {};
}

Result<> Books::take_given_up(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string coupon, read_coupon(body));
  vouchers_.given_up(coupon, heard.terminal);
  effects.news.push_back({decisions_of_terminal(heard.terminal), "coupon:" + coupon, ""});
  touch_holder(coupon, effects);
  return {};
}

Result<> Books::take_redeemed(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const JsonValue list, body.member("coupons"));
  TILLKIT_TRY(const auto elements, list.elements());
  std::vector<std::pair<std::string, VoucherUse>> uses;
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const std::string coupon, read_coupon(element));
    TILLKIT_TRY(const std::int64_t by, read_number(element, "by", 1, 2));
    VoucherUse use{.sale = heard.sale(),
                   .seq = heard.record.seq.value(),
                   .terminal = heard.terminal,
                   .wall = heard.wall(),
                   .by_token = by == static_cast<int>(members::CouponBy::Token)};
    if (use.by_token) {
      TILLKIT_TRY(use.risk_minor, read_count(element, "risk"));
    }
    uses.emplace_back(coupon, std::move(use));
  }
  for (auto& [coupon, use] : uses) {
    vouchers_.use(coupon, std::move(use));
    tell_doubles(coupon, heard.wall(), effects);
    touch_holder(coupon, effects);
  }
  return {};
}

/// Each terminal that honoured a coupon beyond what it allows learns it once.
void Books::tell_doubles(const std::string& coupon, std::int64_t at, Effects& effects) {
  for (VoucherUse* use : vouchers_.doubles_of(coupon)) {
    if (use->told) continue;
    use->told = true;
    core::JsonWriter json;
    json.begin_object().name("type").text("double_redemption").name("coupon").text(coupon);
    json.name("journal").text(use->sale.journal).name("sale").integer(use->sale.sale);
    json.name("funder").text(settings_.risk_bearer).name("amount_minor").integer(use->risk_minor).end_object();
    effects.news.push_back({decisions_of_terminal(use->terminal),
                            "double:" + coupon + ":" + std::to_string(use->sale.sale), json.finish().value_or("")});
    effects.events.push_back({.type = "double_redemption",
                              .at = at,
                              .terminal = use->terminal,
                              .journal = use->sale.journal,
                              .sale = use->sale.sale,
                              .what = coupon,
                              .amount_minor = use->risk_minor});
  }
}

Result<> Books::take_returned(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::int64_t sold, read_number(body, "sale", 1, kSeqMax));
  TILLKIT_TRY(const JsonValue list, body.member("coupons"));
  TILLKIT_TRY(const auto elements, list.elements());
  std::vector<std::string> coupons;
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const std::string_view text, element.text());
    if (!offers::CouponId::parse(text)) return element.mistake();
    coupons.emplace_back(text);
  }
  for (const std::string& coupon : coupons) {
    vouchers_.give_back(coupon, {heard.journal, sold});
    touch_holder(coupon, effects);
  }
  return {};
}

Result<> Books::take_granted(const Heard& heard, const JsonValue& body, Effects& effects) {
  VoucherGrant grant{.sale = heard.sale()};
  TILLKIT_TRY(grant.member, read_member(body, "member"));
  TILLKIT_TRY(grant.by, read_offer(body, "by", 0));
  TILLKIT_TRY(grant.offer, read_offer(body, "offer"));
  TILLKIT_TRY(const std::int64_t count, read_number(body, "count", 1, members::kCouponUsesMax));
  const std::string stem =
      "g-" + core::encode_base64url(heard.record.journal.bytes) + '-' + std::to_string(heard.record.seq.value()) + '-';
  for (std::int64_t n = 1; n <= count; ++n)
    grant.coupons.push_back(stem + std::to_string(n));
  effects.members.insert(grant.member);
  vouchers_.grant(std::move(grant), std::max<std::int64_t>(0, heard.wall()));
  return {};
}

Result<> Books::take_voided(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string member, read_member(body, "member"));
  TILLKIT_TRY(const std::string by, read_offer(body, "by", 0));
  TILLKIT_TRY(const std::string offer, read_offer(body, "offer"));
  TILLKIT_TRY(const std::int64_t count, read_number(body, "count", 1, members::kCouponUsesMax));
  TILLKIT_TRY(const std::int64_t sold, read_number(body, "sale", 1, kSeqMax));
  const auto concerned = vouchers_.void_grant({heard.journal, sold}, offer, by, count);
  effects.members.insert(member);
  for (const std::string& coupon : concerned) {
    const Voucher* voucher = vouchers_.find(coupon);
    const bool placed = voucher != nullptr && voucher->holder.has_value();
    if (!placed || vouchers_.state(coupon, voucher->holder->terminal, 0) != VoucherState::Void) continue;
    core::JsonWriter json;
    json.begin_object().name("type").text("coupon_recalled").name("coupon").text(coupon).end_object();
    TILLKIT_TRY(const std::string change, json.finish());
    effects.news.push_back({decisions_of_terminal(voucher->holder->terminal), "coupon:" + coupon, change});
  }
  return {};
}

/// The terminal has heard of it.
Result<> Books::take_double(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string coupon, read_coupon(body));
  TILLKIT_TRY(const std::int64_t sale, read_number(body, "sale", 1, kSeqMax));
  effects.news.push_back({decisions_of_terminal(heard.terminal), "double:" + coupon + ":" + std::to_string(sale), ""});
  return {};
}

}  // namespace tillkit::sandbox
