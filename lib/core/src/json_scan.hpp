// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// Where the values and names of a JSON text start, in bytes, each in the order of the text.
struct JsonScan {
  std::vector<std::int32_t> values;
  std::vector<std::int32_t> names;
};

/// Passes exactly the texts that RFC 8259 defines, within the limits. Builds nothing; whether names repeat is not seen.
[[nodiscard]] Result<JsonScan> scan_json(std::string_view text, const JsonLimits& limits);

/// The characters at the start of `text` that make one JSON number; 0 where there is none.
[[nodiscard]] std::size_t json_number_bytes(std::string_view text);

}  // namespace tillkit::core
