// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/bytes.hpp"
#include "tty.hpp"

namespace tillkit::contract {
namespace {

/// What the reader makes of `first` and then `second`: good bytes as they are, a damaged one as '#'.
std::string read_marked(std::string_view first, std::string_view second) {
  hal_linux::MarkReader reader;
  std::string seen;
  for (const auto part : {first, second}) {
    auto rest = core::as_bytes(part);
    std::array<std::byte, 64> good;
    while (!rest.empty()) {
      const auto piece = reader.next(rest, good);
      seen += core::as_text(core::ByteView(good).first(piece.good));
      if (piece.damaged) seen += '#';
    }
  }
  return seen;
}

TEST_CASE("a tty's marks are taken out wherever a read ends", "[contract][serial_port]") {
  using namespace std::string_literals;
  const auto marked = "a\xff\0Xb\xff\xff"s + "c\0\xff\0\0\xff\0\xffz"s;
  const auto clear = "a#b\xff"s + "c\0##z"s;

  for (std::size_t cut = 0; cut <= marked.size(); ++cut) {
    CAPTURE(cut);
    CHECK(read_marked(std::string_view(marked).substr(0, cut), std::string_view(marked).substr(cut)) == clear);
  }
}

}  // namespace
}  // namespace tillkit::contract
