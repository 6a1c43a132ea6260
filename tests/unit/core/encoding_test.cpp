// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/encoding.hpp"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::core;

namespace {

struct Pair {
  std::string_view plain;
  std::string_view encoded;
};

struct Wrong {
  std::string_view text;
  std::size_t offset;
};

// RFC 4648 section 10.
constexpr Pair kBase64Vectors[] = {{"", ""},
                                   {"f", "Zg=="},
                                   {"fo", "Zm8="},
                                   {"foo", "Zm9v"},
                                   {"foob", "Zm9vYg=="},
                                   {"fooba", "Zm9vYmE="},
                                   {"foobar", "Zm9vYmFy"}};

}  // namespace

TEST_CASE("base64 is that of the RFC's examples", "[core]") {
  for (const auto& [plain, encoded] : kBase64Vectors) {
    CAPTURE(plain);
    CHECK(encode_base64(as_bytes(plain)) == encoded);
    CHECK(as_text(must(decode_base64(encoded))) == plain);
    const std::string unpadded(encoded.substr(0, encoded.find('=')));
    CHECK(encode_base64url(as_bytes(plain)) == unpadded);
    CHECK(as_text(must(decode_base64url(unpadded))) == plain);
  }
  CHECK(encode_base64(as_bytes("\xFB\xFF\xFE")) == "+//+");
  CHECK(encode_base64url(as_bytes("\xFB\xFF\xFE")) == "-__-");
}

TEST_CASE("hex is written in small digits and read in both", "[core]") {
  CHECK(encode_hex(as_bytes(std::string_view("\x00\x7F\xAB\xFF", 4))) == "007fabff");
  CHECK(must(decode_hex("007fABfF")) == to_bytes(std::string_view("\x00\x7F\xAB\xFF", 4)));
  CHECK(must(decode_hex("")).empty());
}

TEST_CASE("all bytes survive every encoding", "[core]") {
  std::mt19937_64 random(tillkit::test::seed());
  CAPTURE(tillkit::test::seed());
  for (std::size_t size = 0; size < 300; ++size) {
    Bytes bytes(size);
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>(random());
    CAPTURE(size);
    CHECK(must(decode_hex(encode_hex(bytes))) == bytes);
    CHECK(must(decode_base64(encode_base64(bytes))) == bytes);
    CHECK(must(decode_base64url(encode_base64url(bytes))) == bytes);
  }
}

TEST_CASE("hex that is not hex is refused where it goes wrong", "[core]") {
  for (const auto& [text, offset] :
       {Wrong{"0", 1}, Wrong{"0g", 1}, Wrong{"00 0", 2}, Wrong{"0x00", 1}, Wrong{"000", 3}}) {
    CAPTURE(text);
    CHECK(failed_at(decode_hex(text), offset));
  }
}

TEST_CASE("base64 in any other spelling is refused where it goes wrong", "[core]") {
  for (const auto& [text, offset] : {
           Wrong{"Z", 1},         // one digit is no byte
           Wrong{"Zg", 2},        // padding missing
           Wrong{"Zg=", 3},       //
           Wrong{"Zg===", 2},     // too much: the third sign from the end is no digit
           Wrong{"Zm9v=", 4},     //
           Wrong{"Zm8==", 4},     //
           Wrong{"=", 0},         //
           Wrong{"====", 0},      //
           Wrong{"Zh==", 1},      // bits set behind the last byte
           Wrong{"Zm9=", 2},      //
           Wrong{"Zm 9", 2},      //
           Wrong{"Zm9v\n", 4},    //
           Wrong{"Zg==Zg==", 2},  // two texts
           Wrong{"Zm-_", 2},      // the other alphabet
           Wrong{"Zm9v\x80", 4},
       }) {
    CAPTURE(text);
    CHECK(failed_at(decode_base64(text), offset));
  }
  for (const auto& [text, offset] : {
           Wrong{"Z", 1},
           Wrong{"Zg==", 2},
           Wrong{"Zh", 1},
           Wrong{"Zm9", 2},
           Wrong{"Zm+/", 2},
           Wrong{"Zm9vY", 5},
       }) {
    CAPTURE(text);
    CHECK(failed_at(decode_base64url(text), offset));
  }
}

TEST_CASE("each value has exactly one base64 text", "[core]") {
  // All texts of four signs over a small alphabet: whatever is taken must be what is written.
  constexpr std::string_view kSigns = "Aa9/+-_= gw";
  std::string text(4, ' ');
  for (std::size_t number = 0; number < kSigns.size() * kSigns.size() * kSigns.size() * kSigns.size(); ++number) {
    std::size_t rest = number;
    for (char& sign : text) {
      sign = kSigns[rest % kSigns.size()];
      rest /= kSigns.size();
    }
    const auto plain = decode_base64(text);
    if (plain && encode_base64(*plain) != text) FAIL(text);
    const auto url = decode_base64url(text);
    if (url && encode_base64url(*url) != text) FAIL(text);
  }
}
