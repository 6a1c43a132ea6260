// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tillkit/cloud/gateway.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/payment/attempt.hpp"
#include "tillkit/payment/refund.hpp"

/// What an answer means to the machines. The events of one answer belong into one transaction, in their order.
namespace tillkit::payment {

/// What was asked. Stored in records; never renumber.
enum class Question : std::uint8_t {
  Charge = 1,  ///< authorise, or create a code to show
  Query = 2,
  Reverse = 3,
  Refund = 4,
};

/// At most three events, in order: `for (const AttemptEvent event : events_of(...))`.
class AttemptEvents {
 public:
  constexpr AttemptEvents() = default;
  template <class... Events>
  explicit constexpr AttemptEvents(Events... events) : events_{events...}, count_(sizeof...(Events)) {}

  [[nodiscard]] constexpr const AttemptEvent* begin() const { return events_.data(); }
  [[nodiscard]] constexpr const AttemptEvent* end() const { return events_.data() + count_; }

 private:
  std::array<AttemptEvent, 3> events_{};
  std::size_t count_ = 0;
};

/// What an answer to a charge, query or reversal of an attempt in `state` means. None: nothing was learnt (a query or a
/// reversal that did not leave or was refused).
[[nodiscard]] AttemptEvents events_of(AttemptState state, Question asked,
                                      const core::Result<cloud::AttemptAnswer>& answer);

/// What an answer to a refund request means. None: look at the order first (`must_ask_first`), or nothing was learnt.
[[nodiscard]] std::optional<RefundEvent> event_of(const core::Result<cloud::RefundAnswer>& answer);

/// Whether a refund was refused because the order is not as we think (nothing left, not paid): query before anything
/// else.
[[nodiscard]] bool must_ask_first(const core::Result<cloud::RefundAnswer>& answer);

/// Whether an order that was asked about has given back a refund of which no answer came: more of it is given back than
/// `before` by at least `amount`.
[[nodiscard]] bool shows_refund(const cloud::AttemptAnswer& answer, const core::Money& before,
                                const core::Money& amount);

/// What the end of a refund means to its attempt. None: it has not ended.
[[nodiscard]] std::optional<AttemptEvent> attempt_event_of(RefundEvent event, bool something_left);

}  // namespace tillkit::payment
