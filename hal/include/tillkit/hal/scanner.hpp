// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <utility>

#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// The most letters and digits that one QR code holds (version 40-L, alphanumeric; ISO/IEC 18004, table 7). As digits
/// only it would be 7,089, as bytes 2,953; no code that a shop reads comes near.
inline constexpr std::size_t kScanBytesMax = 4296;

/// Why a scan brought no text.
enum class ScanFault : std::uint8_t {
  TooLong = 1,       ///< more than kScanBytesMax; all of it was dropped
  Garbled = 2,       ///< damaged between the scanner and here; all of it was dropped
  Disconnected = 3,  ///< the scanner is gone; it need not be asked again, scans go on when it is back
};

/// What was scanned: 1 to `kScanBytesMax` bytes, any value, without the line end that scanners append; or why not.
///
/// The text may be somebody's payment code: keep it in memory only, never log it, wipe it after use.
using ScanEvent = std::expected<std::string, ScanFault>;
using ScanListener = std::move_only_function<void(ScanEvent)>;

/// Reads what a shopper or a cashier holds before it. Starts disabled.
///
/// A driver MUST deliver each scan once, whole, in order, from the loop and never from inside a call of this interface;
/// MUST drop what is scanned while disabled, and not deliver it later; MUST NOT cut a text short or keep a copy of it.
/// It delivers a text that is scanned twice twice: whoever listens knows whether that means two bottles or one payment.
class Scanner {
 public:
  virtual ~Scanner() = default;

  /// Whom to tell; replaces the one before. An empty listener: nobody, scans are dropped. It may be called from a
  /// listener.
  void listen(ScanListener listener) { do_listen(std::move(listener)); }

  /// Lets the scanner read. Does not block. Enabled already: nothing changes, and the answer says whether it is there.
  /// - Unavailable: the scanner is not connected. It stays disabled; one that was enabled goes on when it is back.
  [[nodiscard]] core::Result<> enable() { return do_enable(); }

  /// Stops reading. A scan that was not delivered before this call is dropped, never delivered after it.
  void disable() { do_disable(); }

 private:
  virtual void do_listen(ScanListener listener) = 0;
  [[nodiscard]] virtual core::Result<> do_enable() = 0;
  virtual void do_disable() = 0;
};

}  // namespace tillkit::hal
