// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tillkit::sandbox {

/// Whether `signature` (r and s, 64 bytes) over `message` was made with the private half of `public_key` (65 bytes), by
/// OpenSSL: devices sign with mbedTLS.
[[nodiscard]] bool is_signed_es256(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace tillkit::sandbox
