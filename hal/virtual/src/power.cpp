// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/power.hpp"

#include "tillkit/core/assert.hpp"

namespace tillkit::hal_virtual {

void Power::cut() {
  if (!on_) return;
  on_ = false;
  cut_at_ = 0;
  for (auto* part : parts_)
    part->power_lost();
}

void Power::reset(ResetCause cause) {
  cut();
  come_back(Battery::Kept, cause);
}

bool Power::step() {
  if (!on_) return false;
  ++steps_;
  if (steps_ == cut_at_) cut();
  return on_;
}

void Power::come_back(Battery battery, ResetCause cause) {
  TILLKIT_ASSERT(!on_);
  on_ = true;
  ++boots_;
  for (auto* part : parts_)
    part->power_returned(battery, cause);
}

}  // namespace tillkit::hal_virtual
