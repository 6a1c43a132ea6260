// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "tillkit/core/error.hpp"

namespace tillkit::hal_virtual {

/// Decides which calls of a virtual device fail, and how. Each device has one and counts its calls with it.
///
/// What a planned `Timeout` does is what a real one may do at worst: the effect happens, its answer is lost. All other
/// planned errors happen instead of the effect.
template <class Fault>
class BasicFaultPlan {
 public:
  /// The `n`-th call from now fails, once; 1 is the next.
  void fail_call(std::uint64_t n, Fault fault) { single_.insert_or_assign(calls_ + n, std::move(fault)); }

  /// The `n`-th call from now and all after it fail, until `clear`.
  void fail_from(std::uint64_t n, Fault fault) { from_.emplace(calls_ + n, std::move(fault)); }

  void clear() {
    single_.clear();
    from_.reset();
  }

  /// So many calls were made.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

  /// Counts one call, and says whether it fails. For the devices.
  [[nodiscard]] std::optional<Fault> next_call() {
    ++calls_;
    if (auto planned = single_.extract(calls_)) return std::move(planned.mapped());
    if (from_ && calls_ >= from_->first) return from_->second;
    return std::nullopt;
  }

 private:
  std::uint64_t calls_ = 0;
  std::map<std::uint64_t, Fault> single_;
  std::optional<std::pair<std::uint64_t, Fault>> from_;
};

using FaultPlan = BasicFaultPlan<core::Error>;

}  // namespace tillkit::hal_virtual
