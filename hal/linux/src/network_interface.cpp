// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/network_interface.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "descriptor.hpp"

namespace tillkit::hal_linux {
namespace {

using hal::LinkState;

/// A routing table of a device with thousands of routes is cut off: the default route comes first in both.
constexpr std::size_t kTableBytesMax = 65'536;

std::string read_whole(const std::string& path) {
  std::string text;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4'096> block;
  while (file && text.size() < kTableBytesMax) {
    const auto size = ::read(file.get(), block.data(), block.size());
    if (size <= 0) break;
    text.append(block.data(), static_cast<std::size_t>(size));
  }
  return text;
}

/// The next word of a table's line.
std::string_view take_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return line = {};
  line.remove_prefix(begin);
  const std::size_t end = line.find_first_of(" \t");
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(word.size());
  return word;
}

template <class Line>
bool any_line(std::string_view table, Line line) {
  while (!table.empty()) {
    const std::size_t end = table.find('\n');
    if (line(table.substr(0, end))) return true;
    table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
  }
  return false;
}

/// `/proc/net/route`: interface, destination, gateway ... A destination of zeros is the default route.
bool has_default_route(std::string_view table, std::string_view interface) {
  return any_line(table, [&](std::string_view line) {
    const std::string_view name = take_word(line);
    return name == interface && take_word(line) == "00000000";
  });
}

/// `/proc/net/ipv6_route`: destination, its prefix, source, its prefix, next hop, metric, references, uses, flags,
/// interface. The kernel also has a route of zeros that refuses everything; that one belongs to `lo`.
bool has_default_route_v6(std::string_view table, std::string_view interface) {
  constexpr int kWordsBeforeInterface = 7;
  return any_line(table, [&](std::string_view line) {
    const std::string_view destination = take_word(line);
    if (destination.find_first_not_of('0') != std::string_view::npos || take_word(line) != "00") return false;
    for (int word = 0; word < kWordsBeforeInterface; ++word)
      take_word(line);
    return take_word(line) == interface;
  });
}

}  // namespace

NetworkInterface::NetworkInterface(hal::Scheduler& scheduler, NetworkInterfaceSettings settings)
    : scheduler_(scheduler), settings_(std::move(settings)), link_(look()) {
  if (!settings_.name.empty()) look_later();
}

NetworkInterface::~NetworkInterface() {
  scheduler_.cancel(timer_);
}

void NetworkInterface::look_later() {
  const auto timer = scheduler_.call_after(settings_.look_every, [this] {
    look_later();
    const LinkState now = look();
    if (std::exchange(link_, now) != now) listener_.tell(now);
  });
  // Without a timer it stays as it is: a hint that is old, and others say when the network does not answer.
  if (timer) timer_ = *timer;
}

LinkState NetworkInterface::look() const {
  if (settings_.name.empty()) return LinkState::Online;
  std::string state = read_whole(settings_.root + "/sys/class/net/" + settings_.name + "/operstate");
  if (state.ends_with('\n')) state.pop_back();
  // Drivers that do not know (many modems, and `lo`) say so.
  if (state != "up" && state != "unknown") return LinkState::Offline;
  const bool way_out = has_default_route(read_whole(settings_.root + "/proc/net/route"), settings_.name) ||
                       has_default_route_v6(read_whole(settings_.root + "/proc/net/ipv6_route"), settings_.name);
  return way_out ? LinkState::Online : LinkState::Limited;
}

}  // namespace tillkit::hal_linux
