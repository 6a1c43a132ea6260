// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/ledger/lease.hpp"
#include "tillkit/ledger/tables.hpp"

namespace tillkit::ledger {

using core::read_integer;
using core::read_optional_id;

inline constexpr std::int64_t kNoDraw = -1;

inline bool is_unit(Unit unit) {
  return unit >= Unit::Points && static_cast<std::size_t>(unit) <= kUnits;
}

/// Whether it comes from lots that expire.
inline bool has_lots(Unit unit) {
  return unit == Unit::Points || unit == Unit::Value;
}

inline bool is_amount(std::int64_t amount) {
  return amount >= 1 && amount <= kLeaseAmountMax;
}

/// A unit with its owner; the risk budget is nobody's.
inline bool is_account(Unit unit, const Owner& of) {
  return is_unit(unit) && of.empty() == (unit == Unit::Risk);
}

inline core::Result<std::int64_t> read_amount(const core::JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const std::int64_t amount, read_integer(body, name));
  if (!is_amount(amount)) return core::fail(core::ErrorCode::Corrupt);
  return amount;
}

inline core::Result<Unit> unit_of(std::int64_t number) {
  return core::enum_of<Unit>(number, kUnits);
}

inline core::Result<Unit> read_unit(const core::JsonValue& body) {
  TILLKIT_TRY(const std::int64_t number, read_integer(body, "unit"));
  return unit_of(number);
}

inline core::Result<std::vector<Hold>> read_holds(const core::JsonValue& body) {
  TILLKIT_TRY(const core::JsonValue member, body.member("holds"));
  TILLKIT_TRY(const core::JsonElements elements, member.elements());
  std::vector<Hold> holds;
  for (const core::JsonValue element : elements) {
    Hold hold;
    TILLKIT_TRY(hold.lease, read_optional_id<LeaseId>(element, "lease"));
    TILLKIT_TRY(hold.lot, read_optional_id<LotId>(element, "lot"));
    TILLKIT_TRY(hold.amount, read_amount(element, "amount"));
    holds.push_back(hold);
  }
  return holds;
}

/// What stands in `reserved` and `given_back`; the latter has no draw.
inline core::Result<Reservation> read_reservation(const core::JsonValue& body) {
  Reservation reservation;
  TILLKIT_TRY(reservation.unit, read_unit(body));
  TILLKIT_TRY(reservation.of, read_optional_id<Owner>(body, "of"));
  TILLKIT_TRY(reservation.settles_minor, read_integer(body, "settles"));
  TILLKIT_TRY(reservation.holds, read_holds(body));
  if (const auto draw = body.find("draw")) {
    TILLKIT_TRY(const std::int64_t number, draw->integer());
    if (number < kNoDraw) return core::fail(core::ErrorCode::Corrupt);
    if (number != kNoDraw) reservation.draw = static_cast<std::uint64_t>(number);
  }
  return reservation;
}

inline core::JsonWriter& write_account(core::JsonWriter& json, Unit unit, const Owner& of) {
  return json.name("unit").integer(static_cast<int>(unit)).name("of").text(of.view());
}

inline core::JsonWriter& write_part(core::JsonWriter& json, const Reservation& part) {
  write_account(json, part.unit, part.of).name("settles").integer(part.settles_minor);
  json.name("holds").begin_array();
  for (const Hold& hold : part.holds) {
    json.begin_object().name("lease").text(hold.lease.view()).name("lot").text(hold.lot.view());
    json.name("amount").integer(hold.amount).end_object();
  }
  return json.end_array();
}

/// The number of a draw as it is stored.
inline std::int64_t number_of(const std::optional<std::uint64_t>& draw) {
  return draw ? static_cast<std::int64_t>(*draw) : kNoDraw;
}

inline core::JsonWriter& write_reservation(core::JsonWriter& json, const Reservation& reservation) {
  return write_part(json, reservation).name("draw").integer(number_of(reservation.draw));
}

/// Whether a draw's number can be stored.
inline bool is_draw(std::uint64_t number) {
  return std::in_range<std::int64_t>(number);
}

}  // namespace tillkit::ledger
