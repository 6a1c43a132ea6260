// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <utility>

namespace tillkit::sandbox {
namespace {

struct Named {
  std::string_view name;
  std::string Options::* value;
};

constexpr Named kNamed[] = {
    {"--devices", &Options::devices},
    {"--planogram", &Options::planogram},
    {"--people", &Options::people},
    {"--cloud-admin", &Options::cloud_admin},
    {"--cloud-token", &Options::cloud_token},
    {"--merchant", &Options::merchant},
    {"--wallet-admin", &Options::wallet_admin},
    {"--till-socket", &Options::till_socket},
    {"--books", &Options::books},
};

struct Flag {
  std::string_view name;
  bool Options::* value;
};

constexpr Flag kFlags[] = {
    {"--off", &Options::off}, {"--cash", &Options::cash}, {"--controller", &Options::controller}};

bool read_port(std::string_view digits, int& port) {
  constexpr int kPortMax = 65'535;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port >= 0 && port <= kPortMax;
}

bool read_plug(std::string_view text, Options& options) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  options.plug_listen = text.substr(0, equals);
  options.plug_target = text.substr(equals + 1);
  return true;
}

bool take(std::string_view name, std::string_view value, Options& options) {
  if (name == "--page-port") return read_port(value, options.page_port);
  if (name == "--plug") return read_plug(value, options);
  for (const Named& named : kNamed) {
    if (named.name != name) continue;
    options.*named.value = value;
    return true;
  }
  return false;
}

}  // namespace

std::optional<Options> Options::parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--") {
      options.firmware.assign(words + i + 1, words + count);
      return options;
    }
    if (const auto flag = std::ranges::find(kFlags, word, &Flag::name); flag != std::end(kFlags)) {
      options.*flag->value = true;
      continue;
    }
    if (i + 1 == count || !take(word, words[i + 1], options)) return std::nullopt;
    ++i;
  }
  return options;
}

const char* Options::usage() {
  return "usage: tillkit-sandbox [option value]... [-- FIRMWARE ARGUMENT...]\n"
         "  --page-port N         of the page; 0: any that is free\n"
         "  --devices ADDRESS     where the board connects: IPv4:PORT, or a path\n"
         "  --off                 begins without power\n"
         "  --cash                the machine has a cash acceptor\n"
         "  --controller          the machine has an MDB controller of its own behind a bridge; else the board turns "
         "motors\n"
         "  --planogram FILE      what lies in the machine\n"
         "  --people FILE         who stands before it\n"
         "  --plug LISTEN=TARGET  the network plug between firmware and cloud, both IPv4:PORT\n"
         "  --cloud-admin URL --cloud-token FILE --merchant NAME   where a member's points are asked for\n"
         "  --wallet-admin URL    the stand-in wallet\n"
         "  --till-socket PATH    the firmware's socket for the technician\n"
         "  --books COMMAND       compares the books, prints JSON\n";
}

}  // namespace tillkit::sandbox
