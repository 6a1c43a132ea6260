// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "tillkit/payment/policy.hpp"

namespace tillkit::payment {

/// One time in a policy: its name in the document, with its unit, and its bounds in that unit.
struct PolicyTime {
  std::string_view name;
  std::chrono::milliseconds ProviderPolicy::* member;
  std::int64_t unit_ms;
  std::int64_t min;
  std::int64_t max;
};

inline constexpr std::int64_t kMillisecond = 1;
inline constexpr std::int64_t kSecond = 1'000;
inline constexpr std::int64_t kDaySeconds = 86'400;

// clang-format off
inline constexpr std::array kPolicyTimes{
    PolicyTime{"ask_first_after_ms",      &ProviderPolicy::ask_first_after,         kMillisecond, 200,    60'000},
    PolicyTime{"ask_unknown_after_ms",    &ProviderPolicy::ask_unknown_after,       kMillisecond, 200,    60'000},
    PolicyTime{"ask_every_ms",            &ProviderPolicy::ask_every,               kMillisecond, 1'000,  60'000},
    PolicyTime{"give_up_after_ms",        &ProviderPolicy::give_up_after,           kMillisecond, 5'000,  600'000},
    PolicyTime{"shown_code_for_s",        &ProviderPolicy::shown_code_for,          kSecond,      10,     7'200},
    PolicyTime{"reverse_earliest_ms",     &ProviderPolicy::reverse_earliest,        kMillisecond, 0,      600'000},
    PolicyTime{"reverse_window_s",        &ProviderPolicy::reverse_window,          kSecond,      60,     30 * kDaySeconds},
    PolicyTime{"reverse_retry_first_ms",  &ProviderPolicy::reverse_retry_first,     kMillisecond, 500,    600'000},
    PolicyTime{"reverse_retry_max_ms",    &ProviderPolicy::reverse_retry_max,       kMillisecond, 500,    3'600'000},
    PolicyTime{"refund_window_s",         &ProviderPolicy::refund_window,           kSecond,      3'600,  800 * kDaySeconds},
    PolicyTime{"refund_gap_ms",           &ProviderPolicy::refund_gap,              kMillisecond, 0,      600'000},
    PolicyTime{"refund_retry_first_ms",   &ProviderPolicy::refund_retry_first,      kMillisecond, 500,    3'600'000},
    PolicyTime{"refund_retry_max_ms",     &ProviderPolicy::refund_retry_max,        kMillisecond, 500,    86'400'000},
    PolicyTime{"ask_before_replay_after_s", &ProviderPolicy::ask_before_replay_after, kSecond,    60,     30 * kDaySeconds},
};
// clang-format on

inline constexpr std::string_view kRefundsMaxName = "refunds_max";
inline constexpr std::int64_t kRefundsMaxCeiling = 1'000;

/// Two times of which the first must not be longer than the second.
struct PolicyOrder {
  std::string_view shorter;
  std::string_view longer;
};

inline constexpr std::array kPolicyOrders{
    PolicyOrder{"ask_every_ms", "give_up_after_ms"},
    PolicyOrder{"ask_first_after_ms", "give_up_after_ms"},
    PolicyOrder{"ask_unknown_after_ms", "give_up_after_ms"},
    PolicyOrder{"give_up_after_ms", "reverse_window_s"},
    PolicyOrder{"shown_code_for_s", "reverse_window_s"},
    PolicyOrder{"reverse_earliest_ms", "reverse_window_s"},
    PolicyOrder{"reverse_retry_first_ms", "reverse_retry_max_ms"},
    PolicyOrder{"refund_gap_ms", "refund_window_s"},
    PolicyOrder{"refund_retry_first_ms", "refund_retry_max_ms"},
};

}  // namespace tillkit::payment
