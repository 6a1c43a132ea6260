// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tillkit/core/json.hpp"

/// What board and hardware say to each other: lines of JSON (boards/sandbox/README.md).
namespace tillkit::boards::sandbox {

/// A screen or a print job of 64 KiB as base64, and the words around it.
inline constexpr std::size_t kLineBytesMax = 96 * 1024;
/// What waits because the other side does not read. More hangs up: whoever comes back starts with what is true then.
inline constexpr std::size_t kQueueBytesMax = 1024 * 1024;

inline constexpr core::JsonLimits kLineLimits{.bytes_max = kLineBytesMax,
                                              .depth_max = 4,
                                              .values_max = 256,
                                              .members_max = 32,
                                              .string_bytes_max = kLineBytesMax};

/// Cuts a stream into lines and never holds more than one may have.
class LineCutter {
 public:
  void add(std::string_view bytes) { held_ += bytes; }

  /// The next line without its end; none: it is not whole yet.
  [[nodiscard]] std::optional<std::string> take() {
    const std::size_t end = held_.find('\n', looked_);
    if (end == std::string::npos) {
      looked_ = held_.size();
      return std::nullopt;
    }
    std::string line = held_.substr(0, end);
    held_.erase(0, end + 1);
    looked_ = 0;
    return line;
  }

  /// After `take` gave none: what there is can be no line any more.
  [[nodiscard]] bool too_long() const { return held_.size() > kLineBytesMax; }
  void clear() {
    held_.clear();
    looked_ = 0;
  }

 private:
  std::string held_;
  std::size_t looked_ = 0;  // there is no end before it
};

/// Whom a wire tells, always from the loop.
class WireListener {
 public:
  virtual ~WireListener() = default;
  virtual void connected() = 0;
  virtual void disconnected() = 0;
  virtual void take_line(std::string_view line) = 0;
};

/// The board's end of the line to the hardware: whole lines, in order, as long as it holds.
class Wire {
 public:
  virtual ~Wire() = default;

  /// The listener must outlive the wire.
  virtual void listen(WireListener& listener) = 0;
  [[nodiscard]] virtual bool is_connected() const = 0;
  /// Queues one line, without its end. It is dropped where nobody is connected.
  virtual void send(std::string line) = 0;
  /// Ends a connection that cannot be understood; told as any other end, at the loop's next turn.
  virtual void hang_up() = 0;
};

}  // namespace tillkit::boards::sandbox
