// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "tillkit/hal/watchdog.hpp"

namespace tillkit::hal_linux {

/// `hal::Watchdog` on the kernel's watchdog device (`/dev/watchdog`), which goes on when this program ends: an end
/// without the device's magic letter does not stop it. One that was started is never stopped.
///
/// Hardware counts in whole seconds and often in powers of two: the time is rounded up to what it takes.
class Watchdog final : public hal::Watchdog {
 public:
  explicit Watchdog(std::string path) : path_(std::move(path)) {}
  ~Watchdog() override;
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  [[nodiscard]] core::Result<> do_start(std::chrono::milliseconds timeout) override;
  [[nodiscard]] core::Result<> do_feed() override;
  [[nodiscard]] bool do_caused_last_reset() const override { return caused_last_reset_; }

  std::string path_;
  int device_ = -1;
  bool caused_last_reset_ = false;  // the kernel tells whoever holds the device
};

}  // namespace tillkit::hal_linux
