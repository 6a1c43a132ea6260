// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <random>

#include "scanned.hpp"
#include "tillkit/codes/mpm.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::codes;

namespace {

/// Makes codes that are right by the specification, of every field it has.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
  bool sometimes() { return below(3) == 0; }

  std::string from(std::string_view characters, std::size_t min, std::size_t max) {
    std::string text;
    for (std::size_t size = min + below(max - min + 1); size > 0; --size)
      text += characters[below(characters.size())];
    return text;
  }
  std::string digits(std::size_t size) { return from("0123456789", size, size); }
  std::string plain(std::size_t max) { return from(" !ABCxyz019~*-.", 1, max); }
  std::string wide(std::size_t max) {
    constexpr std::array<std::string_view, 6> kCharacters{"a", "\xC3\xB6", "\xE6\x9C\x80", "\xF0\x9F\x98\x80",
                                                          "0", "6"};
    std::string text;
    for (std::size_t size = 1 + below(max); size > 0; --size)
      text += kCharacters[below(kCharacters.size())];
    return text;
  }
  std::string amount() { return std::to_string(1 + below(99999)) + (sometimes() ? "." + digits(below(3)) : ""); }

  MpmObject identified(std::uint8_t id) {
    MpmObject object{id, "", {{0, plain(12), {}}}};
    if (sometimes()) object.parts.push_back({static_cast<std::uint8_t>(1 + below(99)), plain(9), {}});
    return object;
  }

  Mpm code() {
    std::vector<MpmObject> fields;
    fields.push_back(sometimes() ? identified(static_cast<std::uint8_t>(26 + below(26)))
                                 : MpmObject{static_cast<std::uint8_t>(2 + below(24)), plain(20), {}});
    fields.push_back({kMpmCategory, digits(4), {}});
    fields.push_back({kMpmCurrency, digits(3), {}});
    fields.push_back({kMpmCountry, from("ABCXYZ", 2, 2), {}});
    fields.push_back({kMpmName, plain(25), {}});
    fields.push_back({kMpmCity, plain(15), {}});
    if (sometimes()) fields.push_back({kMpmInitiation, sometimes() ? "11" : "12", {}});
    if (sometimes()) fields.push_back({kMpmAmount, amount(), {}});
    if (sometimes()) fields.push_back({kMpmPostalCode, plain(10), {}});
    add_tip(fields);
    if (sometimes()) fields.push_back(additional());
    if (sometimes()) fields.push_back({kMpmLanguage, "", {{0, "zh", {}}, {1, wide(10), {}}, {2, wide(6), {}}}});
    if (sometimes()) fields.push_back({static_cast<std::uint8_t>(65 + below(15)), wide(12), {}});
    if (sometimes()) fields.push_back(identified(static_cast<std::uint8_t>(80 + below(20))));
    std::ranges::shuffle(fields, random_);
    fields.insert(fields.begin(), {kMpmFormat, "01", {}});
    return {std::move(fields)};
  }

 private:
  void add_tip(std::vector<MpmObject>& fields) {
    const std::size_t kind = below(6);
    if (kind > 2) return;
    fields.push_back({kMpmTip, "0" + std::to_string(kind + 1), {}});
    if (kind == 1) fields.push_back({kMpmTipFixed, amount(), {}});
    if (kind == 2) fields.push_back({kMpmTipPercent, "3." + digits(below(3)), {}});
  }
  MpmObject additional() {
    MpmObject object{
        kMpmAdditional, "", {{static_cast<std::uint8_t>(1 + below(8)), sometimes() ? "***" : plain(20), {}}}};
    if (sometimes()) object.parts.push_back({9, "EA", {}});
    if (sometimes()) object.parts.push_back({static_cast<std::uint8_t>(12 + below(38)), wide(5), {}});
    if (sometimes()) object.parts.push_back(identified(static_cast<std::uint8_t>(50 + below(50))));
    return object;
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("whatever code is right survives being written and read", "[codes]") {
  CAPTURE(tillkit::test::seed());
  Maker maker(tillkit::test::seed());
  for (int round = 0; round < 3000; ++round) {
    const Mpm code = maker.code();
    const auto text = build_mpm(code);
    CAPTURE(round);
    if (!text) {
      FAIL("field " << int{text.error().field} << " part " << int{text.error().part} << " "
                    << std::string(to_string(text.error().mistake)));
    }
    CAPTURE(*text);
    const auto read = parse_mpm(*text);
    REQUIRE(read.has_value());
    REQUIRE(*read == code);
    REQUIRE(build_mpm(*read) == text);
  }
}

TEST_CASE("a bit that flips in any code is noticed", "[codes]") {
  CAPTURE(tillkit::test::seed());
  Maker maker(tillkit::test::seed() + 1);
  for (int round = 0; round < 300; ++round) {
    std::string text = build_mpm(maker.code()).value_or("");
    REQUIRE_FALSE(text.empty());
    for (int flip = 0; flip < 20; ++flip) {
      std::string changed = text;
      char& damaged = changed[maker.below(changed.size())];
      damaged = static_cast<char>(static_cast<unsigned char>(damaged) ^ (1U << maker.below(8)));
      CAPTURE(text, changed);
      REQUIRE_FALSE(parse_mpm(changed).has_value());
    }
  }
}
