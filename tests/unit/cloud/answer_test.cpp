// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "some_orders.hpp"

// That each member that the contract demands is demanded is shown with the contract itself (tests/interop/cloud). Here:
// what a schema cannot say.

namespace tillkit::cloud {
namespace {

using core::ErrorSource;

constexpr std::string_view kPaid =
    R"({"outcome":"paid","order":"T1A5","amount":{"minor":1250,"currency":"CNY"},"paid":{"minor":1050,"currency":"CNY"},)"
    R"("discounts":[{"amount":{"minor":150,"currency":"CNY"},"funder":"provider","id":"a"},)"
    R"({"amount":{"minor":50,"currency":"CNY"},"funder":"bank"}],"transaction":"42","payer":{"wallet":"alipay"}})";

std::string changed(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string of_outcome(std::string_view outcome) {
  return R"({"order":"T1A5","why":"password","reason":"other","outcome":")" + std::string(outcome) +
         R"(","amount":{"minor":1250,"currency":"CNY"},"refunded":{"minor":1250,"currency":"CNY"},"transaction":"1"})";
}

TEST_CASE("a paid answer says who bore what", "[cloud]") {
  const auto answer = must(read_query(json_reply(kPaid), kOrder));

  CHECK(answer.outcome == Outcome::Paid);
  CHECK(answer.paid == core::Money{1'050, core::kCny});
  REQUIRE(answer.discounts.size() == 2);
  CHECK(answer.discounts[0].amount.minor == 150);
  CHECK(answer.discounts[0].funder == DiscountFunder::Provider);
  CHECK(answer.discounts[0].id.view() == "a");
  CHECK(answer.discounts[1].funder == DiscountFunder::Bank);
  CHECK(answer.transaction.view() == "42");
  REQUIRE(answer.payer);
  CHECK(answer.payer->wallet == codes::Wallet::Alipay);
  CHECK(answer.payer->reference.empty());
}

TEST_CASE("an answer about another order, amount or currency decides nothing", "[cloud]") {
  CHECK(is_unknown(read_query(json_reply(changed(std::string(kPaid), "T1A5", "T1A6")), kOrder)));
  Order more = kOrder;
  more.amount.minor = 1'251;
  CHECK(is_unknown(read_query(json_reply(kPaid), more)));
  Order yen = kOrder;
  yen.amount.currency = core::Currency::of("JPY");
  CHECK(is_unknown(read_query(json_reply(kPaid), yen)));
  for (const auto* outcome : {"declined", "pending", "not_found", "reversed", "refunded", "unknown"}) {
    CAPTURE(outcome);
    CHECK(read_query(json_reply(of_outcome(outcome)), kOrder).has_value());
    CHECK(is_unknown(read_query(json_reply(changed(of_outcome(outcome), "T1A5", "T1A")), kOrder)));
  }
}

TEST_CASE("shares that do not add up to the amount are not believed", "[cloud]") {
  const std::string paid(kPaid);

  CHECK(is_unknown(read_query(json_reply(changed(paid, "1050", "1051")), kOrder)));
  CHECK(is_unknown(read_query(json_reply(changed(paid, "1050", "1049")), kOrder)));
  CHECK(is_unknown(read_query(json_reply(changed(paid, R"("minor":50,)", R"("minor":51,)")), kOrder)));
  CHECK(is_unknown(
      read_query(json_reply(changed(paid, "1050,\"currency\":\"CNY\"", "1050,\"currency\":\"USD\"")), kOrder)));
}

TEST_CASE("what was given back of a paid order is less than the order, of a refunded one all of it", "[cloud]") {
  const auto with = [](std::string_view minor) {
    return changed(std::string(kPaid), "\"transaction\"",
                   R"("refunded":{"minor":)" + std::string(minor) + R"(,"currency":"CNY"},"transaction")");
  };

  CHECK(must(read_query(json_reply(with("1249")), kOrder)).refunded.minor == 1'249);
  CHECK(is_unknown(read_query(json_reply(with("1250")), kOrder)));
  CHECK(must(read_query(json_reply(of_outcome("refunded")), kOrder)).refunded.minor == 1'250);
  const auto less = changed(of_outcome("refunded"), R"("refunded":{"minor":1250)", R"("refunded":{"minor":1249)");
  CHECK(is_unknown(read_query(json_reply(less), kOrder)));
}

TEST_CASE("a question gets no outcome that it cannot have", "[cloud]") {
  CHECK(is_unknown(read_reverse(json_reply(kPaid), kOrder)));
  CHECK(read_authorise(json_reply(kPaid), kOrder).has_value());
  for (const auto* outcome : {"not_found", "reversed", "refunded"}) {
    CAPTURE(outcome);
    CHECK(is_unknown(read_authorise(json_reply(of_outcome(outcome)), kOrder)));
  }
  for (const auto* outcome : {"not_found", "declined"}) {
    CAPTURE(outcome);
    CHECK(is_unknown(read_reverse(json_reply(of_outcome(outcome)), kOrder)));
  }
  CHECK(is_unknown(read_qr(json_reply(kPaid), kOrder)));
  CHECK(is_unknown(read_query(json_reply(of_outcome("cancelled")), kOrder)));
}

TEST_CASE("a code to show comes with its text and its time", "[cloud]") {
  const auto with = [](const std::string& text, std::string_view seconds) {
    return R"({"order":"T1A5","outcome":"pending","why":"scan","qr":{"text":")" + text + R"(","valid_for_s":)" +
           std::string(seconds) + "}}";
  };

  const auto answer = must(read_qr(json_reply(with("weixin://x", "120")), kOrder));
  CHECK(answer.text == "weixin://x");
  CHECK(answer.valid_for == std::chrono::seconds{120});
  CHECK(read_qr(json_reply(with(std::string(kQrTextBytesMax, 'x'), "7200")), kOrder).has_value());
  CHECK(is_unknown(read_qr(json_reply(with(std::string(kQrTextBytesMax + 1, 'x'), "120")), kOrder)));
  CHECK(is_unknown(read_qr(json_reply(of_outcome("pending")), kOrder)));
  CHECK(must(read_qr(json_reply(of_outcome("declined")), kOrder)).text.empty());
}

TEST_CASE("a refund's answer is about this refund", "[cloud]") {
  const std::string done =
      R"({"outcome":"refunded","order":"T1A5","refund":"T1A6","amount":{"minor":250,"currency":"CNY"},"to_payer":{"minor":210,"currency":"CNY"}})";

  CHECK(must(read_refund(json_reply(done), kRefund)).to_payer == core::Money{210, core::kCny});
  CHECK(is_unknown(read_refund(json_reply(changed(done, "T1A6", "T1A7")), kRefund)));
  CHECK(is_unknown(read_refund(json_reply(changed(done, "T1A5", "T1A7")), kRefund)));
  CHECK(is_unknown(read_refund(json_reply(changed(done, "250", "251")), kRefund)));
  CHECK(is_unknown(read_refund(json_reply(changed(done, "210", "251")), kRefund)));
  const auto refused = R"({"outcome":"refused","order":"T1A5","refund":"T1A6","reason":"payer_account_closed"})";
  CHECK(must(read_refund(json_reply(refused), kRefund)).reason == DeclineReason::PayerAccountClosed);
}

TEST_CASE("more discounts than the limit are an answer that is not understood", "[cloud]") {
  const auto with = [](std::size_t count) {
    std::string text = R"({"outcome":"paid","order":"T1A5","amount":{"minor":1250,"currency":"CNY"},"paid":{"minor":)" +
                       std::to_string(1'250 - count) +
                       R"(,"currency":"CNY"},"transaction":"1","payer":{"wallet":"x"},)" + R"("discounts":[)";
    for (std::size_t i = 0; i < count; ++i)
      text += std::string(i == 0 ? "" : ",") + R"({"amount":{"minor":1,"currency":"CNY"},"funder":"bank"})";
    return text + "]}";
  };

  CHECK(must(read_query(json_reply(with(kDiscountsMax)), kOrder)).discounts.size() == kDiscountsMax);
  CHECK(is_unknown(read_query(json_reply(with(kDiscountsMax + 1)), kOrder)));
}

TEST_CASE("what cannot be read is an unknown outcome, with the place", "[cloud]") {
  const std::string paid(kPaid);
  for (std::size_t size = 0; size < paid.size(); ++size) {
    CAPTURE(size);
    CHECK(is_unknown(read_query(json_reply(std::string_view(paid).substr(0, size)), kOrder)));
  }
  for (const auto* media_type : {"", "text/html", "application/problem+json", "application/jsonx"}) {
    CAPTURE(media_type);
    Reply reply = json_reply(kPaid);
    reply.content_type = media_type;
    CHECK(is_unknown(read_query(reply, kOrder)));
  }
  for (const auto* media_type : {"Application/JSON", "application/json; charset=utf-8", "application/json ;x"}) {
    CAPTURE(media_type);
    Reply reply = json_reply(kPaid);
    reply.content_type = media_type;
    CHECK(read_query(reply, kOrder).has_value());
  }
  const auto typed = read_query(json_reply(changed(paid, "\"42\"", "42")), kOrder);
  CHECK(typed.error().source == ErrorSource::Input);
  CHECK(typed.error().foreign == static_cast<std::int32_t>(changed(paid, "\"42\"", "42").find("42,")));
  CHECK(is_unknown(read_query(json_reply(paid + std::string(kAnswerBodyBytesMax, ' ')), kOrder)));
  CHECK(read_query(json_reply(paid + std::string(kAnswerBodyBytesMax - paid.size(), ' ')), kOrder).has_value());
}

TEST_CASE("only 200 is an answer, whatever its body says", "[cloud]") {
  for (const int status : {201, 202, 204, 301, 400, 404, 409, 422, 500, 503}) {
    CAPTURE(status);
    const auto answer = read_query(json_reply(kPaid, status), kOrder);
    CHECK(is_unknown(answer));
    CHECK(answer.error().source == ErrorSource::Http);
    CHECK(answer.error().foreign == status);
  }
}

}  // namespace
}  // namespace tillkit::cloud
