// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/cloud/health.hpp"
#include "tillkit/cloud/leases.hpp"
#include "tillkit/cloud/members.hpp"
#include "tillkit/cloud/news.hpp"
#include "tillkit/cloud/refund_claims.hpp"

using namespace tillkit;
using core::ErrorCode;

namespace {

cloud::Reply ok(std::string_view body) {
  return {.status = 200, .content_type = "application/json", .retry_after = {}, .body = body};
}

}  // namespace

TEST_CASE("what the contract does not allow is never sent", "[cloud]") {
  const std::string request(100, 'A');

  CHECK(cloud::enrol_body({"7KQ4 M2XA", request, "1"}).error().code == ErrorCode::InvalidArgument);
  CHECK(cloud::enrol_body({"7KQ4-M2XA", "A", "1"}).error().code == ErrorCode::InvalidArgument);
  CHECK(cloud::enrol_body({"7KQ4-M2XA", request, ""}).error().code == ErrorCode::InvalidArgument);
  CHECK(cloud::enrol_body({"short", request, "1"}).error().code == ErrorCode::InvalidArgument);
  CHECK(cloud::renew_body(std::string(3'073, 'A')).error().code == ErrorCode::InvalidArgument);
  CHECK(cloud::find_body(cloud::MemberId{}).error().code == ErrorCode::InvalidArgument);
  CHECK(cloud::claim_coupon_body({}).error().code == ErrorCode::InvalidArgument);
  CHECK(cloud::lease_body({.amount = 1}).error().code == ErrorCode::InvalidArgument);
  const auto key = *core::OrderNumber::parse("K1");
  CHECK(cloud::lease_body({.request = key, .amount = 0}).error().code == ErrorCode::OutOfRange);
  CHECK(cloud::lease_body({.request = key, .amount = cloud::kAmountMinorMax + 1}).error().code ==
        ErrorCode::OutOfRange);
  CHECK(cloud::claim_refund_body({.claim = key, .terminal = *cloud::TerminalId::parse("T1"), .sale = 0}).error().code ==
        ErrorCode::OutOfRange);
  CHECK(cloud::news_target(cloud::Feed::Copies, "a&b", std::chrono::seconds{0}).error().code ==
        ErrorCode::InvalidArgument);
  CHECK(cloud::news_target(cloud::Feed::Copies, "", std::chrono::seconds{26}).error().code == ErrorCode::OutOfRange);
  CHECK(cloud::health_body({.firmware = "1", .unsent_records = -1}).error().code == ErrorCode::OutOfRange);
  cloud::HealthReport many{.firmware = "1"};
  many.faults.resize(cloud::kHealthFaultsMax + 1);
  CHECK(cloud::health_body(many).error().code == ErrorCode::Exhausted);
}

TEST_CASE("a lease that is not what was asked for is not understood", "[cloud]") {
  const cloud::LeaseRequest asked{.request = *core::OrderNumber::parse("K1"),
                                  .unit = cloud::LeaseUnit::Points,
                                  .of = *cloud::LeaseOwner::parse("m-1"),
                                  .amount = 5};
  const auto read = [&](std::string_view lease) {
    const std::string body = R"({"outcome":"granted","lease":{"id":"l","until":1,)" + std::string(lease) + "}}";
    return cloud::read_lease(ok(body), asked);
  };

  CHECK(read(R"("unit":"points","of":"m-1","amount":5,"lots":[{"lot":"a","amount":5}])"));
  CHECK(read(R"("unit":"points","of":"m-1","amount":4,"lots":[{"lot":"a","amount":4}])"));
  for (const auto* wrong : {R"("unit":"points","of":"m-1","amount":6,"lots":[{"lot":"a","amount":6}])",
                            R"("unit":"points","of":"m-2","amount":5,"lots":[{"lot":"a","amount":5}])",
                            R"("unit":"value","of":"m-1","amount":5,"lots":[{"lot":"a","amount":5}])",
                            R"("unit":"points","of":"m-1","amount":5,"lots":[{"lot":"a","amount":4}])",
                            R"("unit":"points","of":"m-1","amount":5)"}) {
    CAPTURE(wrong);
    CHECK(read(wrong).error().code == ErrorCode::Timeout);
  }
}

TEST_CASE("a coupon or a sale that nobody asked about is not understood", "[cloud]") {
  const auto* coupon = R"({"outcome":"set_apart","until":1,"coupon":{"id":"c","offer":"o","claimed_at":1,"uses":1}})";
  CHECK(cloud::read_claim_coupon(ok(coupon), *cloud::Name::parse("c")));
  CHECK(cloud::read_claim_coupon(ok(coupon), *cloud::Name::parse("d")).error().code == ErrorCode::Timeout);

  const auto* claim = R"({"outcome":"granted","journal":"00000000000000000000000000000000","records":[
      {"seq":4,"kind":"k","version":1,"sale":4,"wall":1,"quality":0,"boot":1,"monotonic":1,"operator":"o","shift":0,
       "day":0,"body":"{}"},{"seq":9,"kind":"k","sale":4,"wall":1,"monotonic":1,"body":"{}"}]})";
  CHECK(cloud::read_claim_refund(ok(claim), {.sale = 4})->records.at(1).operator_id.view() == "o");
  CHECK(cloud::read_claim_refund(ok(claim), {.sale = 5}).error().code == ErrorCode::Timeout);
}

TEST_CASE("certificates are PEM or not understood", "[cloud]") {
  const auto read = [](const std::string& pem) {
    const std::string body = R"({"certificates":")" + pem +
                             R"(","valid_until":"2027-11-21T00:00:00Z","trust_anchors":")" +
                             R"(-----BEGIN X-----\nAA==\n-----END X-----\n","keys":[{"name":"k","public_key":"B)" +
                             std::string(86, 'A') + R"("}]})";
    return cloud::read_renew(ok(body)).has_value();
  };

  CHECK(read(R"(-----BEGIN X Y-----\nAA==\n-----END X Y-----\n)"));
  CHECK(read(R"(-----BEGIN X-----\r\nAA==\r\n-----END X-----\r\n-----BEGIN X-----\nAA==\n-----END X-----\n)"));
  CHECK_FALSE(read(""));
  CHECK_FALSE(read("AA=="));
  CHECK_FALSE(read(R"(-----BEGIN X-----\nAA==\n-----END X-----)"));
  CHECK_FALSE(read(R"(-----BEGIN X-----\nA-A\n-----END X-----\n)"));
  CHECK_FALSE(read(R"(-----BEGIN x-----\nAA==\n-----END x-----\n)"));
}
