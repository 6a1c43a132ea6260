// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tillctl {

/// Reads a file, or standard input for `-`. Nothing if it cannot be read or has more than `bytes_max` bytes; standard
/// error then says which, after `command`.
std::optional<std::string> read_file(std::string_view command, std::string_view path, std::size_t bytes_max);

/// Says on standard error what could not be done, and returns `kFailed`.
int failed(std::string_view command, std::string_view what);

}  // namespace tillctl
