// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

namespace tillkit::contract {

/// A pseudo terminal: a line whose far end the test holds.
class Pty {
 public:
  Pty() {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(master_ >= 0);
    REQUIRE(grantpt(master_) == 0);
    REQUIRE(unlockpt(master_) == 0);
    path_ = ptsname(master_);
    termios raw{};
    REQUIRE(tcgetattr(master_, &raw) == 0);
    cfmakeraw(&raw);
    REQUIRE(tcsetattr(master_, TCSANOW, &raw) == 0);
    // While this end is open, what was written is there for the far end to read.
    slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(slave_ >= 0);
  }
  ~Pty() { hang_up(); }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  void hang_up() {
    if (slave_ >= 0) ::close(std::exchange(slave_, -1));
    if (master_ >= 0) ::close(std::exchange(master_, -1));
  }
  /// The bytes that came out since the last call.
  std::string read() {
    std::string bytes;
    std::array<char, 4'096> some;
    for (;;) {
      const auto size = ::read(master_, some.data(), some.size());
      if (size <= 0) return bytes;
      bytes.append(some.data(), static_cast<std::size_t>(size));
    }
  }
  /// How many of the bytes the line takes now.
  std::size_t write(std::string_view bytes) {
    const auto size = ::write(master_, bytes.data(), bytes.size());
    return size < 0 ? 0 : static_cast<std::size_t>(size);
  }

 private:
  int master_ = -1;
  int slave_ = -1;
  std::string path_;
};

}  // namespace tillkit::contract
