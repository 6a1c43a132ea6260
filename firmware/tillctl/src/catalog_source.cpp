// SPDX-License-Identifier: Apache-2.0
#include "catalog_source.hpp"

#include <string>

#include "files.hpp"
#include "tillkit/catalog/catalog_json.hpp"
#include "tillkit/catalog/csv_import.hpp"
#include "tillkit/core/json.hpp"

namespace tillctl {
namespace {

namespace catalog = tillkit::catalog;
namespace core = tillkit::core;
namespace offers = tillkit::offers;

constexpr std::size_t kCsvBytesMax = 64UL * 1'048'576;

std::string describe(const catalog::ImportFinding& finding) {
  std::string text = "line " + std::to_string(finding.line) + ": " + std::string(to_string(finding.reason));
  if (finding.field != catalog::Field::None) text += " in " + std::string(to_string(finding.field));
  if (!finding.value.empty()) text += ": '" + finding.value + "'";
  return text;
}

std::optional<catalog::Catalog> read_csv(std::string_view command, const std::string& path, core::Currency currency) {
  const auto text = read_file(command, path, kCsvBytesMax);
  if (!text) return std::nullopt;
  catalog::ImportOptions options;
  options.currency = currency;
  catalog::CsvImport import(options);
  const auto fed = import.feed(*text);
  auto items = fed ? import.finish() : core::Result<catalog::Catalog>(std::unexpected(fed.error()));
  for (const catalog::ImportFinding& finding : import.report().refused)
    failed(command, path + ": " + describe(finding));
  if (items) return *std::move(items);
  failed(command, path + ": " + (import.report().mistake ? describe(*import.report().mistake) : "no catalog"));
  return std::nullopt;
}

std::optional<catalog::Catalog> read_json(std::string_view command, const std::string& path, core::Currency currency) {
  const auto text = read_file(command, path, catalog::kCatalogJsonLimits.bytes_max);
  if (!text) return std::nullopt;
  const auto document = core::JsonDocument::parse(*text, catalog::kCatalogJsonLimits);
  if (!document) {
    failed(command, path + ": no JSON from byte " + std::to_string(document.error().foreign));
    return std::nullopt;
  }
  auto items = catalog::read_catalog(*document, currency);
  if (items) return *std::move(items);
  failed(command, path + ": " + document->path_of(items.error()).value_or("") + ": " +
                      std::string(to_string(items.error().code)));
  return std::nullopt;
}

template <class To>
core::Result<> copy_names(const catalog::TextList& from, To& to) {
  for (const std::string_view label : from) {
    TILLKIT_TRY(to.emplace_back(), offers::Name::parse(label));
  }
  return {};
}

}  // namespace

core::Result<offers::SourceItem> CatalogSource::find(std::string_view code, const core::WallReading& now) const {
  const auto found = catalog_.find_code(code);
  if (!found) return core::fail(core::ErrorCode::NotFound);
  offers::SourceItem item;
  TILLKIT_TRY(item.goods.item, offers::Name::parse(found->id()));
  if (!found->brand().empty()) {
    TILLKIT_TRY(item.goods.brand, offers::Name::parse(found->brand()));
  }
  TILLKIT_TRY_VOID(copy_names(found->categories(), item.goods.categories));
  TILLKIT_TRY_VOID(copy_names(found->tags(), item.goods.tags));
  item.name = found->name();
  item.unit_price = found->price_at(now).price.minor;
  if (item.unit_price > offers::kAmountMax) return core::fail(core::ErrorCode::OutOfRange);
  item.per_grams = found->per().unit() == core::QuantityUnit::Gram ? found->per().count() : 0;
  item.tax_rate = found->tax_rate();
  item.tax_included = found->tax_inclusive();
  return item;
}

std::optional<catalog::Catalog> read_catalog_file(std::string_view command, std::string_view path,
                                                  core::Currency currency) {
  return path.ends_with(".json") ? read_json(command, std::string(path), currency)
                                 : read_csv(command, std::string(path), currency);
}

}  // namespace tillctl
