// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tillkit::sandbox {

/// The QR code of a text as SVG: black squares on white with its quiet zone, one unit a module, sharp at every size.
/// None: nothing, or more than one code holds.
[[nodiscard]] std::optional<std::string> qr_svg(std::string_view text);

}  // namespace tillkit::sandbox
