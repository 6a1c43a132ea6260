// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "documents.hpp"

namespace tillkit::offers {
namespace {

/// The document that a row of wrong.json stands for: a rule file, unless it is a basket.
struct Wrong {
  bool basket;
  std::string document;
};

Wrong document_of(const core::JsonValue& row) {
  if (const auto rules = row.find("rules")) return {false, text_of(*rules)};
  if (const auto basket = row.find("basket")) return {true, text_of(*basket)};
  if (const auto line = row.find("line")) return {true, R"({"lines":[)" + text_of(*line) + "]}"};
  if (const auto context = row.find("context")) return {true, R"({"lines":[],"context":)" + text_of(*context) + '}'};
  if (const auto offer = row.find("offer")) return {false, rules_of(text_of(*offer))};
  if (const auto effect = row.find("effect")) return {false, offer_of(R"("effect":)" + text_of(*effect))};
  const std::string_view member = row.find("scope") ? "scope" : "condition";
  return {false, offer_of(R"("effect":{"free_order":{}},")" + std::string(member) +
                          "\":" + text_of(must(row.member(member))))};
}

TEST_CASE("a document that is wrong is refused, and says where and what was expected", "[offers]") {
  const std::string text = file("tests/unit/documents/wrong.json");
  const auto document = must(core::JsonDocument::parse(text));
  std::size_t rows = 0;
  for (const core::JsonValue row : must(document.root().elements())) {
    const Wrong wrong = document_of(row);
    CAPTURE(must(must(row.member("why")).text()), wrong.document);
    DocumentMistake mistake;
    std::optional<core::Error> error;
    if (wrong.basket) {
      const auto read = read_basket(wrong.document, core::kCny, nullptr, mistake);
      if (!read) error = read.error();
    } else {
      const auto read = read_rules(wrong.document, mistake);
      if (!read) error = read.error();
    }

    CHECK(error.has_value());
    CHECK(mistake.path == must(must(row.member("path")).text()));
    CAPTURE(mistake.expected);
    CHECK(mistake.expected.contains(must(must(row.member("expected")).text())));
    CHECK(mistake.line == 1);
    ++rows;
  }
  CHECK(rows > 90);
}

TEST_CASE("a mistake names line and column, and what stands there", "[offers]") {
  const DocumentMistake mistake = rules_mistake(
      "{\n  \"version\": \"1\",\n  \"currency\": \"CNY\",\n  \"offers\": [\n"
      "    {\"id\": \"a\", \"effect\": {\"amount_off\": {\"amount\": 500}}}\n  ]\n}\n");

  CHECK(mistake.line == 5);
  CHECK(mistake.column == 53);
  CHECK(mistake.found == "500");
  CHECK(to_string(mistake) ==
        "/offers/0/effect/amount_off/amount: expected an amount in CNY as text, such as \"5.00\", found 500");
}

TEST_CASE("what stands there is shown short, and whole characters of it", "[offers]") {
  std::string chinese;
  for (int i = 0; i < 40; ++i)
    chinese += "满";
  const DocumentMistake mistake = rules_mistake(offer_of(R"("effect":{"amount_off":{"amount":")" + chinese + "\"}}"));

  CHECK(mistake.found.size() < 60);
  CHECK(mistake.found.starts_with("\"满满"));
  CHECK(mistake.found.ends_with("满...\""));
}

TEST_CASE("a text that is no JSON says where it stops being it", "[offers]") {
  const DocumentMistake comma = rules_mistake("{\n  \"version\": \"1\",\n}");
  CHECK(comma.path.empty());
  CHECK(comma.line == 3);
  CHECK(comma.column == 1);
  CHECK(comma.expected.starts_with("JSON"));
  const DocumentMistake twice = rules_mistake(R"({"version":"1","version":"2"})");
  CHECK(twice.expected.contains("no name twice"));
  CHECK(twice.column == 16);
  CHECK(rules_mistake("").found == "the end of the text");
  CHECK(basket_mistake("{\"lines\":").found == "the end of the text");
  CHECK(rules_mistake(R"({"version":"\u0000"})", core::ErrorCode::Unsupported).expected ==
        "text without NUL characters");
}

TEST_CASE("a document beyond its limits is refused before it is built", "[offers]") {
  const std::string large(kRulesJsonLimits.bytes_max + 1, ' ');
  CHECK(rules_mistake(large, core::ErrorCode::Exhausted).expected.starts_with("at most 16777216 bytes"));
  const std::string deep(kBasketJsonLimits.depth_max + 1, '[');
  CHECK(basket_mistake(deep, nullptr, core::ErrorCode::Exhausted).expected.contains("32 levels"));
}

TEST_CASE("what the engine blames is found in the file", "[offers]") {
  const std::string json = file("tests/unit/documents/blamed.json");
  struct Case {
    RuleMistake mistake;
    std::string_view path;
    std::uint32_t line;
  };
  const std::array cases{
      Case{{0, "effect/units_max", "x"}, "/offers/0/effect/percent_off/units_max", 5},
      Case{{0, "lane", "x"}, "/offers/0/lane", 5},
      Case{{1, "effect/threshold", "x"}, "/offers/1/effect/amount_off/at_least_pieces", 7},
      Case{{1, "condition/1/0/at_least", "x"}, "/offers/1/condition/all/1/not/subtotal/at_least", 10},
      Case{{1, "condition/0/until", "x"}, "/offers/1/condition/all/0/time/until", 9},
      Case{{2, "effect/tiers/1/at_least", "x"}, "/offers/2/effect/tiered/tiers/1/at_least_pieces", 14},
      Case{{2, "effect/tiers/7", "x"}, "/offers/2/effect/tiered/tiers/7", 14},
      Case{{2, "funders/0/share", "x"}, "/offers/2/funders/0/share", 15},
      Case{{kNoOffer, "version", "x"}, "/version", 2},
  };
  for (const Case& one : cases) {
    CAPTURE(one.mistake.member);
    const DocumentMistake located = locate(one.mistake, json);
    CHECK(located.path == one.path);
    CHECK(located.line == one.line);
    CHECK(located.expected == "x");
  }
  CHECK(locate({2, "id", "x"}, "no JSON").path == "/offers/2/id");
}

TEST_CASE("what only the engine can refuse is reported in the words of the file", "[offers]") {
  const std::string json = offer_of(R"("lane":"order","effect":{"percent_off":{"rate":"10%","units_max":1}})");
  RuleMistake mistake;
  const auto rules = RuleSet::compile(read_rules_well(json), mistake);

  REQUIRE_FALSE(rules.has_value());
  CHECK(locate(mistake, json).path == "/offers/0/effect/percent_off/units_max");
}

}  // namespace
}  // namespace tillkit::offers
