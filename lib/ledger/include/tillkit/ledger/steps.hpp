// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/ledger/lease.hpp"
#include "tillkit/ledger/tables.hpp"

/// The ledger's steps in somebody's transaction: each writes the records of what changed, and neither commits nor acts.
/// All fail as `journal::Tx::append` too.
namespace tillkit::ledger {

/// Names a lease that the cloud is to be asked for, before it is.
/// - Exhausted: `kRequestsOpenMax` are open. - OutOfRange: the amount. - InvalidArgument: a unit with the wrong kind of
///   owner. - Unavailable: no random numbers now.
[[nodiscard]] core::Result<LeaseRequest> request_lease(journal::Tx& tx, const journal::TerminalName& terminal,
                                                       Unit unit, const Owner& of, std::int64_t amount);
/// The cloud granted a lease: answering a request, or by itself (`request` empty). A lease that is here, or was, is not
/// placed again: nothing is appended but the request's end. That holds for a lease, too, whose `until` lies so far back
/// that nobody here knows any more whether it was placed.
/// - InvalidArgument: it does not add up, has no id, or answers another request than this one. - OutOfRange: an amount.
/// - Exhausted: `kLeasesMax`, or `kLotsPerLeaseMax`. - NotFound: there is no such request. Nothing was appended.
[[nodiscard]] core::Result<> place_lease(journal::Tx& tx, const LeaseGrant& grant, const RequestKey& request = {});
/// The cloud grants none. - NotFound: there is no such request. Nothing was appended.
[[nodiscard]] core::Result<> refuse_lease(journal::Tx& tx, const RequestKey& request);
/// Gives the rest of a lease back to its owner. One that is used up is over by itself and not held any more.
/// - NotFound: it is not held here. - FailedPrecondition: a sale has reserved of it. Nothing was appended.
[[nodiscard]] core::Result<> return_lease(journal::Tx& tx, const LeaseId& lease);

/// Chooses what to spend: of the leases and lots that are not over, the lot that expires first first; then the lease
/// that ends first; then by id.
/// - Exhausted: there is not as much, or not in `kHoldsPerSaleMax` pieces. - OutOfRange: the amount is below 1.
/// - FailedPrecondition: the time is not known.
[[nodiscard]] core::Result<std::vector<Hold>> choose_holds(const journal::Tables& tables, Unit unit, const Owner& of,
                                                           std::int64_t amount, const core::WallReading& now);

/// Sets apart for a sale. Looks at what is left, not at the time: that did `choose_holds`.
/// - Exhausted: a lease has not as much left, `kReservationsPerSaleMax`, or `kHoldsPerSaleMax`.
/// - NotFound: a lease or lot is not held here.
/// - InvalidArgument: no sale, a hold of another unit or owner, none at all, an amount below 1, or a draw that is not
///   the offer's next one. Nothing was appended.
[[nodiscard]] core::Result<> reserve(journal::Tx& tx, journal::SaleId sale, const Reservation& reservation);
/// Spends all that is reserved for a sale. Where nothing is, nothing is appended.
[[nodiscard]] core::Result<> take(journal::Tx& tx, journal::SaleId sale);
/// Frees all that is reserved for a sale; its draws are given to the next ones. Where nothing is, nothing is appended.
[[nodiscard]] core::Result<> release(journal::Tx& tx, journal::SaleId sale);

/// Gives back what `sold` took: see `choose_give_back`. Whether as much was taken and not given back yet, the history
/// of `sold` says; nobody checks it here. A part that settles less than a point is worth has no holds.
/// - InvalidArgument: no sale, nothing at all, an amount that is none. - Exhausted: `kHoldsPerSaleMax`.
[[nodiscard]] core::Result<> give_back(journal::Tx& tx, journal::SaleId sale, journal::SaleId sold,
                                       const Reservation& part);

/// Why points are earned. Stored in records; never renumber.
enum class EarnWhy : std::uint8_t {
  Goods = 1,  ///< by the earning rule, for the net of the goods
  Grant = 2,  ///< an offer's own points
};

/// A member earns points. - OutOfRange: none, or above `kLeaseAmountMax`. - InvalidArgument: no sale, member or reason.
[[nodiscard]] core::Result<> earn(journal::Tx& tx, journal::SaleId sale, const Owner& member, std::int64_t points,
                                  EarnWhy why);
/// A refund takes back what `sold` earned. Errors as `earn`.
[[nodiscard]] core::Result<> take_back(journal::Tx& tx, journal::SaleId sale, journal::SaleId sold, const Owner& member,
                                       std::int64_t points);

}  // namespace tillkit::ledger
