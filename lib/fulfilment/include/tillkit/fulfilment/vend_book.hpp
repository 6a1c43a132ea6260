// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/report.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/table_set.hpp"
#include "tillkit/journal/tx.hpp"

/// The journal's side of hand-overs: what is intended and not over.
namespace tillkit::fulfilment {

/// Hand it to `journal::Journal::open`. Tables: `vends`, `slots`.
extern const journal::TableSet kFulfilmentTables;

/// A hand-over that is not over. Every one is `Intended`: `Unknown` is not stored.
struct Vend {
  journal::SaleId sale{};
  Handover handover{};

  friend bool operator==(const Vend&, const Vend&) = default;
};

/// How one ended.
struct VendEnd {
  HandoverState state = HandoverState::HandedOver;
  HandoverReport report{};
  /// What became of units of which nobody will ever know. None: every unit was seen.
  std::optional<UnknownGoods> choice{};

  friend bool operator==(const VendEnd&, const VendEnd&) = default;
};

/// The id of a sale's hand-over: also a cabinet that lives through a new journal never hears one twice.
[[nodiscard]] HandoverId handover_id(const journal::JournalId& journal, journal::SaleId sale);

[[nodiscard]] core::Result<std::vector<Vend>> vends(const journal::Tables& tables);
/// None: it is over, or never was.
[[nodiscard]] core::Result<std::optional<Vend>> find_vend(const journal::Tables& tables, journal::SaleId sale);

/// Whether the journal can name this hand-over; asked before money is taken.
/// - Exhausted: more than `kVendUnitsMax` units.
[[nodiscard]] core::Result<> check_vend(const Handover& handover);

/// Records the intent: once it is durable, `Fulfilment::start`.
/// - as `check_vend`; InvalidArgument: no sale, or no goods. Nothing was recorded.
[[nodiscard]] core::Result<> intend_vend(journal::Tx& tx, journal::SaleId sale, const Handover& handover);
/// Records that the machine has the approval.
/// - FailedPrecondition: there is no such hand-over, or it had it. Nothing was recorded.
[[nodiscard]] core::Result<> release_vend(journal::Tx& tx, journal::SaleId sale);
/// Records the end. In the same commit slots have less of what came out, or may have; jammed ones are blocked, and
/// those that gave nothing count as empty.
/// - FailedPrecondition: there is no such hand-over. - InvalidArgument: `state` is not final, a report of other units,
///   or a choice where every unit was seen, or none where one was not. Nothing was recorded.
[[nodiscard]] core::Result<> end_vend(journal::Tx& tx, journal::SaleId sale, const VendEnd& end);

/// Reads the body of a `vend_ended`. - Corrupt, or as reading JSON: it is none.
[[nodiscard]] core::Result<VendEnd> read_vend_ended(std::string_view body);

}  // namespace tillkit::fulfilment
