// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/policy.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "policy_fields.hpp"

namespace tillkit::payment {
namespace {

using core::ErrorCode;
using core::JsonDocument;
using core::JsonValue;
using core::must;
using core::Result;
using namespace std::chrono_literals;

std::string good() {
  return must(write_policies(gateway_policy()));
}

Result<PolicySet> read(const std::string& text) {
  const auto document = must(JsonDocument::parse(text));
  return read_policies(document.root());
}

/// What is wrong, as a path, and the code.
std::pair<std::string, ErrorCode> mistake(const std::string& text) {
  const auto document = must(JsonDocument::parse(text));
  const auto result = read_policies(document.root());
  REQUIRE_FALSE(result.has_value());
  return {must(document.path_of(result.error())), result.error().code};
}

/// The good document with another value for one member.
std::string with(std::string_view name, const std::string& value) {
  std::string text = good();
  const auto at = text.find("\"" + std::string(name) + "\":");
  REQUIRE(at != std::string::npos);
  const auto start = at + name.size() + 3;
  return text.replace(start, text.find_first_of(",}", start) - start, value);
}

TEST_CASE("a policy is read as it is written", "[payment]") {
  for (const auto* policy : {&wechat_pay_policy(), &alipay_policy(), &gateway_policy()}) {
    const auto set = must(read(must(write_policies(*policy))));
    CHECK(set.of(std::nullopt) == *policy);
    CHECK(set.of(codes::Wallet::UnionPay) == *policy);
  }
}

TEST_CASE("each wallet has its own policy, or that of all others", "[payment]") {
  const PolicySet built_in;
  CHECK(built_in.of(codes::Wallet::WeChatPay) == wechat_pay_policy());
  CHECK(built_in.of(codes::Wallet::Alipay) == alipay_policy());
  CHECK(built_in.of(codes::Wallet::AlipayPlus) == alipay_policy());
  CHECK(built_in.of(codes::Wallet::UnionPay) == gateway_policy());
  CHECK(built_in.of(std::nullopt) == gateway_policy());

  std::string text = good();
  const std::string alipay = must(write_policies(alipay_policy()));
  const auto object = alipay.substr(alipay.find("\"other\":") + 8, alipay.rfind('}') - alipay.find("\"other\":") - 8);
  text.insert(text.size() - 1, ",\"alipay\":" + object);
  const auto set = must(read(text));
  CHECK(set.of(codes::Wallet::Alipay) == alipay_policy());
  CHECK(set.of(codes::Wallet::AlipayPlus) == gateway_policy());
  CHECK(set.of(codes::Wallet::WeChatPay) == gateway_policy());
}

TEST_CASE("what WeChat Pay refuses is not asked of it", "[payment]") {
  const auto& policy = wechat_pay_policy();
  CHECK(policy.reverse_earliest == 15s);
  CHECK(policy.reverse_window == 7 * 24h);
  CHECK(policy.give_up_after == 45s);
  CHECK(policy.refunds_max == 50);
  CHECK(policy.refund_gap == 1min);
  CHECK(policy.refund_window == 365 * 24h);
}

TEST_CASE("each number of a policy has its bounds, and one beyond them is named", "[payment]") {
  const auto schema_text = [] {
    std::ifstream file(TILLKIT_SOURCE_DIR "/lib/payment/schema/policies.schema.json");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  const auto schema = must(JsonDocument::parse(schema_text));
  const auto policy = must(must(schema.root().member("$defs")).member("policy"));
  const auto properties = must(policy.member("properties"));

  std::set<std::string> known;
  const auto check = [&](std::string_view name, std::int64_t min, std::int64_t max) {
    CAPTURE(std::string(name));
    known.emplace(name);
    const auto property = must(properties.member(name));
    CHECK(must(must(property.member("minimum")).integer()) == min);
    CHECK(must(must(property.member("maximum")).integer()) == max);
    const std::pair<std::string, ErrorCode> expected{"/other/" + std::string(name), ErrorCode::OutOfRange};
    CHECK(mistake(with(name, std::to_string(min - 1))) == expected);
    CHECK(mistake(with(name, std::to_string(max + 1))) == expected);
    // At the bound it may contradict another time, which is another mistake.
    for (const auto bound : {min, max}) {
      const auto result = read(with(name, std::to_string(bound)));
      CHECK((result.has_value() || result.error().code == ErrorCode::InvalidArgument));
    }
    CHECK(mistake(with(name, "\"5\"")).second == ErrorCode::InvalidArgument);
    CHECK(mistake(with(name, "5.0")).second == ErrorCode::InvalidArgument);
    std::string misspelt = good();
    misspelt.replace(misspelt.find(std::string(name)), 1, "x");
    CHECK_FALSE(read(misspelt).has_value());
  };
  for (const PolicyTime& time : kPolicyTimes)
    check(time.name, time.min, time.max);
  check(kRefundsMaxName, 1, kRefundsMaxCeiling);

  std::set<std::string> described;
  for (const auto& [name, value] : must(properties.members()))
    described.emplace(name);
  std::set<std::string> demanded;
  for (const JsonValue name : must(must(policy.member("required")).elements()))
    demanded.emplace(must(name.text()));
  CHECK(described == known);
  CHECK(demanded == known);
}

TEST_CASE("half a policy is none", "[payment]") {
  for (const PolicyTime& time : kPolicyTimes) {
    CAPTURE(std::string(time.name));
    std::string text = good();
    const auto at = text.find("\"" + std::string(time.name) + "\":");
    text.erase(at, text.find(',', at) + 1 - at);
    const std::pair<std::string, ErrorCode> expected{"/other", ErrorCode::NotFound};
    CHECK(mistake(text) == expected);
  }
  CHECK(mistake(R"({"version":1})").second == ErrorCode::NotFound);
}

TEST_CASE("times that contradict each other are refused where the shorter one stands", "[payment]") {
  const std::vector<std::tuple<std::string_view, std::string>> cases{{"ask_every_ms", "60000"},
                                                                     {"ask_first_after_ms", "60000"},
                                                                     {"ask_unknown_after_ms", "60000"},
                                                                     {"reverse_retry_first_ms", "600000"},
                                                                     {"refund_retry_first_ms", "3600000"}};
  for (const auto& [name, value] : cases) {
    CAPTURE(std::string(name));
    std::string text = with(name, value);
    const auto lower = [&](std::string_view longer, const std::string& to) {
      const auto at = text.find("\"" + std::string(longer) + "\":") + longer.size() + 3;
      text.replace(at, text.find_first_of(",}", at) - at, to);
    };
    lower("give_up_after_ms", "59999");
    lower("reverse_retry_max_ms", "599999");
    lower("refund_retry_max_ms", "3599999");
    const auto [path, code] = mistake(text);
    CHECK(path == "/other/" + std::string(name));
    CHECK(code == ErrorCode::InvalidArgument);
  }
  CHECK(mistake(with("reverse_window_s", "60")).first == "/other/shown_code_for_s");
}

TEST_CASE("a document of another version or with a word too many is not guessed at", "[payment]") {
  std::string text = good();
  const std::pair<std::string, ErrorCode> version{"/version", ErrorCode::Unsupported};
  CHECK(mistake(text.replace(text.find('1'), 1, "2")) == version);
  text = good();
  const std::pair<std::string, ErrorCode> extra{"/paypal", ErrorCode::InvalidArgument};
  CHECK(mistake(text.insert(text.size() - 1, ",\"paypal\":{}")) == extra);
  text = good();
  const std::pair<std::string, ErrorCode> inner{"/other/new", ErrorCode::InvalidArgument};
  CHECK(mistake(text.insert(text.size() - 2, ",\"new\":1")) == inner);
  CHECK(mistake(R"({"version":1,"other":[]})").first == "/other");
}

}  // namespace
}  // namespace tillkit::payment
