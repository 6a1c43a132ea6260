// SPDX-License-Identifier: Apache-2.0
#include "scanned.hpp"
#include "tillkit/core/json.hpp"

using namespace tillkit::codes;
namespace core = tillkit::core;

namespace {

CodeTable with_member_cards(std::string_view rows) {
  const std::string text = R"({"version":1,"currency":"CNY","payments":[],"in_store":[],"members":[)" +
                           std::string(rows) + R"(],"links":[]})";
  const auto document = core::JsonDocument::parse(text);
  REQUIRE(document.has_value());
  const auto table = read_code_table(document->root());
  REQUIRE(table.has_value());
  return *table;
}

}  // namespace

TEST_CASE("every kind has its own name", "[codes]") {
  CHECK(to_string(Kind::Unknown) == "unknown");
  CHECK(to_string(Kind::PaymentCode) == "payment_code");
  CHECK(to_string(Kind::EmvMpm) == "emv_mpm");
  CHECK(to_string(Kind::EmvCpm) == "emv_cpm");
  CHECK(to_string(Kind::Item) == "item");
  CHECK(to_string(Kind::WeighedItem) == "weighed_item");
  CHECK(to_string(Kind::Gs1Coupon) == "gs1_coupon");
  CHECK(to_string(Kind::MemberCode) == "member_code");
  CHECK(to_string(Kind::CouponToken) == "coupon_token");
  CHECK(to_string(Kind::UnifiedCode) == "unified_code");
  CHECK(to_string(Kind::Link) == "link");
}

TEST_CASE("nothing, too much and what is no text is unknown", "[codes]") {
  CHECK(scanned<Unknown>("").why == Why::Empty);
  CHECK(scanned<Unknown>("\r\n").why == Why::Empty);
  CHECK(scanned<Unknown>(std::string(kCodeBytesMax, 'x')).why == Why::Unrecognised);
  const auto too_long = scanned<Unknown>(std::string(kCodeBytesMax + 1, 'x'));
  CHECK(too_long.why == Why::TooLong);
  CHECK(too_long.expected == kCodeBytesMax);
  CHECK(too_long.found == kCodeBytesMax + 1);
  const auto utf8 = scanned<Unknown>("ab\xFFz");
  CHECK(utf8.why == Why::NotUtf8);
  CHECK(utf8.found == 2);
}

TEST_CASE("a control character inside is refused, a line break behind is the scanner's", "[codes]") {
  for (int c = 0; c < 0x20; ++c) {
    if (c == kGroupSeparator) continue;
    CAPTURE(c);
    std::string text = "6901234567892";
    text[3] = static_cast<char>(c);
    const auto refused = scanned<Unknown>(text);
    CHECK(refused.why == Why::ControlCharacter);
    CHECK(refused.found == 3);
  }
  CHECK(scanned<Unknown>("690123456789\x7F").why == Why::ControlCharacter);
  CHECK(scanned<Unknown>("\n6901234567892").why == Why::ControlCharacter);
  CHECK(kind_scanned("6901234567892\r\n") == Kind::Item);
  CHECK(kind_scanned("6901234567892\n\n") == Kind::Item);
}

TEST_CASE("a card number is a member's where the table says so", "[codes]") {
  const CodeTable table =
      with_member_cards(R"({"first":"VIP","last":"VIP","length_min":6,"length_max":12,"characters":"text"},)"
                        R"({"first":"99","last":"99","length_min":13,"length_max":13,"characters":"digits"})");

  CHECK(std::get<MemberCard>(scanned<MemberCode>("VIP-0042", table).value).view() == "VIP-0042");
  // Also an item number with its check digit: the shop's own cards come first.
  CHECK(make_gtin("9901234567892").has_value() == false);
  CHECK(kind_scanned("9901234567896", table) == Kind::MemberCode);
  CHECK(kind_scanned("9901234567896") != Kind::MemberCode);
  CHECK(kind_scanned("VIP 0042", table) == Kind::Unknown);
  const auto short_one = scanned<Unknown>("VIP-0", table);
  CHECK(short_one.nearest == Kind::MemberCode);
  CHECK(short_one.expected == 6);
  CHECK(short_one.found == 5);
}

TEST_CASE("with an empty table nothing is a payment code", "[codes]") {
  const CodeTable none;

  CHECK(kind_scanned(digits_from("13", 18), none) == Kind::Unknown);
  CHECK(kind_scanned("6901234567892", none) == Kind::Item);
  CHECK(kind_scanned("2112345012506", none) == Kind::Item);
}

TEST_CASE("plain words are nothing", "[codes]") {
  for (const std::string_view text : {"hello", "A", "]C1", "TKM", "hQVDUF", "12a", "\xE6\x94\xAF\xE4\xBB\x98", "."}) {
    CAPTURE(text);
    const auto none = scanned<Unknown>(text);
    CHECK(none.nearest == Kind::Unknown);
    CHECK(none.why == Why::Unrecognised);
  }
}
