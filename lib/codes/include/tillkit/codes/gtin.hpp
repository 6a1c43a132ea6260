// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tillkit/core/id.hpp"

namespace tillkit::codes {

/// The number of a trade item in its one canonical form, 14 digits with zeros in front, whatever barcode it came from.
using Gtin = core::TextId<struct GtinTag, 14, core::is_digit_char>;

/// Computes the GS1 check digit that follows `digits` (weights 3 and 1 from the right, modulo 10), as a character.
/// Digits only.
[[nodiscard]] char gs1_check_digit(std::string_view digits);

/// Whether the last of `digits` is the check digit of those before. Digits only, two at least.
[[nodiscard]] bool has_gs1_check_digit(std::string_view digits);

/// Computes the verifier that in-store labels carry in front of a 4- or 5-digit price (GS1 General Specifications
/// section 7.9). Nothing for another length. Digits only.
[[nodiscard]] std::optional<char> price_check_digit(std::string_view price_digits);

/// Puts zeros in front of 8, 12, 13 or 14 digits. Nothing for another length, other characters or a wrong check digit.
[[nodiscard]] std::optional<Gtin> make_gtin(std::string_view digits);

/// Undoes the zero suppression of an 8-digit UPC-E (number system 0 or 1, six digits, check digit). Nothing where the
/// digits are no UPC-E or the check digit is not that of the UPC-A.
[[nodiscard]] std::optional<Gtin> expand_upc_e(std::string_view digits);

}  // namespace tillkit::codes
