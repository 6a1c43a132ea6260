// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tillkit::cloud {

/// One answer of the cloud, as it came over HTTP. The texts are the caller's; a header that was not there is empty.
struct Reply {
  int status = 0;
  std::string_view content_type;
  std::string_view retry_after;
  std::string_view body;
};

/// When the cloud wants the next request about the same order, from the answer on. None where it does not say, where
/// it may not say (only 429 and 503 do), or where what it says is no number of seconds from 1 to `kRetryAfterMax`.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const Reply& reply);

}  // namespace tillkit::cloud
