// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/journal/record.hpp"

/// What points, value, budgets and leases leave in the journal. Bodies are JSON objects, all of version 1; a later
/// version adds members and never changes what these say. Units are the numbers of `Unit`, times milliseconds since
/// 1970. A hold is `lease`, `lot` ("" where there is none), `amount`. The record's sale is meant, unless it says
/// otherwise.
namespace tillkit::ledger {

/// The cloud is to be asked for a lease: `request` (its key), `unit`, `of`, `amount`. The answer is `lease_placed` or
/// `lease_refused`; after a restart the same request is asked again.
inline constexpr journal::Kind kLeaseRequested = journal::kind("ledger.lease_requested");
/// `lease`, `unit`, `of`, `amount`, `until`, `lots` (`lot`, `amount`, `expires`), `draw_key` (base64url, or ""),
/// `request` (or "").
inline constexpr journal::Kind kLeasePlaced = journal::kind("ledger.lease_placed");
/// `request`: it brought no lease, or one that was here before.
inline constexpr journal::Kind kLeaseRefused = journal::kind("ledger.lease_refused");
/// `lease`, `unit`, `of`, `unused` (goes back to the owner): nothing of it is spent here after this.
inline constexpr journal::Kind kLeaseReturned = journal::kind("ledger.lease_returned");

/// Set apart for a sale, until `taken` or `released`: `unit`, `of`, `settles` (minor units of the price that it pays;
/// 0: it pays nothing, it covers a discount), `holds`, `draw` (the number of the draw that it belongs to, or -1).
inline constexpr journal::Kind kReserved = journal::kind("ledger.reserved");
/// All that is reserved for the sale is spent. `parts`: what, as in `reserved`.
inline constexpr journal::Kind kTaken = journal::kind("ledger.taken");
/// All that is reserved for the sale is free again.
inline constexpr journal::Kind kReleased = journal::kind("ledger.released");
/// The record's sale gives back what `sale` took: `unit`, `of`, `settles`, `holds`; to the lots that it came from. Not
/// to the lease: what comes back is the owner's at once.
inline constexpr journal::Kind kGivenBack = journal::kind("ledger.given_back");

/// `of` (a member) gets `points`: `why` a `EarnWhy`.
inline constexpr journal::Kind kEarned = journal::kind("ledger.earned");
/// The record's sale takes back `points` of what `sale` earned for `of`. What is spent already becomes a debt there.
inline constexpr journal::Kind kTakenBack = journal::kind("ledger.taken_back");

}  // namespace tillkit::ledger
