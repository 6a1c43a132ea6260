// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/csv_import.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "field_text.hpp"
#include "tillkit/catalog/csv_reader.hpp"
#include "tillkit/catalog/gtin.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::catalog {
namespace {

using Texts = std::vector<std::string_view>;

constexpr std::size_t kNoColumn = kCsvCellsMax;
constexpr std::string_view kEllipsis = "…";
constexpr std::int32_t kSmallTaxRate = 100;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// One line of well-formed text, whatever the value is.
std::string shown(std::string_view value) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  std::size_t cut = 0;  // where the ellipsis goes if the value turns out to be too long
  while (!value.empty()) {
    const auto byte = static_cast<unsigned char>(value.front());
    const std::size_t bytes = core::utf8_sequence_bytes(value);
    const bool plain = bytes > 0 && byte >= 0x20 && byte != 0x7F;
    const std::array<char, 4> escaped{'\\', 'x', kHex[byte >> 4U], kHex[byte & 15U]};
    text += plain ? value.substr(0, bytes) : std::string_view(escaped.data(), escaped.size());
    value.remove_prefix(plain ? bytes : 1);
    if (text.size() > kFindingValueBytesMax) return text.substr(0, cut).append(kEllipsis);
    if (text.size() + kEllipsis.size() <= kFindingValueBytesMax) cut = text.size();
  }
  return text;
}

/// The parts of a list in one cell, without empty ones.
void split(std::string_view cell, std::string_view separators, Texts& parts) {
  parts.clear();
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find_first_of(separators), cell.size());
    const std::string_view part = trimmed(cell.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
}

Reason reason_of(CsvFault fault) {
  if (fault == CsvFault::TooLong) return Reason::TooLong;
  if (fault == CsvFault::TooManyCells) return Reason::CellCount;
  return Reason::QuoteInvalid;
}

/// What the builder refused it can say why.
Refusal why(const std::optional<Refusal>& refusal) {
  TILLKIT_ASSERT(refusal.has_value());
  return *refusal;
}

bool same_texts(const TextList& have, const Texts& said) {
  return std::equal(have.begin(), have.end(), said.begin(), said.end());
}

}  // namespace

class CsvImport::Importer {
 public:
  explicit Importer(const ImportOptions& options) : options_(options), builder_(options.currency, options.limits) {
    column_of_.fill(kNoColumn);
  }

  core::Result<> feed(std::string_view chunk) {
    while (!chunk.empty() && !report_.mistake) {
      chunk.remove_prefix(reader_.take(chunk));
      if (reader_.has_record()) read_record();
    }
    return outcome();
  }

  core::Result<Catalog> finish() {
    if (finished_) return core::fail(core::ErrorCode::FailedPrecondition);
    finished_ = true;
    if (!report_.mistake) {
      reader_.finish();
      if (reader_.has_record()) read_record();
    }
    if (!header_read_ && !report_.mistake) refuse_file(Field::None, Reason::HeaderMissing, {});
    TILLKIT_TRY_VOID(outcome());
    return std::move(builder_).finish();
  }

  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] const ImportReport& report() const { return report_; }

 private:
  /// A row as it is read: what it says about an item, and for when.
  struct Row {
    NewItem item;
    TimedPrice timed;
    bool is_timed = false;
  };

  [[nodiscard]] core::Result<> outcome() const {
    if (report_.mistake) return core::fail(core::ErrorCode::InvalidArgument);
    return {};
  }

  void refuse_file(Field field, Reason reason, std::string_view value) {
    report_.mistake = ImportFinding{line_, field, reason, shown(value), 0};
    line_of_item_ = {};
  }

  void refuse(const Refusal& refusal) {
    ++report_.refused_count;
    if (report_.refused.size() >= options_.findings_max) return;
    const Field field = refusal.field == Field::Price ? price_field_ : refusal.field;
    const std::string_view value = refusal.value.empty() ? cell(field) : refusal.value;
    const std::uint32_t first = refusal.other ? line_of_item_[refusal.other->value()] : 0;
    report_.refused.push_back({line_, field, refusal.reason, shown(value), first});
  }

  void warn(Field field, Reason reason, std::string_view value) {
    ++report_.warning_count;
    if (report_.warnings.size() >= options_.findings_max) return;
    report_.warnings.push_back({line_, field, reason, shown(value), 0});
  }

  void read_record() {
    const CsvRecord record = reader_.record();
    line_ = record.line;
    cells_.clear();
    for (const std::string_view text : record.cells)
      cells_.push_back(trimmed(text));
    if (record.fault == CsvFault::None && std::ranges::all_of(cells_, &std::string_view::empty)) return;

    if (header_read_) ++report_.rows;
    const auto foreign =
        std::ranges::find_if_not(cells_, [](std::string_view text) { return core::check_utf8(text).has_value(); });
    // A row that is cut off may end inside of a character: it says nothing about the encoding.
    if (record.fault != CsvFault::TooLong) {
      if (foreign != cells_.end()) return refuse_encoding(static_cast<std::size_t>(foreign - cells_.begin()));
      if (!std::ranges::all_of(cells_, is_ascii)) utf8_seen_ = true;
    }
    if (!header_read_) return read_header(record.fault);
    if (record.fault != CsvFault::None) {
      return refuse({reason_of(record.fault), Field::None, 0, cells_.front(), {}});
    }
    read_row();
  }

  /// The first text that is not ASCII says what the file is. Once that was UTF-8, a wrong row is only a wrong row.
  void refuse_encoding(std::size_t column) {
    const auto known = std::ranges::find(column_of_, column);
    const Field field = known == column_of_.end() ? Field::None : static_cast<Field>(known - column_of_.begin());
    if (!utf8_seen_) return refuse_file(field, Reason::FileNotUtf8, cells_[column]);
    refuse({Reason::NotUtf8, field, 0, cells_[column], {}});
  }

  void read_header(CsvFault fault) {
    header_read_ = true;
    if (fault != CsvFault::None) return refuse_file(Field::None, reason_of(fault), cells_.front());
    for (std::size_t column = 0; column < cells_.size(); ++column) {
      const std::string_view name = cells_[column];
      if (std::ranges::find(options_.ignored_columns, name) != options_.ignored_columns.end()) continue;
      const Field field = find_field(name);
      if (field == Field::None) return refuse_file(field, Reason::ColumnUnknown, name);
      std::size_t& place = column_of_[static_cast<std::size_t>(field)];
      if (place != kNoColumn) return refuse_file(field, Reason::ColumnTwice, name);
      place = column;
    }
    for (const Field price : {Field::Price, Field::PriceMinor, Field::PriceFen}) {
      if (!has_column(price)) continue;
      if (price_field_ != Field::None) return refuse_file(price, Reason::ColumnTwice, to_string(price));
      price_field_ = price;
    }
    for (const Field needed : {Field::Code, Field::Name}) {
      if (!has_column(needed)) return refuse_file(needed, Reason::ColumnMissing, to_string(needed));
    }
    if (price_field_ == Field::None) return refuse_file(Field::Price, Reason::ColumnMissing, to_string(Field::Price));
    if (price_field_ == Field::PriceFen && options_.currency != core::kCny) {
      return refuse_file(price_field_, Reason::CurrencyDiffers, options_.currency.alpha());
    }
    column_count_ = cells_.size();
  }

  static Field find_field(std::string_view name) {
    for (std::size_t field = 1; field < kFieldCount; ++field) {
      if (to_string(static_cast<Field>(field)) == name) return static_cast<Field>(field);
    }
    return Field::None;
  }

  [[nodiscard]] bool has_column(Field field) const { return column_of_[static_cast<std::size_t>(field)] != kNoColumn; }

  /// Empty where there is no such column.
  [[nodiscard]] std::string_view cell(Field field) const {
    const std::size_t column = column_of_[static_cast<std::size_t>(field)];
    return column < cells_.size() ? cells_[column] : std::string_view();
  }

  void read_row() {
    if (cells_.size() != column_count_) {
      const std::string count = std::to_string(cells_.size());
      return refuse({Reason::CellCount, Field::None, 0, count, {}});
    }
    Row row;
    if (const auto refusal = read_cells(row)) return refuse(*refusal);
    if (row.is_timed) return add_timed(row);
    if (!builder_.add(row.item)) {
      return refuse(why(builder_.check(row.item)));
    }
    line_of_item_.push_back(line_);
    ++report_.accepted_items;
    warn_about(row.item);
  }

  void warn_about(const NewItem& item) {
    for (const std::string_view code : item.codes) {
      if (has_gtin_form(code) && !gtin_number(code)) warn(Field::Code, Reason::CheckDigit, code);
    }
    const std::string_view rate = cell(Field::TaxRate);
    if (rate.empty() || rate.ends_with('%')) return;
    if (item.tax_rate.value() > 0 && item.tax_rate.value() < kSmallTaxRate) {
      warn(Field::TaxRate, Reason::TaxRateSmall, rate);
    }
  }

  /// Reads what the cell of `field` says into `value`, if it says anything.
  template <class Value, class Read>
  std::optional<Refusal> read_cell(Field field, Value& value, Read read) const {
    const std::string_view text = cell(field);
    if (text.empty()) return std::nullopt;
    const auto reading = read(text);
    if (!reading) return Refusal{reading.error(), field, 0, text, {}};
    value = *reading;
    return std::nullopt;
  }

  std::optional<Refusal> read_cells(Row& row) {
    split(cell(Field::Code), " \t;", codes_);
    split(cell(Field::Categories), ";", categories_);
    split(cell(Field::Tags), ";", tags_);
    NewItem& item = row.item;
    item.id = cell(Field::Id);
    item.codes = codes_;
    item.name = cell(Field::Name);
    item.brand = cell(Field::Brand);
    item.categories = categories_;
    item.tags = tags_;
    item.reference = cell(Field::Plu);
    item.tax_rate = options_.tax_rate;
    item.tax_inclusive = options_.tax_inclusive;
    row.is_timed = !cell(Field::ValidFrom).empty() || !cell(Field::ValidUntil).empty();

    if (cell(price_field_).empty()) return Refusal{Reason::Missing, price_field_, 0, {}, {}};
    std::int64_t price = 0;
    auto refusal = read_cell(price_field_, price, [this](std::string_view text) {
      return price_field_ == Field::Price ? read_price(text, options_.currency) : read_price_minor(text);
    });
    item.price = {price, options_.currency};
    row.timed.price = item.price;
    if (!refusal) refusal = read_cell(Field::TaxRate, item.tax_rate, read_tax_rate);
    if (!refusal) refusal = read_cell(Field::TaxInclusive, item.tax_inclusive, read_flag);
    if (!refusal) refusal = read_cell(Field::Unit, item.per_grams, read_unit);
    if (!refusal) refusal = read_cell(Field::MinAge, item.minimum_age, read_age);
    if (!refusal) refusal = read_cell(Field::ValidFrom, row.timed.from, read_time);
    if (!refusal) refusal = read_cell(Field::ValidUntil, row.timed.until, read_time);
    return refusal;
  }

  static Reading<core::WallTime> read_time(std::string_view text) {
    const auto at = core::parse_rfc3339(text);
    if (!at) return std::unexpected(Reason::TimeInvalid);
    return *at;
  }

  void add_timed(const Row& row) {
    if (row.item.id.empty() && row.item.codes.empty()) return refuse({Reason::Missing, Field::Code, 0, {}, {}});
    const bool by_id = !row.item.id.empty();
    const auto index = by_id ? builder_.find_id(row.item.id) : builder_.find_code(row.item.codes.front());
    if (!index) return refuse({Reason::UnknownItem, by_id ? Field::Id : Field::Code, 0, {}, {}});
    if (const Field other = first_difference(row.item, *index); other != Field::None) {
      return refuse({Reason::DiffersFromItem, other, 0, {}, index});
    }
    if (!builder_.add_timed_price(*index, row.timed)) {
      return refuse(why(builder_.check_timed_price(*index, row.timed)));
    }
    ++report_.accepted_timed_prices;
  }

  /// What the row says otherwise than the item's own row; an empty cell says nothing.
  [[nodiscard]] Field first_difference(const NewItem& said, ItemIndex index) const {
    const ItemView have = builder_.item(index);
    const auto differs = [this](Field field, bool same) { return !cell(field).empty() && !same; };
    const auto is_its_code = [&](std::string_view code) { return builder_.find_code(code) == index; };
    if (!std::ranges::all_of(said.codes, is_its_code)) return Field::Code;
    if (differs(Field::Name, said.name == have.name())) return Field::Name;
    if (differs(Field::Brand, said.brand == have.brand())) return Field::Brand;
    if (differs(Field::Categories, same_texts(have.categories(), categories_))) return Field::Categories;
    if (differs(Field::Tags, same_texts(have.tags(), tags_))) return Field::Tags;
    if (differs(Field::TaxRate, said.tax_rate == have.tax_rate())) return Field::TaxRate;
    if (differs(Field::TaxInclusive, said.tax_inclusive == have.tax_inclusive())) return Field::TaxInclusive;
    const core::Quantity per = have.per();
    const std::int64_t per_grams = per.unit() == core::QuantityUnit::Gram ? per.count() : 0;
    if (differs(Field::Unit, said.per_grams == per_grams)) return Field::Unit;
    if (differs(Field::MinAge, said.minimum_age == have.minimum_age())) return Field::MinAge;
    const auto reference = parse_reference(said.reference);
    if (differs(Field::Plu, reference.has_value() && *reference == have.reference())) return Field::Plu;
    return Field::None;
  }

  ImportOptions options_;
  CsvReader reader_;
  CatalogBuilder builder_;
  ImportReport report_;
  std::array<std::size_t, kFieldCount> column_of_{};
  Field price_field_ = Field::None;
  std::size_t column_count_ = 0;
  std::uint32_t line_ = 1;
  bool header_read_ = false;
  bool utf8_seen_ = false;
  bool finished_ = false;
  std::vector<std::uint32_t> line_of_item_;
  // Of the row that is being read.
  Texts cells_;
  Texts codes_;
  Texts categories_;
  Texts tags_;
};

CsvImport::CsvImport(const ImportOptions& options) : importer_(std::make_unique<Importer>(options)) {}
CsvImport::~CsvImport() = default;
CsvImport::CsvImport(CsvImport&& other) noexcept = default;
CsvImport& CsvImport::operator=(CsvImport&& other) noexcept = default;

core::Result<> CsvImport::feed(std::string_view chunk) {
  if (importer_->finished()) return core::fail(core::ErrorCode::FailedPrecondition);
  return importer_->feed(chunk);
}

core::Result<Catalog> CsvImport::finish() {
  return importer_->finish();
}

const ImportReport& CsvImport::report() const {
  return importer_->report();
}

}  // namespace tillkit::catalog
