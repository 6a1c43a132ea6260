// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "tillkit/catalog/refusal.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/rate.hpp"

namespace tillkit::catalog {

/// What a text says, or what is wrong with it. CSV and JSON share these readings.
template <class Value>
using Reading = std::expected<Value, Reason>;

/// Without spaces and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// `12.50`, `12.5` or `12`: at most the currency's decimals. Minor units.
[[nodiscard]] Reading<std::int64_t> read_price(std::string_view text, core::Currency currency);
/// `1250`
[[nodiscard]] Reading<std::int64_t> read_price_minor(std::string_view text);
/// `13%`, `0.25%`, or basis points: `1300`.
[[nodiscard]] Reading<core::BasisPoints> read_tax_rate(std::string_view text);
/// `piece` (0), or a weight in grams: `g`, `500g`, `kg`, `2kg`.
[[nodiscard]] Reading<std::int64_t> read_unit(std::string_view text);
/// `true`, `yes`, `1` and `false`, `no`, `0`, in small letters or capitals.
[[nodiscard]] Reading<bool> read_flag(std::string_view text);
[[nodiscard]] Reading<std::int64_t> read_age(std::string_view text);

}  // namespace tillkit::catalog
