// SPDX-License-Identifier: Apache-2.0
// What a sale sets apart for its price (coupons, budgets, points, value), and what becomes of that.
#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "tillkit/checkout/checkout.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::fail;
using core::Result;
using journal::SaleId;
using journal::Tx;
using ledger::Unit;
using members::NoticeWhat;

namespace {

Result<> set_apart_of(Tx& tx, SaleId sale, const core::WallReading& now, ledger::Reservation reservation,
                      std::int64_t amount) {
  TILLKIT_TRY(reservation.holds, ledger::choose_holds(tx, reservation.unit, reservation.of, amount, now));
  return ledger::reserve(tx, sale, reservation);
}

std::int64_t settled_by(const std::vector<ledger::Reservation>& reserved, Unit unit) {
  std::int64_t settled = 0;
  for (const ledger::Reservation& part : reserved) {
    if (part.unit == unit) settled += part.settles_minor;
  }
  return settled;
}

/// Points that a member gets, and the word of it.
Result<> earn(Tx& tx, SaleId sale, const members::MemberId& member, std::int64_t points, ledger::EarnWhy why) {
  if (points <= 0) return {};
  TILLKIT_TRY(const ledger::Owner owner, ledger::Owner::parse(member.view()));
  const journal::Seq seq = tx.next_seq();
  TILLKIT_TRY_VOID(ledger::earn(tx, sale, owner, points, why));
  return members::notice(tx, sale, member, NoticeWhat::PointsEarned, seq, points);
}

/// Points and value that paid, and the word of it. One change of one member's, one notice.
Result<> notice_spent(Tx& tx, SaleId sale, const std::vector<ledger::Reservation>& reserved, journal::Seq taken) {
  for (const Unit unit : {Unit::Points, Unit::Value}) {
    std::int64_t spent = 0;
    members::MemberId member;
    for (const ledger::Reservation& part : reserved) {
      if (part.unit != unit) continue;
      spent += part.amount();
      TILLKIT_TRY(member, members::MemberId::parse(part.of.view()));
    }
    if (spent == 0) continue;
    const NoticeWhat what = unit == Unit::Points ? NoticeWhat::PointsSpent : NoticeWhat::ValueSpent;
    TILLKIT_TRY_VOID(members::notice(tx, sale, member, what, taken, spent));
  }
  return {};
}

Result<> give_gifts(Tx& tx, SaleId sale, const members::MemberId& member, const std::vector<Gift>& gifts) {
  for (const Gift& gift : gifts) {
    if (gift.coupon.empty()) {
      TILLKIT_TRY_VOID(earn(tx, sale, member, gift.points * gift.count, ledger::EarnWhy::Grant));
    } else {
      TILLKIT_TRY_VOID(
          members::grant_coupons(tx, sale, member, {.by = gift.by, .coupon = gift.coupon, .count = gift.count}));
    }
  }
  return {};
}

Result<> count_coupons(Tx& tx, SaleId sale, std::vector<members::CouponCount> shown, members::CouponEnd used,
                       std::size_t uses) {
  if (uses != 0) shown.push_back({.end = used, .count = static_cast<std::int64_t>(uses)});
  if (shown.empty()) return {};
  return members::count_shown(tx, sale, shown);
}

}  // namespace

Result<> append_taken_back(Tx& tx, SaleId sale, SaleId sold, const members::MemberId& member, std::int64_t points) {
  TILLKIT_TRY(const ledger::Owner owner, ledger::Owner::parse(member.view()));
  const journal::Seq seq = tx.next_seq();
  TILLKIT_TRY_VOID(ledger::take_back(tx, sale, sold, owner, points));
  return members::notice(tx, sale, member, NoticeWhat::PointsTakenBack, seq, points);
}

void add_count(std::vector<members::CouponCount>& counts, const members::CouponCount& more) {
  const auto same = std::ranges::find_if(counts, [&](const members::CouponCount& counted) {
    return counted.end == more.end && counted.reason == more.reason;
  });
  if (same != counts.end()) {
    same->count += more.count;
  } else {
    counts.push_back(more);
  }
}

/// In the commit of the intent: everything that the price counts on is this sale's now.
Result<> Checkout::set_apart(Tx& tx, SaleId sale, const offers::PriceProof& proof) {
  const core::WallReading now = parts_.clock.wall();
  std::vector<std::pair<offers::CouponId, std::int64_t>> used;  // and what each takes off
  used.reserve(proof.uses.size() + proof.grants.size() + proof.gifts.size());
  for (const offers::ProofUse& use : proof.uses)
    used.emplace_back(use.coupon, use.discount);
  // Coupons that give something besides the price are used up by it just so.
  for (const offers::ProofGrant& grant : proof.grants)
    used.emplace_back(grant.coupon, 0);
  for (const offers::ProofGift& gift : proof.gifts)
    used.emplace_back(gift.coupon, 0);
  std::vector<members::CouponUse> uses;
  std::int64_t risk = 0;
  for (const auto& [coupon, discount] : used) {
    if (coupon.empty()) continue;
    const auto found =
        std::ranges::find(current_.offered, coupon, [](const Offered& offered) { return offered.coupon.id; });
    if (found == current_.offered.end()) return fail(ErrorCode::FailedPrecondition);
    if (found->placement && found->use.by == members::CouponBy::Lease) {
      TILLKIT_TRY_VOID(members::place_coupon(tx, found->placement->coupon, found->use.member, found->placement->until));
    }
    uses.push_back(found->use);
    if (found->use.by != members::CouponBy::Token) continue;
    uses.back().risk_minor = discount;
    risk += discount;
  }
  if (risk > 0) TILLKIT_TRY_VOID(set_apart_of(tx, sale, now, {.unit = Unit::Risk}, risk));
  if (!uses.empty()) TILLKIT_TRY_VOID(members::reserve_coupons(tx, sale, uses));
  for (const offers::Offer* limited : current_.basket.shelf().limited()) {
    std::int64_t discount = 0;
    for (const offers::ProofUse& use : proof.uses)
      discount += use.offer == limited->id ? use.discount : 0;
    if (discount == 0) continue;
    TILLKIT_TRY(const ledger::Owner of, ledger::Owner::parse(limited->id.view()));
    ledger::Reservation reservation{.unit = Unit::Budget, .of = of};
    if (std::holds_alternative<offers::RandomOff>(limited->effect)) {
      TILLKIT_TRY(reservation.draw, ledger::next_draw(tx, limited->id));
    }
    TILLKIT_TRY_VOID(set_apart_of(tx, sale, now, std::move(reservation), discount));
  }
  return {};
}

/// Points and value that were chosen to pay: of all names that the member has, in their order.
Result<> Checkout::set_apart_local(Tx& tx, SaleId sale) {
  const core::WallReading now = parts_.clock.wall();
  for (const LocalTender& tender : current_.local) {
    const bool points = tender.kind == payment::TenderKind::Points;
    const Unit unit = unit_of(tender.kind);
    TILLKIT_TRY(std::int64_t amount, cost_of(tender.kind, tender.amount.minor));
    std::int64_t minor = tender.amount.minor;
    for (const ledger::Owner& owner : spenders()) {
      TILLKIT_TRY(const std::int64_t here, ledger::available(tx, unit, owner, now));
      const std::int64_t part = std::min(here, amount);
      if (part <= 0) continue;
      std::int64_t settles = part;
      if (points) {
        TILLKIT_TRY(settles, ledger::worth_of(part, settings_.membership.points_rate));
      }
      if (part == amount) settles = minor;
      settles = std::min(settles, minor);
      TILLKIT_TRY_VOID(set_apart_of(tx, sale, now, {.unit = unit, .of = owner, .settles_minor = settles}, part));
      amount -= part;
      minor -= settles;
    }
    if (amount != 0 || minor != 0) return fail(ErrorCode::Exhausted);
  }
  return {};
}

/// Nothing of the sale is taken: what it had set apart is free.
Result<> Checkout::free_reserved(Tx& tx, const OpenSale& sale, bool abandoned) {
  TILLKIT_TRY_VOID(ledger::release(tx, sale.id));
  TILLKIT_TRY(const auto coupons, members::reserved_for(tx, sale.id));
  TILLKIT_TRY_VOID(members::release_coupons(tx, sale.id));
  if (!abandoned) return {};
  TILLKIT_TRY(const auto benefits, benefits_of(tx, sale.id));
  return count_coupons(tx, sale.id, benefits ? benefits->shown : std::vector<members::CouponCount>{},
                       members::CouponEnd::Abandoned, coupons.size());
}

/// Who paid becomes a member, where the sale has none: in the commit of the payment.
Result<> Checkout::meet_payer(Tx& tx, const OpenSale& sale, const cloud::AttemptAnswer* answer) {
  if (parts_.membership == nullptr || answer == nullptr || !answer->payer) return {};
  const cloud::Payer& payer = *answer->payer;
  TILLKIT_TRY(const auto benefits, benefits_of(tx, sale.id));
  if (benefits && benefits->depends != 0 && payer.wallet && payer.wallet != benefits->wallet) {
    TILLKIT_TRY_VOID(append_with(tx, kTenderUnmet, sale.id, [&](core::JsonWriter& json) {
      json.name("expected").integer(benefits->wallet ? static_cast<int>(*benefits->wallet) : 0);
      json.name("paid_by").integer(static_cast<int>(*payer.wallet)).name("amount").integer(benefits->depends);
    }));
  }
  if (!sale.member.empty() || !payer.wallet || payer.reference.empty()) return {};
  if (benefits && benefits->enrol) return {};  // the shopper named somebody else than the payer
  const auto identity = parts_.membership->identities.payer(payer);
  if (!identity) return {};  // no name that a member could have
  TILLKIT_TRY(const members::KnownIdentity known, members::find_identity(tx, *identity));
  const members::Consent consent = consent_of(sale.id, benefits);
  const bool may_know = known.known == members::Known::No && consent != members::Consent::Refused;
  // Whom the replica does not know is a new member, and merged later.
  if (const auto profile = may_know ? cached(*identity) : std::nullopt) {
    TILLKIT_TRY(const members::MemberId member, members::resolve(tx, profile->id));
    return members::recognise(tx, sale.id, member, members::RecogniseHow::Payer);
  }
  return enrol(tx, sale.id, *identity, consent, members::RecogniseHow::Payer);
}

/// The money is taken: where no further member can be kept here, the sale goes on without one.
Result<> Checkout::enrol(Tx& tx, SaleId sale, const members::Identity& identity, members::Consent consent,
                         members::RecogniseHow how) {
  const auto member = members::enrol(tx, sale, identity, settings_.membership.enrol, consent, how);
  if (!member && member.error().code != ErrorCode::Exhausted) return std::unexpected(member.error());
  return {};
}

/// What the shopper said: before it was to be paid, or since, on this screen.
members::Consent Checkout::consent_of(SaleId sale, const std::optional<Benefits>& benefits) const {
  const bool on_screen = sale == current_.id && current_.consent != members::Consent::NotAsked;
  if (on_screen) return current_.consent;
  return benefits ? benefits->consent : members::Consent::NotAsked;
}

/// The wallet's name for a payer is kept beside the payment, unless the payer wants to be nobody.
bool Checkout::may_keep_payer(const payment::Attempt& attempt, const cloud::Payer& payer) const {
  if (parts_.membership == nullptr) return true;
  const journal::Tables& tables = parts_.journal.tables();
  const auto benefits = benefits_of(tables, attempt.sale);
  if (!benefits || consent_of(attempt.sale, *benefits) == members::Consent::Refused) return false;
  const auto identity = parts_.membership->identities.payer(payer);
  if (!identity) return true;
  const auto known = members::find_identity(tables, *identity);
  return known && known->known != members::Known::Refused;
}

/// All is paid: what was set apart is spent, and the member has what is due.
Result<> Checkout::book(Tx& tx, const OpenSale& sale) {
  TILLKIT_TRY(const auto reserved, ledger::reserved_for(tx, sale.id));
  if (!reserved.empty()) {
    const journal::Seq taken = tx.next_seq();
    TILLKIT_TRY_VOID(ledger::take(tx, sale.id));
    TILLKIT_TRY_VOID(notice_spent(tx, sale.id, reserved, taken));
  }
  TILLKIT_TRY(const auto coupons, members::reserved_for(tx, sale.id));
  TILLKIT_TRY_VOID(members::redeem_coupons(tx, sale.id));
  TILLKIT_TRY(const auto found, benefits_of(tx, sale.id));
  const Benefits benefits = found.value_or(Benefits{});
  TILLKIT_TRY_VOID(count_coupons(tx, sale.id, benefits.shown, members::CouponEnd::Redeemed, coupons.size()));
  if (sale.member.empty() && benefits.enrol) {
    TILLKIT_TRY_VOID(enrol(tx, sale.id, *benefits.enrol, consent_of(sale.id, found), benefits.how));
  }
  // It may have become somebody's in this very commit.
  TILLKIT_TRY(const auto now, find_sale(tx, sale.id));
  if (!now || now->member.empty()) return {};
  TILLKIT_TRY(const members::MemberId member, members::resolve(tx, now->member));
  TILLKIT_TRY(const std::int64_t points,
              ledger::earned_of(benefits.points, sale.total.minor, settled_by(reserved, Unit::Points)));
  TILLKIT_TRY_VOID(earn(tx, sale.id, member, points, ledger::EarnWhy::Goods));
  TILLKIT_TRY_VOID(give_gifts(tx, sale.id, member, benefits.gifts));
  const bool on_screen = sale.id == current_.id || current_.id.value() == 0;
  if (on_screen) after_.points = points;
  if (benefits.tier.empty()) return {};
  return members::reach_tier(tx, sale.id, member, benefits.tier_before, benefits.tier);
}

/// What the price brings besides, for the outcome of its payment.
Benefits Checkout::benefits_for(const offers::PriceProof& proof) const {
  Benefits benefits{.points = proof.points, .shown = current_.refused};
  for (const offers::ProofGrant& grant : proof.grants) {
    const auto same = std::ranges::find_if(benefits.gifts, [&](const Gift& gift) {
      return gift.by == grant.offer && gift.coupon == grant.coupon_template && gift.points == grant.points;
    });
    const std::uint32_t count = grant.coupon_template.empty() ? 1 : grant.count;
    if (same != benefits.gifts.end()) {
      same->count += count;
    } else {
      benefits.gifts.push_back(
          {.by = grant.offer, .coupon = grant.coupon_template, .points = grant.points, .count = count});
    }
  }
  for (const offers::Rejection& rejection : proof.rejected) {
    add_count(benefits.shown,
              {.end = members::CouponEnd::Rejected, .reason = static_cast<std::uint8_t>(rejection.reason), .count = 1});
  }
  benefits.wallet = current_.wallet;
  if (current_.wallet) {
    for (const offers::ProofUse& use : proof.uses)
      benefits.depends += use.lane == offers::Lane::Tender ? use.discount : 0;
  }
  if (benefits.depends == 0) benefits.wallet.reset();
  benefits.consent = current_.consent;
  if (current_.shopper && current_.shopper->enrol) {
    benefits.enrol = current_.shopper->enrol;
    benefits.how = current_.shopper->how;
  }
  if (!current_.shopper || !current_.shopper->profile) return benefits;
  const members::Profile& profile = *current_.shopper->profile;
  if (const auto tier = members::tier_after(settings_.membership.tiers, profile, proof.payable)) {
    benefits.tier = *tier;
    benefits.tier_before = profile.tier;
  }
  return benefits;
}

Result<> Checkout::return_leases() {
  const core::WallReading now = parts_.clock.wall();
  if (now.quality == core::WallQuality::Unknown) return {};
  const journal::Tables& tables = parts_.journal.tables();
  TILLKIT_TRY(const auto leases, ledger::leases_over(tables, now.at, kLeasesReturnedMax / 2));
  TILLKIT_TRY(const auto coupons, members::coupons_over(tables, now.at, kLeasesReturnedMax / 2));
  if (leases.empty() && coupons.empty()) return {};
  const auto done = parts_.journal.commit([&](Tx& tx) -> Result<> {
    for (const ledger::LeaseId& lease : leases)
      TILLKIT_TRY_VOID(ledger::return_lease(tx, lease));
    for (const offers::CouponId& coupon : coupons)
      TILLKIT_TRY_VOID(members::give_up_coupon(tx, coupon));
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace tillkit::checkout
