// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/refund.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "machine_check.hpp"
#include "must.hpp"

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::kCny;
using namespace std::chrono_literals;
using S = RefundState;
using E = RefundEvent;

TEST_CASE("each state of a refund says what each event means, or why it cannot happen", "[payment]") {
  check_each_pair(refund_rows(), impossible_refunds(), kRefundStates, kRefundEvents);
  check_names<RefundState>(kRefundStates);
  check_names<RefundEvent>(kRefundEvents);
  for (std::size_t s = 1; s <= kRefundStates; ++s) {
    const auto state = static_cast<S>(s);
    const auto ends = reachable(state, refund_rows());
    CHECK(std::ranges::any_of(ends, [](S end) { return is_final(end); }));
    CHECK((ends.size() == 1) == is_final(state));
    CHECK(next(state, E::Restarted).has_value() == (recovery_of(state) != Recovery::None));
  }
}

TEST_CASE("a refund counts as given back when the provider says so, and not when it accepts", "[payment]") {
  CHECK(next(S::Intended, E::Accepted) == Step<S, RefundEffect>{S::Accepted, RefundEffect::Plan});
  CHECK(next(S::Accepted, E::Refunded) == Step<S, RefundEffect>{S::Refunded, RefundEffect::Settle});
  CHECK(next(S::Accepted, E::Refused) == Step<S, RefundEffect>{S::Refused, RefundEffect::CallPerson});
  CHECK(next(S::Intended, E::NoAnswer) == Step<S, RefundEffect>{S::Intended, RefundEffect::Plan});
}

TEST_CASE("no more is refunded than was paid, as often and as late as the provider allows", "[payment]") {
  const core::MonotonicTime paid{1h};
  const ProviderPolicy& policy = wechat_pay_policy();
  Refundable attempt{.amount = {1'000, kCny}, .refunded = {300, kCny}, .refunds = 1, .paid = paid};

  CHECK(check_refund(attempt, {700, kCny}, policy, paid).has_value());
  CHECK(failed_with(check_refund(attempt, {701, kCny}, policy, paid), ErrorCode::OutOfRange));
  CHECK(failed_with(check_refund(attempt, {0, kCny}, policy, paid), ErrorCode::OutOfRange));
  CHECK(failed_with(check_refund(attempt, {-1, kCny}, policy, paid), ErrorCode::OutOfRange));
  CHECK(failed_with(check_refund(attempt, {1, core::Currency::of("USD")}, policy, paid), ErrorCode::InvalidArgument));
  CHECK(check_refund(attempt, {1, kCny}, policy, paid + policy.refund_window - 1ms).has_value());
  CHECK(failed_with(check_refund(attempt, {1, kCny}, policy, paid + policy.refund_window),
                    ErrorCode::FailedPrecondition));
  attempt.refunds = policy.refunds_max - 1;
  CHECK(check_refund(attempt, {1, kCny}, policy, paid).has_value());
  attempt.refunds = policy.refunds_max;
  CHECK(failed_with(check_refund(attempt, {1, kCny}, policy, paid), ErrorCode::Exhausted));
}

}  // namespace
}  // namespace tillkit::payment
