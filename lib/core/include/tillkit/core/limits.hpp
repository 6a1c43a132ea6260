// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tillkit::core {

/// A limit that is compiled in, as `tillctl version --json` lists it. The texts are literals and live for ever.
struct NamedLimit {
  std::string_view name;
  std::int64_t value;
  std::string_view unit;
};

/// The limits of this module.
[[nodiscard]] std::span<const NamedLimit> core_limits();

}  // namespace tillkit::core
