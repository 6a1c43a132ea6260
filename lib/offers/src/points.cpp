// SPDX-License-Identifier: Apache-2.0
#include "points.hpp"

#include <algorithm>
#include <numeric>

namespace tillkit::offers::detail {
namespace {

/// Nets and parts of rates are below 2^31, so that a product of two fits.
struct Split {
  std::int64_t whole;
  std::int64_t rest;  // in parts of the denominator
};

Split split(const Earning& earning) {
  const std::int64_t product = earning.net * earning.numerator;
  return {product / earning.denominator, product % earning.denominator};
}

core::Result<Earning> reduced(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t common = std::max<std::int64_t>(1, std::gcd(numerator, denominator));
  if (numerator / common > kRateMax || denominator / common > kRateMax) return core::fail(core::ErrorCode::OutOfRange);
  return Earning{0, numerator / common, denominator / common};
}

}  // namespace

core::Result<Earning> add_rates(const Earning& a, const Earning& b) {
  const std::int64_t common = a.denominator / std::gcd(a.denominator, b.denominator);
  std::int64_t numerator = 0;
  std::int64_t first = 0;
  std::int64_t second = 0;
  if (__builtin_mul_overflow(a.numerator, b.denominator / std::gcd(a.denominator, b.denominator), &first) ||
      __builtin_mul_overflow(b.numerator, common, &second) || __builtin_add_overflow(first, second, &numerator)) {
    return core::fail(core::ErrorCode::OutOfRange);
  }
  return reduced(numerator, common * b.denominator);
}

core::Result<Earning> multiply_rates(const Earning& a, const Earning& b) {
  return reduced(a.numerator * b.numerator, a.denominator * b.denominator);
}

core::Result<std::int64_t> points_of(std::span<const Earning> earnings) {
  std::int64_t whole = 0;
  Earning rest{0, 0, 1};
  for (const Earning& earning : earnings) {
    const Split parts = split(earning);
    whole += parts.whole;
    TILLKIT_TRY(rest, add_rates(rest, {0, parts.rest, earning.denominator}));
    whole += rest.numerator / rest.denominator;
    rest.numerator %= rest.denominator;
  }
  return whole;
}

core::Result<std::vector<std::int64_t>> share_points(std::span<const Earning> earnings) {
  TILLKIT_TRY(std::int64_t left, points_of(earnings));
  std::vector<std::int64_t> shares;
  std::vector<std::size_t> order;
  for (const Earning& earning : earnings) {
    order.push_back(shares.size());
    shares.push_back(split(earning).whole);
    left -= shares.back();
  }
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const std::int64_t a_rest = split(earnings[a]).rest * earnings[b].denominator;
    const std::int64_t b_rest = split(earnings[b]).rest * earnings[a].denominator;
    return a_rest != b_rest ? a_rest > b_rest : a < b;
  });
  for (const std::size_t index : order) {
    if (left == 0) break;
    ++shares[index];
    --left;
  }
  return shares;
}

}  // namespace tillkit::offers::detail
