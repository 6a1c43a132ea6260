// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "socket_address.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/hal/display.hpp"
#include "tillkit/hal/printer.hpp"
#include "tillkit/hal/scanner.hpp"

namespace {

using namespace tillkit;
using boards::sandbox::LineCutter;
using boards::sandbox::SocketAddress;

TEST_CASE("lines are cut wherever a stream was broken into pieces", "[sandbox]") {
  const std::string_view stream = "{\"a\":1}\n\n{\"b\":\"two\"}\nrest";
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    CAPTURE(size);
    LineCutter cutter;
    std::vector<std::string> lines;

    for (std::size_t at = 0; at < stream.size(); at += size) {
      cutter.add(stream.substr(at, size));
      while (auto line = cutter.take())
        lines.push_back(*line);
    }

    CHECK(lines == std::vector<std::string>{"{\"a\":1}", "", "{\"b\":\"two\"}"});
  }
}

TEST_CASE("a line may have its limit and not a byte more", "[sandbox]") {
  LineCutter cutter;
  cutter.add(std::string(boards::sandbox::kLineBytesMax, 'x'));
  CHECK_FALSE(cutter.take());
  CHECK_FALSE(cutter.too_long());

  cutter.add("x");

  CHECK_FALSE(cutter.take());
  CHECK(cutter.too_long());
}

TEST_CASE("the largest screen, print job and code fit into a line", "[sandbox]") {
  constexpr std::size_t kWordsAround = 200;
  for (const std::size_t bytes : {hal::kScreenBytesMax, hal::kPrintBytesMax, hal::kScanBytesMax}) {
    CHECK(core::encode_base64(core::Bytes(bytes)).size() + kWordsAround <= boards::sandbox::kLineBytesMax);
  }
}

TEST_CASE("an address is a port of this machine or a path, and nothing else", "[sandbox]") {
  for (const std::string_view good : {"127.0.0.1:7070", "127.0.0.1:0", "/tmp/devices", "./devices"}) {
    CAPTURE(good);
    CHECK(SocketAddress::parse(good).has_value());
  }
  const std::string long_path = "/" + std::string(200, 'x');
  for (const std::string_view bad :
       {std::string_view(), std::string_view("localhost:7070"), std::string_view("127.0.0.1"),
        std::string_view("127.0.0.1:"), std::string_view("127.0.0.1:70000"), std::string_view("127.0.0.1:7x"),
        std::string_view(long_path)}) {
    CAPTURE(bad);
    CHECK_FALSE(SocketAddress::parse(bad).has_value());
  }
}

}  // namespace
