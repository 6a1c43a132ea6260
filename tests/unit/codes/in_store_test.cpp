// SPDX-License-Identifier: Apache-2.0
#include "scanned.hpp"
#include "tillkit/core/json.hpp"

using namespace tillkit::codes;
namespace core = tillkit::core;

namespace {

CodeTable table_with(std::string_view in_store, std::string_view currency = "EUR") {
  const std::string text = R"({"version":1,"currency":")" + std::string(currency) + R"(","payments":[],"in_store":[)" +
                           std::string(in_store) + R"(],"members":[],"links":[]})";
  const auto document = core::JsonDocument::parse(text);
  REQUIRE(document.has_value());
  const auto table = read_code_table(document->root());
  REQUIRE(table.has_value());
  return *table;
}

std::string with_check_digit(std::string digits) {
  digits += gs1_check_digit(digits);
  return digits;
}

}  // namespace

TEST_CASE("a scale's label of 13 digits holds a price or a weight", "[codes]") {
  const auto priced = scanned<WeighedItem>("2112345012506");
  CHECK(priced.prefix.view() == "21");
  CHECK(priced.item.view() == "12345");
  CHECK(priced.price == core::Money{1250, core::kCny});
  CHECK_FALSE(priced.weight.has_value());

  const auto weighed = scanned<WeighedItem>("2912345007508");
  CHECK(weighed.item.view() == "12345");
  REQUIRE(weighed.weight.has_value());
  CHECK(weighed.weight->count() == 750);
  CHECK(weighed.weight->unit() == core::QuantityUnit::Gram);
  CHECK_FALSE(weighed.price.has_value());
}

TEST_CASE("a scale's label of 18 digits holds both", "[codes]") {
  const std::string label = with_check_digit("22123450199000500");

  const auto item = scanned<WeighedItem>(label);

  CHECK(item.prefix.view() == "22");
  CHECK(item.item.view() == "12345");
  CHECK(item.price == core::Money{1990, core::kCny});
  REQUIRE(item.weight.has_value());
  CHECK(item.weight->count() == 500);
}

TEST_CASE("18 digits from 25 on are never a label, whatever their check digit", "[codes]") {
  CHECK(kind_scanned(with_check_digit("26123450199000500")) == Kind::PaymentCode);
}

TEST_CASE("a label read wrongly is neither sold nor taken for an item", "[codes]") {
  const auto wrong = scanned<Unknown>("2112345012507");
  CHECK(wrong.nearest == Kind::WeighedItem);
  CHECK(wrong.why == Why::CheckDigit);
  CHECK(wrong.expected == 6);
  CHECK(wrong.found == 7);
  const auto short_one = scanned<Unknown>(digits_from("21", 17));
  CHECK(short_one.nearest == Kind::WeighedItem);
  CHECK(short_one.expected == 18);
  CHECK(short_one.found == 17);
}

TEST_CASE("a price verifier is checked where the shop's rule says there is one", "[codes]") {
  const CodeTable table = table_with(R"({"first":"2","last":"2","digits":13,"item":{"at":1,"digits":6},)"
                                     R"("price":{"at":8,"digits":4,"decimals":2,"check_at":7}})");

  const auto good = scanned<WeighedItem>(with_check_digit("212345692875"), table);
  const auto bad = scanned<Unknown>(with_check_digit("212345682875"), table);

  CHECK(good.item.view() == "123456");
  CHECK(good.price == core::Money{2875, core::kEur});
  CHECK(bad.nearest == Kind::WeighedItem);
  CHECK(bad.why == Why::PriceCheckDigit);
  CHECK(bad.expected == 9);
  CHECK(bad.found == 8);
}

TEST_CASE("decimals turn a label's number into grams and minor units", "[codes]") {
  const CodeTable table = table_with(
      R"({"first":"20","last":"20","digits":13,"item":{"at":2,"digits":5},"weight":{"at":7,"digits":5,"decimals":2}},)"
      R"({"first":"21","last":"21","digits":13,"item":{"at":2,"digits":5},"price":{"at":7,"digits":5,"decimals":1}})");

  CHECK(scanned<WeighedItem>(with_check_digit("201234500123"), table).weight->count() == 1230);
  CHECK(scanned<WeighedItem>(with_check_digit("211234500123"), table).price == core::Money{1230, core::kEur});
}

TEST_CASE("a label that weighs more than can be is refused", "[codes]") {
  const CodeTable table = table_with(
      R"({"first":"20","last":"20","digits":18,"item":{"at":2,"digits":5},"weight":{"at":7,"digits":9,"decimals":0}})");

  CHECK(scanned<Unknown>(with_check_digit("20123459999999990"), table).why == Why::Value);
  CHECK(scanned<WeighedItem>(with_check_digit("20123450000000010"), table).weight->count() == 1000);
}
