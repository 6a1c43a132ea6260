// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "names.hpp"
#include "tillkit/cloud/gateway.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;

constexpr std::size_t kCodeCharactersMax = 1'024;

Result<> write_amount(JsonWriter& json, const core::Money& amount) {
  if (!amount.is_positive() || amount.minor > kAmountMinorMax) return fail(ErrorCode::OutOfRange);
  if (amount.currency == core::Currency{}) return fail(ErrorCode::InvalidArgument);
  json.name("amount").begin_object().name("minor").integer(amount.minor);
  json.name("currency").text(amount.currency.alpha()).end_object();
  return {};
}

Result<> write_number(JsonWriter& json, std::string_view name, std::string_view number) {
  if (number.empty()) return fail(ErrorCode::InvalidArgument);
  json.name(name).text(number);
  return {};
}

Result<> write_description(JsonWriter& json, std::string_view description) {
  TILLKIT_TRY_VOID(core::check_utf8(description));
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(description, starts_character));
  if (characters == 0 || characters > kDescriptionCharactersMax) return fail(ErrorCode::InvalidArgument);
  json.name("description").text(description);
  return {};
}

Result<> write_wallets(JsonWriter& json, std::span<const codes::Wallet> wallets) {
  json.name("wallets").begin_array();
  for (std::size_t i = 0; i < wallets.size(); ++i) {
    if (std::ranges::count(wallets.first(i), wallets[i]) > 0) return fail(ErrorCode::InvalidArgument);
    json.text(to_string(wallets[i]));
  }
  json.end_array();
  return {};
}

Result<> write_code(JsonWriter& json, const codes::PaymentCode& code) {
  const auto allowed = [](char c) { return core::is_id_char(c) || c == '+' || c == '/' || c == '='; };
  const std::string_view text = code.reveal();
  if (text.empty() || text.size() > kCodeCharactersMax || !std::ranges::all_of(text, allowed))
    return fail(ErrorCode::InvalidArgument);
  json.name("code").text(text);
  return write_wallets(json, code.wallets());
}

}  // namespace

Result<std::string> identify_body(const codes::PaymentCode& code) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_code(json, code));
  return json.end_object().finish();
}

Result<std::string> authorise_body(const Order& order, const codes::PaymentCode& code, std::string_view description) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_number(json, "order", order.number.view()));
  TILLKIT_TRY_VOID(write_amount(json, order.amount));
  TILLKIT_TRY_VOID(write_code(json, code));
  TILLKIT_TRY_VOID(write_description(json, description));
  return json.end_object().finish();
}

Result<std::string> qr_body(const Order& order, std::span<const codes::Wallet> wallets, std::string_view description,
                            std::chrono::seconds valid_for) {
  if (valid_for < std::chrono::seconds{1} || valid_for > kQrValidMax) return fail(ErrorCode::OutOfRange);
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_number(json, "order", order.number.view()));
  TILLKIT_TRY_VOID(write_amount(json, order.amount));
  TILLKIT_TRY_VOID(write_wallets(json, wallets));
  TILLKIT_TRY_VOID(write_description(json, description));
  return json.name("valid_for_s").integer(valid_for.count()).end_object().finish();
}

Result<std::string> order_body(const OrderNumber& order) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_number(json, "order", order.view()));
  return json.end_object().finish();
}

Result<std::string> refund_body(const Refund& refund) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_number(json, "order", refund.order.view()));
  TILLKIT_TRY_VOID(write_number(json, "refund", refund.number.view()));
  TILLKIT_TRY_VOID(write_amount(json, refund.amount));
  return json.end_object().finish();
}

}  // namespace tillkit::cloud
