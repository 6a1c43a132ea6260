// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/payment_world.hpp"

namespace tillkit::payment {

using test::PaymentWorld;
using Told = std::vector<std::string>;

template <class T>
bool failed_with(const core::Result<T>& result, core::ErrorCode code) {
  return !result.has_value() && result.error().code == code;
}

/// A terminal that is up, with what its day costs counted from here.
struct Shop : test::Disk, test::PaymentWorld {
  explicit Shop(const hal_virtual::VirtualClockSettings& at = {}) : PaymentWorld(static_cast<test::Disk&>(*this), at) {
    REQUIRE(start());
    begin_counting();
  }

  void begin_counting() {
    commits_before_ = commits();
    flushes_before_ = flushes();
  }
  [[nodiscard]] std::uint64_t cost() const {
    CHECK(flushes() - flushes_before_ == commits() - commits_before_);  // one flush per commit, and no other
    return commits() - commits_before_;
  }
  /// What a start costs is not the attempts'.
  void restart() {
    const auto commits_then = commits();
    const auto flushes_then = flushes();
    stop();
    REQUIRE(start());
    commits_before_ += commits() - commits_then;
    flushes_before_ += flushes() - flushes_then;
  }
  void agree() { CHECK(disagreement().empty()); }

 private:
  std::uint64_t commits_before_ = 0;
  std::uint64_t flushes_before_ = 0;
};

inline const core::Money kAll{PaymentWorld::kPrice, core::kCny};
inline const journal::Operator kTechnician = journal::Operator::parse("t-9").value();

/// What has left a row somewhere.
inline std::vector<Attempt> rows(PaymentWorld& world) {
  return attempts(world.journal().tables()).value();
}
inline std::vector<Refund> open_refunds(PaymentWorld& world) {
  return refunds(world.journal().tables()).value();
}

}  // namespace tillkit::payment
