// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// Counts the bytes of the well-formed UTF-8 sequence at the start of `text` (Unicode, table 3-7): 1 to 4, or 0 where
/// there is none. Overlong forms, surrogates and numbers above U+10FFFF are not well-formed.
[[nodiscard]] std::size_t utf8_sequence_bytes(std::string_view text);

/// Passes well-formed UTF-8, or fails with `InvalidArgument` and the offset of the first sequence that is not.
[[nodiscard]] Result<> check_utf8(std::string_view text);

}  // namespace tillkit::core
