// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/payment/tables.hpp"

namespace tillkit::payment {

using core::enum_of;
using core::read_boolean;
using core::read_integer;
using core::read_money;
using core::write_money;

inline core::Result<journal::OrderNumber> read_order(const core::JsonValue& body, std::string_view name) {
  return core::read_id<journal::OrderNumber>(body, name);
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
