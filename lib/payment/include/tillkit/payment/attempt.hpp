// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/payment/machine.hpp"

namespace tillkit::payment {

/// Where one attempt to take money stands: one tender, one provider, one order number. Stored; never renumber.
enum class AttemptState : std::uint8_t {
  Intended = 1,      ///< The journal names it; its charge may be on its way.
  NotSent = 2,       ///< Final: nothing left the terminal, or surely nothing came of it. Needs no reversal.
  Paid = 3,          ///< The money is taken. At rest; only a refund moves it.
  Declined = 4,      ///< Final: nothing is taken and nothing will be.
  Pending = 5,       ///< Sent, understood, not decided. Not stored: to recovery it is `Intended`.
  Unknown = 6,       ///< Sent, and nobody here knows. Not stored either.
  Reversing = 7,     ///< Given up, for good: whatever comes, there are no goods. The reversal is not confirmed.
  Reversed = 8,      ///< Final: confirmed, nothing was taken and nothing can be.
  Refunding = 9,     ///< It was paid, and a refund of it is under way.
  Refunded = 10,     ///< Final: it was paid, and all of it was given back.
  NeedsPerson = 11,  ///< The provider's windows are over, or its answers exclude each other. A person decides.
};
inline constexpr std::size_t kAttemptStates = 11;

/// What can happen to an attempt. Stored in records; never renumber.
enum class AttemptEvent : std::uint8_t {
  NotSent = 1,              ///< Of the charge: surely nothing happened.
  Paid = 2,                 ///< Answered: the money is taken.
  Declined = 3,             ///< Answered: nothing is taken and nothing will be.
  Pending = 4,              ///< Answered: not decided, or a reversal that is not confirmed.
  NoAnswer = 5,             ///< It left, and no answer came that is understood; or they do not know either.
  NotFound = 6,             ///< Answered: no such order, so far.
  Restarted = 7,            ///< A start of the program found it stored.
  Deadline = 8,             ///< It is given up: by its deadline, the shopper or the cashier.
  Reversed = 9,             ///< Confirmed: nothing was taken and nothing can be.
  GivenBack = 10,           ///< Confirmed: all of what was paid is given back.
  RefundAsked = 11,         ///< A refund of it is intended.
  RefundedInPart = 12,      ///< A refund is confirmed, and something is left.
  RefundRefused = 13,       ///< The provider gives nothing back.
  WindowOver = 14,          ///< Its windows are over: the provider cannot be made to end it.
  PersonSaysPaid = 15,      ///< A person decided: the money was taken and stays.
  PersonSaysNotPaid = 16,   ///< A person decided: nothing was taken.
  PersonSaysGivenBack = 17  ///< A person decided: the payer has it back.
};
inline constexpr std::size_t kAttemptEvents = 17;

/// What is to be done once the new state is durable.
enum class AttemptEffect : std::uint8_t {
  None = 0,
  Plan = 1,        ///< Ask the planner what comes next.
  Take = 2,        ///< What the sale reserved with this tender is taken; the sale goes on.
  Release = 3,     ///< What it reserved is released; the shopper may try another tender.
  Abandon = 4,     ///< The same, in the commit that gives it up; then ask the planner.
  CallPerson = 5,  ///< Show it to a person, with its number.
};

using AttemptRow = Row<AttemptState, AttemptEvent, AttemptEffect>;
using ImpossibleAttempt = ImpossiblePairs<AttemptState, AttemptEvent>;

/// The whole machine, one row per pair that can happen.
[[nodiscard]] std::span<const AttemptRow> attempt_rows();
/// Every other pair, each in one entry, with the reason why it cannot happen.
[[nodiscard]] std::span<const ImpossibleAttempt> impossible_attempts();

/// What a start does with an attempt that is found in this state.
[[nodiscard]] Recovery recovery_of(AttemptState state);
/// Nothing leaves it.
[[nodiscard]] bool is_final(AttemptState state);
/// Nobody knows yet whether its money was taken, or a person must find out: counted against `kUnresolvedMax`. A refund
/// under way is not: what is owed is known.
[[nodiscard]] bool is_unresolved(AttemptState state);

/// What follows. None: the pair is impossible, so one of the two is wrong; report it, change nothing.
[[nodiscard]] std::optional<Step<AttemptState, AttemptEffect>> next(AttemptState state, AttemptEvent event);

/// `intended`, `not_sent`, ... as in records and on screens.
[[nodiscard]] std::string_view to_string(AttemptState state);
[[nodiscard]] std::string_view to_string(AttemptEvent event);

}  // namespace tillkit::payment
