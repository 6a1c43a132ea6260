// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/offers/document.hpp"

namespace tillctl {

/// A catalog as baskets ask for it.
class CatalogSource final : public tillkit::offers::ItemSource {
 public:
  explicit CatalogSource(tillkit::catalog::Catalog catalog) : catalog_(std::move(catalog)) {}

  [[nodiscard]] tillkit::core::Result<tillkit::offers::SourceItem> find(
      std::string_view code, const tillkit::core::WallReading& now) const override;

 private:
  tillkit::catalog::Catalog catalog_;
};

/// Reads a catalog from CSV, or from JSON where the name ends in `.json`. What is refused is said on standard error,
/// after `command`: nothing if that is the whole file, else the row is missing.
std::optional<tillkit::catalog::Catalog> read_catalog_file(std::string_view command, std::string_view path,
                                                           tillkit::core::Currency currency);

}  // namespace tillctl
