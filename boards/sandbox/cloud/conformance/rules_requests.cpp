// SPDX-License-Identifier: Apache-2.0
// What any request may expect: strictness, limits, versions; and the health report.
#include <array>

#include "world.hpp"

namespace tillkit::conformance {
namespace {

constexpr std::string_view kQuery = "/v1/gateway/query";
constexpr std::string_view kHealth =
    R"({"firmware":"conformance","at":1795219530250,"clock":"trusted","boot":1,"sells":true,"unsent_records":0,)"
    R"("parked_records":0,"unresolved":0,"at_risk_minor":0,"free_bytes":1,"faults":[{"what":"name_timeout","count":1}])";

Verdict notes_health(World& world) {
  for (int i = 0; i < 2; ++i) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, "/v1/health", std::string(kHealth) + "}"));
    TILLKIT_TRY_VOID(expect_ok(answer));
  }
  return {};
}

Verdict health_is_strict(World& world) {
  for (const std::string_view more : {R"(,"more":1})", R"(,"stopped":7})"}) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, "/v1/health", std::string(kHealth) + std::string(more)));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  return {};
}

Verdict refuses_unknown_members(World& world) {
  const std::string order = json_text(world.order(world.a));
  TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kQuery, R"({"order":)" + order + R"(,"more":1})"));
  TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  const std::string inner =
      R"({"order":)" + order + R"(,"refund":"R1","amount":{"minor":1,"currency":"CNY","more":1}})";
  TILLKIT_TRY(const Answer refund, world.wire.post(world.a, "/v1/gateway/refund", inner));
  return expect_problem(refund, {"invalid-request"});
}

Verdict refuses_what_is_no_request(World& world) {
  for (const std::string_view body : {"", "{", "[]", "null", "{}", R"({"order":7})", R"({"order":"t07a"})",
                                      R"({"order":""})", R"({"order":"T1","order":"T1"})", "{\"order\":\"\xff\"}"}) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.a, kQuery, std::string(body)));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  TILLKIT_TRY(const Answer plain,
              world.wire.ask(
                  world.a, {.target = std::string(kQuery), .body = R"({"order":"T1"})", .content_type = "text/plain"}));
  return expect_problem(plain, {"invalid-request"});
}

Verdict refuses_unknown_operations(World& world) {
  for (const auto& [method, path] :
       {std::pair{"GET", "/v1/nothing"}, {"POST", "/v1/nothing"}, {"POST", "/v1/session"}}) {
    TILLKIT_TRY(const Answer answer, world.wire.ask(world.a, {.method = method,
                                                              .target = path,
                                                              .body = std::string_view(method) == "GET" ? "" : "{}"}));
    const auto listed = world.wire.contract().problem(answer.text("type"));
    const bool refused = listed && listed->changed_nothing && listed->status < 500;
    TILLKIT_TRY_VOID(expect(refused, answer, "a problem of the list that says that nothing changed: invalid-request"));
  }
  return {};
}

Verdict has_a_limit(World& world) {
  const auto limit = static_cast<std::size_t>(world.wire.contract().limit("request_body_bytes_max"));
  std::string body = R"({"order":)" + json_text(world.order(world.a));
  body += std::string(limit - body.size() - 1, ' ') + "}";
  TILLKIT_TRY(const Answer largest, world.wire.post(world.a, kQuery, body));
  TILLKIT_TRY_VOID(expect_outcome(largest, {"not_found"}));
  TILLKIT_TRY(const Answer more, world.wire.post(world.a, kQuery, body + " "));
  return expect_problem(more, {"too-large"});
}

Verdict enrolment_has_a_limit(World& world) {
  const auto limit = static_cast<std::size_t>(world.wire.contract().limit("certificate_request_bytes_max"));
  const std::string claim = "0000-NONE-0000";
  TILLKIT_TRY(const Answer longer,
              world.wire.post(world.anonymous, "/v1/enrol", world.enrol_body(claim, std::string(limit + 1, 'x'))));
  TILLKIT_TRY_VOID(expect_problem(longer, {"invalid-request"}));
  const auto body_max = static_cast<std::size_t>(world.wire.contract().limit("request_body_bytes_max"));
  TILLKIT_TRY(const Answer more,
              world.wire.post(world.anonymous, "/v1/enrol", world.enrol_body(claim, std::string(body_max, 'x'))));
  return expect_problem(more, {"too-large"});
}

// clang-format off
constexpr std::array kRules{
    Rule{"requests.members", "info: Versions", "A member that is not known is 400 invalid-request, inside of objects, too",
         "a terminal believes something was heard that was passed over", kTerminal, &refuses_unknown_members},
    Rule{"requests.form", "info: Versions; x-problems: invalid-request", "What is no JSON, or not what the schema says, is 400 invalid-request",
         "half a request, or one with two meanings, moves money", kTerminal, &refuses_what_is_no_request},
    Rule{"requests.operations", "x-problems", "What is no operation of the contract is refused with a problem document",
         "a newer terminal takes an error page for no answer, and asks forever", kTerminal, &refuses_unknown_operations},
    Rule{"requests.size", "x-limits.request_body_bytes_max", "A body of 4096 bytes is taken, one byte more is 413 too-large",
         "long receipts' charges are refused, or the server is flooded", kTerminal, &has_a_limit},
    Rule{"requests.enrol-size", "x-limits; schemas: EnrolRequest", "Enrolment has the same limit, and one for the certificate request",
         "whoever has no certificate can flood the server", kNothing, &enrolment_has_a_limit},
    Rule{"health.noted", "POST /v1/health", "A health report is noted",
         "nobody sees what a terminal has at risk", kTerminal, &notes_health},
    Rule{"health.strict", "schemas: HealthReport", "A report that is not the contract's is 400 invalid-request",
         "a fault of the terminal's software goes on unseen", kTerminal, &health_is_strict},
};
// clang-format on

}  // namespace

std::span<const Rule> request_rules() {
  return kRules;
}

}  // namespace tillkit::conformance
