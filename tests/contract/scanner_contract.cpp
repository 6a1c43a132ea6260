// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::ScanEvent;
using hal::ScanFault;

/// A scanner and the hand before it.
class VirtualSubject : public VirtualBench {
 public:
  hal::Scanner& scanner() { return board.scanner; }
  void present(std::string text) { board.scanner.present(std::move(text)); }
  void present_garbled() { board.scanner.present_garbled(); }
  void unplug() { board.scanner.unplug(); }
  void plug() { board.scanner.plug(); }
};

using Scanners = std::tuple<VirtualSubject>;

TEMPLATE_LIST_TEST_CASE("a scan is delivered once, whole, in order and from the loop", "[contract][scanner]",
                        Scanners) {
  TestType subject;
  std::vector<std::string> seen;
  subject.scanner().listen([&](ScanEvent event) { seen.push_back(event.value_or("fault")); });
  REQUIRE(subject.scanner().enable());
  const std::string longest(hal::kScanBytesMax, 'Q');
  const std::string strange("\0\x1d]C1\xff\r", 7);

  subject.present("6901234567892");
  subject.present("6901234567892");
  subject.present(strange);
  subject.present(longest);

  CHECK(seen.empty());
  CHECK(subject.until([&] { return seen.size() >= 4; }));
  subject.pass(5ms);
  CHECK(seen == std::vector<std::string>{"6901234567892", "6901234567892", strange, longest});
}

TEMPLATE_LIST_TEST_CASE("a scanner starts disabled, and what it saw then is never delivered", "[contract][scanner]",
                        Scanners) {
  TestType subject;
  std::vector<std::string> seen;
  subject.scanner().listen([&](ScanEvent event) { seen.push_back(event.value_or("fault")); });

  subject.present("too early");
  REQUIRE(subject.scanner().enable());
  subject.pass(5ms);
  CHECK(seen.empty());

  subject.present("not delivered yet");
  subject.scanner().disable();
  REQUIRE(subject.scanner().enable());
  subject.present("right");
  subject.pass(5ms);
  CHECK(seen == std::vector<std::string>{"right"});
}

TEMPLATE_LIST_TEST_CASE("a listener that disables the scanner hears no more of what waits", "[contract][scanner]",
                        Scanners) {
  TestType subject;
  int scans = 0;
  subject.scanner().listen([&](ScanEvent) {
    ++scans;
    subject.scanner().disable();
  });
  REQUIRE(subject.scanner().enable());

  subject.present("one");
  subject.present("two");
  subject.pass(5ms);

  CHECK(scans == 1);
}

TEMPLATE_LIST_TEST_CASE("a text that is too long is dropped whole and told", "[contract][scanner]", Scanners) {
  TestType subject;
  std::vector<ScanFault> faults;
  std::vector<std::string> seen;
  subject.scanner().listen([&](ScanEvent event) {
    if (event) seen.push_back(*event);
    if (!event) faults.push_back(event.error());
  });
  REQUIRE(subject.scanner().enable());

  subject.present(std::string(hal::kScanBytesMax + 1, 'Q'));
  subject.present_garbled();
  subject.present("next");

  CHECK(subject.until([&] { return !seen.empty(); }));
  CHECK(faults == std::vector{ScanFault::TooLong, ScanFault::Garbled});
  CHECK(seen == std::vector<std::string>{"next"});
}

TEMPLATE_LIST_TEST_CASE("a scanner that is unplugged says so once and goes on when it is back", "[contract][scanner]",
                        Scanners) {
  TestType subject;
  std::vector<ScanEvent> events;
  subject.scanner().listen([&](ScanEvent event) { events.push_back(std::move(event)); });
  REQUIRE(subject.scanner().enable());

  subject.unplug();
  subject.present("nobody reads this");
  subject.pass(5ms);
  REQUIRE(events.size() == 1);
  CHECK(events[0].error() == ScanFault::Disconnected);

  subject.plug();
  subject.present("read again");
  subject.pass(5ms);
  REQUIRE(events.size() == 2);
  CHECK(events[1] == "read again");
}

TEMPLATE_LIST_TEST_CASE("a scanner that is not there cannot be enabled", "[contract][scanner]", Scanners) {
  TestType subject;
  int scans = 0;
  subject.scanner().listen([&](ScanEvent) { ++scans; });
  subject.unplug();

  CHECK(code_of(subject.scanner().enable()) == ErrorCode::Unavailable);
  subject.plug();
  subject.present("still disabled");
  subject.pass(5ms);

  CHECK(scans == 0);
}

TEMPLATE_LIST_TEST_CASE("a scan goes to the newest listener only, and to nobody if there is none",
                        "[contract][scanner]", Scanners) {
  TestType subject;
  int first = 0;
  int second = 0;
  subject.scanner().listen([&](ScanEvent) { ++first; });
  REQUIRE(subject.scanner().enable());

  subject.scanner().listen([&](ScanEvent) {
    ++second;
    subject.scanner().listen({});
  });
  subject.present("one");
  subject.present("two");
  subject.pass(5ms);

  CHECK(first == 0);
  CHECK(second == 1);
}

}  // namespace
}  // namespace tillkit::contract
