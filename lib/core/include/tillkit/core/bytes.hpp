// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tillkit::core {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// Looks at a text as bytes, or at bytes as a text; nothing is copied or checked, the owner must outlive the view.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

/// Compares secrets: the time tells the lengths, and nothing about where they differ.
[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);

/// Overwrites with zeros, also where the optimiser sees that nobody reads them again.
void wipe(std::span<std::byte> bytes);

/// Overwrites the whole content and leaves the container empty. Copies that the container left behind when it grew
/// are out of reach: reserve first, or use `Secret`.
void wipe(Bytes& bytes);
void wipe(std::string& text);

/// Bytes that are wiped when their owner goes. Cannot be copied, never grows.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes&& bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  ~Secret() { wipe(bytes_); }

  /// Valid until this object is moved from or goes.
  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  Bytes bytes_;
};

}  // namespace tillkit::core
