// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "peers.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/security/crypto.hpp"

// The clients under test, each with a peer that does as it is told. All have the same names, so that one suite runs on
// each of them.

namespace tillkit::contract {

/// What the peer does with a request.
struct Act {
  enum class Kind { Reply, Silence, Close, Reset, CutShort, Malformed };

  Kind kind = Kind::Reply;
  int status = 200;
  std::string body = {};       // letters and digits only
  std::size_t body_bytes = 0;  // so many bytes instead of `body`
  std::chrono::milliseconds delay{0};
  bool keeps_connection = true;
};

/// What became of a request, in words: `200`, `not_sent expired`, ...; for checks whose failures can be read.
[[nodiscard]] std::string told(const std::optional<hal::HttpResult>& result);

/// `unavailable mbedtls -9984`
[[nodiscard]] std::string told(const core::Error& error);

/// Where a completion leaves the outcome. It must outlive the client, or the request.
struct Outcome {
  std::optional<hal::HttpResult> result;
  int completions = 0;

  [[nodiscard]] hal::HttpCompletion take() {
    return [this](hal::HttpResult given) {
      ++completions;
      result = std::move(given);
    };
  }
  [[nodiscard]] bool over() const { return completions > 0; }
};

/// A clock whose wall time the test sets; its monotonic time is the system's.
class TestClock final : public hal::Clock {
 public:
  TestClock();
  void show(core::WallTime at, core::WallQuality quality = core::WallQuality::Trusted) { wall_ = {at, quality}; }
  void forget() { wall_ = {core::WallTime{}, core::WallQuality::Unknown}; }
  void shift(std::chrono::hours by) { wall_.at += by; }

 private:
  [[nodiscard]] core::MonotonicTime do_monotonic() const override;
  [[nodiscard]] core::WallReading do_wall() const override { return wall_; }
  [[nodiscard]] core::Result<> do_adopt_wall(core::WallTime, core::MonotonicTime) override { return {}; }
  void do_raise_lower_bound(core::WallTime) override {}

  core::WallReading wall_;  // stands still, which is enough here
};

/// A Linux process with a key store, and clients on its loop.
class LinuxDevice {
 public:
  LinuxDevice();

  Peers peers;
  TestClock clock;
  hal_virtual::World world;
  hal_virtual::VirtualKeyStore store{world, 1};
  hal_linux::Random random;
  std::unique_ptr<hal_linux::EventLoop> loop;
  std::unique_ptr<security::Crypto> crypto;

  /// What suits the peers: their root and their name server; plain HTTP allowed.
  [[nodiscard]] hal_linux::HttpClientSettings settings() const;
  [[nodiscard]] std::unique_ptr<hal_linux::HttpClient> client(hal_linux::HttpClientSettings settings) const;
  [[nodiscard]] std::unique_ptr<hal_linux::HttpClient> client() const { return client(settings()); }

  /// Turns the loop until `done`; false: 20 s did not do.
  bool until(const std::function<bool()>& done);
  /// Sends and waits.
  hal::HttpResult ask(hal::HttpClient& client, hal::HttpRequest request);
  hal::HttpResult get(hal::HttpClient& client, std::string url) { return ask(client, {.url = std::move(url)}); }
};

class LinuxHttpSubject {
 public:
  hal::HttpClient& client() { return *client_; }
  [[nodiscard]] std::string url_where(const Act& act);
  [[nodiscard]] std::string url_where_nobody_listens();
  [[nodiscard]] int arrivals(const std::string& url) { return device_.peers.arrivals(url); }
  bool until(const std::function<bool()>& done) { return device_.until(done); }
  void make_time_unknown() { device_.clock.forget(); }
  /// Ends the client, as its owner would.
  void end() { client_.reset(); }

 private:
  LinuxDevice device_;
  std::unique_ptr<hal_linux::HttpClient> client_ = device_.client();
};

class VirtualHttpSubject {
 public:
  VirtualHttpSubject();

  hal::HttpClient& client() { return board_.http; }
  [[nodiscard]] std::string url_where(const Act& act);
  [[nodiscard]] std::string url_where_nobody_listens();
  [[nodiscard]] int arrivals(const std::string& url) { return arrivals_[url]; }
  bool until(const std::function<bool()>& done) { return board_.world.advance_until(done, std::chrono::minutes{2}); }
  void make_time_unknown() { board_.clock.start_in_1970(); }

 private:
  hal_virtual::VirtualBoard board_{{.clock = {}, .http = {.plain_http_allowed = true}}};
  std::map<std::string, Act> acts_;
  std::map<std::string, int> arrivals_;
};

}  // namespace tillkit::contract
