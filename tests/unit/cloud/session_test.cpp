// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/session.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "some_orders.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;

core::Bytes nonce(std::size_t size = kNonceBytes) {
  return core::Bytes(size, std::byte{0xAB});
}

std::string answer(std::string_view contract, const std::string& signed_nonce = {}) {
  std::string text = R"({"contract":")" + std::string(contract) + R"(","server_time":"2026-11-21T08:05:30.250+08:00")";
  if (!signed_nonce.empty()) {
    text += R"(,"signed_time":{"nonce":")" + signed_nonce +
            R"(","at":"2026-11-21T00:05:30Z","key":"k1","signature":")" + std::string(86, 'A') + R"("})";
  }
  return text + "}";
}

TEST_CASE("the session is asked for with or without a nonce", "[cloud]") {
  CHECK(must(session_target()) == "/v1/session");
  CHECK(must(session_target(nonce())) == "/v1/session?nonce=q6urq6urq6urq6urq6urqw");
  CHECK(failed_with(session_target(nonce(15)), ErrorCode::InvalidArgument));
}

TEST_CASE("a session tells the time and the contract", "[cloud]") {
  const auto session = must(read_session(json_reply(answer("1.12"))));

  CHECK(session.contract_major == 1);
  CHECK(session.contract_minor == 12);
  CHECK(session.server_time == must(core::parse_rfc3339("2026-11-21T00:05:30.250Z")));
  CHECK_FALSE(session.signed_time);
}

TEST_CASE("a cloud of another major version is not spoken to", "[cloud]") {
  CHECK(failed_with(read_session(json_reply(answer("2.0"))), ErrorCode::Unsupported));
  CHECK(failed_with(read_session(json_reply(answer("11.0"))), ErrorCode::Unsupported));
  for (const auto* contract : {"", "1", "1.", ".0", "v1.0", "01.0", "1.0.0", "1.00000", "-1.0"}) {
    CAPTURE(contract);
    CHECK(is_unknown(read_session(json_reply(answer(contract)))));
  }
}

TEST_CASE("a signed time is for our nonce, and what was signed is kept as it came", "[cloud]") {
  const auto body = answer("1.0", "q6urq6urq6urq6urq6urqw");
  const auto session = must(read_session(json_reply(body), nonce()));

  REQUIRE(session.signed_time);
  CHECK(session.signed_time->message == "tillkit-time-1\nq6urq6urq6urq6urq6urqw\n2026-11-21T00:05:30Z");
  CHECK(session.signed_time->at == must(core::parse_rfc3339("2026-11-21T00:05:30Z")));
  CHECK(session.signed_time->key.view() == "k1");
  CHECK(session.signed_time->signature == core::Bytes(kTimeSignatureBytes));
  CHECK(is_unknown(read_session(json_reply(answer("1.0", "AAAAAAAAAAAAAAAAAAAAAA")), nonce())));
  CHECK(is_unknown(read_session(json_reply(answer("1.0")), nonce())));
}

}  // namespace
}  // namespace tillkit::cloud
