// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"

namespace tillkit::sandbox {

/// Makes the folder, for its owner alone, if it is not there.
[[nodiscard]] core::Result<> make_folder(const std::string& path);

/// The whole file, or none where there is none.
[[nodiscard]] core::Result<std::optional<std::string>> read_file(const std::string& path);

/// Writes the file for its owner alone (0600). After a power cut it is there whole, or as it was before.
[[nodiscard]] core::Result<> write_file(const std::string& path, std::string_view content);

}  // namespace tillkit::sandbox
