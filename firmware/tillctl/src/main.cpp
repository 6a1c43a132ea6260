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
    Command{"attempt resolve", "ORDER paid|not-paid|given-back --by WHO --reason WHY --data DIR [--json]",
            "decides what became of an attempt that waits for a person, and settles its sale", &run_attempt},
    Command{"enrol", "--cloud URL --claim CODE --data DIR [--trust FILE] [--replace] [--json]",
            "makes this device a terminal of that cloud, whose roots are in FILE (DIR/trust.pem), and fetches what it "
            "sells",
            &run_enrol},
    Command{"journal verify", "--data DIR [--json]",
            "checks records, seals and tables of a terminal's journal; ends with 1 where something is wrong",
            &run_journal},
    Command{"journal show", "--data DIR [--from N] [--to N] [--sale N] [--kind KIND] [--limit N] [--json]",
            "shows records, the newest ones where nothing else is said", &run_journal},
    Command{"journal export", "--data DIR [--json]",
            "writes all records that can be read as JSON lines, also of a damaged file and without its keys",
            &run_journal},
    Command{"journal try-again", "--data DIR [--json]",
            "lets a stopped terminal out of safe mode after failed starts, where its journal is sound", &run_journal},
    Command{"outbox", "--data DIR [--json]",
            "shows what is not resolved, owed, put aside or not uploaded, and what waits for a person", &run_outbox},
    Command{"planogram show", "--data DIR [--json]", "shows what lies in each slot of a machine, and how much of it",
            &run_planogram},
    Command{"planogram load", "FILE --by WHO --data DIR [--json]",
            "says what lies in all slots; a slot with the same goods as before keeps its stock; - reads standard input",
            &run_planogram},
    Command{"planogram set", "SLOT --by WHO --data DIR [--item ID] [--capacity N] [--stock N] [--mdb N] [--json]",
            "says what lies in one slot", &run_planogram},
    Command{"planogram block|unblock|refill", "[SLOT] --by WHO --data DIR [--json]",
            "takes a slot out of use, or into use after a jam; fills one, or all where none is named", &run_planogram},
    Command{"price", "--offers FILE [--catalog FILE] [--policy best|wechat|first|single] [--explain] BASKET",
            "what a basket costs, and the proof; - reads it from standard input", &run_price},
    Command{"refund-preview", "PROOF --return LINE[:UNITS]... [--before LINE[:UNITS]...] [--explain]",
            "what returning units gives back; 3 is line 3, 3:2 two units of it, 3:2-4 its units 2 to 4",
            &run_refund_preview},
    Command{"reprint", "SALE --by WHO --data DIR [--json]",
            "has a running terminal print a sale's receipt again, as a copy; SALE is its number in 'sales'",
            &run_reprint},
    Command{"sales", "--data DIR [--from N] [--to N] [--state STATE] [--limit N] [--json]",
            "shows sales with their tenders, the newest first", &run_sales},
    Command{"scan", "[--table FILE] CODE...", "what each scanned code is; - reads them from standard input", &run_scan},
    Command{"sync", "--data DIR [--now | --resume --by WHO] [--json]",
            "shows how far the cloud is; tries at once; has a running terminal go on after its upload was stopped",
            &run_sync},
    Command{"version", "[--json]", "what this program is made of, and its compiled-in limits", &run_version},
};

int print_help(std::FILE* to) {
  std::fputs("tillctl: the service technician's tool\n\nusage:\n", to);
  for (const Command& command : kCommands) {
    std::fprintf(to, "  tillctl %.*s %.*s\n      %.*s\n", static_cast<int>(command.name.size()), command.name.data(),
                 static_cast<int>(command.arguments.size()), command.arguments.data(),
                 static_cast<int>(command.summary.size()), command.summary.data());
  }
  std::fputs("  tillctl help\n      this page\n\nexit status: 0 done, 1 failed, 2 not understood\n", to);
  return to == stdout ? kDone : kUsage;
}

int run(Arguments arguments) {
  if (arguments.empty()) return print_help(stderr);
  const std::string_view name = arguments.front();
  if (name == "help" || name == "--help" || name == "-h") return print_help(stdout);
  for (const Command& command : kCommands) {
    if (command.name.substr(0, command.name.find(' ')) == name) return command.run(arguments.subspan(1));
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
