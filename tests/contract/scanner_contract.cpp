// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch_template_test_macros.hpp>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/uinput.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.hpp"
#include "pty.hpp"
#include "sandbox_bench.hpp"
#include "tillkit/hal/driver/serial_scanner.hpp"
#include "tillkit/hal_linux/evdev_scanner.hpp"
#include "tillkit/hal_linux/serial_port.hpp"
#include "tillkit/test/folder.hpp"
#include "typist.hpp"
#include "wedge_reader.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal::ScanEvent;
using hal::ScanFault;

/// A scanner and the hand before it.
class VirtualSubject : public VirtualBench {
 public:
  /// What a scan may be made of.
  static std::string strange() { return {"\0\x1d]C1\xff\r", 7}; }

  hal::Scanner& scanner() { return board.scanner; }
  void present(std::string text) { board.scanner.present(std::move(text)); }
  void present_garbled() { board.scanner.present_garbled(); }
  void unplug() { board.scanner.unplug(); }
  void plug() { board.scanner.plug(); }
};

constexpr hal::SerialSettings kLine{.baud = 4'000'000};

/// A scanner on a serial line; what it sends takes its time, one after the other.
class SerialSubject : public VirtualBench {
 public:
  static std::string strange() { return {"\0\x1d]C1\xff", 6}; }

  hal::Scanner& scanner() { return scanner_; }
  void present(const std::string& text) {
    send([this, sent = core::to_bytes(text + "\r\n")]() mutable { board.serial_port.far_send(std::move(sent)); },
         text.size() + 2);
  }
  void present_garbled() {
    send([this] { board.serial_port.lose_bytes(); }, 0);
    present("half");
  }
  void unplug() {
    board.serial_port.unplug();
    pass(1ms);
  }
  void plug() {
    board.serial_port.plug();
    pass(hal::driver::kScannerRetryPause);
  }

 private:
  void send(hal::Task task, std::size_t bytes) {
    const auto now = board.world.now();
    const auto begin = std::max(now, free_at_);
    free_at_ = begin + std::chrono::microseconds{static_cast<std::uint64_t>(bytes) * 10 * 1'000'000 / kLine.baud + 10};
    if (begin == now) return task();
    board.world.outside(begin - now, std::move(task));
  }

  hal_virtual::World::Duration free_at_{};
  hal::driver::SerialScanner scanner_{board.serial_port, board.scheduler, kLine};
};

/// A bench whose far end sends as fast as it is read, and pauses where it is told to.
class PumpedBench : public LinuxBench {
 public:
  virtual ~PumpedBench() = default;
  bool until(const std::function<bool()>& done) {
    return LinuxBench::until([&] {
      pump();
      return done();
    });
  }
  void pass(std::chrono::milliseconds time) {
    const auto end = clock().monotonic() + time;
    CHECK(until([&] { return queue_.empty() && clock().monotonic() >= end; }));
  }

 protected:
  void send(std::string bytes) {
    queue_.push_back({std::move(bytes), {}});
    pump();
  }
  void pause(std::chrono::milliseconds time) { queue_.push_back({{}, time}); }
  void forget() { queue_.clear(); }

 private:
  struct Sent {
    std::string bytes;
    std::chrono::milliseconds pause;
  };
  virtual std::size_t write(std::string_view bytes) = 0;

  void pump() {
    while (!queue_.empty() && clock().monotonic() >= quiet_until_) {
      Sent& sent = queue_.front();
      while (!sent.bytes.empty()) {
        const std::size_t taken = write(sent.bytes);
        if (taken == 0) return;
        sent.bytes.erase(0, taken);
      }
      quiet_until_ = clock().monotonic() + sent.pause;
      queue_.pop_front();
    }
  }

  std::deque<Sent> queue_;
  core::MonotonicTime quiet_until_{};
};

/// The same scanner on a pseudo terminal and the real loop. It garbles by stopping inside a text.
class PtySubject : public PumpedBench {
 public:
  static std::string strange() { return SerialSubject::strange(); }

  PtySubject() : port_(*loop, folder_.path() + "/scanner"), scanner_(port_, *loop, {.baud = 115'200}) { plug(); }
  hal::Scanner& scanner() { return scanner_; }
  void present(const std::string& text) { send(text + "\n"); }
  void present_garbled() {
    send("half");
    // Long beside the pause: a busy machine may read what was sent late, and must still see it apart.
    pause(hal::driver::kScanPauseMax + 1'500ms);
  }
  void unplug() {
    forget();
    pty_.reset();
    std::filesystem::remove(folder_.path() + "/scanner");
  }
  void plug() {
    pty_.emplace();
    std::filesystem::create_symlink(pty_->path(), folder_.path() + "/scanner");
    pass(hal::driver::kScannerRetryPause + 100ms);
  }

 private:
  std::size_t write(std::string_view bytes) override { return pty_ ? pty_->write(bytes) : bytes.size(); }

  test::Folder folder_;
  std::optional<Pty> pty_;
  hal_linux::SerialPort port_;
  hal::driver::SerialScanner scanner_;
};

/// The events of a keyboard wedge, from a pipe: what machines without an input device can run.
class WedgeSubject : public PumpedBench {
 public:
  static std::string strange() { return "\x1d]C1\t~Az{}"; }

  WedgeSubject() {
    plug_in();
    reader_.emplace(*loop, [path = path_] { return open_pipe(path); });
  }
  ~WedgeSubject() override {
    if (writer_ >= 0) ::close(writer_);
  }
  hal_linux::WedgeReader& reader() { return *reader_; }
  hal::Scanner& scanner() { return scanner_; }
  void present(const std::string& text) { send(typed(text)); }
  void present_garbled() {
    send(typed_only("ha") + event(EV_SYN, SYN_DROPPED, 0) + typed_only("x") + event(EV_SYN, SYN_REPORT, 0) +
         typed("lf"));
  }
  void type(std::uint16_t key) { send(key_event(key)); }
  void unplug() {
    forget();
    ::close(std::exchange(writer_, -1));
    std::filesystem::remove(path_);
  }
  void plug() {
    plug_in();
    pass(hal_linux::kWedgeRetryPause + 100ms);
  }

 private:
  /// As `EvdevScanner`, on the reader of a pipe.
  class PipeScanner final : public hal::Scanner {
   public:
    explicit PipeScanner(std::optional<hal_linux::WedgeReader>& reader) : reader_(reader) {}

   private:
    void do_listen(hal::ScanListener listener) override { reader_->listen(std::move(listener)); }
    core::Result<> do_enable() override { return reader_->enable(); }
    void do_disable() override { reader_->disable(); }
    std::optional<hal_linux::WedgeReader>& reader_;
  };

  static core::Result<hal_linux::Descriptor> open_pipe(const std::string& path) {
    hal_linux::Descriptor pipe{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (!pipe) return core::fail(ErrorCode::Unavailable, core::ErrorSource::System, errno);
    return pipe;
  }
  void plug_in() {
    REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
    writer_ = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(writer_ >= 0);
  }
  std::size_t write(std::string_view bytes) override {
    if (writer_ < 0) return bytes.size();
    // Whole events only, as the kernel gives them.
    const auto some = bytes.substr(0, std::min<std::size_t>(bytes.size(), sizeof(input_event) * 64));
    const auto size = ::write(writer_, some.data(), some.size());
    return size < 0 ? 0 : static_cast<std::size_t>(size);
  }

  test::Folder folder_;
  const std::string path_ = folder_.path() + "/event";
  int writer_ = -1;
  std::optional<hal_linux::WedgeReader> reader_;
  PipeScanner scanner_{reader_};
};

/// A keyboard that the kernel makes for us: the driver with its grab, where the machine lets us have one.
class UinputSubject : public PumpedBench {
 public:
  static std::string strange() { return WedgeSubject::strange(); }

  UinputSubject() {
    plug_in();
    scanner_.emplace(*loop, link_);
  }
  ~UinputSubject() override {
    if (keyboard_ >= 0) ::close(keyboard_);
  }
  hal::Scanner& scanner() { return *scanner_; }
  void present(const std::string& text) { send(typed(text)); }
  void present_garbled() { send(typed_only("ha") + key_event(KEY_F1) + typed("lf")); }
  void unplug() {
    forget();
    ::close(std::exchange(keyboard_, -1));
    std::filesystem::remove(link_);
  }
  void plug() {
    plug_in();
    pass(hal_linux::kWedgeRetryPause + 100ms);
  }

 private:
  void plug_in() {
    keyboard_ = ::open("/dev/uinput", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (keyboard_ < 0) SKIP("no input device can be made here: /dev/uinput: " << std::strerror(errno));
    bool made = ::ioctl(keyboard_, UI_SET_EVBIT, EV_KEY) == 0;
    for (int key = KEY_ESC; key < KEY_F10; ++key)
      made = made && ::ioctl(keyboard_, UI_SET_KEYBIT, key) == 0;
    uinput_setup setup{};
    std::strcpy(setup.name, "tillkit test scanner");
    made = made && ::ioctl(keyboard_, UI_DEV_SETUP, &setup) == 0 && ::ioctl(keyboard_, UI_DEV_CREATE) == 0;
    std::array<char, 64> name{};
    made = made && ::ioctl(keyboard_, UI_GET_SYSNAME(sizeof name), name.data()) > 0;
    REQUIRE(made);
    for (const auto& entry :
         std::filesystem::directory_iterator("/sys/devices/virtual/input/" + std::string(name.data()))) {
      const std::string event = entry.path().filename();
      if (!event.starts_with("event")) continue;
      const std::string node = "/dev/input/" + event;
      CHECK(LinuxBench::until([&] { return ::access(node.c_str(), R_OK) == 0; }));
      std::filesystem::create_symlink(node, link_);
    }
  }
  std::size_t write(std::string_view bytes) override {
    if (keyboard_ < 0) return bytes.size();
    const auto size = ::write(keyboard_, bytes.data(), std::min<std::size_t>(bytes.size(), sizeof(input_event) * 16));
    return size < 0 ? 0 : static_cast<std::size_t>(size);
  }

  test::Folder folder_;
  const std::string link_ = folder_.path() + "/scanner";
  int keyboard_ = -1;
  std::optional<hal_linux::EvdevScanner> scanner_;
};

/// The sandbox's, at its machine.
class SandboxSubject : public SandboxBench {
 public:
  static std::string strange() { return VirtualSubject::strange(); }
  hal::Scanner& scanner() { return parts().scanner; }
  void present(std::string text) { board.scanner.present(std::move(text)); }
  void present_garbled() { board.scanner.present_garbled(); }
  void unplug() {
    board.scanner.unplug();
    settle();
  }
  void plug() {
    board.scanner.plug();
    settle();
  }
};

using Scanners = std::tuple<VirtualSubject, SerialSubject, PtySubject, WedgeSubject, UinputSubject, SandboxSubject>;

TEMPLATE_LIST_TEST_CASE("a scan is delivered once, whole, in order and from the loop", "[contract][scanner]",
                        Scanners) {
  TestType subject;
  std::vector<std::string> seen;
  subject.scanner().listen([&](ScanEvent event) { seen.push_back(event.value_or("fault")); });
  REQUIRE(subject.scanner().enable());
  const std::string longest(hal::kScanBytesMax, 'Q');
  const std::string strange = TestType::strange();

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
  CHECK(code_of(subject.scanner().enable()) == ErrorCode::Unavailable);

  subject.plug();
  CHECK(subject.until([&] { return subject.scanner().enable().has_value(); }));
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

TEST_CASE("half a scan is never the beginning of the next one", "[contract][scanner]") {
  SerialSubject subject;
  std::vector<ScanEvent> events;
  subject.scanner().listen([&](ScanEvent event) { events.push_back(std::move(event)); });
  REQUIRE(subject.scanner().enable());

  subject.board.serial_port.far_send(core::to_bytes("13000000"));
  subject.pass(hal::driver::kScanPauseMax + 10ms);
  subject.present("130000000000001234");
  subject.pass(10ms);

  REQUIRE(events.size() == 2);
  CHECK(events[0].error() == ScanFault::Garbled);
  CHECK(events[1] == "130000000000001234");
}

TEST_CASE("a serial scanner ends a scan with CR, LF, or both", "[contract][scanner]") {
  SerialSubject subject;
  std::vector<std::string> seen;
  subject.scanner().listen([&](ScanEvent event) { seen.push_back(event.value_or("fault")); });
  REQUIRE(subject.scanner().enable());

  subject.board.serial_port.far_send(core::to_bytes("a\rb\nc\r\n\n\rd\r"));
  subject.pass(10ms);

  CHECK(seen == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE("a key that no scanner types garbles the scan, and only that", "[contract][scanner]") {
  WedgeSubject subject;
  std::vector<ScanEvent> events;
  subject.scanner().listen([&](ScanEvent event) { events.push_back(std::move(event)); });
  REQUIRE(subject.scanner().enable());
  subject.present("a");

  subject.type(KEY_F1);
  subject.present("b");
  subject.present("c");
  CHECK(subject.until([&] { return events.size() == 3; }));

  CHECK(events[0] == "a");
  CHECK(events[1].error() == ScanFault::Garbled);
  CHECK(events[2] == "c");
}

TEST_CASE("every sign of a US keyboard is read as it is typed", "[contract][scanner]") {
  WedgeSubject subject;
  std::vector<std::string> seen;
  subject.scanner().listen([&](ScanEvent event) { seen.push_back(event.value_or("fault")); });
  REQUIRE(subject.scanner().enable());
  std::string all;
  for (char sign = ' '; sign <= '~'; ++sign)
    all += sign;

  subject.present(all);
  subject.type(KEY_CAPSLOCK);
  subject.present("aB1;");
  subject.type(KEY_CAPSLOCK);
  subject.present("aB1;");
  CHECK(subject.until([&] { return seen.size() == 3; }));

  CHECK(seen == std::vector<std::string>{all, "Ab1;", "aB1;"});
}

TEST_CASE("a file that is no input device is no scanner", "[contract][scanner]") {
  LinuxBench bench;
  hal_linux::EvdevScanner scanner(*bench.loop, "/dev/null");
  CHECK(code_of(scanner.enable()) == ErrorCode::Unavailable);
}

}  // namespace
}  // namespace tillkit::contract
