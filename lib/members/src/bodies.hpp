// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/members/tables.hpp"

namespace tillkit::members {

using core::enum_of;
using core::read_id;
using core::read_integer;
using core::read_optional_id;

inline constexpr std::size_t kRecogniseHows = 6;
inline constexpr std::size_t kCouponBys = 2;
inline constexpr std::size_t kNoticeWhats = 12;

inline std::int64_t milliseconds_of(core::WallTime at) {
  return at.time_since_epoch().count();
}

inline core::WallTime time_of(std::int64_t milliseconds) {
  return core::WallTime{std::chrono::milliseconds{milliseconds}};
}

/// A count of at least 1 that fits.
inline core::Result<std::uint32_t> read_count(const core::JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, body.member(name));
  TILLKIT_TRY(const std::int64_t count, value.integer_in(1, 0x7FFF'FFFF));
  return static_cast<std::uint32_t>(count);
}

/// `kind`, `index`: the index as decimal text, because not every reader of JSON has 64 bits.
void write_identity(core::JsonWriter& json, const Identity& identity);
core::Result<Identity> read_identity(const core::JsonValue& body);

void write_uses(core::JsonWriter& json, std::span<const CouponUse> uses);
core::Result<std::vector<CouponUse>> read_uses(const core::JsonValue& body);

}  // namespace tillkit::members
