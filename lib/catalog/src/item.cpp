// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/item.hpp"

#include <algorithm>
#include <charconv>

#include "storage.hpp"
#include "tillkit/core/assert.hpp"

namespace tillkit::catalog {
namespace {

const ItemRecord& record_of(const CatalogStorage* storage, ItemIndex index) {
  return storage->items[index.value()];
}

}  // namespace

core::Result<ItemReference> parse_reference(std::string_view digits) {
  const auto wrong = std::ranges::find_if_not(digits, core::is_digit_char);
  if (wrong != digits.end()) return core::fail_at(static_cast<std::size_t>(wrong - digits.begin()));
  if (digits.size() > kReferenceDigitsMax) return core::fail_at(kReferenceDigitsMax);
  std::uint32_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (number == 0) return core::fail_at(0);
  return ItemReference(number);
}

std::string_view to_string(PriceBasis basis) {
  switch (basis) {
    case PriceBasis::Base: return "base";
    case PriceBasis::Timed: return "timed";
    case PriceBasis::ClockUnknown: return "clock_unknown";
  }
  TILLKIT_ASSERT(false && "a PriceBasis outside the enumeration");
  return {};
}

std::string_view TextList::text_at(const CatalogStorage* storage, Kind kind, std::size_t at) {
  if (kind == Kind::Codes) return storage->text(storage->codes[at].text);
  return storage->text(storage->labels[storage->label_lists[at]]);
}

std::string_view TextList::operator[](std::size_t index) const {
  TILLKIT_ASSERT(index < count_);
  return text_at(storage_, kind_, first_ + index);
}

bool TextList::contains(std::string_view text) const {
  return std::find(begin(), end(), text) != end();
}

std::string_view ItemView::id() const {
  return storage_->text(record_of(storage_, index_).id);
}

std::string_view ItemView::name() const {
  return storage_->text(record_of(storage_, index_).name);
}

TextList ItemView::codes() const {
  const ItemRecord& record = record_of(storage_, index_);
  return {storage_, TextList::Kind::Codes, record.first_code, record.code_count};
}

std::string_view ItemView::brand() const {
  const LabelIndex brand = record_of(storage_, index_).brand;
  if (brand == kNoLabel) return {};
  return storage_->text(storage_->labels[brand]);
}

TextList ItemView::categories() const {
  const ItemRecord& record = record_of(storage_, index_);
  return {storage_, TextList::Kind::Labels, record.first_label, record.category_count};
}

TextList ItemView::tags() const {
  const ItemRecord& record = record_of(storage_, index_);
  return {storage_, TextList::Kind::Labels, std::size_t{record.first_label} + record.category_count, record.tag_count};
}

core::Money ItemView::base_price() const {
  return {record_of(storage_, index_).price_minor, storage_->currency};
}

std::span<const TimedPrice> ItemView::timed_prices() const {
  const ItemRecord& record = record_of(storage_, index_);
  return std::span(storage_->timed_prices).subspan(record.first_price, record.price_count);
}

core::Quantity ItemView::per() const {
  const std::uint32_t grams = record_of(storage_, index_).per_grams;
  const auto per = grams == 0 ? core::Quantity::pieces(1) : core::Quantity::grams(grams);
  TILLKIT_ASSERT(per.has_value());
  return *per;
}

PriceReading ItemView::price_at(const core::WallReading& now) const {
  const std::span<const TimedPrice> timed = timed_prices();
  if (timed.empty()) return {base_price(), PriceBasis::Base};
  if (now.quality == core::WallQuality::Unknown) return {base_price(), PriceBasis::ClockUnknown};
  for (const TimedPrice& price : timed) {
    if (price.from <= now.at && now.at < price.until) return {price.price, PriceBasis::Timed};
  }
  return {base_price(), PriceBasis::Base};
}

core::BasisPoints ItemView::tax_rate() const {
  return core::BasisPoints(record_of(storage_, index_).tax_rate);
}

bool ItemView::tax_inclusive() const {
  return record_of(storage_, index_).tax_inclusive;
}

int ItemView::minimum_age() const {
  return record_of(storage_, index_).minimum_age;
}

ItemReference ItemView::reference() const {
  return ItemReference(record_of(storage_, index_).reference);
}

}  // namespace tillkit::catalog
