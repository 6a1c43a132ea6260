// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tillkit/receipt/layout.hpp"

namespace tillkit::receipt::detail {

/// Appends what `printable` made of a text as GB 18030; a character that the font lacks all the same is left out.
void append_gb18030(std::string& bytes, std::string_view drawable, PaperFont font);

}  // namespace tillkit::receipt::detail
