// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/limits.hpp"

#include <array>

#include "tillkit/core/allocate.hpp"
#include "tillkit/core/calendar.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/quantity.hpp"

namespace tillkit::core {
namespace {

constexpr JsonLimits kJson;

constexpr auto number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

// clang-format off
constexpr std::array kLimits{
    NamedLimit{"core.allocation_lines_max",     number(kAllocationLinesMax),    "lines"},
    NamedLimit{"core.allocation_weight_max",    kAllocationWeightMax,           "units"},
    NamedLimit{"core.currencies",               number(kCurrencyRows.size() - 1), "currencies"},
    NamedLimit{"core.grams_max",                kGramsMax,                      "grams"},
    NamedLimit{"core.json_bytes_ceiling",       number(kJsonBytesCeiling),      "bytes"},
    NamedLimit{"core.json_bytes_max",           number(kJson.bytes_max),        "bytes"},
    NamedLimit{"core.json_depth_ceiling",       number(kJsonDepthCeiling),      "levels"},
    NamedLimit{"core.json_depth_max",           number(kJson.depth_max),        "levels"},
    NamedLimit{"core.json_members_max",         number(kJson.members_max),      "members"},
    NamedLimit{"core.json_number_bytes_max",    number(kJsonNumberBytesMax),    "bytes"},
    NamedLimit{"core.json_string_bytes_max",    number(kJson.string_bytes_max), "bytes"},
    NamedLimit{"core.json_values_max",          number(kJson.values_max),       "values"},
    NamedLimit{"core.pieces_max",               kPiecesMax,                     "pieces"},
    NamedLimit{"core.utc_offset_max",           kUtcOffsetMax.count(),          "minutes"},
};
// clang-format on

}  // namespace

std::span<const NamedLimit> core_limits() {
  return kLimits;
}

}  // namespace tillkit::core
