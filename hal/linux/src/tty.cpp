// SPDX-License-Identifier: Apache-2.0
#include "tty.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

namespace tillkit::hal_linux {
namespace {

struct Speed {
  std::uint32_t baud;
  speed_t constant;
};

constexpr std::array kSpeeds{
    Speed{1'200, B1200},        Speed{2'400, B2400},        Speed{4'800, B4800},        Speed{9'600, B9600},
    Speed{19'200, B19200},      Speed{38'400, B38400},      Speed{57'600, B57600},      Speed{115'200, B115200},
    Speed{230'400, B230400},    Speed{460'800, B460800},    Speed{500'000, B500000},    Speed{576'000, B576000},
    Speed{921'600, B921600},    Speed{1'000'000, B1000000}, Speed{1'152'000, B1152000}, Speed{1'500'000, B1500000},
    Speed{2'000'000, B2000000}, Speed{2'500'000, B2500000}, Speed{3'000'000, B3000000}, Speed{3'500'000, B3500000},
    Speed{4'000'000, B4000000},
};

/// What of `c_cflag` is ours to say; a driver that cannot do it shows another value afterwards.
constexpr tcflag_t kFrame = CSIZE | PARENB | PARODD | CSTOPB;

tcflag_t frame_of(const hal::SerialSettings& settings) {
  tcflag_t frame = settings.data_bits == hal::DataBits::Seven ? CS7 : CS8;
  if (settings.parity != hal::Parity::None) frame |= PARENB;
  if (settings.parity == hal::Parity::Odd) frame |= PARODD;
  if (settings.stop_bits == hal::StopBits::Two) frame |= CSTOPB;
  return frame;
}

std::unexpected<core::Error> open_failure(int error) {
  const bool forbidden = error == EACCES || error == EPERM;
  return core::fail(forbidden ? core::ErrorCode::PermissionDenied : core::ErrorCode::Unavailable,
                    core::ErrorSource::System, error);
}

std::unexpected<core::Error> unsupported(int error) {
  return core::fail(core::ErrorCode::Unsupported, core::ErrorSource::System, error);
}

}  // namespace

core::Result<Descriptor> open_tty(const std::string& path, const hal::SerialSettings& settings) {
  const auto speed = std::ranges::find(kSpeeds, settings.baud, &Speed::baud);
  if (speed == kSpeeds.end()) return core::fail(core::ErrorCode::Unsupported);
  Descriptor tty{::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
  if (!tty) return open_failure(errno);

  termios wanted{};
  if (tcgetattr(tty.get(), &wanted) != 0) return unsupported(errno);  // a file that is no tty
  if (ioctl(tty.get(), TIOCEXCL) != 0) return open_failure(errno);
  cfmakeraw(&wanted);
  wanted.c_iflag |= PARMRK | (settings.parity == hal::Parity::None ? 0U : INPCK);
  wanted.c_cflag = (wanted.c_cflag & ~(kFrame | CRTSCTS)) | CLOCAL | CREAD | frame_of(settings);
  if (cfsetspeed(&wanted, speed->constant) != 0) return unsupported(errno);
  if (tcsetattr(tty.get(), TCSANOW, &wanted) != 0) return unsupported(errno);

  // tcsetattr succeeds if it could do any of it: look what became of it.
  termios got{};
  if (tcgetattr(tty.get(), &got) != 0) return open_failure(errno);
  const bool as_wanted = (got.c_cflag & kFrame) == (wanted.c_cflag & kFrame) && cfgetospeed(&got) == speed->constant &&
                         cfgetispeed(&got) == speed->constant;
  if (!as_wanted) return core::fail(core::ErrorCode::Unsupported);
  if (tcflush(tty.get(), TCIOFLUSH) != 0) return open_failure(errno);
  return tty;
}

MarkReader::Piece MarkReader::next(core::ByteView& read, std::span<std::byte> out) {
  constexpr std::byte kMark{0xFF};
  Piece piece;
  while (!read.empty() && !piece.damaged) {
    const auto byte = read.front();
    read = read.subspan(1);
    if (state_ == State::Plain && byte == kMark) {
      state_ = State::Marked;
    } else if (state_ == State::Marked && byte == std::byte{0}) {
      state_ = State::Damaged;
    } else {
      if (state_ == State::Damaged) {
        piece.damaged = true;
      } else {
        out[piece.good++] = byte;
      }
      state_ = State::Plain;
    }
  }
  return piece;
}

}  // namespace tillkit::hal_linux
