// SPDX-License-Identifier: Apache-2.0
// A device becomes a terminal: what it asks, what it keeps, and what is left when something goes wrong.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/cloud/problem.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/terminal/device_profile.hpp"
#include "tillkit/terminal/enroller.hpp"

namespace tillkit::terminal {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;

constexpr std::string_view kOrigin = "https://cloud.example";
constexpr std::string_view kSession = R"({"contract":"1.0","server_time":"2026-11-21T00:05:30.250Z"})";
constexpr std::string_view kCertificate = R"(-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n)";

std::string enrolment(std::string_view terminal) {
  const std::string key = core::encode_base64url(core::Bytes(65, std::byte{4}));
  return R"({"terminal":")" + std::string(terminal) + R"(","store":"shop-1","currency":"JPY","certificates":")" +
         std::string(kCertificate) + R"(","valid_until":"2027-11-21T00:00:00.000Z","trust_anchors":")" +
         std::string(kCertificate) + R"(","keys":[{"name":"k1","public_key":")" + key + R"("}],"merchant_key":")" +
         core::encode_base64url(core::Bytes(32, std::byte{7})) + R"("})";
}

/// A device and a cloud that answers as it is told.
struct Device {
  Device() {
    board.http.serve([this](const hal::HttpRequest& request) {
      if (request.url.ends_with("/v1/session")) return answer(200, std::string(kSession));
      asked.push_back(request.url.substr(kOrigin.size()));
      bodies.push_back(request.body);
      if (silent) return hal_virtual::VirtualAnswer::of(hal_virtual::VirtualAnswer::Kind::Close);
      return answer(status, body);
    });
    start();
  }
  static hal_virtual::VirtualAnswer answer(int status, std::string body) {
    auto answer = hal_virtual::VirtualAnswer::reply(status, std::move(body));
    answer.response.headers = {{"content-type", status == 200 ? "application/json" : "application/problem+json"}};
    return answer;
  }
  void start() {
    crypto.reset();
    auto started = security::Crypto::start(board.key_store, board.random);
    REQUIRE(started);
    crypto = *std::move(started);
  }
  Enrolled enrol(const EnrolAs& as) {
    const cloud::Link link(board.http, {.origin = std::string(kOrigin)});
    Enroller enroller(link, board.clock, board.key_store, *crypto);
    std::optional<Enrolled> got;
    REQUIRE(enroller.enrol(as, [&](Enrolled result) { got = std::move(result); }));
    board.world.advance(1min);
    REQUIRE(got.has_value());
    return *std::move(got);
  }
  [[nodiscard]] core::Result<DeviceProfile> profile() { return read_profile(board.key_store, *crypto); }

  hal_virtual::VirtualBoard board;
  std::unique_ptr<security::Crypto> crypto;
  int status = 200;
  std::string body = enrolment("T07");
  bool silent = false;
  std::vector<std::string> asked;
  std::vector<std::string> bodies;
};

EnrolAs as_new() {
  return {.origin = std::string(kOrigin), .claim = "7KQ4-M2XA-9TFD", .firmware = "0.1.0"};
}

/// The public key is in the request; the same one each time.
std::string request_in(const std::string& body) {
  const auto document = core::JsonDocument::parse(body);
  REQUIRE(document);
  return std::string(document->root().member("certificate_request").value().text().value());
}

TEST_CASE("a device enrols once, and knows it after a restart", "[terminal]") {
  Device device;
  CHECK(device.profile().error().code == ErrorCode::NotFound);

  const auto enrolled = device.enrol(as_new());

  REQUIRE(enrolled);
  CHECK(device.asked == std::vector<std::string>{"/v1/enrol"});
  CHECK(enrolled->enrolment.terminal.view() == "T07");
  device.start();
  const auto kept = device.profile();
  REQUIRE(kept);
  CHECK(kept->origin == kOrigin);
  CHECK(kept->enrolment.terminal.view() == "T07");
  CHECK(kept->enrolment.store.view() == "shop-1");
  CHECK(kept->enrolment.credentials.certificates == enrolled->enrolment.credentials.certificates);
  CHECK(kept->enrolment.credentials.trust_anchors == enrolled->enrolment.credentials.trust_anchors);
  CHECK(kept->enrolment.credentials.keys == enrolled->enrolment.credentials.keys);
  CHECK(kept->enrolment.currency.alpha() == "JPY");
  CHECK(core::to_bytes(core::as_text(kept->enrolment.merchant_key.view())) == core::Bytes(32, std::byte{7}));
  CHECK(kept->enrolment.credentials.valid_until == enrolled->enrolment.credentials.valid_until);
  CHECK(kept->certified_at == enrolled->certified_at);
}

TEST_CASE("nothing of the profile lies readable in the key store", "[terminal]") {
  Device device;
  REQUIRE(device.enrol(as_new()));
  for (const auto& [blob, bytes] : device.board.key_store.blobs()) {
    CHECK_FALSE(core::as_text(bytes).contains("merchant"));
    CHECK_FALSE(core::as_text(bytes).contains("cloud.example"));
  }
}

TEST_CASE("an answer that is lost leaves a key, and the same key asks again", "[terminal]") {
  Device device;
  device.silent = true;
  CHECK(device.enrol(as_new()).error().error.code == ErrorCode::Timeout);
  CHECK(device.profile().error().code == ErrorCode::NotFound);

  device.silent = false;
  device.start();
  REQUIRE(device.enrol(as_new()));
  REQUIRE(device.bodies.size() == 2);
  CHECK(request_in(device.bodies[0]) == request_in(device.bodies[1]));
}

TEST_CASE("a claim that is refused changes nothing", "[terminal]") {
  Device device;
  REQUIRE(device.enrol(as_new()));
  device.status = 403;
  device.body = R"({"type":"urn:tillkit:problem:claim-refused","status":403,"title":"no"})";

  const auto again = device.enrol(as_new());

  REQUIRE_FALSE(again);
  CHECK(again.error().error.code == ErrorCode::Rejected);
  CHECK(cloud::is_problem(again.error().error, cloud::ProblemType::ClaimRefused));
  CHECK(device.profile().value().enrolment.terminal.view() == "T07");
}

TEST_CASE("a journal's device does not become another terminal", "[terminal]") {
  Device device;
  REQUIRE(device.enrol(as_new()));
  device.body = enrolment("T08");
  EnrolAs as = as_new();
  as.only = cloud::TerminalId::parse("T07").value();

  CHECK(device.enrol(as).error().error.code == ErrorCode::FailedPrecondition);
  CHECK(device.profile().value().enrolment.terminal.view() == "T07");

  as.only = {};
  REQUIRE(device.enrol(as));
  CHECK(device.profile().value().enrolment.terminal.view() == "T08");
}

TEST_CASE("what cannot be a claim code is not sent", "[terminal]") {
  Device device;
  const cloud::Link link(device.board.http, {.origin = std::string(kOrigin)});
  Enroller enroller(link, device.board.clock, device.board.key_store, *device.crypto);
  for (const std::string claim : {"", "short", "with space here", "ümlaut-code-1"}) {
    CAPTURE(claim);
    EnrolAs as = as_new();
    as.claim = claim;
    CHECK(enroller.enrol(as, [](Enrolled) { FAIL_CHECK("asked"); }).error().code == ErrorCode::InvalidArgument);
  }
  device.board.world.advance(1min);
  CHECK(device.asked.empty());
}

TEST_CASE("a certificate is renewed when a third of its life is left", "[terminal]") {
  DeviceProfile profile;
  profile.certified_at = core::WallTime(1'000'000ms);
  profile.enrolment.credentials.valid_until = core::WallTime(1'900'000ms);
  CHECK(renewal_due(profile) == core::WallTime(1'600'000ms));
}

TEST_CASE("a profile that was changed is corrupt, not another one", "[terminal]") {
  Device device;
  REQUIRE(device.enrol(as_new()));
  auto blobs = device.board.key_store.blobs();
  for (auto& [blob, bytes] : blobs) {
    if (bytes.size() > 500) bytes[bytes.size() / 2] ^= std::byte{1};
  }
  device.board.key_store.put_back(blobs);
  CHECK(device.profile().error().code == ErrorCode::Corrupt);
}

}  // namespace
}  // namespace tillkit::terminal
