// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/hal/local_server.hpp"

namespace tillkit::hal::driver {

/// Cuts what a client of a local server sends into request lines, and never holds more than one line may have. For
/// whoever writes a driver.
class RequestLines {
 public:
  struct Line {
    std::string text;
    bool too_long = false;  ///< nothing behind it can be cut any more
  };

  /// So many bytes may be added now; 0: take a line first.
  [[nodiscard]] std::size_t room() const { return kLocalRequestBytesMax + 1 - held_.size(); }

  /// `bytes` are at most `room()`.
  void add(std::string_view bytes) { held_ += bytes; }

  /// The next line; none: it is not whole yet.
  [[nodiscard]] std::optional<Line> take() {
    const std::size_t end = held_.find('\n');
    if (end == std::string::npos) {
      if (room() > 0) return std::nullopt;
      return Line{{}, true};
    }
    Line line{held_.substr(0, end), false};
    held_.erase(0, end + 1);
    return line;
  }

 private:
  std::string held_;
};

}  // namespace tillkit::hal::driver
