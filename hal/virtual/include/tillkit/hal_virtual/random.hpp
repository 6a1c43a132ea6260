// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/random.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"

namespace tillkit::hal_virtual {

/// Random bytes that repeat by their seed: for tests and simulation, never for keys. A power cut does not make it begin
/// again.
class VirtualRandom final : public hal::Random {
 public:
  explicit VirtualRandom(std::uint64_t seed) : generator_(seed) {}

  FaultPlan& faults() { return faults_; }

 private:
  [[nodiscard]] core::Result<> do_fill(std::span<std::byte> out) override;

  FaultPlan faults_;
  std::mt19937_64 generator_;
};

}  // namespace tillkit::hal_virtual
