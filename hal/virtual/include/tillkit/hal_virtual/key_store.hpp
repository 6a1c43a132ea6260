// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string_view>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// A key store that keeps its blobs and its counter through power cuts.
class VirtualKeyStore final : public hal::KeyStore, private Part {
 public:
  /// Another `device_seed` is another device.
  VirtualKeyStore(World& world, std::uint64_t device_seed) : Part(world), device_seed_(device_seed) {}

  /// Counts and fails all calls together. A planned `Timeout` of `advance_counter` comes after the counter rose.
  FaultPlan& faults() { return faults_; }

  /// The medium cannot give this blob back any more, until it is written or erased.
  void damage(hal::BlobId blob) { damaged_.insert(blob); }

  /// What lies there, as whoever copies the medium would see it.
  [[nodiscard]] const std::map<hal::BlobId, core::Bytes>& blobs() const { return blobs_; }
  /// Puts an older copy of the medium back. The counter does not fall.
  void put_back(std::map<hal::BlobId, core::Bytes> blobs) { blobs_ = std::move(blobs); }

 private:
  [[nodiscard]] core::Result<> do_derive_key(std::string_view label,
                                             std::span<std::byte, hal::kDerivedKeyBytes> key) override;
  [[nodiscard]] core::Result<core::Bytes> do_read(hal::BlobId blob) override;
  [[nodiscard]] core::Result<> do_write(hal::BlobId blob, std::span<const std::byte> bytes) override;
  [[nodiscard]] core::Result<> do_erase(hal::BlobId blob) override;
  [[nodiscard]] core::Result<std::uint64_t> do_counter() override;
  [[nodiscard]] core::Result<std::uint64_t> do_advance_counter() override;

  /// Fails while the power is off, or as planned.
  [[nodiscard]] core::Result<> reach();

  std::uint64_t device_seed_;
  FaultPlan faults_;
  std::map<hal::BlobId, core::Bytes> blobs_;
  std::set<hal::BlobId> damaged_;
  std::uint64_t counter_ = 0;
};

}  // namespace tillkit::hal_virtual
