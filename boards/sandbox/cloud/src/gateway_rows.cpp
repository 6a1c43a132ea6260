// SPDX-License-Identifier: Apache-2.0
#include "gateway_rows.hpp"

#include <utility>

#include "rows.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {

using core::JsonValue;
using core::JsonWriter;
using core::read_boolean;
using core::read_integer;
using core::Result;

namespace {

Result<Amount> read_stored_amount(const JsonValue& row, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, row.member(name));
  Amount amount;
  TILLKIT_TRY(amount.minor, read_integer(value, "minor"));
  TILLKIT_TRY(amount.currency, read_text(value, "currency"));
  return amount;
}

}  // namespace

Result<std::string> OrderRow::write() const {
  JsonWriter json;
  json.begin_object().name("terminal").text(terminal).name("fingerprint").text(fingerprint);
  json.name("is_qr").boolean(is_qr);
  write_amount(json, "amount", amount);
  json.name("opened_ms").integer(opened_ms).name("state").integer(std::to_underlying(state));
  json.name("why").text(why).name("reason").text(reason).name("paid_minor").integer(paid_minor);
  write_discounts(json, discounts);
  json.name("transaction").text(transaction).name("wallet").text(wallet);
  json.name("reference").text(reference).name("refunded_minor").integer(refunded_minor);
  json.name("qr_text").text(qr_text).name("qr_until_ms").integer(qr_until_ms);
  json.name("reversing").boolean(reversing);
  write_texts(json, "refunds_open", refunds_open);
  json.name("refunds_open_minor").integer(refunds_open_minor);
  json.name("refunds_count").integer(refunds_count).end_object();
  return json.finish();
}

Result<OrderRow> OrderRow::read(const JsonValue& row) {
  OrderRow order;
  TILLKIT_TRY(order.terminal, read_text(row, "terminal"));
  TILLKIT_TRY(order.fingerprint, read_text(row, "fingerprint"));
  TILLKIT_TRY(order.is_qr, read_boolean(row, "is_qr"));
  TILLKIT_TRY(order.amount, read_stored_amount(row, "amount"));
  TILLKIT_TRY(order.opened_ms, read_integer(row, "opened_ms"));
  TILLKIT_TRY(order.state, read_state(row, OrderState::Refunded));
  TILLKIT_TRY(order.why, read_text(row, "why"));
  TILLKIT_TRY(order.reason, read_text(row, "reason"));
  TILLKIT_TRY(order.paid_minor, read_integer(row, "paid_minor"));
  TILLKIT_TRY(order.discounts, read_discounts(row));
  TILLKIT_TRY(order.transaction, read_text(row, "transaction"));
  TILLKIT_TRY(order.wallet, read_text(row, "wallet"));
  TILLKIT_TRY(order.reference, read_text(row, "reference"));
  TILLKIT_TRY(order.refunded_minor, read_integer(row, "refunded_minor"));
  TILLKIT_TRY(order.qr_text, read_text(row, "qr_text"));
  TILLKIT_TRY(order.qr_until_ms, read_integer(row, "qr_until_ms"));
  TILLKIT_TRY(order.reversing, read_boolean(row, "reversing"));
  TILLKIT_TRY(order.refunds_open, read_texts(row, "refunds_open"));
  TILLKIT_TRY(order.refunds_open_minor, read_integer(row, "refunds_open_minor"));
  TILLKIT_TRY(order.refunds_count, read_integer(row, "refunds_count"));
  return order;
}

Result<std::string> RefundRow::write() const {
  JsonWriter json;
  json.begin_object().name("order").text(order);
  write_amount(json, "amount", amount);
  json.name("state").integer(std::to_underlying(state)).name("to_payer_minor").integer(to_payer_minor);
  json.name("reason").text(reason).end_object();
  return json.finish();
}

Result<RefundRow> RefundRow::read(const JsonValue& row) {
  RefundRow refund;
  TILLKIT_TRY(refund.order, read_text(row, "order"));
  TILLKIT_TRY(refund.amount, read_stored_amount(row, "amount"));
  TILLKIT_TRY(refund.state, read_state(row, RefundState::Refused));
  TILLKIT_TRY(refund.to_payer_minor, read_integer(row, "to_payer_minor"));
  TILLKIT_TRY(refund.reason, read_text(row, "reason"));
  return refund;
}

}  // namespace tillkit::sandbox
