// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "bench.hpp"
#include "devices.hpp"
#include "machine.hpp"

namespace tillkit::contract {

/// A line between board and machine inside one program: what the board says is heard at once, what the machine says at
/// the board's next turn.
class DirectWire final : public boards::sandbox::Wire {
 public:
  DirectWire(sandbox::Machine& machine, hal::Scheduler& scheduler) : machine_(machine), scheduler_(scheduler) {}
  ~DirectWire() override {
    if (connected_) machine_.disconnect();
  }
  DirectWire(const DirectWire&) = delete;
  DirectWire& operator=(const DirectWire&) = delete;

  void connect() {
    connected_ = true;
    machine_.connect([this](const std::string& line) {
      CHECK(line.size() <= boards::sandbox::kLineBytesMax);
      CHECK(scheduler_.call_after({}, [this, line] { listener_->take_line(line); }));
    });
    listener_->connected();
  }

  void listen(boards::sandbox::WireListener& listener) override { listener_ = &listener; }
  [[nodiscard]] bool is_connected() const override { return connected_; }
  void send(std::string line) override {
    CHECK(line.size() <= boards::sandbox::kLineBytesMax);
    CHECK(machine_.take_line(line));
  }
  void hang_up() override { FAIL_CHECK("the board does not understand the machine"); }

 private:
  sandbox::Machine& machine_;
  hal::Scheduler& scheduler_;
  boards::sandbox::WireListener* listener_ = nullptr;
  bool connected_ = false;
};

/// The sandbox board and its machine, in a world where time passes when asked to.
class SandboxBench : public VirtualBench {
 public:
  SandboxBench() { boot(); }

  void turn_machine() {
    machine_.look();
    board.world.turn();
  }
  /// The machine tells, and the board hears.
  void settle() {
    machine_.look();
    for (int turns = 0; turns < 3; ++turns)
      board.world.turn();
  }
  bool until(const std::function<bool()>& done) {
    return board.world.advance_until(
        [&] {
          machine_.look();
          return done();
        },
        std::chrono::minutes{2});
  }
  void pass(std::chrono::milliseconds time) {
    machine_.look();
    board.world.advance(time);
    settle();
  }
  /// The program ends with the power, and is started anew when it is back.
  void cut_and_restore_power() {
    machine_.cut_power();
    parts_.reset();
    wire_.reset();
    machine_.restore_power();
    boot();
  }

  sandbox::Machine& machine() { return machine_; }
  boards::sandbox::Devices& parts() { return *parts_; }

 private:
  void boot() {
    wire_.emplace(machine_, board.scheduler);
    parts_.emplace(*wire_, board.scheduler, "boot " + std::to_string(++boots_));
    wire_->connect();
    settle();
    REQUIRE(parts_->ready());
  }

  sandbox::Machine machine_{board};
  int boots_ = 0;
  std::optional<DirectWire> wire_;
  std::optional<boards::sandbox::Devices> parts_;
};

}  // namespace tillkit::contract
