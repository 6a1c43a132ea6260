// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/catalog/items.hpp"
#include "tillkit/checkout/outcome.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/quantity.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/fulfilment/report.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillkit::checkout {

/// What a terminal sells, and by which rules: its items and one rule set. News make another one; a sale that has begun
/// keeps the one it was first priced with.
class Shelf {
 public:
  Shelf(catalog::Catalog catalog, offers::RuleSet rules)
      : Shelf(std::make_unique<catalog::CatalogItems>(std::move(catalog)), std::move(rules)) {}
  /// `items` must not be null.
  Shelf(std::unique_ptr<catalog::Items> items, offers::RuleSet rules)
      : items_(std::move(items)), rules_(std::move(rules)), evaluator_(rules_) {
    for (const offers::Offer& offer : rules_.document().offers) {
      const bool earns = std::holds_alternative<offers::PointsEarn>(offer.effect) ||
                         std::holds_alternative<offers::PointsMultiply>(offer.effect);
      if (offer.coupon && !earns) coupons_.insert(offer.id);
      if (offers::takes_money_off(offer.effect)) costing_.insert(offer.id);
      const bool drawn = std::holds_alternative<offers::RandomOff>(offer.effect);
      if (offer.budgeted || drawn) limited_.push_back(&offer);
    }
  }
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  [[nodiscard]] catalog::Items& items() const { return *items_; }
  [[nodiscard]] const offers::RuleSet& rules() const { return rules_; }
  [[nodiscard]] core::Currency currency() const { return rules_.document().currency; }
  /// Whether the rules have this coupon template.
  /// (A coupon that only changes how points are earned leaves no trace in a proof: none of those.)
  [[nodiscard]] bool has_coupon(const offers::OfferId& offer) const { return coupons_.contains(offer); }
  /// Whether it takes money off, so that what it costs is known.
  [[nodiscard]] bool takes_money_off(const offers::OfferId& offer) const { return costing_.contains(offer); }
  /// The offers with a budget, or with a draw.
  [[nodiscard]] const std::vector<const offers::Offer*>& limited() const { return limited_; }

 private:
  friend class Basket;

  std::unique_ptr<catalog::Items> items_;
  offers::RuleSet rules_;
  offers::Evaluator evaluator_;
  std::unordered_set<offers::OfferId> coupons_;
  std::unordered_set<offers::OfferId> costing_;
  std::vector<const offers::Offer*> limited_;  // in the rules' document, which stays where it is
};

/// One line, as it was scanned: what the records of a sale keep of it.
struct BasketLine {
  offers::LineId id{};
  offers::Name item{};
  std::string name{};
  std::int64_t per_grams = 0;  ///< The price is for so many grams; 0: for a piece.
  std::int64_t count = 0;      ///< Pieces; of weighed goods grams.
  std::int64_t unit_price = 0;
  std::int64_t list = 0;
  core::BasisPoints tax_rate{};
  bool tax_included = true;
  int minimum_age = 0;
  hal::SlotId slot{};  ///< That it was chosen from; 0: by itself.
  bool asked = false;  ///< A machine asked for it, at its price: it knows where it lies, and that it is there.
  std::optional<fulfilment::MdbItem> mdb{};  ///< By this number; none: it did not say, or nobody asked.

  [[nodiscard]] bool weighed() const { return per_grams != 0; }
  friend bool operator==(const BasketLine&, const BasketLine&) = default;
};

/// What the basket costs. Lines in the order of the basket's.
struct BasketPrice {
  std::int64_t list = 0;
  std::int64_t discount = 0;
  std::int64_t payable = 0;  ///< with the tax that prices do not include
  std::vector<std::int64_t> net{};
};

/// What a price depends on besides the goods: when, where, for whom, and which coupons were shown.
struct Pricing {
  Pricing(offers::Context its_context,
          std::vector<offers::Coupon> its_coupons = {})  // NOLINT(google-explicit-constructor)
      : context(std::move(its_context)), coupons(std::move(its_coupons)) {}

  offers::Context context;
  std::vector<offers::Coupon> coupons;  ///< each of a template that the shelf's rules have (`Shelf::has_coupon`)
};

/// What the same goods would come to for another shopper.
struct OtherPrice {
  std::int64_t payable = 0;
  std::int64_t points = 0;
};

/// The goods of one sale before they are paid. Every change is priced at once; one that is refused changes nothing.
class Basket {
 public:
  /// The shelf must outlive the basket.
  explicit Basket(Shelf& shelf) : shelf_(&shelf) {}

  [[nodiscard]] Shelf& shelf() const { return *shelf_; }
  [[nodiscard]] const std::vector<BasketLine>& lines() const { return lines_; }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] const BasketPrice& price() const { return price_; }
  /// So many lines were taken back.
  [[nodiscard]] std::uint32_t removed() const { return removed_; }
  /// The highest age that one of its goods asks for; 0: none.
  [[nodiscard]] int minimum_age() const;

  /// Adds an item: pieces to the line of the same item and price, weighed goods as a line of their own. `price`: what
  /// the scale printed, for weighed goods; else the catalog's price of `pricing` counts.
  /// - NotForSale, WeightNeeded, NotByWeight, QuantityOutOfRange, BasketFull, AmountTooHigh.
  [[nodiscard]] Outcome<offers::LineId> add(const catalog::ItemView& item, const core::Quantity& quantity,
                                            const std::optional<core::Money>& price, const Pricing& pricing,
                                            hal::SlotId slot = {});
  /// Adds one of what a machine asks for. `line`: all but its id and what it comes to.
  /// - BasketFull, AmountTooHigh.
  [[nodiscard]] Outcome<offers::LineId> add_asked(BasketLine line, const Pricing& pricing);
  /// Gives a line another quantity, of its own unit; 0 removes it.
  /// - NothingToRemove: no such line. Others as `add`.
  [[nodiscard]] Outcome<> change(offers::LineId line, const core::Quantity& quantity, const Pricing& pricing);
  /// Removes all goods that ask for a higher age.
  [[nodiscard]] Outcome<> remove_older_than(int age, const Pricing& pricing);
  /// Prices it as of `pricing`, by the same prices of items.
  [[nodiscard]] Outcome<> reprice(const Pricing& pricing);

  /// Takes over what a record kept, at the price of then and without asking today's rules: lines show what they cost
  /// before discounts until it is priced again.
  void keep(std::vector<BasketLine> lines, std::uint32_t removed, std::int64_t payable);
  /// Takes each item's price of now; what the catalog does not have any more keeps its own.
  [[nodiscard]] Outcome<> refresh_prices(const Pricing& pricing);

  /// The proof of the price as of the last change. Of what was not used it says why only of coupons.
  [[nodiscard]] core::Result<offers::PriceProof> proof() const;
  /// What the last change was priced by.
  [[nodiscard]] const Pricing& pricing() const { return pricing_; }
  /// What it would cost and earn by `pricing`. Changes nothing.
  [[nodiscard]] core::Result<OtherPrice> price_by(const Pricing& pricing) const;

  void clear();

 private:
  [[nodiscard]] Outcome<> adopt(std::vector<BasketLine> lines, const Pricing& pricing);
  [[nodiscard]] core::Result<offers::Basket> offered(const std::vector<BasketLine>& lines,
                                                     const Pricing& pricing) const;

  Shelf* shelf_;
  std::vector<BasketLine> lines_;
  std::uint32_t next_line_ = 1;
  std::uint32_t removed_ = 0;
  BasketPrice price_;
  Pricing pricing_{offers::Context{}};
  offers::Evaluation evaluation_;
};

}  // namespace tillkit::checkout
