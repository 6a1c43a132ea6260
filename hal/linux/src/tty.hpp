// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "descriptor.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/serial_port.hpp"

namespace tillkit::hal_linux {

/// Opens a tty, never blocking, and sets it up to pass bytes as they are; errors as `hal::SerialPort::open` names them.
[[nodiscard]] core::Result<Descriptor> open_tty(const std::string& path, const hal::SerialSettings& settings);

/// Takes the tty's marks out of what was read: 0xFF 0x00 and the damaged byte, and 0xFF 0xFF for one 0xFF (PARMRK).
class MarkReader {
 public:
  /// What comes next in `read`, and is taken off its front: good bytes in `out`, or a damaged one.
  struct Piece {
    std::size_t good = 0;  ///< bytes in `out`
    bool damaged = false;  ///< a byte was lost after them
  };
  /// `out` holds at least as many bytes as `read`. Marks may be cut anywhere between two reads.
  [[nodiscard]] Piece next(core::ByteView& read, std::span<std::byte> out);

 private:
  enum class State { Plain, Marked, Damaged };
  State state_ = State::Plain;
};

}  // namespace tillkit::hal_linux
