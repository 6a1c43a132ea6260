// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "tillkit/core/error.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/payment/answers.hpp"
#include "tillkit/payment/attempt.hpp"
#include "tillkit/payment/policy.hpp"
#include "tillkit/payment/refund.hpp"

/// Decides what comes next for attempts and refunds that are not over, and never does it. Same facts, same answer; time
/// is a value.
namespace tillkit::payment {

enum class Act : std::uint8_t {
  Rest = 0,        ///< Nothing more by itself.
  Wait = 1,        ///< Until `NextStep::until`, or until the request under way ends (no `until`); then plan again.
  Ask = 2,         ///< Query now.
  GiveUp = 3,      ///< Step with `Deadline`, commit, plan again.
  Reverse = 4,     ///< Send the reversal now.
  Refund = 5,      ///< Send the refund now.
  CallPerson = 6,  ///< Step with `WindowOver`, commit.
};

[[nodiscard]] std::string_view to_string(Act act);

struct NextStep {
  Act act = Act::Rest;
  std::optional<core::MonotonicTime> until = std::nullopt;

  friend bool operator==(const NextStep&, const NextStep&) = default;
};

/// What was sent and answered since this program started, about one thing with a key.
struct Exchanges {
  bool under_way = false;                           ///< one request at a time
  std::optional<core::MonotonicTime> asked{};       ///< the newest query went out
  std::optional<core::MonotonicTime> acted{};       ///< the newest reversal or refund request went out
  std::optional<core::MonotonicTime> ended{};       ///< the newest request of any kind ended, with an answer or without
  std::optional<core::MonotonicTime> not_before{};  ///< they do not want to be asked earlier
  std::uint32_t acts = 0;                           ///< reversals or refund requests, for the next pause
  bool answered = false;                            ///< the newest request was answered and understood
  bool ask_first = false;                           ///< they refused, because the order is not as we think

  /// A request goes out.
  void sent(Question question, core::MonotonicTime now);
  /// It ended; `retry_after` as `Answered` has it.
  void over(core::MonotonicTime now, bool understood, std::optional<std::chrono::seconds> retry_after);
  /// The network came back: pauses that grew without it start anew. Then plan again.
  void link_is_back();
};

/// What is known of an attempt. After a start `began` is as long ago as the records' wall time says, and the start
/// itself where the clock is unknown (what then comes too late is refused as such).
struct AttemptFacts {
  AttemptState state = AttemptState::Intended;
  core::MonotonicTime began{};                          ///< the charge went out
  std::optional<core::MonotonicTime> code_until{};      ///< a code is shown, and can be paid so long
  std::optional<core::MonotonicTime> cancelled{};       ///< shopper or cashier gave it up
  std::optional<core::MonotonicTime> window_refused{};  ///< they said that it is too late to reverse
  Exchanges exchanges{};
};

/// A pending or unknown attempt is asked about as the policy says, once more at its deadline (which is when its code
/// expires, or when it is cancelled), and then given up. One given up is reversed, not before the provider allows it,
/// again and again with growing pauses; past the provider's window it is asked about once more, and then a person is
/// called. `Intended` waits for the charge's own answer.
[[nodiscard]] NextStep plan(const AttemptFacts& facts, const ProviderPolicy& policy, core::MonotonicTime now);

/// What is known of a refund.
struct RefundFacts {
  RefundState state = RefundState::Intended;
  core::MonotonicTime began{};                      ///< it was intended
  core::MonotonicTime paid{};                       ///< its order was paid
  std::optional<core::MonotonicTime> one_before{};  ///< the newest request of the order's refund before this one
  Exchanges exchanges{};
};

/// A refund is sent as soon as the gap to the one before allows it, and repeated with growing pauses until it is
/// confirmed or refused. One that is older than providers remember keys, or that was refused because the order is not
/// as we think, is asked about before it is repeated. Past the refund window a person is called.
[[nodiscard]] NextStep plan(const RefundFacts& facts, const ProviderPolicy& policy, core::MonotonicTime now);

}  // namespace tillkit::payment
