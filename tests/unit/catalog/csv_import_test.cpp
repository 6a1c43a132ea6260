// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/csv_import.hpp"

#include <algorithm>
#include <string>

#include "some_items.hpp"

using namespace tillkit::catalog;
using tillkit::core::BasisPoints;
using tillkit::core::ErrorCode;
using tillkit::core::Quantity;
using tillkit::core::WallQuality;

namespace {

/// What the report says about the one bad row of a file; the row before and the row behind it are good.
ImportFinding the_refusal(std::string_view header, std::string_view good, std::string_view bad) {
  const Imported imported = import_csv(std::string(header) + "\n" + std::string(good) + "\n" + std::string(bad) + "\n");
  REQUIRE(imported.catalog.has_value());
  CHECK(imported.catalog->size() == 1);
  CHECK(imported.report.refused_count == 1);
  REQUIRE(imported.report.refused.size() == 1);
  CHECK(imported.report.refused.front().line == 3);
  return imported.report.refused.front();
}

bool is(const ImportFinding& finding, Reason reason, Field field, std::string_view value) {
  CAPTURE(std::string(to_string(finding.reason)), std::string(to_string(finding.field)), finding.value);
  CHECK(finding.reason == reason);
  CHECK(finding.field == field);
  CHECK(finding.value == value);
  return finding.reason == reason && finding.field == field && finding.value == value;
}

ImportFinding the_mistake(std::string_view text, const ImportOptions& options = {}) {
  const Imported imported = import_csv(text, options);
  CHECK_FALSE(imported.catalog.has_value());
  REQUIRE(imported.report.mistake.has_value());
  return *imported.report.mistake;
}

}  // namespace

TEST_CASE("three columns make a catalog", "[catalog]") {
  const Imported imported =
      import_csv("code,name,price\r\n6901234567892,矿泉水 550ml,2.00\r\nA-1,\"茶, \"\"绿\"\"\",12.5\r\n");

  REQUIRE(imported.catalog.has_value());
  CHECK(imported.report.rows == 2);
  CHECK(imported.report.accepted_items == 2);
  CHECK(imported.report.refused_count == 0);
  CHECK(imported.report.warning_count == 0);
  CHECK(imported.catalog->find_code("06901234567892")->base_price() == Money{200, kCny});
  CHECK(imported.catalog->find_code("A-1")->name() == "茶, \"绿\"");
  CHECK(imported.catalog->find_code("A-1")->base_price() == Money{1'250, kCny});
}

TEST_CASE("each column is read, whatever its place", "[catalog]") {
  const Imported imported = import_csv(
      "plu,tags,min_age,unit,tax_inclusive,tax_rate,price_minor,categories,brand,name,code,id\n"
      "00123,alcohol;imported,18,500g,no,13%,1280,drinks; beer,north-star, Beer ,6901234567892 A1;A2,beer\n");

  REQUIRE(imported.catalog.has_value());
  REQUIRE(imported.report.accepted_items == 1);
  const ItemView item = *imported.catalog->find_id("beer");
  CHECK(std::ranges::equal(item.codes(), Texts{"6901234567892", "A1", "A2"}));
  CHECK(item.name() == "Beer");
  CHECK(item.brand() == "north-star");
  CHECK(std::ranges::equal(item.categories(), Texts{"drinks", "beer"}));
  CHECK(std::ranges::equal(item.tags(), Texts{"alcohol", "imported"}));
  CHECK(item.base_price() == Money{1'280, kCny});
  CHECK(item.tax_rate() == BasisPoints(1'300));
  CHECK_FALSE(item.tax_inclusive());
  CHECK(item.per() == must(Quantity::grams(500)));
  CHECK(item.minimum_age() == 18);
  CHECK(item.reference() == ItemReference(123));
}

TEST_CASE("what a row leaves open is as the caller says", "[catalog]") {
  const Imported imported = import_csv("code,name,price_fen,tax_rate,tax_inclusive\nA,a,1,,\nB,b,1,9%,TRUE\n",
                                       {.tax_rate = BasisPoints(1'300), .tax_inclusive = false});

  CHECK(imported.catalog->find_id("A")->tax_rate() == BasisPoints(1'300));
  CHECK_FALSE(imported.catalog->find_id("A")->tax_inclusive());
  CHECK(imported.catalog->find_id("B")->tax_rate() == BasisPoints(900));
  CHECK(imported.catalog->find_id("B")->tax_inclusive());
}

TEST_CASE("prices are read to the minor unit or refused", "[catalog]") {
  const auto refusal = [](std::string_view price) {
    return the_refusal("code,name,price", "A,a,1", "B,b," + std::string(price));
  };
  CHECK(is(refusal("12.505"), Reason::PriceDecimals, Field::Price, "12.505"));
  CHECK(is(refusal("12.500"), Reason::PriceDecimals, Field::Price, "12.500"));
  CHECK(is(refusal("-1"), Reason::PriceNegative, Field::Price, "-1"));
  CHECK(is(refusal("-0.001"), Reason::PriceNegative, Field::Price, "-0.001"));
  CHECK(is(refusal(""), Reason::Missing, Field::Price, ""));
  for (const std::string_view price : {"x", "1,2", "+1", "1.", ".5", "1e3", "01", "1 0", "--1", "1.2.3", "¥1", "-"}) {
    CAPTURE(std::string(price));
    CHECK(is(refusal("\"" + std::string(price) + "\""), Reason::PriceInvalid, Field::Price, price));
  }
  CHECK(is(refusal("10000000000.01"), Reason::PriceTooHigh, Field::Price, "10000000000.01"));
  CHECK(is(refusal("99999999999999999999999999"), Reason::PriceTooHigh, Field::Price, "99999999999999999999999999"));
  const auto price_of = [](std::string_view price, tillkit::core::Currency currency) {
    const Imported imported = import_csv("code,name,price\nA,a," + std::string(price) + "\n", {.currency = currency});
    return imported.catalog->size() == 1 ? imported.catalog->item(ItemIndex(0)).base_price().minor : -1;
  };
  CHECK(price_of("0", kCny) == 0);
  CHECK(price_of("0.05", kCny) == 5);
  CHECK(price_of("10000000000", kCny) == kPriceMinorMax);
  CHECK(price_of("120", tillkit::core::kJpy) == 120);
  CHECK(price_of("120.0", tillkit::core::kJpy) == -1);
  CHECK(price_of("1.234", tillkit::core::Currency::of("KWD")) == 1'234);
}

TEST_CASE("minor units are whole", "[catalog]") {
  const auto refusal = [](std::string_view price) {
    return the_refusal("code,name,price_minor", "A,a,1", "B,b," + std::string(price));
  };
  CHECK(is(refusal("1.0"), Reason::PriceInvalid, Field::PriceMinor, "1.0"));
  CHECK(is(refusal("-5"), Reason::PriceNegative, Field::PriceMinor, "-5"));
  CHECK(is(refusal("1000000000001"), Reason::PriceTooHigh, Field::PriceMinor, "1000000000001"));
  CHECK(is(refusal(""), Reason::Missing, Field::PriceMinor, ""));
}

TEST_CASE("tax rates are percent or basis points", "[catalog]") {
  const auto rate_of = [](std::string_view rate) {
    const Imported imported = import_csv("code,name,price,tax_rate\nA,a,1," + std::string(rate) + "\n");
    return imported.catalog->size() == 1 ? imported.catalog->item(ItemIndex(0)).tax_rate().value() : -1;
  };
  CHECK(rate_of("13%") == 1'300);
  CHECK(rate_of("0.25%") == 25);
  CHECK(rate_of("9.5%") == 950);
  CHECK(rate_of("0%") == 0);
  CHECK(rate_of("100%") == 10'000);
  CHECK(rate_of("1300") == 1'300);
  CHECK(rate_of("10000") == 10'000);
  for (const std::string_view rate : {"13.125%", "%", "13 %", "100.01%", "10001", "0.13", "-1", "-1%", "x"}) {
    CAPTURE(std::string(rate));
    CHECK(is(the_refusal("code,name,price,tax_rate", "A,a,1,", "B,b,1," + std::string(rate)), Reason::TaxRateInvalid,
             Field::TaxRate, rate));
  }
}

TEST_CASE("a tax rate below 1 % in basis points is taken, with a doubt", "[catalog]") {
  const Imported imported = import_csv("code,name,price,tax_rate\nA,a,1,13\nB,b,1,0\nC,c,1,100\nD,d,1,0.13%\n");

  CHECK(imported.report.accepted_items == 4);
  CHECK(imported.report.warning_count == 1);
  REQUIRE(imported.report.warnings.size() == 1);
  CHECK(imported.report.warnings.front().line == 2);
  CHECK(is(imported.report.warnings.front(), Reason::TaxRateSmall, Field::TaxRate, "13"));
}

TEST_CASE("units are a piece or a weight", "[catalog]") {
  const auto grams_of = [](std::string_view unit) -> std::int64_t {
    const Imported imported = import_csv("code,name,price,unit\nA,a,1," + std::string(unit) + "\n");
    if (imported.catalog->size() == 0) return -1;
    const Quantity per = imported.catalog->item(ItemIndex(0)).per();
    return per.unit() == tillkit::core::QuantityUnit::Piece ? 0 : per.count();
  };
  CHECK(grams_of("") == 0);
  CHECK(grams_of("piece") == 0);
  CHECK(grams_of("g") == 1);
  CHECK(grams_of("500g") == 500);
  CHECK(grams_of("kg") == 1'000);
  CHECK(grams_of("2kg") == 2'000);
  CHECK(grams_of("1000kg") == 1'000'000);
  for (const std::string_view unit : {"0g", "1001kg", "1000001g", "-1g", "0.5kg", "500", "G", "lb", "kkg", "500 g"}) {
    CAPTURE(std::string(unit));
    CHECK(is(the_refusal("code,name,price,unit", "A,a,1,", "B,b,1," + std::string(unit)), Reason::UnitInvalid,
             Field::Unit, unit));
  }
}

TEST_CASE("the other cells are read strictly, too", "[catalog]") {
  CHECK(is(the_refusal("code,name,price,min_age", "A,a,1,0", "B,b,1,100"), Reason::AgeInvalid, Field::MinAge, "100"));
  CHECK(is(the_refusal("code,name,price,min_age", "A,a,1,99", "B,b,1,-1"), Reason::AgeInvalid, Field::MinAge, "-1"));
  CHECK(is(the_refusal("code,name,price,tax_inclusive", "A,a,1,0", "B,b,1,maybe"), Reason::FlagInvalid,
           Field::TaxInclusive, "maybe"));
  CHECK(is(the_refusal("code,name,price,plu", "A,a,1,1", "B,b,1,1x"), Reason::ReferenceInvalid, Field::Plu, "1x"));
  CHECK(is(the_refusal("code,name,price,tags", "A,a,1,x", "B,b,1,x;y z"), Reason::LabelInvalid, Field::Tags, "y z"));
  CHECK(is(the_refusal("code,name,price,brand", "A,a,1,x", "B,b,1,茶"), Reason::LabelInvalid, Field::Brand, "茶"));
  CHECK(is(the_refusal("code,name,price,id", "A,a,1,x", "B,b,1,y z"), Reason::IdInvalid, Field::Id, "y z"));
  CHECK(is(the_refusal("code,name,price", "A,a,1", "B,,1"), Reason::Missing, Field::Name, ""));
  CHECK(is(the_refusal("code,name,price", "A,a,1", ";,b,1"), Reason::Missing, Field::Code, ";"));
  CHECK(is(the_refusal("code,name,price", "A,a,1", "\x7F,b,1"), Reason::CodeInvalid, Field::Code, "\\x7F"));
  CHECK(is(the_refusal("code,name,price", "A,a,1", "B,b,1,2"), Reason::CellCount, Field::None, "4"));
  CHECK(is(the_refusal("code,name,price", "A,a,1", "B,b"), Reason::CellCount, Field::None, "2"));
  CHECK(is(the_refusal("code,name,price", "A,a,1", "B,b \"c\",1"), Reason::QuoteInvalid, Field::None, "B"));
  CHECK(is(the_refusal("code,name,price", "A,a,1", "B,\"b\nc\",1"), Reason::ControlCharacter, Field::Name, "b\\x0Ac"));
  CHECK(is(the_refusal("code,name,price", "A,a,1", "B,b,1" + std::string(kCsvRecordBytesMax, '1')), Reason::TooLong,
           Field::None, "B"));
  CHECK(
      is(the_refusal("code,name,price", "A,a,1", std::string(kCsvCellsMax, ',')), Reason::CellCount, Field::None, ""));
}

TEST_CASE("what comes twice is refused and says where it was first", "[catalog]") {
  const Imported imported = import_csv(
      "id,code,name,price,plu\n"
      "x,036000291452,a,1,7\n"
      ",B,\"over\n"
      "two lines\",1,\n"
      ",C,c,1,\n"
      ",D 0036000291452,d,1,\n"
      "C,E,e,1,\n"
      ",F,f,1,007\n"
      ",G,g,1,\n");

  const auto& refused = imported.report.refused;
  REQUIRE(refused.size() == 4);
  CHECK(refused[0].line == 3);  // where the row starts
  CHECK(is(refused[0], Reason::ControlCharacter, Field::Name, "over\\x0Atwo lines"));
  CHECK(refused[1] == ImportFinding{6, Field::Code, Reason::CodeTwice, "0036000291452", 2});
  CHECK(refused[2] == ImportFinding{7, Field::Id, Reason::IdTwice, "C", 5});
  CHECK(refused[3] == ImportFinding{8, Field::Plu, Reason::ReferenceTwice, "007", 2});
  CHECK(imported.report.rows == 7);
  CHECK(imported.report.accepted_items == 3);
  CHECK(imported.catalog->find_code("G").has_value());
  CHECK_FALSE(imported.catalog->find_code("D").has_value());
}

TEST_CASE("a wrong check digit is a doubt, for in-store codes exist", "[catalog]") {
  const Imported imported = import_csv("code,name,price\n6901234567893;12345678,a,1\n123,b,1\n6901234567892,c,x\n");

  CHECK(imported.report.accepted_items == 2);
  CHECK(imported.report.warnings == std::vector{ImportFinding{2, Field::Code, Reason::CheckDigit, "6901234567893", 0},
                                                ImportFinding{2, Field::Code, Reason::CheckDigit, "12345678", 0}});
  CHECK(imported.catalog->find_code("6901234567893")->name() == "a");
}

TEST_CASE("a row with a time adds a price to an item before it", "[catalog]") {
  const Imported imported = import_csv(
      "code,name,price,valid_from,valid_until,unit\n"
      "A,a,10,,,kg\n"
      "A,,8,2026-11-21T09:00:00+08:00,2026-11-21T10:00:00+08:00,\n"
      "A,a,7,2026-11-21T10:00:00+08:00,,1000g\n");

  CHECK(imported.report.accepted_items == 1);
  CHECK(imported.report.accepted_timed_prices == 2);
  CHECK(imported.report.rows == 3);
  const ItemView item = *imported.catalog->find_code("A");
  CHECK(item.price_at({at("2026-11-21T08:59:59+08:00"), WallQuality::Trusted}).price == Money{1'000, kCny});
  CHECK(item.price_at({at("2026-11-21T09:00:00+08:00"), WallQuality::Trusted}).price == Money{800, kCny});
  CHECK(item.price_at({at("2027-11-21T09:00:00+08:00"), WallQuality::Trusted}).price == Money{700, kCny});
}

TEST_CASE("a row with a time says nothing else about its item", "[catalog]") {
  const auto refusal = [](std::string_view row) {
    return the_refusal(
        "id,code,name,price,valid_from,valid_until,brand,categories,tags,tax_rate,tax_inclusive,unit,min_age,plu",
        "x,A B,a,10,,,n,c;d,t,13%,yes,kg,18,7", row);
  };
  CHECK(is(refusal("x,C,,1,,2026-11-21T09:00:00Z,,,,,,,,"), Reason::DiffersFromItem, Field::Code, "C"));
  CHECK(is(refusal("x,,b,1,,2026-11-21T09:00:00Z,,,,,,,,"), Reason::DiffersFromItem, Field::Name, "b"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,m,,,,,,,"), Reason::DiffersFromItem, Field::Brand, "m"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,,c,,,,,,"), Reason::DiffersFromItem, Field::Categories, "c"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,,,u,,,,,"), Reason::DiffersFromItem, Field::Tags, "u"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,,,,9%,,,,"), Reason::DiffersFromItem, Field::TaxRate, "9%"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,,,,,no,,,"), Reason::DiffersFromItem, Field::TaxInclusive, "no"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,,,,,,g,,"), Reason::DiffersFromItem, Field::Unit, "g"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,,,,,,,17,"), Reason::DiffersFromItem, Field::MinAge, "17"));
  CHECK(is(refusal("x,,,1,,2026-11-21T09:00:00Z,,,,,,,,8"), Reason::DiffersFromItem, Field::Plu, "8"));
  CHECK(refusal("x,,b,1,,2026-11-21T09:00:00Z,,,,,,,,").first_line == 2);
  CHECK(is(refusal("y,A,,1,,2026-11-21T09:00:00Z,,,,,,,,"), Reason::UnknownItem, Field::Id, "y"));
  CHECK(is(refusal(",C,,1,,2026-11-21T09:00:00Z,,,,,,,,"), Reason::UnknownItem, Field::Code, "C"));
  CHECK(is(refusal(",,,1,,2026-11-21T09:00:00Z,,,,,,,,"), Reason::Missing, Field::Code, ""));
  CHECK(is(refusal("x,,,,,2026-11-21T09:00:00Z,,,,,,,,"), Reason::Missing, Field::Price, ""));
  CHECK(is(refusal("x,,,1,,2026-11-21,,,,,,,,"), Reason::TimeInvalid, Field::ValidUntil, "2026-11-21"));
  CHECK(
      is(refusal("x,,,1,2026-11-21T09:00:00,,,,,,,,,"), Reason::TimeInvalid, Field::ValidFrom, "2026-11-21T09:00:00"));
  CHECK(is(refusal("x,,,1,2026-11-21T09:00:00Z,2026-11-21T09:00:00Z,,,,,,,,"), Reason::WindowInvalid, Field::ValidUntil,
           "2026-11-21T09:00:00Z"));
}

TEST_CASE("overlapping timed prices are refused, the first one stays", "[catalog]") {
  const Imported imported =
      import_csv("code,name,price,valid_from\nA,a,10,\nA,,8,2026-11-21T09:00:00Z\nA,,7,2026-11-22T09:00:00Z\n");

  REQUIRE(imported.report.refused.size() == 1);
  CHECK(is(imported.report.refused.front(), Reason::WindowOverlaps, Field::ValidFrom, "2026-11-22T09:00:00Z"));
  CHECK(imported.catalog->find_code("A")->timed_prices().size() == 1);
}

TEST_CASE("the header decides whether a file is read at all", "[catalog]") {
  CHECK(is(the_mistake(""), Reason::HeaderMissing, Field::None, ""));
  CHECK(is(the_mistake("\n \n,,\n"), Reason::HeaderMissing, Field::None, ""));
  CHECK(is(the_mistake("code,name\n"), Reason::ColumnMissing, Field::Price, "price"));
  CHECK(is(the_mistake("name,price\n"), Reason::ColumnMissing, Field::Code, "code"));
  CHECK(is(the_mistake("code,price\n"), Reason::ColumnMissing, Field::Name, "name"));
  CHECK(is(the_mistake("code,name,price,colour\n"), Reason::ColumnUnknown, Field::None, "colour"));
  CHECK(is(the_mistake("code,name,price,\n"), Reason::ColumnUnknown, Field::None, ""));
  CHECK(is(the_mistake("code,name,Price\n"), Reason::ColumnUnknown, Field::None, "Price"));
  CHECK(is(the_mistake("code,name,price,name\n"), Reason::ColumnTwice, Field::Name, "name"));
  CHECK(is(the_mistake("code,name,price,price_fen\n"), Reason::ColumnTwice, Field::PriceFen, "price_fen"));
  CHECK(is(the_mistake("code,name,price_fen\n", {.currency = tillkit::core::kUsd}), Reason::CurrencyDiffers,
           Field::PriceFen, "USD"));
  CHECK(is(the_mistake("code,na\"me,price\n"), Reason::QuoteInvalid, Field::None, "code"));
  CHECK(is(the_mistake(std::string(kCsvRecordBytesMax + 1, 'x')), Reason::TooLong, Field::None,
           std::string(45, 'x') + "…"));
  CHECK(the_mistake("\n\ncode,name,price,colour\n").line == 3);
}

TEST_CASE("columns that the caller ignores may be there, also known ones", "[catalog]") {
  const Imported imported = import_csv("colour,code,name,brand,price,colour\nred,A,a,no label!,1,x\n",
                                       {.ignored_columns = {"colour", "brand"}});

  CHECK(imported.report.accepted_items == 1);
  CHECK(imported.catalog->find_code("A")->brand().empty());
}

TEST_CASE("a file of another encoding is refused, with the line", "[catalog]") {
  // "code,name,price / A,tea,1 / B,茶,2" in GB18030
  const ImportFinding mistake = the_mistake("code,name,price\nA,tea,1\nB,\xB2\xE8,2\n");
  CHECK(mistake.line == 3);
  CHECK(is(mistake, Reason::FileNotUtf8, Field::Name, "\\xB2\\xE8"));
  CHECK(the_mistake("code,\xC3\xFB\xB3\xC6,price\n").line == 1);
  CHECK(is(the_mistake("\xFF\xFE"
                       "c\0o\0"),
           Reason::FileNotUtf8, Field::None,
           "\\xFF\\xFE"
           "c"));

  CsvImport import;
  CHECK(import.feed("code,name,price\nA,tea,1\n").has_value());
  CHECK(failed_with(import.feed("B,\xB2\xE8,2\n"), ErrorCode::InvalidArgument));
  CHECK(failed_with(import.feed("C,c,1\n"), ErrorCode::InvalidArgument));
  CHECK(failed_with(import.finish(), ErrorCode::InvalidArgument));
}

TEST_CASE("in a file that is UTF-8 a row that is not is only a wrong row", "[catalog]") {
  const Imported imported = import_csv("code,name,price\nA,茶,1\nB,\xB2\xE8,2\nC,c,3\n");

  CHECK(imported.report.accepted_items == 2);
  REQUIRE(imported.report.refused.size() == 1);
  CHECK(imported.report.refused.front().line == 3);
  CHECK(is(imported.report.refused.front(), Reason::NotUtf8, Field::Name, "\\xB2\\xE8"));
}

TEST_CASE("a row that is cut off inside of a character says nothing about the encoding", "[catalog]") {
  std::string name;
  while (name.size() <= kCsvRecordBytesMax)
    name += "茶";
  const ImportFinding finding = the_refusal("code,name,price", "A,a,1", "BB," + name + ",1");
  CHECK(is(finding, Reason::TooLong, Field::None, "BB"));

  const ImportFinding mistake = the_mistake("code,name,price\nBB," + name + ",1\nC,\xB2\xE8,1\n");
  CHECK(mistake.line == 3);
  CHECK(mistake.reason == Reason::FileNotUtf8);
}

TEST_CASE("a long value is shown shortened, between characters", "[catalog]") {
  std::string name;
  for (int i = 0; i < 70; ++i)
    name += "茶";
  const ImportFinding finding = the_refusal("code,name,price", "A,a,1", "B," + name + ",1");

  CHECK(is(finding, Reason::TooLong, Field::Name, name.substr(0, 45) + "…"));
  const std::string exactly(kFindingValueBytesMax, '9');
  CHECK(the_refusal("code,name,price", "A,a,1", "B,b," + exactly).value == exactly);
  CHECK(the_refusal("code,name,price", "A,a,1", "B,b," + exactly + "9").value == exactly.substr(0, 45) + "…");
}

TEST_CASE("blank rows are no rows", "[catalog]") {
  const Imported imported = import_csv("code,name,price\n\nA,a,1\n,,\n \r\n\n");

  CHECK(imported.report.rows == 1);
  CHECK(imported.report.refused_count == 0);
}

TEST_CASE("a report names so many rows and counts them all", "[catalog]") {
  std::string text = "code,name,price\n";
  for (int i = 0; i < 9; ++i)
    text += "1234567" + std::to_string(i) + ",a,1\nB,b,x\n";
  const Imported imported = import_csv(text, {.findings_max = 3});

  CHECK(imported.report.refused_count == 9);
  CHECK(imported.report.refused.size() == 3);
  CHECK(imported.report.warning_count == 8);  // 12345670 is right
  CHECK(imported.report.warnings.size() == 3);
  CHECK(imported.report.accepted_items == 9);
}

TEST_CASE("a full catalog refuses the rest, row by row", "[catalog]") {
  const Imported imported = import_csv("code,name,price\nA,a,1\nB,b,1\nC,c,1\n", {.limits = {.items_max = 1}});

  CHECK(imported.report.accepted_items == 1);
  CHECK(imported.report.refused_count == 2);
  CHECK(imported.report.refused.front().reason == Reason::CatalogFull);
}

TEST_CASE("a catalog is handed over once", "[catalog]") {
  CsvImport import;
  REQUIRE(import.feed("code,name,price\nA,a,1").has_value());
  REQUIRE(import.finish().has_value());

  CHECK(failed_with(import.finish(), ErrorCode::FailedPrecondition));
  CHECK(failed_with(import.feed("B,b,1\n"), ErrorCode::FailedPrecondition));
  CHECK(import.report().accepted_items == 1);
}
