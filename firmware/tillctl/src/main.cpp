// SPDX-License-Identifier: Apache-2.0
// The service technician's tool.
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "commands.hpp"

namespace tillctl {
namespace {

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view summary;
  int (*run)(Arguments arguments);
};

constexpr std::array kCommands{
    Command{"version", "[--json]", "what this program is made of, and its compiled-in limits", &run_version},
};

int print_help(std::FILE* to) {
  std::fputs("tillctl: the service technician's tool\n\nusage:\n", to);
  for (const Command& command : kCommands) {
    std::fprintf(to, "  tillctl %-10.*s %-12.*s %.*s\n", static_cast<int>(command.name.size()), command.name.data(),
                 static_cast<int>(command.arguments.size()), command.arguments.data(),
                 static_cast<int>(command.summary.size()), command.summary.data());
  }
  std::fputs("  tillctl help                   this page\n\nexit status: 0 done, 1 failed, 2 not understood\n", to);
  return to == stdout ? kDone : kUsage;
}

int run(Arguments arguments) {
  if (arguments.empty()) return print_help(stderr);
  const std::string_view name = arguments.front();
  if (name == "help" || name == "--help" || name == "-h") return print_help(stdout);
  for (const Command& command : kCommands) {
    if (command.name == name) return command.run(arguments.subspan(1));
  }
  return usage_error("", "there is no command", name);
}

}  // namespace

int usage_error(std::string_view command, std::string_view what, std::string_view argument) {
  std::fprintf(stderr, "tillctl%s%.*s: %.*s '%.*s'; 'tillctl help' lists what there is\n", command.empty() ? "" : " ",
               static_cast<int>(command.size()), command.data(), static_cast<int>(what.size()), what.data(),
               static_cast<int>(argument.size()), argument.data());
  return kUsage;
}

}  // namespace tillctl

int main(int argument_count, char** argument_values) {
  const std::vector<std::string_view> arguments(argument_values + 1, argument_values + argument_count);
  return tillctl::run(arguments);
}
