// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "receipt_names.hpp"
#include "some_sale.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::failed_with;
using core::JsonDocument;
using core::JsonValue;

TEST_CASE("a receipt is read as it was written, and prints the same again", "[receipt]") {
  ReceiptData of_member = some_receipt();
  of_member.points = 15;
  for (const ReceiptData& receipt : {some_receipt(), of_member, some_refund(), some_slip(), copy_of(some_receipt())}) {
    const std::string json = must(to_json(receipt));

    const ReceiptData read = must(read_receipt(json));

    CHECK(read == receipt);
    CHECK(must(to_json(read)) == json);
  }
}

TEST_CASE("a stored receipt says this", "[receipt]") {
  CHECK(must(to_json(some_slip())) ==
        R"({"version":1,"kind":"not_completed","copy":0,"header":{"merchant":"好邻居超市",)"
        R"("tax_number":"91310000MA1FL0000X","store":"人民广场店","terminal":"T-0001","operator":"小王",)"
        R"("sale":"T-0001-000123","at":{"at":"2026-11-21T10:30:05.000Z","quality":"trusted"},"utc_offset_min":480},)"
        R"("currency":"CNY","lines":[],"uses":[],"gifts":[],"taxes":[],"tenders":[{"kind":"wallet_code",)"
        R"("name":"微信支付","account":"****eS6o","order":"T00010000003V7Q2ZK8F5M1C0","amount":1230}],)"
        R"("list":0,"discount":0,"net":0,"tax":0,"total":1230})");
}

/// The document with one member of one object changed: `path` leads to the object.
std::string without(const JsonValue& value, const JsonValue& object, std::string_view left_out,
                    std::string_view added = {}) {
  core::JsonWriter json(kReceiptJsonLimits);
  const auto write = [&](const auto& self, const JsonValue& at) -> void {
    if (const auto elements = at.elements()) {
      json.begin_array();
      for (const JsonValue element : *elements)
        self(self, element);
      json.end_array();
    } else if (const auto members = at.members()) {
      const bool here = at.offset() == object.offset();
      json.begin_object();
      for (const auto& [name, member] : *members) {
        if (here && name == left_out) continue;
        json.name(name);
        self(self, member);
      }
      if (here && !added.empty()) json.name(added).integer(0);
      json.end_object();
    } else {
      json.value(at);
    }
  };
  write(write, value);
  return must(json.finish());
}

void each_object(const JsonValue& value, const auto& visit) {
  if (const auto elements = value.elements()) {
    for (const JsonValue element : *elements)
      each_object(element, visit);
  }
  if (const auto members = value.members()) {
    visit(value);
    for (const auto& [name, member] : *members)
      each_object(member, visit);
  }
}

TEST_CASE("a receipt with a member too many or too few is refused", "[receipt]") {
  // What may be missing without a sum that is wrong for it.
  const std::set<std::string_view> optional{"tax_number", "operator",    "fapiao_link",       "per_grams", "funders",
                                            "account",    "transaction", "provider_discount", "address"};
  int tried = 0;
  for (const ReceiptData& receipt : {some_receipt(), some_refund()}) {
    const JsonDocument document = must(JsonDocument::parse(must(to_json(receipt))));
    each_object(document.root(), [&](const JsonValue& object) {
      CHECK_FALSE(read_receipt(without(document.root(), object, "", "points")).has_value());
      for (const auto& [name, value] : must(object.members())) {
        const bool wallets_name = name == "name" && object.find("kind");
        CAPTURE(name);
        const auto read = read_receipt(without(document.root(), object, name));
        CHECK(read.has_value() == (optional.contains(name) || wallets_name));
        ++tried;
      }
    });
  }
  CHECK(tried > 150);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("values that no receipt has are refused", "[receipt]") {
  const std::string json = must(to_json(some_receipt()));
  const std::vector<std::pair<std::string, std::string>> changes{
      {R"("kind":"sale")", R"("kind":"gift")"},
      {R"("kind":"sale")", R"("kind":1)"},
      {R"("copy":0)", R"("copy":-1)"},
      {R"("copy":0)", R"("copy":4294967296)"},
      {R"("currency":"CNY")", R"("currency":"cny")"},
      {R"("currency":"CNY")", R"("currency":"XXX")"},
      {R"("utc_offset_min":480)", R"("utc_offset_min":1081)"},
      {R"("quality":"trusted")", R"("quality":"sure")"},
      {R"("at":"2026-11-21T10:30:05.000Z")", R"("at":"yesterday")"},
      {R"("unit":"piece")", R"("unit":"box")"},
      {R"("kind":"cash")", R"("kind":"card")"},
      {R"("operator":"小王")", R"("operator":"")"},
      {R"("order":"T)", R"("order":"t)"},
      {R"("account":"****eS6o")", R"("account":"13812345678")"},
      {R"("rounding":)", R"("rounding":1)"},
      {R"("list":1750)", R"("list":1750.0)"},
      {R"("list":1750)", R"("list":"17.50")"},
      {R"("coupon":false)", R"("coupon":0)"},
      {R"("provider_discount":100)", R"("provider_discount":0)"},
  };
  for (const auto& [from, to] : changes) {
    CAPTURE(to);
    CHECK_FALSE(read_receipt(replaced(json, from, to)).has_value());
  }
  CHECK(failed_with(read_receipt(replaced(json, R"("version":1)", R"("version":2)")), ErrorCode::Unsupported));
  CHECK_FALSE(read_receipt("[]").has_value());
  CHECK_FALSE(read_receipt("").has_value());
}

TEST_CASE("as many lines, tenders and gifts as there may be, and no more", "[receipt]") {
  ReceiptData receipt = some_slip();
  receipt.tenders.assign(kTendersMax, receipt.tenders[0]);
  receipt.total = static_cast<std::int64_t>(kTendersMax) * 1'230;
  const std::string json = must(to_json(receipt));
  CHECK(read_receipt(json).has_value());
  const std::size_t at = json.find(R"({"kind":"wallet_code")");
  const std::string one = json.substr(at, json.find('}', at) - at + 1);
  CHECK(failed_with(read_receipt(std::string(json).insert(at, one + ",")), ErrorCode::Exhausted));
}

TEST_CASE("the largest receipt there may be can be stored", "[receipt]") {
  ReceiptData receipt = some_receipt();
  const ReceiptLine line = receipt.lines[0];
  receipt.lines.assign(offers::kLinesMax, line);
  for (ReceiptLine& each : receipt.lines)
    each.name = std::string(kTextBytesMax, 'n');
  const auto lines = static_cast<std::int64_t>(offers::kLinesMax);
  for (std::size_t i = 0; i < receipt.uses.size(); ++i) {
    receipt.uses[i].funders.clear();
    receipt.uses[i].discount = 0;
    for (const ReceiptDiscount& discount : line.discounts)
      receipt.uses[i].discount += discount.use == i ? lines * discount.amount : 0;
  }
  receipt.list = lines * line.list;
  receipt.net = lines * line.net;
  receipt.discount = receipt.list - receipt.net;
  receipt.tax = lines * line.tax;
  receipt.total = receipt.net;
  receipt.taxes = {{line.tax_rate, true, lines * (line.net - line.tax), lines * line.tax}};
  receipt.tenders = {some_wallet(receipt.total)};
  CHECK(to_string(mistake_in(receipt)) == "none");

  const std::string json = must(to_json(receipt));

  CHECK(must(read_receipt(json)) == receipt);
}

TEST_CASE("the schema of receipts and the reader know the same names and limits", "[receipt]") {
  std::ifstream stream(TILLKIT_SOURCE_DIR "/lib/receipt/schema/receipt.schema.json", std::ios::binary);
  REQUIRE(stream.good());
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const JsonDocument schema = must(JsonDocument::parse(text));
  const JsonValue definitions = must(schema.root().member("$defs"));
  const auto number = [](const JsonValue& value, std::string_view name) {
    return must(must(value.member(name)).integer());
  };

  std::set<std::string_view> described;
  for (const detail::NamedTable& table : detail::kTables) {
    CAPTURE(std::string(table.definition));
    const JsonValue object = table.definition.empty() ? schema.root() : must(definitions.member(table.definition));
    std::set<std::string_view> names;
    for (const auto& [name, value] : must(must(object.member("properties")).members()))
      names.insert(name);
    CHECK(names == std::set<std::string_view>(table.members.begin(), table.members.end()));
    CHECK(must(must(object.member("additionalProperties")).boolean()) == false);
    described.insert(table.definition);
  }
  for (const auto& [name, value] : must(definitions.members())) {
    if (value.find("properties")) CHECK(described.contains(name));
  }
  const JsonValue properties = must(schema.root().member("properties"));
  const auto items_max = [&](std::string_view name) { return number(must(properties.member(name)), "maxItems"); };
  CHECK(items_max("lines") == static_cast<std::int64_t>(offers::kLinesMax));
  CHECK(items_max("uses") == static_cast<std::int64_t>(kUsesMax));
  CHECK(items_max("gifts") == static_cast<std::int64_t>(kGiftsMax));
  CHECK(items_max("tenders") == static_cast<std::int64_t>(kTendersMax));
  CHECK(number(must(definitions.member("amount")), "maximum") == offers::kAmountMax);
  CHECK(number(must(definitions.member("text")), "maxLength") == static_cast<std::int64_t>(kTextBytesMax));
}

}  // namespace
}  // namespace tillkit::receipt
