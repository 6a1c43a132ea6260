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

constexpr std::array kRefused{
    Word<RefusedWhy>{RefusedWhy::BodyNotUnderstood,   "body_not_understood"},
    Word<RefusedWhy>{RefusedWhy::KindNotKnown,        "kind_not_known"},
    Word<RefusedWhy>{RefusedWhy::ContradictsTheBooks, "contradicts_the_books"},
    Word<RefusedWhy>{RefusedWhy::PersonalNotMatching, "personal_not_matching"},
};

constexpr std::array kFeedWords{
    Word<Feed>{Feed::Decisions, "decisions"},
    Word<Feed>{Feed::Copies,    "copies"},
};

constexpr std::array kEnrols{
    Word<EnrolPolicy>{EnrolPolicy::Off,         "off"},
    Word<EnrolPolicy>{EnrolPolicy::Provisional, "provisional"},
    Word<EnrolPolicy>{EnrolPolicy::Automatic,   "automatic"},
};

constexpr std::array kIdentities{
    Word<IdentityKind>{IdentityKind::Payer,      "payer"},
    Word<IdentityKind>{IdentityKind::UnionId,    "union_id"},
    Word<IdentityKind>{IdentityKind::Card,       "card"},
    Word<IdentityKind>{IdentityKind::Phone,      "phone"},
    Word<IdentityKind>{IdentityKind::MemberCode, "member_code"},
};

constexpr std::array kClaims{
    Word<ClaimOutcome>{ClaimOutcome::SetApart,  "set_apart"},
    Word<ClaimOutcome>{ClaimOutcome::Used,      "used"},
    Word<ClaimOutcome>{ClaimOutcome::Elsewhere, "elsewhere"},
    Word<ClaimOutcome>{ClaimOutcome::Void,      "void"},
    Word<ClaimOutcome>{ClaimOutcome::NotFound,  "not_found"},
};

constexpr std::array kUnitWords{
    Word<LeaseUnit>{LeaseUnit::Points, "points"},
    Word<LeaseUnit>{LeaseUnit::Value,  "value"},
    Word<LeaseUnit>{LeaseUnit::Budget, "budget"},
    Word<LeaseUnit>{LeaseUnit::Risk,   "risk"},
};

constexpr std::array kRefundClaims{
    Word<RefundClaimOutcome>{RefundClaimOutcome::Granted, "granted"},
    Word<RefundClaimOutcome>{RefundClaimOutcome::Waiting, "waiting"},
    Word<RefundClaimOutcome>{RefundClaimOutcome::Refused, "refused"},
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
std::span<const Word<RefusedWhy>> refused_words() {
  return kRefused;
}
std::span<const Word<Feed>> feed_words() {
  return kFeedWords;
}
std::span<const Word<EnrolPolicy>> enrol_words() {
  return kEnrols;
}
std::span<const Word<IdentityKind>> identity_words() {
  return kIdentities;
}
std::span<const Word<ClaimOutcome>> claim_words() {
  return kClaims;
}
std::span<const Word<LeaseUnit>> unit_words() {
  return kUnitWords;
}
std::span<const Word<RefundClaimOutcome>> refund_claim_words() {
  return kRefundClaims;
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
std::string_view to_string(RefusedWhy why) {
  return text_of(refused_words(), why);
}
std::string_view to_string(Feed feed) {
  return text_of(feed_words(), feed);
}
std::string_view to_string(EnrolPolicy policy) {
  return text_of(enrol_words(), policy);
}
std::string_view to_string(IdentityKind kind) {
  return text_of(identity_words(), kind);
}
std::string_view to_string(ClaimOutcome outcome) {
  return text_of(claim_words(), outcome);
}
std::string_view to_string(LeaseUnit unit) {
  return text_of(unit_words(), unit);
}
std::string_view to_string(RefundClaimOutcome outcome) {
  return text_of(refund_claim_words(), outcome);
}

}  // namespace tillkit::cloud
