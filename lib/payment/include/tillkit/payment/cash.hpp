// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/rounding.hpp"

namespace tillkit::payment {

inline constexpr std::int64_t kCoinMinorMax = 100'000;

/// What is paid and given in cash: whole multiples of the smallest coin in use.
struct CashRule {
  core::Currency currency;
  std::int64_t coin_minor = 1;  ///< 1 to `kCoinMinorMax`
  core::Rounding rounding = core::Rounding::HalfUp;
};

/// The rule of a currency where the merchant set none: the smallest coin that is in everyday use.
/// CNY: 0.10 (fen are money, but nobody has them), towards the shopper; CHF 0.05, half up; JPY 1, KRW 10; all else one
/// minor unit.
[[nodiscard]] CashRule default_cash_rule(core::Currency currency);

/// How a sum is settled in cash. `taken + rounding + missing == due` and
/// `tendered == taken + change`, to the last unit.
struct CashSettlement {
  core::Money due;       ///< what was left to pay
  core::Money taken;     ///< what stays in the drawer
  core::Money rounding;  ///< what rounding spared the shopper; negative: what it cost
  core::Money change;    ///< what the shopper gets back
  core::Money missing;   ///< what is left to pay by another tender or more cash; 0: it is settled
};

/// What a shopper who pays all of `due` in cash pays.
/// - InvalidArgument: another currency, or a rule out of its range. OutOfRange: `due` is below zero, or the sum does
///   not fit.
[[nodiscard]] core::Result<core::Money> cash_price(const core::Money& due, const CashRule& rule);

/// Takes `tendered` towards `due`. Rounding happens once, with the cash that settles the rest; what is not enough is
/// taken whole, without rounding or change.
/// - as `cash_price`; InvalidArgument also: `tendered` is nothing, or no multiple of the smallest coin.
[[nodiscard]] core::Result<CashSettlement> settle_cash(const core::Money& due, const core::Money& tendered,
                                                       const CashRule& rule);

}  // namespace tillkit::payment
