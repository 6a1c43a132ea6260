// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "document_names.hpp"
#include "documents.hpp"

namespace tillkit::offers {
namespace {

using core::JsonDocument;
using core::JsonValue;

using Texts = std::set<std::string, std::less<>>;

JsonDocument schema(const std::string& name) {
  return must(JsonDocument::parse(file("lib/offers/schema/" + name + ".schema.json")));
}

/// What a definition is called in the schema; the empty name is the document itself.
JsonValue definition(const JsonDocument& schema, std::string_view name) {
  CAPTURE(name);
  if (name.empty()) return schema.root();
  return must(must(schema.root().member("$defs")).member(name));
}

Texts names_of(const JsonValue& object) {
  Texts names;
  for (const auto& [name, value] : must(object.members()))
    names.emplace(name);
  return names;
}

void check_names(const JsonDocument& schema, std::span<const detail::NamedTable> objects,
                 std::span<const detail::NamedTable> choices) {
  Texts defined;
  for (const detail::NamedTable& table : objects) {
    CAPTURE(table.definition);
    defined.emplace(table.definition);
    const JsonValue object = definition(schema, table.definition);
    CHECK(names_of(must(object.member("properties"))) == Texts(table.members.begin(), table.members.end()));
    CHECK(must(must(object.member("additionalProperties")).boolean()) == false);
  }
  for (const detail::NamedTable& table : choices) {
    CAPTURE(table.definition);
    Texts values;
    for (const JsonValue value : must(must(definition(schema, table.definition).member("enum")).elements()))
      values.emplace(must(value.text()));
    CHECK(values == Texts(table.members.begin(), table.members.end()));
  }
  // Nothing in the schema that the reader has no table for.
  for (const auto& [name, value] : must(must(schema.root().member("$defs")).members())) {
    if (value.find("properties")) {
      CAPTURE(name);
      CHECK(defined.contains(name));
    }
  }
}

TEST_CASE("the schemas and the readers know the same names", "[offers]") {
  check_names(schema("rules"), detail::kRulesObjects, detail::kRulesChoices);
  check_names(schema("basket"), detail::kBasketObjects, detail::kBasketChoices);
}

/// The smallest document around an example of a definition.
std::string around(std::string_view definition, const std::string& example) {
  const std::string free_order = R"("effect":{"free_order":{}})";
  if (definition == "lane_policy")
    return R"({"version":"1","currency":"CNY","lanes":{"item":)" + example + R"(},"offers":[]})";
  if (definition == "offer") return rules_of(example);
  if (definition == "funder") return offer_of(free_order + R"(,"funders":[)" + example + ']');
  if (definition == "scope" || definition == "condition") {
    return offer_of(R"("effect":{"percent_off":{"rate":"1%"}},")" + std::string(definition) + "\":" + example);
  }
  if (definition == "effect") return offer_of("\"effect\":" + example);
  if (definition == "unit_price_to") return offer_of(R"("effect":{"unit_price_to":)" + example + '}');
  if (definition == "amount") return offer_of(R"("effect":{"amount_off":{"amount":)" + example + "}}");
  if (definition == "rate") return offer_of(R"("effect":{"percent_off":{"rate":)" + example + "}}");
  if (definition == "moment") return offer_of(free_order + R"(,"condition":{"time":{"from":)" + example + "}}");
  if (definition == "time_of_day")
    return offer_of(free_order + R"(,"condition":{"time":{"day_from":)" + example + "}}");
  if (definition == "line") return R"({"lines":[)" + example + "]}";
  if (definition == "context") return R"({"lines":[],"context":)" + example + '}';
  return definition.empty() ? example : std::string();
}

/// Notes the name of every member inside a value.
void note_members(const JsonValue& value, Texts& seen) {
  if (const auto elements = value.elements()) {
    for (const JsonValue element : *elements)
      note_members(element, seen);
  }
  if (const auto members = value.members()) {
    for (const auto& [name, member] : *members) {
      seen.emplace(name);
      note_members(member, seen);
    }
  }
}

template <class Accepts>
Texts check_examples(const JsonDocument& schema, const Accepts& accepts) {
  Texts seen;
  const auto check = [&](std::string_view name, const JsonValue& object) {
    const auto examples = object.find("examples");
    if (!examples) return;
    for (const JsonValue example : must(examples->elements())) {
      const std::string document = around(name, text_of(example));
      CAPTURE(name, document);
      CHECK(accepts(document));
      note_members(example, seen);
    }
  };
  check("", schema.root());
  for (const auto& [name, value] : must(must(schema.root().member("$defs")).members()))
    check(name, value);
  return seen;
}

TEST_CASE("every example in the schemas is accepted, and every name has one", "[offers]") {
  const auto accepts_rules = [](const std::string& json) {
    DocumentMistake mistake;
    const auto rules = read_rules(json, mistake);
    if (!rules) UNSCOPED_INFO(to_string(mistake));
    RuleMistake blamed;
    const bool compiled = rules.has_value() && RuleSet::compile(*rules, blamed).has_value();
    if (rules && !compiled) UNSCOPED_INFO(blamed.member << ' ' << blamed.expected);
    return compiled;
  };
  const auto accepts_basket = [](const std::string& json) {
    DocumentMistake mistake;
    const bool read = read_basket(json, core::kCny, nullptr, mistake).has_value();
    if (!read) UNSCOPED_INFO(to_string(mistake));
    return read;
  };

  Texts seen = check_examples(schema("rules"), accepts_rules);
  seen.merge(check_examples(schema("basket"), accepts_basket));

  Texts known;
  for (const auto& table : detail::kRulesObjects)
    known.insert(table.members.begin(), table.members.end());
  for (const auto& table : detail::kBasketObjects)
    known.insert(table.members.begin(), table.members.end());
  for (const std::string& name : known) {
    CAPTURE(name);
    // Names of lanes as members; a code needs a catalog.
    const bool elsewhere = std::ranges::find(detail::kLaneNames, name) != detail::kLaneNames.end() || name == "code";
    CHECK((elsewhere || seen.contains(name)));
  }
}

TEST_CASE("the schemas and the readers draw the same limits", "[offers]") {
  const JsonDocument rules = schema("rules");
  const JsonDocument basket = schema("basket");
  const auto number = [](const JsonValue& value, std::string_view member) {
    return must(must(value.member(member)).integer());
  };
  const auto property = [](const JsonValue& object, std::string_view name) {
    return must(must(object.member("properties")).member(name));
  };

  CHECK(number(property(rules.root(), "offers"), "maxItems") == static_cast<std::int64_t>(kOffersMax));
  CHECK(number(property(definition(rules, "tiered"), "tiers"), "maxItems") == static_cast<std::int64_t>(kTiersMax));
  CHECK(number(property(definition(rules, "fixed_price"), "parts"), "maxItems") ==
        static_cast<std::int64_t>(kPartsMax));
  CHECK(number(property(definition(rules, "offer"), "funders"), "maxItems") == static_cast<std::int64_t>(kFundersMax));
  CHECK(number(property(definition(rules, "offer"), "uses_per_order_max"), "maximum") ==
        static_cast<std::int64_t>(kCouponsMax));
  CHECK(number(definition(rules, "pieces"), "maximum") == kLineCountMax);
  CHECK(number(property(basket.root(), "lines"), "maxItems") == static_cast<std::int64_t>(kLinesMax));
  CHECK(number(property(basket.root(), "coupons"), "maxItems") == static_cast<std::int64_t>(kCouponsMax));
  CHECK(number(definition(basket, "count"), "maximum") == kLineCountMax);
}

}  // namespace
}  // namespace tillkit::offers
