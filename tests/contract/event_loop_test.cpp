// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using hal_linux::Readiness;

constexpr Readiness kReadable{.readable = true};
constexpr Readiness kWritable{.writable = true};

class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void put() const { CHECK(::write(writer(), "x", 1) == 1); }
  void take() const {
    char byte = 0;
    CHECK(::read(reader(), &byte, 1) == 1);
  }
  void close_reader() { close_end(ends_[0]); }
  void close_writer() { close_end(ends_[1]); }

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  std::array<int, 2> ends_{};
};

TEST_CASE("a watch is called while its descriptor is ready and not otherwise", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe pipe;
  int calls = 0;
  REQUIRE(bench.loop->watch(pipe.reader(), kReadable, [&](Readiness ready) {
    ++calls;
    CHECK(ready.readable);
    CHECK_FALSE(ready.writable);
  }));

  CHECK_FALSE(bench.turn());
  pipe.put();
  CHECK(bench.turn());
  CHECK(bench.turn());
  CHECK(calls == 2);
  pipe.take();
  CHECK_FALSE(bench.turn());
  CHECK(calls == 2);
}

TEST_CASE("a second watch replaces interest and callback", "[contract][event_loop]") {
  LinuxBench bench;
  const int both = ::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
  REQUIRE(both >= 0);
  int old_calls = 0;
  std::vector<Readiness> seen;
  REQUIRE(bench.loop->watch(both, {.readable = true, .writable = true}, [&](Readiness) { ++old_calls; }));

  REQUIRE(bench.loop->watch(both, kWritable, [&](Readiness ready) { seen.push_back(ready); }));
  CHECK(bench.turn());

  CHECK(old_calls == 0);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].writable);
  CHECK_FALSE(seen[0].readable);
  bench.loop->unwatch(both);
  ::close(both);
}

TEST_CASE("a callback may remove itself and replace itself", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe pipe;
  pipe.put();
  std::string order;
  REQUIRE(bench.loop->watch(pipe.reader(), kReadable, [&, marker = std::string(100, 'm')](Readiness) {
    order += 'a';
    CHECK(bench.loop->watch(pipe.reader(), kReadable, [&](Readiness) {
      order += 'b';
      bench.loop->unwatch(pipe.reader());
    }));
    CHECK(marker.size() == 100);  // still alive, though replaced
  }));

  bench.turn();
  bench.turn();
  bench.turn();

  CHECK(order == "ab");
}

TEST_CASE("an event that was fetched before its watch was removed reaches nobody", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe one;
  Pipe two;
  Pipe spare;
  one.put();
  two.put();
  int calls = 0;
  int heirs_calls = 0;
  const auto remove_other = [&](const Pipe& other) {
    return [&](Readiness) {
      ++calls;
      bench.loop->unwatch(other.reader());
      // The same number, another file, which has nothing to read.
      REQUIRE(::dup2(spare.reader(), other.reader()) == other.reader());
      CHECK(bench.loop->watch(other.reader(), kReadable, [&](Readiness) { ++heirs_calls; }).has_value());
      bench.loop->unwatch(one.reader() == other.reader() ? two.reader() : one.reader());
    };
  };
  REQUIRE(bench.loop->watch(one.reader(), kReadable, remove_other(two)));
  REQUIRE(bench.loop->watch(two.reader(), kReadable, remove_other(one)));

  bench.turn();
  bench.turn();

  CHECK(calls == 1);
  CHECK(heirs_calls == 0);
}

TEST_CASE("a descriptor that was closed behind the loop's back can be watched again", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe pipe;
  Pipe fresh;
  int calls = 0;
  REQUIRE(bench.loop->watch(pipe.reader(), kReadable, [](Readiness) { CHECK(false); }));
  REQUIRE(::dup2(fresh.reader(), pipe.reader()) == pipe.reader());  // closes it: the kernel forgets the watch

  REQUIRE(bench.loop->watch(pipe.reader(), kReadable, [&](Readiness) { ++calls; }));
  fresh.put();
  bench.turn();

  CHECK(calls == 1);
}

TEST_CASE("a closed far end is reported as failed", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe pipe;
  bool failed = false;
  REQUIRE(bench.loop->watch(pipe.reader(), kReadable, [&](Readiness ready) {
    failed = ready.failed;
    bench.loop->unwatch(pipe.reader());
  }));

  pipe.close_writer();
  bench.turn();

  CHECK(failed);
}

TEST_CASE("what is here wins over a time-out that is due", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe pipe;
  std::string order;
  const auto timeout = bench.scheduler().call_after(1ms, [&] { order += "timeout"; });
  REQUIRE(timeout);
  REQUIRE(bench.loop->watch(pipe.reader(), kReadable, [&](Readiness) {
    order += "answer";
    bench.scheduler().cancel(*timeout);
    bench.loop->unwatch(pipe.reader());
  }));
  pipe.put();
  const auto late = bench.clock().monotonic() + 3ms;
  while (bench.clock().monotonic() < late) {
  }

  bench.turn();
  bench.pass(2ms);

  CHECK(order == "answer");
}

TEST_CASE("what cannot be watched is refused", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe pipe;
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);

  CHECK(code_of(bench.loop->watch(pipe.reader(), {}, [](Readiness) {})) == ErrorCode::InvalidArgument);
  CHECK(code_of(bench.loop->watch(pipe.reader(), kReadable, {})) == ErrorCode::InvalidArgument);
  CHECK(code_of(bench.loop->watch(-1, kReadable, [](Readiness) {})) == ErrorCode::InvalidArgument);
  CHECK(code_of(bench.loop->watch(file, kReadable, [](Readiness) {})) == ErrorCode::Unsupported);
  bench.loop->unwatch(file);
  bench.loop->unwatch(-1);

  ::close(file);
}

TEST_CASE("one watch above the limit is refused", "[contract][event_loop]") {
  LinuxBench bench;
  Pipe pipe;
  std::vector<int> copies;
  for (std::size_t i = 0; i <= hal_linux::kWatchesMax; ++i) {
    copies.push_back(::dup(pipe.reader()));
    REQUIRE(copies.back() >= 0);
  }
  for (std::size_t i = 0; i < hal_linux::kWatchesMax; ++i) {
    REQUIRE(bench.loop->watch(copies[i], kReadable, [](Readiness) {}));
  }

  CHECK(code_of(bench.loop->watch(copies.back(), kReadable, [](Readiness) {})) == ErrorCode::Exhausted);
  CHECK(bench.loop->watch(copies.front(), kReadable, [](Readiness) {}));
  bench.loop->unwatch(copies.front());
  CHECK(bench.loop->watch(copies.back(), kReadable, [](Readiness) {}));

  for (const int copy : copies) {
    bench.loop->unwatch(copy);
    ::close(copy);
  }
}

TEST_CASE("what is posted runs at the next turn, once, without a timer", "[contract][event_loop]") {
  LinuxBench bench;
  std::string order;
  bench.loop->post([&] {
    order += 'a';
    bench.loop->post([&] { order += 'c'; });
  });
  bench.loop->post([&] { order += 'b'; });
  CHECK(order.empty());

  CHECK(bench.loop->turn(1h));
  CHECK(order == "ab");
  CHECK(bench.loop->turn(1h));
  CHECK(order == "abc");
  CHECK_FALSE(bench.turn());
}

TEST_CASE("the loop runs until it is stopped and can run again", "[contract][event_loop]") {
  LinuxBench bench;
  int runs = 0;

  for (int round = 1; round <= 2; ++round) {
    REQUIRE(bench.scheduler().call_after(1ms, [&] {
      ++runs;
      bench.loop->stop();
    }));
    bench.loop->run();
    CHECK(runs == round);
  }
}

TEST_CASE("a timer that was cancelled does not wake the loop", "[contract][event_loop]") {
  LinuxBench bench;
  const auto timer = bench.scheduler().call_after(1ms, [] {});
  REQUIRE(timer);
  bench.turn();
  REQUIRE(bench.scheduler().cancel(*timer));

  CHECK_FALSE(bench.loop->turn(4ms));
  CHECK_FALSE(bench.loop->turn(4ms));
}

}  // namespace
}  // namespace tillkit::contract
