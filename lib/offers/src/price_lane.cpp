// SPDX-License-Identifier: Apache-2.0
#include "price_lane.hpp"

#include <algorithm>
#include <tuple>

#include "conditions.hpp"
#include "tillkit/core/rounding.hpp"
#include "uses.hpp"

namespace tillkit::offers::detail {

std::int64_t amount_at(const WorkLine& line, std::int64_t count, const UnitPriceTo& price) {
  if (line.weighed != (price.per_grams != 0)) return line.list;
  if (!line.weighed) return count * price.price;
  const auto amount = core::multiply_divide(count, price.price, price.per_grams, core::Rounding::HalfUp);
  return amount ? *amount : line.list;
}

void PriceLane::run(BasketView& basket) {
  uses_.clear();
  shares_.clear();
  wins_.clear();
  const Compiled& rules = basket.rules();
  if (rules.price_offers.values.empty()) return;
  basket.sum_scopes();
  known_.assign(rules.by_rank.size(), Known::No);
  const auto is_open = [&](OfferIndex offer) {
    Known& known = known_[rules.offers[offer].rank];
    if (known == Known::No) {
      const bool open =
          budget_of(basket.context(), rules.document.offers[offer].id) > 0 && is_met(rules.offers[offer], basket);
      known = open ? Known::Open : Known::Closed;
    }
    return known == Known::Open;
  };

  const std::span<WorkLine> lines = basket.lines();
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    WorkLine& line = lines[i];
    std::int64_t lowest = line.list;
    std::uint32_t winner = kNone;
    const auto consider = [&](ScopeIndex scope) {
      for (const OfferIndex offer : rules.price_offers.at(scope)) {
        const auto& price = std::get<UnitPriceTo>(rules.document.offers[offer].effect);
        const std::int64_t amount = amount_at(line, basket.count_of(line), price);
        const std::uint32_t rank = rules.offers[offer].rank;
        if (amount > lowest || (amount == lowest && rank >= winner)) continue;
        if (amount == line.list || !basket.fits(line, scope) || !is_open(offer)) continue;
        lowest = amount;
        winner = rank;
      }
    };
    consider(kEverything);
    for (const ScopeIndex scope : rules.scopes_of(line.goods))
      consider(scope);
    if (winner == kNone) continue;
    wins_.push_back({winner, i, line.list - lowest});
  }

  std::ranges::sort(wins_, {}, [](const Win& win) { return std::tuple(win.rank, win.line); });
  for (const Win& win : wins_) {
    const OfferIndex offer = rules.by_rank[win.rank];
    if (uses_.empty() || uses_.back().offer != offer) {
      uses_.push_back({offer, static_cast<std::uint32_t>(shares_.size()), 0});
    }
    ++uses_.back().shares;
    shares_.push_back({win.line, win.amount});
    WorkLine& line = lines[win.line];
    line.initial -= win.amount;
    line.price = line.weighed ? line.initial : line.initial / line.units;
  }
}

}  // namespace tillkit::offers::detail
