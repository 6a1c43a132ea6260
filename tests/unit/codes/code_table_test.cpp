// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/code_table.hpp"

#include <array>

#include "scanned.hpp"
#include "tillkit/core/json.hpp"

using namespace tillkit::codes;
namespace core = tillkit::core;
using core::ErrorCode;

namespace {

constexpr std::string_view kPayment =
    R"({"wallet":"wechat_pay","first":"10","last":"15","length_min":18,"length_max":18,"characters":"digits","can_identify":true})";
constexpr std::string_view kInStore =
    R"({"first":"20","last":"24","digits":13,"item":{"at":2,"digits":5},"price":{"at":7,"digits":5,"decimals":2}})";
constexpr std::string_view kMember =
    R"({"first":"VIP","last":"VIP","length_min":6,"length_max":12,"characters":"text"})";
constexpr std::string_view kLink = R"({"host":"go.shop.example","claim":"c"})";

std::string table_text(std::string_view payments = kPayment, std::string_view in_store = kInStore,
                       std::string_view members = kMember, std::string_view links = kLink) {
  const auto list = [](std::string_view name, std::string_view rows) {
    return ",\"" + std::string(name) + "\":[" + std::string(rows) + "]";
  };
  return R"({"version":1,"currency":"CNY","mpm_short_forms":true)" + list("payments", payments) +
         list("in_store", in_store) + list("members", members) + list("links", links) + "}";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

core::Result<CodeTable> read(std::string_view text) {
  const auto document = core::JsonDocument::parse(text);
  REQUIRE(document.has_value());
  return read_code_table(document->root());
}

struct Wrong {
  std::string text;
  ErrorCode code;
  std::string path;
};

void check_wrong(const Wrong& wrong) {
  CAPTURE(wrong.text);
  const auto document = core::JsonDocument::parse(wrong.text);
  REQUIRE(document.has_value());
  const auto table = read_code_table(document->root());
  REQUIRE_FALSE(table.has_value());
  CHECK(table.error().code == wrong.code);
  CHECK(document->path_of(table.error()) == core::Result<std::string>(wrong.path));
}

}  // namespace

TEST_CASE("a table from the cloud is used as it says", "[codes]") {
  const auto table = read(table_text());

  REQUIRE(table.has_value());
  CHECK(table->mpm_short_forms);
  CHECK(table->currency == core::kCny);
  CHECK(kind_scanned(digits_from("13", 18), *table) == Kind::PaymentCode);
  CHECK(kind_scanned(digits_from("28", 18), *table) == Kind::Unknown);
  CHECK(kind_scanned("2112345012506", *table) == Kind::WeighedItem);
  CHECK(kind_scanned("VIP-001", *table) == Kind::MemberCode);
  CHECK(scanned<Link>("https://go.shop.example/?c=7", *table).claim.view() == "7");
}

TEST_CASE("a mark narrows a wallet's row", "[codes]") {
  const auto table = read(table_text(
      R"({"wallet":"alipay_plus","first":"289","last":"289","length_min":19,"length_max":19,"characters":"digits","mark_at":13,"mark":"6"})"));

  REQUIRE(table.has_value());
  CHECK(kind_scanned("2893612204263667830", *table) == Kind::PaymentCode);
  CHECK(kind_scanned("2893612204263567830", *table) == Kind::Unknown);
}

TEST_CASE("a table's mistake is reported with its path", "[codes]") {
  const std::string good = table_text();
  const std::array wrong_tables{
      Wrong{"[]", ErrorCode::InvalidArgument, ""},
      Wrong{"{}", ErrorCode::NotFound, ""},
      Wrong{replaced(good, "\"version\":1", "\"version\":2"), ErrorCode::Unsupported, "/version"},
      Wrong{replaced(good, "\"CNY\"", "\"cny\""), ErrorCode::InvalidArgument, "/currency"},
      Wrong{replaced(good, "\"links\"", "\"link\""), ErrorCode::InvalidArgument, "/link"},
      Wrong{replaced(good, "true,\"payments\"", "1,\"payments\""), ErrorCode::InvalidArgument, "/mpm_short_forms"},
      Wrong{replaced(good, "wechat_pay", "wechatpay"), ErrorCode::InvalidArgument, "/payments/0/wallet"},
      Wrong{replaced(good, "\"first\":\"10\"", "\"first\":\"1\""), ErrorCode::InvalidArgument, "/payments/0/last"},
      Wrong{replaced(good, "\"first\":\"10\"", "\"first\":\"16\""), ErrorCode::InvalidArgument, "/payments/0/last"},
      Wrong{replaced(good, "\"first\":\"10\"", "\"first\":\"1a\""), ErrorCode::InvalidArgument, "/payments/0/last"},
      Wrong{replaced(good, "\"first\":\"10\"", "\"first\":\"\""), ErrorCode::InvalidArgument, "/payments/0/first"},
      Wrong{replaced(good, "\"first\":\"10\"", "\"first\":\"123456789\""), ErrorCode::InvalidArgument,
            "/payments/0/first"},
      Wrong{replaced(good, "\"length_min\":18", "\"length_min\":2"), ErrorCode::OutOfRange, "/payments/0/length_min"},
      Wrong{replaced(good, "\"length_max\":18", "\"length_max\":17"), ErrorCode::OutOfRange, "/payments/0/length_max"},
      Wrong{replaced(good, "\"length_max\":18", "\"length_max\":65"), ErrorCode::OutOfRange, "/payments/0/length_max"},
      Wrong{replaced(good, "\"digits\",\"can", "\"letters\",\"can"), ErrorCode::InvalidArgument,
            "/payments/0/characters"},
      Wrong{replaced(good, "\"can_identify\"", "\"can_pay\""), ErrorCode::InvalidArgument, "/payments/0/can_pay"},
      Wrong{replaced(good, "\"can_identify\":true", "\"mark\":\"6\""), ErrorCode::NotFound, "/payments/0"},
      Wrong{replaced(good, "\"can_identify\":true", "\"mark\":\"66\",\"mark_at\":3"), ErrorCode::InvalidArgument,
            "/payments/0/mark"},
      Wrong{replaced(good, "\"can_identify\":true", "\"mark\":\"6\",\"mark_at\":18"), ErrorCode::OutOfRange,
            "/payments/0/mark_at"},
      Wrong{replaced(good, "\"digits\":13", "\"digits\":7"), ErrorCode::OutOfRange, "/in_store/0/digits"},
      Wrong{replaced(good, "\"digits\":13", "\"digits\":21"), ErrorCode::OutOfRange, "/in_store/0/digits"},
      Wrong{replaced(good, "{\"at\":2,", "{\"at\":1,"), ErrorCode::InvalidArgument, "/in_store/0/item"},
      Wrong{replaced(good, "{\"at\":7,", "{\"at\":6,"), ErrorCode::InvalidArgument, "/in_store/0/price"},
      Wrong{replaced(good, "{\"at\":7,", "{\"at\":8,"), ErrorCode::InvalidArgument, "/in_store/0/price"},
      Wrong{replaced(good, "{\"at\":7,", "{\"at\":19,"), ErrorCode::InvalidArgument, "/in_store/0/price"},
      Wrong{replaced(good, "\"decimals\":2", "\"decimals\":3"), ErrorCode::OutOfRange, "/in_store/0/price/decimals"},
      Wrong{replaced(good, "\"decimals\":2", "\"decimals\":2,\"check_at\":7"), ErrorCode::InvalidArgument,
            "/in_store/0/price/check_at"},
      Wrong{replaced(good, "\"price\":", "\"weight\":{\"at\":7,\"digits\":5,\"decimals\":3},\"price\":"),
            ErrorCode::InvalidArgument, "/in_store/0/price"},
      Wrong{table_text(kPayment, R"({"first":"2","last":"2","digits":13,"item":{"at":2,"digits":5}})"),
            ErrorCode::NotFound, "/in_store/0"},
      Wrong{replaced(good, "\"length_min\":6", "\"length_min\":3"), ErrorCode::OutOfRange, "/members/0/length_min"},
      Wrong{replaced(good, "go.shop", "Go.shop"), ErrorCode::InvalidArgument, "/links/0/host"},
      Wrong{replaced(good, "\"claim\":\"c\"", "\"claim\":\"\""), ErrorCode::InvalidArgument, "/links/0/claim"},
  };
  REQUIRE(read(good).has_value());
  for (const Wrong& wrong : wrong_tables)
    check_wrong(wrong);
}

TEST_CASE("a table in which a label could be a payment code is refused", "[codes]") {
  const auto payment = [](std::string_view first, std::string_view last) {
    return R"({"wallet":"alipay","first":")" + std::string(first) + R"(","last":")" + std::string(last) +
           R"(","length_min":12,"length_max":24,"characters":"digits"})";
  };
  CHECK(read(table_text(payment("25", "30"))).has_value());
  check_wrong({table_text(payment("24", "30")), ErrorCode::AlreadyExists, "/in_store/0"});
  check_wrong({table_text(payment("2", "2")), ErrorCode::AlreadyExists, "/in_store/0"});
  check_wrong({table_text(payment("220", "221")), ErrorCode::AlreadyExists, "/in_store/0"});
  CHECK(read(table_text(payment("250", "250"))).has_value());
  check_wrong({table_text(kPayment, std::string(kInStore) + "," + std::string(kInStore)), ErrorCode::AlreadyExists,
               "/in_store/1"});
  check_wrong({table_text(kPayment, kInStore, std::string(kMember) + "," + std::string(kMember)),
               ErrorCode::AlreadyExists, "/members/1"});
  check_wrong({table_text(kPayment, kInStore,
                          R"({"first":"1","last":"1","length_min":10,"length_max":18,"characters":"digits"})"),
               ErrorCode::AlreadyExists, "/members/0"});
  check_wrong({table_text(kPayment, kInStore,
                          R"({"first":"22","last":"22","length_min":13,"length_max":13,"characters":"digits"})"),
               ErrorCode::AlreadyExists, "/members/0"});
}

TEST_CASE("a table has room for so many rows and says when it is full", "[codes]") {
  std::string rows(kLink);
  for (std::size_t i = 1; i < kLinkRulesMax; ++i)
    rows += "," + std::string(kLink);
  CHECK(read(table_text(kPayment, kInStore, kMember, rows)).has_value());
  check_wrong({table_text(kPayment, kInStore, kMember, rows + "," + std::string(kLink)), ErrorCode::Exhausted,
               "/links/" + std::to_string(kLinkRulesMax)});
  std::string payments(kPayment);
  for (std::size_t i = 0; i < kPaymentRulesMax; ++i)
    payments += "," + std::string(kPayment);
  check_wrong({table_text(payments), ErrorCode::Exhausted, "/payments/" + std::to_string(kPaymentRulesMax)});
}

TEST_CASE("the built-in table keeps its own rule: no label can be a payment code", "[codes]") {
  const CodeTable& table = default_code_table();
  CHECK_FALSE(table.payments.all().empty());
  for (const InStoreRule& label : table.in_store.all()) {
    for (const PaymentRule& payment : table.payments.all())
      CHECK_FALSE(label.range.overlaps(payment.range));
    for (const InStoreRule& other : table.in_store.all())
      CHECK((&label == &other || !label.range.overlaps(other.range)));
  }
}
