// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "tillkit/cloud/gateway.hpp"
#include "tillkit/cloud/leases.hpp"
#include "tillkit/cloud/members.hpp"
#include "tillkit/cloud/news.hpp"
#include "tillkit/cloud/refund_claims.hpp"
#include "tillkit/cloud/upload.hpp"

namespace tillkit::cloud {

/// A word of the contract and what it means here.
template <class Value>
struct Word {
  Value value;
  std::string_view text;
};

[[nodiscard]] std::span<const Word<Outcome>> outcome_words();
[[nodiscard]] std::span<const Word<PendingWhy>> why_words();
[[nodiscard]] std::span<const Word<DeclineReason>> reason_words();
[[nodiscard]] std::span<const Word<DiscountFunder>> funder_words();
[[nodiscard]] std::span<const Word<RefundOutcome>> refund_words();
[[nodiscard]] std::span<const Word<codes::Wallet>> wallet_words();
[[nodiscard]] std::span<const Word<RefusedWhy>> refused_words();
[[nodiscard]] std::span<const Word<Feed>> feed_words();
[[nodiscard]] std::span<const Word<EnrolPolicy>> enrol_words();
[[nodiscard]] std::span<const Word<IdentityKind>> identity_words();
[[nodiscard]] std::span<const Word<ClaimOutcome>> claim_words();
[[nodiscard]] std::span<const Word<LeaseUnit>> unit_words();
[[nodiscard]] std::span<const Word<RefundClaimOutcome>> refund_claim_words();

template <class Value>
const Word<Value>* find_word(std::span<const Word<Value>> words, std::string_view text) {
  for (const Word<Value>& word : words) {
    if (word.text == text) return &word;
  }
  return nullptr;
}

template <class Value>
std::string_view text_of(std::span<const Word<Value>> words, Value value) {
  for (const Word<Value>& word : words) {
    if (word.value == value) return word.text;
  }
  return "other";
}

}  // namespace tillkit::cloud
