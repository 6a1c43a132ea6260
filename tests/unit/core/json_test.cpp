// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/json.hpp"

#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"

using namespace tillkit::core;
using namespace std::string_view_literals;

namespace {

JsonDocument read(std::string_view text) {
  return must(JsonDocument::parse(text));
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

struct Wrong {
  std::string_view text;
  std::size_t offset;
};

}  // namespace

TEST_CASE("what RFC 8259 allows is read", "[core]") {
  for (const std::string_view text : {
           "null"sv,
           "true"sv,
           "false"sv,
           "0"sv,
           "-0"sv,
           "-1"sv,
           "0.5"sv,
           "-0.0e-0"sv,
           "1E+2"sv,
           "1e05"sv,
           "12.50e-3"sv,
           "1e999"sv,
           "\"\""sv,
           "[]"sv,
           "{}"sv,
           " \t\r\n[ 1 , 2 ] \n"sv,
           "{\"\":0}"sv,
           "{\"a\":{\"a\":1}}"sv,
           "[null,true,false,0,\"\",[],{}]"sv,
           "{ \"a\" : 1 , \"b\" : [ ] }"sv,
           "{\"a\":1,\"A\":2}"sv,
           R"("\"\\\/\b\f\n\r\t")"sv,
           R"("\u00e9\u5E97")"sv,
           R"("\uD83D\uDE00")"sv,
           R"("\u0001\u001F")"sv,
           "\"\x7F\""sv,
           "\"\xC2\x80\""sv,
           "\"\xED\x9F\xBF\xEE\x80\x80\""sv,
           "\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""sv,
           "\"\xEF\xBB\xBF\""sv,
           "\"\xEF\xBF\xBF\""sv,
           "[[[[]]]]"sv,
           "\"//\""sv,
       }) {
    CAPTURE(std::string(text));
    CHECK(JsonDocument::parse(text).has_value());
  }
}

TEST_CASE("what RFC 8259 does not allow is refused where it goes wrong", "[core]") {
  for (const auto& [text, offset] : {
           Wrong{""sv, 0},
           Wrong{" "sv, 1},
           Wrong{"nul"sv, 3},
           Wrong{"nulL"sv, 3},
           Wrong{"True"sv, 0},
           Wrong{"NaN"sv, 0},
           Wrong{"Infinity"sv, 0},
           Wrong{"-Infinity"sv, 0},
           Wrong{"truefalse"sv, 4},
           Wrong{"1 2"sv, 2},
           Wrong{"01"sv, 0},
           Wrong{"-01"sv, 0},
           Wrong{"+1"sv, 0},
           Wrong{"1."sv, 0},
           Wrong{".5"sv, 0},
           Wrong{"-"sv, 0},
           Wrong{"-.5"sv, 0},
           Wrong{"1e"sv, 0},
           Wrong{"1e+"sv, 0},
           Wrong{"1.e2"sv, 0},
           Wrong{"0x10"sv, 1},
           Wrong{"1_000"sv, 1},
           Wrong{"1,000"sv, 1},
           Wrong{"\xEF\xBC\x91"sv, 0},
           Wrong{"--1"sv, 0},
           Wrong{"1-"sv, 1},
           Wrong{"[1,]"sv, 3},
           Wrong{"[,1]"sv, 1},
           Wrong{"[1 2]"sv, 3},
           Wrong{"["sv, 1},
           Wrong{"]"sv, 0},
           Wrong{"[1}"sv, 2},
           Wrong{"[1"sv, 2},
           Wrong{"[1,"sv, 3},
           Wrong{"[1,,2]"sv, 3},
           Wrong{"[]]"sv, 2},
           Wrong{"{"sv, 1},
           Wrong{"{\"a\"}"sv, 4},
           Wrong{"{\"a\":}"sv, 5},
           Wrong{"{\"a\":1,}"sv, 7},
           Wrong{"{,}"sv, 1},
           Wrong{"{a:1}"sv, 1},
           Wrong{"{'a':1}"sv, 1},
           Wrong{"{1:1}"sv, 1},
           Wrong{"{\"a\":1"sv, 6},
           Wrong{"{\"a\" 1}"sv, 5},
           Wrong{"{\"a\"::1}"sv, 5},
           Wrong{"{\"a\":1 \"b\":2}"sv, 7},
           Wrong{"{null:1}"sv, 1},
           Wrong{"{\"a\":1]"sv, 6},
           Wrong{"\""sv, 1},
           Wrong{"\"a"sv, 2},
           Wrong{"'a'"sv, 0},
           Wrong{"\"\\"sv, 2},
           Wrong{"\"\\x41\""sv, 2},
           Wrong{"\"\\'\""sv, 2},
           Wrong{"\"\\U0041\""sv, 2},
           Wrong{"\"\\u004\""sv, 6},
           Wrong{"\"\\u00G0\""sv, 5},
           Wrong{"\"\\u"sv, 3},
           Wrong{"\"\\\n\""sv, 2},
           Wrong{"\"\t\""sv, 1},
           Wrong{"\"\n\""sv, 1},
           Wrong{"\"a\0b\""sv, 2},
           Wrong{"\"\x1F\""sv, 1},
           Wrong{"\0"sv, 0},
           Wrong{"1\0"sv, 1},
           Wrong{"[\0]"sv, 1},
           Wrong{"\v1"sv, 0},
           Wrong{"\f1"sv, 0},
           Wrong{"\b1"sv, 0},
           Wrong{"\xC2\xA0"
                 "1"sv,
                 0},
           Wrong{"1\x1E"sv, 1},
           Wrong{"\xEF\xBB\xBF{}"sv, 0},
           Wrong{"// x\n1"sv, 0},
           Wrong{"1/* x */"sv, 1},
           Wrong{"#\n1"sv, 0},
           Wrong{"\"\\uD83D\""sv, 1},
           Wrong{"\"\\uDE00\""sv, 1},
           Wrong{"\"\\uDE00\\uD83D\""sv, 1},
           Wrong{"\"\\uD83D\\u0041\""sv, 1},
           Wrong{"\"\\uD83D\\uD83D\""sv, 1},
           Wrong{"\"\\uD83Dx\""sv, 1},
           Wrong{"\"\\uD83D\\n\""sv, 1},
           Wrong{"\"\\uD83D\\uDE0\""sv, 12},
           Wrong{"\"\x80\""sv, 1},
           Wrong{"\"\xC0\x80\""sv, 1},
           Wrong{"\"\xC1\xBF\""sv, 1},
           Wrong{"\"\xC3\""sv, 1},
           Wrong{"\"\xE0\x9F\xBF\""sv, 1},
           Wrong{"\"\xED\xA0\x80\""sv, 1},
           Wrong{"\"\xED\xBF\xBF\""sv, 1},
           Wrong{"\"\xF0\x8F\xBF\xBF\""sv, 1},
           Wrong{"\"\xF4\x90\x80\x80\""sv, 1},
           Wrong{"\"\xF5\x80\x80\x80\""sv, 1},
           Wrong{"\"ab\xE5\xBA\""sv, 3},
           Wrong{"\"\xFF\""sv, 1},
           Wrong{"\xE5\xBA"sv, 0},
       }) {
    CAPTURE(std::string(text));
    CHECK(failed_at(JsonDocument::parse(text), offset));
  }
}

TEST_CASE("a NUL in a string is not supported, because no C string could hold it", "[core]") {
  CHECK(failed_at(JsonDocument::parse(R"(["a\u0000b"])"), 3, ErrorCode::Unsupported));
  CHECK(failed_at(JsonDocument::parse(R"({"\u0000":1})"), 2, ErrorCode::Unsupported));
}

TEST_CASE("a name twice in one object is refused at the second", "[core]") {
  CHECK(failed_at(JsonDocument::parse(R"({"a":1,"a":2})"), 7));
  CHECK(failed_at(JsonDocument::parse(R"({"a":1,"\u0061":2})"), 7));
  CHECK(failed_at(JsonDocument::parse(R"([{"x":{"b":1,"c":2,"b":3}}])"), 19));
  CHECK(failed_at(JsonDocument::parse(R"({"a":{"b":1},"c":0,"a":{}})"), 19));
  CHECK(JsonDocument::parse(R"([{"a":1},{"a":{"a":2}}])").has_value());
}

TEST_CASE("integers are exact over all 64 bits", "[core]") {
  struct Case {
    std::string_view text;
    std::int64_t value;
  };
  for (const auto& [text, value] :
       {Case{"0", 0}, Case{"-0", 0}, Case{"-1", -1}, Case{"9007199254740993", 9'007'199'254'740'993},
        Case{"-9007199254740993", -9'007'199'254'740'993}, Case{"9223372036854775807", INT64_MAX},
        Case{"-9223372036854775808", INT64_MIN}}) {
    CAPTURE(std::string(text));
    const JsonDocument document = read(text);
    CHECK(must(document.root().integer()) == value);
    CHECK(must(document.root().number_text()) == text);
  }
  CHECK(must(read("18446744073709551615").root().unsigned_integer()) == UINT64_MAX);
  CHECK(must(read("-0").root().unsigned_integer()) == 0);
}

TEST_CASE("an integer that does not fit is out of range, never another integer", "[core]") {
  for (const auto text : {" 9223372036854775808", " -9223372036854775809", " 123456789012345678901234567890"}) {
    CAPTURE(text);
    CHECK(failed_at(read(text).root().integer(), 1, ErrorCode::OutOfRange));
  }
  CHECK(failed_at(read("18446744073709551616").root().unsigned_integer(), 0, ErrorCode::OutOfRange));
  CHECK(failed_at(read("-1").root().unsigned_integer(), 0, ErrorCode::OutOfRange));
  CHECK(must(read("10").root().integer_in(1, 10)) == 10);
  CHECK(failed_at(read("11").root().integer_in(1, 10), 0, ErrorCode::OutOfRange));
  CHECK(failed_at(read("0").root().integer_in(1, 10), 0, ErrorCode::OutOfRange));
}

TEST_CASE("a number with a fraction or an exponent is no integer, and is kept as written", "[core]") {
  for (const std::string_view text :
       {"1.0", "1e3", "1E3", "0.5", "-2.50e+1", "1e999", "0.1000000000000000055511151231"}) {
    CAPTURE(std::string(text));
    const JsonDocument document = read(text);
    CHECK(failed_at(document.root().integer(), 0));
    CHECK(failed_at(document.root().unsigned_integer(), 0));
    CHECK(must(document.root().number_text()) == text);
  }
}

TEST_CASE("strings are decoded", "[core]") {
  CHECK(must(read(R"("\"\\\/\b\f\n\r\t")").root().text()) == "\"\\/\b\f\n\r\t");
  CHECK(must(read(R"("\u5e97 \ud83d\ude00")").root().text()) == "\xE5\xBA\x97 \xF0\x9F\x98\x80");
  CHECK(must(read("\"\xE5\xBA\x97\"").root().text()) == "\xE5\xBA\x97");
}

TEST_CASE("asking for another kind is a mistake at the value", "[core]") {
  const JsonDocument document = read(R"({"n":null,"b":true,"i":1,"s":"x","a":[],"o":{}})");
  const auto members = must(document.root().members());
  for (const auto& [name, value] : members) {
    CAPTURE(std::string(name));
    const std::size_t at = value.offset();
    if (name != "b") CHECK(failed_at(value.boolean(), at));
    if (name != "i") CHECK(failed_at(value.integer(), at));
    if (name != "i") CHECK(failed_at(value.number_text(), at));
    if (name != "s") CHECK(failed_at(value.text(), at));
    if (name != "a") CHECK(failed_at(value.elements(), at));
    if (name != "a") CHECK(failed_at(value.at(0), at, ErrorCode::InvalidArgument));
    if (name != "o") CHECK(failed_at(value.members(), at));
    if (name != "o") CHECK(failed_at(value.member("x"), at));
    CHECK_FALSE(value.find("x").has_value());
    CHECK(value.size() == 0);
    CHECK(value.is_null() == (name == "n"));
  }
  CHECK(must(must(document.root().member("b")).boolean()));
}

TEST_CASE("members are found by their exact name and walked in their order", "[core]") {
  const JsonDocument document = read(R"({"b":1,"B":2,"":3,"a":[10,20,30]})");
  const JsonValue root = document.root();

  CHECK(must(must(root.member("b")).integer()) == 1);
  CHECK(must(must(root.member("B")).integer()) == 2);
  CHECK(must(must(root.member("")).integer()) == 3);
  CHECK(failed_at(root.member("A"), 0, ErrorCode::NotFound));
  std::string names;
  const auto members = must(root.members());
  for (const auto& [name, value] : members)
    names += std::string(name) + ',';
  CHECK(names == "b,B,,a,");
  const JsonValue list = must(root.member("a"));
  CHECK(list.size() == 3);
  CHECK(must(must(list.at(2)).integer()) == 30);
  CHECK(failed_at(list.at(3), list.offset(), ErrorCode::NotFound));
  std::int64_t sum = 0;
  const auto elements = must(list.elements());
  for (const JsonValue value : elements)
    sum += must(value.integer());
  CHECK(sum == 60);
}

TEST_CASE("a mistake in a rule file is named by its path", "[core]") {
  const JsonDocument document = read(R"({"offers":[{"id":"a"},{"id":"b","amount off":"5","x/y~z":{"":[0]}}]})");
  const JsonValue offer = must(must(document.root().member("offers")).at(1));

  const auto amount = must(offer.member("amount off")).integer();
  REQUIRE_FALSE(amount.has_value());
  CHECK(must(document.path_of(amount.error())) == "/offers/1/amount off");
  const auto missing = offer.member("name");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ErrorCode::NotFound);
  CHECK(must(document.path_of(missing.error())) == "/offers/1");
  CHECK(must(document.path_at(0)).empty());
  const JsonValue deep = must(must(must(offer.member("x/y~z")).member("")).at(0));
  CHECK(must(document.path_of(deep.mistake().error())) == "/offers/1/x~1y~0z//0");
  const auto other = offer.only({"id", "amount off"});
  REQUIRE_FALSE(other.has_value());
  CHECK(must(document.path_of(other.error())) == "/offers/1/x~1y~0z");
  CHECK(offer.only({"id", "amount off", "x/y~z", "more"}).has_value());
  CHECK(failed_with(document.path_at(1), ErrorCode::NotFound));
  CHECK(failed_with(document.path_of(Error{ErrorCode::Timeout}), ErrorCode::NotFound));
}

TEST_CASE("nesting ends at the limit, before anything recurses", "[core]") {
  JsonLimits limits;
  limits.depth_max = 5;
  CHECK(JsonDocument::parse(nested(5), limits).has_value());
  CHECK(failed_at(JsonDocument::parse(nested(6), limits), 5, ErrorCode::Exhausted));
  CHECK(failed_at(JsonDocument::parse(R"({"a":{"a":{"a":{"a":{"a":[]}}}}})", limits), 25, ErrorCode::Exhausted));
  CHECK(failed_at(JsonDocument::parse(std::string(1'000'000, '[')), 32, ErrorCode::Exhausted));
  limits.depth_max = kJsonDepthCeiling;
  CHECK(JsonDocument::parse(nested(kJsonDepthCeiling), limits).has_value());
  limits.depth_max = kJsonDepthCeiling + 1;
  CHECK(failed_with(JsonDocument::parse("1", limits), ErrorCode::FailedPrecondition));
}

TEST_CASE("each other limit holds, and one less is read", "[core]") {
  JsonLimits limits;
  limits.bytes_max = 4;
  CHECK(JsonDocument::parse("1234", limits).has_value());
  CHECK(failed_at(JsonDocument::parse("12345", limits), 4, ErrorCode::Exhausted));

  limits = {};
  limits.values_max = 3;
  CHECK(JsonDocument::parse("[1,2]", limits).has_value());
  CHECK(failed_at(JsonDocument::parse("[1,2,3]", limits), 5, ErrorCode::Exhausted));

  limits = {};
  limits.members_max = 2;
  CHECK(JsonDocument::parse(R"({"a":1,"b":{"c":1,"d":2}})", limits).has_value());
  CHECK(failed_at(JsonDocument::parse(R"({"a":1,"b":2,"c":3})", limits), 13, ErrorCode::Exhausted));

  limits = {};
  limits.string_bytes_max = 4;
  CHECK(JsonDocument::parse(R"("\ud83d\ude00")", limits).has_value());
  CHECK(JsonDocument::parse(R"({"\n\u0041\u00e9":1})", limits).has_value());
  CHECK(failed_at(JsonDocument::parse(R"(["12345"])", limits), 1, ErrorCode::Exhausted));
  CHECK(failed_at(JsonDocument::parse(R"({"\u5e97\u00e9":1})", limits), 1, ErrorCode::Exhausted));

  CHECK(JsonDocument::parse(std::string(kJsonNumberBytesMax, '1')).has_value());
  CHECK(JsonDocument::parse('[' + std::string(kJsonNumberBytesMax, '1') + ",2]").has_value());
  CHECK(failed_at(JsonDocument::parse(std::string(kJsonNumberBytesMax + 1, '1')), 0, ErrorCode::Exhausted));
}
