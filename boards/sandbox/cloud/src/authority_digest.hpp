// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Small cryptography of the sandbox's programs, from OpenSSL. Callable from any thread.
namespace tillkit::sandbox {

/// `count` random bytes, as a text of bytes.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// 32 bytes, as a text of bytes.
[[nodiscard]] std::string sha256(std::string_view message);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view message);

}  // namespace tillkit::sandbox
