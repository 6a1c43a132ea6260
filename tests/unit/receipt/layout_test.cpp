// SPDX-License-Identifier: Apache-2.0
#include "tillkit/receipt/layout.hpp"

#include <cstdio>

#include <catch2/catch_test_macros.hpp>

#include "some_sale.hpp"
namespace tillkit::receipt {
TEST_CASE("dump", "[.dump]") {
  for (const auto& r : {some_receipt(), some_refund(), some_slip(), copy_of(some_slip())})
    for (auto l : {Language::ZhCn, Language::En})
      for (auto c : {kColumnsNarrow, kColumnsWide}) {
        std::printf("=== %s %zu\n", std::string(to_string(l)).c_str(), c);
        for (const auto& x : must(lay_out(r, c, l)))
          std::printf("%c|%s\n", " SQ"[static_cast<int>(x.style)], x.text.c_str());
      }
}
}  // namespace tillkit::receipt
