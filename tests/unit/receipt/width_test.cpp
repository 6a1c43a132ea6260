// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/receipt/layout.hpp"
#include "width_table.hpp"

namespace tillkit::receipt {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("wide characters take two columns, marks that combine none", "[receipt]") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("abc 1.20") == 8);
  CHECK(columns_of("¥12.30") == 6);
  CHECK(columns_of("可乐") == 4);
  CHECK(columns_of("，。（）") == 8);
  CHECK(columns_of("ＡＢ") == 4);
  CHECK(columns_of("ｱ") == 1);
  CHECK(columns_of("×") == 2);
  CHECK(columns_of("e\u0301") == 1);
  CHECK(columns_of("a\u200Db") == 2);
  CHECK(columns_of("\U00020000") == 2);
  CHECK(columns_of("\U0001F600") == 2);
  CHECK(columns_of("é") == 2);
  CHECK(columns_of("한글") == 4);
  CHECK(columns_of("\xFF\x80") == 2);
}

TEST_CASE("the tables of widths are in order and do not overlap", "[receipt]") {
  const auto in_order = [](const auto& table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i].first > table[i].last || (i > 0 && table[i].first <= table[i - 1].last)) return false;
    }
    return true;
  };
  CHECK(in_order(detail::kWide));
  CHECK(in_order(detail::kZero));
}

TEST_CASE("a text breaks at spaces, between wide characters, and inside a word that is too long", "[receipt]") {
  CHECK(wrap("", 8) == Lines{""});
  CHECK(wrap("cola light", 10) == Lines{"cola light"});
  CHECK(wrap("cola light", 9) == Lines{"cola", "light"});
  CHECK(wrap("cola light", 5) == Lines{"cola", "light"});
  CHECK(wrap("abcdefghij", 4) == Lines{"abcd", "efgh", "ij"});
  CHECK(wrap("可口可乐", 8) == Lines{"可口可乐"});
  CHECK(wrap("可口可乐", 7) == Lines{"可口可", "乐"});
  CHECK(wrap("可乐light", 6) == Lines{"可乐", "light"});
  CHECK(wrap("   ", 2) == Lines{""});
}

TEST_CASE("no line starts with a closing mark that one character can go with", "[receipt]") {
  CHECK(wrap("请稍候。", 6) == Lines{"请稍", "候。"});
  CHECK(wrap("扫码）支付", 4) == Lines{"扫", "码）", "支付"});
  CHECK(wrap("ab cd, e", 5) == Lines{"ab", "cd, e"});
  CHECK(wrap("。。。。", 4) == Lines{"。。", "。。"});
}

TEST_CASE("a mark that combines stays with its letter", "[receipt]") {
  CHECK(wrap("abe\u0301cd", 3) == Lines{"abe\u0301", "cd"});
  CHECK(wrap("天可\u0301。", 4) == Lines{"天", "可\u0301。"});
}

TEST_CASE("every line fits, and no character is lost", "[receipt]") {
  const std::string text = "烟台红富士苹果（精选）500g, big red apples from Yantai，每箱12个。×é!";
  std::string dense = text;
  std::erase(dense, ' ');
  for (std::size_t columns = 2; columns <= 48; ++columns) {
    CAPTURE(columns);
    std::string all;
    for (const std::string& line : wrap(text, columns)) {
      CHECK(columns_of(line) <= columns);
      CHECK_FALSE(line.empty());
      all += line;
    }
    std::erase(all, ' ');
    CHECK(all == dense);
  }
}

}  // namespace
}  // namespace tillkit::receipt
