// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/refund_claims.hpp"

#include <algorithm>

#include "reading.hpp"
#include "tillkit/core/json_writer.hpp"
#include "writing.hpp"

namespace tillkit::cloud {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

Result<RefundClaimAnswer> read_claim_answer(const JsonValue& root, const RefundClaim& asked) {
  RefundClaimAnswer answer;
  TILLKIT_TRY(answer.outcome, read_word(root, "outcome", refund_claim_words()));
  if (answer.outcome != RefundClaimOutcome::Granted) return answer;
  TILLKIT_TRY(answer.journal, read_journal(root, "journal"));
  TILLKIT_TRY(answer.records, read_records(root));
  const auto of_the_sale = [&](const Record& record) { return record.sale == asked.sale; };
  if (answer.records.empty() || !std::ranges::all_of(answer.records, of_the_sale)) return root.mistake();
  return answer;
}

}  // namespace

Result<std::string> claim_refund_body(const RefundClaim& claim) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_id(json, "claim", claim.claim.view()));
  TILLKIT_TRY_VOID(write_id(json, "terminal", claim.terminal.view()));
  TILLKIT_TRY_VOID(write_integer_in(json, "sale", claim.sale, 1, kSeqMax));
  return json.end_object().finish();
}

Result<RefundClaimAnswer> read_claim_refund(const Reply& reply, const RefundClaim& asked) {
  return read_reply<RefundClaimAnswer>(
      reply, [&](const JsonValue& root) { return read_claim_answer(root, asked); }, kLongAnswerJsonLimits);
}

}  // namespace tillkit::cloud
