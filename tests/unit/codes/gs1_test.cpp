// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/gs1.hpp"

#include <array>

#include "scanned.hpp"

using namespace tillkit::codes;
namespace core = tillkit::core;

namespace {

struct Wrong {
  std::string_view text;
  Gs1Fault fault;
};

const std::array kWrong{
    Wrong{"", {Gs1Mistake::Empty}},
    Wrong{"\x1D", {Gs1Mistake::Empty}},
    Wrong{"abc", {Gs1Mistake::UnknownAi}},
    Wrong{"0", {Gs1Mistake::UnknownAi}},
    Wrong{"0409506000134376", {Gs1Mistake::UnknownAi, 409}},
    Wrong{"0109506000134376"
          "3107000500",
          {Gs1Mistake::UnknownAi, 3107, 16}},
    Wrong{"0109506000134377", {Gs1Mistake::CheckDigit, 1, 15, 6, 7}},
    Wrong{"010950600013437", {Gs1Mistake::Length, 1, 2, 14, 13}},
    Wrong{"01095060001343x6", {Gs1Mistake::Character, 1, 14}},
    Wrong{"10", {Gs1Mistake::Length, 10, 2, 1, 0}},
    Wrong{"10123456789012345678901", {Gs1Mistake::Length, 10, 2, 20, 21}},
    Wrong{"10AB#1", {Gs1Mistake::Character, 10, 4}},
    Wrong{"10AB 1", {Gs1Mistake::Character, 10, 4}},
    Wrong{"17261301", {Gs1Mistake::Date, 17, 2}},
    Wrong{"17260001", {Gs1Mistake::Date, 17, 2}},
    Wrong{"17260230", {Gs1Mistake::Date, 17, 2}},
    Wrong{"17270229", {Gs1Mistake::Date, 17, 2}},
    Wrong{"10A\x1D"
          "10B",
          {Gs1Mistake::Repeated, 10, 4}},
    Wrong{"30123456789", {Gs1Mistake::Length, 30, 2, 8, 9}},
    Wrong{"2559501101020918", {Gs1Mistake::CheckDigit, 255, 15, 7, 8}},
};

// GS1's own tests of the coupon check (gs1-syntax-dictionary, lint_couponposoffer).
constexpr std::array<std::string_view, 6> kOffers{"001234561234560123456",
                                                  "101234561234560123456",
                                                  "0012345612345611234567",
                                                  "001234561234569123456789012345",
                                                  "061234567890121234569123456789012345",
                                                  "00123456123456212345678"};
constexpr std::array<std::string_view, 14> kNoOffers{"",
                                                     "0",
                                                     "00",
                                                     "001",
                                                     "201234561234560123456",
                                                     "07",
                                                     "00123456",
                                                     "0112345678901",
                                                     "00123456123456",
                                                     "001234561234560",
                                                     "001234561234561123456",
                                                     "0012345612345601234567",
                                                     "0712345678901231234560123456",
                                                     "00123456123456012345a"};

}  // namespace

TEST_CASE("a GS1 barcode is an item with what it says about the package", "[codes]") {
  // ]d2: DataMatrix. 01 item, 17 expiry, 10 batch, 21 serial.
  const auto item = scanned<Item>(
      "]d2010950600013437617270228"
      "10ABC-1\x1D"
      "21S/7\x1D"
      "15260500"
      "3012");

  CHECK(item.gtin.view() == "09506000134376");
  CHECK(item.form == ItemForm::Gs1);
  CHECK(item.details.expiry == Gs1Date{27, 2, 28});
  CHECK(item.details.best_before == Gs1Date{26, 5, 0});
  CHECK(item.details.batch.view() == "ABC-1");
  CHECK(item.details.serial.view() == "S/7");
  CHECK(item.details.count == 12);
  CHECK_FALSE(item.details.weight.has_value());
}

TEST_CASE("weight and price are exact, or refused", "[codes]") {
  const auto item = scanned<Item>("]e001095060001343763103001250392201990");
  REQUIRE(item.details.weight.has_value());
  CHECK(item.details.weight->grams() == core::Result<std::int64_t>(1250));
  REQUIRE(item.details.price.has_value());
  CHECK(item.details.price->money(core::kCny) == core::Result<core::Money>(core::Money{1990, core::kCny}));
  CHECK(item.details.price->currency == 0);

  const auto euro = scanned<Item>("]e00109506000134376393297801990");
  CHECK(euro.details.price->money(core::kCny) == core::Result<core::Money>(core::Money{1990, core::kEur}));
  const auto fine = scanned<Item>("]e0010950600013437631050000013933978019");
  CHECK_FALSE(fine.details.weight->grams().has_value());
  CHECK_FALSE(fine.details.price->money(core::kCny).has_value());
  CHECK_FALSE(scanned<Item>("]e0010950600013437639329990199").details.price->money(core::kCny).has_value());
  const auto kilos = scanned<Item>("]e001095060001343763100000002");
  CHECK(kilos.details.weight->grams() == core::Result<std::int64_t>(2000));
}

TEST_CASE("a GS1 barcode is known without its symbology identifier where nothing else starts so", "[codes]") {
  CHECK(scanned<Item>("010950600013437617270228").details.expiry == Gs1Date{27, 2, 28});
  CHECK(scanned<Item>("\x1D"
                      "0109506000134376")
            .form == ItemForm::Gs1);
  CHECK(scanned<Item>("10A\x1D"
                      "0109506000134376")
            .details.batch.view() == "A");
  CHECK(scanned<Item>("]C10109506000134376").form == ItemForm::Gs1);
  CHECK(scanned<Item>("]Q30109506000134376").form == ItemForm::Gs1);
  // AI 10 and a batch of 16 digits, but who pays so?
  CHECK(kind_scanned("101234567890123456") == Kind::PaymentCode);
  CHECK(scanned<Unknown>("]C1101234567890123456").why == Why::NotAnItem);
}

TEST_CASE("fixed lengths need no separator and may have one", "[codes]") {
  const auto with = parse_gs1(
      "0109506000134376\x1D"
      "17270228\x1D"
      "10A\x1D");
  const auto without = parse_gs1("01095060001343761727022810A");
  REQUIRE(with.has_value());
  REQUIRE(without.has_value());
  REQUIRE(with->elements().size() == 3);
  CHECK(std::ranges::equal(with->elements(), without->elements()));
  CHECK(parse_gs1("10A\x1D"
                  "10A")
            ->elements()
            .size() == 1);
}

TEST_CASE("an element string that is wrong says where and what", "[codes]") {
  for (const auto& [text, fault] : kWrong) {
    CAPTURE(text);
    const auto message = parse_gs1(text);
    REQUIRE_FALSE(message.has_value());
    CHECK(static_cast<int>(message.error().mistake) == static_cast<int>(fault.mistake));
    CHECK(message.error().ai == fault.ai);
    CHECK(message.error().offset == fault.offset);
    CHECK(message.error().expected == fault.expected);
    CHECK(message.error().found == fault.found);
  }
}

TEST_CASE("more elements than fit are refused", "[codes]") {
  std::string text;
  // 3100 to 3105, 3110 to 3115, ...: six decimals each of several measures.
  for (std::size_t i = 0; i < kGs1ElementsMax; ++i)
    text += std::to_string(3100 + i / 6 * 10 + i % 6) + "123456";
  CAPTURE(text);
  REQUIRE(parse_gs1(text).has_value());
  CHECK(parse_gs1(text)->elements().size() == kGs1ElementsMax);
  const auto more = parse_gs1(text + "10A");
  REQUIRE_FALSE(more.has_value());
  CHECK(more.error().mistake == Gs1Mistake::TooMany);
}

TEST_CASE("an unknown identifier is named", "[codes]") {
  const auto refused = scanned<Unknown>(
      "]d20109506000134376"
      "8119123");
  CHECK(refused.why == Why::Gs1);
  REQUIRE(refused.gs1.has_value());
  CHECK(refused.gs1->mistake == Gs1Mistake::UnknownAi);
  CHECK(refused.gs1->ai == 8119);
}

TEST_CASE("a positive-offer coupon is funder, offer and serial", "[codes]") {
  const auto coupon = scanned<Gs1Coupon>("]e081121112345676543210234567");
  CHECK(coupon.form == Gs1CouponForm::PositiveOffer);
  CHECK(coupon.format == 1);
  CHECK(coupon.funder.view() == "1234567");
  CHECK(coupon.offer.view() == "654321");
  CHECK(coupon.serial.view() == "234567");
  CHECK(coupon.gcn.empty());

  for (const std::string_view offer : kOffers) {
    CAPTURE(offer);
    CHECK(parse_positive_offer(offer).has_value());
    CHECK(kind_scanned("8112" + std::string(offer)) == Kind::Gs1Coupon);
  }
  for (const std::string_view offer : kNoOffers) {
    CAPTURE(offer);
    CHECK_FALSE(parse_positive_offer(offer).has_value());
    CHECK(kind_scanned("]e08112" + std::string(offer)) == Kind::Unknown);
  }
}

TEST_CASE("a coupon without its serial is no coupon: it could be cleared twice", "[codes]") {
  const auto refused = scanned<Unknown>("]e0811200123456123456");
  CHECK(refused.nearest == Kind::Gs1Coupon);
  REQUIRE(refused.gs1.has_value());
  CHECK(refused.gs1->mistake == Gs1Mistake::Length);
  CHECK(refused.gs1->ai == 8112);
}

TEST_CASE("a global coupon number may have a serial", "[codes]") {
  const auto plain = scanned<Gs1Coupon>("]C12559501101020917");
  CHECK(plain.form == Gs1CouponForm::Gcn);
  CHECK(plain.gcn.view() == "9501101020917");
  CHECK(plain.serial.empty());
  CHECK(scanned<Gs1Coupon>("]C12559501101020917123456789012").serial.view() == "123456789012");
  CHECK(kind_scanned("]C125595011010209171234567890123") == Kind::Unknown);
  // The same digits from a scanner that says nothing could be a wallet's.
  CHECK(kind_scanned("2559501101020917") == Kind::PaymentCode);
}

TEST_CASE("the older North American coupon is named, not guessed at", "[codes]") {
  for (const std::string_view start : {"", "]e0"}) {
    const auto refused = scanned<Unknown>(std::string(start) + "8110106141416543213150110120");
    CHECK(refused.nearest == Kind::Gs1Coupon);
    CHECK(refused.why == Why::NotYet);
    CHECK(refused.found == 8110);
  }
}

TEST_CASE("leap days and whole months are dates", "[codes]") {
  CHECK(parse_gs1_date("280229") == Gs1Date{28, 2, 29});
  CHECK(parse_gs1_date("260100") == Gs1Date{26, 1, 0});
  CHECK_FALSE(parse_gs1_date("260431").has_value());
  CHECK_FALSE(parse_gs1_date("26043").has_value());
}
