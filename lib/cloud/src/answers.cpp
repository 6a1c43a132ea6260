// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>

#include "names.hpp"
#include "reading.hpp"
#include "tillkit/cloud/gateway.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::JsonValue;
using core::Money;
using core::Result;

/// An amount of `currency`; in another one nothing of the answer can be right.
Result<Money> read_amount(const JsonValue& object, std::string_view name, core::Currency currency,
                          std::int64_t minor_min) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const JsonValue minor, value.member("minor"));
  TILLKIT_TRY(const std::int64_t number, minor.integer_in(minor_min, kAmountMinorMax));
  TILLKIT_TRY(const JsonValue alpha, value.member("currency"));
  TILLKIT_TRY(const std::string_view text, alpha.text());
  if (text != currency.alpha()) return alpha.mistake();
  return Money{number, currency};
}

/// A text that repeats what was asked.
Result<> expect(const JsonValue& object, std::string_view name, std::string_view asked) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  if (text != asked) return value.mistake();
  return {};
}

Result<> expect_amount(const JsonValue& object, const Money& asked) {
  TILLKIT_TRY(const Money amount, read_amount(object, "amount", asked.currency, 1));
  if (amount != asked) return object.mistake();
  return {};
}

Result<Payer> read_payer(const JsonValue& object) {
  TILLKIT_TRY(const JsonValue value, object.member("payer"));
  Payer payer;
  TILLKIT_TRY(const std::string_view wallet, read_text(value, "wallet"));
  if (const auto* word = find_word(wallet_words(), wallet)) payer.wallet = word->value;
  TILLKIT_TRY(payer.reference, read_id_if_there<PayerReference>(value, "reference"));
  return payer;
}

Result<std::vector<Discount>> read_discounts(const JsonValue& root, core::Currency currency) {
  std::vector<Discount> discounts;
  const auto list = root.find("discounts");
  if (!list) return discounts;
  TILLKIT_TRY(const auto elements, list->elements());
  for (const JsonValue element : elements) {
    if (discounts.size() == kDiscountsMax) return element.mistake();
    Discount discount;
    TILLKIT_TRY(discount.amount, read_amount(element, "amount", currency, 1));
    TILLKIT_TRY(discount.funder, read_open_word(element, "funder", funder_words()));
    TILLKIT_TRY(discount.id, read_id_if_there<DiscountId>(element, "id"));
    discounts.push_back(discount);
  }
  return discounts;
}

Result<> read_paid(const JsonValue& root, const Money& asked, AttemptAnswer& answer) {
  TILLKIT_TRY_VOID(expect_amount(root, asked));
  TILLKIT_TRY(answer.paid, read_amount(root, "paid", asked.currency, 0));
  TILLKIT_TRY(answer.discounts, read_discounts(root, asked.currency));
  TILLKIT_TRY(const Money discounted, core::checked_sum(answer.discounts, asked.currency, &Discount::amount));
  TILLKIT_TRY(const Money sum, core::checked_add(answer.paid, discounted));
  if (sum != asked) return root.mistake();
  TILLKIT_TRY(answer.transaction, read_id<TransactionNumber>(root, "transaction"));
  TILLKIT_TRY(answer.payer, read_payer(root));
  if (const auto refunded = root.find("refunded")) {
    TILLKIT_TRY(answer.refunded, read_amount(root, "refunded", asked.currency, 1));
    if (answer.refunded >= asked) return refunded->mistake();
  }
  return {};
}

Result<> read_refunded(const JsonValue& root, const Money& asked, AttemptAnswer& answer) {
  TILLKIT_TRY_VOID(expect_amount(root, asked));
  TILLKIT_TRY(answer.refunded, read_amount(root, "refunded", asked.currency, 1));
  if (answer.refunded != asked) return root.mistake();
  TILLKIT_TRY(answer.transaction, read_id<TransactionNumber>(root, "transaction"));
  return {};
}

using Outcomes = std::initializer_list<Outcome>;

Result<AttemptAnswer> read_attempt(const JsonValue& root, const Order& asked, Outcomes possible) {
  TILLKIT_TRY_VOID(expect(root, "order", asked.number.view()));
  AttemptAnswer answer;
  TILLKIT_TRY(answer.outcome, read_word(root, "outcome", outcome_words()));
  if (std::ranges::find(possible, answer.outcome) == possible.end()) return root.mistake();
  switch (answer.outcome) {
    case Outcome::Paid: TILLKIT_TRY_VOID(read_paid(root, asked.amount, answer)); break;
    case Outcome::Refunded: TILLKIT_TRY_VOID(read_refunded(root, asked.amount, answer)); break;
    case Outcome::Declined: {
      TILLKIT_TRY(answer.reason, read_open_word(root, "reason", reason_words()));
      break;
    }
    case Outcome::Pending: {
      TILLKIT_TRY(answer.why, read_open_word(root, "why", why_words()));
      break;
    }
    case Outcome::NotFound:
    case Outcome::Reversed:
    case Outcome::Unknown: break;
  }
  return answer;
}

Result<AttemptAnswer> read_attempt_reply(const Reply& reply, const Order& asked, Outcomes possible) {
  return read_reply<AttemptAnswer>(reply, [&](const JsonValue& root) { return read_attempt(root, asked, possible); });
}

Result<QrAnswer> read_qr_answer(const JsonValue& root, const Order& asked) {
  QrAnswer answer;
  TILLKIT_TRY(answer.attempt, read_attempt(root, asked, {Outcome::Pending, Outcome::Declined, Outcome::Unknown}));
  if (answer.attempt.outcome != Outcome::Pending) return answer;
  TILLKIT_TRY(const JsonValue qr, root.member("qr"));
  TILLKIT_TRY(const JsonValue text, qr.member("text"));
  TILLKIT_TRY(answer.text, text.text());
  if (answer.text.empty() || answer.text.size() > kQrTextBytesMax) return text.mistake();
  TILLKIT_TRY(const JsonValue valid_for, qr.member("valid_for_s"));
  TILLKIT_TRY(const std::int64_t seconds, valid_for.integer_in(1, kQrValidMax.count()));
  answer.valid_for = std::chrono::seconds{seconds};
  return answer;
}

Result<RefundAnswer> read_refund_answer(const JsonValue& root, const Refund& asked) {
  TILLKIT_TRY_VOID(expect(root, "order", asked.order.view()));
  TILLKIT_TRY_VOID(expect(root, "refund", asked.number.view()));
  RefundAnswer answer;
  TILLKIT_TRY(answer.outcome, read_word(root, "outcome", refund_words()));
  if (answer.outcome == RefundOutcome::Refused) {
    TILLKIT_TRY(answer.reason, read_open_word(root, "reason", reason_words()));
    return answer;
  }
  TILLKIT_TRY_VOID(expect_amount(root, asked.amount));
  if (const auto to_payer = root.find("to_payer"); to_payer && answer.outcome == RefundOutcome::Refunded) {
    TILLKIT_TRY(answer.to_payer, read_amount(root, "to_payer", asked.amount.currency, 0));
    if (*answer.to_payer > asked.amount) return to_payer->mistake();
  }
  return answer;
}

Result<IdentifyAnswer> read_identify_answer(const JsonValue& root) {
  TILLKIT_TRY(const JsonValue outcome, root.member("outcome"));
  TILLKIT_TRY(const std::string_view word, outcome.text());
  if (word == "not_identified") return IdentifyAnswer{};
  if (word != "identified") return outcome.mistake();
  TILLKIT_TRY(Payer payer, read_payer(root));
  if (payer.reference.empty()) return root.mistake(ErrorCode::NotFound);
  return IdentifyAnswer{.payer = payer};
}

}  // namespace

Result<IdentifyAnswer> read_identify(const Reply& reply) {
  return read_reply<IdentifyAnswer>(reply, read_identify_answer);
}

Result<AttemptAnswer> read_authorise(const Reply& reply, const Order& asked) {
  return read_attempt_reply(reply, asked, {Outcome::Paid, Outcome::Declined, Outcome::Pending, Outcome::Unknown});
}

Result<QrAnswer> read_qr(const Reply& reply, const Order& asked) {
  return read_reply<QrAnswer>(reply, [&](const JsonValue& root) { return read_qr_answer(root, asked); });
}

Result<AttemptAnswer> read_query(const Reply& reply, const Order& asked) {
  return read_attempt_reply(reply, asked,
                            {Outcome::Paid, Outcome::Declined, Outcome::Pending, Outcome::NotFound, Outcome::Reversed,
                             Outcome::Refunded, Outcome::Unknown});
}

Result<AttemptAnswer> read_reverse(const Reply& reply, const Order& asked) {
  return read_attempt_reply(reply, asked, {Outcome::Reversed, Outcome::Refunded, Outcome::Pending, Outcome::Unknown});
}

Result<RefundAnswer> read_refund(const Reply& reply, const Refund& asked) {
  return read_reply<RefundAnswer>(reply, [&](const JsonValue& root) { return read_refund_answer(root, asked); });
}

}  // namespace tillkit::cloud
