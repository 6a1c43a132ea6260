// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/table_set.hpp"
#include "tillkit/ledger/lease.hpp"
#include "tillkit/offers/model.hpp"

/// What is leased, reserved and drawn here, as the records add up to it.
namespace tillkit::ledger {

/// Hand it to `journal::Journal::open`.
extern const journal::TableSet kLedgerTables;

/// Made as order numbers are: never given twice.
using RequestKey = core::OrderNumber;

/// A lease that was asked for, and nobody knows yet whether it was granted.
struct LeaseRequest {
  RequestKey key{};
  Unit unit = Unit::Points;
  Owner of{};
  std::int64_t amount = 0;
};

/// What a sale has set apart.
struct Reservation {
  Unit unit = Unit::Points;
  Owner of{};
  std::int64_t settles_minor = 0;  ///< of the price; 0: it covers a discount
  std::vector<Hold> holds{};
  std::optional<std::uint64_t> draw{};  ///< the number of its draw

  /// All holds together, in the unit.
  [[nodiscard]] std::int64_t amount() const {
    std::int64_t sum = 0;
    for (const Hold& hold : holds)
      sum += hold.amount;
    return sum;
  }

  friend bool operator==(const Reservation&, const Reservation&) = default;
};

[[nodiscard]] core::Result<std::vector<Lease>> leases(const journal::Tables& tables);
/// By id; of one owner. `Risk` has an empty one.
[[nodiscard]] core::Result<std::vector<Lease>> leases_of(const journal::Tables& tables, Unit unit, const Owner& of);
[[nodiscard]] core::Result<std::optional<Lease>> find_lease(const journal::Tables& tables, const LeaseId& lease);
/// Those whose time is over and of which no sale has reserved: to be given back (`return_lease`).
[[nodiscard]] core::Result<std::vector<LeaseId>> leases_over(const journal::Tables& tables, core::WallTime now,
                                                             std::size_t at_most);
/// In the order in which they were asked for.
[[nodiscard]] core::Result<std::vector<LeaseRequest>> open_requests(const journal::Tables& tables);
/// In the order in which they were reserved; none once it is taken or released.
[[nodiscard]] core::Result<std::vector<Reservation>> reserved_for(const journal::Tables& tables, journal::SaleId sale);

/// What may be spent now: of leases and lots that are not over. 0 while the time is not known: nobody can say then
/// whether they are.
[[nodiscard]] core::Result<std::int64_t> available(const journal::Tables& tables, Unit unit, const Owner& of,
                                                   const core::WallReading& now);

/// The next draw of an offer here: the lowest number that no sale has reserved or taken. The same until one does.
[[nodiscard]] core::Result<std::uint64_t> next_draw(const journal::Tables& tables, const offers::OfferId& offer);

}  // namespace tillkit::ledger
