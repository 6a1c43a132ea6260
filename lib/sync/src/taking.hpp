// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "tillkit/cloud/news.hpp"
#include "tillkit/cloud/upload.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/members/profile.hpp"
#include "tillkit/sync/copies.hpp"
#include "tillkit/sync/sync.hpp"

namespace tillkit::sync {

// --- up ---

struct Batch {
  std::string body{};
  std::int64_t first = 0;
  std::int64_t last = 0;          ///< below `first`: no records
  bool full = false;              ///< there are more below the head
  std::int64_t too_personal = 0;  ///< records whose personal values no body can hold: they stay here
};

/// Records from `from` up to the head's, as many as fit.
[[nodiscard]] core::Result<Batch> make_batch(const journal::Journal& journal, const journal::SignedHead& head,
                                             std::int64_t from, std::size_t bytes);

// --- down ---

/// Whether a change may come in this feed.
[[nodiscard]] bool belongs_to(cloud::Feed feed, const cloud::Change& change);

/// Takes a decision into the journal. What this terminal cannot take is recorded as refused, and that is a success; an
/// error is the storage's.
[[nodiscard]] core::Result<> take_decision(journal::Tx& tx, const cloud::Change& change,
                                           const journal::JournalId& journal, SyncHost& host);
/// Tries again what was recalled. What is still held stays.
[[nodiscard]] core::Result<> give_back(journal::Tx& tx, SyncHost& host);

/// Puts a copy into the cache. False: it cannot be kept, and was passed over.
[[nodiscard]] core::Result<bool> take_copy(journal::CacheTx& tx, const cloud::Change& change,
                                           const core::WallReading& as_of, CopySink* sink);

/// A coupon as members have it.
[[nodiscard]] core::Result<members::HeldCoupon> held_coupon(const cloud::Coupon& coupon);

/// An id of one module as another's; an empty one stays empty. - InvalidArgument: too long there.
template <class Id, class Other>
[[nodiscard]] core::Result<Id> same_id(const Other& id) {
  if (id.empty()) return Id{};
  return Id::parse(id.view());
}

}  // namespace tillkit::sync
