// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/gtin.hpp"

#include <array>

#include "scanned.hpp"

using namespace tillkit::codes;

namespace {

struct Number {
  std::string_view scanned;
  std::string_view gtin;
  ItemForm form;
};

constexpr std::array kNumbers{
    Number{"6901234567892", "06901234567892", ItemForm::Ean13},
    Number{"4012345678901", "04012345678901", ItemForm::Ean13},
    Number{"96385074", "00000096385074", ItemForm::Ean8},
    Number{"036000291452", "00036000291452", ItemForm::UpcA},
    Number{"04252614", "00042100005264", ItemForm::UpcE},
    Number{"10012345678902", "10012345678902", ItemForm::Gtin14},
    Number{"09506000134376", "09506000134376", ItemForm::Gtin14},
};

// One per rule of zero suppression.
struct Suppressed {
  std::string_view upc_e;
  std::string_view upc_a;
};
constexpr std::array kSuppressed{
    Suppressed{"01234505", "012000003455"}, Suppressed{"01234514", "012100003454"},
    Suppressed{"01234523", "012200003453"}, Suppressed{"01234531", "012300000451"},
    Suppressed{"01234543", "012340000053"}, Suppressed{"01234558", "012345000058"},
    Suppressed{"01234565", "012345000065"}, Suppressed{"01234572", "012345000072"},
    Suppressed{"01234589", "012345000089"}, Suppressed{"01234596", "012345000096"},
};

}  // namespace

TEST_CASE("an item has one number, whatever barcode it came from", "[codes]") {
  for (const auto& [text, gtin, form] : kNumbers) {
    CAPTURE(text);
    const auto item = scanned<Item>(text);
    CHECK(item.gtin.view() == gtin);
    CHECK(item.form == form);
    CHECK(item.details == Gs1Details{});
  }
}

TEST_CASE("one digit read wrongly is never an item", "[codes]") {
  for (const auto& [text, gtin, form] : kNumbers) {
    if (form == ItemForm::UpcE) continue;  // its check digit is that of the UPC-A
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string wrong(text);
        if (wrong[at] == digit) continue;
        wrong[at] = digit;
        CAPTURE(wrong);
        CHECK_FALSE(make_gtin(wrong).has_value());
      }
    }
  }
}

TEST_CASE("a wrong check digit is named with the right one", "[codes]") {
  const auto wrong = scanned<Unknown>("6901234567894");
  CHECK(wrong.nearest == Kind::Item);
  CHECK(wrong.why == Why::CheckDigit);
  CHECK(wrong.expected == 2);
  CHECK(wrong.found == 4);
  const auto short_one = scanned<Unknown>("69012345678");
  CHECK(short_one.nearest == Kind::Item);
  CHECK(short_one.why == Why::Length);
  CHECK(short_one.expected == 12);
  CHECK(short_one.found == 11);
  CHECK(scanned<Unknown>("6901").nearest == Kind::Unknown);
}

TEST_CASE("UPC-E gets its zeros back by each of its rules", "[codes]") {
  for (const auto& [upc_e, upc_a] : kSuppressed) {
    CAPTURE(upc_e);
    REQUIRE(expand_upc_e(upc_e).has_value());
    CHECK(expand_upc_e(upc_e) == make_gtin(upc_a));
  }
  CHECK_FALSE(expand_upc_e("01234506").has_value());
  CHECK_FALSE(expand_upc_e("21234505").has_value());
  CHECK_FALSE(expand_upc_e("0123450").has_value());
  CHECK_FALSE(expand_upc_e("0123450a").has_value());
}

TEST_CASE("eight digits that are an EAN-8 and a UPC-E name both", "[codes]") {
  const auto with_zero = scanned<Item>("01234596");
  CHECK(with_zero.form == ItemForm::UpcE);
  CHECK(with_zero.gtin.view() == "00012345000096");
  CHECK(with_zero.also == make_gtin("01234596"));
  const auto with_one = scanned<Item>("10000069");
  CHECK(with_one.form == ItemForm::Ean8);
  CHECK(with_one.also == make_gtin("100000000069"));
  CHECK_FALSE(scanned<Item>("96385074").also.has_value());
  const auto said = scanned<Item>("]E401234596");
  CHECK(said.form == ItemForm::Ean8);
  CHECK_FALSE(said.also.has_value());
}

TEST_CASE("the verifier of a price is that of the General Specifications' examples", "[codes]") {
  CHECK(price_check_digit("2875") == '9');
  CHECK(price_check_digit("14685") == '6');
  CHECK_FALSE(price_check_digit("123").has_value());
  CHECK_FALSE(price_check_digit("123456").has_value());
}

TEST_CASE("other lengths and characters are no item number", "[codes]") {
  CHECK_FALSE(make_gtin("").has_value());
  CHECK_FALSE(make_gtin("690123456789").has_value());
  CHECK_FALSE(make_gtin("69012345678").has_value());
  CHECK_FALSE(make_gtin("690123456789x").has_value());
  CHECK_FALSE(make_gtin("000000000000000").has_value());
}
