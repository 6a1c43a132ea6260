// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace tillkit::sandbox {

/// A file of boards/sandbox/page, built in.
struct PageFile {
  std::string_view path;
  std::string_view content_type;
  std::string_view content;
};

[[nodiscard]] std::span<const PageFile> page_files();

}  // namespace tillkit::sandbox
