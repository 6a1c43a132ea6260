// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/rounding.hpp"

namespace tillkit::core {

/// What a quantity counts. Stored in records; never renumber.
enum class QuantityUnit : std::uint8_t {
  Piece = 0,
  Gram = 1,
};

/// `piece`, `gram`: as in records and rule files.
[[nodiscard]] std::string_view to_string(QuantityUnit unit);

/// Most pieces, and most grams (1,000 t), that one quantity can hold.
inline constexpr std::int64_t kPiecesMax = 1'000'000;
inline constexpr std::int64_t kGramsMax = 1'000'000'000;

/// How much of a thing: whole pieces or whole grams, never below zero. That goods come back is said by the sale, not by
/// a sign. The default is no pieces.
class Quantity {
 public:
  constexpr Quantity() = default;

  /// `OutOfRange`: below 0 or above `kPiecesMax`.
  [[nodiscard]] static Result<Quantity> pieces(std::int64_t count);
  /// `OutOfRange`: below 0 or above `kGramsMax`.
  [[nodiscard]] static Result<Quantity> grams(std::int64_t count);
  /// The same, where the unit comes from data.
  [[nodiscard]] static Result<Quantity> make(std::int64_t count, QuantityUnit unit);

  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  [[nodiscard]] constexpr QuantityUnit unit() const { return unit_; }
  [[nodiscard]] constexpr bool is_zero() const { return count_ == 0; }

  /// Same count of the same unit; 0 pieces are not 0 grams.
  friend constexpr bool operator==(const Quantity&, const Quantity&) = default;

  /// Orders quantities of one unit. Pieces and grams have no order: asking for it is a broken invariant.
  friend constexpr std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    TILLKIT_ASSERT(a.unit_ == b.unit_);
    return a.count_ <=> b.count_;
  }

 private:
  constexpr Quantity(std::int64_t count, QuantityUnit unit) : count_(count), unit_(unit) {}

  std::int64_t count_ = 0;
  QuantityUnit unit_ = QuantityUnit::Piece;
};

/// Adds. `InvalidArgument`: pieces and grams. `OutOfRange`: more than the unit's limit.
[[nodiscard]] Result<Quantity> checked_add(const Quantity& a, const Quantity& b);

/// Takes away. `InvalidArgument`: pieces and grams. `OutOfRange`: less than nothing would be left.
[[nodiscard]] Result<Quantity> checked_subtract(const Quantity& a, const Quantity& b);

/// Multiplies. `OutOfRange`: a negative factor, or more than the unit's limit.
[[nodiscard]] Result<Quantity> checked_multiply(const Quantity& quantity, std::int64_t factor);

/// What `bought` costs when `price` is for `per` (1 piece, 500 g, 1,000 g), rounded once.
/// `InvalidArgument`: pieces and grams, or `per` is nothing. `OutOfRange`: the cost does not fit 64 bits.
[[nodiscard]] Result<Money> cost_of(const Quantity& bought, const Money& price, const Quantity& per, Rounding rounding);

}  // namespace tillkit::core
