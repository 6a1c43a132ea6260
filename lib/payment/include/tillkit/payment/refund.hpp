// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/payment/machine.hpp"
#include "tillkit/payment/policy.hpp"

namespace tillkit::payment {

/// Where one refund stands: all of an attempt or a part, under one refund number. Stored; never renumber.
enum class RefundState : std::uint8_t {
  Intended = 1,     ///< The journal names it; its request may be on its way.
  Accepted = 2,     ///< The provider took it on.
  Refunded = 3,     ///< Final: given back.
  Refused = 4,      ///< Final: nothing is given back under this number. A person gives it back another way.
  NeedsPerson = 5,  ///< The provider's window is over and nobody here knows.
};
inline constexpr std::size_t kRefundStates = 5;

/// Stored in records; never renumber.
enum class RefundEvent : std::uint8_t {
  NotSent = 1,               ///< Surely nothing happened.
  Accepted = 2,              ///< Answered: taken on.
  Refunded = 3,              ///< Confirmed: given back.
  Refused = 4,               ///< Answered: no, and never under this number.
  NoAnswer = 5,              ///< It left, and no answer came that is understood.
  Restarted = 6,             ///< A start of the program found it stored.
  WindowOver = 7,            ///< The provider cannot be made to end it: its window is over, or it contradicts itself.
  PersonSaysRefunded = 8,    ///< A person decided: the payer has it back.
  PersonSaysNotRefunded = 9  ///< A person decided: nothing was given back under this number.
};
inline constexpr std::size_t kRefundEvents = 9;

enum class RefundEffect : std::uint8_t {
  None = 0,
  Plan = 1,        ///< Ask the planner what comes next.
  Settle = 2,      ///< The attempt steps with `RefundedInPart` or `GivenBack`, in the same commit.
  CallPerson = 3,  ///< The attempt steps with `RefundRefused` or `WindowOver`, in the same commit.
};

using RefundRow = Row<RefundState, RefundEvent, RefundEffect>;
using ImpossibleRefund = ImpossiblePairs<RefundState, RefundEvent>;

[[nodiscard]] std::span<const RefundRow> refund_rows();
[[nodiscard]] std::span<const ImpossibleRefund> impossible_refunds();
[[nodiscard]] Recovery recovery_of(RefundState state);
[[nodiscard]] bool is_final(RefundState state);

/// What follows. None: the pair is impossible; report it, change nothing.
[[nodiscard]] std::optional<Step<RefundState, RefundEffect>> next(RefundState state, RefundEvent event);

[[nodiscard]] std::string_view to_string(RefundState state);
[[nodiscard]] std::string_view to_string(RefundEvent event);

/// What of an attempt can be given back.
struct Refundable {
  core::Money amount;         ///< what was asked for and paid
  core::Money refunded;       ///< so far, confirmed or under way
  std::uint32_t refunds = 0;  ///< so many, confirmed or under way
  core::MonotonicTime paid;   ///< when
};

/// Passes a refund that the provider can do, before anything is intended:
/// - OutOfRange: not above zero, or more than is left. `InvalidArgument`: another currency.
/// - Exhausted: the policy allows no further refund of this attempt: give it back another way.
/// - FailedPrecondition: the provider's refund window is over: give it back another way.
[[nodiscard]] core::Result<> check_refund(const Refundable& attempt, const core::Money& amount,
                                          const ProviderPolicy& policy, core::MonotonicTime now);

}  // namespace tillkit::payment
