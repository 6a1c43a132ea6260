// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/cache.hpp"

namespace tillkit::sync {

/// So many rows of a step's limit may one copy take. A step of the cache takes copies as long as so many are left.
inline constexpr std::int64_t kCopyRowsMax = 70;
static_assert(kCopyRowsMax <= journal::kCacheRowsPerStepMax);

/// Whoever keeps copies that members do not: items and rule sets. Each call changes replica tables of its own in the
/// step that it is given, takes at most `kCopyRowsMax` rows of it, and must mean the same when it comes twice.
///
/// InvalidArgument, Exhausted, Unsupported: this one cannot be kept; it is counted and passed over, and the copy that
/// was there before stays. Any other error takes the step back, and the page is asked for again.
class CopySink {
 public:
  virtual ~CopySink() = default;

  /// A JSON object, of lib/catalog's catalog.schema.json; in place of the item of the same id.
  [[nodiscard]] virtual core::Result<> put_item(journal::CacheTx& tx, std::string_view item) = 0;
  [[nodiscard]] virtual core::Result<> remove_item(journal::CacheTx& tx, std::string_view id) = 0;
  /// A JSON object, of lib/offers's rules.schema.json; in place of the one before, from the next sale on.
  [[nodiscard]] virtual core::Result<> put_rule_set(journal::CacheTx& tx, std::string_view rule_set) = 0;
};

}  // namespace tillkit::sync
