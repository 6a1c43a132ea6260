// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/cpm.hpp"

#include <array>

#include "scanned.hpp"
#include "tillkit/core/encoding.hpp"

using namespace tillkit::codes;
namespace core = tillkit::core;

namespace {

// Published in public code: the specification's example with two applications (mvallim/emv-qrcode and others), and a
// UnionPay code of a gateway's tests.
constexpr std::string_view kSpecification =
    "hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MWETTwegAAAAZmZmUAhQcm9kdWN0MmJJWggSNFZ4kBI0WF8gDkNBUkRIT0xERVIvRU1WXy0IcnVl"
    "c2RlZW5kIZ8QBwYBCgMAAACfJghYT9OF+iNLzJ82AgABnzcEbVjvEw==";
constexpr std::string_view kUnionPay =
    "hQVDUFYwMWFYTwigAAADMwEBAVcTYpJhA1hEQzVkHSIQIBAAABiAH180AQBjM58mCFaLEtnaC9l/"
    "nycBgJ8QEQcAAQOgAAABCDM5OTk5OTk5nzYCAAGCAgAAnzcE6gZYyA==";
// A wallet that wrote a length of 147 in one byte, as it was seen.
constexpr std::string_view kBadLength =
    "hQVDUFYwMWGTTwegAAAGAiAgUAdxcmlzY3BtWgqTYAUDMSNFZ4mfXyALUmlraSBEZXJpYW5fLQRpZGVuX1AXcmlraS5kZXJpYW5AcXJpc2NwbS5jb2"
    "2fJQJ4mWM/n3Q8MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw";

std::string code_of(std::string_view hex) {
  const auto bytes = core::decode_hex(hex);
  REQUIRE(bytes.has_value());
  return core::encode_base64(*bytes);
}

const std::string kFormat = "85054350563031";
const std::string kVisa = "61094f07a0000000031010";

struct Wrong {
  std::string hex;
  CpmMistake mistake;
};

}  // namespace

TEST_CASE("the specification's consumer-presented code names its applications", "[codes]") {
  const auto code = scanned<CpmCode>(kSpecification);

  REQUIRE(code.applications().size() == 2);
  CHECK(code.applications()[0].view() == "A0000000555555");
  CHECK(code.applications()[1].view() == "A0000000666666");
  CHECK(code.scheme() == CpmScheme::Other);
  CHECK(code.payment().wallets().empty());
  CHECK(code.payment().reveal() == kSpecification);
  CHECK(code.payment().masked() == "hQ****************(" + std::to_string(kSpecification.size()) + ")");
}

TEST_CASE("a UnionPay application makes it a UnionPay code", "[codes]") {
  const auto code = scanned<CpmCode>(std::string(kUnionPay) + "\r\n");

  CHECK(code.scheme() == CpmScheme::UnionPay);
  REQUIRE(code.payment().wallets().size() == 1);
  CHECK(code.payment().wallets()[0] == Wallet::UnionPay);
  CHECK(code.payment().reveal() == kUnionPay);
}

TEST_CASE("the owner of an application is known by its first five bytes", "[codes]") {
  CHECK(scanned<CpmCode>(code_of(kFormat + kVisa)).scheme() == CpmScheme::Visa);
  CHECK(scanned<CpmCode>(code_of(kFormat + "61094f07a0000000041010")).scheme() == CpmScheme::Mastercard);
  CHECK(scanned<CpmCode>(code_of(kFormat + "61084f06a00000002501")).scheme() == CpmScheme::Amex);
  CHECK(scanned<CpmCode>(code_of(kFormat + "61094f07a0000000651010")).scheme() == CpmScheme::Jcb);
  CHECK(scanned<CpmCode>(code_of(kFormat + "61094f07a0000001523010")).scheme() == CpmScheme::Discover);
  CHECK(scanned<CpmCode>(code_of(kFormat + "61094f07a0000006022020")).scheme() == CpmScheme::Other);
}

TEST_CASE("a structure that is not that of the specification is refused and named", "[codes]") {
  const std::array wrong_texts{
      Wrong{kFormat, CpmMistake::NoApplication},
      Wrong{"85054350563032" + kVisa, CpmMistake::Version},
      Wrong{kFormat + kFormat + kVisa, CpmMistake::Repeated},
      Wrong{kFormat + kVisa + kFormat, CpmMistake::Repeated},
      Wrong{kFormat + "6100", CpmMistake::NoId},
      Wrong{kFormat + "61025000", CpmMistake::NoId},
      Wrong{kFormat + "61064f04a0000000", CpmMistake::IdLength},
      Wrong{kFormat + "61134f11a000000003101000000000000000000000", CpmMistake::IdLength},
      Wrong{kFormat + kVisa + "6203500141" + "6203500141", CpmMistake::Repeated},
      Wrong{kFormat + kVisa + "62095a0112" + "5a0112" + "5a0112", CpmMistake::Repeated},
      Wrong{kFormat + "610c4f07a0000000031010" + "500141" + "6203500141", CpmMistake::InBoth},
      Wrong{kFormat + "6203500141" + "610c4f07a0000000031010" + "500141", CpmMistake::InBoth},
      Wrong{kFormat + kVisa + "6204500141", CpmMistake::Length},
      Wrong{kFormat + kVisa + "62", CpmMistake::Length},
      Wrong{kFormat + kVisa + "6280", CpmMistake::Length},
      Wrong{kFormat + kVisa + "6283000002" + "5000", CpmMistake::Length},
      Wrong{kFormat + kVisa + "6281", CpmMistake::Length},
      Wrong{kFormat + kVisa + "9f", CpmMistake::Tag},
      Wrong{kFormat + kVisa + "9f8101" + "00", CpmMistake::Tag},
      Wrong{kFormat + kVisa + "0000", CpmMistake::Tag},
  };
  for (const auto& [hex, mistake] : wrong_texts) {
    CAPTURE(hex);
    const auto code = parse_cpm(code_of(hex));
    REQUIRE_FALSE(code.has_value());
    CHECK(std::string(to_string(code.error().mistake)) == std::string(to_string(mistake)));
  }
}

TEST_CASE("another first object is no consumer-presented code", "[codes]") {
  CHECK(parse_cpm(code_of(kVisa + kFormat)).error() == CpmFault{CpmMistake::First, 0x61, 0});
  CHECK(parse_cpm("").error().mistake == CpmMistake::First);
  CHECK(parse_cpm("hQVDUFYwMWE*").error().mistake == CpmMistake::Base64);
  CHECK(parse_cpm("hQVDUFYwMWE").error().mistake == CpmMistake::Base64);
}

TEST_CASE("what stands beside the templates, and two-byte lengths, are taken", "[codes]") {
  CHECK(parse_cpm(code_of(kFormat + kVisa + "9f010141")).has_value());
  CHECK(parse_cpm(code_of(kFormat + "6181094f07a0000000031010")).has_value());
  CHECK(parse_cpm(code_of(kFormat + "618200094f07a0000000031010")).has_value());
  CHECK(parse_cpm(code_of(kFormat + kVisa + kVisa + "6205" + "6403" + "9f0100")).has_value());
}

TEST_CASE("a wallet's wrong length is reported at its place, without the content", "[codes]") {
  const auto refused = scanned<Unknown>(kBadLength);
  CHECK(refused.nearest == Kind::EmvCpm);
  CHECK(refused.why == Why::Emv);
  CHECK(refused.cpm == CpmFault{CpmMistake::Length, 0x61, 7});
}

TEST_CASE("applications and objects have their limits", "[codes]") {
  std::string hex = kFormat;
  for (std::size_t i = 0; i < kCpmApplicationsMax; ++i)
    hex += kVisa;
  CHECK(parse_cpm(code_of(hex)).has_value());
  CHECK(parse_cpm(code_of(hex + kVisa)).error().mistake == CpmMistake::TooMany);

  std::string objects;
  for (std::size_t i = 0; i < kCpmObjectsMax; ++i)
    objects += core::encode_hex(std::array{std::byte{0x9F}, static_cast<std::byte>(i + 1), std::byte{0}});
  CHECK(parse_cpm(code_of(kFormat + kVisa + "628190" + objects)).has_value());
  CHECK(parse_cpm(code_of(kFormat + kVisa + "628192" + objects + "5000")).error().mistake == CpmMistake::TooMany);

  const std::string filler = "c0820100" + std::string(512, '0');
  CHECK(parse_cpm(code_of(kFormat + kVisa + filler + filler)).has_value());
  CHECK(parse_cpm(code_of(kFormat + kVisa + filler + filler + filler)).error().mistake == CpmMistake::TooLong);
}
