// SPDX-License-Identifier: Apache-2.0
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>

#include "bench.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using hal::LinkState;

class VirtualSubject : public VirtualBench {
 public:
  hal::NetworkStatus& network() { return board.network; }
  void become(LinkState state) { board.network.set_hint(state); }
};

using Networks = std::tuple<VirtualSubject>;

TEMPLATE_LIST_TEST_CASE("each change of the link is told once, from the loop", "[contract][network_status]", Networks) {
  TestType subject;
  std::vector<LinkState> told;
  subject.become(LinkState::Online);
  subject.pass(5ms);
  subject.network().listen([&](LinkState state) { told.push_back(state); });

  subject.become(LinkState::Offline);
  CHECK(told.empty());
  CHECK(subject.until([&] { return told.size() == 1; }));
  CHECK(subject.network().link() == LinkState::Offline);
  subject.become(LinkState::Limited);
  CHECK(subject.until([&] { return told.size() == 2; }));
  subject.become(LinkState::Limited);
  subject.pass(5ms);

  CHECK(told == std::vector{LinkState::Offline, LinkState::Limited});
}

TEMPLATE_LIST_TEST_CASE("of quick changes the last one comes", "[contract][network_status]", Networks) {
  TestType subject;
  std::vector<LinkState> told;
  subject.network().listen([&](LinkState state) { told.push_back(state); });

  subject.become(LinkState::Offline);
  subject.become(LinkState::Limited);
  subject.become(LinkState::Offline);

  CHECK(subject.until([&] { return !told.empty(); }));
  subject.pass(5ms);
  CHECK(told.back() == LinkState::Offline);
  CHECK(told.size() <= 3);
}

TEMPLATE_LIST_TEST_CASE("a link's listener may replace itself", "[contract][network_status]", Networks) {
  TestType subject;
  int first = 0;
  int second = 0;
  subject.network().listen([&](LinkState) {
    ++first;
    subject.network().listen([&](LinkState) { ++second; });
  });

  subject.become(LinkState::Offline);
  subject.pass(5ms);
  subject.become(LinkState::Online);
  subject.pass(5ms);

  CHECK(first == 1);
  CHECK(second == 1);
}

}  // namespace
}  // namespace tillkit::contract
