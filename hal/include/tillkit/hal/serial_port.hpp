// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <utility>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// Written and not yet handed to the line; more is refused.
inline constexpr std::size_t kSerialQueueBytesMax = 16 * 1024;
/// Writes that wait; one more is refused.
inline constexpr std::size_t kSerialWritesMax = 64;
/// One received chunk.
inline constexpr std::size_t kSerialChunkBytesMax = 1024;

enum class DataBits : std::uint8_t { Seven = 7, Eight = 8 };
enum class Parity : std::uint8_t { None, Even, Odd };
enum class StopBits : std::uint8_t { One = 1, Two = 2 };

struct SerialSettings {
  std::uint32_t baud = 9600;
  DataBits data_bits = DataBits::Eight;
  Parity parity = Parity::None;
  StopBits stop_bits = StopBits::One;
};

/// What a port tells besides bytes.
enum class SerialFault : std::uint8_t {
  HungUp = 1,     ///< the line or the adapter is gone; the port is closed now, open it again to try
  BytesLost = 2,  ///< received bytes were dropped before or at this place
};

/// 1 to `kSerialChunkBytesMax` received bytes, valid during the call; where one chunk ends means nothing.
using SerialEvent = std::expected<core::ByteView, SerialFault>;
using SerialListener = std::move_only_function<void(SerialEvent)>;

/// Bytes out, bytes in: a device on a line. Which line is the board's business and given to the driver. Starts closed.
///
/// A driver MUST call listener and completions from the loop and never from inside a call of this interface (closing
/// from inside a listener is allowed); completions exactly once and in the order of the writes; and MUST pass all 256
/// values both ways unchanged: no line editing, no flow control characters. With seven data bits the eighth is zero.
class SerialPort {
 public:
  virtual ~SerialPort() = default;

  /// Whom to tell; replaces the one before. An empty listener: nobody, received bytes are dropped.
  void listen(SerialListener listener) { do_listen(std::move(listener)); }

  /// Opens the line. Bytes that were received before are dropped. Does not wait for a carrier.
  /// - InvalidArgument: 0 baud.
  /// - FailedPrecondition: it is open; close it first.
  /// - Unsupported: the line cannot do these settings. It stays closed.
  /// - PermissionDenied, Unavailable: the system does not give it, or it is not there now. It stays closed.
  [[nodiscard]] core::Result<> open(const SerialSettings& settings) {
    if (settings.baud == 0) return core::fail(core::ErrorCode::InvalidArgument);
    return do_open(settings);
  }

  /// Closes the line; closed already: nothing. The listener hears no more of it; each waiting write completes at the
  /// loop's next turn: `Cancelled` if none of it left, else `Timeout`.
  void close() { do_close(); }

  /// Writes all of `bytes`, after what was written before. Returns at once. If it returns an error, none of it was
  /// written and `done` is dropped:
  /// - InvalidArgument: nothing to write, or no completion.
  /// - FailedPrecondition: the line is closed.
  /// - Exhausted: `kSerialWritesMax` or `kSerialQueueBytesMax` would be exceeded.
  ///
  /// Else `done` says that the line driver took the last byte (not that anybody received it), or:
  /// - Unavailable: the line hung up before a byte of it left.
  /// - Timeout: the line hung up or was closed inside it.
  /// - Cancelled: the line was closed before a byte of it left.
  /// There is no time limit of its own: a line without a listener still takes bytes.
  [[nodiscard]] core::Result<> write(core::Bytes bytes, core::Completion<> done) {
    if (bytes.empty() || !done) return core::fail(core::ErrorCode::InvalidArgument);
    return do_write(std::move(bytes), std::move(done));
  }

 private:
  virtual void do_listen(SerialListener listener) = 0;
  [[nodiscard]] virtual core::Result<> do_open(const SerialSettings& settings) = 0;
  virtual void do_close() = 0;
  [[nodiscard]] virtual core::Result<> do_write(core::Bytes bytes, core::Completion<> done) = 0;
};

}  // namespace tillkit::hal
