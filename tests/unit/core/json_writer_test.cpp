// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/json_writer.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"

using namespace tillkit::core;
using namespace std::string_view_literals;

namespace {

std::string written_text(std::string_view value) {
  return must(JsonWriter().text(value).finish());
}

}  // namespace

TEST_CASE("members are written in the order of the calls, without spaces", "[core]") {
  JsonWriter json;
  json.begin_object().name("sale").text("S-1").name("total").integer(1'230).name("lines").begin_array();
  json.integer(1).begin_object().end_object().begin_array().end_array().null().boolean(true).boolean(false);
  json.number("0.125").end_array().name("a").text("").end_object();

  CHECK(must(json.finish()) == R"({"sale":"S-1","total":1230,"lines":[1,{},[],null,true,false,0.125],"a":""})");
}

TEST_CASE("integers are written with all 64 bits", "[core]") {
  JsonWriter json;
  json.begin_array().integer(INT64_MIN).integer(INT64_MAX).integer(UINT64_MAX).integer(9'007'199'254'740'993);
  json.integer(std::uint8_t{200}).integer(std::int8_t{-5}).end_array();

  CHECK(must(json.finish()) ==
        "[-9223372036854775808,9223372036854775807,18446744073709551615,9007199254740993,200,-5]");
}

TEST_CASE("strings are escaped where JSON needs it and nowhere else", "[core]") {
  CHECK(written_text("\"\\/\b\f\n\r\t\x01\x1F\x7F") == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"");
  CHECK(written_text("\xE5\xBA\x97\xF0\x9F\x98\x80") == "\"\xE5\xBA\x97\xF0\x9F\x98\x80\"");
}

TEST_CASE("a string that could not be read again is not written", "[core]") {
  CHECK(failed_with(JsonWriter().text("a\xC0\x80").finish(), ErrorCode::InvalidArgument));
  CHECK(failed_with(JsonWriter().text("\xED\xA0\x80").finish(), ErrorCode::InvalidArgument));
  CHECK(failed_with(JsonWriter().text("a\0b"sv).finish(), ErrorCode::Unsupported));
  CHECK(failed_with(JsonWriter().begin_object().name("\xFF").finish(), ErrorCode::InvalidArgument));
}

TEST_CASE("a number text must be a JSON number", "[core]") {
  CHECK(must(JsonWriter().number("-1.50e+3").finish()) == "-1.50e+3");
  for (const auto text : {"", "01", "1 ", "1,2", "NaN", "\"1\"", "0x1", "1."}) {
    CAPTURE(text);
    CHECK(failed_with(JsonWriter().number(text).finish(), ErrorCode::InvalidArgument));
  }
  CHECK(failed_with(JsonWriter().number(std::string(64, '1')).finish(), ErrorCode::Exhausted));
}

TEST_CASE("a name twice in one object is refused, in two objects it is not", "[core]") {
  CHECK(failed_with(JsonWriter().begin_object().name("a").null().name("a").null().end_object().finish(),
                    ErrorCode::InvalidArgument));

  JsonWriter json;
  json.begin_object().name("a").begin_object().name("a").null().end_object().name("b").begin_object();
  json.name("a").null().end_object().name("A").null().end_object();
  CHECK(must(json.finish()) == R"({"a":{"a":null},"b":{"a":null},"A":null})");
  json.begin_object().name("x").begin_object().name("y").null().end_object().name("x").null().end_object();
  CHECK(failed_with(json.finish(), ErrorCode::InvalidArgument));
  json.begin_object().name("a").null().name("b").null().name("\n").null().name("a").null().end_object();
  CHECK(failed_with(json.finish(), ErrorCode::InvalidArgument));
}

TEST_CASE("calls in an order that makes no JSON are refused", "[core]") {
  const auto is_refused = [](JsonWriter& json) { return failed_with(json.finish(), ErrorCode::FailedPrecondition); };
  CHECK(is_refused(JsonWriter().null().null()));
  CHECK(is_refused(JsonWriter().begin_array()));
  CHECK(is_refused(JsonWriter().end_array()));
  CHECK(is_refused(JsonWriter().begin_array().end_object()));
  CHECK(is_refused(JsonWriter().begin_object().end_array()));
  CHECK(is_refused(JsonWriter().begin_object().integer(1).end_object()));
  CHECK(is_refused(JsonWriter().begin_object().name("a").end_object()));
  CHECK(is_refused(JsonWriter().begin_object().name("a").name("b").null().end_object()));
  CHECK(is_refused(JsonWriter().begin_array().name("a").null().end_array()));
  CHECK(is_refused(JsonWriter().name("a")));
  JsonWriter nothing;
  CHECK(is_refused(nothing));
}

TEST_CASE("the first mistake is reported and the writer is then as new", "[core]") {
  JsonWriter json;
  json.begin_array().text("\xFF").end_object().number("x");
  CHECK(failed_with(json.finish(), ErrorCode::InvalidArgument));
  CHECK(must(json.begin_array().integer(1).end_array().finish()) == "[1]");
  CHECK(must(json.integer(2).finish()) == "2");
}

TEST_CASE("the writer keeps the limits that the reader has", "[core]") {
  JsonLimits limits;
  limits.depth_max = 2;
  CHECK(JsonWriter(limits).begin_array().begin_array().end_array().end_array().finish().has_value());
  CHECK(failed_with(JsonWriter(limits).begin_array().begin_array().begin_array().finish(), ErrorCode::Exhausted));
  limits = {};
  limits.bytes_max = 7;
  CHECK(JsonWriter(limits).text("12345").finish().has_value());
  CHECK(failed_with(JsonWriter(limits).text("123456").finish(), ErrorCode::Exhausted));
  CHECK(JsonWriter(limits).begin_array().text("123").end_array().finish().has_value());
  CHECK(failed_with(JsonWriter(limits).begin_array().text("1234").end_array().finish(), ErrorCode::Exhausted));
  limits = {};
  limits.values_max = 2;
  CHECK(JsonWriter(limits).begin_array().null().end_array().finish().has_value());
  CHECK(failed_with(JsonWriter(limits).begin_array().null().null().end_array().finish(), ErrorCode::Exhausted));
  limits = {};
  limits.members_max = 1;
  CHECK(failed_with(JsonWriter(limits).begin_object().name("a").null().name("b").null().end_object().finish(),
                    ErrorCode::Exhausted));
  limits = {};
  limits.string_bytes_max = 2;
  CHECK(JsonWriter(limits).text("\n\n").finish().has_value());
  CHECK(failed_with(JsonWriter(limits).text("123").finish(), ErrorCode::Exhausted));
  limits.depth_max = kJsonDepthCeiling + 1;
  CHECK(failed_with(JsonWriter(limits).null().finish(), ErrorCode::FailedPrecondition));
}

TEST_CASE("a value that was read is written into another document as it was", "[core]") {
  const JsonDocument document = must(JsonDocument::parse(R"( { "z" : [ 1.50, -0, 1e2, "\u00e9\/" ], "a" : { } } )"));

  JsonWriter json;
  json.begin_array().value(document.root()).value(must(document.root().member("a"))).end_array();

  CHECK(must(json.finish()) == "[{\"z\":[1.50,-0,1e2,\"\xC3\xA9/\"],\"a\":{}},{}]");
}
