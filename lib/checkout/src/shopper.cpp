// SPDX-License-Identifier: Apache-2.0
// Who buys, what that brings to the price, and what is asked about it.
#include <algorithm>
#include <string>
#include <utility>

#include "bodies.hpp"
#include "tillkit/checkout/checkout.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/members/cache.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::fail;
using core::Result;
using journal::Tx;
using ledger::Unit;
using members::CouponEnd;
using members::RecogniseHow;
using payment::TenderKind;
using receipt::SaleRefusal;

namespace {

std::unexpected<Refused> refuse(SaleRefusal refusal) {
  return std::unexpected(Refused{.refusal = refusal});
}

/// The n-th use of a coupon, as the price knows it; the first has the coupon's own name.
Result<offers::CouponId> use_name(const offers::CouponId& coupon, std::uint32_t n) {
  if (n == 1) return coupon;
  return offers::CouponId::parse(std::string(coupon.view()) + ':' + std::to_string(n));
}

}  // namespace

// --- what is shown ---

Outcome<> Checkout::show_code_of_member(const codes::MemberCode& code) {
  if (parts_.membership == nullptr) return refuse(SaleRefusal::MemberUnknown);
  if (const auto* const token = std::get_if<codes::SignedToken>(&code.value)) return show_member_token(*token);
  const auto identity = parts_.membership->identities.card(std::get<codes::MemberCard>(code.value));
  if (!identity) return refuse(SaleRefusal::MemberUnknown);
  return show_identity(*identity, RecogniseHow::Card);
}

Outcome<> Checkout::show_phone(std::string_view number) {
  if (parts_.membership == nullptr) return refuse(SaleRefusal::MemberUnknown);
  const auto identity = parts_.membership->identities.phone(number);
  if (!identity) return refuse(SaleRefusal::MemberUnknown);
  return show_identity(*identity, RecogniseHow::Phone);
}

/// A name that anybody can show: its member earns, and spends nothing.
Outcome<> Checkout::show_identity(const members::Identity& identity, RecogniseHow how) {
  if (const auto busy = why_fixed()) return refuse(*busy);
  const auto known = members::find_identity(parts_.journal.tables(), identity);
  if (!known) return std::unexpected(refused(known.error()));
  if (known->known == members::Known::Refused) return refuse(SaleRefusal::MemberUnknown);
  Shopper shopper{.how = how};
  if (known->known == members::Known::Member) {
    shopper.member = known->member;
    shopper.profile = cached(known->member);
  } else if (shopper.profile = cached(identity); shopper.profile) {
    shopper.member = shopper.profile->id;
  } else {
    // Perhaps the cloud knows it. If not, this sale makes it a member.
    shopper.member = members::provisional_id(identity);
    shopper.enrol = identity;
  }
  adopt_shopper(std::move(shopper));
  ask_about(identity, how, false);
  return {};
}

Outcome<> Checkout::show_member_token(const codes::SignedToken& token) {
  if (parts_.membership == nullptr) return refuse(SaleRefusal::MemberUnknown);
  if (const auto busy = why_fixed()) return refuse(*busy);
  const auto checked =
      members::check_member_token(token, settings_.membership.keys, parts_.clock.wall(), settings_.store_id);
  if (!checked || is_revoked(checked->member.view())) return refuse(SaleRefusal::TokenNotValid);
  adopt_shopper({.member = checked->member,
                 .how = RecogniseHow::Token,
                 .may_spend = true,
                 .spend_until = checked->until,
                 .profile = cached(checked->member)});
  ask_about(checked->member, RecogniseHow::Token, true);
  return {};
}

Outcome<> Checkout::show_unified(codes::UnifiedCode code) {
  // Who cannot be recognised pays all the same.
  if (!current_.shopper && !is_asking() && current_.state == SaleState::Open) {
    [[maybe_unused]] const auto shown = show_member_token(code.member);
  }
  return pay_code(std::move(code.payment));
}

void Checkout::suggest_member(const members::Hint& hint) {
  const bool useful = parts_.membership != nullptr && !current_.shopper && !hint.member.empty();
  if (!useful || is_price_fixed()) return;
  hint_ = hint;
  parts_.observer.check_member(hint);
}

Outcome<> Checkout::member_confirmed(bool is_right) {
  const auto hint = std::exchange(hint_, std::nullopt);
  if (!hint || current_.shopper) return refuse(SaleRefusal::MemberUnknown);
  if (const auto busy = why_fixed()) return refuse(*busy);
  if (!is_right) return {};
  adopt_shopper({.member = hint->member, .how = RecogniseHow::Confirmed, .profile = cached(hint->member)});
  ask_about(hint->member, RecogniseHow::Confirmed, false);
  return {};
}

Outcome<> Checkout::set_consent(members::Consent consent) {
  const bool anybody = !current_.basket.empty() || current_.id.value() != 0 || current_.shopper;
  if (!anybody) return refuse(SaleRefusal::NoSale);
  if (current_.state == SaleState::Fulfilling) return refuse(SaleRefusal::HandingOver);
  current_.consent = consent;
  return {};
}

Outcome<> Checkout::refuse_membership(journal::SaleId sale) {
  const auto story = read_sale(parts_.journal, sale);
  if (!story) return refuse(SaleRefusal::SaleNotFound);
  if (!story->members.enrolled || story->state != SaleState::Closed) return refuse(SaleRefusal::MemberUnknown);
  const members::Identity& identity = *story->members.enrolled;
  const auto known = members::find_identity(parts_.journal.tables(), identity);
  if (!known) return std::unexpected(refused(known.error()));
  if (known->known == members::Known::Refused) return refuse(SaleRefusal::MemberUnknown);
  const auto before = returned_so_far(parts_.journal, *story);
  if (!before) return std::unexpected(refused(before.error()));
  // Merged into a registered member, the points are that one's.
  const bool is_own = members::is_provisional(known->member);
  std::int64_t points = -before->points;
  ledger::Owner owner;
  for (const ledger::Earned& earned : story->ledger.earned) {
    points += earned.points;
    owner = earned.member;
  }
  return commit([&](Tx& tx) -> Result<> {
    if (is_own && points > 0) {
      TILLKIT_TRY(const members::MemberId member, members::MemberId::parse(owner.view()));
      TILLKIT_TRY_VOID(append_taken_back(tx, sale, sale, member, points));
    }
    TILLKIT_TRY_VOID(members::refuse_consent(tx, identity));
    for (const journal::Seq record : story->personal) {
      auto forgotten = tx.forget(record);
      if (!forgotten && forgotten.error().code != ErrorCode::NotFound) return forgotten;
    }
    return {};
  });
}

// --- coupons that are shown ---

Outcome<> Checkout::refuse_coupon(SaleRefusal refusal, CouponEnd end, std::uint8_t reason) {
  add_count(current_.refused, {.end = end, .reason = reason, .count = 1});
  return refuse(refusal);
}

Outcome<> Checkout::show_coupon_token(const codes::SignedToken& token) {
  if (parts_.membership == nullptr) return refuse(SaleRefusal::CouponUnknown);
  if (const auto may = may_change(); !may) return may;
  const auto checked =
      members::check_coupon_token(token, settings_.membership.keys, parts_.clock.wall(), settings_.store_id);
  if (!checked) {
    return refuse_coupon(SaleRefusal::TokenNotValid, CouponEnd::TokenRefused,
                         static_cast<std::uint8_t>(checked.error()));
  }
  if (!current_.basket.shelf().has_coupon(checked->offer)) {
    return refuse_coupon(SaleRefusal::CouponUnknown, CouponEnd::Rejected);
  }
  const bool shown =
      std::ranges::find(current_.tokens, checked->coupon, &members::CouponToken::coupon) != current_.tokens.end() ||
      std::ranges::any_of(current_.claimed,
                          [&](const auto& claimed) { return claimed.first.coupon.id == checked->coupon; });
  if (shown) return refuse(SaleRefusal::CouponTaken);
  const auto here = members::find_coupon(parts_.journal.tables(), checked->coupon);
  if (!here) return std::unexpected(refused(here.error()));
  if (*here && (*here)->left() > 0) {
    // It was set apart for this terminal before.
    current_.claimed.emplace_back(members::CouponPlacement{(*here)->coupon, (*here)->until}, checked->member);
    [[maybe_unused]] const auto priced = reprice_for_shopper();
    return {};
  }
  const auto used = members::is_used(parts_.journal.tables(), checked->coupon);
  if (!used) return std::unexpected(refused(used.error()));
  if (*used || is_revoked(checked->coupon.view()))
    return refuse_coupon(SaleRefusal::CouponTaken, CouponEnd::AlreadyUsed);
  const auto theirs = is_for_shopper(checked->member);
  if (!theirs) return std::unexpected(refused(theirs.error()));
  if (!*theirs) return refuse_coupon(SaleRefusal::CouponOfOther, CouponEnd::OtherMember);
  if (current_.tokens.size() + current_.claimed.size() >= kTokensMax) return refuse(SaleRefusal::BasketFull);
  if (!can_ask()) return honour(*checked);

  // Who can be asked is asked: then nobody else redeems it.
  const std::uint64_t visit = current_.visit;
  const std::weak_ptr<int> alive = alive_;
  auto answered = [this, alive, visit, coupon = *checked](const Result<members::CouponPlacement>& placement) {
    if (alive.expired() || current_.visit != visit || is_price_fixed()) return;
    Outcome<> done;
    if (placement) {
      current_.claimed.emplace_back(*placement, coupon.member);
      if (const auto priced = reprice_for_shopper(); !priced) current_.claimed.pop_back();
    } else if (placement.error().code == ErrorCode::AlreadyExists) {
      done = refuse_coupon(SaleRefusal::CouponTaken, CouponEnd::AlreadyUsed);
    } else if (placement.error().code == ErrorCode::Rejected || placement.error().code == ErrorCode::NotFound) {
      done = refuse_coupon(SaleRefusal::CouponUnknown, CouponEnd::Rejected);
    } else {
      done = honour(coupon);
    }
    if (!done) show_refused(done.error());
  };
  if (const auto asked = parts_.membership->service->claim(checked->coupon, std::move(answered)); !asked) {
    return honour(*checked);
  }
  return {};
}

/// Nobody can be asked: the merchant takes the risk, as far as it is leased.
Outcome<> Checkout::honour(const members::CouponToken& token) {
  // What gives something besides the price costs nobody knows how much.
  const bool bounded = token.offline && current_.basket.shelf().takes_money_off(token.offer);
  if (!bounded) return refuse_coupon(SaleRefusal::CouponNeedsNetwork, CouponEnd::NotOffline);
  std::int64_t risk = token.risk_minor;
  for (const members::CouponToken& other : current_.tokens)
    risk += other.risk_minor;
  if (risk > leased(Unit::Risk)) return refuse_coupon(SaleRefusal::CouponNeedsNetwork, CouponEnd::NoRiskLeft);
  current_.tokens.push_back(token);
  if (const auto priced = reprice_for_shopper(); !priced) {
    current_.tokens.pop_back();
    return std::unexpected(refused(priced.error()));
  }
  return {};
}

// --- the shopper and the price ---

/// Whether the cloud can be asked about members and coupons.
bool Checkout::can_ask() const {
  return parts_.membership != nullptr && parts_.membership->service != nullptr && may_reach();
}

/// What the cloud sent of a member. The replica decides nothing about money: where it cannot be read, nothing is known.
std::optional<members::Profile> Checkout::cached(const std::variant<members::Identity, members::MemberId>& who) const {
  if (parts_.membership == nullptr || parts_.membership->cache == nullptr) return std::nullopt;
  const journal::Tables& cache = *parts_.membership->cache;
  return std::visit([&](const auto& name) { return members::find(cache, name).value_or(std::nullopt); }, who);
}

bool Checkout::is_revoked(std::string_view id) const {
  const journal::Tables* const cache = parts_.membership->cache;
  return cache != nullptr && members::is_revoked(*cache, id).value_or(false);
}

/// Tokens whose risk is not leased any more are not honoured.
void Checkout::drop_uncovered_tokens() {
  const std::int64_t covered = leased(Unit::Risk);
  std::int64_t risk = 0;
  std::erase_if(current_.tokens, [&](const members::CouponToken& token) {
    risk += token.risk_minor;
    return risk > covered;
  });
}

/// Recognised: who was recognised before gives way, unless it is the same member.
void Checkout::adopt_shopper(Shopper shopper) {
  if (const auto resolved = members::resolve(parts_.journal.tables(), shopper.member)) shopper.member = *resolved;
  if (current_.shopper && current_.shopper->member == shopper.member) {
    if (!shopper.asked) {
      shopper.may_spend = shopper.may_spend || current_.shopper->may_spend;
      if (!shopper.spend_until) shopper.spend_until = current_.shopper->spend_until;
    }
    if (!shopper.profile) shopper.profile = current_.shopper->profile;
    if (shopper.placements.empty()) shopper.placements = current_.shopper->placements;
  } else {
    current_.local.clear();
  }
  current_.shopper = std::move(shopper);
  forget_when_idle();
  // Where it cannot be priced for the member, the price stays as it was shown.
  if (const auto priced = reprice_for_shopper(); !priced) current_.shopper->for_price = false;
}

/// Prices for who is there now. It may only get cheaper: else the member earns, and the price stays.
Result<> Checkout::reprice_for_shopper() {
  if (is_price_fixed() || current_.basket.empty()) return {};
  const std::int64_t shown = current_.basket.price().payable;
  // Whom nobody knows yet pays a stranger's price: it is no member before it has paid.
  if (current_.shopper) current_.shopper->for_price = !current_.shopper->enrol;
  auto priced = current_.basket.reprice(pricing());
  const std::int64_t for_member = current_.basket.price().payable;
  if (priced && for_member > shown && current_.shopper && current_.shopper->for_price) {
    current_.shopper->for_price = false;
    priced = current_.basket.reprice(pricing());
    if (priced && current_.basket.price().payable > for_member) {
      current_.shopper->for_price = true;
      priced = current_.basket.reprice(pricing());
    }
  }
  if (!priced) return fail(ErrorCode::Exhausted);
  // What was shown before was for another member, or for what was known of this one then.
  if (current_.basket.price().payable > shown) current_.price_changed = true;
  if (!is_asking()) show_basket();
  return {};
}

void Checkout::adopt_found(const members::Found& found, RecogniseHow how, bool proven) {
  // What was shown before proves it still; what the cloud says now counts.
  const bool shown = current_.shopper && current_.shopper->may_spend;
  std::optional<core::WallTime> until;
  if (current_.shopper) until = current_.shopper->spend_until;
  adopt_shopper({.member = found.profile.id,
                 .how = how,
                 .may_spend = (proven || shown) && found.may_spend,
                 .spend_until = until,
                 .profile = found.profile,
                 .placements = found.coupons,
                 .asked = true});
}

/// Asks the cloud for what it knows, while the shopper goes on.
void Checkout::ask_about(const std::variant<members::Identity, members::MemberId>& who, RecogniseHow how, bool proven) {
  if (!can_ask()) return;
  const std::uint64_t number = ++questions_;
  current_.question = number;
  const std::weak_ptr<int> alive = alive_;
  // Where nothing can be asked or nobody answers, what is known here counts.
  [[maybe_unused]] const auto asked =
      parts_.membership->service->find(who, [this, alive, number, how, proven](const Result<members::Found>& found) {
        if (alive.expired() || current_.question != number) return;
        current_.question = 0;
        if (found && !is_price_fixed()) adopt_found(*found, how, proven);
        if (asking_ && asking_->code) go_on_with_code();
      });
}

/// Who was recognised, and walks away without scanning anything, is not the next shopper.
void Checkout::forget_when_idle() {
  if (!current_.basket.empty() || current_.id.value() != 0) return;
  parts_.scheduler.cancel(idle_timer_);
  const std::uint64_t visit = current_.visit;
  const auto timer = parts_.scheduler.call_after(kShopperIdleMax, [this, visit] {
    if (current_.visit != visit || !current_.basket.empty() || current_.id.value() != 0) return;
    abandon_coupons();
    leave_current();
    show_basket();
  });
  if (timer) idle_timer_ = *timer;
}

ledger::Owner Checkout::spender() const {
  if (!current_.shopper) return {};
  return ledger::Owner::parse(current_.shopper->member.view()).value_or(ledger::Owner{});
}

/// All names under which the shopper may have leases here.
std::vector<ledger::Owner> Checkout::spenders() const {
  std::vector<ledger::Owner> owners;
  if (!current_.shopper) return owners;
  const auto names = members::names_of(parts_.journal.tables(), current_.shopper->member);
  if (!names) return owners;
  for (const members::MemberId& name : *names) {
    if (const auto owner = ledger::Owner::parse(name.view())) owners.push_back(*owner);
  }
  return owners;
}

/// Whether the shopper proved to be a member that may spend now.
bool Checkout::may_spend() const {
  if (!current_.shopper || !current_.shopper->may_spend) return false;
  const Shopper& shopper = *current_.shopper;
  const core::WallReading now = parts_.clock.wall();
  const bool over =
      shopper.spend_until && (now.quality == core::WallQuality::Unknown || now.at >= *shopper.spend_until);
  const bool collects_only = shopper.profile && !shopper.profile->consented;
  return !over && !collects_only;
}

/// What was taken back after it was spent is earned again first.
bool Checkout::is_in_debt() const {
  return current_.shopper && current_.shopper->profile && current_.shopper->profile->debt_points > 0;
}

/// What paying so much costs: points, or value in minor units.
Result<std::int64_t> Checkout::cost_of(TenderKind kind, std::int64_t minor) const {
  if (kind != TenderKind::Points) return minor;
  return ledger::points_for(minor, settings_.membership.points_rate);
}

/// What is leased here and may be spent now, in points or minor units.
std::int64_t Checkout::leased(Unit unit) const {
  const journal::Tables& tables = parts_.journal.tables();
  const core::WallReading now = parts_.clock.wall();
  if (unit == Unit::Risk) return ledger::available(tables, unit, {}, now).value_or(0);
  if (!may_spend() || is_in_debt()) return 0;
  std::int64_t sum = 0;
  for (const ledger::Owner& owner : spenders())
    sum += ledger::available(tables, unit, owner, now).value_or(0);
  const bool fetched = fetched_ && fetched_->first.unit == unit && fetched_->first.of == spender();
  return fetched ? sum + fetched_->first.amount : sum;
}

/// Whether what was chosen to be paid here is still leased.
bool Checkout::is_local_covered() const {
  return std::ranges::all_of(current_.local, [this](const LocalTender& tender) {
    const auto cost = cost_of(tender.kind, tender.amount.minor);
    return cost && *cost <= leased(unit_of(tender.kind));
  });
}

Pricing Checkout::pricing() {
  Pricing pricing(context());
  if (current_.wallet) {
    pricing.context.wallet = offers::Name::parse(codes::to_string(*current_.wallet)).value_or(offers::Name{});
  }
  if (current_.shopper && current_.shopper->for_price) {
    pricing.context.member.known = true;
    if (current_.shopper->profile) pricing.context.member = members::rules_view(*current_.shopper->profile);
  }
  offer_coupons(pricing.coupons);
  limit_offers(pricing.context);
  return pricing;
}

/// What a member would pay and earn, of whom nothing else is known.
Pricing Checkout::pricing_as_member() const {
  Pricing as_member = current_.basket.pricing();
  if (!as_member.context.member.known) {
    as_member.context.member.known = true;
    as_member.context.member.tier = settings_.membership.first_tier;
  }
  return as_member;
}

void Checkout::offer_coupons(std::vector<offers::Coupon>& coupons) {
  current_.offered.clear();
  if (current_.shopper && current_.shopper->for_price) {
    const members::MemberId& member = current_.shopper->member;
    const auto placed = members::coupons_of(parts_.journal.tables(), member, parts_.clock.wall());
    if (placed) {
      for (const members::PlacedCoupon& coupon : *placed) {
        offer(coupon.coupon, {.coupon = coupon.coupon.id, .offer = coupon.coupon.offer, .member = coupon.member},
              coupon.left(), std::nullopt);
      }
    }
    for (const members::CouponPlacement& placement : current_.shopper->placements)
      offer_placed(placement, member);
  }
  for (const auto& [placement, member] : current_.claimed) {
    if (is_for_shopper(member).value_or(false)) offer_placed(placement, member);
  }
  for (const members::CouponToken& token : current_.tokens) {
    if (!is_for_shopper(token.member).value_or(false)) continue;
    offer({.id = token.coupon, .offer = token.offer, .valid_from = token.from, .expires_at = token.until},
          {.coupon = token.coupon,
           .offer = token.offer,
           .member = token.member,
           .by = members::CouponBy::Token,
           .risk_minor = token.risk_minor},
          1, std::nullopt);
  }
  coupons.reserve(current_.offered.size());
  for (const Offered& offered : current_.offered)
    coupons.push_back(offered.coupon);
}

/// A coupon of nobody in particular, or of who is there.
Result<bool> Checkout::is_for_shopper(const members::MemberId& member) const {
  if (member.empty()) return true;
  TILLKIT_TRY(const members::MemberId now, members::resolve(parts_.journal.tables(), member));
  return current_.shopper && current_.shopper->member == now;
}

/// What the cloud's answer sets apart. It may not have heard yet what became of a coupon here: what the journal says
/// counts.
void Checkout::offer_placed(const members::CouponPlacement& placement, const members::MemberId& member) {
  const members::HeldCoupon& coupon = placement.coupon;
  const members::CouponUse use{.coupon = coupon.id, .offer = coupon.offer, .member = member};
  const auto here = members::find_coupon(parts_.journal.tables(), coupon.id);
  if (!here) return;
  const core::WallReading now = parts_.clock.wall();
  const core::WallTime until = *here ? (*here)->until : placement.until;
  if (now.quality == core::WallQuality::Unknown || now.at >= until) return;
  if (*here) return offer((*here)->coupon, use, (*here)->left(), std::nullopt);
  offer(coupon, use, coupon.uses, placement);
}

/// Each use of a coupon is one for the price. A template that the rules do not have, or a coupon that is there already,
/// is left out.
void Checkout::offer(const members::HeldCoupon& coupon, const members::CouponUse& use, std::uint32_t uses,
                     const std::optional<members::CouponPlacement>& placement) {
  if (!current_.basket.shelf().has_coupon(coupon.offer)) return;
  const bool here =
      std::ranges::any_of(current_.offered, [&](const Offered& other) { return other.use.coupon == coupon.id; });
  if (here) return;
  const bool asked_for =
      use.by == members::CouponBy::Token ||
      std::ranges::any_of(current_.claimed, [&](const auto& claimed) { return claimed.first.coupon.id == coupon.id; });
  for (std::uint32_t n = 1; n <= uses && current_.offered.size() < offers::kCouponsMax; ++n) {
    const auto name = use_name(coupon.id, n);
    if (!name) return;
    Offered& offered = current_.offered.emplace_back();
    offered.coupon = {.id = *name,
                      .offer = coupon.offer,
                      .claimed_at = coupon.claimed_at,
                      .valid_from = coupon.valid_from,
                      .expires_at = coupon.expires_at,
                      .requested = asked_for};
    offered.use = use;
    offered.use.expires_at = coupon.expires_at;
    offered.placement = placement;
  }
}

/// What budgets are left here, and what the next draws are.
void Checkout::limit_offers(offers::Context& context) {
  const core::WallReading now = parts_.clock.wall();
  const journal::Tables& tables = parts_.journal.tables();
  for (const offers::Offer* limited : current_.basket.shelf().limited()) {
    const auto of = ledger::Owner::parse(limited->id.view());
    if (!of) continue;
    const std::int64_t left = ledger::available(tables, Unit::Budget, *of, now).value_or(0);
    context.budgets.push_back({limited->id, left});
    const auto* const random = std::get_if<offers::RandomOff>(&limited->effect);
    if (random == nullptr || left <= 0 || parts_.crypto == nullptr) continue;
    const auto all = ledger::leases_of(tables, Unit::Budget, *of);
    const auto n = ledger::next_draw(tables, limited->id);
    if (!all || !n) continue;
    const auto keyed =
        std::ranges::find_if(*all, [](const ledger::Lease& lease) { return lease.grant.draw_key.has_value(); });
    if (keyed == all->end()) continue;
    const auto key = parts_.crypto->import_mac_key(*keyed->grant.draw_key);
    const auto drawn =
        key ? ledger::draw(*key, *n, random->min, random->max) : Result<std::int64_t>(fail(ErrorCode::Unavailable));
    if (drawn) context.draws.push_back({limited->id, *drawn});
  }
  // What tokens take off is bounded by their own word, also where a leased coupon of the same offer is there.
  for (const members::CouponToken& token : current_.tokens) {
    std::int64_t risk = 0;
    for (const members::CouponToken& same : current_.tokens)
      risk += same.offer == token.offer ? same.risk_minor : 0;
    const auto listed = std::ranges::find(context.budgets, token.offer, &offers::OfferAmount::offer);
    if (listed == context.budgets.end()) {
      context.budgets.push_back({token.offer, risk});
    } else {
      listed->amount = std::min(listed->amount, risk);
    }
  }
}

// --- whose code is it? ---

bool Checkout::should_identify(const codes::PaymentCode& code) const {
  return can_ask() && code.can_identify() && !current_.shopper && !is_price_fixed() &&
         current_.consent != members::Consent::Refused;
}

/// Asks, and pays when the answer is there or its time is over. False: nothing was asked, and the code is as it was.
bool Checkout::identify(codes::PaymentCode& code, const std::optional<core::Money>& part) {
  if (!should_identify(code)) return false;
  const std::uint64_t number = ++questions_;
  // A code is asked about once at most, so not before it can wait for the answer.
  if (!hold_back(code, part, number)) return false;
  const std::weak_ptr<int> alive = alive_;
  const auto asked =
      parts_.membership->service->identify(*asking_->code, [this, alive, number](const Result<members::Found>& found) {
        if (alive.expired() || !asking_ || asking_->number != number) return;
        if (found) adopt_found(*found, RecogniseHow::PaymentCode, true);
        go_on_with_code();
      });
  if (!asked) {
    code = *std::move(asking_->code);
    stop_asking();
    return false;
  }
  show(receipt::WaitingForWalletScreen{part.value_or(left_to_pay())});
  return true;
}

/// Who showed a member code a moment ago pays when the cloud has answered about it, or its time is over.
bool Checkout::wait_for_member(codes::PaymentCode& code, const std::optional<core::Money>& part) {
  if (current_.question == 0 || is_price_fixed()) return false;
  return hold_back(code, part, ++questions_);
}

/// Keeps a code until the answer to a question comes, or its time is over. False: it cannot; the code is as it was.
bool Checkout::hold_back(codes::PaymentCode& code, const std::optional<core::Money>& part, std::uint64_t number) {
  const auto timer = parts_.scheduler.call_after(settings_.membership.identify_max, [this] { go_on_with_code(); });
  if (!timer) return false;
  asking_.emplace();
  asking_->number = number;
  asking_->code.emplace(std::move(code));
  asking_->part = part;
  asking_->timer = *timer;
  return true;
}

void Checkout::go_on_with_code() {
  if (!asking_ || !asking_->code) return;
  parts_.scheduler.cancel(asking_->timer);
  codes::PaymentCode code = *std::move(asking_->code);
  const auto part = asking_->part;
  asking_.reset();
  const auto done = charge_code(std::move(code), part);
  if (!done) show_refused(done.error());
}

void Checkout::stop_asking() {
  if (!asking_) return;
  parts_.scheduler.cancel(asking_->timer);
  asking_.reset();
}

// --- leases ---

/// Asks for what a tender needs besides what is here: 1 commit, and the answer comes later. False: nobody can be asked.
bool Checkout::fetch_lease(TenderKind kind, const std::optional<core::Money>& part, const core::Money& amount) {
  const bool possible = parts_.membership != nullptr && parts_.membership->leases != nullptr && may_spend() &&
                        !is_in_debt() && may_reach();
  if (!possible || is_asking()) return false;
  const Unit unit = unit_of(kind);
  const std::int64_t here = leased(unit);
  const auto cost = cost_of(kind, amount.minor);
  if (!cost || *cost <= here) return false;
  ledger::LeaseRequest request;
  const auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(request, ledger::request_lease(tx, settings_.terminal, unit, spender(), *cost - here));
    return {};
  });
  if (!done) return false;
  const auto timer = parts_.scheduler.call_after(kLeaseWaitMax, [this] { go_on_with_local(); });
  if (timer) {
    asking_.emplace();
    asking_->number = ++questions_;
    asking_->part = part;
    asking_->local = kind;
    asking_->request = request.key;
    asking_->timer = *timer;
  }
  ask_for_lease(request);
  return true;
}

/// Pays with what is leased here, however much of it came.
void Checkout::go_on_with_local() {
  if (!asking_ || !asking_->local) return;
  const TenderKind kind = *asking_->local;
  const auto part = asking_->part;
  stop_asking();
  const auto done = pay_local(kind, part, false);
  if (!done) show_refused(done.error());
}

void Checkout::ask_for_lease(const ledger::LeaseRequest& request) {
  if (parts_.membership == nullptr || parts_.membership->leases == nullptr) return;
  const std::weak_ptr<int> alive = alive_;
  // What cannot be asked now is asked when the network is back, and after the next start.
  [[maybe_unused]] const auto gone = parts_.membership->leases->ask(
      request, [this, alive, request](const Result<std::optional<ledger::LeaseGrant>>& answer) {
        if (!alive.expired()) lease_answered(request, answer);
      });
}

void Checkout::lease_answered(const ledger::LeaseRequest& request,
                              const Result<std::optional<ledger::LeaseGrant>>& answer) {
  if (!answer) return retry_leases();  // nobody knows
  const auto open = ledger::open_requests(parts_.journal.tables());
  if (!open || std::ranges::find(*open, request.key, &ledger::LeaseRequest::key) == open->end()) return;
  const bool waited = asking_ && asking_->request == request.key && current_.shopper;
  if (waited && *answer) {
    // What pays the rest of the sale is placed in the sale's own commit.
    fetched_.emplace(**answer, request.key);
    go_on_with_local();
    if (!fetched_) return;
    fetched_.reset();
  }
  const auto stored = commit([&](Tx& tx) -> Result<> {
    if (!*answer) return ledger::refuse_lease(tx, request.key);
    auto placed = ledger::place_lease(tx, **answer, request.key);
    // What is no lease that was asked for is none.
    const bool is_wrong = !placed && placed.error().code != ErrorCode::Timeout;
    return is_wrong ? ledger::refuse_lease(tx, request.key) : placed;
  });
  // What could not be stored is asked for again: the same request, the same answer. It pays nothing until then.
  if (!stored) {
    current_.local.clear();
    retry_leases();
  }
  if (waited && !*answer) go_on_with_local();
}

/// Asks again for all that is open, after a while.
void Checkout::retry_leases() {
  parts_.scheduler.cancel(lease_timer_);
  const auto timer = parts_.scheduler.call_after(kLeaseRetryPause, [this] { ask_for_leases(); });
  if (timer) lease_timer_ = *timer;
}

void Checkout::ask_for_leases() {
  const auto open = ledger::open_requests(parts_.journal.tables());
  if (!open) return;
  for (const ledger::LeaseRequest& request : *open)
    ask_for_lease(request);
}

void Checkout::link_is_back() {
  attempts_.link_is_back();
  ask_for_leases();
}

}  // namespace tillkit::checkout
