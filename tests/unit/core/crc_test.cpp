// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/crc.hpp"

#include <string_view>

#include <catch2/catch_test_macros.hpp>

using namespace tillkit::core;

namespace {

constexpr std::string_view kNine = "123456789";

template <class Kind, class Word>
void check_value(Word expected) {
  CHECK(Kind::of(as_bytes(kNine)) == expected);
  for (std::size_t cut = 0; cut <= kNine.size(); ++cut) {
    CAPTURE(cut);
    Kind crc;
    crc.update(as_bytes(kNine.substr(0, cut)));
    (void)crc.value();  // looking must not change it
    crc.update(as_bytes(kNine.substr(cut)));
    CHECK(crc.value() == expected);
  }
}

}  // namespace

TEST_CASE("each CRC has its published check value, in one piece and in two", "[core]") {
  check_value<Crc16CcittFalse>(std::uint16_t{0x29B1});
  check_value<Crc16Xmodem>(std::uint16_t{0x31C3});
  check_value<Crc16Modbus>(std::uint16_t{0x4B37});
  check_value<Crc16Kermit>(std::uint16_t{0x2189});
  check_value<Crc32>(std::uint32_t{0xCBF4'3926});
}

TEST_CASE("the CRC of nothing is the start value after the final step", "[core]") {
  CHECK(Crc16CcittFalse{}.value() == 0xFFFF);
  CHECK(Crc16Xmodem{}.value() == 0);
  CHECK(Crc32{}.value() == 0);
}
