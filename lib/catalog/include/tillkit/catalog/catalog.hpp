// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "tillkit/catalog/item.hpp"
#include "tillkit/catalog/limits.hpp"
#include "tillkit/catalog/refusal.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::catalog {

/// The items of a shop, in one currency. Made by a `CatalogBuilder`, then never changed: news make another one.
/// Looking up allocates nothing. A catalog that was moved from may only be destroyed or assigned to.
class Catalog {
 public:
  /// An empty one, of no currency.
  Catalog();
  ~Catalog();
  Catalog(Catalog&& other) noexcept;
  Catalog& operator=(Catalog&& other) noexcept;

  [[nodiscard]] core::Currency currency() const;
  [[nodiscard]] std::size_t size() const;
  /// `index` must be below `size()`.
  [[nodiscard]] ItemView item(ItemIndex index) const;

  /// Finds by any code, in constant time. A GTIN is found in each of its lengths (see `gtin_number`); any other code is
  /// itself, to the case.
  [[nodiscard]] std::optional<ItemView> find_code(std::string_view code) const;
  [[nodiscard]] std::optional<ItemView> find_id(std::string_view id) const;
  [[nodiscard]] std::optional<ItemView> find_reference(ItemReference reference) const;

  /// All memory that the catalog holds.
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  friend class CatalogBuilder;
  explicit Catalog(std::unique_ptr<const CatalogStorage> storage);

  std::unique_ptr<const CatalogStorage> storage_;
};

/// Collects items. What is refused changes nothing, so the next item can be added.
class CatalogBuilder {
 public:
  explicit CatalogBuilder(core::Currency currency, const CatalogLimits& limits = {});
  ~CatalogBuilder();
  CatalogBuilder(CatalogBuilder&& other) noexcept;
  CatalogBuilder& operator=(CatalogBuilder&& other) noexcept;

  /// Adds an item. `check` says more about a refusal:
  /// - InvalidArgument: one of its texts or numbers is wrong.
  /// - AlreadyExists: a code, the id or the reference belongs to another item.
  /// - Exhausted: a limit.
  [[nodiscard]] core::Result<ItemIndex> add(const NewItem& item);
  /// Why `add` would refuse it; nothing if it would not.
  [[nodiscard]] std::optional<Refusal> check(const NewItem& item) const;

  /// Adds a price for a time to an item of this builder. Fails as `add` does.
  [[nodiscard]] core::Result<> add_timed_price(ItemIndex item, const TimedPrice& price);
  [[nodiscard]] std::optional<Refusal> check_timed_price(ItemIndex item, const TimedPrice& price) const;

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::optional<ItemIndex> find_code(std::string_view code) const;
  [[nodiscard]] std::optional<ItemIndex> find_id(std::string_view id) const;
  /// An item added so far, without its timed prices. Valid until the next `add`.
  [[nodiscard]] ItemView item(ItemIndex index) const;

  /// Makes the catalog; the builder may then only be destroyed or assigned to.
  [[nodiscard]] Catalog finish() &&;

 private:
  struct Draft;
  std::unique_ptr<Draft> draft_;
};

}  // namespace tillkit::catalog
