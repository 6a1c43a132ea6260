// SPDX-License-Identifier: Apache-2.0
#include "tillkit/journal/head.hpp"

#include <string_view>

#include "big_endian.hpp"

namespace tillkit::journal {

core::Bytes signed_bytes(const SignedHead& head) {
  constexpr std::string_view kForm("tillkit journal head 1\0", 23);
  BigEndian out;
  out.raw(core::as_bytes(kForm)).raw(head.journal.bytes).number(head.seq.value()).raw(head.chain).number(head.counter);
  return out.take();
}

core::Result<> verify_head(const SignedHead& head,
                           std::span<const std::byte, security::kP256PublicKeyBytes> public_key) {
  return security::verify_es256(public_key, signed_bytes(head), head.signature);
}

}  // namespace tillkit::journal
