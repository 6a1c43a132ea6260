// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tillkit/hal/display.hpp"

namespace tillkit::hal::driver {

/// Cuts what a display sends into presses; drops a line that is longer than a press may be, and empty ones. For whoever
/// writes a driver.
class PressLines {
 public:
  /// Takes one byte; with the line end that it is comes the press.
  std::optional<std::string> take(char byte) {
    if (byte != '\n') {
      if (line_.size() <= kPressBytesMax) line_ += byte;
      return std::nullopt;
    }
    if (!line_.empty() && line_.size() <= kPressBytesMax && line_.back() == '\r') line_.pop_back();
    std::string line = std::exchange(line_, {});
    if (line.empty() || line.size() > kPressBytesMax) return std::nullopt;
    return line;
  }

 private:
  std::string line_;  // one byte longer than a press: it is dropped at its end
};

}  // namespace tillkit::hal::driver
