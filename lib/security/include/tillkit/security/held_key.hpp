// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

namespace tillkit::security {

/// Owns a key that lies in PSA's memory only, and wipes it when it goes.
class HeldKey {
 public:
  HeldKey() = default;
  explicit HeldKey(std::uint32_t id) : id_(id) {}
  HeldKey(HeldKey&& other) noexcept : id_(std::exchange(other.id_, 0)) {}
  HeldKey& operator=(HeldKey&& other) noexcept {
    if (this != &other) {
      wipe();
      id_ = std::exchange(other.id_, 0);
    }
    return *this;
  }
  HeldKey(const HeldKey&) = delete;
  HeldKey& operator=(const HeldKey&) = delete;
  ~HeldKey() { wipe(); }

  /// PSA's id; 0 where there is none.
  [[nodiscard]] std::uint32_t id() const { return id_; }

 private:
  void wipe();

  std::uint32_t id_ = 0;
};

}  // namespace tillkit::security
