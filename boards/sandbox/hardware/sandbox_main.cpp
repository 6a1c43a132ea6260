// SPDX-License-Identifier: Apache-2.0
// tillkit-sandbox: the virtual hardware of the sandbox board, its page, and the firmware's two plugs.
#include <algorithm>
#include <cstdio>

#include <signal.h>  // NOLINT(modernize-deprecated-headers): signalfd is Linux's
#include <sys/signalfd.h>

#include "board_server.hpp"
#include "files.hpp"
#include "options.hpp"
#include "page_server.hpp"
#include "program.hpp"
#include "tillkit/hal_linux/clock.hpp"

namespace {

using namespace tillkit::sandbox;
using namespace std::chrono_literals;
using tillkit::core::ErrorCode;
using tillkit::core::Result;

constexpr int kUsageStatus = 2;
constexpr auto kTick = 20ms;
/// A program that was held up feeds its watchdog late in this machine's time only.
constexpr auto kTickMax = 100ms;
constexpr int kTicksPerPicture = 3;

Result<std::string> read_needed(const std::string& path) {
  TILLKIT_TRY(auto text, read_file(path));
  if (!text) return tillkit::core::fail(ErrorCode::NotFound);
  return *std::move(text);
}

Result<Shop> read_shop(const Options& options) {
  Shop shop;
  if (!options.planogram.empty()) {
    TILLKIT_TRY(const std::string text, read_needed(options.planogram));
    TILLKIT_TRY(shop.places, read_planogram(text));
    const bool too_dear =
        std::ranges::any_of(shop.places, [](const Place& place) { return place.price_minor > kControllerPriceMax; });
    if (options.controller && too_dear) {
      std::fputs("tillkit-sandbox: a controller's prices end at 655.34\n", stderr);
      return tillkit::core::fail(ErrorCode::InvalidArgument);
    }
  }
  if (!options.people.empty()) {
    TILLKIT_TRY(const std::string text, read_needed(options.people));
    TILLKIT_TRY(shop.shoppers, read_people(text));
  }
  return shop;
}

/// The machine in real time.
class Program {
 public:
  explicit Program(Options options) : options_(std::move(options)), clock_(tillkit::core::WallTime{}) {}
  ~Program() {
    if (signals_) loop_->unwatch(signals_.get());
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Result<> set_up() {
    TILLKIT_TRY(Shop shop, read_shop(options_));
    TILLKIT_TRY(loop_, tillkit::hal_linux::EventLoop::create(clock_));
    mailbox_ = std::make_unique<Mailbox>(*loop_);
    TILLKIT_TRY_VOID(mailbox_->open());
    TILLKIT_TRY_VOID(watch_signals());
    TILLKIT_TRY(board_server_, BoardServer::listen(*loop_, machine_, options_.devices));
    if (!options_.plug_listen.empty()) {
      TILLKIT_TRY(plug_, NetworkPlug::open(*loop_, options_.plug_listen, options_.plug_target));
    }
    firmware_ = std::make_unique<Firmware>(*loop_, firmware_command());
    backstage_ = std::make_unique<Backstage>(options_, shop.shoppers, [this](BackstageNews news) {
      mailbox_->put([this, news = std::move(news)] { stage_->take_news(news); });
    });
    if (options_.controller) {
      controller_ = std::make_unique<Controller>(devices_.world, shop.places);
      machine_.fit(*controller_);
    }
    const StageParts parts{.firmware = *firmware_,
                           .controller = controller_.get(),
                           .plug = plug_.get(),
                           .backstage = backstage_.get(),
                           .till = !options_.till_socket.empty()};
    stage_ = std::make_unique<Stage>(machine_, std::move(shop), parts, !options_.wallet_admin.empty(), options_.cash);
    TILLKIT_TRY(page_, PageServer::bind(options_.page_port, *mailbox_, *stage_,
                                        {.wallet = options_.wallet_admin, .till = options_.till_socket}));
    return {};
  }

  Result<> run() {
    backstage_->start();
    publish();
    page_->start();
    if (options_.off) {
      machine_.cut_power();
    } else {
      TILLKIT_TRY_VOID(firmware_->start());
    }
    std::printf("{\"page\":\"http://127.0.0.1:%d/\",\"page_port\":%d,\"devices\":\"%s\",\"plug\":\"%s\"}\n",
                page_->port(), page_->port(), board_server_->address().c_str(), plug_ ? plug_->address().c_str() : "");
    std::fflush(stdout);
    auto before = clock_.monotonic();
    for (int ticks = 0; !over_; ++ticks) {
      loop_->turn(kTick);
      const auto now = clock_.monotonic();
      devices_.world.advance(
          std::min<std::chrono::microseconds>(std::chrono::floor<std::chrono::microseconds>(now - before), kTickMax));
      before = now;
      machine_.look();
      if (machine_.take_bite()) bite();
      if (ticks % kTicksPerPicture == 0) publish();
    }
    page_->stop();
    backstage_.reset();
    firmware_->kill();
    return {};
  }

 private:
  /// An argument `{devices}` or `{plug}` stands for that address, where any free port was asked for.
  [[nodiscard]] std::vector<std::string> firmware_command() const {
    std::vector<std::string> command = options_.firmware;
    for (std::string& word : command) {
      if (word == "{devices}") word = board_server_->address();
      if (word == "{plug}" && plug_) word = plug_->address();
    }
    return command;
  }

  Result<> watch_signals() {
    sigset_t ends{};
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    signals_ = OwnedDescriptor(::signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!signals_) return tillkit::core::fail(ErrorCode::Exhausted);
    return loop_->watch(signals_.get(), {.readable = true}, [this](tillkit::hal_linux::Readiness) {
      loop_->unwatch(signals_.get());
      over_ = true;
    });
  }

  /// The watchdog resets the board: its program with it.
  void bite() {
    firmware_->kill();
    if (!firmware_->start()) std::fputs("tillkit-sandbox: the firmware cannot be started\n", stderr);
  }

  void publish() { page_->publish(stage_->state(), stage_->backstage()); }

  const Options options_;
  tillkit::hal_linux::Clock clock_;
  tillkit::hal_virtual::VirtualBoard devices_;
  Machine machine_{devices_};
  std::unique_ptr<tillkit::hal_linux::EventLoop> loop_;
  std::unique_ptr<Mailbox> mailbox_;
  OwnedDescriptor signals_;
  std::unique_ptr<Firmware> firmware_;
  std::unique_ptr<BoardServer> board_server_;
  std::unique_ptr<NetworkPlug> plug_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Backstage> backstage_;
  std::unique_ptr<PageServer> page_;
  bool over_ = false;
};

Result<> run(Options options) {
  Program program(std::move(options));
  TILLKIT_TRY_VOID(program.set_up());
  return program.run();
}

}  // namespace

int main(int count, char** words) {
  auto options = Options::parse(count, words);
  if (!options) {
    std::fputs(Options::usage(), stderr);
    return kUsageStatus;
  }
  begin_program();
  const auto outcome = run(*std::move(options));
  return outcome ? 0 : give_up("tillkit-sandbox", "cannot run", outcome.error());
}
