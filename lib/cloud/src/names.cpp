// SPDX-License-Identifier: Apache-2.0
#include "names.hpp"

#include <array>

namespace tillkit::cloud {
namespace {

// clang-format off
constexpr std::array kOutcomes{
    Word<Outcome>{Outcome::Unknown,  "unknown"},
    Word<Outcome>{Outcome::Paid,     "paid"},
    Word<Outcome>{Outcome::Declined, "declined"},
    Word<Outcome>{Outcome::Pending,  "pending"},
    Word<Outcome>{Outcome::NotFound, "not_found"},
    Word<Outcome>{Outcome::Reversed, "reversed"},
    Word<Outcome>{Outcome::Refunded, "refunded"},
};

// `other` is how a word is read that this build does not know; it is no word of the contract.
constexpr std::array kWhys{
    Word<PendingWhy>{PendingWhy::Password,   "password"},
    Word<PendingWhy>{PendingWhy::Scan,       "scan"},
    Word<PendingWhy>{PendingWhy::Processing, "processing"},
    Word<PendingWhy>{PendingWhy::Reversing,  "reversing"},
};

constexpr std::array kReasons{
    Word<DeclineReason>{DeclineReason::CodeNotValid,       "code_not_valid"},
    Word<DeclineReason>{DeclineReason::NotEnoughMoney,     "not_enough_money"},
    Word<DeclineReason>{DeclineReason::PayerCancelled,     "payer_cancelled"},
    Word<DeclineReason>{DeclineReason::OverLimit,          "over_limit"},
    Word<DeclineReason>{DeclineReason::RefusedByRiskRules, "refused_by_risk_rules"},
    Word<DeclineReason>{DeclineReason::PayerAccountClosed, "payer_account_closed"},
    Word<DeclineReason>{DeclineReason::NotSupported,       "not_supported"},
    Word<DeclineReason>{DeclineReason::WrongPassword,      "wrong_password"},
    Word<DeclineReason>{DeclineReason::ProviderRefused,    "provider_refused"},
};

constexpr std::array kFunders{
    Word<DiscountFunder>{DiscountFunder::Provider, "provider"},
    Word<DiscountFunder>{DiscountFunder::Merchant, "merchant"},
    Word<DiscountFunder>{DiscountFunder::Bank,     "bank"},
};

constexpr std::array kRefunds{
    Word<RefundOutcome>{RefundOutcome::Accepted, "accepted"},
    Word<RefundOutcome>{RefundOutcome::Refunded, "refunded"},
    Word<RefundOutcome>{RefundOutcome::Refused,  "refused"},
};

constexpr std::array kWallets{
    Word<codes::Wallet>{codes::Wallet::WeChatPay,  "wechat_pay"},
    Word<codes::Wallet>{codes::Wallet::Alipay,     "alipay"},
    Word<codes::Wallet>{codes::Wallet::AlipayPlus, "alipay_plus"},
    Word<codes::Wallet>{codes::Wallet::UnionPay,   "union_pay"},
};
// clang-format on

}  // namespace

std::span<const Word<Outcome>> outcome_words() {
  return kOutcomes;
}
std::span<const Word<PendingWhy>> why_words() {
  return kWhys;
}
std::span<const Word<DeclineReason>> reason_words() {
  return kReasons;
}
std::span<const Word<DiscountFunder>> funder_words() {
  return kFunders;
}
std::span<const Word<RefundOutcome>> refund_words() {
  return kRefunds;
}
std::span<const Word<codes::Wallet>> wallet_words() {
  return kWallets;
}

std::string_view to_string(Outcome outcome) {
  return text_of(outcome_words(), outcome);
}
std::string_view to_string(PendingWhy why) {
  return text_of(why_words(), why);
}
std::string_view to_string(DeclineReason reason) {
  return text_of(reason_words(), reason);
}
std::string_view to_string(DiscountFunder funder) {
  return text_of(funder_words(), funder);
}
std::string_view to_string(RefundOutcome outcome) {
  return text_of(refund_words(), outcome);
}

}  // namespace tillkit::cloud
