// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/offers/document.hpp"

/// A planogram as a file for people:
///
///     {"slots": [{"slot": 11, "item": "cola", "capacity": 8, "mdb": 3},
///                {"slot": 12, "item": "rice", "capacity": 6, "stock": 4}]}
namespace tillkit::fulfilment {

/// One slot of a file, or what is changed of one. What is not said stays as it is.
struct SlotChange {
  hal::SlotId slot{};
  std::optional<offers::Name> item{};  ///< empty: nothing is sold from it
  std::optional<std::uint32_t> capacity{};
  std::optional<std::uint32_t> stock{};
  std::optional<MdbItem> mdb{};
  std::optional<bool> blocked{};  ///< by a technician
  bool refill = false;            ///< it is full

  friend bool operator==(const SlotChange&, const SlotChange&) = default;
};

/// Reads a planogram. Strict: a member that it does not know is a mistake. `mistake` says what is wrong, and where.
/// - InvalidArgument: no planogram, a slot or a selection of the bus named twice, or more stock than capacity.
/// - Exhausted: more than `kSlotsMax` slots.
[[nodiscard]] core::Result<std::vector<SlotChange>> read_planogram(const core::JsonDocument& document,
                                                                   const core::JsonValue& planogram,
                                                                   offers::DocumentMistake& mistake);
/// The same, of a text of at most `kPlanogramBytesMax` bytes (Exhausted), which is JSON (as reading it).
[[nodiscard]] core::Result<std::vector<SlotChange>> read_planogram(std::string_view json,
                                                                   offers::DocumentMistake& mistake);

/// Reads what is changed of one slot: a slot of a planogram, and `blocked` or `refill`. Errors as `read_planogram`.
[[nodiscard]] core::Result<SlotChange> read_slot_change(const core::JsonDocument& document,
                                                        const core::JsonValue& change,
                                                        offers::DocumentMistake& mistake);

/// What the slot is then. Another item than before has no stock until somebody says so, and nothing is blocked there.
[[nodiscard]] Slot changed(const std::optional<Slot>& before, const SlotChange& change);

/// The slots of a whole planogram, each with the stock that it has now where the file does not say.
[[nodiscard]] std::vector<Slot> changed(std::span<const Slot> before, std::span<const SlotChange> planogram);

}  // namespace tillkit::fulfilment
