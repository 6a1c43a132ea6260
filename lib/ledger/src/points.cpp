// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/points.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/rounding.hpp"

namespace tillkit::ledger {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::Rounding;

constexpr std::string_view kDrawLabel = "tillkit/draw/v1";
constexpr unsigned kByteBits = 8;

bool is_rate(const PointsRate& rate) {
  return rate.points >= 1 && rate.minor >= 1;
}

std::uint64_t read_big_endian(std::span<const std::byte> bytes) {
  std::uint64_t number = 0;
  for (const std::byte byte : bytes)
    number = (number << kByteBits) | std::to_integer<std::uint64_t>(byte);
  return number;
}

/// The upper 64 bits of the product: 32-bit ARM has no type for all of it.
std::uint64_t upper_half_of_product(std::uint64_t a, std::uint64_t b) {
  constexpr unsigned kHalf = 32;
  constexpr std::uint64_t kLow = 0xFFFF'FFFF;
  const std::uint64_t low = (a & kLow) * (b & kLow);
  const std::uint64_t cross = (a >> kHalf) * (b & kLow) + (low >> kHalf);
  const std::uint64_t other_cross = (a & kLow) * (b >> kHalf) + (cross & kLow);
  return (a >> kHalf) * (b >> kHalf) + (cross >> kHalf) + (other_cross >> kHalf);
}

}  // namespace

Result<std::int64_t> points_for(std::int64_t minor, const PointsRate& rate) {
  if (minor < 0 || !is_rate(rate)) return fail(ErrorCode::OutOfRange);
  return core::multiply_divide(minor, rate.points, rate.minor, Rounding::Ceil);
}

Result<std::int64_t> worth_of(std::int64_t points, const PointsRate& rate) {
  if (points < 0 || !is_rate(rate)) return fail(ErrorCode::OutOfRange);
  return core::multiply_divide(points, rate.minor, rate.points, Rounding::Floor);
}

Result<std::int64_t> earned_of(std::int64_t points, std::int64_t payable, std::int64_t by_points) {
  if (points < 0 || by_points < 0 || by_points > payable) return fail(ErrorCode::OutOfRange);
  if (payable == 0) return 0;
  return core::multiply_divide(points, payable - by_points, payable, Rounding::Floor);
}

Result<std::int64_t> draw(const security::MacKey& key, std::uint64_t n, std::int64_t min, std::int64_t max) {
  if (min < 1 || min > max) return fail(ErrorCode::OutOfRange);
  std::array<std::byte, kDrawLabel.size() + sizeof(n)> message{};
  const auto label = std::as_bytes(std::span(kDrawLabel));
  auto* const number = std::ranges::copy(label, message.begin()).out;
  for (std::size_t i = 0; i < sizeof(n); ++i)
    number[i] = static_cast<std::byte>((n >> (kByteBits * (sizeof(n) - 1 - i))) & 0xFFU);
  TILLKIT_TRY(const security::Sha256 mac, key.mac(message));
  const std::uint64_t drawn = read_big_endian(std::span(mac).first<sizeof(std::uint64_t)>());
  const std::uint64_t range = static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min) + 1;
  return min + static_cast<std::int64_t>(upper_half_of_product(drawn, range));
}

}  // namespace tillkit::ledger
