// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "tillkit/catalog/catalog.hpp"

namespace tillkit::catalog {

/// Where a till finds what it sells. What it finds stays as it is, with all that it gives out, until `forget`: a sale
/// that has an item already is not told of another price.
class Items {
 public:
  virtual ~Items() = default;

  /// As `Catalog::find_code`. None, too: what is stored of it cannot be read.
  [[nodiscard]] virtual std::optional<ItemView> find_code(std::string_view code) = 0;
  [[nodiscard]] virtual std::optional<ItemView> find_id(std::string_view id) = 0;
  [[nodiscard]] virtual std::optional<ItemView> find_reference(ItemReference reference) = 0;
  /// The next sale begins: nothing that was given out is used any more.
  virtual void forget() = 0;
};

/// Those of a catalog in memory, which never change.
class CatalogItems final : public Items {
 public:
  explicit CatalogItems(Catalog catalog) : catalog_(std::move(catalog)) {}

  [[nodiscard]] std::optional<ItemView> find_code(std::string_view code) override { return catalog_.find_code(code); }
  [[nodiscard]] std::optional<ItemView> find_id(std::string_view id) override { return catalog_.find_id(id); }
  [[nodiscard]] std::optional<ItemView> find_reference(ItemReference reference) override {
    return catalog_.find_reference(reference);
  }
  void forget() override {}

 private:
  Catalog catalog_;
};

}  // namespace tillkit::catalog
