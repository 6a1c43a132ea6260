// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/checkout/outcome.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/quantity.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillkit::checkout {

/// What a terminal sells, and by which rules: one catalog and one rule set. News make another one; a sale that has
/// begun keeps the one it was first priced with.
class Shelf {
 public:
  Shelf(catalog::Catalog catalog, offers::RuleSet rules)
      : catalog_(std::move(catalog)), rules_(std::move(rules)), evaluator_(rules_) {}
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  [[nodiscard]] const catalog::Catalog& catalog() const { return catalog_; }
  [[nodiscard]] const offers::RuleSet& rules() const { return rules_; }
  [[nodiscard]] core::Currency currency() const { return rules_.document().currency; }

 private:
  friend class Basket;

  catalog::Catalog catalog_;
  offers::RuleSet rules_;
  offers::Evaluator evaluator_;
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
  /// the scale printed, for weighed goods; else the catalog's price of `context.now` counts.
  /// - NotForSale, WeightNeeded, NotByWeight, QuantityOutOfRange, BasketFull, AmountTooHigh.
  [[nodiscard]] Outcome<offers::LineId> add(const catalog::ItemView& item, const core::Quantity& quantity,
                                            const std::optional<core::Money>& price, const offers::Context& context);
  /// Gives a line another quantity, of its own unit; 0 removes it.
  /// - NothingToRemove: no such line. Others as `add`.
  [[nodiscard]] Outcome<> change(offers::LineId line, const core::Quantity& quantity, const offers::Context& context);
  /// Removes all goods that ask for a higher age.
  [[nodiscard]] Outcome<> remove_older_than(int age, const offers::Context& context);
  /// Prices it as of `context`, by the same prices of items.
  [[nodiscard]] Outcome<> reprice(const offers::Context& context);

  /// Takes over what a record kept, at the price of then and without asking today's rules: lines show what they cost
  /// before discounts until it is priced again.
  void keep(std::vector<BasketLine> lines, std::uint32_t removed, std::int64_t payable);
  /// Takes each item's price of now; what the catalog does not have any more keeps its own.
  [[nodiscard]] Outcome<> refresh_prices(const offers::Context& context);

  /// The proof of the price as of the last change, without what was not used.
  [[nodiscard]] core::Result<offers::PriceProof> proof(const offers::Context& context) const;

  void clear();

 private:
  [[nodiscard]] Outcome<> adopt(std::vector<BasketLine> lines, const offers::Context& context);
  [[nodiscard]] core::Result<offers::Basket> offered(const std::vector<BasketLine>& lines,
                                                     const offers::Context& context) const;

  Shelf* shelf_;
  std::vector<BasketLine> lines_;
  std::uint32_t next_line_ = 1;
  std::uint32_t removed_ = 0;
  BasketPrice price_;
  offers::Evaluation evaluation_;
};

}  // namespace tillkit::checkout
