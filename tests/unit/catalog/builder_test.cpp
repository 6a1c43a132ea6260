// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>

#include "some_items.hpp"

using namespace tillkit::catalog;
using tillkit::core::BasisPoints;
using tillkit::core::ErrorCode;
using tillkit::core::Quantity;

TEST_CASE("an item comes back as it was put in", "[catalog]") {
  const Texts codes{"6901234567892", "A-7/b"};
  const Texts categories{"drinks", "beer"};
  const Texts tags{"alcohol", "drinks"};
  NewItem item = an_item(codes, "啤酒 500ml");
  item.id = "beer";
  item.brand = "north-star";
  item.categories = categories;
  item.tags = tags;
  item.price = {1'280, kCny};
  item.per_grams = 500;
  item.tax_rate = BasisPoints(1'300);
  item.tax_inclusive = false;
  item.minimum_age = 18;
  item.reference = "00123";
  CatalogBuilder builder(kCny);

  const ItemIndex index = must(builder.add(item));
  const Catalog catalog = std::move(builder).finish();

  REQUIRE(catalog.size() == 1);
  CHECK(catalog.currency() == kCny);
  const ItemView view = catalog.item(index);
  CHECK(view.id() == "beer");
  CHECK(view.name() == "啤酒 500ml");
  CHECK(std::ranges::equal(view.codes(), codes));
  CHECK(view.brand() == "north-star");
  CHECK(std::ranges::equal(view.categories(), categories));
  CHECK(std::ranges::equal(view.tags(), tags));
  CHECK(view.tags().contains("alcohol"));
  CHECK_FALSE(view.tags().contains("beer"));
  CHECK(view.tags()[1] == "drinks");
  CHECK(view.base_price() == Money{1'280, kCny});
  CHECK(view.per() == must(Quantity::grams(500)));
  CHECK(view.tax_rate() == BasisPoints(1'300));
  CHECK_FALSE(view.tax_inclusive());
  CHECK(view.minimum_age() == 18);
  CHECK(view.reference() == ItemReference(123));
  CHECK(view.timed_prices().empty());
}

TEST_CASE("an item needs a code, a name and a price, no more", "[catalog]") {
  const Texts codes{"A1"};
  CatalogBuilder builder(kCny);

  REQUIRE(builder.add(an_item(codes)).has_value());
  const Catalog catalog = std::move(builder).finish();

  const ItemView view = catalog.item(ItemIndex(0));
  CHECK(view.id() == "A1");
  CHECK(view.brand().empty());
  CHECK(view.categories().empty());
  CHECK(view.tags().empty());
  CHECK(view.per() == must(Quantity::pieces(1)));
  CHECK(view.tax_rate() == BasisPoints(0));
  CHECK(view.tax_inclusive());
  CHECK(view.minimum_age() == 0);
  CHECK(view.reference() == ItemReference());
}

TEST_CASE("a GTIN finds its item in each of its lengths, another code only as it is", "[catalog]") {
  const Texts upc{"036000291452"};
  const Texts mistyped{"6901234567893"};
  const Texts own{"a-7", "9638507"};
  CatalogBuilder builder(kCny);
  REQUIRE(builder.add(an_item(upc, "soap")).has_value());
  REQUIRE(builder.add(an_item(mistyped, "wrong check digit")).has_value());
  REQUIRE(builder.add(an_item(own, "own")).has_value());
  const Catalog catalog = std::move(builder).finish();

  for (const std::string_view code : {"036000291452", "0036000291452", "00036000291452"}) {
    CAPTURE(std::string(code));
    REQUIRE(catalog.find_code(code).has_value());
    CHECK(catalog.find_code(code)->name() == "soap");
  }
  CHECK(catalog.find_code("6901234567893")->name() == "wrong check digit");
  CHECK_FALSE(catalog.find_code("06901234567893").has_value());
  CHECK_FALSE(catalog.find_code("36000291452").has_value());
  CHECK(catalog.find_code("a-7")->name() == "own");
  CHECK_FALSE(catalog.find_code("A-7").has_value());
  CHECK_FALSE(catalog.find_code("09638507").has_value());
  CHECK_FALSE(catalog.find_code("").has_value());
}

TEST_CASE("an item is found by its id and by its in-store reference", "[catalog]") {
  const Texts apple{"A1"};
  const Texts pear{"B1"};
  NewItem item = an_item(apple, "apple");
  item.id = "apple-id";
  item.reference = "123";
  CatalogBuilder builder(kCny);
  REQUIRE(builder.add(item).has_value());
  REQUIRE(builder.add(an_item(pear, "pear")).has_value());
  const Catalog catalog = std::move(builder).finish();

  CHECK(catalog.find_id("apple-id")->name() == "apple");
  CHECK_FALSE(catalog.find_id("A1").has_value());
  CHECK(catalog.find_id("B1")->name() == "pear");
  CHECK_FALSE(catalog.find_id("").has_value());
  CHECK(catalog.find_reference(must(parse_reference("00123")))->name() == "apple");
  CHECK_FALSE(catalog.find_reference(ItemReference(124)).has_value());
  CHECK_FALSE(catalog.find_reference(ItemReference()).has_value());
}

TEST_CASE("an empty catalog finds nothing", "[catalog]") {
  const Catalog catalog;

  CHECK(catalog.size() == 0);
  CHECK_FALSE(catalog.find_code("6901234567892").has_value());
  CHECK_FALSE(catalog.find_id("x").has_value());
  CHECK_FALSE(catalog.find_reference(ItemReference(1)).has_value());
}

TEST_CASE("a reference is 1 to 9 digits, not all of them 0", "[catalog]") {
  CHECK(must(parse_reference("999999999")) == ItemReference(999'999'999));
  CHECK(must(parse_reference("007")) == ItemReference(7));
  for (const std::string_view text : {"", "0", "000000000", "1234567890", "12a", "-1", " 1"}) {
    CAPTURE(std::string(text));
    CHECK(failed_with(parse_reference(text), ErrorCode::InvalidArgument));
  }
}

TEST_CASE("a code, an id or a reference belongs to one item", "[catalog]") {
  const Texts first{"036000291452", "X1"};
  const Texts second{"Y1", "0036000291452"};
  const Texts third{"Z1"};
  CatalogBuilder builder(kCny);
  NewItem item = an_item(first);
  item.reference = "7";
  REQUIRE(builder.add(item).has_value());

  CHECK(refused_for(builder.check(an_item(second)), Reason::CodeTwice, Field::Code, 1));
  CHECK(builder.check(an_item(second))->other == ItemIndex(0));
  CHECK(failed_with(builder.add(an_item(second)), ErrorCode::AlreadyExists));
  NewItem same_id = an_item(third);
  same_id.id = "036000291452";
  CHECK(refused_for(builder.check(same_id), Reason::IdTwice, Field::Id));
  CHECK(failed_with(builder.add(same_id), ErrorCode::AlreadyExists));
  NewItem same_reference = an_item(third);
  same_reference.reference = "007";
  CHECK(refused_for(builder.check(same_reference), Reason::ReferenceTwice, Field::Plu));
  CHECK(builder.size() == 1);
  CHECK_FALSE(builder.find_code("Y1").has_value());  // nothing of a refused item stays
  CHECK(builder.add(an_item(third)).has_value());
}

TEST_CASE("one code in two lengths at one item counts once", "[catalog]") {
  const Texts codes{"036000291452", "0036000291452", "036000291452"};
  CatalogBuilder builder(kCny);

  REQUIRE(builder.add(an_item(codes)).has_value());
  const Catalog catalog = std::move(builder).finish();

  CHECK(std::ranges::equal(catalog.item(ItemIndex(0)).codes(), Texts{"036000291452"}));
}

TEST_CASE("texts that are wrong are refused, each with its reason", "[catalog]") {
  const CatalogBuilder builder(kCny);
  const auto check_code = [&](std::string_view code) {
    const Texts codes{"ok", code};
    return builder.check(an_item(codes));
  };
  CHECK(refused_for(builder.check(an_item({})), Reason::Missing, Field::Code));
  CHECK(refused_for(check_code(""), Reason::Missing, Field::Code, 1));
  CHECK(refused_for(check_code("a b"), Reason::CodeInvalid, Field::Code, 1));
  CHECK(refused_for(check_code("a;b"), Reason::CodeInvalid, Field::Code, 1));
  CHECK(refused_for(check_code("码"), Reason::CodeInvalid, Field::Code, 1));
  CHECK_FALSE(check_code(std::string(kCodeBytesMax, '~')).has_value());
  CHECK(refused_for(check_code(std::string(kCodeBytesMax + 1, '!')), Reason::TooLong, Field::Code, 1));

  const Texts slash{"a/b"};
  CHECK(refused_for(builder.check(an_item(slash)), Reason::IdInvalid, Field::Code));
  NewItem item = an_item(slash);
  const std::string longest_id(kIdBytesMax, 'i');
  item.id = longest_id;
  CHECK_FALSE(builder.check(item).has_value());
  const std::string longer_id(kIdBytesMax + 1, 'i');
  item.id = longer_id;
  CHECK(refused_for(builder.check(item), Reason::TooLong, Field::Id));
  item.id = "a/b";
  CHECK(refused_for(builder.check(item), Reason::IdInvalid, Field::Id));
  item.id = "ab";

  const std::string longest_name(kNameBytesMax, 'n');
  item.name = longest_name;
  CHECK_FALSE(builder.check(item).has_value());
  const std::string longer_name(kNameBytesMax + 1, 'n');
  item.name = longer_name;
  CHECK(refused_for(builder.check(item), Reason::TooLong, Field::Name));
  item.name = "";
  CHECK(refused_for(builder.check(item), Reason::Missing, Field::Name));
  item.name = "\xB2\xE8";
  CHECK(refused_for(builder.check(item), Reason::NotUtf8, Field::Name));
  item.name = "two\nlines";
  CHECK(refused_for(builder.check(item), Reason::ControlCharacter, Field::Name));
  item.name = "delete\x7F";
  CHECK(refused_for(builder.check(item), Reason::ControlCharacter, Field::Name));
}

TEST_CASE("labels are ids, and an item has so many", "[catalog]") {
  const CatalogBuilder builder(kCny);
  const Texts codes{"A1"};
  NewItem item = an_item(codes);
  const std::string longest(kLabelBytesMax, 'l');
  const std::string longer(kLabelBytesMax + 1, 'l');

  item.brand = longest;
  CHECK_FALSE(builder.check(item).has_value());
  item.brand = longer;
  CHECK(refused_for(builder.check(item), Reason::TooLong, Field::Brand));
  item.brand = "north star";
  CHECK(refused_for(builder.check(item), Reason::LabelInvalid, Field::Brand));
  item.brand = "";
  const Texts bad{"ok", "not ok"};
  item.tags = bad;
  CHECK(refused_for(builder.check(item), Reason::LabelInvalid, Field::Tags, 1));
  Texts many(kTagsPerItemMax, "t");
  item.tags = many;
  CHECK_FALSE(builder.check(item).has_value());
  many.emplace_back("t");
  item.tags = many;
  CHECK(refused_for(builder.check(item), Reason::TooMany, Field::Tags, kTagsPerItemMax));
  item.tags = {};
  const Texts empty{""};
  item.categories = empty;
  CHECK(refused_for(builder.check(item), Reason::LabelInvalid, Field::Categories));
  const Texts categories(kCategoriesPerItemMax + 1, "c");
  item.categories = categories;
  CHECK(refused_for(builder.check(item), Reason::TooMany, Field::Categories, kCategoriesPerItemMax));
}

TEST_CASE("numbers have their range", "[catalog]") {
  const CatalogBuilder builder(kCny);
  const Texts codes{"A1"};
  NewItem item = an_item(codes);
  const auto check_price = [&](const Money& price) {
    item.price = price;
    return builder.check(item);
  };
  CHECK(refused_for(check_price({-1, kCny}), Reason::PriceNegative, Field::Price));
  CHECK(refused_for(check_price({kPriceMinorMax + 1, kCny}), Reason::PriceTooHigh, Field::Price));
  CHECK(refused_for(check_price({100, tillkit::core::kUsd}), Reason::CurrencyDiffers, Field::Price));
  CHECK_FALSE(check_price({kPriceMinorMax, kCny}).has_value());
  CHECK_FALSE(check_price({0, kCny}).has_value());

  item.per_grams = kPerGramsMax;
  item.tax_rate = BasisPoints(kTaxRateMax);
  item.minimum_age = kMinimumAgeMax;
  item.reference = "999999999";
  CHECK_FALSE(builder.check(item).has_value());
  item.reference = "0";
  CHECK(refused_for(builder.check(item), Reason::ReferenceInvalid, Field::Plu));
  for (const std::int64_t age : {std::int64_t{-1}, kMinimumAgeMax + 1}) {
    item.minimum_age = age;
    CHECK(refused_for(builder.check(item), Reason::AgeInvalid, Field::MinAge));
  }
  for (const std::int32_t rate : {-1, kTaxRateMax + 1}) {
    item.tax_rate = BasisPoints(rate);
    CHECK(refused_for(builder.check(item), Reason::TaxRateInvalid, Field::TaxRate));
  }
  for (const std::int64_t grams : {std::int64_t{-1}, kPerGramsMax + 1}) {
    item.per_grams = grams;
    CHECK(refused_for(builder.check(item), Reason::UnitInvalid, Field::Unit));
  }
}
