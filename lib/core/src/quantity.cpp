// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/quantity.hpp"

namespace tillkit::core {
namespace {

std::int64_t count_max(QuantityUnit unit) {
  switch (unit) {
    case QuantityUnit::Piece: return kPiecesMax;
    case QuantityUnit::Gram: return kGramsMax;
  }
  TILLKIT_ASSERT(false && "a QuantityUnit outside the enumeration");
  return 0;
}

}  // namespace

std::string_view to_string(QuantityUnit unit) {
  switch (unit) {
    case QuantityUnit::Piece: return "piece";
    case QuantityUnit::Gram: return "gram";
  }
  TILLKIT_ASSERT(false && "a QuantityUnit outside the enumeration");
  return {};
}

Result<Quantity> Quantity::pieces(std::int64_t count) {
  return make(count, QuantityUnit::Piece);
}

Result<Quantity> Quantity::grams(std::int64_t count) {
  return make(count, QuantityUnit::Gram);
}

Result<Quantity> Quantity::make(std::int64_t count, QuantityUnit unit) {
  if (count < 0 || count > count_max(unit)) return fail(ErrorCode::OutOfRange);
  return Quantity(count, unit);
}

Result<Quantity> checked_add(const Quantity& a, const Quantity& b) {
  if (a.unit() != b.unit()) return fail(ErrorCode::InvalidArgument);
  return Quantity::make(a.count() + b.count(), a.unit());
}

Result<Quantity> checked_subtract(const Quantity& a, const Quantity& b) {
  if (a.unit() != b.unit()) return fail(ErrorCode::InvalidArgument);
  return Quantity::make(a.count() - b.count(), a.unit());
}

Result<Quantity> checked_multiply(const Quantity& quantity, std::int64_t factor) {
  if (factor < 0) return fail(ErrorCode::OutOfRange);
  std::int64_t count = 0;
  if (__builtin_mul_overflow(quantity.count(), factor, &count)) return fail(ErrorCode::OutOfRange);
  return Quantity::make(count, quantity.unit());
}

Result<Money> cost_of(const Quantity& bought, const Money& price, const Quantity& per, Rounding rounding) {
  if (bought.unit() != per.unit() || per.is_zero()) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const std::int64_t minor, multiply_divide(price.minor, bought.count(), per.count(), rounding));
  return Money{minor, price.currency};
}

}  // namespace tillkit::core
