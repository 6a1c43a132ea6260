// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "tillkit/catalog/limits.hpp"
#include "tillkit/catalog/refusal.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/quantity.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::catalog {

using ItemId = core::TextId<struct ItemIdTag, kIdBytesMax>;
/// A brand, a category or a tag.
using Label = core::TextId<struct LabelTag, kLabelBytesMax>;

/// What the shop's scale prints into a code to name the item (PLU), as a number: `00123` and `123` are one. 0 is none.
using ItemReference = core::StrongId<struct ItemReferenceTag, std::uint32_t>;

/// Reads a reference: 1 to `kReferenceDigitsMax` digits, not all of them 0. `InvalidArgument` with the byte offset.
[[nodiscard]] core::Result<ItemReference> parse_reference(std::string_view digits);

/// A price for the time from `from` to just before `until`; either end may be open, not both.
struct TimedPrice {
  core::WallTime from = core::WallTime::min();
  core::WallTime until = core::WallTime::max();
  core::Money price;

  friend constexpr bool operator==(const TimedPrice&, const TimedPrice&) = default;
};

/// An item as it goes into a catalog. The texts belong to the caller and are copied.
struct NewItem {
  std::string_view id{};                      ///< Empty: the first code.
  std::span<const std::string_view> codes{};  ///< At least one; one key twice counts once.
  std::string_view name{};
  std::string_view brand{};  ///< Empty: none.
  std::span<const std::string_view> categories{};
  std::span<const std::string_view> tags{};
  core::Money price{};
  std::int64_t per_grams = 0;  ///< The price is for so many grams; 0: for a piece.
  std::span<const TimedPrice> timed_prices{};
  core::BasisPoints tax_rate{};
  bool tax_inclusive = true;
  std::int64_t minimum_age = 0;
  std::string_view reference{};  ///< Digits; empty: none.
};

/// Which of an item's prices this is.
enum class PriceBasis : std::uint8_t {
  Base = 0,
  Timed = 1,
  ClockUnknown = 2,  ///< The base price, because nobody knows whether one of its timed prices holds now.
};

[[nodiscard]] std::string_view to_string(PriceBasis basis);

struct PriceReading {
  core::Money price;
  PriceBasis basis = PriceBasis::Base;

  friend constexpr bool operator==(const PriceReading&, const PriceReading&) = default;
};

struct CatalogStorage;

/// Texts in a catalog: `for (const std::string_view tag : item.tags())`. Allocates nothing.
class TextList {
 private:
  enum class Kind : std::uint8_t { Codes, Labels };

 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = std::string_view;

    Iterator() = default;
    [[nodiscard]] std::string_view operator*() const { return text_at(storage_, kind_, at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++at_;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class TextList;
    Iterator(const CatalogStorage* storage, Kind kind, std::size_t at) : storage_(storage), at_(at), kind_(kind) {}
    const CatalogStorage* storage_ = nullptr;
    std::size_t at_ = 0;
    Kind kind_ = Kind::Codes;
  };

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// `index` must be below `size()`.
  [[nodiscard]] std::string_view operator[](std::size_t index) const;
  [[nodiscard]] bool contains(std::string_view text) const;
  [[nodiscard]] Iterator begin() const { return {storage_, kind_, first_}; }
  [[nodiscard]] Iterator end() const { return {storage_, kind_, first_ + count_}; }

 private:
  friend class ItemView;
  TextList(const CatalogStorage* storage, Kind kind, std::size_t first, std::size_t count)
      : storage_(storage), first_(first), count_(count), kind_(kind) {}

  [[nodiscard]] static std::string_view text_at(const CatalogStorage* storage, Kind kind, std::size_t at);

  const CatalogStorage* storage_;
  std::size_t first_;
  std::size_t count_;
  Kind kind_;
};

/// One item of a `Catalog`, which must outlive it and everything it gives out. Cheap to copy; allocates nothing.
class ItemView {
 public:
  [[nodiscard]] ItemIndex index() const { return index_; }
  [[nodiscard]] std::string_view id() const;
  [[nodiscard]] std::string_view name() const;
  /// As they were written, GTINs too.
  [[nodiscard]] TextList codes() const;
  /// Empty: none.
  [[nodiscard]] std::string_view brand() const;
  [[nodiscard]] TextList categories() const;
  [[nodiscard]] TextList tags() const;

  [[nodiscard]] core::Money base_price() const;
  /// In the order of time; they do not overlap.
  [[nodiscard]] std::span<const TimedPrice> timed_prices() const;
  /// What the price is for, as `core::cost_of` wants it: 1 piece, 500 g, 1,000 g.
  [[nodiscard]] core::Quantity per() const;
  /// The price that holds at `now`. Timed prices need a trusted or estimated time.
  [[nodiscard]] PriceReading price_at(const core::WallReading& now) const;

  [[nodiscard]] core::BasisPoints tax_rate() const;
  /// Whether the price has the tax in it.
  [[nodiscard]] bool tax_inclusive() const;
  /// In years; 0: none.
  [[nodiscard]] int minimum_age() const;
  [[nodiscard]] ItemReference reference() const;

 private:
  friend class Catalog;
  friend class CatalogBuilder;
  ItemView(const CatalogStorage* storage, ItemIndex index) : storage_(storage), index_(index) {}

  const CatalogStorage* storage_;
  ItemIndex index_;
};

}  // namespace tillkit::catalog
