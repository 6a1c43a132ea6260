// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tillkit/core/assert.hpp"

namespace tillkit::vending {

using checkout::SaleState;

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

/// From the end of a session, or a refused one, to the next: a controller that refuses each is not asked all the time.
constexpr std::chrono::milliseconds kSessionPause{1'000};

/// The screen stays until something happens, changes by itself, or gives way after a while.
enum class Stay : std::uint8_t { Always, Basket, Result };

Stay stay_of(const receipt::ScreenModel& screen) {
  return std::visit(Overloaded{[](const receipt::BasketScreen&) { return Stay::Basket; },
                               [](const receipt::ChooseTenderScreen&) { return Stay::Basket; },
                               [](const receipt::DeclinedScreen&) { return Stay::Basket; },
                               [](const receipt::ThankYouScreen&) { return Stay::Result; },
                               [](const receipt::NotCompletedScreen&) { return Stay::Result; },
                               [](const receipt::RefundDoneScreen&) { return Stay::Result; },
                               [](const receipt::RefusedScreen&) { return Stay::Result; },
                               [](const receipt::AttentionScreen&) { return Stay::Result; },
                               [](const auto&) { return Stay::Always; }},
                    screen);
}

}  // namespace

Machine::Machine(const hal::Board& board, const Config& config, Log& log) : board_(board), config_(config), log_(log) {}

Machine::~Machine() {
  if (board_.display != nullptr) board_.display->listen({});
  board_.scheduler.cancel(timer_);
  board_.scheduler.cancel(age_timer_);
  board_.scheduler.cancel(request_timer_);
  board_.scheduler.cancel(session_timer_);
}

void Machine::serve(terminal::Terminal& terminal) {
  terminal_ = &terminal;
  if (board_.display == nullptr) return;
  board_.display->listen([this](const std::string& line) {
    const auto read = read_press(line);
    if (!read) return log_.note("the display said something that is no press; nothing happened");
    press(*read);
  });
  if (!terminal_->stopped()) terminal_->show_state();
}

/// What is refused is said on the screen, for a while.
template <class Done>
void Machine::answer(const Done& done) {
  if (!done) terminal_->show_refusal(done.error());
}

void Machine::press(const Press& press) {
  if (terminal_ == nullptr) return;
  if (const auto* const speak = std::get_if<SpeakLanguage>(&press)) {
    // Who chooses nothing else leaves the machine to the next one.
    if (idle_shown_) later(config_.patience.basket, [this] { terminal_->show_state(); });
    return terminal_->set_language(speak->language);
  }
  if (terminal_->stopped()) return;
  checkout::Checkout& checkout = terminal_->checkout();
  std::visit(Overloaded{
                 [&](const Select& select) { answer(checkout.add_from(select.slot)); },
                 [&](PayQr) { answer(checkout.pay_qr()); },
                 [&](PayPoints) { answer(checkout.pay_points()); },
                 [&](PayValue) { answer(checkout.pay_value()); },
                 [&](PayNothing) { answer(checkout.pay_nothing()); },
                 [&](Cancel) { answer(checkout.give_up(journal::kUnattended)); },
                 [&](Confirm) { checkout.confirm_price(); },
                 [&](SayConsent said) {
                   answer(checkout.set_consent(said.yes ? members::Consent::Given : members::Consent::Refused));
                 },
                 [&](const TypePhone& phone) { answer(checkout.show_phone(phone.number)); },
                 [](const SpeakLanguage&) {},
             },
             press);
}

void Machine::later(std::chrono::milliseconds delay, hal::Task task) {
  board_.scheduler.cancel(timer_);
  const auto timer = board_.scheduler.call_after(delay, std::move(task));
  TILLKIT_ASSERT(timer.has_value());
  timer_ = *timer;
}

void Machine::show(const receipt::ScreenModel& screen) {
  board_.scheduler.cancel(timer_);
  idle_shown_ = std::holds_alternative<receipt::IdleScreen>(screen);
  if (terminal_ == nullptr) return;
  // Who showed a member code first is still there.
  if (idle_shown_ && !terminal_->checkout().shopper()) terminal_->restore_language();
  settle_request_later();
  begin_session_later();
  switch (stay_of(screen)) {
    case Stay::Always: return;
    case Stay::Basket: return later(config_.patience.basket, [this] { person_left(); });
    case Stay::Result: return later(config_.patience.result, [this] { terminal_->show_state(); });
  }
}

/// Nobody touched anything for a while, and nothing is on its way: what is left is taken back.
void Machine::person_left() {
  checkout::Checkout& checkout = terminal_->checkout();
  if (terminal_->stopped() || checkout.is_paying()) return;
  log_.note("the shopper left; what was chosen is taken back");
  if (const auto done = checkout.give_up(journal::kUnattended); !done) terminal_->show_state();
}

void Machine::sale_ended(journal::SaleId sale, SaleState how) {
  log_.note("sale " + std::to_string(sale.value()) + " is " + std::string(to_string(how)));
}

/// This firmware takes no cash, so none can go back; a journal of another firmware may say otherwise.
void Machine::hand_out(journal::SaleId sale, const core::Money& cash) {
  log_.note("somebody must hand out " + receipt::format_money(cash) + " of sale " + std::to_string(sale.value()));
}

void Machine::attention(receipt::Attention attention, const receipt::TextValues& values) {
  std::string line = "somebody must look: " + std::string(to_string(attention));
  if (!values.sale.empty()) line += ", sale " + values.sale;
  if (!values.order.empty()) line += ", order " + values.order;
  if (values.amount) line += ", " + receipt::format_money(*values.amount);
  if (values.count) line += ", " + std::to_string(*values.count);
  log_.note(line);
}

/// Nobody here can tell how old a shopper is: such goods leave the basket.
void Machine::check_age(int minimum_age) {
  const auto timer = board_.scheduler.call_after({}, [this, minimum_age] {
    checkout::Checkout& checkout = terminal_->checkout();
    std::vector<offers::LineId> lines;
    for (const checkout::BasketLine& line : checkout.basket().lines()) {
      if (line.minimum_age > 0) lines.push_back(line.id);
    }
    for (const offers::LineId line : lines)
      answer(checkout.change(line, core::Quantity{}, journal::kUnattended));
    terminal_->show_refusal({.refusal = receipt::SaleRefusal::AgeNotConfirmed, .values = {.age = minimum_age}});
  });
  TILLKIT_ASSERT(timer.has_value());
  age_timer_ = *timer;
}

void Machine::status_changed(const terminal::Status& status) {
  if (status.stopped) log_.note("stopped: " + std::string(to_string(*status.stopped)));
  if (std::exchange(scanner_gone_, status.scanner_gone) == status.scanner_gone) return;
  log_.note(status.scanner_gone ? "the scanner is gone: nobody can show a code" : "the scanner is back");
}

// --- a controller that asks ---

/// Nothing is on the screen, and nothing of a sale is on its way.
bool Machine::is_free() const {
  if (terminal_ == nullptr || terminal_->stopped()) return false;
  const checkout::Checkout& checkout = terminal_->checkout();
  return checkout.basket().empty() && !checkout.is_paying() && checkout.state() == SaleState::Open;
}

void Machine::deny() {
  // It may have been withdrawn meanwhile: then there is nothing to deny.
  [[maybe_unused]] const auto denied = vmc_->deny();
}

void Machine::ready(bool ready) {
  log_.note(ready ? "the machine's controller takes cashless payments" : "the machine's controller is not ready");
  begin_session_later();
}

void Machine::asked(const fulfilment::VmcRequest& request) {
  if (!is_free()) return deny();
  withdrawn_ = false;
  const fulfilment::MdbItem item = request.item ? fulfilment::MdbItem(*request.item) : fulfilment::kMdbItemUnknown;
  const auto added = terminal_->checkout().add_asked(request.price, item);
  if (added) return;
  terminal_->show_refusal(added.error());
  deny();
}

/// The shopper took it back, or the machine did: nothing is sold. What was paid for it goes back.
void Machine::withdrawn() {
  if (terminal_ == nullptr || terminal_->stopped() || is_free()) return;
  // One whose goods are on their way ends with what came of them.
  if (terminal_->checkout().state() == SaleState::Fulfilling) return;
  withdrawn_ = true;
  take_back();
}

/// Ends a sale that nobody waits for. While a wallet is asked it is reversed first, and this is called again then.
void Machine::take_back() {
  checkout::Checkout& checkout = terminal_->checkout();
  // A question about the shopper is only stopped by the first; then the goods are still there.
  for (int i = 0; i < 2 && !is_free(); ++i) {
    [[maybe_unused]] const auto given_up = checkout.give_up(journal::kUnattended);
    if (checkout.is_paying()) return;
  }
}

void Machine::cash_sale(const fulfilment::VmcCashSale& sale) {
  log_.note("the machine sold for cash: " + receipt::format_money(sale.price));
}

/// A request whose sale was given up is answered with no, once the sale is off the screen; of one that was withdrawn
/// the sale goes, also where it came back because a wallet said no.
void Machine::settle_request_later() {
  if (is_free()) withdrawn_ = false;
  if (vmc_ == nullptr || (!withdrawn_ && !(vmc_->request() && is_free()))) return;
  board_.scheduler.cancel(request_timer_);
  const auto timer = board_.scheduler.call_after({}, [this] {
    if (withdrawn_ && !terminal_->stopped() && !terminal_->checkout().is_paying()) take_back();
    if (vmc_->request() && is_free()) deny();
  });
  TILLKIT_ASSERT(timer.has_value());
  request_timer_ = *timer;
}

/// A controller that is not always idle takes a selection in a session only: whenever nothing else is going on, there
/// is one, for whatever it may cost. Where it cannot be begun now (there is one, or a vend), its end comes by here
/// again.
void Machine::begin_session_later() {
  if (vmc_ == nullptr || config_.goods.mdb_always_idle || !vmc_->ready() || !is_free()) return;
  board_.scheduler.cancel(session_timer_);
  const auto timer = board_.scheduler.call_after(kSessionPause, [this] {
    if (!is_free()) return;
    [[maybe_unused]] const auto begun = vmc_->begin_session(std::nullopt);
  });
  TILLKIT_ASSERT(timer.has_value());
  session_timer_ = *timer;
}

}  // namespace tillkit::vending
