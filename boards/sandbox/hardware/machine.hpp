// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/hal_virtual/board.hpp"

namespace tillkit::sandbox {

/// What an MDB bridge or another thing on the board's serial line does. `say` sends bytes to the board.
class SerialDevice {
 public:
  using Say = std::function<void(core::ByteView)>;

  virtual ~SerialDevice() = default;
  virtual void opened(Say say) = 0;
  virtual void closed() = 0;
  virtual void take(core::ByteView bytes) = 0;
};

/// The hardware of the sandbox board: virtual devices in a world of their own, and the lines by which a board uses them
/// (boards/sandbox/README.md). It goes on when no board is there, and remembers what it did.
///
/// Time passes when the owner of the devices advances their world; one thread.
class Machine final {
 public:
  using Send = std::function<void(std::string line)>;

  /// `devices` must outlive the machine, and be used by nobody else but people: hands, eyes, faults.
  explicit Machine(hal_virtual::VirtualBoard& devices);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // --- the board's connection ---

  /// A board is connected; `send` takes lines for it until `disconnect`.
  void connect(Send send);
  void disconnect();
  /// A board has said `hello` on this connection.
  [[nodiscard]] bool board_is_here() const { return here_; }
  /// - InvalidArgument and others: the line says nothing; end the connection.
  [[nodiscard]] core::Result<> take_line(std::string_view line);
  /// Tells the board what has changed; after each turn of the world and each thing that people do.
  void look();

  // --- power ---

  void cut_power();
  void restore_power();
  [[nodiscard]] bool has_power() const { return devices_.world.power().on(); }
  /// True once after the watchdog has bitten: the firmware must be started anew.
  [[nodiscard]] bool take_bite();

  // --- people ---

  /// Puts coins or a note in. What the machine cannot take falls into the tray.
  void insert_cash(std::int64_t minor);
  /// Takes what lies in the tray.
  std::int64_t empty_tray() { return std::exchange(tray_minor_, 0); }
  [[nodiscard]] std::int64_t inserted_minor() const { return inserted_minor_; }
  [[nodiscard]] std::int64_t paid_out_minor() const { return paid_out_minor_; }
  [[nodiscard]] std::int64_t tray_minor() const { return tray_minor_; }

  /// What hangs on the serial line; none: the board has no line. It must outlive the machine.
  void fit(SerialDevice& device);

  [[nodiscard]] hal_virtual::VirtualBoard& devices() { return devices_; }
  /// The slot whose motor turns.
  [[nodiscard]] std::optional<hal::SlotId> turning() const { return turning_; }
  /// Where in the printer's paper the last job began, and how many there were.
  [[nodiscard]] std::size_t job_begin() const { return job_begin_; }
  [[nodiscard]] std::uint64_t jobs() const { return jobs_; }

 private:
  void begin_boot(std::string_view boot);
  void listen();
  [[nodiscard]] core::Result<> take_hello(const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_show(const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_scanner(const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_print(const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_dispense(const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_inspect(const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_bridge(std::string_view word, const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_watchdog(const core::JsonValue& line);
  [[nodiscard]] core::Result<> take_pay_out(const core::JsonValue& line);

  [[nodiscard]] std::string state_line() const;
  void say_printed(std::uint64_t job, hal::PrintedPart part);
  void say_vend(std::uint64_t order, const core::Result<hal::DropOutcome>& outcome);
  void say(core::JsonWriter& json);

  hal_virtual::VirtualBoard& devices_;
  SerialDevice* serial_ = nullptr;
  Send send_;
  bool here_ = false;
  std::string boot_;
  std::string told_;  // the last state line
  std::uint64_t scan_time_ = 0;
  std::uint64_t serial_time_ = 0;
  std::uint32_t boots_seen_;
  bool bite_ = false;
  bool bit_before_boot_ = false;
  bool watchdog_bit_ = false;
  std::optional<hal::SlotId> turning_;
  std::size_t job_begin_ = 0;
  std::uint64_t jobs_ = 0;
  std::int64_t inserted_minor_ = 0;
  std::int64_t paid_out_minor_ = 0;
  std::int64_t tray_minor_ = 0;
};

}  // namespace tillkit::sandbox
