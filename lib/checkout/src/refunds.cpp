// SPDX-License-Identifier: Apache-2.0
// Giving back what a closed sale took: which units, how much, and to which tender.
#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "tillkit/checkout/checkout.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"

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

}  // namespace

struct Checkout::RefundPlan {
  ReturnBody body;
  std::vector<std::pair<payment::Attempt, Money>> wallets;
  CashReturn cash;
};

/// Wallets give back first, in the order in which they paid; cash has the rest, rounded over all of its refunds, so
/// that they add up to what it took.
Outcome<Checkout::RefundPlan> Checkout::plan_refund(const RefundRequest& request) const {
  const auto sold = read_sale(parts_.journal, request.sale);
  if (!sold || sold->is_refund()) return refuse(SaleRefusal::SaleNotFound);
  if (sold->state == SaleState::Undoing) return refuse_unresolved(*sold);
  if (sold->state != SaleState::Closed) return refuse(SaleRefusal::SaleNotFound);
  const auto before = returned_so_far(parts_.journal, *sold);
  if (!before) return std::unexpected(refused(before.error()));
  if (before->under_way) return refuse(SaleRefusal::RefundUnderWay);
  const auto returns = returns_of(parts_.journal.tables(), sold->id);
  if (!returns) return std::unexpected(refused(returns.error()));
  const Money left{sold->total.minor - before->amount.minor, sold->total.currency};
  if (returns->size() >= kReturnsMax) return refuse_too_much(left);
  const auto proof = proof_of(*sold);
  if (!proof) return std::unexpected(refused(proof.error()));

  RefundPlan plan;
  plan.body.of = sold->id;
  plan.body.by = request.by;
  plan.body.units.assign(request.units.begin(), request.units.end());
  if (plan.body.units.empty()) plan.body.units = units_left(*proof, before->units);
  if (plan.body.units.empty()) return refuse(SaleRefusal::AlreadyRefunded);
  const auto refund = offers::refund(*proof, before->units, plan.body.units);
  if (!refund) {
    const bool again = refund.error().code == ErrorCode::AlreadyExists;
    if (again) return refuse(SaleRefusal::AlreadyRefunded, refund.error());
    return refuse_too_much(left, refund.error());
  }
  const core::Currency currency = sold->total.currency;
  plan.body.amount = {refund->payable, currency};
  plan.body.whole = refund->whole;

  Money rest = plan.body.amount;
  for (const payment::PastAttempt& past : sold->payments.attempts) {
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
  plan.cash = {.amount = {0, currency}, .settled = rest};
  if (rest.is_zero()) return plan;

  Money settled{0, currency};
  Money taken{0, currency};
  for (const CashPart& cash : sold->cash) {
    settled.minor += cash.settled.minor;
    taken.minor += cash.tendered.minor - cash.change.minor;
  }
  const Money all_settled{before->cash_settled.minor + rest.minor, currency};
  if (all_settled > settled) return refuse_too_much(left);
  const auto rounded = payment::cash_price(all_settled, cash_rule());
  if (!rounded) return std::unexpected(refused(rounded.error()));
  const Money all_out = all_settled == settled ? taken : std::min(*rounded, taken);
  plan.cash.amount.minor = std::max<std::int64_t>(all_out.minor - before->cash.minor, 0);
  return plan;
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
    if (plan->cash.settled.is_positive()) {
      TILLKIT_TRY_VOID(append_cash_returned(tx, sale, plan->cash));
      after_.cash_back.emplace_back(sale, plan->cash.amount);
    }
    for (const auto& [attempt, amount] : plan->wallets) {
      auto intended = attempts_.intend_refund(tx, attempt, sale, amount);
      if (!intended) {
        not_taken = intended.error();
        return std::unexpected(intended.error());
      }
      after_.refunds.push_back(*std::move(intended));
    }
    return settle(tx);
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

/// To whoever waits for it: nobody does while the next shopper is served.
void Checkout::show_returned(SaleId sale) {
  if (!current_.basket.empty()) return;
  const auto story = read_sale(parts_.journal, sale);
  if (!story) return;
  const bool by_wallet = !story->payments.refunds.empty();
  show(receipt::RefundDoneScreen{.amount = by_wallet ? story->total : story->cash_back,
                                 .order = by_wallet ? story->payments.refunds.front().order : core::OrderNumber{}});
}

}  // namespace tillkit::checkout
