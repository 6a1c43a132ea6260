// SPDX-License-Identifier: Apache-2.0
// How a sale is paid: what is checked, recorded and let go.
#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "tillkit/checkout/checkout.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"
#include "tillkit/payment/limits.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::fail;
using core::Money;
using core::Result;
using journal::SaleId;
using journal::Tx;
using payment::TenderKind;
using payment::TenderRefusal;
using receipt::SaleRefusal;

namespace {

std::unexpected<Refused> refuse(SaleRefusal refusal) {
  return std::unexpected(Refused{.refusal = refusal});
}

}  // namespace

// --- what can be taken ---

Result<Money> Checkout::taken_of(const journal::Tables& tables, const OpenSale& sale) const {
  TILLKIT_TRY(const auto attempts, payment::attempts(tables));
  Money taken = sale.cash;
  for (const payment::Attempt& attempt : attempts) {
    if (attempt.sale != sale.id || attempt.state != payment::AttemptState::Paid) continue;
    TILLKIT_TRY(taken, core::checked_add(taken, attempt.amount));
  }
  return taken;
}

Money Checkout::left_to_pay() const {
  if (current_.state != SaleState::Paying) return money(current_.basket.price().payable);
  const auto sale = find_sale(parts_.journal.tables(), current_.id);
  if (!sale || !*sale) return current_.total;
  const auto taken = taken_of(parts_.journal.tables(), **sale);
  if (!taken) return current_.total;
  return core::checked_subtract(current_.total, *taken).value_or(current_.total);
}

payment::TenderSituation Checkout::situation() const {
  payment::TenderSituation situation{.offered = settings_.tenders, .left_to_pay = left_to_pay()};
  situation.online = parts_.network.link() == hal::LinkState::Online;
  // A sale that has begun is finished from the reserve.
  situation.can_store = current_.id.value() != 0 ? parts_.journal.state() == journal::State::Running
                                                 : parts_.journal.may_start_sale() == journal::StartSale::Allowed;
  situation.clock = parts_.clock.wall().quality;
  const auto backlog = payment::backlog(parts_.journal.tables());
  situation.unresolved = backlog ? backlog->unresolved : payment::kUnresolvedMax;
  return situation;
}

std::optional<TenderRefusal> Checkout::can_take(TenderKind kind) const {
  payment::TenderSituation now = situation();
  if (current_.basket.empty()) now.left_to_pay = money(1);  // nobody asks about a price: about the terminal
  return payment::refusal_of(kind, now);
}

payment::TenderSet Checkout::what_works() const {
  payment::TenderSituation now = situation();
  if (current_.basket.empty()) now.left_to_pay = money(1);
  return payment::what_works(now);
}

fulfilment::Handover Checkout::handover_of(const std::vector<BasketLine>& lines, SaleId sale) const {
  fulfilment::Handover handover{.id = fulfilment::HandoverId(static_cast<std::uint64_t>(sale.value())), .goods = {}};
  for (const BasketLine& line : lines)
    handover.goods.push_back({.line = line.id, .first = 1, .count = line.weighed() ? 1 : line.count});
  return handover;
}

bool Checkout::can_hand_over() const {
  const SaleId named = current_.id.value() != 0 ? current_.id : SaleId(1);
  const auto intention = parts_.fulfilment.intend(handover_of(current_.basket.lines(), named));
  return intention && *intention == fulfilment::Intention::AtOnce;
}

/// Whether there is a sale that can be paid.
Outcome<> Checkout::prepare_sale() {
  if (current_.basket.empty()) return refuse(SaleRefusal::BasketEmpty);
  if (current_.attempt) return refuse(SaleRefusal::AlreadyPaying);
  if (current_.basket.minimum_age() > current_.age) {
    return std::unexpected(
        Refused{.refusal = SaleRefusal::AgeNotConfirmed, .values = {.age = current_.basket.minimum_age()}});
  }
  if (current_.id.value() == 0) {
    if (const auto may = may_begin(); !may) return may;
  }
  if (!can_hand_over()) return refuse(SaleRefusal::HandoverUnavailable);
  if (current_.tenders >= kTendersMax) return refuse(SaleRefusal::AlreadyPaying);
  update_day();
  return current_.state == SaleState::Paying ? Outcome<>{} : prepare_price();
}

/// Prices once more: a flash price may be over. More than was shown needs a yes.
Outcome<> Checkout::prepare_price() {
  const std::int64_t shown = current_.basket.price().payable;
  if (auto priced = current_.basket.reprice(context()); !priced) return priced;
  if (current_.basket.price().payable > shown) current_.price_changed = true;
  if (!current_.price_changed) return {};
  show_basket();
  return std::unexpected(
      Refused{.refusal = SaleRefusal::PriceChanged, .values = {.amount = money(current_.basket.price().payable)}});
}

Outcome<Money> Checkout::prepare(TenderKind kind, const std::optional<Money>& part) {
  if (const auto ready = prepare_sale(); !ready) return std::unexpected(ready.error());
  const payment::TenderSituation now = situation();
  if (const auto refusal = payment::refusal_of(kind, now)) return std::unexpected(refused(*refusal));
  const Money amount = part.value_or(now.left_to_pay);
  if (amount.currency != now.left_to_pay.currency || !amount.is_positive() || amount > now.left_to_pay) {
    return std::unexpected(Refused{.refusal = SaleRefusal::AmountTooHigh, .values = {.amount = now.left_to_pay}});
  }
  return amount;
}

Outcome<std::string> Checkout::priced_proof() const {
  if (current_.state == SaleState::Paying) return std::string();
  const auto proof = current_.basket.proof(context());
  auto text = proof ? offers::to_json(*proof) : Result<std::string>(std::unexpected(proof.error()));
  if (text) return *std::move(text);
  return std::unexpected(Refused{.refusal = SaleRefusal::BasketFull, .cause = text.error()});
}

/// The price becomes the sale's; of one that is being paid it is already.
Result<SaleId> Checkout::begin_paying(Tx& tx, const std::string& proof) {
  const SaleId sale = current_.id.value() != 0 ? current_.id : SaleId(tx.next_seq().value());
  if (!next(current_.state, SaleEvent::Pay)) return fail(ErrorCode::FailedPrecondition);
  if (current_.state == SaleState::Paying) return sale;
  TILLKIT_TRY_VOID(append_priced(tx, kSalePriced, sale,
                                 {.total = money(current_.basket.price().payable),
                                  .lines = current_.basket.lines(),
                                  .removed = current_.basket.removed(),
                                  .age = current_.age}));
  TILLKIT_TRY_VOID(append_proof(tx, sale, proof));
  return sale;
}

Outcome<payment::Attempt> Checkout::intend(TenderKind kind, std::optional<codes::Wallet> wallet, const Money& amount) {
  const auto proof = priced_proof();
  if (!proof) return std::unexpected(proof.error());
  payment::Attempt attempt;
  bool refused_by_payment = false;
  const auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const SaleId sale, begin_paying(tx, *proof));
    const auto intended = attempts_.intend(tx, {.sale = sale, .tender = kind, .wallet = wallet, .amount = amount});
    refused_by_payment = !intended && intended.error().code == ErrorCode::OutOfRange;
    if (!intended) return std::unexpected(intended.error());
    attempt = *intended;
    return {};
  });
  if (!done && refused_by_payment) {
    return std::unexpected(Refused{.refusal = SaleRefusal::AmountTooHigh, .values = {.amount = amount}});
  }
  if (!done) return std::unexpected(done.error());
  current_.id = attempt.sale;
  current_.attempt = attempt.id;
  current_.attempt_amount = amount;
  ++current_.tenders;
  follow();
  return attempt;
}

// --- tenders ---

Outcome<> Checkout::pay_code(codes::PaymentCode code, std::optional<Money> part) {
  if (current_.attempt) return hold(std::move(code), part);
  const auto amount = prepare(TenderKind::WalletCode, part);
  if (!amount) return std::unexpected(amount.error());
  std::optional<codes::Wallet> wallet;
  if (!code.wallets().empty()) wallet = code.wallets().front();
  const auto attempt = intend(TenderKind::WalletCode, wallet, *amount);
  if (!attempt) return std::unexpected(attempt.error());
  show(receipt::WaitingForWalletScreen{*amount});
  if (const auto gone = attempts_.charge(*attempt, code, settings_.store.merchant); !gone) {
    return std::unexpected(refused(gone.error()));
  }
  return {};
}

Outcome<> Checkout::pay_qr(std::optional<Money> part) {
  const auto amount = prepare(TenderKind::WalletQr, part);
  if (!amount) return std::unexpected(amount.error());
  const auto wallet = settings_.qr_wallets.size() == 1 ? std::optional(settings_.qr_wallets.front()) : std::nullopt;
  const auto attempt = intend(TenderKind::WalletQr, wallet, *amount);
  if (!attempt) return std::unexpected(attempt.error());
  show(receipt::WaitingForWalletScreen{*amount});
  if (const auto gone = attempts_.show_code(*attempt, settings_.qr_wallets, settings_.store.merchant); !gone) {
    return std::unexpected(refused(gone.error()));
  }
  return {};
}

/// While one tender is under way, the code of the next waits in memory.
Outcome<> Checkout::hold(codes::PaymentCode code, std::optional<Money> part) {
  const Money left = left_to_pay();
  const bool something_left = current_.attempt_amount < left;
  if (held_ || !something_left) return refuse(SaleRefusal::AlreadyPaying);
  const Money most = money(left.minor - current_.attempt_amount.minor);
  if (part && (part->currency != most.currency || !part->is_positive() || *part > most)) {
    return std::unexpected(Refused{.refusal = SaleRefusal::AmountTooHigh, .values = {.amount = most}});
  }
  auto timer = parts_.scheduler.call_after(kCodeHeldMax, [this] { held_.reset(); });
  if (!timer) return refuse(SaleRefusal::AlreadyPaying);
  held_timer_ = *timer;
  held_.emplace(std::move(code), part);
  return {};
}

void Checkout::drop_held() {
  parts_.scheduler.cancel(held_timer_);
  held_.reset();
}

/// The held tender's intent, in the commit that took the one before. Where it cannot be, the shopper shows it again.
Result<> Checkout::intend_next(Tx& tx, const OpenSale& sale, const Money& left) {
  if (!held_ || current_.id != sale.id || current_.tenders >= kTendersMax) return {};
  const Money amount = held_->part && *held_->part < left ? *held_->part : left;
  std::optional<codes::Wallet> wallet;
  if (!held_->code.wallets().empty()) wallet = held_->code.wallets().front();
  const auto intended =
      attempts_.intend(tx, {.sale = sale.id, .tender = TenderKind::WalletCode, .wallet = wallet, .amount = amount});
  if (intended) after_.next_attempt = *intended;
  return {};
}

Outcome<payment::CashSettlement> Checkout::pay_cash(const Money& tendered) {
  if (const auto amount = prepare(TenderKind::Cash, std::nullopt); !amount) return std::unexpected(amount.error());
  const auto settlement = payment::settle_cash(left_to_pay(), tendered, cash_rule());
  if (!settlement) {
    return std::unexpected(Refused{.refusal = SaleRefusal::CashInvalid, .cause = settlement.error()});
  }
  const auto proof = priced_proof();
  if (!proof) return std::unexpected(proof.error());
  SaleId sale{};
  const auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(sale, begin_paying(tx, *proof));
    TILLKIT_TRY_VOID(append_cash(tx, sale, *settlement));
    TILLKIT_TRY(const auto open, find_sale(tx, sale));
    if (!open) return fail(ErrorCode::Corrupt);
    return take(tx, *open);
  });
  if (!done) return std::unexpected(done.error());
  const Money paid = current_.state == SaleState::Paying ? current_.total : money(current_.basket.price().payable);
  current_.id = sale;
  ++current_.tenders;
  const bool settled = settlement->missing.is_zero();
  follow();
  if (settled) {
    show(receipt::ThankYouScreen{.paid = paid, .change = settlement->change, .sale = number_of(sale)});
  } else {
    show_choice();
  }
  go_on_after();
  return *settlement;
}

Outcome<> Checkout::pay_nothing() {
  if (const auto ready = prepare_sale(); !ready) return ready;
  if (left_to_pay().is_positive()) {
    return std::unexpected(Refused{.refusal = SaleRefusal::AmountTooHigh, .values = {.amount = left_to_pay()}});
  }
  const auto proof = priced_proof();
  if (!proof) return std::unexpected(proof.error());
  SaleId sale{};
  auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(sale, begin_paying(tx, *proof));
    TILLKIT_TRY(const auto open, find_sale(tx, sale));
    if (!open) return fail(ErrorCode::Corrupt);
    return take(tx, *open);
  });
  if (!done) return done;
  current_.id = sale;
  follow();
  show(receipt::ThankYouScreen{.paid = money(0), .change = money(0), .sale = number_of(sale)});
  go_on_after();
  return {};
}

Outcome<> Checkout::give_up(const journal::Operator& by) {
  if (current_.state != SaleState::Paying) return void_sale(by);
  drop_held();
  if (current_.attempt) {
    attempts_.give_up(*current_.attempt);
    return {};
  }
  auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto sale, find_sale(tx, current_.id));
    if (!sale || sale->state != SaleState::Paying) return fail(ErrorCode::FailedPrecondition);
    return unwind(tx, *sale, {});
  });
  if (!done) return done;
  follow();
  if (!after_.refunds.empty()) {
    const payment::Attempt& paid = after_.refunds.front().attempt;
    show(receipt::NotCompletedScreen{.amount = paid.amount, .order = paid.order});
  } else if (!after_.cash_back.empty()) {
    show(receipt::RefundDoneScreen{.amount = after_.cash_back.front().second, .order = {}});
  }
  go_on_after();
  return {};
}

void Checkout::show_choice() {
  show(receipt::ChooseTenderScreen{.amount = left_to_pay(), .works = what_works()});
}

}  // namespace tillkit::checkout
