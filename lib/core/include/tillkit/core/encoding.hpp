// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::core {

// Each decoder takes exactly what its encoder can write (hex: in either case), so that one value has one text.
// All fail with `InvalidArgument` and the byte offset of the first character that is wrong; a text that stops too
// early fails at its end.

/// Writes two lower-case digits per byte.
[[nodiscard]] std::string encode_hex(ByteView bytes);
/// Reads two digits per byte, lower or upper case.
[[nodiscard]] Result<Bytes> decode_hex(std::string_view text);

/// RFC 4648 section 4: `+` and `/`, padded with `=`. Line breaks and bits set behind the last byte are refused.
[[nodiscard]] std::string encode_base64(ByteView bytes);
[[nodiscard]] Result<Bytes> decode_base64(std::string_view text);

/// RFC 4648 section 5 without padding, as in JSON Web Signatures: `-` and `_`. As strict.
[[nodiscard]] std::string encode_base64url(ByteView bytes);
[[nodiscard]] Result<Bytes> decode_base64url(std::string_view text);

}  // namespace tillkit::core
