// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/core/machine.hpp"

namespace tillkit::fulfilment {

/// Where one hand-over of paid goods stands. Stored; never renumber.
enum class HandoverState : std::uint8_t {
  Intended = 1,       ///< The journal names it; its goods may be moving.
  Unknown = 2,        ///< Started, and nobody here knows what came out. Not stored: to recovery it is `Intended`.
  HandedOver = 3,     ///< Final: the shopper has all of it.
  InPart = 4,         ///< Final: some units came out, the others surely did not.
  NotHandedOver = 5,  ///< Final: nothing came out, surely.
  Settled = 6,        ///< Final: nobody will ever know of some unit; the policy decided. Recorded as `goods_unknown`.
};
inline constexpr std::size_t kHandoverStates = 6;

/// What can happen to a hand-over. Stored in records; never renumber.
enum class HandoverEvent : std::uint8_t {
  AtOnce = 1,         ///< A person handed it over: the intent is the deed, in one commit.
  All = 2,            ///< Seen: every unit came out.
  Some = 3,           ///< Seen: some units came out, and the others did not.
  None = 4,           ///< Seen: nothing came out and nothing will.
  NotStarted = 5,     ///< It was not begun: surely nothing moved.
  NoAnswer = 6,       ///< Begun, and what was seen leaves a unit open; or the question found no answer.
  NotRemembered = 7,  ///< Answered: this hardware remembers nothing of it.
  Restarted = 8,      ///< A start of the program found it stored.
  SettledRefund = 9,  ///< The policy decided: money for something goes back.
  SettledCharge = 10  ///< The policy decided: nothing goes back, the charge stands.
};
inline constexpr std::size_t kHandoverEvents = 10;

/// What is to be done once the new state is durable.
enum class HandoverEffect : std::uint8_t {
  Close = 1,    ///< The goods are with the shopper, or count as such: close the sale.
  Undo = 2,     ///< Give back the money for the units that `units_to_refund` names.
  Inspect = 3,  ///< Ask the hardware (`Fulfilment::inspect`), when `plan` says so.
  Settle = 4,   ///< Nobody can say: decide by the policy, now.
};

using HandoverRow = core::Row<HandoverState, HandoverEvent, HandoverEffect>;
using ImpossibleHandover = core::ImpossiblePairs<HandoverState, HandoverEvent>;

/// The whole machine, one row per pair that can happen.
[[nodiscard]] std::span<const HandoverRow> handover_rows();
/// Every other pair, each in one entry, with the reason why it cannot happen.
[[nodiscard]] std::span<const ImpossibleHandover> impossible_handovers();

/// Nothing leaves it.
[[nodiscard]] bool is_final(HandoverState state);

/// What follows. None: the pair is impossible, so one of the two is wrong; report it, change nothing.
[[nodiscard]] std::optional<core::Step<HandoverState, HandoverEffect>> next(HandoverState state, HandoverEvent event);

/// `intended`, `handed_over`, ... as in records and on screens.
[[nodiscard]] std::string_view to_string(HandoverState state);
[[nodiscard]] std::string_view to_string(HandoverEvent event);

}  // namespace tillkit::fulfilment
