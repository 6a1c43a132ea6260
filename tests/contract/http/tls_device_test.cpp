// SPDX-License-Identifier: Apache-2.0
// How hal_linux::HttpClient proves who it is: with a key that PSA does not give out.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "subjects.hpp"

namespace tillkit::contract {
namespace {

using core::ErrorCode;

/// A device with a key and a certificate for it.
struct Enrolled : LinuxDevice {
  explicit Enrolled(std::string_view authority = "good") {
    const auto made = crypto->create_signing_key(1);
    REQUIRE(made.has_value());
    key = *made;
    const auto request = crypto->certificate_request(key, "terminal 7");
    REQUIRE(request.has_value());
    chain = peers.enrol(authority, *request);
  }
  [[nodiscard]] hal_linux::HttpClientSettings enrolled_settings() const {
    auto with = settings();
    with.tls.client_chain_pem = chain;
    with.tls.client_key = key;
    return with;
  }

  security::KeyId key;
  std::string chain;
};

}  // namespace

TEST_CASE("a device with its certificate is let in", "[http][tls]") {
  const char* authority = GENERATE("good", "intermediate");
  const char* server = GENERATE("mutual13", "mutual12", "mutual12_aes256");
  CAPTURE(authority, server);
  Enrolled device(authority);
  const auto client = device.client(device.enrolled_settings());
  const auto url = device.peers.secure_url(server);

  CHECK(told(device.ask(*client, {.method = hal::HttpMethod::Post, .url = url, .body = "x"})) == "200");

  CHECK(device.peers.arrivals(url) == 1);
}

TEST_CASE("a server that wants another certificate, or any, is told apart from other refusals", "[http][tls]") {
  Enrolled device("stranger");
  const bool shows_certificate = GENERATE(false, true);
  CAPTURE(shows_certificate);
  const auto client = device.client(shows_certificate ? device.enrolled_settings() : device.settings());

  SECTION("TLS 1.2: the handshake ends, nothing was sent") {
    const auto url = device.peers.secure_url("mutual12");
    const auto result = device.get(*client, url);
    REQUIRE(told(result) == "not_sent client_certificate_refused");
    CHECK(told(result.error().error) == (shows_certificate ? "unavailable mbedtls 48" : "unavailable mbedtls 40"));
    CHECK(device.peers.arrivals(url) == 0);
  }
  SECTION("TLS 1.3: the request had left before the server's word came") {
    const auto url = device.peers.secure_url("mutual13");
    const auto result = device.get(*client, url);
    REQUIRE(told(result) == "sent_unanswered client_certificate_refused");
    CHECK(told(result.error().error) == (shows_certificate ? "timeout mbedtls 48" : "timeout mbedtls 116"));
    CHECK(device.peers.arrivals(url) == 0);
  }
}

TEST_CASE("sessions with a client certificate are resumed", "[http][tls]") {
  Enrolled device("intermediate");
  const auto client = device.client(device.enrolled_settings());
  const char* server = GENERATE("mutual13", "mutual12");
  CAPTURE(server);
  const int before = device.peers.count("resumed", server);

  for (int round = 0; round < 3; ++round)
    REQUIRE(told(device.get(*client, device.peers.secure_url(server, "127.0.0.1", "&close=1"))) == "200");

  CHECK(device.peers.count("resumed", server) == before + 2);
}

TEST_CASE("new TLS settings count from the next request on", "[http][tls]") {
  Enrolled device;
  const auto client = device.client(device.settings());
  const auto url = device.peers.secure_url("ok13_ec");
  REQUIRE(told(device.get(*client, url)) == "200");

  SECTION("a certificate") {
    REQUIRE(told(device.get(*client, device.peers.secure_url("mutual12"))) == "not_sent client_certificate_refused");
    REQUIRE(client->replace_tls(device.enrolled_settings().tls).has_value());
    CHECK(told(device.get(*client, device.peers.secure_url("mutual12"))) == "200");
  }
  SECTION("other trust: neither the kept connection nor its session counts any more") {
    auto tls = device.settings().tls;
    tls.trust_anchors_pem = device.peers.text("other_root");
    REQUIRE(client->replace_tls(tls).has_value());
    CHECK(told(device.get(*client, url)) == "not_sent untrusted");
  }
  SECTION("a revocation list") {
    REQUIRE(told(device.get(*client, device.peers.secure_url("bad_revoked"))) == "200");
    auto tls = device.settings().tls;
    tls.revocation_lists_pem = device.peers.revocation_list("good");
    REQUIRE(client->replace_tls(tls).has_value());
    CHECK(told(device.get(*client, device.peers.secure_url("bad_revoked"))) == "not_sent revoked");
    CHECK(told(device.get(*client, url)) == "200");
  }
  SECTION("bad ones change nothing") {
    auto tls = device.settings().tls;
    tls.trust_anchors_pem = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    CHECK_FALSE(client->replace_tls(tls).has_value());
    const auto kept = device.get(*client, url);
    REQUIRE(told(kept) == "200");
    CHECK_FALSE(kept->new_connection);
  }
}

TEST_CASE("requests under way go on as they began when the TLS settings change", "[http][tls]") {
  Enrolled device;
  const auto client = device.client(device.settings());
  Outcome waiting;
  Outcome connecting;
  const auto slow = device.peers.secure_url("ok13_ec", "127.0.0.1", "&delay=200");
  client->send({.url = slow}, waiting.take());
  REQUIRE(device.until([&] { return device.peers.arrivals(slow) == 1; }));
  client->send({.url = device.peers.secure_url("ok13_rsa")}, connecting.take());

  auto tls = device.settings().tls;
  tls.trust_anchors_pem = device.peers.text("other_root");
  REQUIRE(client->replace_tls(tls).has_value());
  CHECK(told(device.get(*client, device.peers.secure_url("ok13_ec"))) == "not_sent untrusted");

  REQUIRE(device.until([&] { return waiting.over() && connecting.over(); }));
  CHECK(told(waiting.result) == "200");
  CHECK(told(connecting.result) == "200");
}

TEST_CASE("certificates and keys that cannot be read, or do not fit, are refused with mbedTLS's number",
          "[http][tls]") {
  Enrolled device;
  auto settings = device.enrolled_settings();
  const auto error = [&] {
    const auto client = hal_linux::HttpClient::create(*device.loop, device.clock, settings);
    REQUIRE_FALSE(client.has_value());
    return client.error();
  };
  const std::string damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

  SECTION("anchors") {
    settings.tls.trust_anchors_pem = GENERATE_REF(std::string("x"), damaged, device.peers.text("root") + damaged);
    CHECK(error().code == ErrorCode::InvalidArgument);
    CHECK(error().source == core::ErrorSource::Mbedtls);
    CHECK(error().foreign < 0);
  }
  SECTION("revocation lists") {
    settings.tls.revocation_lists_pem = GENERATE_REF(std::string("x"), damaged);
    CHECK(error().code == ErrorCode::InvalidArgument);
    CHECK(error().source == core::ErrorSource::Mbedtls);
  }
  SECTION("the client's chain") {
    settings.tls.client_chain_pem = damaged;
    CHECK(error().code == ErrorCode::InvalidArgument);
    CHECK(error().source == core::ErrorSource::Mbedtls);
  }
  SECTION("a key that is not the certificate's") {
    const auto other = device.crypto->create_signing_key(2);
    REQUIRE(other.has_value());
    settings.tls.client_key = *other;
    CHECK(told(error()) == "invalid_argument mbedtls -16000");  // MBEDTLS_ERR_PK_BAD_INPUT_DATA
  }
  SECTION("a key that there is none of") {
    settings.tls.client_key = {0x3fffffff};
    CHECK(error().code == ErrorCode::InvalidArgument);
  }
  SECTION("a key without a certificate, a certificate without a key") {
    settings.tls.client_chain_pem.clear();
    CHECK(told(error()) == "invalid_argument tillkit 0");
    settings = device.enrolled_settings();
    settings.tls.client_key = {};
    CHECK(told(error()) == "invalid_argument tillkit 0");
  }
}

}  // namespace tillkit::contract
