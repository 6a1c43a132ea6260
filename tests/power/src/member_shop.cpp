// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/member_shop.hpp"

#include <stdexcept>

#include "tillkit/ledger/steps.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::test {
namespace {

using core::Result;

template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error("the members' shop does not work: " + std::string(core::to_string(result.error().code)));
  }
  return *std::move(result);
}

constexpr std::string_view kRules = R"({
  "version": "members-1", "currency": "CNY",
  "offers": [
    { "id": "spend-30-get-5", "effect": { "amount_off": { "amount": "5.00", "at_least": "30.00" } } },
    { "id": "points", "effect": { "points_earn": { "points": 1, "per": "1.00" } } },
    { "id": "gold-twice", "condition": { "tier": ["gold"] },
      "effect": { "points_multiply": { "numerator": 2, "denominator": 1 } } },
    { "id": "member-cola", "lane": "price", "condition": { "member": {} }, "scope": { "items": ["cola"] },
      "effect": { "unit_price_to": { "price": "3.00" } } },
    { "id": "three-off", "coupon": true, "effect": { "amount_off": { "amount": "3.00", "at_least": "10.00" } } },
    { "id": "tenth-off", "coupon": true, "effect": { "percent_off": { "rate": "10%" } } },
    { "id": "free-cola", "coupon": true, "lane": "item", "scope": { "items": ["cola"] },
      "effect": { "percent_off": { "rate": "100%", "units_max": 1 } } },
    { "id": "gift", "condition": { "subtotal": { "at_least": "20.00" } },
      "effect": { "coupon_grant": { "coupon": "three-off", "count": 1 } } },
    { "id": "lucky", "budgeted": true, "effect": { "random_off": { "min": "0.50", "max": "5.00" } } },
    { "id": "free-day", "budgeted": true, "effect": { "free_order": {} } })";

constexpr std::string_view kWalletDay = R"(,
    { "id": "wechat-day", "lane": "tender", "condition": { "tender": { "names": ["wechat_pay"] } },
      "effect": { "amount_off": { "amount": "1.00" } } })";

}  // namespace

std::unique_ptr<checkout::Shelf> make_member_shelf(bool wallet_day) {
  const std::string text = std::string(kRules) + std::string(wallet_day ? kWalletDay : "") + "]}";
  offers::DocumentMistake document_mistake;
  auto document = offers::read_rules(text, document_mistake);
  if (!document) throw std::runtime_error(offers::to_string(document_mistake));
  offers::RuleMistake mistake;
  auto rules = offers::RuleSet::compile(*std::move(document), mistake);
  if (!rules) throw std::runtime_error(mistake.member + ": " + mistake.expected);
  return std::make_unique<checkout::Shelf>(make_catalog(350), *std::move(rules));
}

void open_for_members(TillWorld& world) {
  world.with_members = true;
  world.codes_identify = true;
  world.shelf = [] { return make_member_shelf(false); };
  world.provider.payer = R"({"wallet":"wechat_pay","reference":"o-mei"})";
  world.settings.tenders.add(payment::TenderKind::StoredValue);
  world.settings.tenders.add(payment::TenderKind::Points);
  checkout::MembershipSettings& settings = world.settings.membership;
  settings.points_rate = {.points = 100, .minor = 100};
  members::MerchantKey key{.name = must(members::KeyName::parse("k1"))};
  key.public_key = must(world.crypto().public_key(world.key()));
  settings.keys = {key};
  members::Profile mei{.id = kMei, .tier = must(offers::Name::parse("gold")), .consented = true};
  world.home.add(mei);
  world.home.add({.id = kLi, .consented = true});
  world.home.payer = kMei;
}

members::HeldCoupon coupon_of(std::string_view id, std::string_view offer, std::uint32_t uses) {
  return {.id = must(offers::CouponId::parse(id)), .offer = must(offers::OfferId::parse(offer)), .uses = uses};
}

void lease_here(TillWorld& world, std::string_view id, ledger::Unit unit, std::string_view of, std::int64_t amount,
                bool drawn) {
  ledger::LeaseGrant grant = world.home.lease(id, unit, of, amount);
  if (drawn) {
    grant.draw_key.emplace();
    grant.draw_key->fill(std::byte{5});
  }
  static_cast<void>(must(world.journal().commit([&](journal::Tx& tx) { return ledger::place_lease(tx, grant); })));
}

void merge_here(TillWorld& world, const members::MemberId& from, const members::MemberId& into) {
  world.home.merge(from, into);
  static_cast<void>(must(world.journal().commit([&](journal::Tx& tx) { return members::merge(tx, from, into); })));
}

std::string member_token(TillWorld& world, const members::MemberId& member) {
  const core::WallTime now = world.clock.wall().at;
  const members::MemberToken token{
      .member = member, .from = now - std::chrono::seconds{30}, .until = now + std::chrono::minutes{5}};
  return must(members::sign_member_token(token, must(members::KeyName::parse("k1")), world.crypto(), world.key()));
}

std::string coupon_token(TillWorld& world, std::string_view id, std::string_view offer, std::int64_t risk_minor,
                         bool offline, const members::MemberId& member) {
  const core::WallTime now = world.clock.wall().at;
  const members::CouponToken token{.coupon = must(offers::CouponId::parse(id)),
                                   .offer = must(offers::OfferId::parse(offer)),
                                   .member = member,
                                   .from = now - std::chrono::hours{1},
                                   .until = now + std::chrono::hours{24},
                                   .risk_minor = risk_minor,
                                   .offline = offline};
  return must(members::sign_coupon_token(token, must(members::KeyName::parse("k1")), world.crypto(), world.key()));
}

}  // namespace tillkit::test
