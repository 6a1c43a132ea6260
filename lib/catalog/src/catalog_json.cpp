// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/catalog_json.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog_json_names.hpp"
#include "field_text.hpp"
#include "tillkit/core/assert.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::catalog {
namespace {

using core::JsonMember;
using core::JsonValue;
using core::Result;
using Texts = std::vector<std::string_view>;

template <class Names>
Result<> only(const JsonValue& object, const Names& names) {
  TILLKIT_TRY(const auto members, object.members());
  for (const JsonMember member : members) {
    if (std::ranges::find(names, member.name) == names.end()) return member.value.mistake();
  }
  return {};
}

/// A text that says something.
Result<std::string_view> read_text(const JsonValue& value) {
  TILLKIT_TRY(const std::string_view text, value.text());
  if (text.empty()) return value.mistake();
  return text;
}

/// The text of a member, or nothing where there is none.
Result<std::string_view> read_text_member(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value) return std::string_view();
  return read_text(*value);
}

Result<> read_list_member(const JsonValue& object, std::string_view name, Texts& texts) {
  texts.clear();
  const auto list = object.find(name);
  if (!list) return {};
  TILLKIT_TRY(const auto elements, list->elements());
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const std::string_view text, read_text(element));
    texts.push_back(text);
  }
  return {};
}

/// Hands on what a text says, or blames the value for it.
template <class Value>
Result<Value> said(const JsonValue& value, const Reading<Value>& reading) {
  if (!reading) return value.mistake();
  return *reading;
}

Result<core::Money> read_price_members(const JsonValue& object, core::Currency currency) {
  const auto decimal = object.find("price");
  const auto minor = object.find("price_minor");
  if (decimal && minor) return minor->mistake();
  if (minor) {
    TILLKIT_TRY(const std::int64_t price, minor->integer_in(0, kPriceMinorMax));
    return core::Money{price, currency};
  }
  if (!decimal) return object.mistake(core::ErrorCode::NotFound);
  TILLKIT_TRY(const std::string_view text, decimal->text());
  TILLKIT_TRY(const std::int64_t price, said(*decimal, read_price(text, currency)));
  return core::Money{price, currency};
}

Result<core::BasisPoints> read_tax_rate_member(const JsonValue& item) {
  const auto rate = item.find("tax_rate");
  if (!rate) return core::BasisPoints();
  if (rate->kind() == core::JsonKind::Number) {
    TILLKIT_TRY(const std::int64_t points, rate->integer_in(0, kTaxRateMax));
    return core::BasisPoints(static_cast<std::int32_t>(points));
  }
  TILLKIT_TRY(const std::string_view text, rate->text());
  if (!text.ends_with('%')) return rate->mistake();  // basis points are a number
  return said(*rate, read_tax_rate(text));
}

Result<core::WallTime> read_time_member(const JsonValue& object, std::string_view name, core::WallTime otherwise) {
  const auto value = object.find(name);
  if (!value) return otherwise;
  TILLKIT_TRY(const std::string_view text, value->text());
  const auto at = core::parse_rfc3339(text);
  if (!at) return value->mistake();
  return *at;
}

Result<TimedPrice> read_timed_price(const JsonValue& value, core::Currency currency) {
  TILLKIT_TRY_VOID(only(value, kTimedPriceMembers));
  TimedPrice timed;
  TILLKIT_TRY(timed.price, read_price_members(value, currency));
  TILLKIT_TRY(timed.from, read_time_member(value, "valid_from", timed.from));
  TILLKIT_TRY(timed.until, read_time_member(value, "valid_until", timed.until));
  return timed;
}

/// The value that a refusal is about; the item where it has none.
JsonValue blamed(const JsonValue& item, const Refusal& refusal) {
  const auto element = [&](std::string_view name) {
    const auto list = item.find(name);
    const auto value = list ? list->at(refusal.position) : core::fail(core::ErrorCode::NotFound);
    return value ? *value : list.value_or(item);
  };
  if (refusal.field == Field::Code) return element("codes");
  if (refusal.field == Field::Categories) return element("categories");
  if (refusal.field == Field::Tags) return element("tags");
  return item.find(to_string(refusal.field)).value_or(item);
}

class Reader {
 public:
  Reader(core::Currency currency, const CatalogLimits& limits) : currency_(currency), builder_(currency, limits) {}

  Result<> read_items(const JsonValue& items) {
    TILLKIT_TRY(const auto elements, items.elements());
    for (const JsonValue item : elements)
      TILLKIT_TRY_VOID(read_item(item));
    return {};
  }

  Result<> read_one(const JsonValue& item) { return read_item(item); }

  Catalog finish() && { return std::move(builder_).finish(); }

 private:
  Result<> read_item(const JsonValue& value) {
    TILLKIT_TRY_VOID(only(value, kItemMembers));
    TILLKIT_TRY_VOID(value.member("codes"));
    TILLKIT_TRY(const JsonValue name, value.member("name"));
    TILLKIT_TRY_VOID(read_list_member(value, "codes", codes_));
    TILLKIT_TRY_VOID(read_list_member(value, "categories", categories_));
    TILLKIT_TRY_VOID(read_list_member(value, "tags", tags_));
    NewItem item;
    item.codes = codes_;
    item.categories = categories_;
    item.tags = tags_;
    TILLKIT_TRY(item.name, read_text(name));
    TILLKIT_TRY(item.id, read_text_member(value, "id"));
    TILLKIT_TRY(item.brand, read_text_member(value, "brand"));
    TILLKIT_TRY(item.reference, read_text_member(value, "plu"));
    TILLKIT_TRY(item.price, read_price_members(value, currency_));
    TILLKIT_TRY(item.tax_rate, read_tax_rate_member(value));
    if (const auto inclusive = value.find("tax_inclusive")) {
      TILLKIT_TRY(item.tax_inclusive, inclusive->boolean());
    }
    if (const auto unit = value.find("unit")) {
      TILLKIT_TRY(const std::string_view text, unit->text());
      TILLKIT_TRY(item.per_grams, said(*unit, read_unit(text)));
    }
    if (const auto age = value.find("min_age")) {
      TILLKIT_TRY(item.minimum_age, age->integer_in(0, kMinimumAgeMax));
    }
    return add(item, value);
  }

  Result<> add(const NewItem& item, const JsonValue& value) {
    const auto added = builder_.add(item);
    if (!added) {
      const auto refusal = builder_.check(item);
      TILLKIT_ASSERT(refusal.has_value());
      return blamed(value, *refusal).mistake(added.error().code);
    }
    const auto list = value.find("timed_prices");
    if (!list) return {};
    TILLKIT_TRY(const auto elements, list->elements());
    for (const JsonValue element : elements) {
      TILLKIT_TRY(const TimedPrice timed, read_timed_price(element, currency_));
      if (const auto put = builder_.add_timed_price(*added, timed); !put) return element.mistake(put.error().code);
    }
    return {};
  }

  core::Currency currency_;
  CatalogBuilder builder_;
  // Of the item that is being read.
  Texts codes_;
  Texts categories_;
  Texts tags_;
};

}  // namespace

Result<Catalog> read_catalog(const core::JsonDocument& document, core::Currency currency, const CatalogLimits& limits) {
  const JsonValue root = document.root();
  TILLKIT_TRY_VOID(only(root, kCatalogMembers));
  if (const auto said_currency = root.find("currency")) {
    TILLKIT_TRY(const std::string_view alpha, said_currency->text());
    if (alpha != currency.alpha()) return said_currency->mistake();
  }
  TILLKIT_TRY(const JsonValue items, root.member("items"));
  Reader reader(currency, limits);
  TILLKIT_TRY_VOID(reader.read_items(items));
  return std::move(reader).finish();
}

Result<Catalog> read_item(const core::JsonDocument& document, core::Currency currency) {
  Reader reader(currency, {});
  TILLKIT_TRY_VOID(reader.read_one(document.root()));
  return std::move(reader).finish();
}

}  // namespace tillkit::catalog
