// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>
#include <sys/stat.h>

#include "bench.hpp"
#include "sandbox_bench.hpp"
#include "tillkit/hal_linux/network_interface.hpp"
#include "tillkit/test/folder.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using hal::LinkState;

class VirtualSubject : public VirtualBench {
 public:
  hal::NetworkStatus& network() { return board.network; }
  void become(LinkState state) { board.network.set_hint(state); }
};

/// The kernel's tables as files, looked at often.
class LinuxSubject : public LinuxBench {
 public:
  LinuxSubject() {
    for (const char* const folder :
         {"/sys", "/sys/class", "/sys/class/net", "/sys/class/net/wwan0", "/proc", "/proc/net"})
      REQUIRE(::mkdir((folder_.path() + folder).c_str(), 0700) == 0);
    become(LinkState::Online);
    interface_.emplace(*loop,
                       hal_linux::NetworkInterfaceSettings{.name = "wwan0", .root = folder_.path(), .look_every = 1ms});
  }

  hal::NetworkStatus& network() { return *interface_; }
  void become(LinkState state) {
    write("/sys/class/net/wwan0/operstate", state == LinkState::Offline ? "down\n" : "up\n");
    std::string routes = "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t0102A8C0\t0003\n";
    if (state == LinkState::Online) routes += "wwan0\t00000000\t0102A8C0\t0003\n";
    write("/proc/net/route", routes);
  }
  void write(const std::string& path, std::string_view text) {
    // In one step, as the kernel's own files change: never seen half written.
    const std::string whole = folder_.path() + path;
    std::ofstream(whole + ".new", std::ios::binary) << text;
    REQUIRE(std::rename((whole + ".new").c_str(), whole.c_str()) == 0);
  }

 private:
  test::Folder folder_;
  std::optional<hal_linux::NetworkInterface> interface_;
};

/// The sandbox's, at its machine.
class SandboxSubject : public SandboxBench {
 public:
  hal::NetworkStatus& network() { return parts().plug; }
  void become(LinkState state) { board.network.set_hint(state); }
};

using Networks = std::tuple<VirtualSubject, LinuxSubject, SandboxSubject>;

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

TEST_CASE("a link without a route is limited, and a route of IPv6 counts", "[contract][network_status]") {
  LinuxSubject subject;
  subject.become(LinkState::Limited);
  CHECK(subject.until([&] { return subject.network().link() == LinkState::Limited; }));

  const std::string zeros(32, '0');
  const std::string hop = " fe800000000000000000000000000001 00000400 00000001 00000000 00000003 ";
  subject.write("/proc/net/ipv6_route", zeros + " 00 " + zeros + " 00" + hop + "      lo\n" + "fe80" +
                                            std::string(28, '0') + " 40 " + zeros + " 00" + hop + "   wwan0\n");
  subject.pass(10ms);
  CHECK(subject.network().link() == LinkState::Limited);
  subject.write("/proc/net/ipv6_route", zeros + " 00 " + zeros + " 00" + hop + "   wwan0\n");
  CHECK(subject.until([&] { return subject.network().link() == LinkState::Online; }));
  subject.write("/sys/class/net/wwan0/operstate", "unknown\n");
  subject.pass(10ms);
  CHECK(subject.network().link() == LinkState::Online);
}

TEST_CASE("an interface that is not there is offline, and one that nobody named is always tried",
          "[contract][network_status]") {
  LinuxBench bench;

  CHECK(hal_linux::NetworkInterface(*bench.loop, {.name = "gone0", .root = {}}).link() == LinkState::Offline);
  CHECK(hal_linux::NetworkInterface(*bench.loop, {.name = {}, .root = {}}).link() == LinkState::Online);
}

}  // namespace
}  // namespace tillkit::contract
