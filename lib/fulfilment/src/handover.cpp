// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/handover.hpp"

#include <algorithm>
#include <array>

namespace tillkit::fulfilment {
namespace {

using S = HandoverState;
using E = HandoverEvent;
using F = HandoverEffect;
using States = core::EnumSet<HandoverState>;
using Events = core::EnumSet<HandoverEvent>;

// clang-format off
constexpr std::array kRows{
    HandoverRow{S::Intended, E::AtOnce,        S::HandedOver,    F::Close},
    HandoverRow{S::Intended, E::All,           S::HandedOver,    F::Close},
    HandoverRow{S::Intended, E::Some,          S::InPart,        F::Undo},
    HandoverRow{S::Intended, E::None,          S::NotHandedOver, F::Undo},
    HandoverRow{S::Intended, E::NotStarted,    S::NotHandedOver, F::Undo},
    HandoverRow{S::Intended, E::NoAnswer,      S::Unknown,       F::Inspect},
    HandoverRow{S::Intended, E::Restarted,     S::Unknown,       F::Inspect},  // it may have moved before the stop

    HandoverRow{S::Unknown,  E::All,           S::HandedOver,    F::Close},
    HandoverRow{S::Unknown,  E::Some,          S::InPart,        F::Undo},
    HandoverRow{S::Unknown,  E::None,          S::NotHandedOver, F::Undo},
    HandoverRow{S::Unknown,  E::NoAnswer,      S::Unknown,       F::Inspect},
    HandoverRow{S::Unknown,  E::NotRemembered, S::Unknown,       F::Settle},   // asking again would not help
    HandoverRow{S::Unknown,  E::SettledRefund, S::Settled,       F::Undo},
    HandoverRow{S::Unknown,  E::SettledCharge, S::Settled,       F::Close},
};

constexpr States kFinals{S::HandedOver, S::InPart, S::NotHandedOver, S::Settled};

constexpr std::array kImpossible{
    ImpossibleHandover{kFinals, Events{E::AtOnce, E::All, E::Some, E::None, E::NotStarted, E::NoAnswer, E::NotRemembered, E::Restarted, E::SettledRefund, E::SettledCharge},
                       "it is over: nothing is under way when it ends, and goods that turn up later are a person's business"},
    ImpossibleHandover{States{S::Intended}, Events{E::NotRemembered},
                       "nothing is asked while the goods may be moving"},
    ImpossibleHandover{States{S::Intended}, Events{E::SettledRefund, E::SettledCharge},
                       "what is seen comes first, and only what stays unknown is settled"},
    ImpossibleHandover{States{S::Unknown}, Events{E::AtOnce, E::NotStarted},
                       "it was begun"},
    ImpossibleHandover{States{S::Unknown}, Events{E::Restarted},
                       "not stored: a start finds it intended"},
};
// clang-format on

static_assert(core::covers_each_pair_once(std::span<const HandoverRow>(kRows),
                                          std::span<const ImpossibleHandover>(kImpossible), kHandoverStates,
                                          kHandoverEvents));

}  // namespace

std::span<const HandoverRow> handover_rows() {
  return kRows;
}

std::span<const ImpossibleHandover> impossible_handovers() {
  return kImpossible;
}

bool is_final(HandoverState state) {
  return kFinals.has(state);
}

std::optional<core::Step<HandoverState, HandoverEffect>> next(HandoverState state, HandoverEvent event) {
  const auto* row = std::ranges::find_if(kRows, [&](const HandoverRow& r) { return r.from == state && r.on == event; });
  if (row == kRows.end()) return std::nullopt;
  return core::Step<HandoverState, HandoverEffect>{row->to, row->then};
}

std::string_view to_string(HandoverState state) {
  switch (state) {
    case S::Intended: return "intended";
    case S::Unknown: return "unknown";
    case S::HandedOver: return "handed_over";
    case S::InPart: return "in_part";
    case S::NotHandedOver: return "not_handed_over";
    case S::Settled: return "settled";
  }
  return "invalid";
}

std::string_view to_string(HandoverEvent event) {
  switch (event) {
    case E::AtOnce: return "at_once";
    case E::All: return "all";
    case E::Some: return "some";
    case E::None: return "none";
    case E::NotStarted: return "not_started";
    case E::NoAnswer: return "no_answer";
    case E::NotRemembered: return "not_remembered";
    case E::Restarted: return "restarted";
    case E::SettledRefund: return "settled_refund";
    case E::SettledCharge: return "settled_charge";
  }
  return "invalid";
}

}  // namespace tillkit::fulfilment
