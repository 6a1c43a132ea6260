// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <chrono>
#include <utility>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"
#include "wire.hpp"

namespace tillkit::sandbox {
namespace {

using boards::sandbox::kLineLimits;
using core::ErrorCode;
using core::JsonValue;
using core::JsonWriter;
using core::Result;
using std::chrono::milliseconds;

constexpr std::int64_t kCashMinorMax = 1'000'000;

JsonWriter begin(std::string_view is) {
  JsonWriter json(kLineLimits);
  json.begin_object().name("is").text(is);
  return json;
}

Result<std::string> read_text(const JsonValue& line, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, line.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return std::string(text);
}

Result<core::Bytes> read_bytes(const JsonValue& line, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, line.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return core::decode_base64(text);
}

Result<std::uint64_t> read_number(const JsonValue& line, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, line.member(name));
  return value.unsigned_integer();
}

Result<milliseconds> read_limit(const JsonValue& line, std::string_view name, milliseconds min, milliseconds max) {
  TILLKIT_TRY(const JsonValue value, line.member(name));
  TILLKIT_TRY(const std::int64_t count, value.integer_in(min.count(), max.count()));
  return milliseconds(count);
}

std::string_view word_of(hal::PrinterState state) {
  switch (state) {
    case hal::PrinterState::Ready: return "ready";
    case hal::PrinterState::PaperOut: return "paper_out";
    case hal::PrinterState::CoverOpen: return "cover_open";
    case hal::PrinterState::Fault: return "fault";
    case hal::PrinterState::Disconnected: return "disconnected";
  }
  return "fault";
}

std::string_view word_of(hal::PrintedPart part) {
  switch (part) {
    case hal::PrintedPart::All: return "all";
    case hal::PrintedPart::Some: return "some";
    case hal::PrintedPart::None: return "none";
    case hal::PrintedPart::HandedOver: return "handed_over";
  }
  return "none";
}

std::string_view word_of(hal::DropOutcome seen) {
  switch (seen) {
    case hal::DropOutcome::Dropped: return "dropped";
    case hal::DropOutcome::NotSeen: return "not_seen";
    case hal::DropOutcome::Jammed: return "jammed";
  }
  return "jammed";
}

std::string_view word_of(hal::LinkState link) {
  switch (link) {
    case hal::LinkState::Online: return "online";
    case hal::LinkState::Limited: return "limited";
    case hal::LinkState::Offline: return "offline";
  }
  return "offline";
}

}  // namespace

Machine::Machine(hal_virtual::VirtualBoard& devices) : devices_(devices), boots_seen_(devices.world.power().boots()) {}

Machine::~Machine() {
  devices_.scanner.listen({});
  devices_.display.listen({});
}

void Machine::connect(Send send) {
  send_ = std::move(send);
  here_ = false;
  told_.clear();
}

void Machine::disconnect() {
  send_ = {};
  here_ = false;
}

void Machine::say(JsonWriter& json) {
  auto line = json.end_object().finish();
  if (line && here_) send_(*std::move(line));
}

void Machine::look() {
  if (std::exchange(boots_seen_, devices_.world.power().boots()) != devices_.world.power().boots()) {
    turning_.reset();
    if (devices_.watchdog.caused_last_reset()) {
      bite_ = true;
      bit_before_boot_ = true;
    }
  }
  if (!here_) return;
  std::string line = state_line();
  if (line == told_) return;
  told_ = line;
  send_(std::move(line));
}

bool Machine::take_bite() {
  return std::exchange(bite_, false);
}

std::string Machine::state_line() const {
  JsonWriter json = begin("state");
  const hal::PrinterStatus printer = static_cast<const hal::Printer&>(devices_.printer).status();
  json.name("scanner").boolean(devices_.scanner.plugged());
  json.name("printer").text(word_of(printer.state)).name("paper_low").boolean(printer.paper_low);
  json.name("cabinet").boolean(devices_.dispenser.plugged());
  json.name("remembers").boolean(devices_.dispenser.remembers());
  json.name("bridge").boolean(serial_ != nullptr);
  json.name("link").text(word_of(static_cast<const hal::NetworkStatus&>(devices_.network).link()));
  json.name("watchdog_bit").boolean(watchdog_bit_);
  return json.end_object().finish().value_or("");
}

// --- power ---

void Machine::cut_power() {
  devices_.world.power().cut();
  turning_.reset();
}

void Machine::restore_power() {
  if (has_power()) return;
  devices_.world.power().restore();
  boots_seen_ = devices_.world.power().boots();
}

/// The program was started: all that is volatile is as after a power cut, whether or not there was one.
void Machine::begin_boot(std::string_view boot) {
  boot_ = boot;
  devices_.world.power().cut();
  devices_.world.power().restore();
  boots_seen_ = devices_.world.power().boots();
  turning_.reset();
  if (serial_ != nullptr) serial_->closed();
  watchdog_bit_ = std::exchange(bit_before_boot_, false);
}

/// What a device hears it tells the board. The power takes listeners away.
void Machine::listen() {
  devices_.scanner.listen([this](hal::ScanEvent event) {
    const bool state_tells = !event && event.error() == hal::ScanFault::Disconnected;
    if (state_tells) return;
    JsonWriter json = begin(event ? "scan" : "scan_fault");
    json.name("time").integer(scan_time_);
    if (event) {
      json.name("code").text(core::encode_base64(core::as_bytes(*event)));
      core::wipe(*event);
    } else {
      json.name("fault").text(event.error() == hal::ScanFault::TooLong ? "too_long" : "garbled");
    }
    say(json);
  });
  devices_.display.listen([this](const std::string& press) {
    JsonWriter json = begin("press");
    json.name("press").text(core::encode_base64(core::as_bytes(press)));
    say(json);
  });
}

// --- lines ---

Result<> Machine::take_line(std::string_view text) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(text, kLineLimits));
  const JsonValue line = document.root();
  TILLKIT_TRY(const std::string word, read_text(line, "do"));
  if (word == "hello") return take_hello(line);
  if (!here_ || !has_power()) return core::fail(ErrorCode::FailedPrecondition);
  if (word == "show") return take_show(line);
  if (word == "scanner") return take_scanner(line);
  if (word == "print") return take_print(line);
  if (word == "dispense") return take_dispense(line);
  if (word == "inspect") return take_inspect(line);
  if (word == "watchdog") return take_watchdog(line);
  if (word == "pay_out") return take_pay_out(line);
  if (word.starts_with("bridge_")) return take_bridge(word, line);
  if (word == "feed") {
    // A watchdog that is not running here was started by a board before this machine: it says `watchdog` again.
    static_cast<void>(devices_.watchdog.feed().has_value());
    return {};
  }
  return line.mistake();
}

Result<> Machine::take_hello(const JsonValue& line) {
  TILLKIT_TRY(const std::string boot, read_text(line, "boot"));
  if (!has_power()) return core::fail(ErrorCode::FailedPrecondition);
  if (boot != boot_) begin_boot(boot);
  listen();
  here_ = true;
  told_.clear();
  look();
  return {};
}

Result<> Machine::take_show(const JsonValue& line) {
  TILLKIT_TRY(const core::Bytes screen, read_bytes(line, "screen"));
  return devices_.display.show(std::string(core::as_text(screen)));
}

Result<> Machine::take_scanner(const JsonValue& line) {
  TILLKIT_TRY(const bool enabled, core::read_boolean(line, "enabled"));
  TILLKIT_TRY(const std::uint64_t time, read_number(line, "time"));
  // A scan that waits belongs to the time before.
  if (time != scan_time_) devices_.scanner.disable();
  scan_time_ = time;
  if (!enabled) devices_.scanner.disable();
  // Unplugged in this moment: the state line tells the board.
  if (enabled) static_cast<void>(devices_.scanner.enable().has_value());
  return {};
}

Result<> Machine::take_print(const JsonValue& line) {
  constexpr milliseconds kLimitMax = std::chrono::hours(1);
  TILLKIT_TRY(const std::uint64_t job, read_number(line, "job"));
  TILLKIT_TRY(const milliseconds limit, read_limit(line, "limit_ms", hal::kPrintLimitMin, kLimitMax));
  TILLKIT_TRY(core::Bytes bytes, read_bytes(line, "bytes"));
  const std::size_t begin = devices_.printer.paper().size();
  const auto begun = devices_.printer.print(std::move(bytes), limit, [this, job](Result<hal::PrintOutcome> outcome) {
    if (outcome) return say_printed(job, outcome->part);
    // After a time-out there is nothing that it could say.
    if (outcome.error().code != ErrorCode::Timeout) say_printed(job, hal::PrintedPart::None);
  });
  if (!begun) {
    say_printed(job, hal::PrintedPart::None);
    return {};
  }
  job_begin_ = begin;
  ++jobs_;
  return {};
}

void Machine::say_printed(std::uint64_t job, hal::PrintedPart part) {
  JsonWriter json = begin("printed");
  json.name("job").integer(job).name("part").text(word_of(part));
  json.name("state").text(word_of(static_cast<const hal::Printer&>(devices_.printer).status().state));
  say(json);
}

Result<> Machine::take_dispense(const JsonValue& line) {
  TILLKIT_TRY(const std::uint64_t order, read_number(line, "order"));
  TILLKIT_TRY(const std::uint64_t vend, read_number(line, "vend"));
  TILLKIT_TRY(const JsonValue slot_value, line.member("slot"));
  TILLKIT_TRY(const std::int64_t slot_number, slot_value.integer_in(1, 0xFFFF));
  TILLKIT_TRY(const milliseconds limit, read_limit(line, "limit_ms", hal::kDispenseLimitMin, hal::kDispenseLimitMax));
  const hal::SlotId slot{static_cast<std::uint16_t>(slot_number)};
  const auto begun =
      devices_.dispenser.dispense(hal::VendId{vend}, slot, limit, [this, order](Result<hal::DropOutcome> outcome) {
        turning_.reset();
        say_vend(order, outcome);
      });
  if (begun) {
    turning_ = slot;
  } else {
    say_vend(order, std::unexpected(begun.error()));
  }
  return {};
}

Result<> Machine::take_inspect(const JsonValue& line) {
  TILLKIT_TRY(const std::uint64_t order, read_number(line, "order"));
  TILLKIT_TRY(const std::uint64_t vend, read_number(line, "vend"));
  const auto begun = devices_.dispenser.inspect(
      hal::VendId{vend}, [this, order](Result<hal::DropOutcome> outcome) { say_vend(order, outcome); });
  if (!begun) say_vend(order, std::unexpected(begun.error()));
  return {};
}

void Machine::say_vend(std::uint64_t order, const Result<hal::DropOutcome>& outcome) {
  if (!outcome && outcome.error().code == ErrorCode::Timeout) return;  // it has nothing to say
  JsonWriter json = begin("vend");
  json.name("order").integer(order);
  if (outcome) {
    json.name("seen").text(word_of(*outcome));
  } else {
    json.name("refused").text(core::to_string(outcome.error().code));
  }
  say(json);
}

Result<> Machine::take_watchdog(const JsonValue& line) {
  TILLKIT_TRY(const milliseconds timeout,
              read_limit(line, "timeout_ms", hal::kWatchdogTimeoutMin, hal::kWatchdogTimeoutMax));
  // It may run already: the board says it again after each connection.
  static_cast<void>(devices_.watchdog.start(timeout).has_value());
  return {};
}

// --- the serial line ---

void Machine::fit(SerialDevice& device) {
  serial_ = &device;
}

Result<> Machine::take_bridge(std::string_view word, const JsonValue& line) {
  if (serial_ == nullptr) return {};  // the board was told
  if (word == "bridge_open") {
    TILLKIT_TRY(const std::uint64_t time, read_number(line, "time"));
    serial_time_ = time;
    serial_->opened([this, time](core::ByteView bytes) {
      if (time != serial_time_) return;
      JsonWriter json = begin("bridge_read");
      json.name("time").integer(time).name("bytes").text(core::encode_base64(bytes));
      say(json);
    });
    return {};
  }
  if (word == "bridge_close") {
    serial_time_ = 0;
    serial_->closed();
    return {};
  }
  if (word != "bridge_write") return line.mistake();
  TILLKIT_TRY(const std::uint64_t number, read_number(line, "write"));
  TILLKIT_TRY(const core::Bytes bytes, read_bytes(line, "bytes"));
  serial_->take(bytes);
  JsonWriter json = begin("bridge_written");
  json.name("write").integer(number);
  say(json);
  return {};
}

// --- cash ---

void Machine::insert_cash(std::int64_t minor) {
  if (!here_ || !has_power()) {
    tray_minor_ += minor;
    return;
  }
  inserted_minor_ += minor;
  devices_.display.touch(R"({"press":"cash","minor":)" + std::to_string(minor) + "}");
}

Result<> Machine::take_pay_out(const JsonValue& line) {
  TILLKIT_TRY(const JsonValue value, line.member("minor"));
  TILLKIT_TRY(const std::int64_t minor, value.integer_in(1, kCashMinorMax));
  paid_out_minor_ += minor;
  tray_minor_ += minor;
  return {};
}

}  // namespace tillkit::sandbox
