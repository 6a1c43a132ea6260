// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/problem.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "some_orders.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::ErrorSource;

std::string document(std::string_view type, int status) {
  return R"({"type":"urn:tillkit:problem:)" + std::string(type) + R"(","status":)" + std::to_string(status) +
         R"(,"title":"No","detail":"amount differs"})";
}

TEST_CASE("a no is a no only where the contract lists it, and then it says which", "[cloud]") {
  const auto body = document("order-reversed", 410);
  const auto error = error_of(problem_reply(body, 410));

  CHECK(error.code == ErrorCode::Rejected);
  CHECK(error.source == ErrorSource::Provider);
  CHECK(is_problem(error, ProblemType::OrderReversed));
  CHECK_FALSE(is_problem(error, ProblemType::KeyReused));
  CHECK_FALSE(is_problem({ErrorCode::Timeout, ErrorSource::Http, 5}, ProblemType::OrderReversed));
  const auto problem = must(read_problem(problem_reply(body, 410)));
  CHECK(problem.title == "No");
  CHECK(problem.detail == "amount differs");
}

TEST_CASE("only being asked to come back later says that nothing happened and invites to repeat", "[cloud]") {
  for (const auto& row : problem_rows()) {
    CAPTURE(std::string(row.name));
    const auto body = document(row.name, row.status);
    const auto error = error_of(problem_reply(body, row.status));
    CHECK((error.code == ErrorCode::Unavailable) == (row.type == ProblemType::TooManyRequests));
    CHECK((error.code == ErrorCode::Timeout) == !row.nothing_happened);
  }
}

TEST_CASE("a conflict and a server's failure stay unknown, whatever document they bring", "[cloud]") {
  for (const int status : {409, 500, 502, 503, 504}) {
    for (const auto& row : problem_rows()) {
      CAPTURE(status, std::string(row.name));
      const auto body = document(row.name, status);
      const auto error = error_of(problem_reply(body, status));
      CHECK(error.code == ErrorCode::Timeout);
      CHECK(error.foreign == status);
    }
  }
}

TEST_CASE("a document that contradicts the answer it came with is not believed", "[cloud]") {
  const auto other_status = document("order-reversed", 422);
  CHECK(failed_with(read_problem(problem_reply(other_status, 410)), ErrorCode::Corrupt));
  CHECK(error_of(problem_reply(other_status, 410)).code == ErrorCode::Timeout);
  const auto other_type = document("order-reversed", 403);
  CHECK(error_of(problem_reply(other_type, 403)).code == ErrorCode::Timeout);
}

TEST_CASE("a document that is none says nothing about the money", "[cloud]") {
  for (const auto* body : {"", "{}", "[]", "<html>", R"({"type":"urn:tillkit:problem:too-large","status":413})",
                           R"({"type":"too-large","status":413,"title":"x"})",
                           R"({"type":"urn:tillkit:problem:too-large","status":"413","title":"x"})",
                           R"({"type":"urn:tillkit:problem:too-large","status":413,"title":"x","detail":1})"}) {
    CAPTURE(body);
    CHECK(failed_with(read_problem(problem_reply(body, 413)), ErrorCode::Corrupt));
    CHECK(error_of(problem_reply(body, 413)).code == ErrorCode::Timeout);
  }
}

TEST_CASE("waiting is asked for in whole seconds, with 429 and 503 only", "[cloud]") {
  const auto wait = [](int status, std::string_view text) {
    return retry_after({.status = status, .content_type = {}, .retry_after = text, .body = {}});
  };

  CHECK(wait(429, "1") == std::chrono::seconds{1});
  CHECK(wait(503, "3600") == kRetryAfterMax);
  for (const auto* text : {"", "0", "3601", "99999", "-1", "1.5", " 5", "Sun, 22 Nov 2026 04:00:00 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(wait(503, text));
  }
  for (const int status : {200, 409, 422, 500})
    CHECK_FALSE(wait(status, "5"));
}

TEST_CASE("the stored numbers of problems never change", "[cloud]") {
  CHECK(static_cast<int>(ProblemType::OrderReversed) == 5);
  CHECK(static_cast<int>(ProblemType::KeyReused) == 7);
  CHECK(static_cast<int>(ProblemType::NothingLeft) == 13);
  CHECK(static_cast<int>(ProblemType::Unavailable) == 19);
  CHECK(to_string(ProblemType::NothingLeft) == "nothing-left");
}

}  // namespace
}  // namespace tillkit::cloud
