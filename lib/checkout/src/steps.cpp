// SPDX-License-Identifier: Apache-2.0
// What becomes of a sale in the transactions of its payments, and what follows once they are durable.
#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "tillkit/checkout/checkout.hpp"
#include "tillkit/checkout/records.hpp"
#include "tillkit/fulfilment/vend_book.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::fail;
using core::Money;
using core::Result;
using journal::SaleId;
using journal::Tx;
using payment::AttemptEffect;
using payment::AttemptState;
using payment::Stepped;

namespace {

Result<> advance(SaleState from, SaleEvent on, SaleState expected) {
  const auto step = next(from, on);
  if (!step || step->to != expected) return fail(ErrorCode::FailedPrecondition);
  return {};
}

/// Something of the sale is under way, or waits for a person.
Result<bool> has_open_payments(const journal::Tables& tables, SaleId sale) {
  TILLKIT_TRY(const auto attempts, payment::attempts(tables));
  for (const payment::Attempt& attempt : attempts) {
    if (attempt.sale == sale && attempt.state != AttemptState::Paid) return true;
  }
  TILLKIT_TRY(const auto refunds, payment::refunds(tables));
  return std::ranges::any_of(refunds, [&](const payment::Refund& refund) { return refund.sale == sale; });
}

/// Nobody told whether money was taken, or a person must find out.
bool is_for_a_person(const Stepped& stepped) {
  return stepped.then == AttemptEffect::CallPerson;
}

}  // namespace

// --- in a transaction ---

Result<> Checkout::step(Tx& tx, const Stepped& stepped, const cloud::AttemptAnswer* answer) {
  TILLKIT_TRY(const auto sale, find_sale(tx, stepped.attempt.sale));
  if (sale && sale->state == SaleState::Paying) TILLKIT_TRY_VOID(step_paying(tx, *sale, stepped, answer));
  if (sale && sale->id == current_.id) after_.on_screen = stepped;
  if (is_for_a_person(stepped)) after_.for_a_person.push_back(stepped);
  return settle(tx);
}

Result<> Checkout::step_paying(Tx& tx, const OpenSale& sale, const Stepped& stepped,
                               const cloud::AttemptAnswer* answer) {
  switch (stepped.then) {
    case AttemptEffect::Take: TILLKIT_TRY_VOID(meet_payer(tx, sale, answer)); return take(tx, sale);
    case AttemptEffect::Release: return release(tx, sale);
    case AttemptEffect::Abandon:
    case AttemptEffect::CallPerson: return unwind(tx, sale, stepped.attempt.id);
    case AttemptEffect::None:
    case AttemptEffect::Plan: break;
  }
  return {};
}

/// A tender was taken: all is paid, or the rest is left.
Result<> Checkout::take(Tx& tx, const OpenSale& sale) {
  TILLKIT_TRY(const Money taken, taken_of(tx, sale));
  TILLKIT_TRY(const Money apart, set_apart_for(tx, sale));
  TILLKIT_TRY(const Money elsewhere, core::checked_subtract(sale.total, apart));
  TILLKIT_TRY(const Money left, core::checked_subtract(elsewhere, taken));
  if (left.is_negative()) return fail(ErrorCode::Corrupt);
  if (left.is_zero()) return hand_over(tx, sale);
  TILLKIT_TRY_VOID(advance(sale.state, SaleEvent::TakenInPart, SaleState::Paying));
  return intend_next(tx, sale, left);
}

/// A tender took nothing.
Result<> Checkout::release(Tx& tx, const OpenSale& sale) {
  TILLKIT_TRY(const Money taken, taken_of(tx, sale));
  if (taken.is_positive()) return advance(sale.state, SaleEvent::NotTaken, SaleState::Paying);
  TILLKIT_TRY_VOID(advance(sale.state, SaleEvent::NothingTaken, SaleState::Open));
  TILLKIT_TRY_VOID(free_reserved(tx, sale, false));
  return append_with(tx, kSaleReopened, sale.id, [](core::JsonWriter&) {});
}

/// All is paid. What a person hands over with the receipt is handed over in this commit; of what moves by itself this
/// commit has the intent.
Result<> Checkout::hand_over(Tx& tx, const OpenSale& sale) {
  TILLKIT_TRY_VOID(advance(sale.state, SaleEvent::TakenInFull, SaleState::Fulfilling));
  const auto handover = plan_handover(tx, sale.id, sale.total);
  const auto intention = handover ? parts_.fulfilment.intend(*handover) : std::unexpected(handover.error());
  if (!intention) {
    // The door was opened, the slot blocked, or this is another board: nothing here can bring these goods now.
    OpenSale paid = sale;
    paid.state = SaleState::Fulfilling;
    return unwind(tx, paid, {});
  }
  TILLKIT_TRY_VOID(book(tx, sale));
  if (*intention == fulfilment::Intention::Start) {
    after_.start_goods = After::Goods{.sale = sale.id, .handover = *handover, .points = after_.points};
    return fulfilment::intend_vend(tx, sale.id, *handover);
  }
  TILLKIT_TRY_VOID(advance(SaleState::Fulfilling, SaleEvent::HandedOver, SaleState::Closed));
  return close(tx, sale.id, SaleState::Closed);
}

/// Given up, for good: all that was taken goes back. The attempt under way, if there is one, is payment's to end.
Result<> Checkout::unwind(Tx& tx, const OpenSale& sale, payment::AttemptId attempt) {
  const SaleEvent why = sale.state == SaleState::Fulfilling ? SaleEvent::NotHandedOver : SaleEvent::GivenUp;
  TILLKIT_TRY_VOID(advance(sale.state, why, SaleState::Undoing));
  TILLKIT_TRY_VOID(append_with(tx, kSaleUndoing, sale.id,
                               [&](core::JsonWriter& json) { json.name("attempt").integer(attempt.value()); }));
  TILLKIT_TRY_VOID(free_reserved(tx, sale, true));
  // Cash that did not settle the price was taken whole: nothing was rounded.
  if (sale.cash.is_positive()) {
    TILLKIT_TRY_VOID(append_cash_returned(tx, sale.id, {.amount = sale.cash, .settled = sale.cash}));
    after_.cash_back.emplace_back(sale.id, sale.cash);
  }
  TILLKIT_TRY(const auto attempts, payment::attempts(tx));
  for (const payment::Attempt& paid : attempts) {
    if (paid.sale != sale.id || paid.state != AttemptState::Paid) continue;
    TILLKIT_TRY(const payment::GivenBack before, payment::given_back(tx, paid.id, paid.amount.currency));
    TILLKIT_TRY(const Money left, core::checked_subtract(paid.amount, before.amount));
    TILLKIT_TRY(const Stepped intended, attempts_.intend_refund(tx, paid, sale.id, left, payment::RefundRoom::Always));
    after_.refunds.push_back(intended);
  }
  return settle(tx);
}

/// Ends every undone sale and every refund of which nothing is under way any more.
Result<> Checkout::settle(Tx& tx) {
  TILLKIT_TRY(const std::vector<OpenSale> sales, open_sales(tx));
  for (const OpenSale& sale : sales) {
    const auto settled = next(sale.state, SaleEvent::Settled);
    if (!settled) continue;
    TILLKIT_TRY(const bool open, has_open_payments(tx, sale.id));
    if (!open) TILLKIT_TRY_VOID(close(tx, sale.id, settled->to));
  }
  return {};
}

Result<> Checkout::close(Tx& tx, SaleId sale, SaleState how) {
  after_.ended.emplace_back(sale, how);
  return append_with(tx, kSaleClosed, sale,
                     [&](core::JsonWriter& json) { json.name("how").integer(static_cast<int>(how)); });
}

// --- when it is durable ---

void Checkout::taken_back() {
  after_ = {};
}

void Checkout::committed() {
  const auto on_screen = std::exchange(after_.on_screen, std::nullopt);
  if (on_screen) {
    show_step(*on_screen);
  } else {
    follow();
  }
  go_on_after();
}

/// Takes over what the tables say of the sale on the screen.
void Checkout::follow() {
  if (current_.id.value() == 0) return;
  const auto sale = find_sale(parts_.journal.tables(), current_.id);
  if (!sale) return;  // cannot be read now: as it was
  const bool on_screen = *sale && (*sale)->state != SaleState::Undoing;
  if (!on_screen) return leave_current();
  current_.state = (*sale)->state;
  if (is_price_fixed()) current_.total = (*sale)->total;
}

/// An attempt of the sale on the screen came to something.
void Checkout::show_step(const Stepped& stepped) {
  const SaleId sale = current_.id;
  const Money total = current_.total;
  const bool next_follows = after_.next_attempt.has_value();
  if (!payment::is_unresolved(stepped.attempt.state) && current_.attempt == stepped.attempt.id) {
    current_.attempt.reset();
    // A code that cannot follow now, the shopper shows again.
    if (!next_follows) drop_held();
  }
  follow();
  if (current_.id == sale) {
    const bool took_nothing = payment::is_final(stepped.attempt.state);
    if (took_nothing && current_.tenders > 0) --current_.tenders;  // it is on no receipt
    if (current_.state == SaleState::Fulfilling) return;           // shown with the goods
    if (current_.state == SaleState::Open) open_again();
    if (stepped.attempt.state == AttemptState::Declined) {
      return show(receipt::DeclinedScreen{.amount = stepped.attempt.amount, .works = what_works()});
    }
    if (stepped.attempt.state == AttemptState::NotSent) {
      return show(receipt::RefusedScreen{payment::TenderRefusal::Offline, {}, what_works()});
    }
    if (!next_follows) show_choice();
    return;
  }
  const auto closed = std::ranges::find(after_.ended, sale, &std::pair<SaleId, SaleState>::first);
  if (closed != after_.ended.end() && closed->second == SaleState::Closed) {
    return show(
        receipt::ThankYouScreen{.paid = total, .change = money(0), .sale = number_of(sale), .points = after_.points});
  }
  show(receipt::NotCompletedScreen{.amount = stepped.attempt.amount, .order = stepped.attempt.order});
}

/// Nothing was taken: the price is what it is without the wallet that said no.
void Checkout::open_again() {
  current_.wallet.reset();
  current_.tenders = 0;
  // What cannot be priced now says so when it is to be paid.
  [[maybe_unused]] const auto priced = current_.basket.reprice(pricing());
}

/// Effects go out, in order: refunds, the next tender, what others want to hear.
void Checkout::go_on_after() {
  After after = std::exchange(after_, {});
  for (const Stepped& refund : after.refunds) {
    // One that cannot be let go now is found by the next start: it is intended.
    [[maybe_unused]] const auto gone = attempts_.refund(refund);
  }
  if (after.next_attempt && held_) {
    const codes::PaymentCode code = std::move(held_->code);
    drop_held();
    current_.attempt = after.next_attempt->id;
    current_.attempt_amount = after.next_attempt->amount;
    ++current_.tenders;
    show(receipt::WaitingForWalletScreen{after.next_attempt->amount});
    [[maybe_unused]] const auto gone = attempts_.charge(*after.next_attempt, code, settings_.store.merchant);
  }
  for (const auto& [sale, cash] : after.cash_back)
    parts_.observer.hand_out(sale, cash);
  for (const Stepped& stepped : after.for_a_person) {
    const bool of_refund = stepped.refund.has_value();
    parts_.observer.attention(
        of_refund ? receipt::Attention::RefundNeedsPerson : receipt::Attention::AttemptNeedsPerson,
        {.amount = of_refund ? stepped.refund->amount : stepped.attempt.amount,
         .order = std::string(stepped.attempt.order.view()),
         .sale = std::string(number_of(stepped.attempt.sale).view())});
  }
  for (const auto& [sale, how] : after.ended) {
    if (how == SaleState::Returned && !after.return_shown) show_returned(sale);
    parts_.observer.sale_ended(sale, how);
  }
  if (after.start_goods) start_goods(*after.start_goods, after.change);
}

// --- what is not stored ---

void Checkout::waiting(const payment::Attempt& attempt, cloud::PendingWhy why) {
  if (current_.attempt != attempt.id) return;
  if (why == cloud::PendingWhy::Password) return show(receipt::EnterPasswordScreen{attempt.amount});
  if (why != cloud::PendingWhy::Scan) show(receipt::WaitingForWalletScreen{attempt.amount});
}

void Checkout::code_to_show(const payment::Attempt& attempt, std::string_view text, std::chrono::seconds valid_for) {
  if (current_.attempt != attempt.id) return;
  show(receipt::ShowCodeScreen{.amount = attempt.amount,
                               .qr_text = std::string(text),
                               .expires_at = parts_.clock.wall().at + valid_for,
                               .valid_for = std::chrono::ceil<std::chrono::minutes>(valid_for)});
}

}  // namespace tillkit::checkout
