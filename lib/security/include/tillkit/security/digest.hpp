// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::security {

inline constexpr std::size_t kSha256Bytes = 32;
using Sha256 = std::array<std::byte, kSha256Bytes>;

/// The SHA-256 of these bytes. Needs no key, no random numbers and no `Crypto`: any program may call it at any time.
/// - Unavailable: no memory.
[[nodiscard]] core::Result<Sha256> sha256(core::ByteView bytes);

}  // namespace tillkit::security
