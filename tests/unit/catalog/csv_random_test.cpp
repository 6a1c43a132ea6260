// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "random.hpp"
#include "some_items.hpp"
#include "tillkit/catalog/gtin.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::catalog;
using tillkit::core::below;
using tillkit::core::pick;
using tillkit::core::Random;

namespace {

struct RandomItem {
  std::vector<std::string> codes;
  std::string name;
  std::int64_t price = 0;
  std::vector<std::string> tags;
  std::int64_t age = 0;
};

std::string random_gtin(Random& random) {
  constexpr std::array kLengths{8U, 12U, 13U, 14U};
  const std::size_t length = pick(random, kLengths);
  std::string code;
  for (std::size_t i = 1; i < length; ++i)
    code += static_cast<char>('0' + below(random, 10));
  for (char last = '0'; last <= '9'; ++last) {
    if (gtin_number(code + last)) return code + last;
  }
  return code + "0";  // all zeros
}

std::string random_code(Random& random) {
  if (below(random, 2) == 0) return random_gtin(random);
  std::string code;
  for (std::size_t i = 0; i < 6; ++i)
    code += static_cast<char>('a' + below(random, 26));
  return code;
}

std::string random_name(Random& random) {
  constexpr std::array<std::string_view, 8> kParts{"茶", "a", "\"", ",", " x", "é", "😀", "'"};
  std::string name = "n";
  for (std::size_t i = below(random, std::size_t{12}); i > 0; --i)
    name += pick(random, kParts);
  return name;
}

/// As the same key is known here without the library: 14 characters for a GTIN.
std::string key_of(const std::string& code) {
  return gtin_number(code) ? std::string(14 - code.size(), '0') + code : code;
}

std::vector<RandomItem> random_items(Random& random, std::size_t count) {
  std::vector<RandomItem> items;
  std::set<std::string> taken;
  while (items.size() < count) {
    RandomItem item;
    for (std::size_t i = 1 + below(random, std::size_t{3}); i > 0; --i) {
      std::string code = random_code(random);
      if (taken.insert(key_of(code)).second) item.codes.push_back(std::move(code));
    }
    if (item.codes.empty()) continue;
    item.name = random_name(random);
    item.price = below(random, std::int64_t{1'000'000});
    for (std::size_t i = below(random, std::size_t{3}); i > 0; --i)
      item.tags.push_back("t" + std::to_string(below(random, 20)));
    item.age = below(random, std::int64_t{100});
    items.push_back(std::move(item));
  }
  return items;
}

std::string joined(const std::vector<std::string>& parts, char by) {
  std::string text;
  for (const std::string& part : parts)
    text += (text.empty() ? "" : std::string(1, by)) + part;
  return text;
}

/// As RFC 4180 wants it; sometimes with quotes that need not be.
std::string cell(Random& random, const std::string& text) {
  const bool needs = text.find_first_of(",\"\r\n") != std::string::npos;
  if (!needs && below(random, 4) != 0) return text;
  std::string quoted = "\"";
  for (const char c : text)
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string to_csv(Random& random, const std::vector<RandomItem>& items) {
  std::vector<std::string> columns{"code", "name", "price_minor", "tags", "min_age"};
  std::shuffle(columns.begin(), columns.end(), random);
  const std::string line_break = below(random, 2) == 0 ? "\n" : "\r\n";
  std::string text = below(random, 2) == 0 ? "" : "\xEF\xBB\xBF";
  text += joined(columns, ',') + line_break;
  for (const RandomItem& item : items) {
    const std::map<std::string, std::string> values{{"code", joined(item.codes, below(random, 2) == 0 ? ' ' : ';')},
                                                    {"name", item.name},
                                                    {"price_minor", std::to_string(item.price)},
                                                    {"tags", joined(item.tags, ';')},
                                                    {"min_age", std::to_string(item.age)}};
    std::vector<std::string> cells;
    cells.reserve(columns.size());
    for (const std::string& column : columns)
      cells.push_back(cell(random, values.at(column)));
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += (i == 0 ? "" : ",") + cells[i];
    text += line_break;
  }
  return text;
}

bool same(const ItemView& view, const RandomItem& item) {
  return view.id() == item.codes.front() && std::ranges::equal(view.codes(), item.codes) && view.name() == item.name &&
         view.base_price() == Money{item.price, kCny} && std::ranges::equal(view.tags(), item.tags) &&
         view.minimum_age() == item.age;
}

Imported import_in_random_pieces(Random& random, std::string_view text, std::size_t piece_max) {
  CsvImport import;
  bool good = true;
  while (!text.empty()) {
    const std::string piece(text.substr(0, below(random, piece_max + 1)));
    text.remove_prefix(piece.size());
    good = import.feed(piece).has_value() && good;
  }
  auto catalog = import.finish();
  CHECK((good || !catalog.has_value()));
  Imported imported;
  imported.report = import.report();
  if (catalog) imported.catalog = *std::move(catalog);
  return imported;
}

}  // namespace

TEST_CASE("what is written as CSV reads back as it was, and each code finds its item", "[catalog]") {
  const std::uint64_t seed = tillkit::test::seed();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    const std::vector<RandomItem> items = random_items(random, 1 + below(random, std::size_t{200}));
    std::map<std::string, std::size_t> by_key;
    for (std::size_t i = 0; i < items.size(); ++i) {
      for (const std::string& code : items[i].codes)
        by_key.emplace(key_of(code), i);
    }
    const std::string text = to_csv(random, items);

    const Imported imported = import_csv(text);

    REQUIRE(imported.report.accepted_items == items.size());
    REQUIRE(imported.report.warning_count == 0);
    for (std::size_t i = 0; i < items.size(); ++i)
      REQUIRE(same(imported.catalog->item(ItemIndex(static_cast<std::uint32_t>(i))), items[i]));
    for (const auto& [key, index] : by_key) {
      REQUIRE(imported.catalog->find_code(key).has_value());
      REQUIRE(imported.catalog->find_code(key)->index().value() == index);
    }
    for (int asked = 0; asked < 200; ++asked) {
      const std::string code = random_code(random);
      CAPTURE(code);
      const auto found = imported.catalog->find_code(code);
      const auto expected = by_key.find(key_of(code));
      REQUIRE(found.has_value() == (expected != by_key.end()));
      if (found) REQUIRE(found->index().value() == expected->second);
    }
  }
}

TEST_CASE("a file reads the same in whatever pieces it comes, also a damaged one", "[catalog]") {
  const std::uint64_t seed = tillkit::test::seed();
  CAPTURE(seed);
  Random random(seed);
  constexpr std::string_view kDamage = "\"\",,\n\r;\xEF\xBB\xBF\xB2 x1-";
  for (int round = 0; round < 300; ++round) {
    std::string text = to_csv(random, random_items(random, 20));
    for (std::size_t i = below(random, std::size_t{6}); i > 0; --i)
      text[below(random, text.size())] = pick(random, kDamage);
    const Imported whole = import_csv(text);

    const Imported pieces = import_in_random_pieces(random, text, round % 2 == 0 ? 3 : 500);

    CAPTURE(text);
    REQUIRE(pieces.report == whole.report);
    REQUIRE(pieces.catalog.has_value() == whole.catalog.has_value());
    if (!whole.catalog) continue;
    CHECK(whole.report.rows ==
          whole.report.accepted_items + whole.report.accepted_timed_prices + whole.report.refused_count);
    REQUIRE(pieces.catalog->size() == whole.catalog->size());
    for (std::uint32_t i = 0; i < whole.catalog->size(); ++i)
      REQUIRE(pieces.catalog->item(ItemIndex(i)).name() == whole.catalog->item(ItemIndex(i)).name());
  }
}
