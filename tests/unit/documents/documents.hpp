// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::offers {

using core::must;

inline std::string file(const std::string& path) {
  std::ifstream stream(std::string(TILLKIT_SOURCE_DIR "/") + path, std::ios::binary);
  REQUIRE(stream.good());
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::string text_of(const core::JsonValue& value) {
  return must(core::JsonWriter(kRulesJsonLimits).value(value).finish());
}

/// A rule file around its one offer.
inline std::string rules_of(std::string_view offer) {
  return R"({"version":"1","currency":"CNY","offers":[)" + std::string(offer) + "]}";
}

inline std::string offer_of(std::string_view members) {
  return rules_of(R"({"id":"a",)" + std::string(members) + '}');
}

inline RuleDocument read_rules_well(std::string_view json) {
  DocumentMistake mistake;
  auto rules = read_rules(json, mistake);
  INFO(json.substr(0, 1'000) << '\n' << to_string(mistake));
  REQUIRE(rules.has_value());
  return *std::move(rules);
}

/// The offer of a file with just one.
inline Offer read_offer_well(std::string_view members) {
  return read_rules_well(offer_of(members)).offers.at(0);
}

inline BasketDocument read_basket_well(std::string_view json, const ItemSource* items = nullptr,
                                       core::Currency currency = core::kCny) {
  DocumentMistake mistake;
  auto basket = read_basket(json, currency, items, mistake);
  INFO(json.substr(0, 1'000) << '\n' << to_string(mistake));
  REQUIRE(basket.has_value());
  return *std::move(basket);
}

/// What is wrong with a document that must be refused.
inline DocumentMistake rules_mistake(std::string_view json, core::ErrorCode code = core::ErrorCode::InvalidArgument) {
  DocumentMistake mistake;
  const auto rules = read_rules(json, mistake);
  INFO(json.substr(0, 1'000));
  REQUIRE_FALSE(rules.has_value());
  CHECK(rules.error().code == code);
  return mistake;
}

inline DocumentMistake basket_mistake(std::string_view json, const ItemSource* items = nullptr,
                                      core::ErrorCode code = core::ErrorCode::InvalidArgument) {
  DocumentMistake mistake;
  const auto basket = read_basket(json, core::kCny, items, mistake);
  INFO(json.substr(0, 1'000));
  REQUIRE_FALSE(basket.has_value());
  CHECK(basket.error().code == code);
  return mistake;
}

inline Name name(std::string_view text) {
  return must(Name::parse(text));
}

}  // namespace tillkit::offers
