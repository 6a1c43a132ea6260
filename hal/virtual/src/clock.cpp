// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/clock.hpp"

#include <algorithm>

#include "tillkit/core/assert.hpp"

namespace tillkit::hal_virtual {
namespace {

constexpr World::Duration kFarAway = std::chrono::years{20};

/// What a crystal that is `ppm` too fast makes of `elapsed`, rounded down.
World::Duration by_crystal(World::Duration elapsed, std::int32_t ppm) {
  constexpr std::int64_t kMillion = 1'000'000;
  const auto product = elapsed.count() * ppm;
  const auto ahead = product / kMillion - (product % kMillion < 0 ? 1 : 0);
  return elapsed + World::Duration{ahead};
}

std::chrono::milliseconds whole_ms(World::Duration duration) {
  return std::chrono::floor<std::chrono::milliseconds>(duration);
}

}  // namespace

VirtualClock::VirtualClock(World& world, const VirtualClockSettings& settings)
    : Part(world),
      settings_(settings),
      keeper_(settings.lower_bound),
      synchronised_(settings.synchronised),
      since_(world.now()),
      wall_then_(settings.wall + whole_ms(world.now())) {}

core::WallTime VirtualClock::true_wall() const {
  return settings_.wall + whole_ms(world().now());
}

World::Duration VirtualClock::crystal_since(World::Duration since) const {
  return by_crystal(world().now() - since, drift_ppm_);
}

core::WallTime VirtualClock::shown() const {
  return wall_then_ + whole_ms(synchronised_ ? world().now() - since_ : crystal_since(since_));
}

/// Takes what the clocks show now as where they run on from: how fast they run may change afterwards.
void VirtualClock::begin_anew() {
  const auto wall = shown();
  monotonic_then_ = do_monotonic();
  wall_then_ = wall;
  since_ = world().now();
}

void VirtualClock::step_wall(std::chrono::milliseconds by) {
  wall_then_ += by;
}

void VirtualClock::set_wall(core::WallTime at) {
  begin_anew();
  wall_then_ = at;
}

void VirtualClock::start_in_1970() {
  set_synchronised(false);
  set_wall(core::WallTime{});
}

void VirtualClock::set_synchronised(bool synchronised) {
  begin_anew();
  synchronised_ = synchronised;
  if (synchronised) wall_then_ = true_wall();
}

void VirtualClock::set_drift_ppm(std::int32_t ppm) {
  TILLKIT_ASSERT(ppm >= -kDriftPpmMax && ppm <= kDriftPpmMax);
  begin_anew();
  drift_ppm_ = ppm;
}

World::Duration VirtualClock::world_time_of(core::MonotonicTime due) const {
  const auto wait = due - do_monotonic();
  if (wait <= World::Duration{}) return world().now();
  // So far away that numbers would not fit: look again halfway.
  if (wait > kFarAway) return world().now() + wait / 2;

  // The crystal taken the other way round is nearly right; then on to the first microsecond at which it has got there.
  auto at = world().now() + by_crystal(wait, -drift_ppm_);
  const auto missing = [&] { return due - (monotonic_then_ + by_crystal(at - since_, drift_ppm_)); };
  while (missing() < World::Duration{})
    at += missing();
  while (missing() > World::Duration{})
    at += std::max(World::Duration{1}, missing() - missing() / 50 - World::Duration{1});  // never past it
  return at;
}

core::MonotonicTime VirtualClock::do_monotonic() const {
  return has_power() ? monotonic_then_ + crystal_since(since_) : monotonic_then_;
}

core::WallReading VirtualClock::do_wall() const {
  return keeper_.read(do_monotonic(), {.shows = shown(), .synchronised = synchronised_});
}

core::Result<> VirtualClock::do_adopt_wall(core::WallTime at, core::MonotonicTime measured) {
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  return keeper_.adopt(at, measured);
}

void VirtualClock::do_raise_lower_bound(core::WallTime bound) {
  keeper_.raise_lower_bound(bound);
}

void VirtualClock::power_lost() {
  // The civil clock runs on by itself, nobody keeps it right; what the program had told the driver is gone.
  begin_anew();
  synchronised_ = false;
  keeper_ = hal::driver::WallKeeper(settings_.lower_bound);
}

void VirtualClock::power_returned(Battery battery, ResetCause) {
  begin_anew();
  monotonic_then_ = core::MonotonicTime{};
  if (battery == Battery::Lost) wall_then_ = core::WallTime{};
}

}  // namespace tillkit::hal_virtual
