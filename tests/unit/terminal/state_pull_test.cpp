// SPDX-License-Identifier: Apache-2.0
// A device that was enrolled fetches its first state.
#include "tillkit/terminal/state_pull.hpp"

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "../sync/till.hpp"
#include "tillkit/catalog/replica.hpp"
#include "tillkit/terminal/table_sets.hpp"

namespace tillkit::terminal {
namespace {

using namespace std::chrono_literals;
using core::must;
using State = PullStatus::State;

/// A device without a till: journal, cache and link, which may be opened more than once.
struct Device {
  Device() {
    profile.enrolment.terminal = must(cloud::TerminalId::parse("T07"));
    profile.enrolment.credentials.keys = {keys.cloud_key()};
    open();
  }
  void open() {
    pull.reset();
    journal.reset();
    cache.reset();
    journal = must(journal::Journal::open({.path = "till.db", .vfs = vfs.name()},
                                          {board.clock, board.key_store, board.random, *keys.crypto, keys.terminal},
                                          table_sets()));
    must(journal->start_succeeded());
    cache = must(open_cache({.path = "cache.db", .vfs = vfs.name()}));
    pull = std::make_unique<StatePull>(StatePullParts{.journal = *journal,
                                                      .cache = *cache,
                                                      .link = link,
                                                      .clock = board.clock,
                                                      .scheduler = board.scheduler,
                                                      .random = board.random,
                                                      .network = board.network},
                                       profile);
    must(pull->start());
  }
  /// Until it says that it is at an end; the time that took.
  PullStatus run() {
    PullStatus status = must(pull->look());
    for (passed = 0ms; status.state == State::UnderWay && passed < 10min; passed += 100ms) {
      board.world.advance(100ms);
      status = must(pull->look());
    }
    return status;
  }
  void tell_items(int from, int count) {
    for (int i = from; i < from + count; ++i) {
      const std::string id = "\"i" + std::to_string(i) + '"';
      std::string change = R"({"type":"item","item":{"id":)";
      change += id;
      change += R"(,"codes":[)";
      change += id;
      change += R"(],"name":"N","price_minor":100}})";
      cloud.tell("copies", std::move(change));
    }
  }
  [[nodiscard]] std::int64_t items() const { return must(catalog::replica_state(cache->tables())).items; }

  sync::Keys keys;
  hal_virtual::VirtualBoard board;
  test::Disk disk;
  test::DiskVfs vfs{disk};
  sync::ModelCloud cloud{board, keys};
  cloud::Link link{board.http, {.origin = "https://cloud.example"}};
  DeviceProfile profile{.origin = "https://cloud.example"};
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<journal::Cache> cache;
  std::unique_ptr<StatePull> pull;
  std::chrono::milliseconds passed{0};
};

TEST_CASE("a device that was enrolled has all of its first state when that ends", "[terminal]") {
  Device device;
  device.tell_items(0, 950);
  device.cloud.tell("copies", R"({"type":"rule_set","rule_set":{"version":"v1","currency":"CNY","offers":[]}})");
  device.cloud.tell("copies", R"({"type":"item","item":{"id":"wrong"}})");
  device.cloud.tell("decisions", R"({"type":"merged","from":"P1-0123456789abcdef","into":"m-77"})");

  const PullStatus status = device.run();

  CHECK(status.state == State::Done);
  CHECK(status.taken == 953);
  CHECK(status.refused == 1);
  CHECK(device.items() == 950);
  CHECK(device.journal->acknowledged() == device.journal->last_seq());
  CHECK(device.passed < 30s);
}

TEST_CASE("a cloud that has nothing yet keeps nobody waiting", "[terminal]") {
  Device device;

  CHECK(device.run().state == State::Done);
  CHECK(device.passed < 10s);
}

TEST_CASE("where the link dies half-way it says so, and what comes next goes on from there", "[terminal]") {
  Device device;
  device.tell_items(0, 900);
  int pages = 0;
  device.cloud.mishap = [&](const std::string& path) {
    return path == "/v1/news" && ++pages > 2 ? sync::Mishap::Lost : sync::Mishap::None;
  };

  const PullStatus status = device.run();
  CHECK(status.state == State::Stuck);
  CHECK(status.taken == 400);
  CHECK_FALSE(status.fault.empty());
  CHECK(device.items() == 400);

  device.cloud.mishap = {};
  device.open();
  const PullStatus again = device.run();
  CHECK(again.state == State::Done);
  CHECK(again.taken == 500);
  CHECK(device.items() == 900);
}

TEST_CASE("an error that comes again and again ends it; a few do not", "[terminal]") {
  Device device;
  device.tell_items(0, 900);
  std::int64_t asked = 0;
  SECTION("again and again") {
    device.cloud.mishap = [&](const std::string& path) {
      return path == "/v1/news" ? sync::Mishap::Error : sync::Mishap::None;
    };
    const PullStatus status = device.run();
    CHECK(status.state == State::Stuck);
    CHECK(status.fault == "internal-error");
    CHECK(device.passed < 60s);
  }
  SECTION("a few times") {
    device.cloud.mishap = [&](const std::string& path) {
      return path == "/v1/news" && ++asked < kPullFaultsMax ? sync::Mishap::Busy : sync::Mishap::None;
    };
    CHECK(device.run().state == State::Done);
    CHECK(device.items() == 900);
  }
}

TEST_CASE("a journal that the cloud does not take is told, and the news are here all the same", "[terminal]") {
  Device device;
  device.tell_items(0, 10);
  device.cloud.tell("decisions", R"({"type":"merged","from":"P1-0123456789abcdef","into":"m-77"})");
  device.cloud.problem = "422 journal-forked";

  const PullStatus status = device.run();

  CHECK(status.state == State::Stopped);
  CHECK(status.stopped == sync::StopWhy::Forked);
  CHECK(device.items() == 10);
}

}  // namespace
}  // namespace tillkit::terminal
