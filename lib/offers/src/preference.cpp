// SPDX-License-Identifier: Apache-2.0
// Of combinations that save the same, which is the best.
#include <algorithm>
#include <array>

#include "item_units.hpp"

namespace tillkit::offers::detail {
namespace {

/// Negative where a's units are to be preferred: RULES.md 7 (7).
int compare_takes(std::span<const Take> a, std::span<const Take> b) {
  const std::size_t both = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (a[i].part != b[i].part) return a[i].part < b[i].part ? -1 : 1;
    if (a[i].line != b[i].line) return a[i].line < b[i].line ? -1 : 1;
    if (a[i].count != b[i].count) return a[i].count > b[i].count ? -1 : 1;
  }
  if (a.size() == b.size()) return 0;
  return a.size() > b.size() ? -1 : 1;
}

struct CouponList {
  std::array<const Coupon*, kCouponsMax> coupons{};
  std::size_t count = 0;
  std::int64_t face = 0;

  [[nodiscard]] std::span<const Coupon*> view() { return std::span(coupons).first(count); }
};

CouponList coupons_of(const Problem& problem, std::span<const Chosen> chosen) {
  CouponList list;
  for (const Chosen& one : chosen) {
    const std::uint32_t coupon = problem.use(one.use).coupon;
    if (coupon == kNoCoupon) continue;
    list.coupons[list.count++] = &problem.given->coupons[coupon];
    list.face += one.face;
  }
  return list;
}

template <class Key>
int compare_sorted(CouponList& a, CouponList& b, Key key) {
  std::ranges::sort(a.view(), {}, [&](const Coupon* coupon) { return coupon->*key; });
  std::ranges::sort(b.view(), {}, [&](const Coupon* coupon) { return coupon->*key; });
  for (std::size_t i = 0; i < a.count; ++i) {
    if (a.coupons[i]->*key < b.coupons[i]->*key) return -1;
    if (b.coupons[i]->*key < a.coupons[i]->*key) return 1;
  }
  return 0;
}

}  // namespace

int Problem::compare(std::span<const Chosen> a, std::span<const Take> a_takes, std::span<const Chosen> b,
                     std::span<const Take> b_takes) const {
  CouponList a_coupons = coupons_of(*this, a);
  CouponList b_coupons = coupons_of(*this, b);
  if (a_coupons.count != b_coupons.count) return a_coupons.count < b_coupons.count ? -1 : 1;
  if (a_coupons.face != b_coupons.face) return a_coupons.face < b_coupons.face ? -1 : 1;
  if (const int by_expiry = compare_sorted(a_coupons, b_coupons, &Coupon::expires_at); by_expiry != 0) return by_expiry;
  if (const int by_claim = compare_sorted(a_coupons, b_coupons, &Coupon::claimed_at); by_claim != 0) return by_claim;
  if (const int by_id = compare_sorted(a_coupons, b_coupons, &Coupon::id); by_id != 0) return by_id;
  // The coupons are the same; a use that only one has is automatic.
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].use != b[i].use) return a[i].use < b[i].use ? -1 : 1;
    const int by_takes =
        compare_takes(a_takes.subspan(a[i].first_take, a[i].takes), b_takes.subspan(b[i].first_take, b[i].takes));
    if (by_takes != 0) return by_takes;
  }
  if (a.size() == b.size()) return 0;
  return a.size() > b.size() ? -1 : 1;
}

}  // namespace tillkit::offers::detail
