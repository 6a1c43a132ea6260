// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <unistd.h>

#include "socket_address.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::sandbox {

/// Owns a file descriptor.
class OwnedDescriptor {
 public:
  OwnedDescriptor() = default;
  explicit OwnedDescriptor(int descriptor) : descriptor_(descriptor) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ~OwnedDescriptor() { reset(); }

  explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }
  void reset() {
    // On Linux it is free again whatever close says.
    if (descriptor_ >= 0) static_cast<void>(::close(std::exchange(descriptor_, -1)));
  }

 private:
  int descriptor_ = -1;
};

/// Listens at `text`, `IPv4:PORT` or a path. A path that a dead process left is replaced.
/// - InvalidArgument: neither. - Unavailable: not free.
[[nodiscard]] core::Result<OwnedDescriptor> listen_at(std::string_view text);

/// What to connect to, where port 0 was asked for.
[[nodiscard]] std::string address_of(const OwnedDescriptor& listening, std::string_view asked);

}  // namespace tillkit::sandbox
