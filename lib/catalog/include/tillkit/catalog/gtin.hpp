// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tillkit::catalog {

/// Whether the code has the length of a GTIN (8, 12, 13 or 14 characters) and digits only.
[[nodiscard]] bool has_gtin_form(std::string_view code);

/// The number that a GTIN is, whatever its length: a UPC-A of 12 digits, the EAN-13 with a 0 before it and the GTIN-14
/// with two are one. Nothing if it has not the form of a GTIN, or its check digit is wrong (GS1 General
/// Specifications, 7.9), or all of it is zeros.
[[nodiscard]] std::optional<std::uint64_t> gtin_number(std::string_view code);

}  // namespace tillkit::catalog
