// SPDX-License-Identifier: Apache-2.0
#include "wallet_link.hpp"

#include <algorithm>

#include "rows.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonDocument;
using core::JsonValue;
using core::JsonWriter;
using core::Result;

/// Of the contract's 800 ms, what is left for the wallet.
constexpr std::chrono::milliseconds kIdentifyLimit{600};

void write_wallets(JsonWriter& json, const std::vector<std::string>& wallets) {
  write_texts(json, "wallets", wallets);
}

JsonWriter& begin(JsonWriter& json, std::string_view merchant, std::string_view order) {
  return json.begin_object().name("merchant").text(merchant).name("order").text(order);
}

Result<WalletAnswer> read_answer(const JsonValue& body, std::string_view order) {
  WalletAnswer answer{.said = Said::Answer};
  if (!order.empty()) {
    TILLKIT_TRY(const std::string about, read_text(body, "order"));
    // An answer to another question.
    if (about != order) return body.mistake();
    TILLKIT_TRY(answer.outcome, read_text(body, "outcome"));
  }
  TILLKIT_TRY_VOID(read_if(body, "why", answer.why));
  TILLKIT_TRY_VOID(read_if(body, "reason", answer.reason));
  TILLKIT_TRY_VOID(read_if(body, "minor", answer.minor));
  TILLKIT_TRY_VOID(read_if(body, "currency", answer.currency));
  TILLKIT_TRY_VOID(read_if(body, "paid_minor", answer.paid_minor));
  if (body.find("discounts")) {
    TILLKIT_TRY(answer.discounts, read_discounts(body));
  }
  TILLKIT_TRY_VOID(read_if(body, "transaction", answer.transaction));
  TILLKIT_TRY_VOID(read_if(body, "wallet", answer.wallet));
  TILLKIT_TRY_VOID(read_if(body, "user", answer.user));
  TILLKIT_TRY_VOID(read_if(body, "refunded_minor", answer.refunded_minor));
  TILLKIT_TRY_VOID(read_if(body, "to_payer_minor", answer.to_payer_minor));
  TILLKIT_TRY_VOID(read_if(body, "qr_text", answer.qr_text));
  TILLKIT_TRY_VOID(read_if(body, "qr_valid_ms", answer.qr_valid_ms));
  return answer;
}

/// Whether a status other than 200 says that nothing happened: 409 and 429 are about another request, 5xx about
/// nothing.
bool is_no(int status) {
  return status >= 400 && status < 500 && status != 409 && status != 429;
}

WalletAnswer understand(const HttpReply& reply, std::string_view order) {
  const auto document = JsonDocument::parse(reply.body);
  if (!document) return {};
  if (reply.status == 200) return read_answer(document->root(), order).value_or(WalletAnswer{});
  const auto name = read_text(document->root(), "problem");
  if (!name || !is_no(reply.status)) return {};
  return {.said = Said::Problem, .problem = *name};
}

}  // namespace

WalletAnswer WalletLink::charge(std::string_view merchant, std::string_view order, const Amount& amount,
                                std::string_view code, const std::vector<std::string>& wallets, Lock& lock) const {
  JsonWriter json;
  begin(json, merchant, order).name("code").text(code);
  write_amount(json, "amount", amount);
  write_wallets(json, wallets);
  json.end_object();
  return ask("/charge", json.finish(), order, limit_, lock);
}

WalletAnswer WalletLink::create_qr(std::string_view merchant, std::string_view order, const Amount& amount,
                                   const std::vector<std::string>& wallets, std::int64_t valid_for_s,
                                   Lock& lock) const {
  JsonWriter json;
  begin(json, merchant, order).name("valid_for_s").integer(valid_for_s);
  write_amount(json, "amount", amount);
  write_wallets(json, wallets);
  json.end_object();
  return ask("/qr", json.finish(), order, limit_, lock);
}

WalletAnswer WalletLink::query(std::string_view merchant, std::string_view order, Lock& lock) const {
  JsonWriter json;
  begin(json, merchant, order).end_object();
  return ask("/query", json.finish(), order, limit_, lock);
}

WalletAnswer WalletLink::reverse(std::string_view merchant, std::string_view order, Lock& lock) const {
  JsonWriter json;
  begin(json, merchant, order).end_object();
  return ask("/reverse", json.finish(), order, limit_, lock);
}

WalletAnswer WalletLink::refund(std::string_view merchant, std::string_view order, std::string_view refund,
                                const Amount& amount, Lock& lock) const {
  JsonWriter json;
  begin(json, merchant, order).name("refund").text(refund);
  write_amount(json, "amount", amount);
  json.end_object();
  return ask("/refund", json.finish(), order, limit_, lock);
}

WalletAnswer WalletLink::identify(std::string_view code, const std::vector<std::string>& wallets, Lock& lock) const {
  JsonWriter json;
  json.begin_object().name("code").text(code);
  write_wallets(json, wallets);
  json.end_object();
  return ask("/identify", json.finish(), {}, std::min(limit_, kIdentifyLimit), lock);
}

WalletAnswer WalletLink::ask(const std::string& path, Result<std::string> body, std::string_view order,
                             std::chrono::milliseconds limit, Lock& lock) const {
  if (!body) return {.said = Said::Unreachable};
  lock.unlock();
  const auto reply = http_post(origin_, path, *body, limit);
  core::wipe(*body);
  lock.lock();
  if (!reply) return {.said = reply.error().code == core::ErrorCode::Unavailable ? Said::Unreachable : Said::Nothing};
  return understand(*reply, order);
}

}  // namespace tillkit::sandbox
