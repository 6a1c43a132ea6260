// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// The mechanics of a vending machine, and its books. It has a power supply of its own: cuts of the board do not touch
/// it.
class VirtualCabinet {
 public:
  enum class Vend : std::uint8_t { Turning, Fallen, Failed };
  struct Record {
    Vend state = Vend::Turning;
    std::uint16_t item = 0;
    std::uint16_t approved = 0;
    std::uint32_t fallen = 0;  ///< more than 1 would be a second drop
  };

  explicit VirtualCabinet(World& world) : world_(world) {}

  /// Makes the selection if there is none, sets its price (in minor units) and puts products in.
  void put(std::uint16_t item, std::uint16_t price, std::uint32_t products);
  [[nodiscard]] bool sells(std::uint16_t item) const;
  [[nodiscard]] std::uint16_t price(std::uint16_t item) const;
  /// The next turn of this selection sticks.
  void jam_next(std::uint16_t item) { slots_[item].jams_next = true; }
  /// It sticks until somebody frees it.
  void jam(std::uint16_t item, bool stuck) { slots_[item].stuck = stuck; }
  [[nodiscard]] bool jammed(std::uint16_t item) const;
  [[nodiscard]] std::uint32_t stock(std::uint16_t item) const;
  [[nodiscard]] std::uint32_t fallen(std::uint16_t item) const;
  [[nodiscard]] std::uint32_t fallen() const { return fallen_; }
  void set_motor_time(World::Duration time) { motor_time_ = time; }
  [[nodiscard]] bool turning() const { return turning_item_.has_value(); }
  [[nodiscard]] std::optional<std::uint16_t> turning_item() const { return turning_item_; }

  /// Turns; later calls `done` with whether a product fell.
  void turn(std::uint16_t item, std::uint16_t approved, std::function<void(bool)> done);
  /// A machine that restarts in the middle finishes its turn, and the product falls.
  void finish_turn_well() { must_fall_ = true; }
  /// One product falls at once, for cash.
  void drop(std::uint16_t item);

  /// The next approval is of this vend.
  void note(std::uint64_t vend) { noted_ = vend; }
  /// What became of it; nothing: no approval of it ever arrived. For the books of a test, whatever `remembers` says.
  [[nodiscard]] std::optional<Record> record(std::uint64_t vend) const;

  /// Whether it may be asked after the terminal was away. A simple machine may not.
  [[nodiscard]] bool remembers() const { return remembers_; }
  void set_remembers(bool remembers) { remembers_ = remembers; }

 private:
  struct Slot {
    std::uint16_t price = 0;
    std::uint32_t stock = 0;
    std::uint32_t fallen = 0;
    bool jams_next = false;
    bool stuck = false;
  };

  [[nodiscard]] Slot slot(std::uint16_t item) const;

  World& world_;
  World::Duration motor_time_ = std::chrono::milliseconds{1'500};
  std::map<std::uint16_t, Slot> slots_;
  std::map<std::uint64_t, Record> records_;
  std::uint64_t noted_ = 0;
  std::uint32_t fallen_ = 0;
  std::optional<std::uint16_t> turning_item_;
  bool must_fall_ = false;
  bool remembers_ = true;
};

/// What goes wrong with one exchange on the bus.
enum class VmcFault : std::uint8_t {
  DamageCommand,  ///< the command arrives with a wrong checksum
  LoseAnswer,     ///< the VMC does not hear the answer: it says the same again
  LoseAck,        ///< the VMC heard, and its ACK does not arrive
  AskAgain,       ///< the VMC asks for the same block again (RET) before it acknowledges
  Reset,          ///< the VMC restarts and says RESET
  Silence,        ///< the VMC says nothing for `silence_for`
};

struct VirtualVmcSettings {
  std::uint8_t address = 0x10;
  std::uint8_t level = 3;
  bool always_idle = true;  ///< where the reader can
  World::Duration poll_every = std::chrono::milliseconds{100};
  World::Duration silence_for = std::chrono::milliseconds{3'000};
  World::Duration reset_after = std::chrono::milliseconds{10'000};  ///< of silence
};

/// A vending machine controller as MDB/ICP 4.2 has it, the master of the bus: starts the reader up, polls, asks for
/// vends, turns motors, and reports.
class VirtualVmc {
 public:
  /// Characters with the mode bit (100H) above, and how much later than now each of them is over.
  using Bus = std::function<void(std::uint16_t word, World::Duration later)>;

  VirtualVmc(World& world, VirtualCabinet& cabinet, const VirtualVmcSettings& settings = {});

  /// To whom it speaks. An empty one: nobody is there.
  void connect(Bus bus) { bus_ = std::move(bus); }
  /// What the reader puts on the bus; called from inside `Bus`.
  void answer(std::span<const std::uint16_t> words);
  void start();

  /// A shopper presses a button. False: not now (not enabled, sold out, busy, no session).
  bool select(std::uint16_t item);
  /// The return lever: takes back the selection, or ends the session.
  void pull_lever();
  /// A shopper pays with coins.
  void sell_for_cash(std::uint16_t item);
  void set_enabled(bool enabled);

  [[nodiscard]] bool idle() const { return phase_ == Phase::Running && vend_ == Vend::None && outgoing_.empty(); }
  [[nodiscard]] bool running() const { return phase_ == Phase::Running; }
  [[nodiscard]] bool in_session() const { return in_session_; }
  [[nodiscard]] std::uint32_t resets() const { return resets_; }
  [[nodiscard]] std::uint32_t denials() const { return denials_; }
  [[nodiscard]] std::uint32_t refunds() const { return refunds_; }
  [[nodiscard]] std::uint32_t refund_errors() const { return refund_errors_; }
  /// What a reader must never do: approve more than asked or without being asked, answer damaged blocks.
  [[nodiscard]] std::uint32_t surprises() const { return surprises_; }

  /// Counts exchanges and breaks them.
  BasicFaultPlan<VmcFault>& faults() { return faults_; }

 private:
  enum class Phase : std::uint8_t { Starting, WantJustReset, WantConfig, WantIdentity, Running };
  enum class Vend : std::uint8_t { None, Requested, Turning, Reporting, AwaitingRefund, Ending };

  void step();
  void step_later(World::Duration delay);
  void exchange(const core::Bytes& command);
  void send(const core::Bytes& command, bool damaged);
  void send_byte(std::uint8_t byte);
  [[nodiscard]] bool heard_ack() const;
  void heard_nothing();
  void acknowledged(const core::Bytes& command);
  void replied(std::span<const std::uint16_t> block);
  [[nodiscard]] std::size_t reply_size(std::uint8_t code) const;
  void reply(std::span<const std::uint16_t> message);
  void begin(bool motor_finishes);
  void configured(std::span<const std::uint16_t> message);
  void identified(std::span<const std::uint16_t> message);
  void approved(std::uint16_t amount);
  void turned(bool fell);
  void say(std::initializer_list<unsigned> bytes);

  World& world_;
  VirtualCabinet& cabinet_;
  VirtualVmcSettings settings_;
  Bus bus_;
  BasicFaultPlan<VmcFault> faults_;
  std::vector<std::uint16_t> answer_;
  std::deque<core::Bytes> outgoing_;
  Phase phase_ = Phase::Starting;
  Vend vend_ = Vend::None;
  std::uint8_t level_ = 1;
  bool always_idle_ = false;
  bool in_session_ = false;
  bool enabled_ = true;
  std::uint16_t item_ = 0;
  std::uint64_t life_ = 0;  // a turn that began before a restart is not reported after it
  World::Duration silent_since_{};
  bool silent_ = false;
  World::Duration silent_until_{};
  World::Duration reader_time_ = std::chrono::seconds{5};
  World::Duration since_{};  // when the request or the wait for a refund began
  std::uint32_t resets_ = 0;
  std::uint32_t denials_ = 0;
  std::uint32_t refunds_ = 0;
  std::uint32_t refund_errors_ = 0;
  std::uint32_t surprises_ = 0;
};

/// The same machine behind a bridge, which is the reader on the bus and speaks lines of text to a serial port.
class VirtualVmcBridge {
 public:
  using Say = std::function<void(std::string_view bytes)>;

  /// `say` gets what the bridge sends.
  VirtualVmcBridge(World& world, VirtualCabinet& cabinet, Say say);

  /// What the terminal wrote, in any pieces.
  void hear(std::string_view bytes);

  bool select(std::uint16_t item);
  /// The shopper takes the selection back, or the machine gives up.
  void pull_lever();
  /// The machine restarts.
  void reset();
  /// The bridge restarts: it is off until it is switched on again.
  void restart();
  /// The next line that it says is lost.
  void lose_next_line() { lose_next_ = true; }

  [[nodiscard]] bool on() const { return on_; }
  /// Enabled, and nobody selected.
  [[nodiscard]] bool idle() const { return on_ && state_ == State::Enabled; }
  [[nodiscard]] bool always_idle() const { return always_idle_; }
  [[nodiscard]] std::uint32_t denials() const { return denials_; }
  [[nodiscard]] std::uint32_t surprises() const { return surprises_; }

 private:
  enum class State : std::uint8_t { Inactive, Disabled, Enabled, Idle, Vend, Turning };

  void line(std::string_view text);
  void say(std::string_view text);
  void to(State state);
  void start_up();
  void vend(std::string_view amount);
  void turned(bool fell);

  World& world_;
  VirtualCabinet& cabinet_;
  Say say_;
  std::string partial_;
  std::string unsaid_;
  State state_ = State::Inactive;
  bool on_ = false;
  bool always_idle_ = false;
  bool lose_next_ = false;
  std::uint16_t item_ = 0;
  std::uint64_t life_ = 0;
  std::uint64_t requests_ = 0;
  std::uint32_t denials_ = 0;
  std::uint32_t surprises_ = 0;
};

}  // namespace tillkit::hal_virtual
