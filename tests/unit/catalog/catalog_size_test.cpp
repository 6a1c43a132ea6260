// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "some_items.hpp"

using namespace tillkit::catalog;

namespace {

constexpr std::uint32_t kItems = 50'000;

std::string with_check_digit(std::string code) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < code.size(); ++i)
    sum += static_cast<unsigned>(code[code.size() - 1 - i] - '0') * (i % 2 == 0 ? 3 : 1);
  return code + static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string ean(std::uint32_t number) {
  const std::string digits = std::to_string(number * 7919U % 1'000'000'000U);
  return with_check_digit("690" + std::string(9 - digits.size(), '0') + digits);
}

}  // namespace

TEST_CASE("50,000 items with two codes and names of 26 bytes take less than 135 bytes each, and all are found",
          "[catalog]") {
  CatalogBuilder builder(kCny);
  for (std::uint32_t i = 0; i < kItems; ++i) {
    const std::string barcode = ean(i);
    const std::string own = std::to_string(100'000 + i);
    const Texts codes{barcode, own};
    REQUIRE(builder.add(an_item(codes, "农夫山泉矿泉水 550ml")).has_value());
  }
  const Catalog catalog = std::move(builder).finish();

  CAPTURE(catalog.memory_bytes());
  CHECK(catalog.memory_bytes() < std::size_t{135} * kItems);
  CHECK(catalog.memory_bytes() > std::size_t{50} * kItems);
  for (std::uint32_t i = 0; i < kItems; ++i) {
    const auto by_code = catalog.find_code("0" + ean(i));
    REQUIRE(by_code.has_value());
    REQUIRE(by_code->index().value() == i);
    REQUIRE(catalog.find_code(std::to_string(100'000 + i))->index().value() == i);
    REQUIRE(catalog.find_id(ean(i))->index().value() == i);
    REQUIRE_FALSE(catalog.find_code(std::to_string(200'000 + i)).has_value());
  }
}
