// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <catch2/catch_test_macros.hpp>

#include "contract.hpp"
#include "pattern.hpp"
#include "tillkit/core/json.hpp"

using namespace tillkit;
using conformance::matches;

namespace {

bool fits(const std::string& schema, const std::string& value) {
  const auto rules = core::JsonDocument::parse(schema);
  const auto document = core::JsonDocument::parse(value);
  REQUIRE(rules.has_value());
  REQUIRE(document.has_value());
  return !conformance::wrong_by_schema(rules->root(), rules->root(), document->root());
}

}  // namespace

TEST_CASE("patterns of the contract take what they say and nothing else", "[conformance]") {
  CHECK(matches("^[0-9A-Z]{1,32}$", "T07K1"));
  CHECK_FALSE(matches("^[0-9A-Z]{1,32}$", ""));
  CHECK_FALSE(matches("^[0-9A-Z]{1,32}$", "t07"));
  CHECK_FALSE(matches("^[0-9A-Z]{1,32}$", std::string(33, 'A')));
  CHECK(matches("^(0|-?[1-9][0-9]{0,18})$", "-81985529216486895"));
  CHECK(matches("^(0|-?[1-9][0-9]{0,18})$", "0"));
  CHECK_FALSE(matches("^(0|-?[1-9][0-9]{0,18})$", "-0"));
  const std::string_view moment =
      "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$";
  CHECK(matches(moment, "2026-11-21T00:05:30.250Z"));
  CHECK(matches(moment, "2026-11-21T00:05:30+08:00"));
  CHECK_FALSE(matches(moment, "2026-11-21T00:05:30"));
  CHECK_FALSE(matches(moment, "2026-11-21T00:05:30.Z"));
  const std::string_view pem =
      "^(-----BEGIN [A-Z ]{1,40}-----\\r?\\n[A-Za-z0-9+/=\\r\\n]{1,16000}-----END [A-Z ]{1,40}-----\\r?\\n){1,8}$";
  const std::string one = "-----BEGIN CERTIFICATE-----\n" + std::string(2'000, 'M') + "\n-----END CERTIFICATE-----\n";
  CHECK(matches(pem, one + one));
  CHECK_FALSE(matches(pem, one + "x"));
}

TEST_CASE("each keyword of the contract's schemas is held against a value", "[conformance]") {
  CHECK(fits(R"({"type":"integer","minimum":1,"maximum":3})", "3"));
  CHECK_FALSE(fits(R"({"type":"integer","minimum":1,"maximum":3})", "4"));
  CHECK_FALSE(fits(R"({"type":"integer"})", "1.5"));
  CHECK_FALSE(fits(R"({"type":"string"})", "1"));
  CHECK(fits(R"({"type":"string","minLength":2,"maxLength":2})", R"("水水")"));
  CHECK_FALSE(fits(R"({"type":"string","minLength":2})", R"("水")"));
  CHECK_FALSE(fits(R"({"const":true})", "false"));
  CHECK(fits(R"({"enum":["off","on"]})", R"("on")"));
  CHECK_FALSE(fits(R"({"enum":["off","on"]})", R"("of")"));
  CHECK_FALSE(fits(R"({"type":"object","required":["a"]})", R"({"b":1})"));
  CHECK(fits(R"({"properties":{"a":{"type":"integer"}}})", R"({"a":1,"b":"more"})"));
  CHECK_FALSE(fits(R"({"properties":{"a":{"type":"integer"}}})", R"({"a":"1"})"));
  CHECK_FALSE(fits(R"({"properties":{"a":{}},"additionalProperties":false})", R"({"b":1})"));
  CHECK_FALSE(fits(R"({"type":"array","maxItems":1})", "[1,2]"));
  CHECK_FALSE(fits(R"({"type":"array","minItems":1})", "[]"));
  CHECK_FALSE(fits(R"({"items":{"type":"string"}})", R"(["a",1])"));
  CHECK_FALSE(fits(R"({"not":{"const":1}})", "1"));
  CHECK(fits(R"({"anyOf":[{"type":"string"},{"type":"integer"}]})", "1"));
  CHECK_FALSE(fits(R"({"anyOf":[{"type":"string"},{"type":"integer"}]})", "true"));
  CHECK_FALSE(fits(R"({"oneOf":[{"type":"integer"},{"minimum":0}]})", "1"));
  CHECK_FALSE(fits(R"({"something":1})", "1"));
  CHECK_FALSE(fits(R"({"properties":{"a":{"$ref":"#/d/x"}},"d":{"x":{"type":"string"}},"unevaluatedProperties":false})",
                   R"({"a":1})"));
}

TEST_CASE("the contract that is built in knows its answers and problems", "[conformance]") {
  const auto contract = conformance::Contract::read();
  REQUIRE(contract.has_value());
  const auto wrong = [&](std::string_view text) {
    const auto document = core::JsonDocument::parse(text);
    REQUIRE(document.has_value());
    return contract->wrong_in_answer("POST /v1/gateway/query", document->root());
  };

  CHECK_FALSE(wrong(R"({"outcome":"not_found","order":"A"})"));
  CHECK_FALSE(wrong(R"({"outcome":"not_found","order":"A","newer":1})"));
  CHECK(wrong(R"({"outcome":"not_found"})"));
  CHECK(wrong(R"({"outcome":"perhaps","order":"A"})"));
  CHECK(wrong(R"({"outcome":"paid","order":"A","amount":{"minor":1,"currency":"CNY"}})"));
  CHECK(contract->limit("request_body_bytes_max") == 4'096);
  CHECK(contract->problem("urn:tillkit:problem:order-busy")->changed_nothing == false);
  CHECK(contract->problem("urn:tillkit:problem:key-reused")->changed_nothing);
  CHECK_FALSE(contract->problem("about:blank"));
}
