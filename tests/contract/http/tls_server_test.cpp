// SPDX-License-Identifier: Apache-2.0
// Whom hal_linux::HttpClient believes. Each server that is refused here was shown to work before the tests began, for a
// client that checks nothing (tests/interop/peers/tls_peer.py).
#include <algorithm>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "subjects.hpp"

namespace tillkit::contract {
namespace {

using namespace std::chrono_literals;
using core::WallQuality;

constexpr std::chrono::hours kDay{24};
constexpr std::int32_t kVerifyFailed = -0x2700;  // MBEDTLS_ERR_X509_CERT_VERIFY_FAILED

std::string get_told(LinuxDevice& device, hal::HttpClient& client, std::string url) {
  return told(device.get(client, std::move(url)));
}

struct Refusal {
  const char* server;
  const char* fault;
  std::int32_t foreign;
};

std::set<std::int64_t> numbers(const core::JsonDocument& document, std::string_view name) {
  std::set<std::int64_t> all;
  const auto list = document.root().member(name);
  REQUIRE(list.has_value());
  const auto elements = list->elements();
  REQUIRE(elements.has_value());
  for (const auto element : *elements)
    all.insert(element.integer().value_or(-1));
  return all;
}

}  // namespace

TEST_CASE("proper servers are accepted", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const char* server =
      GENERATE("ok13_ec", "ok13_rsa", "ok13_p384", "ok12_ecdsa_aes128", "ok12_ecdsa_aes256", "ok12_ecdsa_chacha",
               "ok12_rsa_aes128", "ok12_rsa_chacha", "ok12_rsa_clients_preference", "ok_intermediate", "ok_any_usage");
  CAPTURE(server);

  const auto result = device.get(*client, device.peers.secure_url(server, "127.0.0.1", "&body=hi"));

  REQUIRE(told(result) == "200");
  CHECK(result->body == "hi");
}

TEST_CASE("a name on the certificate, or a wildcard for one label, is accepted", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();

  CHECK(get_told(device, *client, device.peers.secure_url("ok_named", "till.test")) == "200");
  CHECK(get_told(device, *client, device.peers.secure_url("ok_named", "TILL.test")) == "200");
  CHECK(get_told(device, *client, device.peers.secure_url("ok_named", "127.0.0.1")) == "not_sent wrong_name");
  CHECK(get_told(device, *client, device.peers.secure_url("ok_wildcard", "shop.wild.test")) == "200");
  CHECK(get_told(device, *client, device.peers.secure_url("ok_wildcard", "a.shop.wild.test")) == "not_sent wrong_name");
  CHECK(get_told(device, *client, device.peers.secure_url("ok_wildcard", "wild.test")) == "not_sent wrong_name");
  CHECK(get_told(device, *client, device.peers.secure_url("bad_bare_star", "till.test")) == "not_sent wrong_name");
}

TEST_CASE("improper servers are refused, each for its own reason, before anything is sent", "[http][tls]") {
  LinuxDevice device;
  auto settings = device.settings();
  settings.tls.trust_anchors_pem += device.peers.text("weak_root");
  settings.tls.revocation_lists_pem = device.peers.revocation_list("good");
  const auto client = device.client(settings);
  const auto refusal = GENERATE(
      Refusal{"bad_expired", "expired", kVerifyFailed}, Refusal{"bad_not_yet_valid", "not_yet_valid", kVerifyFailed},
      Refusal{"bad_wrong_name", "wrong_name", kVerifyFailed}, Refusal{"bad_bare_star", "wrong_name", kVerifyFailed},
      Refusal{"bad_unknown_authority", "untrusted", kVerifyFailed},
      Refusal{"bad_self_signed", "untrusted", kVerifyFailed},
      Refusal{"bad_leaf_as_authority", "untrusted", kVerifyFailed},
      Refusal{"bad_path_too_long", "untrusted", kVerifyFailed},
      Refusal{"bad_authority_without_right", "untrusted", kVerifyFailed},
      Refusal{"bad_missing_intermediate", "untrusted", kVerifyFailed},
      Refusal{"bad_weak_key", "weak_key", kVerifyFailed}, Refusal{"bad_weak_issuer_key", "weak_key", kVerifyFailed},
      Refusal{"bad_weak_signature", "weak_signature", kVerifyFailed},
      Refusal{"bad_weak_signature_ec", "weak_signature", kVerifyFailed},
      Refusal{"bad_client_usage", "wrong_usage", kVerifyFailed},
      Refusal{"bad_client_issuer", "wrong_usage", kVerifyFailed},
      Refusal{"bad_encipherment_only", "wrong_usage", kVerifyFailed}, Refusal{"bad_revoked", "revoked", kVerifyFailed},
      Refusal{"bad_revoked_below", "revoked", kVerifyFailed},
      Refusal{"bad_untrusted_expired", "untrusted", kVerifyFailed},
      Refusal{"bad_expired_wrong_name", "wrong_name", kVerifyFailed},
      Refusal{"bad12_weak_key", "weak_key", kVerifyFailed},
      Refusal{"bad12_weak_signature", "weak_signature", kVerifyFailed},
      Refusal{"bad12_client_usage", "wrong_usage", kVerifyFailed}, Refusal{"bad12_revoked", "revoked", kVerifyFailed},
      Refusal{"bad12_unknown_authority", "untrusted", kVerifyFailed},
      Refusal{"bad12_wrong_name", "wrong_name", kVerifyFailed},
      // The rest by what the server says, or does not: the number of its alert, or mbedTLS's own.
      Refusal{"bad_tls10", "protocol_too_old", 70}, Refusal{"bad_tls11", "protocol_too_old", 70},
      Refusal{"tls_old_hello", "protocol_too_old", -0x6e80}, Refusal{"bad_tls12_cbc", "no_common_cipher", 40},
      Refusal{"bad_tls12_no_forward_secrecy", "no_common_cipher", 40}, Refusal{"tls_closes", "tls_failed", -0x7280},
      Refusal{"tls_plain_text", "tls_failed", -0x7200});
  CAPTURE(refusal.server);
  const auto url = device.peers.secure_url(refusal.server);

  const auto result = device.ask(*client, {.method = hal::HttpMethod::Post, .url = url, .body = "x"});

  REQUIRE(told(result) == std::string("not_sent ") + refusal.fault);
  CHECK(told(result.error().error) == "unavailable mbedtls " + std::to_string(refusal.foreign));
  CHECK(device.peers.arrivals(url) == 0);
}

TEST_CASE("dates are judged by hal's clock and not by the system's", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto proper = GENERATE("ok13_ec", "ok12_rsa_aes128");
  CAPTURE(proper);

  REQUIRE(get_told(device, *client, device.peers.secure_url(proper)) == "200");
  SECTION("in twenty years") {
    device.clock.shift(20 * 365 * kDay);
    CHECK(get_told(device, *client, device.peers.secure_url(proper)) == "not_sent expired");
  }
  SECTION("in 1999") {
    device.clock.show(core::WallTime{925'000'000s});
    CHECK(get_told(device, *client, device.peers.secure_url(proper)) == "not_sent not_yet_valid");
  }
  SECTION("with an estimated time") {
    device.clock.show(device.clock.wall().at, WallQuality::Estimated);
    CHECK(get_told(device, *client, device.peers.secure_url(proper)) == "200");
  }
  SECTION("a certificate that the system's clock finds expired, ten days ago") {
    device.clock.shift(-10 * kDay);
    CHECK(get_told(device, *client, device.peers.secure_url("bad_expired")) == "200");
  }
  SECTION("a certificate that the system's clock finds not yet valid, in two days") {
    device.clock.shift(2 * kDay);
    CHECK(get_told(device, *client, device.peers.secure_url("bad_not_yet_valid")) == "200");
  }
}

TEST_CASE("a kept connection and a session end with the certificates that they rest on", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto url = device.peers.secure_url("ok13_ec");
  REQUIRE(get_told(device, *client, url) == "200");
  REQUIRE(device.get(*client, url)->new_connection == false);

  device.clock.shift(20 * 365 * kDay);
  CHECK(get_told(device, *client, url) == "not_sent expired");

  device.clock.shift(-20 * 365 * kDay);
  const auto again = device.get(*client, url);
  REQUIRE(told(again) == "200");
  CHECK(again->new_connection);
}

TEST_CASE("while the time is unknown chains are checked and dates are not", "[http][tls]") {
  LinuxDevice device;
  auto settings = device.settings();
  settings.tls.revocation_lists_pem = device.peers.revocation_list("stale");
  const auto client = device.client(settings);
  device.clock.forget();
  const auto ask = [&](std::string_view server) {
    return told(device.ask(*client, {.url = device.peers.secure_url(server), .allow_unknown_time = true}));
  };

  CHECK(get_told(device, *client, device.peers.secure_url("ok13_ec")) == "not_sent clock_unknown");
  CHECK(ask("ok13_ec") == "200");
  CHECK(ask("bad_expired") == "200");
  CHECK(ask("bad_not_yet_valid") == "200");
  CHECK(ask("bad_unknown_authority") == "not_sent untrusted");
  CHECK(ask("bad_wrong_name") == "not_sent wrong_name");
  CHECK(ask("bad_client_usage") == "not_sent wrong_usage");
  CHECK(ask("bad_weak_key") == "not_sent weak_key");
  CHECK(ask("bad_revoked") == "not_sent revoked");
}

TEST_CASE("nothing of a connection made without the time is used when the time is known", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto known = device.clock.wall().at;
  const auto url = device.peers.secure_url("bad_expired");
  const int resumed = device.peers.count("resumed", "bad_expired");
  device.clock.forget();
  for (int round = 0; round < 2; ++round)
    REQUIRE(told(device.ask(*client, {.url = url, .allow_unknown_time = true})) == "200");

  device.clock.show(known);

  CHECK(get_told(device, *client, url) == "not_sent expired");
  CHECK(told(device.ask(*client, {.url = url, .allow_unknown_time = true})) == "not_sent expired");
  CHECK(device.peers.count("resumed", "bad_expired") == resumed);
}

TEST_CASE("revocation is checked against the lists that were given, and these have their dates too", "[http][tls]") {
  LinuxDevice device;
  auto settings = device.settings();
  const auto get = [&](std::string_view list, std::string_view server) {
    settings.tls.revocation_lists_pem = list.empty() ? "" : device.peers.revocation_list(list);
    const auto client = device.client(settings);
    return get_told(device, *client, device.peers.secure_url(server));
  };

  CHECK(get("", "bad_revoked") == "200");
  CHECK(get("good", "bad_revoked") == "not_sent revoked");
  CHECK(get("good", "bad_revoked_below") == "not_sent revoked");
  CHECK(get("good", "ok13_ec") == "200");
  CHECK(get("good", "ok_intermediate") == "200");
  CHECK(get("stale", "ok13_ec") == "not_sent revocation_list_stale");
  CHECK(get("stale", "ok12_rsa_aes128") == "not_sent revocation_list_stale");
  CHECK(get("stale", "bad_revoked") == "not_sent revoked");
  CHECK(get("old_and_new", "ok13_ec") == "200");
  CHECK(get("forged", "ok13_ec") == "not_sent untrusted");
  CHECK(get("of_somebody_else", "ok13_ec") == "200");
  device.clock.shift(40 * kDay);
  CHECK(get("good", "ok13_ec") == "not_sent revocation_list_stale");
  device.clock.shift(-42 * kDay);
  CHECK(get("stale", "ok13_ec") == "not_sent not_yet_valid");
  device.clock.shift(-13 * kDay);
  CHECK(get("stale", "ok13_rsa") == "not_sent not_yet_valid");
}

TEST_CASE("the offer to servers holds nothing weak", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();

  REQUIRE(get_told(device, *client, device.peers.secure_url("hello", "till.test")) == "not_sent no_common_cipher");

  const auto hello = device.peers.hello();
  // IANA's numbers: TLS 1.3's three suites, ECDHE with ChaCha20-Poly1305 or AES-GCM; renegotiation's signal (0xff).
  CHECK(numbers(hello, "suites") ==
        std::set<std::int64_t>{0x1301, 0x1302, 0x1303, 0xcca8, 0xcca9, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0x00ff});
  CHECK(numbers(hello, "versions") == std::set<std::int64_t>{0x0303, 0x0304});
  CHECK(numbers(hello, "groups") == std::set<std::int64_t>{23, 24, 29});  // P-256, P-384, X25519
  for (const auto signature : numbers(hello, "signatures")) {
    CAPTURE(signature);
    CHECK(std::set<std::int64_t>{0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806}.contains(
        signature));
  }
  CHECK(numbers(hello, "extensions").contains(35));  // session tickets: many servers keep no sessions otherwise
  CHECK(hello.root().member("server_name")->text().value_or("") == "till.test");
}

TEST_CASE("a handshake's randomness comes from hal and from nowhere else", "[http][tls]") {
  const auto hello_with_seed = [](std::uint64_t seed) {
    hal_virtual::VirtualRandom random(seed);
    LinuxDevice device;
    device.crypto.reset();
    auto crypto = security::Crypto::start(device.store, random);
    REQUIRE(crypto.has_value());
    device.crypto = *std::move(crypto);
    const auto client = device.client();
    CHECK(get_told(device, *client, device.peers.secure_url("hello")) == "not_sent no_common_cipher");
    const auto hello = device.peers.hello();
    return std::string(hello.root().member("random")->text().value_or(""));
  };

  const auto first = hello_with_seed(1);
  CHECK(first.size() == 64);
  CHECK(hello_with_seed(1) == first);
  CHECK(hello_with_seed(2) != first);
}

TEST_CASE("an answer whose end TLS does not vouch for is cut short", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto raw = [&](std::string_view server, std::string_view name) {
    return "https://127.0.0.1:" + std::to_string(device.peers.port(server)) + "/raw/" + std::string(name);
  };

  CHECK(get_told(device, *client, raw("ok13_ec", "no_length")) == "200");
  CHECK(get_told(device, *client, raw("ok12_ecdsa_aes128", "no_length")) == "200");
  CHECK(get_told(device, *client, raw("truncating", "no_length")) == "sent_unanswered answer_cut_short");
  CHECK(get_told(device, *client, raw("truncating", "length_too_long")) == "sent_unanswered answer_cut_short");
  CHECK(get_told(device, *client, raw("truncating", "length_twice_same")) == "200");
}

TEST_CASE("a server that closes a kept TLS connection instead of answering is asked once", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const char* server = GENERATE("ok13_ec", "ok12_ecdsa_aes128", "truncating");
  const char* kind = GENERATE("close", "reset");
  const bool only_kept = GENERATE(false, true);
  CAPTURE(server, kind, only_kept);
  REQUIRE(get_told(device, *client, device.peers.secure_url(server)) == "200");
  const int accepted = device.peers.count("accepted", server);
  const auto url = device.peers.secure_url(server, "127.0.0.1", "&kind=" + std::string(kind));

  const auto result = device.ask(*client, {.url = url, .kept_connection_only = only_kept});

  CHECK(told(result) == "sent_unanswered connection_lost");
  CHECK(device.peers.arrivals(url) == 1);
  CHECK(device.peers.count("accepted", server) == accepted);
}

TEST_CASE("sessions are resumed, with both protocols", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const char* server = GENERATE("ok13_ec", "ok12_ecdsa_aes128");
  CAPTURE(server);
  const int before = device.peers.count("resumed", server);

  for (int round = 0; round < 3; ++round)
    REQUIRE(get_told(device, *client, device.peers.secure_url(server, "127.0.0.1", "&close=1")) == "200");

  CHECK(device.peers.count("resumed", server) == before + 2);
}

TEST_CASE("a server of TLS 1.2 that signs as for 1.3 costs one handshake more, once", "[http][tls]") {
  LinuxDevice device;
  const auto client = device.client();
  const auto ask = [&] {
    const int before = device.peers.count("accepted", "ok12_rsa_chacha");
    const auto url = device.peers.secure_url("ok12_rsa_chacha", "127.0.0.1", "&close=1");
    CHECK(told(device.ask(*client, {.method = hal::HttpMethod::Post, .url = url, .body = "x"})) == "200");
    CHECK(device.peers.arrivals(url) == 1);
    return device.peers.count("accepted", "ok12_rsa_chacha") - before;
  };

  CHECK(ask() == 2);
  CHECK(ask() == 1);
}

TEST_CASE("without an anchor nobody is believed", "[http][tls]") {
  LinuxDevice device;
  auto settings = device.settings();
  settings.tls.trust_anchors_pem.clear();
  const auto client = device.client(settings);

  CHECK(get_told(device, *client, device.peers.secure_url("ok13_ec")) == "not_sent untrusted");
}

}  // namespace tillkit::contract
