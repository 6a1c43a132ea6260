// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "storage.hpp"
#include "tillkit/catalog/catalog.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::catalog {
namespace {

constexpr std::uint32_t kNone = 0xFFFF'FFFF;

/// A timed price of an item that may still get more.
struct PendingPrice {
  TimedPrice price;
  std::uint32_t before;  // of the same item, or kNone
};

bool is_code_char(char c) {
  return c >= '!' && c <= '~' && c != ';';
}

bool is_control_char(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool overlap(const TimedPrice& a, const TimedPrice& b) {
  return a.from < b.until && b.from < a.until;
}

std::optional<Refusal> check_id(const NewItem& item) {
  if (!item.id.empty()) {
    if (item.id.size() > kIdBytesMax) return Refusal{Reason::TooLong, Field::Id, 0, item.id, {}};
    if (!ItemId::parse(item.id)) return Refusal{Reason::IdInvalid, Field::Id, 0, item.id, {}};
    return std::nullopt;
  }
  if (!ItemId::parse(item.codes.front())) return Refusal{Reason::IdInvalid, Field::Code, 0, item.codes.front(), {}};
  return std::nullopt;
}

std::optional<Refusal> check_name(std::string_view name) {
  if (name.empty()) return Refusal{Reason::Missing, Field::Name, 0, name, {}};
  if (name.size() > kNameBytesMax) return Refusal{Reason::TooLong, Field::Name, 0, name, {}};
  if (!core::check_utf8(name)) return Refusal{Reason::NotUtf8, Field::Name, 0, name, {}};
  if (std::ranges::any_of(name, is_control_char)) return Refusal{Reason::ControlCharacter, Field::Name, 0, name, {}};
  return std::nullopt;
}

std::optional<Refusal> check_label(std::string_view label, Field field, std::size_t position) {
  if (label.size() > kLabelBytesMax) return Refusal{Reason::TooLong, field, position, label, {}};
  if (!Label::parse(label)) return Refusal{Reason::LabelInvalid, field, position, label, {}};
  return std::nullopt;
}

std::optional<Refusal> check_labels(std::span<const std::string_view> labels, Field field, std::size_t count_max) {
  if (labels.size() > count_max) return Refusal{Reason::TooMany, field, count_max, labels[count_max], {}};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (auto refusal = check_label(labels[i], field, i)) return refusal;
  }
  return std::nullopt;
}

std::optional<Refusal> check_price(const core::Money& price, core::Currency currency, std::size_t position) {
  if (price.currency != currency) return Refusal{Reason::CurrencyDiffers, Field::Price, position, {}, {}};
  if (price.is_negative()) return Refusal{Reason::PriceNegative, Field::Price, position, {}, {}};
  if (price.minor > kPriceMinorMax) return Refusal{Reason::PriceTooHigh, Field::Price, position, {}, {}};
  return std::nullopt;
}

std::optional<Refusal> check_timed(const TimedPrice& timed, core::Currency currency, std::size_t position) {
  const bool open = timed.from == core::WallTime::min() && timed.until == core::WallTime::max();
  if (open || timed.from >= timed.until) return Refusal{Reason::WindowInvalid, Field::ValidUntil, position, {}, {}};
  return check_price(timed.price, currency, position);
}

std::optional<Refusal> check_numbers(const NewItem& item) {
  if (item.per_grams < 0 || item.per_grams > kPerGramsMax) return Refusal{Reason::UnitInvalid, Field::Unit, 0, {}, {}};
  if (item.tax_rate.value() < 0 || item.tax_rate.value() > kTaxRateMax) {
    return Refusal{Reason::TaxRateInvalid, Field::TaxRate, 0, {}, {}};
  }
  if (item.minimum_age < 0 || item.minimum_age > kMinimumAgeMax) {
    return Refusal{Reason::AgeInvalid, Field::MinAge, 0, {}, {}};
  }
  return std::nullopt;
}

/// Gives back what was reserved for growing. (`shrink_to_fit` does nothing in a build without exceptions.)
template <class List>
void fit(List& list) {
  list = List(list.begin(), list.end());
}

CatalogLimits at_most_the_constants(const CatalogLimits& limits) {
  return {.items_max = std::min(limits.items_max, kItemsMax),
          .codes_max = std::min(limits.codes_max, kCodesMax),
          .timed_prices_max = std::min(limits.timed_prices_max, kTimedPricesMax),
          .labels_max = std::min(limits.labels_max, kLabelsMax),
          .text_bytes_max = std::min(limits.text_bytes_max, kTextBytesMax)};
}

}  // namespace

struct CatalogBuilder::Draft {
  [[nodiscard]] std::optional<Refusal> check_codes(const NewItem& item) const {
    if (item.codes.empty()) return Refusal{Reason::Missing, Field::Code, 0, {}, {}};
    if (item.codes.size() > kCodesPerItemMax) {
      return Refusal{Reason::TooMany, Field::Code, kCodesPerItemMax, item.codes[kCodesPerItemMax], {}};
    }
    for (std::size_t i = 0; i < item.codes.size(); ++i) {
      const std::string_view code = item.codes[i];
      if (code.empty()) return Refusal{Reason::Missing, Field::Code, i, code, {}};
      if (code.size() > kCodeBytesMax) return Refusal{Reason::TooLong, Field::Code, i, code, {}};
      if (!std::ranges::all_of(code, is_code_char)) return Refusal{Reason::CodeInvalid, Field::Code, i, code, {}};
      if (const auto other = storage->find_code(code)) return Refusal{Reason::CodeTwice, Field::Code, i, code, other};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Refusal> check_unique(const NewItem& item) const {
    const std::string_view id = item.id.empty() ? item.codes.front() : item.id;
    const Field id_field = item.id.empty() ? Field::Code : Field::Id;
    if (const auto other = storage->find_id(id)) return Refusal{Reason::IdTwice, id_field, 0, id, other};
    if (item.reference.empty()) return std::nullopt;
    const auto reference = parse_reference(item.reference);
    if (!reference) return Refusal{Reason::ReferenceInvalid, Field::Plu, 0, item.reference, {}};
    if (const auto other = storage->find_reference(reference->value())) {
      return Refusal{Reason::ReferenceTwice, Field::Plu, 0, item.reference, other};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Refusal> check_prices(const NewItem& item) const {
    if (auto refusal = check_price(item.price, storage->currency, 0)) return refusal;
    const auto& timed = item.timed_prices;
    if (timed.size() > kTimedPricesPerItemMax) {
      return Refusal{Reason::TooMany, Field::ValidFrom, kTimedPricesPerItemMax, {}, {}};
    }
    for (std::size_t i = 0; i < timed.size(); ++i) {
      if (auto refusal = check_timed(timed[i], storage->currency, i)) return refusal;
      for (std::size_t before = 0; before < i; ++before) {
        if (overlap(timed[i], timed[before])) return Refusal{Reason::WindowOverlaps, Field::ValidFrom, i, {}, {}};
      }
    }
    return std::nullopt;
  }

  /// Counts as if no text were shared: a catalog is full a little early rather than late.
  [[nodiscard]] bool is_full_for(const NewItem& item) const {
    const std::size_t labels = (item.brand.empty() ? 0U : 1U) + item.categories.size() + item.tags.size();
    std::size_t bytes = 0;
    for (const std::string_view text : {item.id, item.name, item.brand}) {
      if (!text.empty()) bytes += text.size() + 1;
    }
    for (const auto list : {item.codes, item.categories, item.tags}) {
      for (const std::string_view text : list)
        bytes += text.size() + 1;
    }
    return storage->items.size() + 1 > limits.items_max ||
           storage->codes.size() + item.codes.size() > limits.codes_max ||
           storage->labels.size() + labels > limits.labels_max ||
           pending.size() + item.timed_prices.size() > limits.timed_prices_max ||
           storage->pool.size() + bytes > limits.text_bytes_max;
  }

  TextAt put(std::string_view text) {
    const auto at = static_cast<TextAt>(storage->pool.size());
    storage->pool += static_cast<char>(static_cast<unsigned char>(text.size()));
    storage->pool += text;
    return at;
  }

  LabelIndex put_label(std::string_view label) {
    const auto text_of = [this](std::uint32_t index) { return storage->text(storage->labels[index]); };
    const std::uint64_t hash = hash_of(label);
    const auto found = by_label.find(hash, [&](std::uint32_t index) { return text_of(index) == label; });
    if (found) return static_cast<LabelIndex>(*found);
    const auto index = static_cast<LabelIndex>(storage->labels.size());
    by_label.insert(hash, index, [&](std::uint32_t at) { return hash_of(text_of(at)); });
    storage->labels.push_back(put(label));
    return index;
  }

  void put_labels(std::span<const std::string_view> labels) {
    for (const std::string_view label : labels)
      storage->label_lists.push_back(put_label(label));
  }

  /// Returns how many were different.
  std::uint8_t put_codes(std::span<const std::string_view> codes, std::uint32_t item) {
    const std::size_t first = storage->codes.size();
    for (const std::string_view code : codes) {
      if (storage->find_code(code)) continue;  // of this item: others' were refused
      const auto index = static_cast<std::uint32_t>(storage->codes.size());
      storage->by_code.insert(CodeKey(code).hash(), index, [this](std::uint32_t at) {
        return CodeKey(storage->text(storage->codes[at].text)).hash();
      });
      storage->codes.push_back({put(code), item});
    }
    return static_cast<std::uint8_t>(storage->codes.size() - first);
  }

  void put_timed(std::uint32_t item, const TimedPrice& price) {
    pending.push_back({price, last_pending[item]});
    last_pending[item] = static_cast<std::uint32_t>(pending.size() - 1);
  }

  void put_item(const NewItem& item) {
    const auto index = static_cast<std::uint32_t>(storage->items.size());
    ItemRecord record{};
    record.price_minor = item.price.minor;
    record.first_code = static_cast<std::uint32_t>(storage->codes.size());
    record.code_count = put_codes(item.codes, index);
    const std::string_view id = item.id.empty() ? item.codes.front() : item.id;
    // Mostly the id is the first code: one text for both.
    record.id = id == item.codes.front() ? storage->codes[record.first_code].text : put(id);
    record.name = put(item.name);
    record.first_label = static_cast<std::uint32_t>(storage->label_lists.size());
    put_labels(item.categories);
    put_labels(item.tags);
    record.brand = item.brand.empty() ? kNoLabel : put_label(item.brand);
    record.category_count = static_cast<std::uint8_t>(item.categories.size());
    record.tag_count = static_cast<std::uint8_t>(item.tags.size());
    record.per_grams = static_cast<std::uint32_t>(item.per_grams);
    record.tax_rate = static_cast<std::uint16_t>(item.tax_rate.value());
    record.tax_inclusive = item.tax_inclusive;
    record.minimum_age = static_cast<std::uint8_t>(item.minimum_age);
    if (const auto reference = parse_reference(item.reference)) record.reference = reference->value();

    storage->items.push_back(record);
    last_pending.push_back(kNone);
    storage->by_id.insert(hash_of(id), index,
                          [this](std::uint32_t at) { return hash_of(storage->text(storage->items[at].id)); });
    if (record.reference != 0) {
      storage->by_reference.insert(hash_of(std::uint64_t{record.reference}), index, [this](std::uint32_t at) {
        return hash_of(std::uint64_t{storage->items[at].reference});
      });
    }
    for (const TimedPrice& price : item.timed_prices)
      put_timed(index, price);
  }

  /// Puts the timed prices of each item one behind the other, in the order of time.
  void settle_timed_prices() {
    auto& prices = storage->timed_prices;
    prices.reserve(pending.size());
    for (std::size_t item = 0; item < storage->items.size(); ++item) {
      const std::size_t first = prices.size();
      for (std::uint32_t at = last_pending[item]; at != kNone; at = pending[at].before)
        prices.push_back(pending[at].price);
      std::sort(prices.begin() + static_cast<std::ptrdiff_t>(first), prices.end(),
                [](const TimedPrice& a, const TimedPrice& b) { return a.from < b.from; });
      storage->items[item].first_price = static_cast<std::uint32_t>(first);
      storage->items[item].price_count = static_cast<std::uint8_t>(prices.size() - first);
    }
  }

  std::unique_ptr<CatalogStorage> storage = std::make_unique<CatalogStorage>();
  CatalogLimits limits;
  HashIndex by_label;
  std::vector<PendingPrice> pending;
  std::vector<std::uint32_t> last_pending;  // by item
};

CatalogBuilder::CatalogBuilder(core::Currency currency, const CatalogLimits& limits)
    : draft_(std::make_unique<Draft>()) {
  draft_->storage->currency = currency;
  draft_->limits = at_most_the_constants(limits);
}
CatalogBuilder::~CatalogBuilder() = default;
CatalogBuilder::CatalogBuilder(CatalogBuilder&& other) noexcept = default;
CatalogBuilder& CatalogBuilder::operator=(CatalogBuilder&& other) noexcept = default;

core::Result<ItemIndex> CatalogBuilder::add(const NewItem& item) {
  if (const auto refusal = check(item)) return core::fail(error_code(refusal->reason));
  draft_->put_item(item);
  return ItemIndex(static_cast<std::uint32_t>(size() - 1));
}

std::optional<Refusal> CatalogBuilder::check(const NewItem& item) const {
  if (auto refusal = draft_->check_codes(item)) return refusal;
  if (auto refusal = check_id(item)) return refusal;
  if (auto refusal = check_name(item.name)) return refusal;
  if (!item.brand.empty()) {
    if (auto refusal = check_label(item.brand, Field::Brand, 0)) return refusal;
  }
  if (auto refusal = check_labels(item.categories, Field::Categories, kCategoriesPerItemMax)) return refusal;
  if (auto refusal = check_labels(item.tags, Field::Tags, kTagsPerItemMax)) return refusal;
  if (auto refusal = check_numbers(item)) return refusal;
  if (auto refusal = draft_->check_prices(item)) return refusal;
  if (auto refusal = draft_->check_unique(item)) return refusal;
  if (draft_->is_full_for(item)) return Refusal{Reason::CatalogFull, Field::None, 0, {}, {}};
  return std::nullopt;
}

core::Result<> CatalogBuilder::add_timed_price(ItemIndex item, const TimedPrice& price) {
  if (const auto refusal = check_timed_price(item, price)) return core::fail(error_code(refusal->reason));
  draft_->put_timed(item.value(), price);
  return {};
}

std::optional<Refusal> CatalogBuilder::check_timed_price(ItemIndex item, const TimedPrice& price) const {
  if (item.value() >= size()) return Refusal{Reason::UnknownItem, Field::Id, 0, {}, {}};
  if (auto refusal = check_timed(price, draft_->storage->currency, 0)) return refusal;
  std::size_t count = 0;
  for (std::uint32_t at = draft_->last_pending[item.value()]; at != kNone; at = draft_->pending[at].before) {
    if (overlap(draft_->pending[at].price, price)) return Refusal{Reason::WindowOverlaps, Field::ValidFrom, 0, {}, {}};
    ++count;
  }
  if (count == kTimedPricesPerItemMax) return Refusal{Reason::TooMany, Field::ValidFrom, 0, {}, {}};
  if (draft_->pending.size() >= draft_->limits.timed_prices_max) {
    return Refusal{Reason::CatalogFull, Field::None, 0, {}, {}};
  }
  return std::nullopt;
}

std::size_t CatalogBuilder::size() const {
  return draft_->storage->items.size();
}

std::optional<ItemIndex> CatalogBuilder::find_code(std::string_view code) const {
  return draft_->storage->find_code(code);
}

std::optional<ItemIndex> CatalogBuilder::find_id(std::string_view id) const {
  return draft_->storage->find_id(id);
}

ItemView CatalogBuilder::item(ItemIndex index) const {
  TILLKIT_ASSERT(index.value() < size());
  return {draft_->storage.get(), index};
}

Catalog CatalogBuilder::finish() && {
  draft_->settle_timed_prices();
  CatalogStorage& storage = *draft_->storage;
  fit(storage.pool);
  fit(storage.items);
  fit(storage.codes);
  fit(storage.labels);
  fit(storage.label_lists);
  return Catalog(std::move(draft_->storage));
}

}  // namespace tillkit::catalog
