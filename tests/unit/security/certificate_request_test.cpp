// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "device.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::security {
namespace {

using core::ByteView;
using core::ErrorCode;
using namespace std::string_view_literals;

enum class Tag : std::uint8_t {
  Integer = 0x02,
  BitString = 0x03,
  Oid = 0x06,
  Utf8String = 0x0C,
  Sequence = 0x30,
  Set = 0x31,
  Attributes = 0xA0,  // [0]
};

/// Reads DER piece by piece. Not a parser for the world: what is not expected fails the test.
class Der {
 public:
  explicit Der(ByteView bytes) : rest_(bytes) {}

  /// The content of the next piece.
  ByteView take(Tag tag) {
    take_whole(tag);
    return content_;
  }

  /// The next piece with its tag and length.
  ByteView take_whole(Tag tag) {
    REQUIRE(rest_.size() >= 2);
    REQUIRE(rest_[0] == static_cast<std::byte>(tag));
    std::size_t header = 2;
    auto length = std::to_integer<std::size_t>(rest_[1]);
    if (length >= 0x80) {
      const std::size_t octets = length - 0x80;
      REQUIRE(octets >= 1);
      REQUIRE(octets <= 2);
      REQUIRE(rest_.size() >= 2 + octets);
      length = 0;
      for (std::size_t i = 0; i < octets; ++i)
        length = length << 8 | std::to_integer<std::size_t>(rest_[2 + i]);
      header += octets;
    }
    REQUIRE(rest_.size() >= header + length);
    const ByteView whole = rest_.first(header + length);
    content_ = whole.subspan(header);
    rest_ = rest_.subspan(whole.size());
    return whole;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  ByteView rest_;
  ByteView content_;
};

struct Request {
  core::Bytes signed_part;
  std::string common_name;
  core::Bytes public_point;
  core::Bytes signature;  ///< r and s, 32 bytes each
};

std::string_view hex(std::string& keep, ByteView bytes) {
  return keep = core::encode_hex(bytes);
}

core::Bytes decode_pem(std::string_view pem) {
  constexpr auto kBegin = "-----BEGIN CERTIFICATE REQUEST-----\n"sv;
  constexpr auto kEnd = "-----END CERTIFICATE REQUEST-----\n"sv;
  REQUIRE(pem.starts_with(kBegin));
  REQUIRE(pem.ends_with(kEnd));
  std::string text(pem.substr(kBegin.size(), pem.size() - kBegin.size() - kEnd.size()));
  std::erase(text, '\n');
  return must(core::decode_base64(text));
}

/// An INTEGER of a signature as 32 bytes.
void append_number(core::Bytes& out, ByteView integer) {
  while (!integer.empty() && integer[0] == std::byte{0})
    integer = integer.subspan(1);
  REQUIRE(integer.size() <= 32);
  out.resize(out.size() + 32 - integer.size());
  out.insert(out.end(), integer.begin(), integer.end());
}

/// RFC 2986, as far as we write it; all that is not expected fails the test.
Request parse(std::string_view pem) {
  const core::Bytes bytes = decode_pem(pem);
  std::string keep;
  Request request;
  Der file(bytes);
  Der outer(file.take(Tag::Sequence));
  CHECK(file.at_end());

  const ByteView signed_part = outer.take_whole(Tag::Sequence);
  request.signed_part.assign(signed_part.begin(), signed_part.end());
  Der info(Der(signed_part).take(Tag::Sequence));
  CHECK(hex(keep, info.take(Tag::Integer)) == "00");  // version 1

  Der names(info.take(Tag::Sequence));
  Der relative(names.take(Tag::Set));
  CHECK(names.at_end());
  Der attribute(relative.take(Tag::Sequence));
  CHECK(relative.at_end());
  CHECK(hex(keep, attribute.take(Tag::Oid)) == "550403");  // 2.5.4.3, commonName
  request.common_name = core::as_text(attribute.take(Tag::Utf8String));
  CHECK(attribute.at_end());

  Der key(info.take(Tag::Sequence));
  Der algorithm(key.take(Tag::Sequence));
  CHECK(hex(keep, algorithm.take(Tag::Oid)) == "2a8648ce3d0201");    // ecPublicKey
  CHECK(hex(keep, algorithm.take(Tag::Oid)) == "2a8648ce3d030107");  // prime256v1
  const ByteView point = key.take(Tag::BitString);
  REQUIRE(point.size() == 66);
  request.public_point.assign(point.begin() + 1, point.end());  // behind 'no unused bits'
  CHECK(info.take(Tag::Attributes).empty());
  CHECK(info.at_end());

  Der signature_algorithm(outer.take(Tag::Sequence));
  CHECK(hex(keep, signature_algorithm.take(Tag::Oid)) == "2a8648ce3d040302");  // ecdsa-with-SHA256
  Der signature(Der(outer.take(Tag::BitString).subspan(1)).take(Tag::Sequence));
  append_number(request.signature, signature.take(Tag::Integer));
  append_number(request.signature, signature.take(Tag::Integer));
  CHECK(outer.at_end());
  return request;
}

TEST_CASE("a request carries the public key and the name and is signed by the key", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));
  const auto public_key = must(crypto->public_key(key));

  const Request request = parse(must(crypto->certificate_request(key, "terminal-0001")));

  CHECK(request.common_name == "terminal-0001");
  CHECK(std::ranges::equal(request.public_point, public_key));
  CHECK(verifies(public_key, request.signed_part, request.signature));
  core::Bytes changed = request.signed_part;
  changed.back() ^= std::byte{1};
  CHECK_FALSE(verifies(public_key, changed, request.signature));
}

TEST_CASE("a common name is taken literally", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));

  for (const std::string& name :
       {std::string("a"), std::string("a, O=evil"), std::string("CN=other"), std::string("1+2=3"), std::string("\"q\""),
        std::string("back\\slash"), std::string("ends with \\"), std::string("\\,"), std::string("<a;b>"),
        std::string("#0c0141"), std::string("#"), std::string(" leading"), std::string("trailing "), std::string(" "),
        std::string("two  spaces"), std::string(",=+\"\\<>;#/"), std::string("上海市南京东路 7 号"),
        std::string("\U0001F9C3"), std::string(kCommonNameBytesMax, 'x')}) {
    CAPTURE(name);
    const Request request = parse(must(crypto->certificate_request(key, name)));
    CHECK(request.common_name == name);
    CHECK(verifies(must(crypto->public_key(key)), request.signed_part, request.signature));
  }
}

TEST_CASE("a common name that no certificate can have is refused", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));

  for (const std::string_view name :
       {""sv, "\xFF"sv, "cut \xE4\xB8"sv, "overlong \xC0\xAF"sv, "a\0b"sv, "two\nlines"sv, "tab\t"sv, "\x7F"sv}) {
    CAPTURE(name);
    CHECK(failed_with(crypto->certificate_request(key, name), ErrorCode::InvalidArgument));
  }
  CHECK(failed_with(crypto->certificate_request(key, std::string(kCommonNameBytesMax + 1, 'x')),
                    ErrorCode::InvalidArgument));
}

TEST_CASE("there is no request without a key", "[security]") {
  Device device;
  const auto crypto = device.start();
  const KeyId key = must(crypto->create_signing_key(1));
  REQUIRE(crypto->destroy_signing_key(1));

  CHECK(failed_with(crypto->certificate_request(key, "t"), ErrorCode::NotFound));
}

}  // namespace
}  // namespace tillkit::security
