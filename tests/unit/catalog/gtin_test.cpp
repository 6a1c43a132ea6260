// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/gtin.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace tillkit::catalog;

TEST_CASE("a GTIN is one number in each of its lengths", "[catalog]") {
  CHECK(gtin_number("036000291452") == 36000291452);
  CHECK(gtin_number("0036000291452") == 36000291452);
  CHECK(gtin_number("00036000291452") == 36000291452);
  CHECK(gtin_number("6901234567892") == 6901234567892);
  CHECK(gtin_number("96385074") == 96385074);
  CHECK(gtin_number("00000096385074") == 96385074);
  CHECK(gtin_number("10614141000415") == 10614141000415);
}

TEST_CASE("each wrong check digit is noticed", "[catalog]") {
  const std::string right = "6901234567892";
  for (char last = '0'; last <= '9'; ++last) {
    CAPTURE(last);
    const std::string code = right.substr(0, 12) + last;
    CHECK(has_gtin_form(code));
    CHECK(gtin_number(code).has_value() == (code == right));
  }
}

TEST_CASE("what has not the form of a GTIN is none", "[catalog]") {
  for (const std::string_view code : {"", "0", "9638507", "963850740", "03600029145", "000036000291452",
                                      "69012345678x2", "-901234567892", " 901234567892", "690123456789２"}) {
    CAPTURE(std::string(code));
    CHECK_FALSE(has_gtin_form(code));
    CHECK_FALSE(gtin_number(code).has_value());
  }
  CHECK_FALSE(gtin_number("00000000").has_value());  // the check digit is right, but there is no such number
  CHECK_FALSE(gtin_number("00000000000000").has_value());
}
