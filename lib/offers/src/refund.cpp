// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "points.hpp"
#include "running.hpp"
#include "tillkit/offers/proof.hpp"

namespace tillkit::offers {
namespace detail {
namespace {

std::int64_t units_of(const ProofLine& line) {
  return line.weighed ? 1 : line.count;
}

/// What some units of a line add up to.
struct Returned {
  std::int64_t units = 0;
  std::int64_t list = 0;
  std::int64_t net = 0;
  std::vector<std::int64_t> discounts;  // as ProofLine::discounts
};

/// Units of one line, sorted, without overlaps.
using Ranges = std::vector<UnitRange>;

core::Result<std::size_t> find_line(const PriceProof& proof, const UnitRange& range) {
  const auto line = std::ranges::lower_bound(proof.lines, range.line, {}, &ProofLine::id);
  if (line == proof.lines.end() || line->id != range.line) return core::fail(core::ErrorCode::InvalidArgument);
  const std::int64_t units = units_of(*line);
  if (range.first < 1 || range.count < 1 || range.first > units || range.count > units - range.first + 1) {
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  return static_cast<std::size_t>(line - proof.lines.begin());
}

core::Result<> add_ranges(const PriceProof& proof, std::span<const UnitRange> given, std::vector<Ranges>& by_line) {
  for (const UnitRange& range : given) {
    TILLKIT_TRY(const std::size_t line, find_line(proof, range));
    by_line[line].push_back(range);
  }
  return {};
}

bool overlap(const Ranges& a, const Ranges& b) {
  Ranges all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::ranges::sort(all, {}, &UnitRange::first);
  return std::ranges::adjacent_find(all, [](const UnitRange& one, const UnitRange& next) {
           return next.first < one.first + one.count;
         }) != all.end();
}

Returned sum_of(const ProofLine& line, const Ranges& ranges) {
  Returned sum;
  sum.discounts.assign(line.discounts.size(), 0);
  for (const UnitRange& range : ranges) {
    for (const UnitBand& band : line.bands) {
      const std::int64_t from = std::max(range.first, band.first);
      const std::int64_t to = std::min(range.first + range.count, band.first + band.count);
      if (from >= to) continue;
      sum.units += to - from;
      sum.list += (to - from) * band.list;
      sum.net += (to - from) * band.net;
      for (std::size_t i = 0; i < band.discounts.size(); ++i)
        sum.discounts[i] += (to - from) * band.discounts[i];
    }
  }
  return sum;
}

RefundLine refund_line(const ProofLine& line, const Returned& before, const Returned& now) {
  RefundLine out;
  out.line = line.id;
  out.units = now.units;
  out.list = now.list;
  out.net = now.net;
  out.tax = running(line.tax, before.net + now.net, line.net) - running(line.tax, before.net, line.net);
  out.payable = line.tax_included ? out.net : out.net + out.tax;
  for (std::size_t i = 0; i < line.discounts.size(); ++i) {
    if (now.discounts[i] == 0) continue;
    const LineDiscount& discount = line.discounts[i];
    out.discounts.push_back({discount.use, now.discounts[i],
                             split_over_funders(discount.funders, discount.amount, before.discounts[i],
                                                before.discounts[i] + now.discounts[i])});
  }
  return out;
}

/// Coupons whose last discounted unit is returned now.
void give_coupons_back(const PriceProof& proof, const std::vector<std::int64_t>& before,
                       const std::vector<std::int64_t>& after, Refund& out) {
  for (std::size_t i = 0; i < proof.uses.size(); ++i) {
    const ProofUse& use = proof.uses[i];
    if (!use.coupon.empty() && before[i] < use.discount && after[i] == use.discount)
      out.coupons_back.push_back(use.coupon);
  }
  if (!out.whole) return;
  for (std::uint32_t i = 0; i < proof.grants.size(); ++i) {
    out.grants_void.push_back(i);
    if (!proof.grants[i].coupon.empty()) out.coupons_back.push_back(proof.grants[i].coupon);
  }
  for (std::uint32_t i = 0; i < proof.gifts.size(); ++i) {
    out.gifts_back.push_back(i);
    if (!proof.gifts[i].coupon.empty()) out.coupons_back.push_back(proof.gifts[i].coupon);
  }
}

}  // namespace
}  // namespace detail

core::Result<Refund> refund(const PriceProof& proof, std::span<const UnitRange> before,
                            std::span<const UnitRange> now) {
  std::vector<detail::Ranges> returned(proof.lines.size());
  std::vector<detail::Ranges> returning(proof.lines.size());
  TILLKIT_TRY_VOID(detail::add_ranges(proof, before, returned));
  TILLKIT_TRY_VOID(detail::add_ranges(proof, now, returning));
  for (std::size_t i = 0; i < returned.size(); ++i) {
    if (detail::overlap(returned[i], returning[i])) return core::fail(core::ErrorCode::AlreadyExists);
  }

  Refund out;
  std::vector<std::int64_t> used_before(proof.uses.size(), 0);
  std::vector<std::int64_t> used_after(proof.uses.size(), 0);
  std::vector<detail::Earning> earned_before;
  std::vector<detail::Earning> earned_after;
  std::int64_t units_left = 0;
  for (std::size_t i = 0; i < proof.lines.size(); ++i) {
    const ProofLine& line = proof.lines[i];
    const detail::Returned was = detail::sum_of(line, returned[i]);
    const detail::Returned is = detail::sum_of(line, returning[i]);
    units_left += detail::units_of(line) - was.units - is.units;
    earned_before.push_back({line.net - was.net, line.points_numerator, line.points_denominator});
    earned_after.push_back({line.net - was.net - is.net, line.points_numerator, line.points_denominator});
    for (std::size_t d = 0; d < line.discounts.size(); ++d) {
      used_before[line.discounts[d].use] += was.discounts[d];
      used_after[line.discounts[d].use] += was.discounts[d] + is.discounts[d];
    }
    if (is.units == 0) continue;
    out.lines.push_back(detail::refund_line(line, was, is));
    const RefundLine& added = out.lines.back();
    out.list += added.list;
    out.discount += added.list - added.net;
    out.net += added.net;
    out.tax += added.tax;
    out.payable += added.payable;
  }
  out.whole = units_left == 0 && !now.empty();
  TILLKIT_TRY(const std::int64_t points_before, detail::points_of(earned_before));
  TILLKIT_TRY(const std::int64_t points_after, detail::points_of(earned_after));
  out.points = points_before - points_after;
  detail::give_coupons_back(proof, used_before, used_after, out);
  return out;
}

}  // namespace tillkit::offers
