// SPDX-License-Identifier: Apache-2.0
// Goods that a machine moves: chosen by their slot, let go once they are paid, and what becomes of the sale then.
#include <algorithm>
#include <string>
#include <utility>

#include "bodies.hpp"
#include "refund_plan.hpp"
#include "tillkit/checkout/checkout.hpp"
#include "tillkit/checkout/records.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::fail;
using core::Money;
using core::Quantity;
using core::Result;
using fulfilment::Handover;
using fulfilment::HandoverEffect;
using fulfilment::HandoverEvent;
using fulfilment::HandoverReport;
using fulfilment::HandoverState;
using fulfilment::Question;
using fulfilment::Slot;
using fulfilment::UnitOutcome;
using fulfilment::UnknownGoods;
using fulfilment::VendEnd;
using journal::SaleId;
using journal::Tx;
using receipt::SaleRefusal;

namespace {

std::unexpected<Refused> refuse(SaleRefusal refusal, std::optional<core::Error> cause = std::nullopt) {
  return std::unexpected(Refused{.refusal = refusal, .cause = cause});
}

/// What goods that no catalog has are called.
constexpr std::string_view kOtherGoods = "商品 Goods";
constexpr std::string_view kOtherItem = "mdb";

fulfilment::Wanted wanted_of(const BasketLine& line) {
  return {.line = line.id, .item = line.item, .units = line.weighed() ? 1 : line.count, .chosen = line.slot};
}

/// Why goods cannot be placed, in the shopper's words.
SaleRefusal refusal_of_placing(ErrorCode code) {
  switch (code) {
    case ErrorCode::FailedPrecondition: return SaleRefusal::SlotBlocked;
    case ErrorCode::OutOfRange: return SaleRefusal::SoldOut;
    default: return SaleRefusal::HandoverUnavailable;
  }
}

/// Where goods lie that a machine asked for: it said so itself, or nobody knows.
fulfilment::Placed as_asked(const std::vector<BasketLine>& lines) {
  fulfilment::Placed placed;
  for (const BasketLine& line : lines) {
    placed.goods.push_back({.line = line.id, .first = 1, .count = line.count});
    placed.slots.push_back(line.slot);
  }
  if (std::ranges::find(placed.slots, hal::SlotId{}) != placed.slots.end()) placed.slots.clear();
  return placed;
}

/// Goods of which the planogram does not know all.
fulfilment::Placed anywhere(const std::vector<BasketLine>& lines) {
  fulfilment::Placed placed;
  for (const BasketLine& line : lines)
    placed.goods.push_back({.line = line.id, .first = 1, .count = line.weighed() ? 1 : line.count});
  return placed;
}

Result<fulfilment::Placed> place_lines(const std::vector<BasketLine>& lines, const std::vector<Slot>& slots) {
  if (std::ranges::any_of(lines, &BasketLine::asked)) return as_asked(lines);
  std::vector<fulfilment::Wanted> wanted;
  wanted.reserve(lines.size());
  for (const BasketLine& line : lines)
    wanted.push_back(wanted_of(line));
  auto placed = fulfilment::place(slots, wanted);
  if (!placed && placed.error().code == ErrorCode::NotFound) return anywhere(lines);
  return placed;
}

/// What was seen once was seen.
void add_seen(HandoverReport& seen, const HandoverReport& now) {
  for (std::size_t i = 0; i < seen.units.size(); ++i) {
    if (seen.units[i] == UnitOutcome::Unknown) seen.units[i] = now.units[i];
  }
  const auto add = [](std::vector<hal::SlotId>& to, const std::vector<hal::SlotId>& from) {
    for (const hal::SlotId slot : from) {
      if (std::ranges::find(to, slot) == to.end()) to.push_back(slot);
    }
  };
  add(seen.jammed, now.jammed);
  add(seen.empty, now.empty);
}

}  // namespace

// --- what is sold from slots ---

Outcome<offers::LineId> Checkout::add_from(hal::SlotId number) {
  if (const auto may = may_change(); !may) return std::unexpected(may.error());
  const auto slot = fulfilment::find_slot(parts_.journal.tables(), number);
  if (!slot) return std::unexpected(refused(slot.error()));
  if (!*slot || (*slot)->item.empty()) return refuse(SaleRefusal::SlotUnknown);
  if ((*slot)->block != fulfilment::SlotBlock::None) return refuse(SaleRefusal::SlotBlocked);
  const auto item = items().find_id((*slot)->item.view());
  if (!item) return refuse(SaleRefusal::UnknownItem);
  return add_item(*item, *Quantity::pieces(1), std::nullopt, number);
}

Outcome<offers::LineId> Checkout::add_asked(const Money& price, fulfilment::MdbItem number) {
  if (const auto may = may_change(); !may) return std::unexpected(may.error());
  if (price.currency != shelf_->currency() || price.is_negative()) return refuse(SaleRefusal::NotForSale);
  BasketLine line{.name = std::string(kOtherGoods), .unit_price = price.minor};
  std::string other(kOtherItem);
  if (number != fulfilment::kMdbItemUnknown) {
    line.mdb = number;
    other += '-' + std::to_string(number.value());
    line.name += ' ' + std::to_string(number.value());
  }
  const auto name = offers::Name::parse(other);
  TILLKIT_ASSERT(name.has_value());
  line.item = *name;
  const auto slot =
      line.mdb ? fulfilment::find_mdb(parts_.journal.tables(), number) : Result<std::optional<Slot>>(std::nullopt);
  if (!slot) return std::unexpected(refused(slot.error()));
  if (*slot) {
    if ((*slot)->block != fulfilment::SlotBlock::None) return refuse(SaleRefusal::SlotBlocked);
    if ((*slot)->capacity > 0 && (*slot)->stock == 0) return refuse(SaleRefusal::SoldOut);
    line.slot = (*slot)->slot;
    const auto item = items().find_id((*slot)->item.view());
    if (item && item->per().unit() == core::QuantityUnit::Piece) {
      line.item = (*slot)->item;
      line.name = std::string(item->name());
      line.tax_rate = item->tax_rate();
      // What the machine asks is what is paid: its price has the tax in it, also of what the shop sells without.
      line.tax_included = true;
      line.minimum_age = item->minimum_age();
    }
  }
  update_day();
  auto added = current_.basket.add_asked(std::move(line), pricing());
  if (!added) return added;
  show_basket();
  if (current_.basket.minimum_age() > current_.age) {
    show(receipt::AgeCheckScreen{current_.basket.minimum_age()});
    parts_.observer.check_age(current_.basket.minimum_age());
  }
  return added;
}

/// Whether the slots hold what is in the basket and this besides. What lies in no slot is none of theirs.
Outcome<> Checkout::has_goods(const catalog::ItemView& item, const Quantity& quantity, hal::SlotId slot) const {
  const auto slots = fulfilment::slots(parts_.journal.tables());
  if (!slots) return std::unexpected(refused(slots.error()));
  if (slots->empty()) return {};
  const auto name = offers::Name::parse(item.id());
  if (!name) return {};
  std::vector<fulfilment::Wanted> wanted;
  for (const BasketLine& line : current_.basket.lines()) {
    if (line.item == *name && !line.asked) wanted.push_back(wanted_of(line));
  }
  const bool weighed = item.per().unit() == core::QuantityUnit::Gram;
  wanted.push_back({.item = *name, .units = weighed ? 1 : quantity.count(), .chosen = slot});
  const auto placed = fulfilment::place(*slots, wanted);
  if (placed || placed.error().code == ErrorCode::NotFound) return {};
  return refuse(refusal_of_placing(placed.error().code), placed.error());
}

// --- before they are paid ---

std::optional<SaleRefusal> Checkout::why_fixed() const {
  if (current_.state == SaleState::Fulfilling) return SaleRefusal::HandingOver;
  if (current_.state == SaleState::Paying || is_asking()) return SaleRefusal::AlreadyPaying;
  return std::nullopt;
}

/// The goods of the sale on the screen, and where they are to come from.
Result<Handover> Checkout::plan_handover(const journal::Tables& tables, SaleId sale, const Money& paid) const {
  TILLKIT_TRY(const auto slots, fulfilment::slots(tables));
  TILLKIT_TRY(auto placed, slots.empty() && std::ranges::none_of(current_.basket.lines(), &BasketLine::asked)
                               ? Result<fulfilment::Placed>(anywhere(current_.basket.lines()))
                               : place_lines(current_.basket.lines(), slots));
  const auto& lines = current_.basket.lines();
  return Handover{.id = fulfilment::handover_id(parts_.journal.id(), sale),
                  .goods = std::move(placed.goods),
                  .slots = std::move(placed.slots),
                  .mdb = lines.size() == 1 ? lines.front().mdb : std::nullopt,
                  .paid = paid};
}

Outcome<> Checkout::can_hand_over() const {
  const SaleId named = current_.id.value() != 0 ? current_.id : SaleId(1);
  const auto handover = plan_handover(parts_.journal.tables(), named, money(current_.basket.price().payable));
  if (!handover) return refuse(refusal_of_placing(handover.error().code), handover.error());
  const auto intention = parts_.fulfilment.intend(*handover);
  if (!intention) return refuse(SaleRefusal::HandoverUnavailable, intention.error());
  if (*intention == fulfilment::Intention::AtOnce) return {};
  if (const auto named_all = fulfilment::check_vend(*handover); !named_all) {
    return refuse(SaleRefusal::HandoverUnavailable, named_all.error());
  }
  return {};
}

// --- once they are paid ---

/// Asked by what comes later: whether it still is about the goods of now.
std::function<bool()> Checkout::about_these_goods() const {
  return [this, alive = std::weak_ptr<int>(alive_), number = goods_->number] {
    return !alive.expired() && goods_ && goods_->number == number;
  };
}

void Checkout::wait_for_goods(std::chrono::milliseconds time, std::move_only_function<void()> then) {
  parts_.scheduler.cancel(goods_timer_);
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the lambda owns the function, which goes with it
  auto task = [is_about = about_these_goods(), then = std::move(then)]() mutable {
    if (is_about()) then();
  };
  const auto timer = parts_.scheduler.call_after(time, std::move(task));
  // Without a timer nothing would ever follow; the next start finds the goods stored.
  TILLKIT_ASSERT(timer.has_value());
  goods_timer_ = *timer;
}

void Checkout::start_goods(const After::Goods& paid, const Money& change) {
  goods_.emplace(Goods{.sale = paid.sale,
                       .handover = paid.handover,
                       .seen = fulfilment::report_of(paid.handover, UnitOutcome::Unknown),
                       .change = change.is_zero() ? money(0) : change,
                       .points = paid.points,
                       .number = ++handovers_});
  show_goods(0);
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the lambda owns the function, which goes with it
  auto released = [this, is_about = about_these_goods()] {
    if (is_about()) goods_released();
  };
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the lambda owns the function, which goes with it
  auto done = [this, is_about = about_these_goods()](const Result<HandoverReport>& outcome) {
    if (is_about()) heard_of_goods(Question::Start, outcome);
  };
  const auto begun = parts_.fulfilment.start(goods_->handover, std::move(released), std::move(done));
  if (begun) return;
  // Not from inside the commit that took the money.
  wait_for_goods({}, [this, why = begun.error()] { heard_of_goods(Question::Start, std::unexpected(why)); });
}

/// After a restart: they may have moved before it.
Result<> Checkout::find_goods() {
  TILLKIT_TRY(auto vend, fulfilment::find_vend(parts_.journal.tables(), current_.id));
  if (!vend) return fail(ErrorCode::Corrupt);
  goods_.emplace(
      Goods{.sale = current_.id, .handover = std::move(vend->handover), .change = money(0), .number = ++handovers_});
  goods_->seen = fulfilment::report_of(goods_->handover, UnitOutcome::Unknown);
  show_goods(0);
  step_goods(HandoverEvent::Restarted);
  return {};
}

/// It is durable before the machine hears anything else. Where it cannot be stored, the machine vends all the same:
/// that is known here as long as this program runs.
void Checkout::goods_released() {
  if (goods_->handover.released) return;
  goods_->handover.released = true;
  [[maybe_unused]] const auto stored = commit([&](Tx& tx) { return fulfilment::release_vend(tx, goods_->sale); });
}

void Checkout::heard_of_goods(Question question, const Result<HandoverReport>& outcome) {
  HandoverEvent event = fulfilment::event_of(question, goods_->handover, outcome);
  if (outcome && outcome->units.size() == goods_->seen.units.size()) {
    add_seen(goods_->seen, *outcome);
    event = fulfilment::event_of(question, goods_->handover, goods_->seen);
  } else if (event == HandoverEvent::NotStarted || event == HandoverEvent::None) {
    add_seen(goods_->seen, fulfilment::report_of(goods_->handover, UnitOutcome::NotOut));
    if (event == HandoverEvent::None) event = fulfilment::event_of(question, goods_->handover, goods_->seen);
  }
  if (question == Question::Inspect) goods_->unknown.last_question = parts_.clock.monotonic();
  step_goods(event);
}

void Checkout::step_goods(HandoverEvent event) {
  const auto step = fulfilment::next(goods_->state, event);
  if (!step) {
    // It counts as no answer: what is seen next decides.
    ++impossible_goods_;
    return plan_goods();
  }
  if (fulfilment::is_final(step->to)) return end_goods(step->to);
  if (goods_->state == HandoverState::Intended) goods_->unknown.since = parts_.clock.monotonic();
  goods_->state = step->to;
  goods_->unknown.last_effect = step->then;
  plan_goods();
}

/// Nobody knows what came out: it is asked for, or settled.
void Checkout::plan_goods() {
  const core::MonotonicTime now = parts_.clock.monotonic();
  const fulfilment::NextStep step = fulfilment::plan(goods_->unknown, settings_.handover, now);
  if (step.what == HandoverEffect::Inspect) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(step.at - now);
    return wait_for_goods(wait, [this] { ask_about_goods(); });
  }
  wait_for_goods({}, [this] {
    const auto event = fulfilment::settle(goods_->handover, goods_->seen, choice_of(*goods_));
    TILLKIT_ASSERT(event.has_value());  // only what has an unknown unit is planned
    step_goods(*event);
  });
}

void Checkout::ask_about_goods() {
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the lambda owns the function, which goes with it
  auto done = [this, is_about = about_these_goods()](const Result<HandoverReport>& outcome) {
    if (is_about()) heard_of_goods(Question::Inspect, outcome);
  };
  const auto asked = parts_.fulfilment.inspect(goods_->handover, std::move(done));
  if (!asked) heard_of_goods(Question::Inspect, std::unexpected(asked.error()));
}

/// A machine that has the approval vends by itself: then silence means that the charge stands.
UnknownGoods Checkout::choice_of(const Goods& goods) const {
  return goods.handover.released ? UnknownGoods::ChargeStands : settings_.handover.unknown;
}

/// One commit: what came out, and what that makes of the sale. What cannot be stored is tried again; after a failed
/// medium the next start asks the hardware.
void Checkout::end_goods(HandoverState state) {
  goods_->ending = state;
  VendEnd end{.state = state, .report = goods_->seen};
  if (state == HandoverState::Settled) end.choice = choice_of(*goods_);
  const auto try_again = [this] {
    parts_.fulfilment.end_not_stored();
    if (parts_.journal.state() != journal::State::Running) return;
    wait_for_goods(payment::kStorePause, [this] { end_goods(*goods_->ending); });
  };
  const auto back =
      fulfilment::units_to_refund(goods_->handover, end.report, end.choice.value_or(UnknownGoods::Refund));
  TILLKIT_ASSERT(back.has_value());  // the report was made for this hand-over
  std::optional<RefundPlan> plan;
  bool nothing_left = false;
  if (!back->empty()) {
    const auto sold = read_sale(parts_.journal, goods_->sale);
    if (!sold) return try_again();
    const Money nothing{0, sold->total.currency};
    auto planned = plan_refund_of(*sold, {.amount = nothing, .cash = nothing, .cash_settled = nothing},
                                  {.sale = goods_->sale, .units = *back, .by = parts_.journal.duty().operator_id});
    if (!planned) return try_again();
    plan = *std::move(planned);
    nothing_left = fulfilment::units_of({.goods = *back}) == fulfilment::units_of(goods_->handover);
  }
  const auto done = commit([&](Tx& tx) -> Result<> {
    TILLKIT_TRY_VOID(fulfilment::end_vend(tx, goods_->sale, end));
    TILLKIT_TRY(const auto sale, find_sale(tx, goods_->sale));
    if (!sale) return fail(ErrorCode::Corrupt);
    if (nothing_left) return undo_goods(tx, *sale, *plan);
    const auto closed = next(sale->state, SaleEvent::HandedOver);
    if (!closed) return fail(ErrorCode::FailedPrecondition);
    TILLKIT_TRY_VOID(close(tx, sale->id, closed->to));
    return plan ? return_goods(tx, *plan) : Result<>{};
  });
  if (!done) return try_again();
  const Goods over = *std::exchange(goods_, std::nullopt);
  const Money amount = plan ? plan->body.amount : money(0);
  call_about_goods(over, end, amount);
  show_end_of_goods(over, end, amount);
  follow();
  go_on_after();
}

/// Nothing came out: everything goes back, in the sale itself.
Result<> Checkout::undo_goods(Tx& tx, const OpenSale& sale, const RefundPlan& plan) {
  const auto undoing = next(sale.state, SaleEvent::NotHandedOver);
  if (!undoing) return fail(ErrorCode::FailedPrecondition);
  TILLKIT_TRY_VOID(
      append_with(tx, kSaleUndoing, sale.id, [](core::JsonWriter& json) { json.name("attempt").integer(0); }));
  return give_back(tx, sale.id, plan, nullptr);
}

/// Some came out: the others are given back as a refund of the closed sale.
Result<> Checkout::return_goods(Tx& tx, const RefundPlan& plan) {
  const SaleId sale(tx.next_seq().value());
  TILLKIT_TRY_VOID(append_return(tx, sale, plan.body));
  return give_back(tx, sale, plan, nullptr);
}

// --- what people see ---

void Checkout::call_about_goods(const Goods& goods, const VendEnd& end, const Money& back) const {
  receipt::TextValues values{.amount = back, .sale = std::string(number_of(goods.sale).view())};
  if (!after_.refunds.empty()) values.order = std::string(after_.refunds.front().attempt.order.view());
  const bool stuck = std::ranges::find(end.report.units, UnitOutcome::NotOut) != end.report.units.end();
  if (end.choice) parts_.observer.attention(receipt::Attention::GoodsUnknown, values);
  if (stuck) parts_.observer.attention(receipt::Attention::GoodsStuck, values);
  for (const auto& [order, amount] : after_.not_refunded) {
    parts_.observer.attention(receipt::Attention::RefundNeedsPerson,
                              {.amount = amount, .order = std::string(order.view()), .sale = values.sale});
  }
}

void Checkout::show_goods(std::size_t out) {
  if (!goods_) return;
  show(receipt::HandingOverScreen{.out = out, .units = fulfilment::units_of(goods_->handover)});
}

void Checkout::show_end_of_goods(const Goods& goods, const VendEnd& end, const Money& back) {
  if (current_.id != goods.sale) return;
  const Money kept = money(current_.total.minor - back.minor);
  const bool undone = std::ranges::find(after_.ended, std::pair(goods.sale, SaleState::Closed)) == after_.ended.end();
  if (!undone) {
    // Cash and points are back in this very commit: the screen that says so must not hide the goods and the change.
    after_.return_shown = true;
    return show(receipt::ThankYouScreen{.paid = kept,
                                        .change = goods.change,
                                        .sale = number_of(goods.sale),
                                        .points = goods.points,
                                        .back = back.is_positive() ? std::optional(back) : std::nullopt,
                                        .goods_unknown = end.choice == UnknownGoods::ChargeStands});
  }
  if (!after_.refunds.empty()) {
    const payment::Attempt& paid = after_.refunds.front().attempt;
    return show(receipt::NotCompletedScreen{.amount = back, .order = paid.order});
  }
  show(receipt::RefundDoneScreen{.amount = back, .order = {}});
}

}  // namespace tillkit::checkout
