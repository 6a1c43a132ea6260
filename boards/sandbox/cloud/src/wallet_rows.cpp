// SPDX-License-Identifier: Apache-2.0
#include "wallet_rows.hpp"

#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::read_boolean;
using core::read_integer;
using core::Result;

}  // namespace

Result<std::string> WalletScript::write() const {
  JsonWriter json;
  json.begin_object().name("yes").boolean(yes).name("reason").text(reason).name("problem").text(problem);
  write_discounts(json, discounts);
  json.name("thinks_ms").integer(thinks_ms).name("travels_ms").integer(travels_ms);
  json.name("answers_after_ms").integer(answers_after_ms).name("arrives").boolean(arrives);
  json.name("answers").boolean(answers).name("closes").boolean(closes).name("twice").boolean(twice);
  json.name("status").integer(status).name("times").integer(times).end_object();
  return json.finish();
}

Result<WalletScript> WalletScript::read(const JsonValue& row) {
  TILLKIT_TRY_VOID(row.only({"yes", "reason", "problem", "discounts", "thinks_ms", "travels_ms", "answers_after_ms",
                             "arrives", "answers", "closes", "twice", "status", "times"}));
  WalletScript script;
  TILLKIT_TRY_VOID(read_if(row, "yes", script.yes));
  TILLKIT_TRY_VOID(read_if(row, "reason", script.reason));
  TILLKIT_TRY_VOID(read_if(row, "problem", script.problem));
  if (row.find("discounts")) {
    TILLKIT_TRY(script.discounts, read_discounts(row));
  }
  TILLKIT_TRY_VOID(read_if(row, "thinks_ms", script.thinks_ms));
  TILLKIT_TRY_VOID(read_if(row, "travels_ms", script.travels_ms));
  TILLKIT_TRY_VOID(read_if(row, "answers_after_ms", script.answers_after_ms));
  TILLKIT_TRY_VOID(read_if(row, "arrives", script.arrives));
  TILLKIT_TRY_VOID(read_if(row, "answers", script.answers));
  TILLKIT_TRY_VOID(read_if(row, "closes", script.closes));
  TILLKIT_TRY_VOID(read_if(row, "twice", script.twice));
  TILLKIT_TRY_VOID(read_if(row, "status", script.status));
  TILLKIT_TRY_VOID(read_if(row, "times", script.times));
  return script;
}

Result<std::string> WalletOrder::write() const {
  TILLKIT_TRY(const std::string script_text, script.write());
  JsonWriter json;
  json.begin_object().name("number").text(number).name("fingerprint").text(fingerprint).name("minor").integer(minor);
  json.name("currency").text(currency).name("wallet").text(wallet).name("user").text(user);
  json.name("state").integer(std::to_underlying(state)).name("until_ms").integer(until_ms);
  json.name("script").text(script_text).name("qr_text").text(qr_text).name("reason").text(reason);
  json.name("taken").boolean(taken).name("paid_minor").integer(paid_minor);
  write_discounts(json, discounts);
  json.name("transaction").text(transaction).name("refunded_minor").integer(refunded_minor);
  json.name("accepted_minor").integer(accepted_minor);
  write_texts(json, "refunds_waiting", refunds_waiting);
  json.end_object();
  return json.finish();
}

Result<WalletOrder> WalletOrder::read(const JsonValue& row) {
  WalletOrder order;
  TILLKIT_TRY(order.number, read_text(row, "number"));
  TILLKIT_TRY(order.fingerprint, read_text(row, "fingerprint"));
  TILLKIT_TRY(order.minor, read_integer(row, "minor"));
  TILLKIT_TRY(order.currency, read_text(row, "currency"));
  TILLKIT_TRY(order.wallet, read_text(row, "wallet"));
  TILLKIT_TRY(order.user, read_text(row, "user"));
  TILLKIT_TRY(order.state, read_state(row, WalletState::Reversed));
  TILLKIT_TRY(order.until_ms, read_integer(row, "until_ms"));
  TILLKIT_TRY(const std::string script, read_text(row, "script"));
  TILLKIT_TRY(order.script, read_row<WalletScript>(script));
  TILLKIT_TRY(order.qr_text, read_text(row, "qr_text"));
  TILLKIT_TRY(order.reason, read_text(row, "reason"));
  TILLKIT_TRY(order.taken, read_boolean(row, "taken"));
  TILLKIT_TRY(order.paid_minor, read_integer(row, "paid_minor"));
  TILLKIT_TRY(order.discounts, read_discounts(row));
  TILLKIT_TRY(order.transaction, read_text(row, "transaction"));
  TILLKIT_TRY(order.refunded_minor, read_integer(row, "refunded_minor"));
  TILLKIT_TRY(order.accepted_minor, read_integer(row, "accepted_minor"));
  TILLKIT_TRY(order.refunds_waiting, read_texts(row, "refunds_waiting"));
  return order;
}

Result<std::string> WalletRefund::write() const {
  JsonWriter json;
  json.begin_object().name("number").text(number).name("order").text(order).name("minor").integer(minor);
  json.name("currency").text(currency).name("outcome").text(outcome).name("yes").boolean(yes);
  json.name("reason").text(reason).name("until_ms").integer(until_ms);
  json.name("to_payer_minor").integer(to_payer_minor).end_object();
  return json.finish();
}

Result<WalletRefund> WalletRefund::read(const JsonValue& row) {
  WalletRefund refund;
  TILLKIT_TRY(refund.number, read_text(row, "number"));
  TILLKIT_TRY(refund.order, read_text(row, "order"));
  TILLKIT_TRY(refund.minor, read_integer(row, "minor"));
  TILLKIT_TRY(refund.currency, read_text(row, "currency"));
  TILLKIT_TRY(refund.outcome, read_text(row, "outcome"));
  TILLKIT_TRY(refund.yes, read_boolean(row, "yes"));
  TILLKIT_TRY(refund.reason, read_text(row, "reason"));
  TILLKIT_TRY(refund.until_ms, read_integer(row, "until_ms"));
  TILLKIT_TRY(refund.to_payer_minor, read_integer(row, "to_payer_minor"));
  return refund;
}

Result<std::string> WalletCode::write() const {
  JsonWriter json;
  json.begin_object().name("user").text(user).name("used_for").text(used_for).end_object();
  return json.finish();
}

Result<WalletCode> WalletCode::read(const JsonValue& row) {
  WalletCode code;
  TILLKIT_TRY(code.user, read_text(row, "user"));
  TILLKIT_TRY(code.used_for, read_text(row, "used_for"));
  return code;
}

Result<std::string> WalletQr::write() const {
  JsonWriter json;
  json.begin_object().name("merchant").text(merchant).name("order").text(order).end_object();
  return json.finish();
}

Result<WalletQr> WalletQr::read(const JsonValue& row) {
  WalletQr qr;
  TILLKIT_TRY(qr.merchant, read_text(row, "merchant"));
  TILLKIT_TRY(qr.order, read_text(row, "order"));
  return qr;
}

Result<std::string> WalletPayer::write() const {
  JsonWriter json;
  json.begin_object().name("wallet").text(wallet).name("balance_minor").integer(balance_minor).end_object();
  return json.finish();
}

Result<WalletPayer> WalletPayer::read(const JsonValue& row) {
  WalletPayer payer;
  TILLKIT_TRY(payer.wallet, read_text(row, "wallet"));
  TILLKIT_TRY(payer.balance_minor, read_integer(row, "balance_minor"));
  return payer;
}

}  // namespace tillkit::sandbox
