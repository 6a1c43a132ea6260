// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/cash.hpp"

#include <array>

namespace tillkit::payment {
namespace {

using core::Currency;
using core::ErrorCode;
using core::fail;
using core::Money;
using core::Result;
using core::Rounding;

constexpr std::array kRules{
    CashRule{.currency = Currency::of("CNY"), .coin_minor = 10, .rounding = Rounding::Floor},
    CashRule{.currency = Currency::of("CHF"), .coin_minor = 5, .rounding = Rounding::HalfUp},
    CashRule{.currency = Currency::of("KRW"), .coin_minor = 10, .rounding = Rounding::Floor},
};

}  // namespace

CashRule default_cash_rule(Currency currency) {
  for (const CashRule& rule : kRules) {
    if (rule.currency == currency) return rule;
  }
  return {.currency = currency, .coin_minor = 1, .rounding = Rounding::HalfUp};
}

Result<Money> cash_price(const Money& due, const CashRule& rule) {
  if (due.currency != rule.currency) return fail(ErrorCode::InvalidArgument);
  if (rule.coin_minor < 1 || rule.coin_minor > kCoinMinorMax) return fail(ErrorCode::InvalidArgument);
  if (due.is_negative()) return fail(ErrorCode::OutOfRange);
  return core::round_to_multiple(due, rule.coin_minor, rule.rounding);
}

Result<CashSettlement> settle_cash(const Money& due, const Money& tendered, const CashRule& rule) {
  TILLKIT_TRY(const Money price, cash_price(due, rule));
  if (tendered.currency != due.currency) return fail(ErrorCode::InvalidArgument);
  if (!tendered.is_positive() || tendered.minor % rule.coin_minor != 0) return fail(ErrorCode::InvalidArgument);
  const Money nothing{0, due.currency};
  if (tendered < price) {
    TILLKIT_TRY(const Money missing, core::checked_subtract(due, tendered));
    return CashSettlement{.due = due, .taken = tendered, .rounding = nothing, .change = nothing, .missing = missing};
  }
  TILLKIT_TRY(const Money rounding, core::checked_subtract(due, price));
  TILLKIT_TRY(const Money change, core::checked_subtract(tendered, price));
  return CashSettlement{.due = due, .taken = price, .rounding = rounding, .change = change, .missing = nothing};
}

}  // namespace tillkit::payment
