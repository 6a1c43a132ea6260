// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/vmc_bridge.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "tillkit/fulfilment/mdb_peripheral.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::Money;
using core::Result;
using Kind = BridgeWord::Kind;

/// What a machine's own numbers hold; the bridge scales them, and a minor unit is the finest that it says.
constexpr std::int64_t kMinorMax = kMdbAmountMax;
constexpr std::int64_t kFundsNotDetermined = 0xFFFF;

constexpr int kUnansweredMax = 3;

/// A bridge answers a line within milliseconds; this is what a busy loop on either side may take.
constexpr std::chrono::milliseconds kAnswerMax{2'000};

/// Whole and broken digits; more than the currency has must be zeros.
std::optional<Money> read_amount(std::string_view text, core::Currency currency) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  std::string_view broken = point < text.size() ? text.substr(point + 1) : std::string_view{};
  while (broken.size() > currency.exponent() && broken.back() == '0')
    broken.remove_suffix(1);
  if (digits.empty() || broken.size() > currency.exponent()) return std::nullopt;
  digits += broken;
  digits.append(currency.exponent() - broken.size(), '0');
  std::int64_t minor = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, minor);
  if (read.ec != std::errc{} || read.ptr != end || minor < 0) return std::nullopt;
  return Money{minor, currency};
}

bool is_amount(std::string_view text) {
  return !text.empty() && std::ranges::count(text, '.') <= 1 && text.front() != '.' &&
         std::ranges::all_of(text, [](char c) { return core::is_digit_char(c) || c == '.'; });
}

BridgeWord read_request(std::string_view text, core::Currency currency) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || !is_amount(text.substr(0, comma))) return {};
  const std::string item_text(text.substr(comma + 1));
  std::uint16_t item = 0;
  const char* const end = item_text.data() + item_text.size();
  const auto read = std::from_chars(item_text.data(), end, item);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  BridgeWord word{.kind = Kind::Vend};
  if (item <= kVmcItemMax) word.request.item = item;
  const auto price = read_amount(text.substr(0, comma), currency);
  word.unpayable = !price.has_value();
  if (price) word.request.price = *price;
  return word;
}

}  // namespace

std::optional<std::string_view> BridgeLines::take(std::byte byte) {
  const char c = static_cast<char>(byte);
  if (c != '\n' && c != '\r') {
    const bool printable = c >= ' ' && c <= '~';
    if (!printable || line_.size() >= kBridgeLineBytesMax) broken_ = true;
    if (!broken_) line_ += c;
    return std::nullopt;
  }
  whole_ = std::exchange(line_, {});
  if (std::exchange(broken_, false) || whole_.empty()) return std::nullopt;
  return whole_;
}

BridgeWord read_bridge_line(std::string_view line, core::Currency currency) {
  constexpr std::string_view kRequest = "c,STATUS,VEND,";
  constexpr std::array<std::pair<std::string_view, Kind>, 10> kWords{{
      {"c,STATUS,INACTIVE", Kind::Inactive},
      {"c,STATUS,DISABLED", Kind::Disabled},
      {"c,STATUS,ENABLED", Kind::Enabled},
      {"c,STATUS,IDLE", Kind::Idle},
      {"c,VEND,SUCCESS", Kind::Success},
      {"c,ERR,VEND 3", Kind::Failure},
      {"c,ERR,VEND 1", Kind::Cancelled},
      {"c,ERR,\"cashless is off\"", Kind::Off},
      {"c,ERR,\"cashless is on\"", Kind::On},
      {"c,1", Kind::Started},
  }};
  if (line.starts_with(kRequest)) return read_request(line.substr(kRequest.size()), currency);
  // The maker's tutorials have `c,ERR,VEND 3` only. What else follows `c,ERR` is known from other programs for the same
  // bridge, and not measured here: a number as MDB's VEND has it is the machine's word (1 cancelled, 3 failed), one in
  // quotes and below zero is the bridge's own about the last command.
  if (line.starts_with("c,ERR,\"VEND -")) return {.kind = Kind::Refused};
  if (line.starts_with("c,ERR,START") || line.starts_with("c,ERR,\"START")) return {.kind = Kind::NoSession};
  if (line.starts_with("c,STATUS,IDLE,")) return {.kind = Kind::Idle};  // in a session, with its funds
  const auto* const word = std::ranges::find(kWords, line, [](const auto& entry) { return entry.first; });
  if (word == kWords.end()) return {};
  return {.kind = word->second};
}

Result<std::unique_ptr<VmcBridge>> VmcBridge::make(const BridgeSettings& settings, hal::SerialPort& port,
                                                   hal::Scheduler& scheduler) {
  if (settings.currency == core::Currency{} || settings.reconnect_every <= std::chrono::milliseconds::zero() ||
      settings.probe_every <= std::chrono::milliseconds::zero()) {
    return fail(ErrorCode::InvalidArgument);
  }
  std::unique_ptr<VmcBridge> bridge(new VmcBridge(settings, port, scheduler));
  TILLKIT_TRY_VOID(bridge->connect_after(std::chrono::milliseconds::zero()));
  port.listen([&bridge = *bridge](const hal::SerialEvent& event) { bridge.heard(event); });
  return bridge;
}

VmcBridge::VmcBridge(const BridgeSettings& settings, hal::SerialPort& port, hal::Scheduler& scheduler)
    : settings_(settings), port_(port), scheduler_(scheduler), alive_(std::make_shared<int>()) {}

VmcBridge::~VmcBridge() {
  scheduler_.cancel(timer_);
  scheduler_.cancel(answer_timer_);
  port_.listen({});
  port_.close();
}

Result<> VmcBridge::connect_after(std::chrono::milliseconds delay) {
  TILLKIT_TRY(timer_, scheduler_.call_after(delay, [this] { connect(); }));
  return {};
}

void VmcBridge::connect() {
  if (!port_.open({.baud = settings_.baud})) {
    // Its own timer has just run, so one is free.
    static_cast<void>(connect_after(settings_.reconnect_every));
    return;
  }
  connected_ = true;
  unanswered_ = 0;
  probe_later();
  lines_ = {};
  say({});  // ends whatever the bridge had of a line
  // With a vend under way its reader stays on: the answer says whether it still is.
  if (vend_ == Vend::None) return switch_on();
  say("C,1");
}

void VmcBridge::probe_later() {
  // The timer before it has just run, so one is free; were none, a bridge that restarts is found when it is told to
  // vend.
  if (const auto timer = scheduler_.call_after(settings_.probe_every, [this] { probe(); })) timer_ = *timer;
}

void VmcBridge::probe() {
  if (unanswered_ >= kUnansweredMax) {
    port_.close();
    return hung_up();
  }
  ++unanswered_;
  probe_later();
  say("C,1");
}

void VmcBridge::switch_on() {
  switching_on_ = true;
  const unsigned n = settings_.currency.numeric();
  const std::string digits{static_cast<char>('0' + (n / 100U)), static_cast<char>('0' + (n / 10U % 10U)),
                           static_cast<char>('0' + (n % 10U))};
  say("C,0");
  say(settings_.address == MdbAddress::Cashless1 ? "C,SETCONF,mdb-address=0x10" : "C,SETCONF,mdb-address=0x60");
  say("C,SETCONF,mdb-currency-code=0x1" + digits);
  say(settings_.always_idle ? "C,SETCONF,mdb-always-idle=1" : "C,SETCONF,mdb-always-idle=0");
  say("C,1");
}

void VmcBridge::heard(hal::SerialEvent event) {
  if (!event) {
    if (event.error() == hal::SerialFault::BytesLost) return lines_.lose();
    return hung_up();
  }
  for (const std::byte byte : *event) {
    if (const auto text = lines_.take(byte)) line(*text);
  }
}

void VmcBridge::hung_up() {
  connected_ = false;
  scheduler_.cancel(timer_);
  static_cast<void>(connect_after(settings_.reconnect_every));  // the probe's timer was given back
  set_ready(false);
  session_over();
  if (vend_ == Vend::Asked) no_vend();
}

void VmcBridge::line(std::string_view text) {
  unanswered_ = 0;
  const BridgeWord word = read_bridge_line(text, settings_.currency);
  switch (word.kind) {
    case Kind::Other: return;
    case Kind::On:
      // It did not hear that it was to be off first, or was not heard. A vend goes on; a later probe brings this again.
      if (switching_on_ && vend_ == Vend::None) switch_on();
      return;
    case Kind::Started:
      if (std::exchange(switching_on_, false)) return;
      no_vend();  // it restarted, with settings of its own
      return switch_on();
    case Kind::Off:
      // Not to a probe: if an approval is unanswered, this is the answer, and the bridge had restarted before.
      answer_due() ? vended(UnitOutcome::NotOut) : no_vend();
      return switch_on();
    case Kind::Inactive:
    case Kind::Disabled:
      set_ready(false);
      session_over();
      return no_vend();
    case Kind::Enabled:
      session_over();
      no_vend_then();
      return set_ready(true);
    case Kind::Idle: no_vend_then(); return set_ready(true);
    case Kind::Vend: return asked(word);
    case Kind::NoSession: return session_over();
    case Kind::Success:
      if (vend_ == Vend::Asked) return no_vend();
      return vended(UnitOutcome::Out);
    case Kind::Failure:
      if (vend_ == Vend::Asked) return no_vend();
      return failed();
    case Kind::Cancelled: return cancelled();
    case Kind::Refused: return refused();
  }
}

void VmcBridge::asked(const BridgeWord& word) {
  if (vend_ == Vend::Asked && word.request == request_) return;
  if (answer_due()) {
    // The bridge gets the approval after it said this: it answers this request, and what comes of it is told.
    left_ = false;
    cancelled_ = false;
    return;
  }
  no_vend();
  set_ready(true);
  if (word.unpayable || listener_ == nullptr) return say("C,STOP");
  vend_ = Vend::Asked;
  request_ = word.request;
  listener_->on_asked(request_);
}

void VmcBridge::no_vend() {
  if (vend_ != Vend::Asked) return vended(cancelled_ ? UnitOutcome::NotOut : UnitOutcome::Unknown);
  vend_ = Vend::None;
  if (listener_ != nullptr) listener_->on_withdrawn();
}

void VmcBridge::no_vend_then() {
  if (!answer_due()) return no_vend();
  left_ = true;
}

void VmcBridge::cancelled() {
  if (vend_ == Vend::None) return;
  // A machine cancels what it has not read an approval of (as in `MdbPeripheral`), and what it never reads moves
  // nothing. But as long as it is on the line, it may answer what is selected next.
  cancelled_ = vend_ != Vend::Asked;
  no_vend_then();
}

void VmcBridge::refused() {
  if (vend_ != Vend::Approving && vend_ != Vend::Approved) return;
  if (!left_) say("C,STOP");  // whatever it does not like about it: the machine waits for no more
  vended(UnitOutcome::NotOut);
}

bool VmcBridge::answer_due() const {
  return vend_ == Vend::Approving || (vend_ == Vend::Approved && answer_timer_ != hal::TimerId{});
}

void VmcBridge::answer_overdue() {
  answer_timer_ = {};
  if (vend_ == Vend::Approved && left_) no_vend();
}

void VmcBridge::vended(UnitOutcome outcome) {
  if (vend_ == Vend::None) return;
  if (outcome == UnitOutcome::Out) release();
  vend_ = Vend::None;
  if (listener_ != nullptr) listener_->on_vended(outcome);
}

void VmcBridge::failed() {
  if (vend_ == Vend::None) return;
  release();
  vend_ = Vend::None;
  if (listener_ != nullptr) static_cast<void>(listener_->on_failed());  // the bridge has answered the machine already
}

void VmcBridge::release() {
  vend_ = Vend::Approved;
  if (!std::exchange(released_, true) && listener_ != nullptr) listener_->on_released();
}

void VmcBridge::approval_written(const Result<>& result) {
  if (vend_ != Vend::Approving) return;
  const bool left = result || result.error().code == ErrorCode::Timeout;  // some of it, perhaps all
  if (!left) return vended(UnitOutcome::NotOut);
  vend_ = Vend::Approved;
  // Were no timer free, what the machine says would count at once.
  if (const auto timer = scheduler_.call_after(kAnswerMax, [this] { answer_overdue(); })) answer_timer_ = *timer;
  if (result) release();
  if (left_ && !answer_due()) no_vend();
}

void VmcBridge::set_ready(bool ready) {
  if (std::exchange(ready_, ready) != ready && listener_ != nullptr) listener_->on_ready(ready);
}

void VmcBridge::session_over() {
  if (std::exchange(in_session_, false) && listener_ != nullptr) listener_->on_session_over();
}

void VmcBridge::say(std::string_view text) {
  std::string whole(text);
  whole += '\n';
  // What does not arrive brings no answer, and a line that is gone is told as such: both are seen there.
  static_cast<void>(port_.write(core::to_bytes(whole), [](const Result<>&) {}));
}

Result<> VmcBridge::check(const Money& amount) const {
  if (amount.currency != settings_.currency || amount.is_negative()) return fail(ErrorCode::InvalidArgument);
  if (amount.minor > kMinorMax) return fail(ErrorCode::OutOfRange);
  return {};
}

Result<> VmcBridge::approve(HandoverId /*vend*/, const Money& amount) {
  TILLKIT_TRY_VOID(check(amount));
  if (vend_ != Vend::Asked) return fail(ErrorCode::FailedPrecondition);
  if (!connected_) return fail(ErrorCode::Unavailable);
  const std::uint64_t approval = ++approvals_;
  TILLKIT_TRY_VOID(port_.write(core::to_bytes("C,VEND," + core::format_amount(amount) + "\n"),
                               [this, approval, alive = std::weak_ptr<int>(alive_)](const Result<>& result) {
                                 if (!alive.expired() && approval == approvals_) approval_written(result);
                               }));
  vend_ = Vend::Approving;
  released_ = false;
  left_ = false;
  cancelled_ = false;
  scheduler_.cancel(std::exchange(answer_timer_, {}));
  return {};
}

Result<> VmcBridge::deny() {
  if (vend_ != Vend::Asked) return fail(ErrorCode::FailedPrecondition);
  vend_ = Vend::None;
  say("C,STOP");
  return {};
}

UnitOutcome VmcBridge::give_up() {
  if (std::exchange(vend_, Vend::None) == Vend::Approving) {
    port_.close();  // an approval that still waits there must not answer the next request
    scheduler_.cancel(timer_);
    // The listener hears of it from the loop. The timer was just given back, so one is free.
    if (const auto timer = scheduler_.call_after({}, [this] { hung_up(); })) timer_ = *timer;
  }
  return UnitOutcome::Unknown;
}

Result<> VmcBridge::begin_session(const std::optional<Money>& funds) {
  const Money amount = funds.value_or(Money{kFundsNotDetermined, settings_.currency});
  if (funds) {
    TILLKIT_TRY_VOID(check(amount));
  }
  if (!connected_) return fail(ErrorCode::Unavailable);
  if (!ready_ || in_session_ || vend_ != Vend::None) return fail(ErrorCode::FailedPrecondition);
  in_session_ = true;
  say("C,START," + core::format_amount(amount));
  return {};
}

Result<> VmcBridge::end_session() {
  if (!in_session_ || vend_ != Vend::None) return fail(ErrorCode::FailedPrecondition);
  say("C,STOP");
  return {};
}

Result<> VmcBridge::inspect(HandoverId /*vend*/, core::Completion<UnitOutcome> /*done*/) {
  return fail(ErrorCode::Unsupported);
}

}  // namespace tillkit::fulfilment
