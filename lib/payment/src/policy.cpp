// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/policy.hpp"

#include <algorithm>
#include <utility>

#include "policy_fields.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::JsonValue;
using core::Result;

// WeChat Pay's own pages disagree: ask every 5 s and give up after 30 s (partner guide 4011941160), every 10 s and
// after 45 s (merchant page 4011937125), every 3 to 5 s and after 45 s, when WeChat Pay ends it by itself (4013665306).
// Taken: 5 s, because 10 s keep a shopper waiting who has paid; 45 s, because two of three say so and because giving up
// at 30 s undoes the sale of somebody who is still typing a password. A reversal is refused in the first 15 s and after
// 7 days; 365 days, 50 refunds and one minute between two are the refund page's.
constexpr ProviderPolicy kWeChatPay{.ask_first_after = 5s,
                                    .ask_unknown_after = 5s,
                                    .ask_every = 5s,
                                    .give_up_after = 45s,
                                    .shown_code_for = 120s,
                                    .reverse_earliest = 15s,
                                    .reverse_window = 7 * 24h,
                                    .reverse_retry_first = 5s,
                                    .reverse_retry_max = 10min,
                                    .refund_window = 365 * 24h,
                                    .refund_gap = 1min,
                                    .refund_retry_first = 1min,
                                    .refund_retry_max = 1h,
                                    .refunds_max = 50,
                                    .ask_before_replay_after = 24h};

// The sample of Alipay's own face-to-face package asks 5 times in 25 s; Antom asks from 5 s on, every 3 to 5 s, until
// 60 s, and the trade closes by itself after 3 minutes. Taken: 5 s and 60 s, which leaves time for a password.
// Antom cancels on the day of the payment only (Beijing's, and 15 minutes more). A window in hours cannot say that; one
// that is too long does no harm, because a reversal that comes too late is refused as such and followed by a refund.
constexpr ProviderPolicy kAlipay{.ask_first_after = 5s,
                                 .ask_unknown_after = 3s,
                                 .ask_every = 5s,
                                 .give_up_after = 60s,
                                 .shown_code_for = 120s,
                                 .reverse_earliest = 0s,
                                 .reverse_window = 24h,
                                 .reverse_retry_first = 2s,
                                 .reverse_retry_max = 10min,
                                 .refund_window = 365 * 24h,
                                 .refund_gap = 3s,
                                 .refund_retry_first = 5s,
                                 .refund_retry_max = 1h,
                                 .refunds_max = 50,
                                 .ask_before_replay_after = 24h};

constexpr ProviderPolicy kGateway{.ask_first_after = 5s,
                                  .ask_unknown_after = 5s,
                                  .ask_every = 5s,
                                  .give_up_after = 60s,
                                  .shown_code_for = 120s,
                                  .reverse_earliest = 15s,
                                  .reverse_window = 24h,
                                  .reverse_retry_first = 5s,
                                  .reverse_retry_max = 10min,
                                  .refund_window = 180 * 24h,
                                  .refund_gap = 1min,
                                  .refund_retry_first = 1min,
                                  .refund_retry_max = 1h,
                                  .refunds_max = 50,
                                  .ask_before_replay_after = 24h};

constexpr std::chrono::milliseconds time_of(const ProviderPolicy& policy, std::string_view name) {
  for (const PolicyTime& time : kPolicyTimes) {
    if (time.name == name) return policy.*time.member;
  }
  return {};
}

constexpr bool is_within_bounds(const ProviderPolicy& policy) {
  for (const PolicyTime& time : kPolicyTimes) {
    const std::int64_t ms = (policy.*time.member).count();
    if (ms < time.min * time.unit_ms || ms > time.max * time.unit_ms) return false;
  }
  for (const PolicyOrder& order : kPolicyOrders) {
    if (time_of(policy, order.shorter) > time_of(policy, order.longer)) return false;
  }
  return policy.refunds_max >= 1 && policy.refunds_max <= kRefundsMaxCeiling;
}
static_assert(is_within_bounds(kWeChatPay) && is_within_bounds(kAlipay) && is_within_bounds(kGateway));

// clang-format off
constexpr std::array<std::pair<std::string_view, codes::Wallet>, codes::kWalletCount> kWalletNames{{
    {"wechat_pay",  codes::Wallet::WeChatPay},
    {"alipay",      codes::Wallet::Alipay},
    {"alipay_plus", codes::Wallet::AlipayPlus},
    {"union_pay",   codes::Wallet::UnionPay},
}};
// clang-format on

constexpr std::size_t index_of(codes::Wallet wallet) {
  return static_cast<std::size_t>(wallet) - 1;
}

Result<ProviderPolicy> read_policy(const JsonValue& value) {
  TILLKIT_TRY(const auto members, value.members());
  for (const auto& [name, member] : members) {
    const bool known = name == kRefundsMaxName || std::ranges::count(kPolicyTimes, name, &PolicyTime::name) > 0;
    if (!known) return member.mistake();
  }
  ProviderPolicy policy;
  for (const PolicyTime& time : kPolicyTimes) {
    TILLKIT_TRY(const JsonValue number, value.member(time.name));
    TILLKIT_TRY(const std::int64_t units, number.integer_in(time.min, time.max));
    policy.*time.member = std::chrono::milliseconds{units * time.unit_ms};
  }
  TILLKIT_TRY(const JsonValue refunds, value.member(kRefundsMaxName));
  TILLKIT_TRY(const std::int64_t count, refunds.integer_in(1, kRefundsMaxCeiling));
  policy.refunds_max = static_cast<std::uint32_t>(count);
  for (const PolicyOrder& order : kPolicyOrders) {
    if (time_of(policy, order.shorter) <= time_of(policy, order.longer)) continue;
    TILLKIT_TRY(const JsonValue blamed, value.member(order.shorter));
    return blamed.mistake();
  }
  return policy;
}

}  // namespace

const ProviderPolicy& wechat_pay_policy() {
  return kWeChatPay;
}

const ProviderPolicy& alipay_policy() {
  return kAlipay;
}

const ProviderPolicy& gateway_policy() {
  return kGateway;
}

PolicySet::PolicySet() : other_(kGateway), wallets_{kWeChatPay, kAlipay, kAlipay, kGateway} {
  static_assert(index_of(codes::Wallet::WeChatPay) == 0 && index_of(codes::Wallet::Alipay) == 1 &&
                index_of(codes::Wallet::AlipayPlus) == 2 && index_of(codes::Wallet::UnionPay) == 3);
}

const ProviderPolicy& PolicySet::of(std::optional<codes::Wallet> wallet) const {
  return wallet ? wallets_[index_of(*wallet)] : other_;
}

Result<PolicySet> read_policies(const JsonValue& value) {
  TILLKIT_TRY(const JsonValue version, value.member("version"));
  TILLKIT_TRY(const std::int64_t number, version.integer());
  if (number != kPoliciesVersion) return version.mistake(ErrorCode::Unsupported);
  TILLKIT_TRY_VOID(value.only({"version", "other", "wechat_pay", "alipay", "alipay_plus", "union_pay"}));
  PolicySet set;
  TILLKIT_TRY(const JsonValue other, value.member("other"));
  TILLKIT_TRY(set.other_, read_policy(other));
  set.wallets_.fill(set.other_);
  for (const auto& [name, wallet] : kWalletNames) {
    if (const auto own = value.find(name)) {
      TILLKIT_TRY(set.wallets_[index_of(wallet)], read_policy(*own));
    }
  }
  return set;
}

Result<std::string> write_policies(const ProviderPolicy& other) {
  core::JsonWriter json;
  json.begin_object().name("version").integer(kPoliciesVersion).name("other").begin_object();
  for (const PolicyTime& time : kPolicyTimes)
    json.name(time.name).integer((other.*time.member).count() / time.unit_ms);
  return json.name(kRefundsMaxName).integer(other.refunds_max).end_object().end_object().finish();
}

}  // namespace tillkit::payment
