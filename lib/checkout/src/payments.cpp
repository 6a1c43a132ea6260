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
  if (current_.state == SaleState::Fulfilling) return money(0);
  if (current_.state != SaleState::Paying) return money(current_.basket.price().payable - chosen().minor);
  const auto sale = find_sale(parts_.journal.tables(), current_.id);
  if (!sale || !*sale) return current_.total;
  const auto taken = taken_of(parts_.journal.tables(), **sale);
  const auto apart = set_apart_for(parts_.journal.tables(), **sale);
  if (!taken || !apart) return current_.total;
  return money(current_.total.minor - taken->minor - apart->minor - chosen().minor);
}

/// What of the price points and value pay that are set apart for it: taken with the last tender.
Result<Money> Checkout::set_apart_for(const journal::Tables& tables, const OpenSale& sale) const {
  TILLKIT_TRY(const auto reserved, ledger::reserved_for(tables, sale.id));
  Money apart{0, sale.total.currency};
  for (const ledger::Reservation& part : reserved)
    apart.minor += part.settles_minor;
  return apart;
}

/// What of the price is chosen to be paid here, and not set apart yet.
Money Checkout::chosen() const {
  Money sum = money(0);
  for (const LocalTender& tender : current_.local)
    sum.minor += tender.amount.minor;
  return sum;
}

/// Whether the network is worth a try. Its own word is a hint that is wrong both ways; an answer is more than that.
bool Checkout::may_reach() const {
  return parts_.network.link() != hal::LinkState::Offline || (parts_.has_answered && parts_.has_answered());
}

payment::TenderSituation Checkout::situation() const {
  payment::TenderSituation situation{.offered = settings_.tenders, .left_to_pay = left_to_pay()};
  situation.online = may_reach();
  // A sale that has begun is finished from the reserve.
  situation.can_store = current_.id.value() != 0 ? parts_.journal.state() == journal::State::Running
                                                 : parts_.journal.may_start_sale() == journal::StartSale::Allowed;
  situation.can_scan = can_scan_;
  situation.clock = parts_.clock.wall().quality;
  const auto backlog = payment::backlog(parts_.journal.tables());
  situation.unresolved = backlog ? backlog->unresolved : payment::kUnresolvedMax;
  const bool may_stay_inside = parts_.fulfilment.recovery() != core::Recovery::None;
  if (backlog && may_stay_inside) situation.refunds_open = backlog->refunds_open;
  if (!may_spend()) return situation;
  situation.member_may_spend = true;
  situation.value_leased_minor = leased(ledger::Unit::Value);
  situation.points_leased_minor =
      ledger::worth_of(leased(ledger::Unit::Points), settings_.membership.points_rate).value_or(0);
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

/// Whether there is a sale that can be paid.
Outcome<> Checkout::prepare_sale() {
  if (current_.basket.empty()) return refuse(SaleRefusal::BasketEmpty);
  if (current_.state == SaleState::Fulfilling) return refuse(SaleRefusal::HandingOver);
  if (is_paying()) return refuse(SaleRefusal::AlreadyPaying);
  if (current_.basket.minimum_age() > current_.age) {
    return std::unexpected(
        Refused{.refusal = SaleRefusal::AgeNotConfirmed, .values = {.age = current_.basket.minimum_age()}});
  }
  if (current_.id.value() == 0) {
    if (const auto may = may_begin(); !may) return may;
  }
  if (const auto can = can_hand_over(); !can) return can;
  if (current_.tenders >= kTendersMax) return refuse(SaleRefusal::AlreadyPaying);
  update_day();
  if (!is_local_covered()) {
    // A lease ended since it was chosen: the shopper chooses again.
    current_.local.clear();
    show_choice();
    return std::unexpected(refused(TenderRefusal::NotCovered));
  }
  if (current_.state == SaleState::Paying) return {};
  if (auto price = prepare_price(); !price) return price;
  // A price of another amount may be none that the machine can be told.
  return can_hand_over();
}

/// Prices once more: a flash price or a budget may be over. More than was shown needs a yes.
Outcome<> Checkout::prepare_price() {
  const std::int64_t shown = current_.basket.price().payable;
  current_.wallet.reset();
  drop_uncovered_tokens();
  if (auto priced = current_.basket.reprice(pricing()); !priced) return priced;
  if (current_.basket.price().payable > shown) current_.price_changed = true;
  // What was chosen to pay a part cannot be more than the price.
  if (current_.basket.price().payable < chosen().minor) current_.local.clear();
  if (!current_.price_changed) return {};
  show_basket();
  return std::unexpected(
      Refused{.refusal = SaleRefusal::PriceChanged, .values = {.amount = money(current_.basket.price().payable)}});
}

Outcome<Money> Checkout::prepare(TenderKind kind, const std::optional<Money>& part) {
  if (const auto ready = prepare_sale(); !ready) return std::unexpected(ready.error());
  payment::TenderSituation now = situation();
  now.can_scan = true;  // what pays was read
  if (const auto refusal = payment::refusal_of(kind, now)) return std::unexpected(refused(*refusal));
  const Money amount = part.value_or(now.left_to_pay);
  if (amount.currency != now.left_to_pay.currency || !amount.is_positive() || amount > now.left_to_pay) {
    return std::unexpected(Refused{.refusal = SaleRefusal::AmountTooHigh, .values = {.amount = now.left_to_pay}});
  }
  return amount;
}

/// The price as it is to be stored; none: it is already.
Outcome<std::optional<Checkout::Priced>> Checkout::priced() {
  if (current_.state == SaleState::Paying) return std::optional<Priced>{};
  const auto too_large = [](const core::Error& cause) {
    return std::unexpected(Refused{.refusal = SaleRefusal::BasketFull, .cause = cause});
  };
  auto proof = current_.basket.proof();
  if (!proof) return too_large(proof.error());
  auto text = offers::to_json(*proof);
  if (!text) return too_large(text.error());
  Benefits benefits = benefits_for(*proof);
  // What the outcome of a payment could not store must not be paid.
  if (!can_store(*proof, benefits, text->size())) return too_large(core::fail(ErrorCode::Exhausted).error());
  return std::optional<Priced>({.text = *std::move(text), .proof = *std::move(proof), .benefits = std::move(benefits)});
}

/// Whether the records of intent and outcome have room, each in one commit, and every number in its own.
bool Checkout::can_store(const offers::PriceProof& proof, const Benefits& benefits, std::size_t proof_bytes) const {
  std::size_t records = kRecordsBesides + 2 * benefits.gifts.size() + proof_bytes / kProofPartBytes;
  for (const offers::ProofUse& use : proof.uses)
    records += use.coupon.empty() ? 0U : 2U;
  for (const offers::ProofGrant& grant : proof.grants)
    records += grant.coupon.empty() ? 0U : 2U;
  std::size_t budgets = 0;
  for (const offers::Offer* limited : current_.basket.shelf().limited())
    budgets += std::ranges::find(proof.uses, limited->id, &offers::ProofUse::offer) == proof.uses.end() ? 0U : 1U;
  records += budgets;
  // Goods that a machine moves may stay inside: all of it must go back in one commit, too.
  const bool at_once = parts_.fulfilment.recovery() == core::Recovery::None;
  const std::size_t undoing = at_once ? 0 : kRecordsOfUndoing + 2 * proof.grants.size() + budgets;
  bool fits = benefits.gifts.size() <= kGrantsMax && records <= journal::kRecordsPerCommitMax &&
              undoing <= journal::kRecordsPerCommitMax && benefits.points <= ledger::kLeaseAmountMax;
  for (const Gift& gift : benefits.gifts)
    fits = fits && gift.count <= kGiftCountMax && gift.points <= ledger::kLeaseAmountMax / kGiftCountMax;
  return fits;
}

/// The price becomes the sale's, and what it counts on is set apart; of one that is being paid it is already.
Result<SaleId> Checkout::begin_paying(Tx& tx, const std::optional<Priced>& priced) {
  const SaleId sale = current_.id.value() != 0 ? current_.id : SaleId(tx.next_seq().value());
  if (!next(current_.state, SaleEvent::Pay)) return fail(ErrorCode::FailedPrecondition);
  if (priced) {
    TILLKIT_TRY_VOID(append_priced(tx, kSalePriced, sale,
                                   {.total = money(current_.basket.price().payable),
                                    .lines = current_.basket.lines(),
                                    .removed = current_.basket.removed(),
                                    .age = current_.age}));
    TILLKIT_TRY_VOID(append_proof(tx, sale, priced->text));
    TILLKIT_TRY_VOID(append_benefits(tx, sale, priced->benefits));
    TILLKIT_TRY_VOID(name_member(tx, sale));
    TILLKIT_TRY_VOID(set_apart(tx, sale, priced->proof));
  }
  if (priced && !uncounted_.empty()) TILLKIT_TRY_VOID(members::count_shown(tx, sale, uncounted_));
  if (fetched_) TILLKIT_TRY_VOID(ledger::place_lease(tx, fetched_->first, fetched_->second));
  TILLKIT_TRY_VOID(set_apart_local(tx, sale));
  return sale;
}

Outcome<payment::Attempt> Checkout::intend(TenderKind kind, std::optional<codes::Wallet> wallet, const Money& amount) {
  const auto price = priced();
  if (!price) return std::unexpected(price.error());
  payment::Attempt attempt;
  bool refused_by_payment = false;
  const auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const SaleId sale, begin_paying(tx, *price));
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
  current_.tenders += std::exchange(current_.local, {}).size();
  fetched_.reset();
  uncounted_.clear();
  follow();
  return attempt;
}

// --- tenders ---

Outcome<> Checkout::pay_code(codes::PaymentCode code, std::optional<Money> part) {
  if (current_.attempt) return hold(std::move(code), part);
  // What is refused is refused before anybody is asked.
  if (const auto amount = prepare(TenderKind::WalletCode, part); !amount) return std::unexpected(amount.error());
  if (identify(code, part) || wait_for_member(code, part)) return {};
  return charge_code(std::move(code), part);
}

Outcome<> Checkout::charge_code(codes::PaymentCode code, std::optional<Money> part) {
  auto amount = prepare(TenderKind::WalletCode, part);
  if (!amount) return std::unexpected(amount.error());
  std::optional<codes::Wallet> wallet;
  if (!code.wallets().empty()) wallet = code.wallets().front();
  const bool pays_all = current_.state != SaleState::Paying && current_.local.empty() && *amount == left_to_pay();
  if (wallet && pays_all) {
    count_on(*wallet);
    amount = left_to_pay();
  }
  const auto attempt = intend(TenderKind::WalletCode, wallet, *amount);
  if (!attempt) return std::unexpected(attempt.error());
  show(receipt::WaitingForWalletScreen{*amount});
  if (const auto gone = attempts_.charge(*attempt, code, settings_.store.merchant); !gone) {
    return std::unexpected(refused(gone.error()));
  }
  return {};
}

/// The price for who pays all of it with one wallet, where that is less.
void Checkout::count_on(codes::Wallet wallet) {
  const std::int64_t shown = current_.basket.price().payable;
  current_.wallet = wallet;
  const auto priced = current_.basket.reprice(pricing());
  // Nothing to pay is nothing that the wallet could prove.
  const std::int64_t now = current_.basket.price().payable;
  // Nor is an offer any use by which the goods cannot come out.
  if (priced && now <= shown && now > 0 && can_hand_over()) return;
  current_.wallet.reset();
  // It could be priced so a moment ago.
  [[maybe_unused]] const auto as_before = current_.basket.reprice(pricing());
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
  const auto price = priced();
  if (!price) return std::unexpected(price.error());
  SaleId sale{};
  const auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(sale, begin_paying(tx, *price));
    TILLKIT_TRY_VOID(append_cash(tx, sale, *settlement));
    TILLKIT_TRY(const auto open, find_sale(tx, sale));
    if (!open) return fail(ErrorCode::Corrupt);
    return take(tx, *open);
  });
  if (!done) return std::unexpected(done.error());
  const Money paid = current_.state == SaleState::Paying ? current_.total : money(current_.basket.price().payable);
  current_.id = sale;
  ++current_.tenders;
  current_.tenders += std::exchange(current_.local, {}).size();
  uncounted_.clear();
  const bool settled = settlement->missing.is_zero();
  const std::int64_t points = after_.points;
  follow();
  if (current_.state == SaleState::Fulfilling) {
    after_.change = settlement->change;  // stands on the last screen
  } else if (settled) {
    show(
        receipt::ThankYouScreen{.paid = paid, .change = settlement->change, .sale = number_of(sale), .points = points});
  } else {
    show_choice();
  }
  go_on_after();
  return *settlement;
}

Outcome<> Checkout::pay_points(std::optional<Money> part) {
  return pay_local(TenderKind::Points, part, true);
}

Outcome<> Checkout::pay_value(std::optional<Money> part) {
  return pay_local(TenderKind::StoredValue, part, true);
}

/// A part of the price by what is leased here: what is asked for, or as much as there is.
Outcome<> Checkout::pay_local(TenderKind kind, std::optional<Money> part, bool may_fetch) {
  if (const auto ready = prepare_sale(); !ready) return ready;
  std::erase_if(current_.local, [kind](const LocalTender& tender) { return tender.kind == kind; });  // chosen anew
  const payment::TenderSituation now = situation();
  const Money left = now.left_to_pay;
  const bool fits = !part || (part->currency == left.currency && part->is_positive() && *part <= left);
  if (left.is_positive() && !fits) {
    return std::unexpected(Refused{.refusal = SaleRefusal::AmountTooHigh, .values = {.amount = left}});
  }
  const std::int64_t covered = kind == TenderKind::Points ? now.points_leased_minor : now.value_leased_minor;
  const auto refusal = payment::refusal_of(kind, now);
  const std::int64_t wanted = part ? part->minor : left.minor;
  const bool too_little = refusal == TenderRefusal::NotCovered || (!refusal && covered < wanted);
  if (too_little && may_fetch && fetch_lease(kind, part, money(wanted))) return {};
  if (refusal) return std::unexpected(refused(*refusal));
  const bool covers_it = part ? covered >= wanted : covered > 0;
  if (!covers_it) return std::unexpected(refused(TenderRefusal::NotCovered));
  current_.local.push_back({.kind = kind, .amount = money(std::min(wanted, covered))});
  if (left_to_pay().is_zero()) {
    auto closed = close_here();
    if (!closed) current_.local.pop_back();
    return closed;
  }
  if (current_.state == SaleState::Paying) {
    auto done = commit([&](Tx& tx) -> Result<> {
      TILLKIT_TRY([[maybe_unused]] const SaleId sale, begin_paying(tx, std::nullopt));
      return {};
    });
    if (!done) {
      current_.local.pop_back();
      return done;
    }
    current_.tenders += std::exchange(current_.local, {}).size();
    fetched_.reset();
  }
  show_choice();
  return {};
}

Outcome<> Checkout::pay_nothing() {
  if (const auto ready = prepare_sale(); !ready) return ready;
  if (left_to_pay().is_positive()) {
    return std::unexpected(Refused{.refusal = SaleRefusal::AmountTooHigh, .values = {.amount = left_to_pay()}});
  }
  return close_here();
}

/// Closes a sale of which nothing is left that somebody else must pay: 1 commit.
Outcome<> Checkout::close_here() {
  const auto price = priced();
  if (!price) return std::unexpected(price.error());
  SaleId sale{};
  auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(sale, begin_paying(tx, *price));
    TILLKIT_TRY(const auto open, find_sale(tx, sale));
    if (!open) return fail(ErrorCode::Corrupt);
    return take(tx, *open);
  });
  if (!done) return done;
  fetched_.reset();
  uncounted_.clear();
  const Money paid = current_.state == SaleState::Paying ? current_.total : money(current_.basket.price().payable);
  const std::int64_t points = after_.points;
  current_.id = sale;
  follow();
  if (current_.state != SaleState::Fulfilling) {
    show(receipt::ThankYouScreen{.paid = paid, .change = money(0), .sale = number_of(sale), .points = points});
  }
  go_on_after();
  return {};
}

/// Whose sale it is, where that is known; who becomes a member by it does so when it is paid.
Result<> Checkout::name_member(Tx& tx, SaleId sale) {
  if (!current_.shopper || current_.shopper->enrol) return {};
  return members::recognise(tx, sale, current_.shopper->member, current_.shopper->how);
}

Outcome<> Checkout::give_up(const journal::Operator& by) {
  if (is_asking()) {
    // Nothing left yet: a code that was to be charged next is forgotten.
    stop_asking();
    show_basket();
    return {};
  }
  if (current_.state == SaleState::Fulfilling) return refuse(SaleRefusal::HandingOver);
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
