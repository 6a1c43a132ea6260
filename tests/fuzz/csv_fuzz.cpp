// SPDX-License-Identifier: Apache-2.0
// Catalogs. As CSV: whatever the bytes and however they are cut, the outcome is the same, each row is accounted for,
// and each item is found by its codes and its id. As JSON: a catalog, or an error that names a place in the text. The
// first byte says how the text is cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tillkit/catalog/catalog_json.hpp"
#include "tillkit/catalog/csv_import.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/utf8.hpp"

namespace catalog = tillkit::catalog;
namespace core = tillkit::core;

namespace {

struct Outcome {
  std::optional<catalog::Catalog> items;
  catalog::ImportReport report;
};

Outcome import_csv(std::string_view text, std::size_t piece_bytes) {
  catalog::CsvImport import;
  bool good = true;
  while (!text.empty()) {
    const std::string piece(text.substr(0, piece_bytes));
    text.remove_prefix(piece.size());
    good = import.feed(piece).has_value() && good;
  }
  auto items = import.finish();
  TILLKIT_ASSERT(good || !items.has_value());
  TILLKIT_ASSERT(items.has_value() != import.report().mistake.has_value());
  Outcome outcome;
  outcome.report = import.report();
  if (items) outcome.items = *std::move(items);
  return outcome;
}

void check_items(const catalog::Catalog& items) {
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const catalog::ItemView item = items.item(catalog::ItemIndex(i));
    TILLKIT_ASSERT(items.find_id(item.id())->index() == item.index());
    TILLKIT_ASSERT(!item.codes().empty());
    for (const std::string_view code : item.codes())
      TILLKIT_ASSERT(items.find_code(code)->index() == item.index());
    TILLKIT_ASSERT(core::check_utf8(item.name()).has_value() && !item.name().empty());
    TILLKIT_ASSERT(!item.base_price().is_negative());
    core::WallTime end = core::WallTime::min();
    for (const catalog::TimedPrice& price : item.timed_prices()) {
      TILLKIT_ASSERT(end <= price.from && price.from < price.until);
      end = price.until;
    }
  }
}

void check_findings(const catalog::ImportReport& report) {
  for (const auto* const list : {&report.refused, &report.warnings}) {
    for (const catalog::ImportFinding& finding : *list) {
      TILLKIT_ASSERT(!to_string(finding.reason).empty() && finding.line > 0);
      TILLKIT_ASSERT(finding.first_line < finding.line);
      TILLKIT_ASSERT(finding.value.size() <= catalog::kFindingValueBytesMax);
      TILLKIT_ASSERT(core::check_utf8(finding.value).has_value());
    }
  }
}

void check_json(std::string_view text) {
  const auto document = core::JsonDocument::parse(text);
  if (!document) return;
  const auto items = catalog::read_catalog(*document, core::kCny);
  if (items) return check_items(*items);
  TILLKIT_ASSERT(document->path_of(items.error()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece_bytes = std::max<std::size_t>(data[0], 1);
  const std::string text(data + 1, data + size);
  const Outcome whole = import_csv(text, text.size() + 1);
  const Outcome pieces = import_csv(text, piece_bytes);
  TILLKIT_ASSERT(whole.report == pieces.report);
  check_findings(whole.report);
  if (whole.items) {
    const catalog::ImportReport& report = whole.report;
    TILLKIT_ASSERT(report.rows == report.accepted_items + report.accepted_timed_prices + report.refused_count);
    TILLKIT_ASSERT(report.accepted_items == whole.items->size() && whole.items->size() == pieces.items->size());
    check_items(*whole.items);
    check_items(*pieces.items);
  }
  check_json(text);
  return 0;
}
