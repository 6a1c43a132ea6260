// SPDX-License-Identifier: Apache-2.0
// A vending machine: a board, a terminal, and the loop.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config_file.hpp"
#include "device.hpp"
#include "machine.hpp"
#include "tillkit/boards/linux_armv7.hpp"
#include "tillkit/boards/sandbox.hpp"
#include "tillkit/core/version.hpp"
#include "tillkit/terminal/data_folder.hpp"

namespace tillkit::vending {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kNotEnrolled = 3;

constexpr std::string_view kHelp =
    "usage: tillkit-vending --board sandbox|linux-armv7 [--data DIR] [--config FILE] [--check]\n"
    "  --data DIR     journal, keys and copies of this terminal; default /var/lib/tillkit\n"
    "  --config FILE  how this machine is fitted; default DIR/vending.json\n"
    "  --check        says whether FILE is right, with --board also whether it fits that board, and sells nothing\n"
    "exit status: 0 ended by a signal or checked, 1 failed: start it again, 2 not understood,\n"
    "             3 not enrolled (tillctl enrol)\n";

struct KnownBoard {
  std::string_view name;
  BoardParts parts;
};
constexpr std::array<KnownBoard, 2> kBoards{
    {{.name = "sandbox", .parts = {}}, {.name = "linux-armv7", .parts = {.motors = false, .mdb_bridge = false}}}};

struct Options {
  std::string board;
  std::string data = "/var/lib/tillkit";
  std::string config;
  bool check = false;
};

class StandardError final : public Log {
 public:
  void note(std::string_view line) override {
    std::fprintf(stderr, "vending: %.*s\n", static_cast<int>(line.size()), line.data());
  }
};

int usage(std::string_view what, std::string_view argument) {
  std::fprintf(stderr, "vending: %.*s '%.*s'\n%.*s", static_cast<int>(what.size()), what.data(),
               static_cast<int>(argument.size()), argument.data(), static_cast<int>(kHelp.size()), kHelp.data());
  return kUsage;
}

volatile std::sig_atomic_t ended = 0;

void end_at_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { ended = 1; };
  for (const int signal : {SIGTERM, SIGINT})
    sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int failed(Log& log, const Failure& failure) {
  log.note(failure.what + ": " + std::string(core::to_string(failure.error.code)) + ' ' +
           std::string(core::to_string(failure.error.source)) + ' ' + std::to_string(failure.error.foreign));
  return failure.not_enrolled ? kNotEnrolled : kFailed;
}

/// How the program ends; or what did not come up, and then nothing of it is left.
template <class Board>
std::expected<int, Failure> sell_on(core::Result<std::unique_ptr<Board>> board, const Options& options,
                                    const Config& config, ConfigFile& file, Log& log) {
  if (!board) return std::unexpected(Failure{.what = "the board does not start", .error = board.error()});
  auto device =
      Device::open({.parts = (*board)->parts(),
                    .connect = [&](hal_linux::HttpClientSettings settings) -> core::Result<hal_linux::HttpClient*> {
                      TILLKIT_TRY_VOID((*board)->connect(std::move(settings)));
                      return (*board)->http_client();
                    }},
                   {options.data}, config, log);
  if (!device) return std::unexpected(std::move(device.error()));
  file.keep(log);
  log.note((*device)->sells() ? "ready" : "this terminal does not sell; the screen and tillctl journal verify say why");
  // The loop turns at least this often, so that a turn that does not come back is seen.
  constexpr std::chrono::milliseconds kTurnMax{500};
  while (ended == 0) {
    (*board)->loop().turn(kTurnMax);
    (*device)->still_alive();
    if ((*device)->must_start_again()) return kFailed;
  }
  log.note("ended");
  return kDone;
}

std::expected<int, Failure> sell(const Options& options, const Config& config, ConfigFile& file, Log& log) {
  const terminal::DataFolder data{options.data};
  const DeviceConfig& devices = config.devices;
  if (options.board == "sandbox") {
    return sell_on(
        boards::Sandbox::start({.devices = devices.hardware, .keys = data.keys(), .local_socket = data.local_socket()}),
        options, config, file, log);
  }
  return sell_on(
      boards::LinuxArmv7::start({.keys = data.keys(),
                                 .local_socket = data.local_socket(),
                                 .mdb_bridge = devices.mdb_bridge,
                                 .watchdog = devices.watchdog,
                                 .network_interface = devices.network_interface,
                                 .scanner_keyboard = devices.scanner,
                                 .scanner_line = devices.scanner_line,
                                 .scanner_line_settings = {.baud = static_cast<std::uint32_t>(devices.scanner_baud)},
                                 .printer_line = devices.printer_line,
                                 .printer_line_settings = {.baud = static_cast<std::uint32_t>(devices.printer_baud)},
                                 .printer_file = devices.printer,
                                 .display_socket = devices.display_socket}),
      options, config, file, log);
}

/// None: they are understood; else how the program ends.
std::optional<int> read_options(int count, char** values, Options& options) {
  constexpr std::array<std::pair<std::string_view, std::string Options::*>, 3> kValues{
      {{"--board", &Options::board}, {"--data", &Options::data}, {"--config", &Options::config}}};
  for (int i = 0; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--help" || name == "-h") {
      std::printf("%.*s", static_cast<int>(kHelp.size()), kHelp.data());
      return kDone;
    }
    if (name == "--check") {
      options.check = true;
      continue;
    }
    const auto* const option =
        std::ranges::find(kValues, name, &std::pair<std::string_view, std::string Options::*>::first);
    if (option == kValues.end()) return usage("unknown argument", name);
    ++i;
    if (i == count || *values[i] == '\0') return usage("a value is missing behind", name);
    options.*(option->second) = values[i];
  }
  return std::nullopt;
}

int run(int count, char** values) {
  Options options;
  if (const auto status = read_options(count, values, options)) return *status;
  if (options.config.empty()) options.config = options.data + "/vending.json";
  const auto* const board = std::ranges::find(kBoards, options.board, &KnownBoard::name);
  const bool any_board = options.check && options.board.empty();
  if (board == kBoards.end() && !any_board) return usage("unknown board", options.board);
  StandardError log;
  ConfigFile file(options.config, options.data + "/vending.good.json", any_board ? BoardParts{} : board->parts);
  if (options.check) {
    if (!file.read_new(log)) return kFailed;
    std::puts("the configuration is right");
    return kDone;
  }
  std::optional<Config> config = file.read(log);
  if (!config) return kFailed;
  end_at_signals();
  auto status = sell(options, *config, file, log);
  if (status) return *status;
  const int why = failed(log, status.error());
  // A device that is nobody's is that with each configuration.
  if (status.error().not_enrolled) return why;
  config = file.read_kept(log);
  if (!config) return why;
  status = sell(options, *config, file, log);
  return status ? *status : failed(log, status.error());
}

}  // namespace
}  // namespace tillkit::vending

int main(int argument_count, char** arguments) {
  return tillkit::vending::run(argument_count - 1, arguments + 1);
}
