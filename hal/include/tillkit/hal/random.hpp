// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// Random bytes fit for keys.
///
/// A driver MUST be cryptographically secure and seeded before it answers; it may block for that once after power-up,
/// never later. (The virtual one repeats by its seed and is for tests and simulation only.)
class Random {
 public:
  virtual ~Random() = default;

  /// Fills all of `out`.
  /// - Unavailable: the source failed. `out` is zeroed: nothing of it may be used.
  [[nodiscard]] core::Result<> fill(std::span<std::byte> out) { return do_fill(out); }

 private:
  [[nodiscard]] virtual core::Result<> do_fill(std::span<std::byte> out) = 0;
};

}  // namespace tillkit::hal
