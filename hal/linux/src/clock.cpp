// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/clock.hpp"

#include <chrono>

#include <sys/timex.h>
#include <time.h>

#include "tillkit/core/assert.hpp"

namespace tillkit::hal_linux {
namespace {

static_assert(sizeof(time_t) == 8, "a terminal outlives January 2038: build with _TIME_BITS=64");

template <class Duration>
Duration read_clock(clockid_t clock) {
  timespec now{};
  TILLKIT_ASSERT(clock_gettime(clock, &now) == 0);
  return std::chrono::floor<Duration>(std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec});
}

class ThisKernel final : public KernelTime {
 public:
  [[nodiscard]] core::MonotonicTime since_boot() const override {
    return core::MonotonicTime{read_clock<core::MonotonicTime::duration>(CLOCK_BOOTTIME)};
  }

  [[nodiscard]] core::WallTime wall() const override {
    return core::WallTime{read_clock<core::WallTime::duration>(CLOCK_REALTIME)};
  }

  [[nodiscard]] bool synchronised() const override {
    timex state{};
    const int answer = adjtimex(&state);  // no mode is set: asks only, needs no privilege
    return answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  }
};

}  // namespace

const KernelTime& kernel_time() {
  static const ThisKernel kernel{};
  return kernel;
}

Clock::Clock(core::WallTime lower_bound, const KernelTime& kernel) : kernel_(kernel), keeper_(lower_bound) {}

core::MonotonicTime Clock::do_monotonic() const {
  return kernel_.since_boot();
}

core::WallReading Clock::do_wall() const {
  return keeper_.read(kernel_.since_boot(), {.shows = kernel_.wall(), .synchronised = kernel_.synchronised()});
}

core::Result<> Clock::do_adopt_wall(core::WallTime at, core::MonotonicTime measured) {
  return keeper_.adopt(at, measured);
}

void Clock::do_raise_lower_bound(core::WallTime bound) {
  keeper_.raise_lower_bound(bound);
}

}  // namespace tillkit::hal_linux
