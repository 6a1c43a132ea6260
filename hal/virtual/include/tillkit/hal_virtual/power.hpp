// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace tillkit::hal_virtual {

enum class Battery : std::uint8_t {
  Kept,  ///< the device's civil clock went on while the power was off
  Lost,  ///< it starts in 1970
};

enum class ResetCause : std::uint8_t { PowerReturned, Watchdog };

/// What is powered: told when the power goes and comes.
class Powered {
 public:
  virtual ~Powered() = default;
  Powered() = default;
  Powered(const Powered&) = delete;
  Powered& operator=(const Powered&) = delete;

  /// Forget what is volatile.
  virtual void power_lost() = 0;
  virtual void power_returned(Battery battery, ResetCause cause) = 0;
};

/// The power plug of a virtual board.
///
/// When it is pulled, all that is volatile vanishes at once: waiting tasks and completions never run. The program under
/// test cannot be stopped in the middle of a function, so until the power returns nothing it does has an effect.
/// Destroy it, restore the power, and start it anew on the same devices.
///
/// To cut everywhere: each effect that lasts (a blob written, a product fallen, a request arrived) is two steps, before
/// it and after it; `cut_at_step(1)`, `(2)`, ... until the scenario ends with the power still on.
class Power {
 public:
  Power() = default;
  Power(const Power&) = delete;
  Power& operator=(const Power&) = delete;

  void cut();
  void restore(Battery battery = Battery::Kept) { come_back(battery, ResetCause::PowerReturned); }
  /// Off and on again, as the watchdog does it.
  void reset(ResetCause cause);

  [[nodiscard]] bool on() const { return on_; }
  /// So many times has the board started; 1 for a new one.
  [[nodiscard]] std::uint32_t boots() const { return boots_; }

  /// The power goes at the `n`-th step from now, 1 is the next; 0: at none.
  void cut_at_step(std::uint64_t n) { cut_at_ = n == 0 ? 0 : steps_ + n; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  /// Makes one step; false: the power is off (now). For the devices, and for other things that last, as a disk.
  bool step();

  /// `part` is told from now on, in the order of attaching, and must be detached before it goes.
  void attach(Powered& part) { parts_.push_back(&part); }
  void detach(Powered& part) { std::erase(parts_, &part); }

 private:
  void come_back(Battery battery, ResetCause cause);

  std::vector<Powered*> parts_;
  bool on_ = true;
  std::uint32_t boots_ = 1;
  std::uint64_t steps_ = 0;
  std::uint64_t cut_at_ = 0;
};

}  // namespace tillkit::hal_virtual
