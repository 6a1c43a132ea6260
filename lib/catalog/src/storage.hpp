// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash_index.hpp"
#include "tillkit/catalog/gtin.hpp"
#include "tillkit/catalog/item.hpp"
#include "tillkit/core/currency.hpp"

namespace tillkit::catalog {

/// A text in the pool: one byte that is its length, then the text.
using TextAt = std::uint32_t;
using LabelIndex = std::uint16_t;
inline constexpr LabelIndex kNoLabel = 0xFFFF;

static_assert(kNameBytesMax <= 255 && kIdBytesMax <= 255 && kCodeBytesMax <= 255 && kLabelBytesMax <= 255);
static_assert(kLabelsMax < kNoLabel);
static_assert(kCodesMax <= HashIndex::kIndexEnd && kItemsMax <= HashIndex::kIndexEnd);
static_assert(kTextBytesMax <= std::numeric_limits<TextAt>::max());

struct CodeRecord {
  TextAt text;
  std::uint32_t item;
};

struct ItemRecord {
  std::int64_t price_minor;
  TextAt id;
  TextAt name;
  std::uint32_t first_code;
  std::uint32_t first_price;
  std::uint32_t first_label;  // categories, then tags
  std::uint32_t reference;
  std::uint32_t per_grams;
  LabelIndex brand;
  std::uint16_t tax_rate;
  std::uint8_t code_count;
  std::uint8_t price_count;
  std::uint8_t category_count;
  std::uint8_t tag_count;
  std::uint8_t minimum_age;
  bool tax_inclusive;
};
static_assert(sizeof(ItemRecord) == 48);

/// What two spellings of a code have in common: the number of a GTIN, or the code itself.
struct CodeKey {
  explicit CodeKey(std::string_view code) : gtin(gtin_number(code).value_or(0)), text(code) {}

  [[nodiscard]] std::uint64_t hash() const { return gtin != 0 ? hash_of(gtin) : hash_of(text); }

  friend bool operator==(const CodeKey& a, const CodeKey& b) {
    return a.gtin == b.gtin && (a.gtin != 0 || a.text == b.text);
  }

  std::uint64_t gtin;
  std::string_view text;
};

/// Everything that a catalog is; the builder writes it, then it is constant.
struct CatalogStorage {
  [[nodiscard]] std::string_view text(TextAt at) const {
    return std::string_view(pool).substr(at + 1, static_cast<unsigned char>(pool[at]));
  }

  [[nodiscard]] std::optional<ItemIndex> find_code(std::string_view code) const {
    const CodeKey key(code);
    const auto found =
        by_code.find(key.hash(), [&](std::uint32_t index) { return CodeKey(text(codes[index].text)) == key; });
    if (!found) return std::nullopt;
    return ItemIndex(codes[*found].item);
  }

  [[nodiscard]] std::optional<ItemIndex> find_id(std::string_view id) const {
    const auto found = by_id.find(hash_of(id), [&](std::uint32_t index) { return text(items[index].id) == id; });
    if (!found) return std::nullopt;
    return ItemIndex(*found);
  }

  [[nodiscard]] std::optional<ItemIndex> find_reference(std::uint32_t reference) const {
    if (reference == 0) return std::nullopt;
    const auto found = by_reference.find(hash_of(std::uint64_t{reference}),
                                         [&](std::uint32_t index) { return items[index].reference == reference; });
    if (!found) return std::nullopt;
    return ItemIndex(*found);
  }

  core::Currency currency;
  std::string pool;
  std::vector<ItemRecord> items;
  std::vector<CodeRecord> codes;
  std::vector<TextAt> labels;            // each once
  std::vector<LabelIndex> label_lists;   // of the items, one behind the other
  std::vector<TimedPrice> timed_prices;  // by item, then by time
  HashIndex by_code;
  HashIndex by_id;
  HashIndex by_reference;
};

}  // namespace tillkit::catalog
