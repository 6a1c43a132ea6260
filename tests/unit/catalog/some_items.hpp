// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/catalog/catalog.hpp"
#include "tillkit/catalog/csv_import.hpp"

namespace tillkit::catalog {

using core::failed_with;
using core::kCny;
using core::Money;
using core::must;
using Texts = std::vector<std::string_view>;

/// An item for 1.00 CNY. The lists must outlive it.
inline NewItem an_item(const Texts& codes, std::string_view name = "茶") {
  NewItem item;
  item.codes = codes;
  item.name = name;
  item.price = {100, kCny};
  return item;
}

inline bool refused_for(const std::optional<Refusal>& refusal, Reason reason, Field field, std::size_t position = 0) {
  return refusal && refusal->reason == reason && refusal->field == field && refusal->position == position;
}

inline core::WallTime at(std::string_view text) {
  return must(core::parse_rfc3339(text));
}

/// What became of a file: the catalog, if there is one, and the report.
struct Imported {
  std::optional<Catalog> catalog;
  ImportReport report;
};

inline Imported import_csv(std::string_view text, const ImportOptions& options = {}) {
  CsvImport import(options);
  const bool fed = import.feed(text).has_value();
  auto catalog = import.finish();
  CHECK(catalog.has_value() == !import.report().mistake.has_value());
  CHECK((fed || !catalog.has_value()));
  Imported imported;
  imported.report = import.report();
  if (catalog) imported.catalog = *std::move(catalog);
  return imported;
}

}  // namespace tillkit::catalog
