// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tillkit/core/json.hpp"
#include "tillkit/journal/report.hpp"

/// Members of a technician's answer, as a person reads them. One that is missing is empty, 0 or false.
namespace tillctl {

// As an exported record may be.
inline constexpr tillkit::core::JsonLimits kLineLimits{.bytes_max = tillkit::journal::kExportLineBytesMax,
                                                       .string_bytes_max = 2 * tillkit::journal::kBodyBytesMax};

std::string text_of(const tillkit::core::JsonValue& object, std::string_view name);
std::int64_t number_of(const tillkit::core::JsonValue& object, std::string_view name);
bool is_set(const tillkit::core::JsonValue& object, std::string_view name);

/// `1 record`, `2 records`
std::string count(std::int64_t number, std::string_view what);
/// `2026-11-21 08:05:30`, with a mark where the clock was not sure.
std::string time_of(const tillkit::core::JsonValue& record);
/// `12.50 CNY`
std::string money_of(const tillkit::core::JsonValue& money);
std::string money_of(const tillkit::core::JsonValue& object, std::string_view name);
/// `35 s`, `12 min`, `3 h 20 min`, `5 d 2 h`; `?` where nobody knows.
std::string age_of(const tillkit::core::JsonValue& object, std::string_view name);

}  // namespace tillctl
