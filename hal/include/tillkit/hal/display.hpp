// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// Room for a basket of some hundred lines with their texts.
inline constexpr std::size_t kScreenBytesMax = 64 * 1024;

/// Shows the shopper where the sale stands. What the text says is the business of `lib/receipt`; here it is opaque.
///
/// A driver MUST NOT block, whatever the display does. It keeps the latest screen, shows it as soon as it can, and
/// shows it again by itself when the display was off, unplugged or restarted. It may skip screens, but MUST NOT show an
/// older one after a newer one. After a power cut the display shows nothing of ours until `show` is called.
class Display {
 public:
  virtual ~Display() = default;

  /// Replaces what is shown. The display need not be there: a sale never waits for its picture.
  /// - InvalidArgument: an empty screen. The one before stays.
  /// - Exhausted: more than `kScreenBytesMax`. The one before stays.
  [[nodiscard]] core::Result<> show(std::string screen_json) {
    if (screen_json.empty()) return core::fail(core::ErrorCode::InvalidArgument);
    if (screen_json.size() > kScreenBytesMax) return core::fail(core::ErrorCode::Exhausted);
    do_show(std::move(screen_json));
    return {};
  }

 private:
  virtual void do_show(std::string screen_json) = 0;
};

}  // namespace tillkit::hal
