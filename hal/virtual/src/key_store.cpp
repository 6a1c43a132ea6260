// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/key_store.hpp"

#include <random>
#include <vector>

namespace tillkit::hal_virtual {

core::Result<> VirtualKeyStore::reach() {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  return {};
}

core::Result<> VirtualKeyStore::do_derive_key(std::string_view label, std::span<std::byte, hal::kDerivedKeyBytes> key) {
  TILLKIT_TRY_VOID(reach());
  // No cryptography: a seed and a label that repeat and do not collide by accident are all that a test needs.
  std::vector<std::uint32_t> seed{static_cast<std::uint32_t>(device_seed_),
                                  static_cast<std::uint32_t>(device_seed_ >> 32U)};
  for (const char c : label)
    seed.push_back(static_cast<unsigned char>(c));
  std::seed_seq mixed(seed.begin(), seed.end());
  std::mt19937_64 generator(mixed);
  for (auto& byte : key)
    byte = static_cast<std::byte>(generator() >> 56U);
  return {};
}

core::Result<core::Bytes> VirtualKeyStore::do_read(hal::BlobId blob) {
  TILLKIT_TRY_VOID(reach());
  if (damaged_.contains(blob)) return core::fail(core::ErrorCode::Corrupt);
  const auto found = blobs_.find(blob);
  if (found == blobs_.end()) return core::fail(core::ErrorCode::NotFound);
  return found->second;
}

core::Result<> VirtualKeyStore::do_write(hal::BlobId blob, std::span<const std::byte> bytes) {
  TILLKIT_TRY_VOID(reach());
  if (!blobs_.contains(blob) && blobs_.size() >= hal::kKeyStoreBlobsMax) return core::fail(core::ErrorCode::Exhausted);
  if (!world().power().step()) return core::fail(core::ErrorCode::Unavailable);
  blobs_.insert_or_assign(blob, core::Bytes(bytes.begin(), bytes.end()));
  damaged_.erase(blob);
  world().power().step();  // a caller without power learns nothing, whatever is returned
  return {};
}

core::Result<> VirtualKeyStore::do_erase(hal::BlobId blob) {
  TILLKIT_TRY_VOID(reach());
  if (!blobs_.contains(blob)) return core::fail(core::ErrorCode::NotFound);
  if (!world().power().step()) return core::fail(core::ErrorCode::Unavailable);
  blobs_.erase(blob);
  damaged_.erase(blob);
  world().power().step();
  return {};
}

core::Result<std::uint64_t> VirtualKeyStore::do_counter() {
  TILLKIT_TRY_VOID(reach());
  return counter_;
}

core::Result<std::uint64_t> VirtualKeyStore::do_advance_counter() {
  const auto reached = reach();
  if (!reached && reached.error().code != core::ErrorCode::Timeout) return std::unexpected(reached.error());
  if (!world().power().step()) return core::fail(core::ErrorCode::Unavailable);
  ++counter_;
  world().power().step();
  if (!reached) return std::unexpected(reached.error());
  return counter_;
}

}  // namespace tillkit::hal_virtual
