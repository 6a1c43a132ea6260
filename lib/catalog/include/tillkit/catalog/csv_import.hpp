// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/catalog/limits.hpp"
#include "tillkit/catalog/refusal.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::catalog {

struct ImportOptions {
  core::Currency currency = core::kCny;
  core::BasisPoints tax_rate{};  ///< Of items whose row does not say.
  bool tax_inclusive = true;     ///< The same.
  /// Columns that may be there and are not read.
  std::vector<std::string> ignored_columns{};
  std::size_t findings_max = kFindingsMax;
  CatalogLimits limits{};
};

/// One thing to tell about one row.
struct ImportFinding {
  std::uint32_t line = 0;  ///< The physical line where the row starts, from 1.
  Field field = Field::None;
  Reason reason{};
  std::string value;             ///< What stands there, shortened, always UTF-8: foreign bytes look like `\xB4`.
  std::uint32_t first_line = 0;  ///< Whose it is already, for a code, id or reference that comes twice; else 0.

  friend bool operator==(const ImportFinding&, const ImportFinding&) = default;
};

/// What became of a file. Each row that is not blank was accepted, as an item or a timed price, or is refused.
struct ImportReport {
  std::uint32_t rows = 0;  ///< Without the header and blank ones.
  std::uint32_t accepted_items = 0;
  std::uint32_t accepted_timed_prices = 0;
  std::uint32_t refused_count = 0;
  std::uint32_t warning_count = 0;
  std::vector<ImportFinding> refused;   ///< The first ones; `refused_count` is all.
  std::vector<ImportFinding> warnings;  ///< The same; these rows were accepted.
  /// Set if the whole file was refused; nothing was imported then.
  std::optional<ImportFinding> mistake;

  friend bool operator==(const ImportReport&, const ImportReport&) = default;
};

/// Reads a catalog from CSV, piece by piece; the result does not depend on the pieces. The first row names the columns,
/// in any order; `code`, `name` and one of `price`, `price_minor`, `price_fen` must be there (lib/catalog/README.md has
/// them all). A row that is wrong is refused, reported, and does not concern the others.
class CsvImport {
 public:
  explicit CsvImport(const ImportOptions& options = {});
  ~CsvImport();
  CsvImport(CsvImport&& other) noexcept;
  CsvImport& operator=(CsvImport&& other) noexcept;

  /// Reads on. `InvalidArgument`: the file is refused, see `report().mistake`; what follows is not looked at.
  [[nodiscard]] core::Result<> feed(std::string_view chunk);

  /// Ends the file and hands over the catalog, once; the report is then complete. `InvalidArgument` as in `feed`.
  /// `FailedPrecondition`: it was handed over before.
  [[nodiscard]] core::Result<Catalog> finish();

  [[nodiscard]] const ImportReport& report() const;

 private:
  class Importer;
  std::unique_ptr<Importer> importer_;
};

}  // namespace tillkit::catalog
