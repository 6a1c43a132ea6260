// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/vmc.hpp"

#include <algorithm>
#include <utility>

namespace tillkit::hal_virtual {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kModeBit = 0x100;
constexpr std::uint8_t kAck = 0x00;
constexpr std::uint8_t kRet = 0xAA;
constexpr World::Duration kCharacterTime = 1'146us;  // 11 bits at 9600 baud

constexpr std::size_t kLineMax = 256;
constexpr World::Duration kPatience = 60s;  // of a machine whose request nobody answers

constexpr std::uint8_t kReset = 0;
constexpr std::uint8_t kPoll = 2;
constexpr std::uint8_t kVend = 3;

unsigned high(unsigned number) {
  return (number >> 8U) & 0xFFU;
}
unsigned low(unsigned number) {
  return number & 0xFFU;
}

}  // namespace

void VirtualCabinet::put(std::uint16_t item, std::uint16_t price, std::uint32_t products) {
  slots_[item].price = price;
  slots_[item].stock += products;
}

VirtualCabinet::Slot VirtualCabinet::slot(std::uint16_t item) const {
  const auto found = slots_.find(item);
  return found == slots_.end() ? Slot{} : found->second;
}

bool VirtualCabinet::sells(std::uint16_t item) const {
  return slot(item).stock > 0;
}

std::uint16_t VirtualCabinet::price(std::uint16_t item) const {
  return slot(item).price;
}

bool VirtualCabinet::jammed(std::uint16_t item) const {
  return slot(item).stuck;
}

std::uint32_t VirtualCabinet::stock(std::uint16_t item) const {
  return slot(item).stock;
}

std::uint32_t VirtualCabinet::fallen(std::uint16_t item) const {
  return slot(item).fallen;
}

void VirtualCabinet::turn(std::uint16_t item, std::uint16_t approved, std::function<void(bool)> done) {
  const std::uint64_t vend = std::exchange(noted_, 0);
  Record& record = records_[vend];
  record.state = Vend::Turning;
  record.item = item;
  record.approved = approved;
  turning_item_ = item;
  must_fall_ = false;
  world_.outside(motor_time_, [this, item, vend, done = std::move(done)] {
    Slot& slot = slots_[item];
    const bool jams = (std::exchange(slot.jams_next, false) || slot.stuck) && !must_fall_;
    const bool falls = !jams && slot.stock > 0;
    turning_item_.reset();
    Record& ended = records_[vend];
    ended.state = falls ? Vend::Fallen : Vend::Failed;
    if (falls) {
      ++ended.fallen;
      drop(item);
    }
    done(falls);
  });
}

void VirtualCabinet::drop(std::uint16_t item) {
  Slot& slot = slots_[item];
  --slot.stock;
  ++slot.fallen;
  ++fallen_;
}

std::optional<VirtualCabinet::Record> VirtualCabinet::record(std::uint64_t vend) const {
  const auto found = records_.find(vend);
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

VirtualVmc::VirtualVmc(World& world, VirtualCabinet& cabinet, const VirtualVmcSettings& settings)
    : world_(world), cabinet_(cabinet), settings_(settings) {}

void VirtualVmc::start() {
  begin(false);
  step_later(settings_.poll_every);
}

void VirtualVmc::step_later(World::Duration delay) {
  world_.outside(delay, [this] { step(); });
}

void VirtualVmc::step() {
  step_later(settings_.poll_every);
  if (world_.now() < silent_until_) return;
  const auto waited = world_.now() - since_;
  if (vend_ == Vend::Requested && outgoing_.empty() && waited > reader_time_ + 5s) {
    say({kVend, 0x01});
    since_ = world_.now();
  }
  if (vend_ == Vend::AwaitingRefund && waited > reader_time_) begin(true);
  exchange(outgoing_.empty() ? core::Bytes{std::byte{kPoll}} : outgoing_.front());
}

void VirtualVmc::exchange(const core::Bytes& command) {
  const auto fault = faults_.next_call();
  // What a machine does not report before it restarts counts as vended (7.4.7): this one reports first.
  const bool restarts = fault == VmcFault::Reset && vend_ != Vend::Reporting;
  if (restarts) return begin(true);
  if (fault == VmcFault::Silence) return static_cast<void>(silent_until_ = world_.now() + settings_.silence_for);

  send(command, fault == VmcFault::DamageCommand);
  if (fault == VmcFault::DamageCommand && !answer_.empty()) ++surprises_;
  if (answer_.empty() || fault == VmcFault::LoseAnswer || fault == VmcFault::DamageCommand) return heard_nothing();
  silent_ = false;
  if (heard_ack()) return acknowledged(core::Bytes(command));

  if (fault == VmcFault::AskAgain) send_byte(kRet);
  if (answer_.empty()) return heard_nothing();  // the reader went away in between
  const std::vector<std::uint16_t> block = answer_;
  if (fault != VmcFault::LoseAck) send_byte(kAck);
  replied(block);
}

void VirtualVmc::send(const core::Bytes& command, bool damaged) {
  answer_.clear();
  if (!bus_) return;
  unsigned sum = damaged ? 1U : 0U;
  World::Duration later{};
  bool first = true;
  for (const std::byte byte : command) {
    unsigned value = std::to_integer<unsigned>(byte);
    if (first) value |= settings_.address;
    sum += value;
    later += kCharacterTime;
    bus_(static_cast<std::uint16_t>(value | (first ? kModeBit : 0U)), later);
    first = false;
  }
  bus_(static_cast<std::uint16_t>(low(sum)), later + kCharacterTime);
}

void VirtualVmc::send_byte(std::uint8_t byte) {
  const auto later = kCharacterTime * static_cast<std::int64_t>(answer_.size() + 8);
  if (byte == kRet) answer_.clear();
  if (bus_) bus_(byte, later);
}

void VirtualVmc::answer(std::span<const std::uint16_t> words) {
  answer_.insert(answer_.end(), words.begin(), words.end());
}

bool VirtualVmc::heard_ack() const {
  return answer_.size() == 1 && answer_[0] == (kAck | kModeBit);
}

void VirtualVmc::heard_nothing() {
  if (!std::exchange(silent_, true)) silent_since_ = world_.now();
  // A reader may keep silent while it stores a refund.
  if (vend_ == Vend::AwaitingRefund) return;
  if (world_.now() - silent_since_ >= settings_.reset_after) {
    silent_since_ = world_.now();
    begin(false);
  }
}

void VirtualVmc::say(std::initializer_list<unsigned> bytes) {
  core::Bytes command;
  for (const unsigned byte : bytes)
    command.push_back(static_cast<std::byte>(byte));
  outgoing_.push_back(std::move(command));
}

void VirtualVmc::begin(bool motor_finishes) {
  if (motor_finishes && vend_ == Vend::Turning) cabinet_.finish_turn_well();
  ++resets_;
  ++life_;
  outgoing_.clear();
  vend_ = Vend::None;
  in_session_ = false;
  always_idle_ = false;
  phase_ = Phase::Starting;
  say({kReset});
}

void VirtualVmc::acknowledged(const core::Bytes& command) {
  const auto code = std::to_integer<std::uint8_t>(command[0]);
  if (code == kPoll) {
    if (vend_ == Vend::AwaitingRefund) {
      ++refunds_;
      vend_ = Vend::Ending;
      say({kVend, 0x04});
    }
    return;
  }
  outgoing_.pop_front();
  if (code == kReset) phase_ = Phase::WantJustReset;
  if (code != kVend) return;
  switch (std::to_integer<unsigned>(command[1])) {
    case 0x02:
      vend_ = Vend::Ending;
      say({kVend, 0x04});
      break;
    case 0x03:
      vend_ = Vend::AwaitingRefund;
      since_ = world_.now();
      break;
    default: break;
  }
}

std::size_t VirtualVmc::reply_size(std::uint8_t code) const {
  switch (code) {
    case 0x01: return 8;
    case 0x03: return level_ == 1 ? 3 : 10;
    case 0x05:
    case 0x0F: return 3;
    case 0x09: return level_ == 3 ? 34 : 30;
    case 0x0A: return 2;
    case 0x0B: return level_ == 1 ? 1 : 2;
    default: return 1;
  }
}

void VirtualVmc::replied(std::span<const std::uint16_t> block) {
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < block.size(); ++i)
    sum += block[i];
  const bool marked = block.size() >= 2 && block.back() == (low(sum) | kModeBit);
  if (!marked) return static_cast<void>(++surprises_);
  for (auto rest = block.first(block.size() - 1); !rest.empty();) {
    const std::size_t size = reply_size(static_cast<std::uint8_t>(rest[0]));
    if (size > rest.size()) return static_cast<void>(++surprises_);
    reply(rest.first(size));
    rest = rest.subspan(size);
  }
}

void VirtualVmc::reply(std::span<const std::uint16_t> message) {
  switch (message[0]) {
    case 0x00:
      if (phase_ != Phase::WantJustReset) return begin(false);  // the reader restarted by itself
      phase_ = Phase::WantConfig;
      say({0x01, 0x00, settings_.level, 0x00, 0x00, 0x00});
      return;
    case 0x01: return configured(message);
    case 0x09: return identified(message);
    case 0x03: in_session_ = true; return;
    case 0x04:
      if (in_session_ && vend_ == Vend::None) {
        vend_ = Vend::Ending;
        say({kVend, 0x04});
      }
      return;
    case 0x05: return approved(static_cast<std::uint16_t>((message[1] << 8U) | message[2]));
    case 0x06:
      if (vend_ != Vend::Requested) return;
      ++denials_;
      vend_ = Vend::Ending;
      outgoing_.clear();  // a VEND CANCEL that it crossed
      say({kVend, 0x04});
      return;
    case 0x07:
      in_session_ = false;
      if (vend_ == Vend::Ending) vend_ = Vend::None;
      return;
    case 0x0A:
      if (vend_ == Vend::AwaitingRefund && (message[1] & 0xF0U) == 0xC0U) {
        ++refund_errors_;
        vend_ = Vend::Ending;
        say({kVend, 0x04});
      }
      return;
    case 0x0B: return begin(true);
    default: return;
  }
}

void VirtualVmc::configured(std::span<const std::uint16_t> message) {
  if (phase_ != Phase::WantConfig) return;
  level_ = std::min(settings_.level, static_cast<std::uint8_t>(message[1]));
  reader_time_ = std::max<World::Duration>(5s, std::chrono::seconds{message[6]});
  say({0x01, 0x01, 0xFF, 0xFF, 0x00, 0x00});
  if (level_ >= 2) {
    phase_ = Phase::WantIdentity;
    core::Bytes command(2 + 29, std::byte{'V'});
    command[0] = std::byte{0x07};
    command[1] = std::byte{0x00};
    outgoing_.push_back(std::move(command));
    return;
  }
  phase_ = Phase::Running;
  if (enabled_) say({0x04, 0x01});
}

void VirtualVmc::identified(std::span<const std::uint16_t> message) {
  if (phase_ != Phase::WantIdentity) return;
  if (level_ == 3 && settings_.always_idle && (message[33] & 0x20U) != 0) {
    always_idle_ = true;
    say({0x07, 0x04, 0x00, 0x00, 0x00, 0x20});
  }
  phase_ = Phase::Running;
  if (enabled_) say({0x04, 0x01});
}

void VirtualVmc::approved(std::uint16_t amount) {
  if (vend_ == Vend::Turning || vend_ == Vend::Reporting) return;  // our ACK was lost
  if (vend_ != Vend::Requested || amount > cabinet_.price(item_)) return static_cast<void>(++surprises_);
  vend_ = Vend::Turning;
  outgoing_.clear();
  cabinet_.turn(item_, amount, [this, life = life_](bool fell) {
    if (life == life_) turned(fell);
  });
}

void VirtualVmc::turned(bool fell) {
  vend_ = Vend::Reporting;
  if (fell) {
    say({kVend, 0x02, high(item_), low(item_)});
  } else {
    say({kVend, 0x03});
  }
}

bool VirtualVmc::select(std::uint16_t item) {
  if (!idle() || !enabled_ || cabinet_.turning() || !cabinet_.sells(item)) return false;
  if (!always_idle_ && !in_session_) return false;
  item_ = item;
  vend_ = Vend::Requested;
  since_ = world_.now();
  const unsigned price = cabinet_.price(item);
  say({kVend, 0x00, high(price), low(price), high(item), low(item)});
  return true;
}

void VirtualVmc::pull_lever() {
  if (phase_ != Phase::Running || !outgoing_.empty()) return;
  if (vend_ == Vend::Requested) return say({kVend, 0x01});
  if (vend_ != Vend::None || !in_session_) return;
  vend_ = Vend::Ending;
  say({kVend, 0x04});
}

void VirtualVmc::sell_for_cash(std::uint16_t item) {
  if (!idle() || cabinet_.turning() || !cabinet_.sells(item)) return;
  cabinet_.drop(item);
  const unsigned price = cabinet_.price(item);
  say({kVend, 0x05, high(price), low(price), high(item), low(item)});
}

void VirtualVmc::set_enabled(bool enabled) {
  enabled_ = enabled;
  if (phase_ == Phase::Running) say({0x04, enabled ? 0x01U : 0x00U});
}

VirtualVmcBridge::VirtualVmcBridge(World& world, VirtualCabinet& cabinet, Say say)
    : world_(world), cabinet_(cabinet), say_(std::move(say)) {}

void VirtualVmcBridge::hear(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n' && c != '\r') {
      if (partial_.size() < kLineMax) partial_ += c;
      continue;
    }
    const std::string text = std::exchange(partial_, {});
    if (!text.empty()) line(text);
  }
}

void VirtualVmcBridge::line(std::string_view text) {
  if (text == "C,0") {
    on_ = false;
    ++life_;
    state_ = State::Inactive;
    return say("c,0");
  }
  if (text == "C,1") {
    if (on_) return say("c,ERR,\"cashless is on\"");
    on_ = true;
    say("c,1");
    return start_up();
  }
  if (text == "C,SETCONF,mdb-always-idle=1") always_idle_ = true;
  if (text == "C,SETCONF,mdb-always-idle=0") always_idle_ = false;
  if (text.starts_with("C,SETCONF,")) return say("c,SET,OK");
  if (!on_) return say("c,ERR,\"cashless is off\"");
  if (text.starts_with("C,VEND,")) return vend(text.substr(7));
  if (text.starts_with("C,START,")) {
    if (state_ != State::Enabled) return say("c,ERR,START 1");
    return to(State::Idle);
  }
  if (text == "C,STOP") {
    if (state_ == State::Vend) ++denials_;
    if (state_ != State::Vend && state_ != State::Idle) return say("c,ERR,STOP 1");
    to(State::Idle);
    return to(State::Enabled);
  }
  ++surprises_;
}

void VirtualVmcBridge::start_up() {
  to(State::Inactive);
  world_.outside(300ms, [this, life = life_] {
    if (life == life_ && on_) to(State::Disabled);
  });
  world_.outside(600ms, [this, life = life_] {
    if (life == life_ && on_) to(State::Enabled);
  });
}

void VirtualVmcBridge::to(State state) {
  state_ = state;
  switch (state) {
    case State::Inactive: return say("c,STATUS,INACTIVE");
    case State::Disabled: return say("c,STATUS,DISABLED");
    case State::Enabled: return say("c,STATUS,ENABLED");
    case State::Idle: return say("c,STATUS,IDLE");
    case State::Vend:
    case State::Turning: return;
  }
}

bool VirtualVmcBridge::select(std::uint16_t item) {
  const bool may = state_ == State::Idle || (state_ == State::Enabled && always_idle_);
  if (!on_ || !may || cabinet_.turning() || !cabinet_.sells(item)) return false;
  item_ = item;
  state_ = State::Vend;
  world_.outside(kPatience, [this, request = ++requests_] {
    if (request == requests_ && state_ == State::Vend) pull_lever();
  });
  const unsigned price = cabinet_.price(item);
  const std::string cents = std::to_string(price % 100U);
  say("c,STATUS,VEND," + std::to_string(price / 100U) + (cents.size() < 2 ? ".0" : ".") + cents + "," +
      std::to_string(item));
  return true;
}

void VirtualVmcBridge::vend(std::string_view amount) {
  if (state_ != State::Vend) return say("c,ERR,\"VEND -3\"");
  std::uint32_t minor = 0;
  int digits = -1;
  for (const char c : amount) {
    if (c == '.') {
      digits = 0;
      continue;
    }
    minor = minor * 10 + static_cast<std::uint32_t>(c - '0');
    if (digits >= 0) ++digits;
  }
  for (digits = std::max(digits, 0); digits < 2; ++digits)
    minor *= 10;
  if (minor > cabinet_.price(item_)) ++surprises_;
  state_ = State::Turning;
  say("r,ACK");
  cabinet_.turn(item_, static_cast<std::uint16_t>(minor), [this, life = life_](bool fell) {
    if (life == life_) turned(fell);
  });
}

void VirtualVmcBridge::turned(bool fell) {
  say(fell ? "c,VEND,SUCCESS" : "c,ERR,VEND 3");
  to(State::Idle);
  to(State::Enabled);
}

void VirtualVmcBridge::pull_lever() {
  if (state_ != State::Vend && state_ != State::Idle) return;
  if (state_ == State::Vend) say("c,ERR,VEND 1");
  to(State::Idle);
  to(State::Enabled);
}

void VirtualVmcBridge::reset() {
  if (!on_) return;
  ++life_;
  start_up();
}

void VirtualVmcBridge::restart() {
  ++life_;
  on_ = false;
  always_idle_ = false;
  state_ = State::Inactive;
  partial_.clear();
}

void VirtualVmcBridge::say(std::string_view text) {
  if (std::exchange(lose_next_, false)) return;
  // What it says in one go leaves in one piece.
  if (unsaid_.empty()) world_.outside({}, [this] { say_(std::exchange(unsaid_, {})); });
  unsaid_ += text;
  unsaid_ += "\r\n";
}

}  // namespace tillkit::hal_virtual
