// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// Room for a basket of some hundred lines with their texts.
inline constexpr std::size_t kScreenBytesMax = 64 * 1024;

/// What one touch says.
inline constexpr std::size_t kPressBytesMax = 1024;

/// What a person chose on the display: a line of JSON, 1 to `kPressBytesMax` bytes, without its line end. What it means
/// is the program's business (`firmware/vending/README.md`); anything longer the driver drops.
using PressListener = std::move_only_function<void(std::string press)>;

/// Shows the shopper where the sale stands, and says what was touched. What the text says is the business of
/// `lib/receipt`; here it is opaque.
///
/// A driver MUST NOT block, whatever the display does. It keeps the latest screen, shows it as soon as it can, and
/// shows it again by itself when the display was off, unplugged or restarted. It may skip screens, but MUST NOT show an
/// older one after a newer one. After a power cut the display shows nothing of ours until `show` is called. It MUST
/// deliver each press once, in order, from the loop and never from inside a call of this interface.
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

  /// Whom to tell what is touched; replaces the one before. An empty listener: nobody, presses are dropped. It may be
  /// called from a listener. A display without touch never calls it.
  void listen(PressListener listener) { do_listen(std::move(listener)); }

 private:
  virtual void do_show(std::string screen_json) = 0;
  virtual void do_listen(PressListener listener) = 0;
};

}  // namespace tillkit::hal
