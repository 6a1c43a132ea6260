// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/payment/tables.hpp"

namespace tillkit::payment {

inline core::JsonWriter& write_money(core::JsonWriter& json, std::string_view name, const core::Money& money) {
  return json.name(name)
      .begin_object()
      .name("minor")
      .integer(money.minor)
      .name("currency")
      .text(money.currency.alpha())
      .end_object();
}

inline core::Result<core::Money> read_money(const core::JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue money, body.member(name));
  TILLKIT_TRY(const core::JsonValue minor, money.member("minor"));
  TILLKIT_TRY(const core::JsonValue currency, money.member("currency"));
  TILLKIT_TRY(const std::int64_t number, minor.integer());
  TILLKIT_TRY(const std::string_view alpha, currency.text());
  TILLKIT_TRY(const core::Currency found, core::find_currency(alpha));
  return core::Money{number, found};
}

inline core::Result<std::int64_t> read_integer(const core::JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, body.member(name));
  return value.integer();
}

inline core::Result<bool> read_boolean(const core::JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, body.member(name));
  return value.boolean();
}

inline core::Result<journal::OrderNumber> read_order(const core::JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, body.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return journal::OrderNumber::parse(text);
}

/// A number from 1 to `count`; 0 and others are `Corrupt`.
template <class Enum>
core::Result<Enum> enum_of(std::int64_t number, std::size_t count) {
  if (number < 1 || number > static_cast<std::int64_t>(count)) return core::fail(core::ErrorCode::Corrupt);
  return static_cast<Enum>(number);
}

/// 0 is none.
inline core::Result<std::optional<codes::Wallet>> wallet_of(std::int64_t number) {
  if (number == 0) return std::optional<codes::Wallet>{};
  TILLKIT_TRY(const auto wallet, enum_of<codes::Wallet>(number, codes::kWalletCount));
  return std::optional(wallet);
}

inline std::int64_t number_of(std::optional<codes::Wallet> wallet) {
  return wallet ? static_cast<std::int64_t>(*wallet) : 0;
}

}  // namespace tillkit::payment
