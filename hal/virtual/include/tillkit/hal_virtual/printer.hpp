// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <optional>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A receipt printer, its paper, and the person who looks after it. It prints about 8 KiB a second.
class VirtualPrinter final : public hal::Printer, private Part {
 public:
  explicit VirtualPrinter(World& world) : Part(world) {}

  /// All that was ever put on paper. Stays through power cuts.
  [[nodiscard]] const core::Bytes& paper() const { return paper_; }

  /// The paper ends after `bytes` more.
  void set_paper_left(std::size_t bytes) { paper_left_ = bytes; }
  void load_paper() { paper_left_ = kNewRoll; }
  void open_cover() { cover_open_ = true; }
  void close_cover() { cover_open_ = false; }
  void unplug() { plugged_ = false; }
  void plug() { plugged_ = true; }
  /// It goes on printing and says nothing more.
  void stop_answering() { answers_ = false; }
  void answer_again() { answers_ = true; }

  /// Counts and fails calls of `print`. A planned `Timeout` prints all of it and loses the answer.
  FaultPlan& faults() { return faults_; }

 private:
  static constexpr std::size_t kNewRoll = std::numeric_limits<std::size_t>::max();

  struct Job {
    core::Bytes bytes;
    std::size_t printed = 0;
    bool answer_lost = false;
    core::Completion<hal::PrintOutcome> done;
    hal::TimerId step;
    hal::TimerId limit;
  };

  [[nodiscard]] core::Result<> do_print(core::Bytes bytes, std::chrono::milliseconds limit,
                                        core::Completion<hal::PrintOutcome> done) override;
  [[nodiscard]] hal::PrinterStatus do_status() const override;
  void power_lost() override;

  [[nodiscard]] hal::PrinterState state() const;
  void print_some();
  void finish(core::Result<hal::PrintOutcome> result);

  FaultPlan faults_;
  core::Bytes paper_;
  std::size_t paper_left_ = kNewRoll;
  bool cover_open_ = false;
  bool plugged_ = true;
  bool answers_ = true;
  std::optional<Job> job_;
};

}  // namespace tillkit::hal_virtual
