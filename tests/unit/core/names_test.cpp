// SPDX-License-Identifier: Apache-2.0
// The names and numbers that stand in records and rule files: a change here breaks what is stored.
#include <string_view>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/core/allocate.hpp"
#include "tillkit/core/error.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/quantity.hpp"
#include "tillkit/core/rounding.hpp"
#include "tillkit/core/time.hpp"

using namespace tillkit::core;

namespace {

template <class Enum>
struct Row {
  Enum value;
  int number;
  std::string_view name;
};

template <class Enum, std::size_t Count>
void check_rows(const Row<Enum> (&rows)[Count]) {
  for (const auto& [value, number, name] : rows) {
    CAPTURE(number);
    CHECK(static_cast<int>(value) == number);
    CHECK(to_string(value) == name);
  }
}

}  // namespace

TEST_CASE("what is stored keeps its numbers and names", "[core]") {
  using enum ErrorCode;
  check_rows<ErrorCode>({{InvalidArgument, 1, "invalid_argument"},
                         {FailedPrecondition, 2, "failed_precondition"},
                         {NotFound, 3, "not_found"},
                         {AlreadyExists, 4, "already_exists"},
                         {OutOfRange, 5, "out_of_range"},
                         {Exhausted, 6, "exhausted"},
                         {Unavailable, 7, "unavailable"},
                         {Timeout, 8, "timeout"},
                         {Rejected, 9, "rejected"},
                         {Corrupt, 10, "corrupt"},
                         {PermissionDenied, 11, "permission_denied"},
                         {Unsupported, 12, "unsupported"},
                         {Cancelled, 13, "cancelled"}});
  check_rows<ErrorSource>({{ErrorSource::Tillkit, 0, "tillkit"},
                           {ErrorSource::Input, 1, "input"},
                           {ErrorSource::System, 2, "system"},
                           {ErrorSource::Curl, 3, "curl"},
                           {ErrorSource::Sqlite, 4, "sqlite"},
                           {ErrorSource::Mbedtls, 5, "mbedtls"},
                           {ErrorSource::Http, 6, "http"},
                           {ErrorSource::Provider, 7, "provider"},
                           {ErrorSource::Device, 8, "device"}});
  check_rows<Rounding>({{Rounding::HalfUp, 0, "half_up"},
                        {Rounding::HalfEven, 1, "half_even"},
                        {Rounding::Floor, 2, "floor"},
                        {Rounding::Ceil, 3, "ceil"},
                        {Rounding::TowardZero, 4, "toward_zero"}});
  check_rows<AllocationRule>({{AllocationRule::LargestRemainder, 0, "largest_remainder"},
                              {AllocationRule::FirstLines, 1, "first_lines"},
                              {AllocationRule::LastLine, 2, "last_line"}});
  check_rows<QuantityUnit>({{QuantityUnit::Piece, 0, "piece"}, {QuantityUnit::Gram, 1, "gram"}});
  check_rows<WallQuality>({{WallQuality::Unknown, 0, "unknown"},
                           {WallQuality::Estimated, 1, "estimated"},
                           {WallQuality::Trusted, 2, "trusted"}});
}

TEST_CASE("a rule file names its roundings and rules as they are written", "[core]") {
  for (const Rounding rounding :
       {Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor, Rounding::Ceil, Rounding::TowardZero}) {
    CHECK(must(parse_rounding(to_string(rounding))) == rounding);
  }
  for (const auto rule : {AllocationRule::LargestRemainder, AllocationRule::FirstLines, AllocationRule::LastLine}) {
    CHECK(must(parse_allocation_rule(to_string(rule))) == rule);
  }
  CHECK(failed_with(parse_rounding("HALF_UP"), ErrorCode::InvalidArgument));
  CHECK(failed_with(parse_rounding(""), ErrorCode::InvalidArgument));
  CHECK(failed_with(parse_allocation_rule("first_line"), ErrorCode::InvalidArgument));
}

TEST_CASE("an input offset beyond 31 bits is held at the largest", "[core]") {
  CHECK(fail_at(12).error() == Error{ErrorCode::InvalidArgument, ErrorSource::Input, 12});
  CHECK(fail_at(SIZE_MAX).error().foreign == INT32_MAX);
}
