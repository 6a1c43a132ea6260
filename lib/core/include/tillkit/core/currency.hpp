// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// One row of ISO 4217: `CNY`, 156, 2 digits of minor unit.
struct CurrencyRow {
  std::array<char, 3> alpha;
  std::uint16_t numeric;
  std::uint8_t exponent;
};

// clang-format off
/// The currencies that this build knows. Row 0 is ISO 4217's own 'no currency'. The position of a row is never stored.
inline constexpr std::array kCurrencyRows{
    CurrencyRow{{'X', 'X', 'X'}, 999, 0},
    CurrencyRow{{'A', 'E', 'D'}, 784, 2}, CurrencyRow{{'A', 'R', 'S'},  32, 2}, CurrencyRow{{'A', 'U', 'D'},  36, 2},
    CurrencyRow{{'B', 'D', 'T'},  50, 2}, CurrencyRow{{'B', 'H', 'D'},  48, 3}, CurrencyRow{{'B', 'N', 'D'},  96, 2},
    CurrencyRow{{'B', 'R', 'L'}, 986, 2}, CurrencyRow{{'C', 'A', 'D'}, 124, 2}, CurrencyRow{{'C', 'H', 'F'}, 756, 2},
    CurrencyRow{{'C', 'L', 'F'}, 990, 4}, CurrencyRow{{'C', 'L', 'P'}, 152, 0}, CurrencyRow{{'C', 'N', 'Y'}, 156, 2},
    CurrencyRow{{'C', 'O', 'P'}, 170, 2}, CurrencyRow{{'C', 'Z', 'K'}, 203, 2}, CurrencyRow{{'D', 'K', 'K'}, 208, 2},
    CurrencyRow{{'E', 'G', 'P'}, 818, 2}, CurrencyRow{{'E', 'U', 'R'}, 978, 2}, CurrencyRow{{'G', 'B', 'P'}, 826, 2},
    CurrencyRow{{'H', 'K', 'D'}, 344, 2}, CurrencyRow{{'H', 'U', 'F'}, 348, 2}, CurrencyRow{{'I', 'D', 'R'}, 360, 2},
    CurrencyRow{{'I', 'L', 'S'}, 376, 2}, CurrencyRow{{'I', 'N', 'R'}, 356, 2}, CurrencyRow{{'J', 'O', 'D'}, 400, 3},
    CurrencyRow{{'J', 'P', 'Y'}, 392, 0}, CurrencyRow{{'K', 'H', 'R'}, 116, 2}, CurrencyRow{{'K', 'R', 'W'}, 410, 0},
    CurrencyRow{{'K', 'W', 'D'}, 414, 3}, CurrencyRow{{'K', 'Z', 'T'}, 398, 2}, CurrencyRow{{'L', 'A', 'K'}, 418, 2},
    CurrencyRow{{'L', 'K', 'R'}, 144, 2}, CurrencyRow{{'M', 'M', 'K'}, 104, 2}, CurrencyRow{{'M', 'N', 'T'}, 496, 2},
    CurrencyRow{{'M', 'O', 'P'}, 446, 2}, CurrencyRow{{'M', 'X', 'N'}, 484, 2}, CurrencyRow{{'M', 'Y', 'R'}, 458, 2},
    CurrencyRow{{'N', 'O', 'K'}, 578, 2}, CurrencyRow{{'N', 'P', 'R'}, 524, 2}, CurrencyRow{{'N', 'Z', 'D'}, 554, 2},
    CurrencyRow{{'O', 'M', 'R'}, 512, 3}, CurrencyRow{{'P', 'E', 'N'}, 604, 2}, CurrencyRow{{'P', 'H', 'P'}, 608, 2},
    CurrencyRow{{'P', 'K', 'R'}, 586, 2}, CurrencyRow{{'P', 'L', 'N'}, 985, 2}, CurrencyRow{{'Q', 'A', 'R'}, 634, 2},
    CurrencyRow{{'R', 'O', 'N'}, 946, 2}, CurrencyRow{{'R', 'U', 'B'}, 643, 2}, CurrencyRow{{'S', 'A', 'R'}, 682, 2},
    CurrencyRow{{'S', 'E', 'K'}, 752, 2}, CurrencyRow{{'S', 'G', 'D'}, 702, 2}, CurrencyRow{{'T', 'H', 'B'}, 764, 2},
    CurrencyRow{{'T', 'N', 'D'}, 788, 3}, CurrencyRow{{'T', 'R', 'Y'}, 949, 2}, CurrencyRow{{'T', 'W', 'D'}, 901, 2},
    CurrencyRow{{'U', 'A', 'H'}, 980, 2}, CurrencyRow{{'U', 'S', 'D'}, 840, 2}, CurrencyRow{{'U', 'Z', 'S'}, 860, 2},
    CurrencyRow{{'V', 'N', 'D'}, 704, 0}, CurrencyRow{{'Z', 'A', 'R'}, 710, 2},
};
// clang-format on

/// A currency of ISO 4217. Made from its code and stored by its code; the default is `XXX`, 'no currency', so that
/// money that was never given a currency cannot be added to any that was.
class Currency {
 public:
  constexpr Currency() = default;

  /// Names a currency in source code: `Currency::of("CNY")`. A code that is not in the table does not compile.
  [[nodiscard]] static consteval Currency of(std::string_view alpha);

  /// Three capitals: `CNY`.
  [[nodiscard]] constexpr std::string_view alpha() const {
    return {kCurrencyRows[row_].alpha.data(), kCurrencyRows[row_].alpha.size()};
  }

  /// 1..999, as in EMVCo tag 53 once written with three digits.
  [[nodiscard]] constexpr std::uint16_t numeric() const { return kCurrencyRows[row_].numeric; }

  /// Digits of the minor unit, 0..4: 2 for CNY, 0 for JPY, 3 for KWD.
  [[nodiscard]] constexpr std::uint8_t exponent() const { return kCurrencyRows[row_].exponent; }

  friend constexpr bool operator==(Currency, Currency) = default;

 private:
  friend Result<Currency> find_currency(std::string_view alpha);
  friend Result<Currency> find_currency(std::uint16_t numeric);

  explicit constexpr Currency(std::size_t row) : row_(static_cast<std::uint8_t>(row)) {}

  std::uint8_t row_ = 0;
};

static_assert(kCurrencyRows.size() <= 256);

/// Finds a currency by its code, capitals only. Fails with `NotFound`, also for `XXX`.
[[nodiscard]] Result<Currency> find_currency(std::string_view alpha);

/// Finds a currency by its number. Fails with `NotFound`, also for 999.
[[nodiscard]] Result<Currency> find_currency(std::uint16_t numeric);

consteval Currency Currency::of(std::string_view alpha) {
  std::size_t row = 0;
  while (std::string_view(kCurrencyRows[row].alpha.data(), 3) != alpha)
    ++row;  // past the end: no constant expression
  return Currency(row);
}

inline constexpr Currency kCny = Currency::of("CNY");
inline constexpr Currency kEur = Currency::of("EUR");
inline constexpr Currency kHkd = Currency::of("HKD");
inline constexpr Currency kJpy = Currency::of("JPY");
inline constexpr Currency kUsd = Currency::of("USD");

}  // namespace tillkit::core
