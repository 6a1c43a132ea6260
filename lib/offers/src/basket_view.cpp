// SPDX-License-Identifier: Apache-2.0
#include "basket_view.hpp"

#include <algorithm>

#include "tillkit/core/quantity.hpp"

namespace tillkit::offers::detail {
namespace {

bool price_fits(const WorkLine& line, const Scope& scope) {
  return line.price >= scope.unit_price_min && (scope.unit_price_max == 0 || line.price <= scope.unit_price_max);
}

core::Result<> check_line(const Compiled& rules, const Line& line) {
  const auto within = [](std::int64_t value, std::int64_t min, std::int64_t max) {
    return value >= min && value <= max;
  };
  if (line.goods.value() >= rules.goods.size() || !within(line.unit_price, 0, kAmountMax) ||
      !within(line.list_amount, 0, kAmountMax) || line.tax_rate < core::BasisPoints{0} ||
      line.tax_rate > core::kWhole) {
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  if (line.weighed) {
    if (!within(line.count, 1, core::kGramsMax)) return core::fail(core::ErrorCode::InvalidArgument);
  } else if (!within(line.count, 1, kLineCountMax) || line.list_amount != line.count * line.unit_price) {
    return core::fail(core::ErrorCode::InvalidArgument);
  }
  return {};
}

}  // namespace

core::Result<> BasketView::load(const Compiled& rules, const Basket& basket) {
  if (basket.lines.size() > kLinesMax) return core::fail(core::ErrorCode::Exhausted);
  rules_ = &rules;
  given_ = &basket;
  lines_.clear();
  std::int64_t total = 0;
  for (std::uint32_t i = 0; i < basket.lines.size(); ++i) {
    const Line& line = basket.lines[i];
    TILLKIT_TRY_VOID(check_line(rules, line));
    total += line.list_amount;
    lines_.push_back({i, line.id, line.goods, rules.goods[line.goods.value()].item, line.weighed,
                      line.weighed ? 1 : line.count, line.weighed ? line.list_amount : line.unit_price,
                      line.list_amount, line.list_amount});
  }
  if (total > kAmountMax) return core::fail(core::ErrorCode::Exhausted);
  if (!std::ranges::is_sorted(lines_, {}, &WorkLine::id)) std::ranges::sort(lines_, {}, &WorkLine::id);
  const auto same = std::ranges::adjacent_find(lines_, {}, &WorkLine::id);
  return same == lines_.end() ? core::Result<>{} : core::Result<>(core::fail(core::ErrorCode::InvalidArgument));
}

bool BasketView::fits(const WorkLine& line, ScopeIndex scope) const {
  return scope == kEverything || (std::ranges::binary_search(rules_->scopes_of(line.goods), scope) &&
                                  price_fits(line, rules_->scopes[scope].scope));
}

void BasketView::sum_scopes() {
  if (sums_.size() != rules_->scopes.size()) {
    sums_.assign(rules_->scopes.size(), {});
    stamps_.assign(rules_->scopes.size(), 0);
    stamp_ = 0;
  }
  if (++stamp_ == 0) {  // the stamps came around
    std::ranges::fill(stamps_, 0U);
    stamp_ = 1;
  }
  links_.clear();
  touched_.clear();
  touched_.push_back(kEverything);
  stamps_[kEverything] = stamp_;
  sums_[kEverything] = {};
  for (std::uint32_t i = 0; i < lines_.size(); ++i) {
    const WorkLine& line = lines_[i];
    sums_[kEverything].sum.amount += line.initial;
    sums_[kEverything].sum.units += line.units;
    for (const ScopeIndex scope : rules_->scopes_of(line.goods)) {
      if (!price_fits(line, rules_->scopes[scope].scope)) continue;
      Entry& entry = sums_[scope];
      const auto link = static_cast<std::uint32_t>(links_.size());
      if (stamps_[scope] != stamp_) {
        stamps_[scope] = stamp_;
        entry = {{}, link, link};
        touched_.push_back(scope);
      } else {
        links_[entry.tail].next = link;
        entry.tail = link;
      }
      links_.push_back({i, kNone});
      entry.sum.amount += line.initial;
      entry.sum.units += line.units;
    }
  }
}

}  // namespace tillkit::offers::detail
