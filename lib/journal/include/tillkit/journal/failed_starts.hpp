// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/key_store.hpp"

namespace tillkit::journal {

/// So many starts in a row may fail; the next one is in safe mode.
inline constexpr std::uint32_t kFailedStartsMax = 3;

/// Counts starts that never got to work. The count lies in the key store and not in `till.db`, so that a file that
/// makes a start fail, or cannot even be opened, does not keep it from being counted.
class FailedStarts {
 public:
  /// `store` must outlive it.
  explicit FailedStarts(hal::KeyStore& store) : store_(store) {}

  /// So many starts since the last success were begun. A damaged count is 0: it alone must not stop a terminal.
  /// - Unavailable: the key store cannot be reached now.
  [[nodiscard]] core::Result<std::uint32_t> count();

  /// Counts a start as failed until `succeeded` says otherwise; durable when it returns. Returns the count before.
  [[nodiscard]] core::Result<std::uint32_t> begin();

  /// This start works: the count is 0. Durable when it returns; does nothing where it is 0 already.
  [[nodiscard]] core::Result<> succeeded();

  /// Somebody has seen to what made starts fail: of a count that means safe mode, 1 is left. So the next start may
  /// sell, and still does what one after a failed start does. Durable when it returns. Returns the count before; one
  /// that does not mean safe mode stays.
  [[nodiscard]] core::Result<std::uint32_t> try_again();

 private:
  hal::KeyStore& store_;
};

}  // namespace tillkit::journal
