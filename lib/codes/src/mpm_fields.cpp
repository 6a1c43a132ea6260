// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "digits.hpp"
#include "tillkit/codes/mpm.hpp"

namespace tillkit::codes {
namespace {

using core::ErrorCode;

const MpmObject* find_object(const std::vector<MpmObject>& objects, std::uint8_t id) {
  const auto found = std::ranges::find(objects, id, &MpmObject::id);
  return found == objects.end() ? nullptr : &*found;
}

/// Reads `98.7` as a number of units of 10^-exponent. A code that was put together by hand may hold anything.
core::Result<std::int64_t> scaled(std::string_view text, std::size_t exponent) {
  constexpr std::size_t kDigitsMax = 13;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  if (whole.empty() || text.size() > kDigitsMax || !all_digits(whole) || !all_digits(decimals))
    return core::fail(ErrorCode::InvalidArgument);
  while (decimals.size() > exponent) {
    if (decimals.back() != '0') return core::fail(ErrorCode::OutOfRange);
    decimals.remove_suffix(1);
  }
  return number_of(whole) * power_of_ten(static_cast<int>(exponent)) +
         number_of(decimals) * power_of_ten(static_cast<int>(exponent - decimals.size()));
}

core::Result<core::Money> money_in(const Mpm& code, std::uint8_t id) {
  const auto text = code.value(id);
  if (!text) return core::fail(ErrorCode::NotFound);
  TILLKIT_TRY(const core::Currency currency, code.currency());
  TILLKIT_TRY(const std::int64_t minor, scaled(*text, currency.exponent()));
  return core::Money{minor, currency};
}

}  // namespace

const MpmObject* Mpm::find(std::uint8_t id) const {
  return find_object(objects, id);
}

std::optional<std::string_view> Mpm::value(std::uint8_t id) const {
  const MpmObject* const object = find(id);
  if (object == nullptr || !object->parts.empty()) return std::nullopt;
  return object->value;
}

std::optional<std::string_view> Mpm::value(std::uint8_t id, std::uint8_t part) const {
  const MpmObject* const object = find(id);
  const MpmObject* const inner = object == nullptr ? nullptr : find_object(object->parts, part);
  if (inner == nullptr || !inner->parts.empty()) return std::nullopt;
  return inner->value;
}

core::Result<core::Currency> Mpm::currency() const {
  const auto digits = value(kMpmCurrency);
  if (!digits || digits->size() != 3 || !all_digits(*digits)) return core::fail(ErrorCode::NotFound);
  return core::find_currency(static_cast<std::uint16_t>(number_of(*digits)));
}

core::Result<core::Money> Mpm::amount() const {
  return money_in(*this, kMpmAmount);
}

MpmTip Mpm::tip() const {
  const auto kind = value(kMpmTip);
  if (kind == "01") return MpmTip::Prompt;
  if (kind == "02") return MpmTip::Fixed;
  if (kind == "03") return MpmTip::Percent;
  return MpmTip::None;
}

core::Result<core::Money> Mpm::tip_fixed() const {
  return money_in(*this, kMpmTipFixed);
}

core::Result<core::BasisPoints> Mpm::tip_percent() const {
  constexpr std::size_t kDecimals = 2;
  const auto text = value(kMpmTipPercent);
  if (!text) return core::fail(ErrorCode::NotFound);
  TILLKIT_TRY(const std::int64_t points, scaled(*text, kDecimals));
  if (points > core::kWhole.value()) return core::fail(ErrorCode::OutOfRange);
  return core::BasisPoints(static_cast<std::int32_t>(points));
}

}  // namespace tillkit::codes
