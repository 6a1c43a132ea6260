// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/catalog_json.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "catalog_json_names.hpp"
#include "some_items.hpp"
#include "tillkit/core/json_writer.hpp"

using namespace tillkit::catalog;
using tillkit::core::BasisPoints;
using tillkit::core::ErrorCode;
using tillkit::core::JsonDocument;
using tillkit::core::JsonValue;
using tillkit::core::Quantity;

namespace {

Catalog read_good(std::string_view text) {
  const JsonDocument document = must(JsonDocument::parse(text, kCatalogJsonLimits));
  return must(read_catalog(document, kCny));
}

/// Whether the text is refused, blaming this place.
bool refused_at(std::string_view text, std::string_view path, ErrorCode code = ErrorCode::InvalidArgument) {
  const JsonDocument document = must(JsonDocument::parse(text));
  const auto catalog = read_catalog(document, kCny);
  REQUIRE_FALSE(catalog.has_value());
  CHECK(catalog.error().code == code);
  CHECK(must(document.path_of(catalog.error())) == path);
  return true;
}

/// A catalog of one item with these members besides a code, a name and a price.
std::string with(std::string_view members) {
  return R"({"items":[{"codes":["A1"],"name":"a","price":"1.00",)" + std::string(members) + "}]}";
}

JsonDocument schema() {
  std::ifstream file(std::string(TILLKIT_SOURCE_DIR) + "/lib/catalog/schema/catalog.schema.json", std::ios::binary);
  REQUIRE(file);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return must(JsonDocument::parse(text));
}

template <class Names>
bool has_properties(const JsonValue& object, const Names& names) {
  std::set<std::string> declared;
  const JsonValue properties = must(object.member("properties"));
  for (const auto member : must(properties.members()))
    declared.insert(std::string(member.name));
  CHECK(must(must(object.member("additionalProperties")).boolean()) == false);
  return declared == std::set<std::string>(names.begin(), names.end());
}

}  // namespace

TEST_CASE("an item in JSON says what it says", "[catalog]") {
  const Catalog catalog = read_good(R"({"currency":"CNY","items":[
      {"id":"beer","codes":["6901234567892","A1"],"name":"啤酒","brand":"north-star","categories":["drinks","beer"],
       "price":"6.5","tax_rate":"13%","tax_inclusive":false,"unit":"500g","min_age":18,"tags":["alcohol"],"plu":"00123",
       "timed_prices":[{"price":"5.00","valid_from":"2026-11-21T09:00:00Z","valid_until":"2026-11-21T10:00:00Z"}]},
      {"codes":["B1"],"name":"b","price_minor":120,"tax_rate":900}]})");

  REQUIRE(catalog.size() == 2);
  const ItemView beer = *catalog.find_code("06901234567892");
  CHECK(beer.id() == "beer");
  CHECK(std::ranges::equal(beer.codes(), Texts{"6901234567892", "A1"}));
  CHECK(beer.name() == "啤酒");
  CHECK(beer.brand() == "north-star");
  CHECK(std::ranges::equal(beer.categories(), Texts{"drinks", "beer"}));
  CHECK(std::ranges::equal(beer.tags(), Texts{"alcohol"}));
  CHECK(beer.base_price() == Money{650, kCny});
  CHECK(beer.tax_rate() == BasisPoints(1'300));
  CHECK_FALSE(beer.tax_inclusive());
  CHECK(beer.per() == must(Quantity::grams(500)));
  CHECK(beer.minimum_age() == 18);
  CHECK(beer.reference() == ItemReference(123));
  REQUIRE(beer.timed_prices().size() == 1);
  CHECK(beer.timed_prices().front() ==
        TimedPrice{at("2026-11-21T09:00:00Z"), at("2026-11-21T10:00:00Z"), Money{500, kCny}});
  const ItemView other = *catalog.find_id("B1");
  CHECK(other.base_price() == Money{120, kCny});
  CHECK(other.tax_rate() == BasisPoints(900));
  CHECK(other.tax_inclusive());
}

TEST_CASE("a catalog without items is one", "[catalog]") {
  CHECK(read_good(R"({"items":[]})").size() == 0);
}

TEST_CASE("a mistake in a catalog is refused at its place", "[catalog]") {
  CHECK(refused_at("[]", ""));
  CHECK(refused_at("{}", "", ErrorCode::NotFound));
  CHECK(refused_at(R"({"items":{}})", "/items"));
  CHECK(refused_at(R"({"items":[],"version":1})", "/version"));
  CHECK(refused_at(R"({"currency":"USD","items":[]})", "/currency"));
  CHECK(refused_at(R"({"items":[1]})", "/items/0"));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"a"}]})", "/items/0", ErrorCode::NotFound));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"price":"1"}]})", "/items/0", ErrorCode::NotFound));
  CHECK(refused_at(R"({"items":[{"name":"a","price":"1"}]})", "/items/0", ErrorCode::NotFound));
  CHECK(refused_at(R"({"items":[{"codes":[],"name":"a","price":"1"}]})", "/items/0/codes", ErrorCode::NotFound));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"","price":"1"}]})", "/items/0/name"));
  CHECK(refused_at(R"({"items":[{"codes":["A",""],"name":"a","price":"1"}]})", "/items/0/codes/1"));
  CHECK(refused_at(R"({"items":[{"codes":["A","b c"],"name":"a","price":"1"}]})", "/items/0/codes/1"));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"a\nb","price":"1"}]})", "/items/0/name"));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"a","price":1}]})", "/items/0/price"));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"a","price":"-1"}]})", "/items/0/price"));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"a","price":"1.001"}]})", "/items/0/price"));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"a","price_minor":-1}]})", "/items/0/price_minor",
                   ErrorCode::OutOfRange));
  CHECK(refused_at(R"({"items":[{"codes":["A"],"name":"a","price_minor":1.5}]})", "/items/0/price_minor"));
  CHECK(refused_at(with(R"("price_minor":100)"), "/items/0/price_minor"));
  CHECK(refused_at(with(R"("colour":"red")"), "/items/0/colour"));
  CHECK(refused_at(with(R"("id":"")"), "/items/0/id"));
  CHECK(refused_at(with(R"("id":"a b")"), "/items/0/id"));
  CHECK(refused_at(with(R"("brand":"a b")"), "/items/0/brand"));
  CHECK(refused_at(with(R"("tags":["a","b c"])"), "/items/0/tags/1"));
  CHECK(refused_at(with(R"("tags":"a")"), "/items/0/tags"));
  CHECK(refused_at(with(R"("categories":["a","b c"])"), "/items/0/categories/1"));
  CHECK(refused_at(with(R"("tax_rate":"1300")"), "/items/0/tax_rate"));
  CHECK(refused_at(with(R"("tax_rate":10001)"), "/items/0/tax_rate", ErrorCode::OutOfRange));
  CHECK(refused_at(with(R"("tax_rate":"101%")"), "/items/0/tax_rate"));
  CHECK(refused_at(with(R"("tax_inclusive":"yes")"), "/items/0/tax_inclusive"));
  CHECK(refused_at(with(R"("unit":"lb")"), "/items/0/unit"));
  CHECK(refused_at(with(R"("min_age":100)"), "/items/0/min_age", ErrorCode::OutOfRange));
  CHECK(refused_at(with(R"("plu":"000")"), "/items/0/plu"));
}

TEST_CASE("a mistake in a timed price is refused at its place", "[catalog]") {
  const auto timed = [](std::string_view price) { return with("\"timed_prices\":[" + std::string(price) + "]"); };
  CHECK(refused_at(timed(R"({"price":"1"})"), "/items/0/timed_prices/0"));
  CHECK(refused_at(timed(R"({"valid_from":"2026-11-21T09:00:00Z"})"), "/items/0/timed_prices/0", ErrorCode::NotFound));
  CHECK(refused_at(timed(R"({"price":"1","valid_from":"2026-11-21"})"), "/items/0/timed_prices/0/valid_from"));
  CHECK(refused_at(timed(R"({"price":"x","valid_from":"2026-11-21T09:00:00Z"})"), "/items/0/timed_prices/0/price"));
  CHECK(refused_at(timed(R"({"price":"1","from":"2026-11-21T09:00:00Z"})"), "/items/0/timed_prices/0/from"));
  CHECK(refused_at(
      timed(R"({"price":"1","valid_from":"2026-11-21T09:00:00Z"},{"price":"1","valid_from":"2026-11-22T09:00:00Z"})"),
      "/items/0/timed_prices/1", ErrorCode::AlreadyExists));
  CHECK(refused_at(with(R"("timed_prices":{})"), "/items/0/timed_prices"));
}

TEST_CASE("what comes twice in JSON is refused at the second place", "[catalog]") {
  constexpr std::string_view kFirst = R"({"items":[{"codes":["036000291452"],"name":"a","price":"1","plu":"7"},)";
  const auto after = [&](std::string_view item) { return std::string(kFirst) + std::string(item) + "]}"; };
  CHECK(refused_at(after(R"({"codes":["B","0036000291452"],"name":"b","price":"1"})"), "/items/1/codes/1",
                   ErrorCode::AlreadyExists));
  CHECK(refused_at(after(R"({"id":"036000291452","codes":["B"],"name":"b","price":"1"})"), "/items/1/id",
                   ErrorCode::AlreadyExists));
  CHECK(refused_at(after(R"({"codes":["B"],"name":"b","price":"1","plu":"007"})"), "/items/1/plu",
                   ErrorCode::AlreadyExists));
}

TEST_CASE("a JSON catalog beyond a limit is refused at the item", "[catalog]") {
  const JsonDocument document = must(JsonDocument::parse(
      R"({"items":[{"codes":["A"],"name":"a","price":"1"},{"codes":["B"],"name":"b","price":"1"}]})"));

  const auto catalog = read_catalog(document, kCny, {.items_max = 1});

  REQUIRE_FALSE(catalog.has_value());
  CHECK(catalog.error().code == ErrorCode::Exhausted);
  CHECK(must(document.path_of(catalog.error())) == "/items/1");
}

TEST_CASE("the schema names the members that the reader knows", "[catalog]") {
  const JsonDocument document = schema();
  const JsonValue definitions = must(document.root().member("$defs"));

  CHECK(has_properties(document.root(), kCatalogMembers));
  CHECK(has_properties(must(definitions.member("item")), kItemMembers));
  CHECK(has_properties(must(definitions.member("timed_price")), kTimedPriceMembers));
}

TEST_CASE("each example of the schema is a catalog", "[catalog]") {
  const JsonDocument document = schema();
  const JsonValue examples = must(document.root().member("examples"));
  CHECK(examples.size() >= 2);

  for (const JsonValue example : must(examples.elements())) {
    const std::string text = must(tillkit::core::JsonWriter().value(example).finish());
    CAPTURE(text);
    CHECK(read_good(text).size() == must(example.member("items")).size());
  }
}

TEST_CASE("the schema's limits are the reader's", "[catalog]") {
  const JsonDocument document = schema();
  const auto limit = [&](std::initializer_list<std::string_view> path) {
    JsonValue value = document.root();
    for (const std::string_view name : path)
      value = must(value.member(name));
    return must(value.integer());
  };
  const auto number = [](std::size_t value) { return static_cast<std::int64_t>(value); };

  CHECK(limit({"properties", "items", "maxItems"}) == number(kItemsMax));
  CHECK(limit({"$defs", "item", "properties", "codes", "maxItems"}) == number(kCodesPerItemMax));
  CHECK(limit({"$defs", "item", "properties", "categories", "maxItems"}) == number(kCategoriesPerItemMax));
  CHECK(limit({"$defs", "item", "properties", "tags", "maxItems"}) == number(kTagsPerItemMax));
  CHECK(limit({"$defs", "item", "properties", "timed_prices", "maxItems"}) == number(kTimedPricesPerItemMax));
  CHECK(limit({"$defs", "item", "properties", "name", "maxLength"}) == number(kNameBytesMax));
  CHECK(limit({"$defs", "item", "properties", "min_age", "maximum"}) == kMinimumAgeMax);
  CHECK(limit({"$defs", "price_minor", "maximum"}) == kPriceMinorMax);
}
