// SPDX-License-Identifier: Apache-2.0
#include "checks.hpp"

#include <algorithm>
#include <array>

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::Result;

constexpr std::array<std::string_view, 4> kWallets{"wechat_pay", "alipay", "alipay_plus", "union_pay"};
constexpr std::int64_t kAmountMinorMax = 1'000'000'000'000;
constexpr std::int64_t kCountMax = 9'007'199'254'740'991;
constexpr std::int64_t kMillisecondsMax = 253'402'300'799'999;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kOrderMax = 32;
constexpr std::size_t kTerminalMax = 12;
constexpr std::size_t kCodeMax = 1'024;

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_code_char(char c) {
  return core::is_id_char(c) || c == '+' || c == '/' || c == '=';
}

std::size_t characters_in(std::string_view text) {
  // Bytes that continue a character are 10xxxxxx.
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Result<std::string> read_pattern(const JsonValue& body, std::string_view name, std::size_t min, std::size_t max,
                                 bool (*allowed)(char)) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  if (text.size() < min || text.size() > max || !std::ranges::all_of(text, allowed)) return value.mistake();
  return std::string(text);
}

Result<std::string> read_words(const JsonValue& body, std::string_view name, std::size_t min, std::size_t max) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const std::size_t count = characters_in(text);
  if (count < min || count > max) return value.mistake();
  return std::string(text);
}

Result<std::int64_t> read_number(const JsonValue& body, std::string_view name, std::int64_t min, std::int64_t max) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  return value.integer_in(min, max);
}

Result<std::string> read_name(const JsonValue& body, std::string_view name) {
  return read_pattern(body, name, 1, kNameMax, core::is_id_char);
}

Result<std::string> read_order(const JsonValue& body, std::string_view name) {
  return read_pattern(body, name, 1, kOrderMax, core::is_order_char);
}

Result<std::string> read_terminal(const JsonValue& body, std::string_view name) {
  return read_pattern(body, name, 1, kTerminalMax, core::is_order_char);
}

Result<std::int64_t> read_count(const JsonValue& body, std::string_view name) {
  return read_number(body, name, 0, kCountMax);
}

Result<std::int64_t> read_milliseconds(const JsonValue& body, std::string_view name) {
  return read_number(body, name, 0, kMillisecondsMax);
}

Result<Amount> read_amount(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY_VOID(value.only({"minor", "currency"}));
  Amount amount;
  TILLKIT_TRY(amount.minor, read_number(value, "minor", 1, kAmountMinorMax));
  TILLKIT_TRY(amount.currency, read_pattern(value, "currency", 3, 3, is_capital));
  return amount;
}

void write_amount(core::JsonWriter& json, std::string_view name, const Amount& amount) {
  json.name(name).begin_object().name("minor").integer(amount.minor);
  json.name("currency").text(amount.currency).end_object();
}

Result<std::string> read_payment_code(const JsonValue& body, std::string_view name) {
  return read_pattern(body, name, 1, kCodeMax, is_code_char);
}

Result<std::vector<std::string>> read_wallets(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const auto elements, value.elements());
  std::vector<std::string> wallets;
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const std::string_view wallet, element.text());
    const bool twice = std::ranges::find(wallets, wallet) != wallets.end();
    if (!is_wallet(wallet) || twice) return element.mistake();
    wallets.emplace_back(wallet);
  }
  return wallets;
}

bool is_wallet(std::string_view name) {
  return std::ranges::find(kWallets, name) != kWallets.end();
}

}  // namespace tillkit::sandbox
