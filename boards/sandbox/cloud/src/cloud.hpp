// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "authority.hpp"
#include "http.hpp"
#include "problem.hpp"
#include "rows.hpp"
#include "storage.hpp"
#include "tables.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::sandbox {

using Lock = std::unique_lock<std::mutex>;

/// What all parts of the cloud share. Requests come on many threads; whoever touches anything here, storage included,
/// or reads JSON, holds `mutex`, and lets go of it only while it waits for another program or for `changed`.
struct Cloud {
  Storage& storage;
  Authority& authority;
  std::mutex mutex{};
  /// Told after everything that somebody may wait for: an order that is free again, the end.
  std::condition_variable changed{};
  bool stopping = false;
};

/// The time now, which is the cloud's to say.
[[nodiscard]] core::WallTime wall_now();
[[nodiscard]] std::int64_t milliseconds_of(core::WallTime at);

/// Who asks, as its certificate says.
struct Caller {
  std::string terminal{};
  std::string store{};
  std::string merchant{};
};

/// One request, with what is the same for all operations checked.
struct Call {
  const HttpRequest& http;
  const core::JsonValue* body;  ///< of a POST; none of a GET
  Caller caller;                ///< empty where the operation is for anybody
  Lock& lock;                   ///< of the cloud's mutex, held
};

enum class Who : std::uint8_t { Terminals, Anybody };

/// An operation of the contract. Its handler fails with an error about the input (`ErrorSource::Input`: 400), about
/// storage (503), or any other (500); problems with a type of their own it answers itself.
struct Operation {
  std::string_view method{};
  std::string_view path{};
  Who who = Who::Terminals;
  std::size_t body_bytes_max = 4'096;
  std::size_t body_values_max = 20'000;  ///< JSON values in it
  std::function<core::Result<HttpAnswer>(Call&)> handle{};
};

/// Largest body of any operation (`upload_body_bytes_max`); a longer one is not even read.
inline constexpr std::size_t kBodyBytesMax = 524'288;

/// Brings each request to its operation.
class Router {
 public:
  /// `requests_per_s`: of one terminal, and of all that have no certificate together.
  Router(Cloud& cloud, int requests_per_s) : cloud_(cloud), requests_per_s_(requests_per_s) {}

  void add(Operation operation) { operations_.push_back(std::move(operation)); }

  [[nodiscard]] HttpAnswer answer(const HttpRequest& request);

 private:
  struct Allowance {
    double requests = 0;
    std::chrono::steady_clock::time_point at{};
  };

  [[nodiscard]] core::Result<HttpAnswer> answer_locked(const Operation& operation, const HttpRequest& request,
                                                       Lock& lock);
  [[nodiscard]] bool within_rate(const std::string& terminal);

  Cloud& cloud_;
  int requests_per_s_;
  std::vector<Operation> operations_;
  std::map<std::string, Allowance> allowances_;
};

}  // namespace tillkit::sandbox
