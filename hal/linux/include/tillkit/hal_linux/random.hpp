// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/random.hpp"

namespace tillkit::hal_linux {

/// `hal::Random` from the kernel (getrandom). Blocks after power-up until the kernel has gathered enough, then never.
class Random final : public hal::Random {
 private:
  [[nodiscard]] core::Result<> do_fill(std::span<std::byte> out) override;
};

}  // namespace tillkit::hal_linux
