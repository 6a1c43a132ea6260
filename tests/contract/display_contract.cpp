// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;

/// A display and the eyes before it. Unplugged and plugged again is also what a restart of the display looks like.
class VirtualSubject : public VirtualBench {
 public:
  hal::Display& display() { return board.display; }
  std::string visible() { return board.display.visible(); }
  void touch(std::string press) { board.display.touch(std::move(press)); }
  void unplug() { board.display.unplug(); }
  void plug() { board.display.plug(); }
  void cut_and_restore_power() {
    board.world.power().cut();
    board.world.power().restore();
  }
};

using Displays = std::tuple<VirtualSubject>;

TEMPLATE_LIST_TEST_CASE("the latest screen becomes visible and stays", "[contract][display]", Displays) {
  TestType subject;

  REQUIRE(subject.display().show(R"({"screen":"welcome"})"));
  REQUIRE(subject.display().show(R"({"screen":"total"})"));

  CHECK(subject.until([&] { return subject.visible() == R"({"screen":"total"})"; }));
  subject.pass(5ms);
  CHECK(subject.visible() == R"({"screen":"total"})");
}

TEMPLATE_LIST_TEST_CASE("a display that comes back shows the latest screen by itself", "[contract][display]",
                        Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));

  subject.unplug();
  subject.pass(5ms);
  CHECK(subject.display().show("2"));
  CHECK(subject.display().show("3"));
  subject.pass(5ms);
  subject.plug();

  CHECK(subject.until([&] { return subject.visible() == "3"; }));
  subject.unplug();
  subject.pass(5ms);
  subject.plug();
  CHECK(subject.until([&] { return subject.visible() == "3"; }));
}

TEMPLATE_LIST_TEST_CASE("a screen that is empty or too long is refused and the one before stays", "[contract][display]",
                        Displays) {
  TestType subject;
  const std::string largest(hal::kScreenBytesMax, ' ');
  REQUIRE(subject.display().show(largest));

  CHECK(code_of(subject.display().show("")) == ErrorCode::InvalidArgument);
  CHECK(code_of(subject.display().show(largest + ' ')) == ErrorCode::Exhausted);

  CHECK(subject.until([&] { return subject.visible() == largest; }));
}

TEMPLATE_LIST_TEST_CASE("nothing of before is shown after a power cut", "[contract][display]", Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));
  REQUIRE(subject.display().show("2"));

  subject.cut_and_restore_power();
  subject.pass(5ms);
  CHECK(subject.visible().empty());

  REQUIRE(subject.display().show("3"));
  CHECK(subject.until([&] { return subject.visible() == "3"; }));
}

TEMPLATE_LIST_TEST_CASE("what is touched is told once, in order, and from the loop", "[contract][display]", Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));
  std::vector<std::string> told;
  subject.display().listen([&](std::string press) { told.push_back(std::move(press)); });

  subject.touch(R"({"press":"select","slot":11})");
  subject.touch(std::string(hal::kPressBytesMax, 'x'));
  subject.touch(std::string(hal::kPressBytesMax + 1, 'y'));
  CHECK(told.empty());
  CHECK(subject.until([&] { return told.size() == 2; }));
  subject.pass(5ms);

  CHECK(told == std::vector<std::string>{R"({"press":"select","slot":11})", std::string(hal::kPressBytesMax, 'x')});
}

TEMPLATE_LIST_TEST_CASE("a listener of presses can put another one in its place", "[contract][display]", Displays) {
  TestType subject;
  REQUIRE(subject.display().show("1"));
  CHECK(subject.until([&] { return subject.visible() == "1"; }));
  std::string first, second;
  subject.display().listen([&](std::string press) {
    first += press;
    subject.display().listen([&](std::string later) { second += later; });
  });

  subject.touch("a");
  CHECK(subject.until([&] { return first == "a"; }));
  subject.touch("b");
  CHECK(subject.until([&] { return second == "b"; }));
  subject.display().listen({});
  subject.touch("c");
  subject.pass(5ms);

  CHECK(first == "a");
  CHECK(second == "b");
}

}  // namespace
}  // namespace tillkit::contract
