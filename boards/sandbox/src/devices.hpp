// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/hal/display.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/network_status.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/hal/scanner.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/hal/serial_port.hpp"
#include "tillkit/hal/watchdog.hpp"
#include "wire.hpp"

/// The parts of the sandbox board: each turns calls into lines, and lines into what its interface promises.
namespace tillkit::boards::sandbox {

/// After the limit of a job or a vend the hardware's word may be so long on its way.
inline constexpr std::chrono::milliseconds kAnswerGrace{700};
/// A cabinet that is asked what it remembers answers within this, or not.
inline constexpr std::chrono::milliseconds kInspectPatience{2'000};

/// What a part writes to. Begins a line with `{"do":what`, and sends what was added to it.
class Post {
 public:
  explicit Post(Wire& wire) : wire_(wire) {}

  [[nodiscard]] core::JsonWriter begin(std::string_view what) const;
  void send(core::JsonWriter& json) const;
  /// The hardware has said what it has, and is still there.
  [[nodiscard]] bool ready() const { return ready_; }
  void set_ready(bool ready) { ready_ = ready; }

 private:
  Wire& wire_;
  bool ready_ = false;
};

/// One part of the hardware, as the lines tell of it.
class Device {
 public:
  virtual ~Device() = default;

  /// What the hardware says of itself, first after each connection. What is malformed is the connection's end.
  [[nodiscard]] virtual core::Result<> take_state(const core::JsonValue& state) = 0;
  /// The connection is new, and `take_state` was called: what the hardware must know is said again.
  virtual void resume() {}
  virtual void disconnected() {}
  /// The line whose `is` begins with a word of this part. `NotFound`: it is of another part.
  [[nodiscard]] virtual core::Result<> take_line(std::string_view is, const core::JsonValue& line);
};

class ScreenDisplay final : public hal::Display, public Device {
 public:
  explicit ScreenDisplay(Post& post) : post_(post) {}

  [[nodiscard]] core::Result<> take_state(const core::JsonValue& state) override;
  void resume() override;
  [[nodiscard]] core::Result<> take_line(std::string_view is, const core::JsonValue& line) override;

 private:
  void do_show(std::string screen_json) override;
  void do_listen(hal::PressListener listener) override { listener_.set(std::move(listener)); }

  Post& post_;
  std::string latest_;
  hal::driver::ListenerSlot<std::string> listener_;
};

class CodeScanner final : public hal::Scanner, public Device {
 public:
  explicit CodeScanner(Post& post) : post_(post) {}

  [[nodiscard]] core::Result<> take_state(const core::JsonValue& state) override;
  void resume() override;
  void disconnected() override;
  [[nodiscard]] core::Result<> take_line(std::string_view is, const core::JsonValue& line) override;

 private:
  void do_listen(hal::ScanListener listener) override { listener_.set(std::move(listener)); }
  [[nodiscard]] core::Result<> do_enable() override;
  void do_disable() override;

  void say() const;
  void lose();

  Post& post_;
  hal::driver::ListenerSlot<hal::ScanEvent> listener_;
  bool plugged_ = false;
  bool enabled_ = false;
  std::uint64_t enabled_count_ = 0;  // a scan belongs to the time it was enabled for
};

class ReceiptPrinter final : public hal::Printer, public Device {
 public:
  ReceiptPrinter(Post& post, hal::Scheduler& scheduler) : post_(post), scheduler_(scheduler) {}
  ~ReceiptPrinter() override;
  ReceiptPrinter(const ReceiptPrinter&) = delete;
  ReceiptPrinter& operator=(const ReceiptPrinter&) = delete;

  [[nodiscard]] core::Result<> take_state(const core::JsonValue& state) override;
  void disconnected() override;
  [[nodiscard]] core::Result<> take_line(std::string_view is, const core::JsonValue& line) override;

 private:
  struct Job {
    core::Completion<hal::PrintOutcome> done;
    hal::TimerId limit;
  };

  [[nodiscard]] core::Result<> do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                                        core::Completion<hal::PrintOutcome> done) override;
  [[nodiscard]] hal::PrinterStatus do_status() const override { return status_; }

  void finish(core::Result<hal::PrintOutcome> outcome);

  Post& post_;
  hal::Scheduler& scheduler_;
  hal::PrinterStatus status_;
  std::uint64_t jobs_ = 0;
  std::optional<Job> job_;
};

class Cabinet final : public hal::ProductDispenser, public Device {
 public:
  Cabinet(Post& post, hal::Scheduler& scheduler) : post_(post), scheduler_(scheduler) {}
  ~Cabinet() override;
  Cabinet(const Cabinet&) = delete;
  Cabinet& operator=(const Cabinet&) = delete;

  [[nodiscard]] core::Result<> take_state(const core::JsonValue& state) override;
  void disconnected() override;
  [[nodiscard]] core::Result<> take_line(std::string_view is, const core::JsonValue& line) override;

 private:
  struct Order {
    core::Completion<hal::DropOutcome> done;
    hal::TimerId limit;
    core::ErrorCode silence;  ///< what it means that no answer comes
  };

  [[nodiscard]] core::Result<> do_dispense(hal::VendId vend, hal::SlotId slot, std::chrono::milliseconds limit,
                                           core::Completion<hal::DropOutcome> done) override;
  [[nodiscard]] core::Result<> do_inspect(hal::VendId vend, core::Completion<hal::DropOutcome> done) override;

  [[nodiscard]] core::Result<> begin(core::ErrorCode silence, std::chrono::milliseconds patience,
                                     core::Completion<hal::DropOutcome> done);
  void finish(core::Result<hal::DropOutcome> outcome);

  Post& post_;
  hal::Scheduler& scheduler_;
  bool plugged_ = false;
  bool remembers_ = true;
  std::uint64_t orders_ = 0;
  std::optional<Order> order_;
};

/// The line to the MDB bridge. A write is done when the hardware has its bytes.
class BridgePort final : public hal::SerialPort, public Device {
 public:
  BridgePort(Post& post, hal::Scheduler& scheduler) : post_(post), scheduler_(scheduler) {}
  ~BridgePort() override;
  BridgePort(const BridgePort&) = delete;
  BridgePort& operator=(const BridgePort&) = delete;

  [[nodiscard]] core::Result<> take_state(const core::JsonValue& state) override;
  void disconnected() override;
  [[nodiscard]] core::Result<> take_line(std::string_view is, const core::JsonValue& line) override;

 private:
  struct Write {
    std::uint64_t number;
    std::size_t bytes;
    core::Completion<> done;
  };

  void do_listen(hal::SerialListener listener) override { listener_.set(std::move(listener)); }
  [[nodiscard]] core::Result<> do_open(const hal::SerialSettings& settings) override;
  void do_close() override;
  [[nodiscard]] core::Result<> do_write(core::Bytes bytes, core::Completion<> done) override;

  void hang_up();
  void deliver(core::ByteView bytes);
  void end_writes(std::deque<Write> writes);

  Post& post_;
  hal::Scheduler& scheduler_;
  hal::driver::ListenerSlot<hal::SerialEvent> listener_;
  bool fitted_ = false;
  bool open_ = false;
  std::uint64_t opened_count_ = 0;  // bytes belong to the opening they were sent in
  std::uint64_t writes_made_ = 0;
  std::size_t queued_bytes_ = 0;
  std::deque<Write> writes_;
  std::deque<Write> closed_writes_;  // of a line that was closed; told at the loop's next turn
  hal::TimerId telling_;
};

class Plug final : public hal::NetworkStatus, public Device {
 public:
  [[nodiscard]] core::Result<> take_state(const core::JsonValue& state) override;

 private:
  [[nodiscard]] hal::LinkState do_link() const override { return link_; }
  void do_listen(hal::LinkListener listener) override { listener_.set(std::move(listener)); }

  hal::LinkState link_ = hal::LinkState::Online;
  hal::driver::ListenerSlot<hal::LinkState> listener_;
};

class ResetWatchdog final : public hal::Watchdog, public Device {
 public:
  explicit ResetWatchdog(Post& post) : post_(post) {}

  [[nodiscard]] core::Result<> take_state(const core::JsonValue& state) override;
  void resume() override;

 private:
  [[nodiscard]] core::Result<> do_start(std::chrono::milliseconds timeout) override;
  [[nodiscard]] core::Result<> do_feed() override;
  [[nodiscard]] bool do_caused_last_reset() const override { return caused_last_reset_.value_or(false); }

  void say_start() const;

  Post& post_;
  std::optional<std::chrono::milliseconds> timeout_;
  std::optional<bool> caused_last_reset_;  // the first word holds for the whole boot
};

/// All of them on one wire.
class Devices final : private WireListener {
  Wire& wire_;
  Post post_;  // before those that write to it

 public:
  /// `boot` tells one start of the program from another. Wire and scheduler must outlive the devices.
  Devices(Wire& wire, hal::Scheduler& scheduler, std::string boot);

  ScreenDisplay display;
  CodeScanner scanner;
  ReceiptPrinter printer;
  Cabinet cabinet;
  BridgePort bridge;
  Plug plug;
  ResetWatchdog watchdog;

  /// The hardware is there and has said what it has.
  [[nodiscard]] bool ready() const { return post_.ready(); }
  /// - Unavailable: the hardware is not there.
  [[nodiscard]] core::Result<> pay_out(std::int64_t minor);

 private:
  void connected() override;
  void disconnected() override;
  void take_line(std::string_view line) override;
  [[nodiscard]] core::Result<> understand(std::string_view line);

  const std::string boot_;
  std::array<Device*, 7> all_;
};

}  // namespace tillkit::boards::sandbox
