// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "replay.hpp"
#include "tillkit/offers/proof.hpp"

namespace tillkit::offers::detail {

/// Says why offers were not used: those that have goods in the basket, and every coupon in it. In the order of offers,
/// then coupon ids.
class Reasons {
 public:
  Reasons(const Problem& problem, std::span<const Chosen> chosen, std::span<const Take> takes,
          std::span<const OfferIndex> price_offers, std::span<const std::uint32_t> given_coupons)
      : problem_(problem), chosen_(chosen), takes_(takes), price_offers_(price_offers), given_(given_coupons) {}

  [[nodiscard]] std::vector<Rejection> list();

 private:
  [[nodiscard]] bool is_used(OfferIndex offer, std::uint32_t coupon) const;
  [[nodiscard]] bool has_goods(OfferIndex offer) const;
  [[nodiscard]] Rejection reject(OfferIndex offer, std::uint32_t coupon);
  [[nodiscard]] Rejection reject_money(OfferIndex offer, std::uint32_t coupon);
  [[nodiscard]] bool misses_threshold(OfferIndex offer, ScopeSum sum, Rejection& out) const;
  [[nodiscard]] Rejection reject_open(std::uint32_t use);
  [[nodiscard]] bool is_kept_out(std::uint32_t use, Rejection& out) const;
  [[nodiscard]] bool is_short_of_goods(std::uint32_t use, Rejection& out);
  void name(std::uint32_t use, Rejection& out) const;

  const Problem& problem_;
  std::span<const Chosen> chosen_;
  std::span<const Take> takes_;
  std::span<const OfferIndex> price_offers_;
  std::span<const std::uint32_t> given_;  // coupons that take no money off, and are used
  ItemSearch items_;
  Replay replay_;
  SearchBudget budget_;
  std::vector<std::uint64_t> no_groups_;
};

/// "needs 3.20 more": for the cashier.
[[nodiscard]] std::string text_of(const Rejection& rejection, core::Currency currency);

}  // namespace tillkit::offers::detail
