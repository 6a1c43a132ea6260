// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "names.hpp"
#include "tillkit/cloud/gateway.hpp"
#include "tillkit/cloud/session.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

// lib/cloud for a test that is not written in C++: one JSON text per line.
//
//     cloud_peer emit      what the library sends and knows
//     cloud_peer read      answers each line of standard input, {"question", "order", "minor", "status", ...}, with how
//                          the library reads that reply

using namespace tillkit;
using core::JsonDocument;
using core::JsonValue;
using core::JsonWriter;

namespace {

template <class T>
T must(core::Result<T> result) {
  if (!result) throw std::runtime_error(std::string(core::to_string(result.error().code)));
  return *std::move(result);
}

void print(JsonWriter& json) {
  std::puts(must(json.finish()).c_str());
}

void emit_request(std::string_view schema, const core::Result<std::string>& body) {
  const JsonDocument document = must(JsonDocument::parse(must(body)));
  JsonWriter json;
  json.begin_object().name("schema").text(schema).name("body").value(document.root());
  print(json.end_object());
}

cloud::Order order(std::string_view number, std::int64_t minor, core::Currency currency = core::kCny) {
  return {.number = must(cloud::OrderNumber::parse(number)), .amount = {minor, currency}};
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

void emit_requests() {
  codes::WalletRoute both;
  both.add(codes::Wallet::Alipay);
  both.add(codes::Wallet::AlipayPlus);
  const codes::PaymentCode alipay("2810123456789012345678", both, false);
  const codes::PaymentCode emv("hQVDUFYwMWETTwegAAADMwEBVwhiJZhwAAAAAQ==", {}, false);
  const codes::PaymentCode longest(std::string(1'024, '7'), {}, false);
  const auto smallest = order("A", 1);
  const auto largest = order(std::string(32, 'Z'), cloud::kAmountMinorMax, core::Currency::of("JPY"));

  emit_request("IdentifyRequest", cloud::identify_body(alipay));
  emit_request("IdentifyRequest", cloud::identify_body(emv));
  emit_request("AuthoriseRequest", cloud::authorise_body(smallest, alipay, "x"));
  emit_request("AuthoriseRequest", cloud::authorise_body(largest, longest, repeated("水", 42)));
  emit_request("AuthoriseRequest", cloud::authorise_body(smallest, emv, R"(a "quoted" \ name)"));
  emit_request("QrRequest", cloud::qr_body(smallest, {}, "x", std::chrono::seconds{1}));
  emit_request("QrRequest", cloud::qr_body(largest, both.all(), repeated("水", 42), cloud::kQrValidMax));
  emit_request("OrderRequest", cloud::order_body(smallest.number));
  emit_request("OrderRequest", cloud::order_body(largest.number));
  emit_request("RefundRequest", cloud::refund_body({.number = must(cloud::RefundNumber::parse("R1")),
                                                    .order = largest.number,
                                                    .amount = {1, core::kCny}}));
}

template <class Value>
void emit_words(std::string_view schema, std::span<const cloud::Word<Value>> words) {
  JsonWriter json;
  json.begin_object().name("words_of").text(schema).name("words").begin_array();
  for (const auto& word : words)
    json.text(word.text);
  print(json.end_array().end_object());
}

void emit_tables() {
  for (const auto& row : cloud::problem_rows()) {
    JsonWriter json;
    json.begin_object().name("problem").text(row.name).name("status").integer(row.status);
    json.name("number").integer(static_cast<int>(row.type)).name("nothing_happened").boolean(row.nothing_happened);
    print(json.end_object());
  }
  for (const auto& limit : cloud::cloud_limits()) {
    JsonWriter json;
    print(json.begin_object().name("limit").text(limit.name).name("value").integer(limit.value).end_object());
  }
  for (const auto path : {cloud::kIdentifyPath, cloud::kAuthorisePath, cloud::kQrPath, cloud::kQueryPath,
                          cloud::kReversePath, cloud::kRefundPath}) {
    JsonWriter json;
    print(json.begin_object().name("path").text(path).end_object());
  }
  emit_words("Why", cloud::why_words());
  emit_words("Reason", cloud::reason_words());
  emit_words("Funder", cloud::funder_words());
  emit_words("Wallet", cloud::wallet_words());
}

void write_money(JsonWriter& json, std::string_view name, const core::Money& money) {
  json.name(name).begin_object().name("minor").integer(money.minor);
  json.name("currency").text(money.currency.alpha()).end_object();
}

void write_payer(JsonWriter& json, const cloud::Payer& payer) {
  json.name("payer").begin_object();
  json.name("wallet").text(payer.wallet ? cloud::text_of(cloud::wallet_words(), *payer.wallet) : "other");
  if (!payer.reference.empty()) json.name("reference").text(payer.reference.view());
  json.end_object();
}

void write(JsonWriter& json, const cloud::AttemptAnswer& answer) {
  using enum cloud::Outcome;
  json.name("outcome").text(to_string(answer.outcome));
  if (answer.outcome == Pending) json.name("why").text(to_string(answer.why));
  if (answer.outcome == Declined) json.name("reason").text(to_string(answer.reason));
  if (answer.outcome == Paid) write_money(json, "paid", answer.paid);
  if (!answer.discounts.empty()) {
    json.name("discounts").begin_array();
    for (const auto& discount : answer.discounts) {
      json.begin_object();
      write_money(json, "amount", discount.amount);
      json.name("funder").text(to_string(discount.funder));
      if (!discount.id.empty()) json.name("id").text(discount.id.view());
      json.end_object();
    }
    json.end_array();
  }
  if (answer.refunded.is_positive()) write_money(json, "refunded", answer.refunded);
  if (!answer.transaction.empty()) json.name("transaction").text(answer.transaction.view());
  if (answer.payer) write_payer(json, *answer.payer);
}

void write(JsonWriter& json, const cloud::QrAnswer& answer) {
  write(json, answer.attempt);
  if (answer.text.empty()) return;
  json.name("qr").begin_object().name("text").text(answer.text);
  json.name("valid_for_s").integer(answer.valid_for.count()).end_object();
}

void write(JsonWriter& json, const cloud::RefundAnswer& answer) {
  json.name("outcome").text(to_string(answer.outcome));
  if (answer.outcome == cloud::RefundOutcome::Refused) json.name("reason").text(to_string(answer.reason));
  if (answer.to_payer) write_money(json, "to_payer", *answer.to_payer);
}

void write(JsonWriter& json, const cloud::IdentifyAnswer& answer) {
  json.name("outcome").text(answer.payer ? "identified" : "not_identified");
  if (answer.payer) write_payer(json, *answer.payer);
}

void write(JsonWriter& json, const cloud::Session& session) {
  json.name("contract_major").integer(session.contract_major).name("contract_minor").integer(session.contract_minor);
  json.name("server_time").text(must(core::format_rfc3339(session.server_time)));
  if (!session.signed_time) return;
  json.name("signed").text(session.signed_time->message).name("key").text(session.signed_time->key.view());
  json.name("signature_bytes").integer(session.signed_time->signature.size());
}

template <class T>
void answer(const core::Result<T>& result) {
  JsonWriter json;
  json.begin_object().name("understood").boolean(result.has_value());
  if (result) {
    json.name("answer").begin_object();
    write(json, *result);
    json.end_object();
  } else {
    json.name("error").text(core::to_string(result.error().code));
    json.name("source").text(core::to_string(result.error().source));
    json.name("foreign").integer(result.error().foreign);
  }
  print(json.end_object());
}

std::string_view text(const JsonValue& object, std::string_view name) {
  return must(must(object.member(name)).text());
}

void read_one(const JsonValue& line) {
  const cloud::Reply reply{.status = static_cast<int>(must(must(line.member("status")).integer())),
                           .content_type = text(line, "content_type"),
                           .retry_after = text(line, "retry_after"),
                           .body = text(line, "body")};
  const auto question = text(line, "question");
  const auto nonce = must(core::decode_base64url(text(line, "nonce")));
  if (question == "session") return answer(cloud::read_session(reply, nonce));
  if (question == "identify") return answer(cloud::read_identify(reply));
  const auto asked = order(text(line, "order"), must(must(line.member("minor")).integer()));
  if (question == "authorise") return answer(cloud::read_authorise(reply, asked));
  if (question == "create_qr") return answer(cloud::read_qr(reply, asked));
  if (question == "query") return answer(cloud::read_query(reply, asked));
  if (question == "reverse") return answer(cloud::read_reverse(reply, asked));
  if (question != "refund") throw std::runtime_error("no such question");
  answer(cloud::read_refund(reply, {.number = must(cloud::RefundNumber::parse(text(line, "refund"))),
                                    .order = asked.number,
                                    .amount = asked.amount}));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::string_view command = count == 2 ? arguments[1] : "";
    if (command == "emit") {
      emit_requests();
      emit_tables();
      return 0;
    }
    if (command == "read") {
      for (std::string line; std::getline(std::cin, line);) {
        const JsonDocument document = must(JsonDocument::parse(line));
        read_one(document.root());
      }
      return 0;
    }
    std::fputs("usage: cloud_peer emit | cloud_peer read\n", stderr);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "cloud_peer: %s\n", failure.what());
  }
  return 2;
}
