// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/checkout.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "bodies.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"
#include "tillkit/core/calendar.hpp"

namespace tillkit::checkout {

using core::ErrorCode;
using core::Money;
using core::Quantity;
using core::Result;
using journal::Operator;
using journal::SaleId;
using journal::Tx;
using receipt::SaleRefusal;

namespace {

std::unexpected<Refused> refuse(SaleRefusal refusal) {
  return std::unexpected(Refused{.refusal = refusal});
}

std::unexpected<Refused> refuse_quantity() {
  return std::unexpected(
      Refused{.refusal = SaleRefusal::QuantityOutOfRange, .values = {.count = offers::kLineCountMax}});
}

/// A clock that was set, or learns the time, is noticed after so long.
constexpr std::chrono::minutes kDayCheckMax{10};

/// A text that is tried where the scanned code itself is none of the catalog's.
template <class Find>
std::optional<catalog::ItemView> find_either(const Find& find, const std::string& first,
                                             const std::optional<codes::Gtin>& second) {
  auto found = find(first);
  if (!found && second) found = find(std::string(second->view()));
  return found;
}

/// `date` is behind the last day on which goods may be sold. GS1's years are of this century.
bool is_over(const codes::Gs1Date& last, std::chrono::year_month_day date) {
  using namespace std::chrono;
  return year_month_day{year{2000 + last.year_of_century}, month{last.month}, day{last.day}} < date;
}

}  // namespace

Checkout::Checkout(const CheckoutParts& parts, CheckoutSettings settings, std::unique_ptr<Shelf> shelf,
                   const payment::PolicySet& policies)
    : parts_(parts),
      settings_(std::move(settings)),
      shelf_(std::move(shelf)),
      attempts_({parts.journal, parts.clock, parts.scheduler, parts.provider, *this}, settings_.terminal, policies),
      current_(*shelf_),
      alive_(std::make_shared<int>(0)) {
  parts_.fulfilment.watch([this](std::size_t out) { show_goods(out); });
}

Checkout::~Checkout() {
  parts_.fulfilment.watch({});
  stop_asking();
  parts_.scheduler.cancel(goods_timer_);
  parts_.scheduler.cancel(idle_timer_);
  parts_.scheduler.cancel(lease_timer_);
  parts_.scheduler.cancel(held_timer_);
  parts_.scheduler.cancel(day_timer_);
}

Result<> Checkout::start() {
  wait_for_day_change();
  TILLKIT_TRY_VOID(load_current());
  TILLKIT_TRY_VOID(attempts_.start());
  ask_for_leases();
  if (current_.state == SaleState::Fulfilling) return find_goods();
  if (current_.attempt) {
    show(receipt::WaitingForWalletScreen{current_.attempt_amount});
  } else if (current_.state == SaleState::Paying) {
    show_choice();
  } else {
    show_basket();
  }
  return {};
}

/// The sale that was on the screen when the program ended: one that is being paid, or handed over, or was declined.
Result<> Checkout::load_current() {
  TILLKIT_TRY(const std::vector<OpenSale> sales, open_sales(parts_.journal.tables()));
  for (const OpenSale& sale : sales) {
    const bool on_screen =
        sale.state == SaleState::Open || sale.state == SaleState::Paying || sale.state == SaleState::Fulfilling;
    if (!on_screen) continue;
    TILLKIT_TRY(SaleStory story, read_sale(parts_.journal, sale.id));
    Current current(*shelf_);
    current.id = sale.id;
    current.state = sale.state;
    current.age = story.age;
    current.total = sale.total;
    current.tenders = story.cash.size();
    for (const ledger::Spent& spent : story.ledger.spent)
      current.tenders += spent.state == ledger::SpentState::Reserved && spent.part.settles_minor > 0 ? 1U : 0U;
    for (const payment::PastAttempt& attempt : story.payments.attempts)
      current.tenders += payment::is_final(attempt.state) ? 0U : 1U;
    TILLKIT_TRY(const auto attempts, payment::attempts(parts_.journal.tables()));
    for (const payment::Attempt& attempt : attempts) {
      if (attempt.sale != sale.id || !payment::is_unresolved(attempt.state)) continue;
      current.attempt = attempt.id;
      current.attempt_amount = attempt.amount;
    }
    current.basket.keep(std::move(story.lines), story.removed, sale.total.minor);
    if (!sale.member.empty() && parts_.membership != nullptr) {
      current.shopper = Shopper{.member = sale.member, .how = story.members.how, .profile = cached(sale.member)};
    }
    current_ = std::move(current);
    // While it is paid its price is fixed. One that is open costs what today's rules say; more than was shown needs a
    // yes. What they cannot price stays as it was, and says so when it is to be paid.
    if (sale.state == SaleState::Open && current_.basket.reprice(pricing())) {
      current_.price_changed = current_.basket.price().payable > sale.total.minor;
    }
  }
  return {};
}

// --- goods ---

Outcome<> Checkout::may_begin() const {
  switch (parts_.journal.may_start_sale()) {
    case journal::StartSale::Allowed: return {};
    case journal::StartSale::SafeMode: return refuse(SaleRefusal::SafeMode);
    case journal::StartSale::StorageFailed: return refuse(SaleRefusal::StorageFailed);
    case journal::StartSale::StorageFull: break;
  }
  return refuse(SaleRefusal::StorageFull);
}

Outcome<> Checkout::may_change() {
  if (const auto busy = why_fixed()) return refuse(*busy);
  current_.local.clear();  // they were chosen for another price
  const bool begins = current_.id.value() == 0 && current_.basket.empty();
  return begins ? may_begin() : Outcome<>{};
}

Outcome<> Checkout::scan(std::string_view text) {
  codes::Code code = codes::classify(text, parts_.codes);
  Outcome<> done = refuse(SaleRefusal::CodeNotUnderstood);
  if (auto* const payment_code = std::get_if<codes::PaymentCode>(&code)) {
    done = pay_code(std::move(*payment_code));
  } else if (const auto* const item = std::get_if<codes::Item>(&code)) {
    done = add_scanned(*item);
  } else if (const auto* const weighed = std::get_if<codes::WeighedItem>(&code)) {
    done = add_weighed(*weighed);
  } else if (const auto* const member = std::get_if<codes::MemberCode>(&code)) {
    done = show_code_of_member(*member);
  } else if (auto* const unified = std::get_if<codes::UnifiedCode>(&code)) {
    done = show_unified(std::move(*unified));
  } else if (const auto* const coupon = std::get_if<codes::CouponToken>(&code)) {
    done = show_coupon_token(coupon->token);
  } else if (std::holds_alternative<codes::Gs1Coupon>(code)) {
    done = refuse(SaleRefusal::CouponUnknown);
  } else if (const auto own = items().find_code(text)) {
    // A number of the shop's own that no standard knows.
    if (const auto added = add_item(*own, *Quantity::pieces(1), std::nullopt); !added) {
      done = std::unexpected(added.error());
    } else {
      done = {};
    }
  }
  if (!done) show_refused(done.error());
  return done;
}

/// Where goods are looked up. As long as no sale has begun, what was found before holds nothing.
catalog::Items& Checkout::items() {
  if (current_.basket.empty() && current_.id.value() == 0) shelf_->items().forget();
  return shelf_->items();
}

Outcome<> Checkout::add_scanned(const codes::Item& scanned) {
  const auto find = [&](const std::string& code) { return items().find_code(code); };
  const auto item = find_either(find, std::string(scanned.gtin.view()), scanned.also);
  if (!item) return refuse(SaleRefusal::UnknownItem);
  const codes::Gs1Details& details = scanned.details;
  const core::WallReading now = parts_.clock.wall();
  const auto civil = core::to_civil(now.at, settings_.utc_offset);
  if (details.expiry && now.quality != core::WallQuality::Unknown && civil && is_over(*details.expiry, civil->date)) {
    return refuse(SaleRefusal::NotForSale);
  }
  auto quantity = Quantity::pieces(details.count.value_or(1));
  std::optional<Money> price;
  if (details.weight) {
    const auto grams = details.weight->grams();
    if (!grams) return refuse_quantity();
    quantity = Quantity::grams(*grams);
  }
  if (!quantity) return refuse_quantity();
  if (details.price && item->per().unit() == core::QuantityUnit::Gram) {
    const auto printed = details.price->money(shelf_->currency());
    if (!printed) return refuse(SaleRefusal::NotForSale);
    price = *printed;
    if (!details.weight) quantity = Quantity::grams(0);
  }
  const auto added = add_item(*item, *quantity, price);
  if (!added) return std::unexpected(added.error());
  return {};
}

Outcome<> Checkout::add_weighed(const codes::WeighedItem& scanned) {
  const auto reference = catalog::parse_reference(scanned.item.view());
  const auto item = reference ? items().find_reference(*reference) : std::nullopt;
  if (!item) return refuse(SaleRefusal::UnknownItem);
  const auto added = add_item(*item, scanned.weight.value_or(*Quantity::grams(0)), scanned.price);
  if (!added) return std::unexpected(added.error());
  return {};
}

Outcome<offers::LineId> Checkout::add(std::string_view code, const Quantity& quantity) {
  auto item = items().find_code(code);
  if (!item) item = items().find_id(code);
  if (const auto reference = catalog::parse_reference(code); !item && reference) {
    item = items().find_reference(*reference);
  }
  if (!item) return refuse(SaleRefusal::UnknownItem);
  return add_item(*item, quantity, std::nullopt);
}

Outcome<offers::LineId> Checkout::add_item(const catalog::ItemView& item, const Quantity& quantity,
                                           const std::optional<Money>& price, hal::SlotId slot) {
  if (const auto may = may_change(); !may) return std::unexpected(may.error());
  if (const auto there = has_goods(item, quantity, slot); !there) return std::unexpected(there.error());
  update_day();
  auto added = current_.basket.add(item, quantity, price, pricing(), slot);
  if (!added) return added;
  show_basket();
  if (item.minimum_age() > current_.age) {
    show(receipt::AgeCheckScreen{item.minimum_age()});
    parts_.observer.check_age(item.minimum_age());
  }
  return added;
}

Outcome<> Checkout::change(offers::LineId line, const Quantity& quantity, const Operator& by) {
  if (const auto may = may_change(); !may) return may;
  const auto& lines = current_.basket.lines();
  const auto found = std::ranges::find(lines, line, &BasketLine::id);
  if (found == lines.end()) return refuse(SaleRefusal::NothingToRemove);
  if (quantity.count() < found->count) {
    if (const auto may = permit(by, Action::Void); !may) return may;
  }
  auto changed = current_.basket.change(line, quantity, pricing());
  if (changed) show_what_is_left();
  return changed;
}

Outcome<> Checkout::age_checked(int age, bool old_enough, const Operator& by) {
  if (const auto may = permit(by, Action::Age); !may) return may;
  if (old_enough) {
    current_.age = std::max(current_.age, age);
  } else if (!is_price_fixed()) {
    if (auto left = current_.basket.remove_older_than(std::max(current_.age, age - 1), pricing()); !left) return left;
  }
  show_what_is_left();
  return {};
}

/// Of a basket from which something was taken. Without goods, and unknown to the journal, it is no sale any more.
void Checkout::show_what_is_left() {
  if (current_.basket.empty() && current_.id.value() == 0) {
    abandon_coupons();
    leave_current();
  }
  show_basket();
}

Outcome<> Checkout::void_sale(const Operator& by) {
  if (const auto busy = why_fixed()) return refuse(*busy);
  if (current_.basket.empty() && current_.id.value() == 0) {
    const bool anybody = current_.shopper || !current_.tokens.empty() || !current_.claimed.empty();
    if (!anybody) return refuse(SaleRefusal::NothingToRemove);
    // Who was recognised and buys nothing goes.
    abandon_coupons();
    leave_current();
    show_basket();
    return {};
  }
  if (const auto may = permit(by, Action::Void); !may) return may;
  // A shopper who walks away from an unattended terminal leaves nothing to account for.
  const bool to_record = current_.id.value() != 0 || by != journal::kUnattended;
  if (to_record) {
    auto done = commit([&](Tx& tx) -> Result<> {
      const SaleId sale = current_.id.value() != 0 ? current_.id : SaleId(tx.next_seq().value());
      if (!next(current_.state, SaleEvent::Voided)) return core::fail(ErrorCode::FailedPrecondition);
      after_.ended.emplace_back(sale, SaleState::Voided);
      return append_with(tx, kSaleClosed, sale, [&](core::JsonWriter& json) {
        json.name("how").integer(static_cast<int>(SaleState::Voided));
        write_money(json, "total", money(current_.basket.price().payable));
        json.name("lines").integer(current_.basket.lines().size()).name("by").text(by.view());
      });
    });
    if (!done) return done;
  }
  abandon_coupons();
  leave_current();
  show_basket();
  go_on_after();
  return {};
}

/// Coupons that were shown for a sale that nobody pays: they are counted with the next commit that there is.
void Checkout::abandon_coupons() {
  const std::size_t shown = current_.tokens.size() + current_.claimed.size();
  if (shown != 0) {
    add_count(uncounted_, {.end = members::CouponEnd::Abandoned, .count = static_cast<std::int64_t>(shown)});
  }
  for (const members::CouponCount& refused_one : current_.refused)
    add_count(uncounted_, refused_one);
}

void Checkout::confirm_price() {
  current_.price_changed = false;
}

Outcome<SaleId> Checkout::suspend() {
  if (const auto busy = why_fixed()) return refuse(*busy);
  if (current_.basket.empty()) return refuse(SaleRefusal::BasketEmpty);
  if (const auto may = may_begin(); !may) return std::unexpected(may.error());
  const auto open = open_sales(parts_.journal.tables());
  if (!open) return std::unexpected(refused(open.error()));
  const auto others = std::ranges::count_if(
      *open, [this](const OpenSale& sale) { return sale.state == SaleState::Suspended && sale.id != current_.id; });
  if (others >= static_cast<std::ptrdiff_t>(kSuspendedMax)) {
    return refuse(SaleRefusal::SuspendedTooMany);
  }
  SaleId sale = current_.id;
  const auto done = commit([&](Tx& tx) -> Result<> {
    if (sale.value() == 0) sale = SaleId(tx.next_seq().value());
    if (!next(current_.state, SaleEvent::Suspended)) return core::fail(ErrorCode::FailedPrecondition);
    return append_priced(tx, kSaleSuspended, sale,
                         {.total = money(current_.basket.price().payable),
                          .lines = current_.basket.lines(),
                          .removed = current_.basket.removed(),
                          .age = current_.age});
  });
  if (!done) return std::unexpected(done.error());
  abandon_coupons();
  leave_current();
  show_basket();
  return sale;
}

Outcome<> Checkout::resume(SaleId sale) {
  if (!current_.basket.empty() || current_.id.value() != 0) return refuse(SaleRefusal::SaleOpen);
  const auto found = find_sale(parts_.journal.tables(), sale);
  if (!found) return std::unexpected(refused(found.error()));
  if (!*found || (*found)->state != SaleState::Suspended) return refuse(SaleRefusal::SaleNotFound);
  auto story = read_sale(parts_.journal, sale);
  if (!story) return std::unexpected(refused(story.error()));
  // Who showed a member code before goes on with it.
  Current before = std::exchange(current_, Current(*shelf_));
  current_.visit = before.visit;
  current_.shopper = before.shopper;
  current_.tokens = before.tokens;
  current_.claimed = before.claimed;
  current_.id = sale;
  current_.state = SaleState::Suspended;
  current_.age = story->age;
  current_.basket.keep(std::move(story->lines), story->removed, (*found)->total.minor);
  if (auto priced = current_.basket.refresh_prices(pricing()); !priced) {
    current_ = std::move(before);
    return priced;
  }
  current_.price_changed = current_.basket.price().payable != (*found)->total.minor;
  show_basket();
  return {};
}

// --- afterwards ---

Outcome<receipt::ReceiptData> Checkout::receipt(SaleId sale) const {
  const auto story = read_sale(parts_.journal, sale);
  if (!story) return refuse(SaleRefusal::SaleNotFound);
  return receipt_of_story(*story, 0);
}

Outcome<receipt::ReceiptData> Checkout::receipt_of_story(const SaleStory& story, std::uint32_t copy) const {
  auto made = receipt_of(parts_.journal, story, settings_.store, settings_.terminal, settings_.utc_offset, copy);
  if (!made) return std::unexpected(Refused{.refusal = SaleRefusal::SaleNotFound, .cause = made.error()});
  return *std::move(made);
}

Outcome<receipt::ReceiptData> Checkout::reprint(SaleId sale, const Operator& by) {
  if (const auto may = permit(by, Action::Reprint); !may) return std::unexpected(may.error());
  const auto story = read_sale(parts_.journal, sale);
  if (!story) return refuse(SaleRefusal::SaleNotFound);
  auto made = receipt_of_story(*story, story->copies + 1);
  if (!made) return made;
  const auto done = commit([&](Tx& tx) -> Result<> {
    return append_with(tx, kReprinted, sale, [&](core::JsonWriter& json) {
      json.name("of").integer(sale.value()).name("copy").integer(made->copy).name("by").text(by.view());
    });
  });
  if (!done) return std::unexpected(done.error());
  return made;
}

Outcome<> Checkout::resolve(const journal::OrderNumber& order, payment::Decision decision, const Operator& by,
                            std::string_view why) {
  if (const auto may = permit(by, Action::Resolve); !may) return may;
  const auto resolved = attempts_.resolve(order, decision, by, why);
  if (resolved) return {};
  switch (resolved.error().code) {
    case ErrorCode::NotFound:
      return std::unexpected(Refused{.refusal = SaleRefusal::SaleNotFound, .cause = resolved.error()});
    case ErrorCode::FailedPrecondition:
      if (parts_.journal.state() == journal::State::Running) {
        return std::unexpected(Refused{.refusal = SaleRefusal::SaleOver, .cause = resolved.error()});
      }
      break;
    default: break;
  }
  return std::unexpected(refused(resolved.error()));
}

// --- who and what ---

Outcome<> Checkout::sign_on(const Operator& operator_id) {
  if (!current_.basket.empty() || current_.id.value() != 0) return refuse(SaleRefusal::SaleOpen);
  const auto last = last_shift(parts_.journal.tables());
  if (!last) return std::unexpected(refused(last.error()));
  const journal::Duty before = parts_.journal.duty();
  update_day();
  journal::Duty duty = parts_.journal.duty();
  duty.operator_id = operator_id;
  duty.shift = *last + 1;
  parts_.journal.set_duty(duty);
  auto done = commit([&](Tx& tx) { return append_with(tx, kShiftStarted, {}, [](core::JsonWriter&) {}); });
  if (!done) parts_.journal.set_duty(before);
  return done;
}

Outcome<> Checkout::sign_off() {
  if (!current_.basket.empty() || current_.id.value() != 0) return refuse(SaleRefusal::SaleOpen);
  auto done = commit([&](Tx& tx) { return append_with(tx, kShiftEnded, {}, [](core::JsonWriter&) {}); });
  if (!done) return done;
  journal::Duty duty = parts_.journal.duty();
  duty.operator_id = journal::kUnattended;
  duty.shift = 0;
  parts_.journal.set_duty(duty);
  return {};
}

void Checkout::set_shelf(std::unique_ptr<Shelf> shelf) {
  next_shelf_ = std::move(shelf);
  if (current_.basket.empty() && current_.id.value() == 0) leave_current();
}

void Checkout::set_membership(MembershipSettings membership) {
  next_membership_ = std::move(membership);
  if (current_.basket.empty() && current_.id.value() == 0) leave_current();
}

/// The next shopper. What came meanwhile for the shelf and the members takes effect.
void Checkout::leave_current() {
  drop_held();
  stop_asking();
  hint_.reset();
  std::unique_ptr<Shelf> old;
  if (next_shelf_) old = std::exchange(shelf_, std::exchange(next_shelf_, nullptr));
  if (next_membership_) settings_.membership = *std::exchange(next_membership_, std::nullopt);
  shelf_->items().forget();
  current_ = Current(*shelf_);
  current_.visit = ++questions_;
}

/// The day that the shop counts now to, where the clock knows it; else the day before goes on.
void Checkout::update_day() {
  const core::WallReading now = parts_.clock.wall();
  if (now.quality == core::WallQuality::Unknown) return;
  const auto civil = core::to_civil(now.at - settings_.day_change, settings_.utc_offset);
  if (!civil) return;
  journal::Duty duty = parts_.journal.duty();
  duty.business_day = std::chrono::sys_days{civil->date};
  parts_.journal.set_duty(duty);
}

/// What ends in the background belongs to the day on which it ends, also where nobody touches the terminal.
void Checkout::wait_for_day_change() {
  update_day();
  const core::WallReading now = parts_.clock.wall();
  const auto civil = core::to_civil(now.at - settings_.day_change, settings_.utc_offset);
  std::chrono::milliseconds wait = kDayCheckMax;
  if (civil) wait = std::min<std::chrono::milliseconds>(wait, std::chrono::days{1} - civil->since_midnight);
  const auto timer = parts_.scheduler.call_after(wait, [this] { wait_for_day_change(); });
  if (timer) day_timer_ = *timer;
}

offers::Context Checkout::context() const {
  offers::Context context;
  context.now = parts_.clock.wall();
  context.utc_offset = settings_.utc_offset;
  context.channel = settings_.channel;
  context.store = settings_.store_id;
  return context;
}

receipt::SaleNumber Checkout::number_of(SaleId sale) const {
  return sale_number(settings_.terminal, parts_.journal.id(), sale);
}

Refused Checkout::refused(const core::Error& error) const {
  // What the price counted on is not free any more: it is priced anew.
  const bool gone = error.code == ErrorCode::AlreadyExists || error.code == ErrorCode::NotFound;
  if (gone && parts_.journal.state() == journal::State::Running) {
    return {.refusal = SaleRefusal::CouponTaken, .cause = error};
  }
  const bool safe = parts_.journal.state() == journal::State::Safe;
  const bool full = error.code == ErrorCode::Exhausted;
  const SaleRefusal refusal = safe   ? SaleRefusal::SafeMode
                              : full ? SaleRefusal::StorageFull
                                     : SaleRefusal::StorageFailed;
  return {.refusal = refusal, .cause = error};
}

Refused Checkout::refused(payment::TenderRefusal refusal) const {
  return {.refusal = refusal, .works = what_works()};
}

Outcome<> Checkout::permit(const Operator& by, Action action, const Money& amount) const {
  // The shopper of an unattended terminal may take back what nobody paid.
  const bool own_basket =
      by == journal::kUnattended && action == Action::Void && parts_.journal.duty().operator_id == journal::kUnattended;
  if (own_basket || parts_.permissions.is_permitted(by, action, amount)) return {};
  return refuse(SaleRefusal::PermissionMissing);
}

void Checkout::show_basket() {
  const Basket& basket = current_.basket;
  if (basket.empty()) return show(receipt::IdleScreen{});
  receipt::BasketScreen screen{.rows = {},
                               .lines = basket.lines().size(),
                               .discount = money(basket.price().discount),
                               .total = money(basket.price().payable),
                               .works = what_works()};
  const std::size_t rows = std::min(basket.lines().size(), receipt::kScreenLinesMax);
  for (std::size_t i = basket.lines().size() - rows; i < basket.lines().size(); ++i) {
    const BasketLine& line = basket.lines()[i];
    const auto quantity = line.weighed() ? Quantity::grams(line.count) : Quantity::pieces(line.count);
    screen.rows.push_back({.name = line.name,
                           .quantity = quantity.value_or(Quantity{}),
                           .list = money(line.list),
                           .net = money(basket.price().net[i])});
  }
  if (parts_.membership != nullptr) {
    screen.member = current_.shopper.has_value();
    if (const auto other = basket.price_by(pricing_as_member())) {
      if (!screen.member && other->payable < basket.price().payable) screen.as_member = money(other->payable);
      screen.points = other->points;
    }
  }
  show(screen);
}

}  // namespace tillkit::checkout
