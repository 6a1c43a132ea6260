// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace tillkit::sandbox {

/// What one command may print.
inline constexpr std::size_t kCommandBytesMax = 1024 * 1024;

/// Runs `command` in a shell and gives back what it printed; nothing where it printed more than `kCommandBytesMax`, or
/// took longer than `limit`: then it is killed.
[[nodiscard]] std::string run_command(const std::string& command, std::chrono::milliseconds limit);

/// Sends `line` to the Unix socket at `path` and reads lines until one that holds `"done":` or `"error":`; nothing
/// where nobody answers within `limit`, or more than `kCommandBytesMax`.
[[nodiscard]] std::string ask_socket(const std::string& path, const std::string& line, std::chrono::milliseconds limit);

}  // namespace tillkit::sandbox
