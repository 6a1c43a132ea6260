// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <unistd.h>

namespace tillkit::hal_linux {

/// Owns a file descriptor and closes it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  /// False: there is none, as after a failed open.
  explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }

  /// Gives it away.
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

  void reset() {
    // On Linux the descriptor is free again whatever close says, so there is nothing to do about a failure.
    if (descriptor_ >= 0) static_cast<void>(::close(std::exchange(descriptor_, -1)));
  }

 private:
  int descriptor_ = -1;
};

}  // namespace tillkit::hal_linux
