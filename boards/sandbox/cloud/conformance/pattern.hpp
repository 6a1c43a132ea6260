// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tillkit::conformance {

/// Whether the whole text is what a regular expression of the contract describes: characters, classes, groups,
/// alternatives and counts, as its patterns use them. `std::regex` would unroll `{1,16000}`.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

}  // namespace tillkit::conformance
