// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basket_view.hpp"
#include "tillkit/offers/evaluate.hpp"

namespace tillkit::offers::detail {

/// An offer of lane Price that made the price of some lines.
struct PriceUse {
  OfferIndex offer = 0;
  std::uint32_t first_share = 0;
  std::uint32_t shares = 0;
};

/// Lane Price: on each line the lowest price wins.
class PriceLane {
 public:
  /// Brings the lines of `basket` to their initial prices.
  void run(BasketView& basket);

  [[nodiscard]] std::span<const PriceUse> uses() const { return uses_; }
  [[nodiscard]] std::span<const LineShare> shares(const PriceUse& use) const {
    return std::span(shares_).subspan(use.first_share, use.shares);
  }

 private:
  struct Win {
    std::uint32_t rank;
    std::uint32_t line;
    std::int64_t amount;
  };
  enum class Known : std::uint8_t { No, Open, Closed };

  std::vector<PriceUse> uses_;
  std::vector<LineShare> shares_;
  std::vector<Win> wins_;
  std::vector<Known> known_;  // by rank; lane Price has the first ranks
};

/// What a line costs at the price of an offer; its list amount where the offer is not about such goods.
[[nodiscard]] std::int64_t amount_at(const WorkLine& line, std::int64_t count, const UnitPriceTo& price);

}  // namespace tillkit::offers::detail
