// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "tillkit/core/id.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::cloud {

/// A number or name that nothing goes without.
[[nodiscard]] inline core::Result<> write_id(core::JsonWriter& json, std::string_view name, std::string_view id) {
  if (id.empty()) return core::fail(core::ErrorCode::InvalidArgument);
  json.name(name).text(id);
  return {};
}

[[nodiscard]] inline core::Result<> write_integer_in(core::JsonWriter& json, std::string_view name, std::int64_t value,
                                                     std::int64_t min, std::int64_t max) {
  if (value < min || value > max) return core::fail(core::ErrorCode::OutOfRange);
  json.name(name).integer(value);
  return {};
}

[[nodiscard]] inline core::Result<> write_firmware(core::JsonWriter& json, std::string_view firmware) {
  constexpr std::size_t kCharactersMax = 64;
  const auto allowed = [](char c) { return core::is_id_char(c) || c == '+'; };
  if (firmware.empty() || firmware.size() > kCharactersMax || !std::ranges::all_of(firmware, allowed))
    return core::fail(core::ErrorCode::InvalidArgument);
  json.name("firmware").text(firmware);
  return {};
}

}  // namespace tillkit::cloud
