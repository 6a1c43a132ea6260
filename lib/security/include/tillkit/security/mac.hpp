// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/security/digest.hpp"
#include "tillkit/security/held_key.hpp"

namespace tillkit::security {

/// A key for HMAC-SHA-256, held inside PSA for as long as this object lives. `Crypto` makes it and must outlive it.
class MacKey {
 public:
  /// The whole HMAC-SHA-256 (RFC 2104) of these bytes. Who keeps less than 32 bytes of it keeps the first.
  [[nodiscard]] core::Result<Sha256> mac(core::ByteView message) const;

 private:
  friend class Crypto;
  explicit MacKey(HeldKey key) : key_(std::move(key)) {}
  HeldKey key_;
};

/// A value that can be looked up without being readable: the first 64 bits of HMAC under a key of the merchant. The
/// same value has the same index on all terminals of one merchant.
using BlindIndex = core::StrongId<struct BlindIndexTag, std::int64_t>;

/// The index of `value` within `field` ('phone', 'card'): the same digits in two fields have two indexes. Whoever calls
/// brings the value into its one form first (spaces, country code).
[[nodiscard]] core::Result<BlindIndex> blind_index(const MacKey& merchant_key, std::string_view field,
                                                   core::ByteView value);

}  // namespace tillkit::security
