// SPDX-License-Identifier: Apache-2.0
// Giving back what a closed sale took: which units, how much, and to which tender.
#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "refund_plan.hpp"
#include "tillkit/checkout/checkout.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"
#include "tillkit/core/rounding.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::Money;
using core::Result;
using journal::SaleId;
using journal::Tx;
using receipt::SaleRefusal;

namespace {

std::unexpected<Refused> refuse(SaleRefusal refusal, std::optional<core::Error> cause = std::nullopt) {
  return std::unexpected(Refused{.refusal = refusal, .cause = cause});
}

/// All units of a sale that were not given back before.
std::vector<offers::UnitRange> units_left(const offers::PriceProof& proof,
                                          const std::vector<offers::UnitRange>& before) {
  std::vector<offers::UnitRange> left;
  for (const offers::ProofLine& line : proof.lines) {
    const std::int64_t units = line.weighed ? 1 : line.count;
    std::vector<std::pair<std::int64_t, std::int64_t>> gone;  // first, and the one after the last
    for (const offers::UnitRange& range : before) {
      if (range.line == line.id) gone.emplace_back(range.first, range.first + range.count);
    }
    std::ranges::sort(gone);
    std::int64_t first = 1;
    for (const auto& [from, to] : gone) {
      if (from > first) left.push_back({.line = line.id, .first = first, .count = from - first});
      first = std::max(first, to);
    }
    if (first <= units) left.push_back({.line = line.id, .first = first, .count = units - first + 1});
  }
  return left;
}

std::unexpected<Refused> refuse_too_much(const Money& left, std::optional<core::Error> cause = std::nullopt) {
  return std::unexpected(Refused{.refusal = SaleRefusal::RefundTooMuch, .values = {.amount = left}, .cause = cause});
}

/// The sale is given up, and nobody knows yet what became of this attempt.
std::unexpected<Refused> refuse_unresolved(const SaleStory& sale) {
  Refused refused{.refusal = SaleRefusal::AttemptUnresolved};
  for (const payment::PastAttempt& attempt : sale.payments.attempts) {
    if (payment::is_final(attempt.state)) continue;
    refused.values.order = attempt.order.view();
  }
  return std::unexpected(std::move(refused));
}

/// Why payment does not take a refund, in the operator's words.
SaleRefusal refusal_of_refund(const core::Error& error) {
  switch (error.code) {
    case ErrorCode::FailedPrecondition: return SaleRefusal::RefundWindowOver;
    case ErrorCode::Exhausted: return SaleRefusal::RefundUnderWay;
    default: return SaleRefusal::RefundTooMuch;
  }
}

/// What went back before of one part of what a sale spent: money that it settled, and its holds.
struct BackSoFar {
  std::int64_t settled = 0;
  std::vector<ledger::Hold> holds;
  std::int64_t amount = 0;
};

BackSoFar back_so_far(const ledger::Reservation& part, const std::vector<ledger::GivenBack>& given_back) {
  BackSoFar before;
  for (const ledger::GivenBack& back : given_back) {
    if (back.part.unit != part.unit || back.part.of != part.of) continue;
    before.settled += back.part.settles_minor;
    before.amount += back.part.amount();
    before.holds.insert(before.holds.end(), back.part.holds.begin(), back.part.holds.end());
  }
  return before;
}

/// What a sale took of one unit and owner, whether in one part or in several.
std::vector<ledger::Reservation> parts_taken(const ledger::LedgerHistory& history) {
  std::vector<ledger::Reservation> parts;
  for (const ledger::Spent& spent : history.spent) {
    if (spent.state != ledger::SpentState::Taken) continue;
    const auto same = std::ranges::find_if(parts, [&](const ledger::Reservation& part) {
      return part.unit == spent.part.unit && part.of == spent.part.of;
    });
    if (same == parts.end()) {
      parts.push_back(spent.part);
      parts.back().draw.reset();
    } else {
      same->settles_minor += spent.part.settles_minor;
      same->holds.insert(same->holds.end(), spent.part.holds.begin(), spent.part.holds.end());
    }
  }
  return parts;
}

/// Takes `settled` of the price back from what `part` paid: of its amount what that is worth, rounded down over all
/// refunds together, so that the last one brings all of it.
Result<ledger::Reservation> part_back(const ledger::Reservation& part, const BackSoFar& before, std::int64_t settled) {
  const std::int64_t all = before.settled + settled;
  TILLKIT_TRY(const std::int64_t worth,
              core::multiply_divide(part.amount(), all, part.settles_minor, core::Rounding::Floor));
  ledger::Reservation back{.unit = part.unit, .of = part.of, .settles_minor = settled};
  if (worth > before.amount) {
    TILLKIT_TRY(back.holds, ledger::choose_give_back(part, before.holds, worth - before.amount));
  }
  return back;
}

}  // namespace

Outcome<Checkout::RefundPlan> Checkout::plan_refund(const RefundRequest& request) const {
  const auto sold = read_sale(parts_.journal, request.sale);
  if (!sold || sold->is_refund()) return refuse(SaleRefusal::SaleNotFound);
  if (sold->state == SaleState::Undoing) return refuse_unresolved(*sold);
  if (sold->state != SaleState::Closed) return refuse(SaleRefusal::SaleNotFound);
  if (parts_.is_ceded) {
    const auto ceded = parts_.is_ceded(sold->id);
    if (!ceded) return std::unexpected(refused(ceded.error()));
    if (*ceded) return refuse(SaleRefusal::RefundCeded);
  }
  const auto before = returned_so_far(parts_.journal, *sold);
  if (!before) return std::unexpected(refused(before.error()));
  if (before->under_way) return refuse(SaleRefusal::RefundUnderWay);
  const auto returns = returns_of(parts_.journal.tables(), sold->id);
  if (!returns) return std::unexpected(refused(returns.error()));
  if (returns->size() >= kReturnsMax) {
    return refuse_too_much({sold->total.minor - before->amount.minor, sold->total.currency});
  }
  return plan_refund_of(*sold, *before, request);
}

/// Wallets give back first, in the order in which they paid; cash has the rest, rounded over all of its refunds, so
/// that they add up to what it took.
Outcome<Checkout::RefundPlan> Checkout::plan_refund_of(const SaleStory& sold, const ReturnedSoFar& before,
                                                       const RefundRequest& request) const {
  const Money left{sold.total.minor - before.amount.minor, sold.total.currency};
  const auto proof = proof_of(sold);
  if (!proof) return std::unexpected(refused(proof.error()));

  RefundPlan plan;
  plan.body.of = sold.id;
  plan.body.by = request.by;
  plan.body.units.assign(request.units.begin(), request.units.end());
  if (plan.body.units.empty()) plan.body.units = units_left(*proof, before.units);
  if (plan.body.units.empty()) return refuse(SaleRefusal::AlreadyRefunded);
  const auto refund = offers::refund(*proof, before.units, plan.body.units);
  if (!refund) {
    const bool again = refund.error().code == ErrorCode::AlreadyExists;
    if (again) return refuse(SaleRefusal::AlreadyRefunded, refund.error());
    return refuse_too_much(left, refund.error());
  }
  const core::Currency currency = sold.total.currency;
  plan.body.amount = {refund->payable, currency};
  plan.body.whole = refund->whole;

  Money rest = plan.body.amount;
  for (const payment::PastAttempt& past : sold.payments.attempts) {
    if (past.state != payment::AttemptState::Paid || rest.is_zero()) continue;
    const auto given = payment::given_back(parts_.journal.tables(), past.id, currency);
    if (!given) return std::unexpected(refused(given.error()));
    const Money part{std::min(rest.minor, past.amount.minor - given->amount.minor), currency};
    if (!part.is_positive()) continue;
    const auto paid = attempts_.find_paid(past.order);
    if (!paid) return refuse(SaleRefusal::RefundUnderWay, paid.error());
    plan.wallets.emplace_back(*paid, part);
    rest.minor -= part.minor;
  }
  const std::vector<ledger::Reservation> spent = parts_taken(sold.ledger);
  for (const ledger::Unit unit : {ledger::Unit::Value, ledger::Unit::Points}) {
    for (const ledger::Reservation& part : spent) {
      if (part.unit != unit || rest.is_zero()) continue;
      const BackSoFar earlier = back_so_far(part, before.given_back);
      const std::int64_t settled = std::min(rest.minor, part.settles_minor - earlier.settled);
      if (settled <= 0) continue;
      auto back = part_back(part, earlier, settled);
      if (!back) return refuse_too_much(left, back.error());
      plan.local.push_back(*std::move(back));
      rest.minor -= settled;
    }
  }
  if (const auto planned = plan_member_refund(sold, before, *proof, *refund, plan); !planned) {
    return std::unexpected(refused(planned.error()));
  }
  plan.cash = {.amount = {0, currency}, .settled = rest};
  if (rest.is_zero()) return plan;

  Money settled{0, currency};
  Money taken{0, currency};
  for (const CashPart& cash : sold.cash) {
    settled.minor += cash.settled.minor;
    taken.minor += cash.tendered.minor - cash.change.minor;
  }
  const Money all_settled{before.cash_settled.minor + rest.minor, currency};
  if (all_settled > settled) return refuse_too_much(left);
  const auto rounded = payment::cash_price(all_settled, cash_rule());
  if (!rounded) return std::unexpected(refused(rounded.error()));
  const Money all_out = all_settled == settled ? taken : std::min(*rounded, taken);
  plan.cash.amount.minor = std::max<std::int64_t>(all_out.minor - before.cash.minor, 0);
  return plan;
}

/// What the member keeps after a refund: points fall to what the rule gives for the rest, coupons come back with the
/// last of their goods, gifts go with it, and budgets have what they did not need.
Result<> Checkout::plan_member_refund(const SaleStory& sold, const ReturnedSoFar& before,
                                      const offers::PriceProof& proof, const offers::Refund& refund,
                                      RefundPlan& plan) const {
  const std::vector<ledger::Reservation> spent = parts_taken(sold.ledger);
  for (const ledger::Reservation& part : spent) {
    if (part.unit != ledger::Unit::Budget) continue;
    std::int64_t back = 0;
    for (const offers::RefundLine& line : refund.lines) {
      for (const offers::RefundDiscount& discount : line.discounts)
        back += proof.uses[discount.use].offer.view() == part.of.view() ? discount.amount : 0;
    }
    const BackSoFar earlier = back_so_far(part, before.given_back);
    back = std::min(back, part.amount() - earlier.amount);
    if (back <= 0) continue;
    ledger::Reservation given{.unit = part.unit, .of = part.of};
    TILLKIT_TRY(given.holds, ledger::choose_give_back(part, earlier.holds, back));
    plan.local.push_back(std::move(given));
  }
  for (const offers::CouponId& name : refund.coupons_back) {
    // The proof names uses: the n-th use of a coupon is that coupon's.
    auto use = std::ranges::find(sold.members.coupons, name, &members::CouponUse::coupon);
    if (use == sold.members.coupons.end()) {
      use = std::ranges::find_if(sold.members.coupons, [&](const members::CouponUse& candidate) {
        return name.view().starts_with(std::string(candidate.coupon.view()) + ':');
      });
    }
    if (use != sold.members.coupons.end()) plan.coupons.push_back(*use);
  }
  if (sold.ledger.earned.empty() && sold.members.granted.empty()) return {};
  const auto member = sold.members.member;
  if (!member) return {};
  TILLKIT_TRY(plan.member, members::resolve(parts_.journal.tables(), *member));
  std::int64_t earned = 0;
  for (const ledger::Earned& one : sold.ledger.earned)
    earned += one.why == ledger::EarnWhy::Goods ? one.points : 0;
  std::int64_t granted = 0;
  for (const std::uint32_t index : refund.grants_void) {
    const offers::ProofGrant& grant = proof.grants[index];
    if (grant.coupon_template.empty()) {
      granted += grant.points;
    } else {
      plan.grants.push_back({.by = grant.offer, .coupon = grant.coupon_template, .count = grant.count});
    }
  }
  // What all refunds together, this one included, leave.
  std::vector<offers::UnitRange> all = before.units;
  all.insert(all.end(), plan.body.units.begin(), plan.body.units.end());
  TILLKIT_TRY(const offers::Refund together, offers::refund(proof, {}, all));
  std::int64_t by_points = 0;
  for (const ledger::Reservation& part : spent) {
    if (part.unit != ledger::Unit::Points) continue;
    by_points += part.settles_minor - back_so_far(part, before.given_back).settled;
  }
  for (const ledger::Reservation& part : plan.local)
    by_points -= part.unit == ledger::Unit::Points ? part.settles_minor : 0;
  TILLKIT_TRY(const std::int64_t kept,
              ledger::earned_of(proof.points - together.points, sold.total.minor - together.payable, by_points));
  // Where the payer did not want to be a member after all, nothing is left to take.
  if (!sold.ledger.taken_back.empty()) return {};
  // An offer's own points go with the last unit, so no refund before this one took any of them.
  plan.points = std::max<std::int64_t>(earned - before.points - kept, 0) + granted;
  return {};
}

Result<Refunds> Checkout::refunds_of(SaleId sale) const {
  TILLKIT_TRY(const SaleStory sold, read_sale(parts_.journal, sale));
  if (sold.is_refund()) return core::fail(ErrorCode::NotFound);
  if (sold.state != SaleState::Closed) return Refunds::UnderWay;
  TILLKIT_TRY(const auto before, returned_so_far(parts_.journal, sold));
  if (before.under_way) return Refunds::UnderWay;
  return before.units.empty() ? Refunds::None : Refunds::Begun;
}

Outcome<SaleId> Checkout::refund(const RefundRequest& request) {
  const auto plan = plan_refund(request);
  if (!plan) return std::unexpected(plan.error());
  if (auto may = permit(request.by, Action::Refund, plan->body.amount); !may) return std::unexpected(may.error());
  if (const auto may = may_begin(); !may) return std::unexpected(may.error());
  update_day();
  SaleId sale{};
  std::optional<core::Error> not_taken;
  const auto done = commit([&](Tx& tx) -> Result<> {
    sale = SaleId(tx.next_seq().value());
    TILLKIT_TRY_VOID(append_return(tx, sale, plan->body));
    return give_back(tx, sale, *plan, &not_taken);
  });
  if (!done && not_taken) {
    const SaleRefusal why = refusal_of_refund(*not_taken);
    if (why == SaleRefusal::RefundTooMuch) return refuse_too_much(plan->body.amount, not_taken);
    return refuse(why, not_taken);
  }
  if (!done) return std::unexpected(done.error());
  go_on_after();
  return sale;
}

/// Gives all of it back in the name of `sale`. `not_taken`: why payment does not take a refund, which then is none;
/// null: what the provider does not give back any more (goods were found after its window) a person gives back.
Result<> Checkout::give_back(Tx& tx, SaleId sale, const RefundPlan& plan, std::optional<core::Error>* not_taken) {
  if (plan.cash.settled.is_positive()) {
    TILLKIT_TRY_VOID(append_cash_returned(tx, sale, plan.cash));
    after_.cash_back.emplace_back(sale, plan.cash.amount);
  }
  // Of goods that stayed inside all must be given back now: nobody is there to ask again later.
  const auto room = not_taken == nullptr ? payment::RefundRoom::Always : payment::RefundRoom::Limited;
  for (const auto& [attempt, amount] : plan.wallets) {
    auto intended = attempts_.intend_refund(tx, attempt, sale, amount, room);
    if (intended) {
      after_.refunds.push_back(*std::move(intended));
    } else if (not_taken == nullptr && intended.error().code == ErrorCode::FailedPrecondition) {
      after_.not_refunded.emplace_back(attempt.order, amount);
    } else {
      if (not_taken != nullptr) *not_taken = intended.error();
      return std::unexpected(intended.error());
    }
  }
  TILLKIT_TRY_VOID(give_back_local(tx, sale, plan));
  return settle(tx);
}

/// Points, value, coupons and budgets in the refund's own commit, each with its word to the member.
Result<> Checkout::give_back_local(Tx& tx, SaleId sale, const RefundPlan& plan) {
  for (const ledger::Reservation& part : plan.local) {
    const journal::Seq seq = tx.next_seq();
    if (part.holds.empty() && part.settles_minor == 0) continue;
    TILLKIT_TRY_VOID(ledger::give_back(tx, sale, plan.body.of, part));
    const bool is_members = part.unit == ledger::Unit::Points || part.unit == ledger::Unit::Value;
    if (!is_members || part.holds.empty()) continue;
    TILLKIT_TRY(const members::MemberId member, members::MemberId::parse(part.of.view()));
    const auto what =
        part.unit == ledger::Unit::Points ? members::NoticeWhat::PointsGivenBack : members::NoticeWhat::ValueGivenBack;
    TILLKIT_TRY_VOID(members::notice(tx, sale, member, what, seq, part.amount()));
  }
  if (!plan.coupons.empty()) TILLKIT_TRY_VOID(members::return_coupons(tx, sale, plan.body.of, plan.coupons));
  for (const members::Grant& grant : plan.grants)
    TILLKIT_TRY_VOID(members::void_grant(tx, sale, plan.body.of, plan.member, grant));
  if (plan.points <= 0) return {};
  return append_taken_back(tx, sale, plan.body.of, plan.member, plan.points);
}

/// To whoever waits for it: nobody does while the next shopper is served.
void Checkout::show_returned(SaleId sale) {
  if (!current_.basket.empty()) return;
  const auto story = read_sale(parts_.journal, sale);
  if (!story) return;
  const bool by_wallet = !story->payments.refunds.empty();
  const bool in_cash = !by_wallet && story->cash_back_settled.is_positive();
  show(receipt::RefundDoneScreen{.amount = in_cash ? story->cash_back : story->total,
                                 .order = by_wallet ? story->payments.refunds.front().order : core::OrderNumber{}});
}

}  // namespace tillkit::checkout
