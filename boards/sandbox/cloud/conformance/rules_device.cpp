// SPDX-License-Identifier: Apache-2.0
// TLS, the session, enrolment and renewal.
#include <array>
#include <chrono>
#include <cstdlib>

#include "authority_signature.hpp"
#include "certificates.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/time.hpp"
#include "world.hpp"

namespace tillkit::conformance {
namespace {

constexpr std::string_view kNonceCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kNonceSize = 22;
constexpr std::chrono::minutes kClocksApartMax{5};
constexpr std::string_view kNobodysClaim = "0000-NONE-0000";
enum KeyName : std::uint8_t { kKeyOfStranger = 5, kKeyOfRenewal = 6, kKeyOfForeign = 7 };

Finding no_answer_wanted(std::string_view sent, std::string_view came, std::string_view expected) {
  return {.sent = std::string(sent), .came = std::string(came), .expected = std::string(expected)};
}

std::string nonce(World& world) {
  // The last of 22 characters stands for two bits.
  return world.wire.random_text(kNonceSize - 1, kNonceCharacters) + "A";
}

/// Refused in the handshake, or with 403 whatever is asked.
Verdict expect_refused_everywhere(World& world, Device& device) {
  const auto session = world.wire.session(device);
  if (!session) return {};
  TILLKIT_TRY_VOID(expect_problem(*session, {"not-allowed"}));
  return {};
}

// --- TLS ---

Verdict takes_terminals_tls(World& world) {
  TILLKIT_TRY(const Answer answer, world.wire.session(world.anonymous));
  return expect_ok(answer);
}

Verdict refuses_old_tls(World& world) {
  const auto spoken = speaks_old_tls(world.wire.origin());
  if (!spoken) return std::unexpected(no_answer_wanted("a TCP connection", "none", "a connection"));
  if (!*spoken) return {};
  return std::unexpected(
      no_answer_wanted("a handshake with TLS 1.0 and 1.1", "it was completed", "no version before TLS 1.2"));
}

Verdict asks_for_a_certificate(World& world) {
  for (const std::string_view path : {"/v1/gateway/authorise", "/v1/gateway/query", "/v1/gateway/reverse",
                                      "/v1/gateway/refund", "/v1/journal", "/v1/leases", "/v1/health", "/v1/renew"}) {
    TILLKIT_TRY(const Answer answer, world.wire.post(world.anonymous, path, "{}"));
    TILLKIT_TRY_VOID(expect_problem(answer, {"not-allowed"}));
  }
  TILLKIT_TRY(const Answer news, world.wire.get(world.anonymous, "/v1/news?feed=decisions"));
  return expect_problem(news, {"not-allowed"});
}

Verdict refuses_foreign_certificate(World& world) {
  Device foreign{.label = "a device with a certificate of another authority"};
  const auto key = world.wire.key(kKeyOfForeign);
  if (!key) return std::unexpected(no_answer_wanted("nothing", "no key can be made", "a key"));
  foreign.key = *key;
  const auto made =
      foreign_certificate(world.folder + "/foreign", world.certificate_request(foreign.key), world.a.terminal);
  if (made) foreign.certificates = *made;
  if (!made || !world.wire.connect(foreign)) {
    return std::unexpected(no_answer_wanted("nothing", "no certificate can be made", "a certificate"));
  }
  return expect_refused_everywhere(world, foreign);
}

Verdict refuses_revoked(World& world) {
  Device& doomed = world.c;
  TILLKIT_TRY(const Answer before, world.wire.session(doomed));
  TILLKIT_TRY_VOID(expect_ok(before));
  setenv("TILLKIT_REVOKE", world.options.revoke.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  setenv("TILLKIT_TERMINAL", doomed.terminal.c_str(), 1);     // NOLINT(concurrency-mt-unsafe): one thread
  const int status = std::system(
      R"(sh -c "$TILLKIT_REVOKE" revoke "$TILLKIT_TERMINAL" >&2)");  // NOLINT(concurrency-mt-unsafe,cert-env33-c):
                                                                     // the operator's own command
  if (status != 0) {
    return std::unexpected(no_answer_wanted("the command of --revoke", "it failed", "that it revokes the terminal"));
  }
  // On the connection that it has, and on a new one.
  const auto kept = world.wire.post(doomed, "/v1/gateway/query", R"({"order":)" + json_text(world.order(doomed)) + "}");
  if (kept) TILLKIT_TRY_VOID(expect_problem(*kept, {"not-allowed"}));
  if (!world.wire.connect(doomed)) return std::unexpected(no_answer_wanted("nothing", "no client", "a client"));
  return expect_refused_everywhere(world, doomed);
}

// --- session ---

Verdict says_hello(World& world) {
  TILLKIT_TRY(const Answer answer, world.wire.session(world.a));
  TILLKIT_TRY_VOID(expect_ok(answer));
  TILLKIT_TRY_VOID(expect(answer.text("contract").starts_with("1."), answer, "contract 1 and a minor version"));
  return expect(!answer.find("signed_time"), answer, "no signed_time where no nonce was given");
}

Verdict signs_the_time(World& world) {
  for (int i = 0; i < 2; ++i) {
    const std::string mine = nonce(world);
    TILLKIT_TRY(const Answer answer, world.wire.session(world.a, "?nonce=" + mine));
    TILLKIT_TRY_VOID(expect_ok(answer));
    TILLKIT_TRY_VOID(expect(answer.text("signed_time/nonce") == mine, answer, "the nonce that was sent"));
    const auto key = world.wire.cloud_keys.find(answer.text("signed_time/key"));
    TILLKIT_TRY_VOID(expect(key != world.wire.cloud_keys.end(), answer, "a key among those of enrol's answer"));
    const auto signature = core::decode_base64url(answer.text("signed_time/signature"));
    const std::string message = "tillkit-time-1\n" + mine + "\n" + answer.text("signed_time/at");
    const bool good =
        signature && sandbox::is_signed_es256(core::as_text(key->second), message, core::as_text(*signature));
    TILLKIT_TRY_VOID(expect(good, answer, "ES256 (r and s) over tillkit-time-1, the nonce and `at`"));
  }
  return {};
}

Verdict tells_the_time(World& world) {
  TILLKIT_TRY(const Answer answer, world.wire.session(world.a, "?nonce=" + nonce(world)));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const std::string_view name : {"server_time", "signed_time/at"}) {
    const auto told = core::parse_rfc3339(answer.text(name));
    const bool near = told && std::chrono::abs(told->time_since_epoch() - now) < kClocksApartMax;
    TILLKIT_TRY_VOID(expect(near, answer, std::string(name) + " within five minutes of this machine's clock"));
  }
  return {};
}

Verdict session_is_strict(World& world) {
  for (const std::string_view query : {"?nonce=short", "?nonce=3q2-7wABAgMEBQYHCAkKCwA", "?other=1"}) {
    TILLKIT_TRY(const Answer answer, world.wire.session(world.a, query));
    TILLKIT_TRY_VOID(expect_problem(answer, {"invalid-request"}));
  }
  return {};
}

// --- enrolment ---

Verdict refuses_bad_requests(World& world) {
  const auto key = world.wire.key(kKeyOfStranger);
  if (!key) return std::unexpected(no_answer_wanted("nothing", "no key can be made", "a key"));
  std::string tampered = world.certificate_request(*key);
  char& middle = tampered.at(tampered.size() / 2);
  middle = middle == 'A' ? 'B' : 'A';
  for (const std::string& request : {tampered, p384_request(), std::string(64, 'x')}) {
    TILLKIT_TRY(const Answer answer,
                world.wire.post(world.anonymous, "/v1/enrol", world.enrol_body(world.a.claim, request)));
    // Whoever looks at the claim first cannot be told apart where an earlier run has used it.
    if (world.claim_was_used && answer.problem() == "claim-refused") continue;
    TILLKIT_TRY_VOID(expect_problem(answer, {"certificate-request-refused"}));
  }
  return {};
}

Verdict enrols(World& world) {
  TILLKIT_TRY_VOID(world.enrol_all());
  const Answer& answer = world.a.enrolment;
  const auto point = world.wire.crypto().public_key(world.a.key);
  if (!point) return std::unexpected(no_answer_wanted("nothing", "no key", "a key"));
  const auto wrong = wrong_with_certificate(answer.text("certificates"), answer.text("trust_anchors"),
                                            core::as_text(*point), answer.text("valid_until"));
  if (wrong) return broken(answer, *wrong);
  TILLKIT_TRY(const Answer hello, world.wire.session(world.a));
  return expect_ok(hello);
}

Verdict answers_the_same_device_again(World& world) {
  TILLKIT_TRY(const Answer again,
              world.wire.post(world.anonymous, "/v1/enrol",
                              world.enrol_body(world.a.claim, world.certificate_request(world.a.key))));
  TILLKIT_TRY_VOID(expect_ok(again));
  const bool same = again.text("terminal") == world.a.terminal && again.text("store") == world.a.store &&
                    again.text("merchant_key") == world.a.merchant_key;
  TILLKIT_TRY_VOID(expect(same, again, "the terminal " + world.a.terminal + ", its store and merchant_key again"));
  TILLKIT_TRY(const Answer hello, world.wire.session(world.a));
  return expect_ok(hello);
}

Verdict refuses_another_device(World& world) {
  const auto key = world.wire.key(kKeyOfStranger);
  if (!key) return std::unexpected(no_answer_wanted("nothing", "no key can be made", "a key"));
  TILLKIT_TRY(const Answer answer, world.wire.post(world.anonymous, "/v1/enrol",
                                                   world.enrol_body(world.a.claim, world.certificate_request(*key))));
  TILLKIT_TRY_VOID(expect_problem(answer, {"claim-refused"}));
  TILLKIT_TRY(const Answer hello, world.wire.session(world.a));
  return expect_ok(hello);
}

Verdict refuses_unknown_claim(World& world) {
  const auto key = world.wire.key(kKeyOfStranger);
  if (!key) return std::unexpected(no_answer_wanted("nothing", "no key can be made", "a key"));
  TILLKIT_TRY(const Answer answer, world.wire.post(world.anonymous, "/v1/enrol",
                                                   world.enrol_body(kNobodysClaim, world.certificate_request(*key))));
  return expect_problem(answer, {"claim-refused"});
}

Verdict one_key_for_a_merchant(World& world) {
  if (world.a.merchant_key == world.b.merchant_key) return {};
  return std::unexpected(no_answer_wanted("POST /v1/enrol for two terminals of a merchant",
                                          "two values of merchant_key",
                                          "one merchant_key for all terminals of a merchant"));
}

Verdict another_key_for_another_merchant(World& world) {
  if (world.a.merchant_key != world.other.merchant_key) return {};
  return std::unexpected(no_answer_wanted("POST /v1/enrol for terminals of two merchants", "one value of merchant_key",
                                          "a merchant_key of each merchant's own"));
}

// --- renewal ---

Verdict renews(World& world) {
  Device& device = world.c;
  Device renewed{.label = "terminal C, renewed", .terminal = device.terminal};
  const auto key = world.wire.key(kKeyOfRenewal);
  if (!key) return std::unexpected(no_answer_wanted("nothing", "no key can be made", "a key"));
  renewed.key = *key;
  TILLKIT_TRY(const Answer answer,
              world.wire.post(device, "/v1/renew",
                              R"({"certificate_request":)" + json_text(world.certificate_request(*key)) + "}"));
  TILLKIT_TRY_VOID(expect_ok(answer));
  const auto point = world.wire.crypto().public_key(*key);
  if (!point) return std::unexpected(no_answer_wanted("nothing", "no key", "a key"));
  const auto wrong = wrong_with_certificate(answer.text("certificates"), answer.text("trust_anchors"),
                                            core::as_text(*point), answer.text("valid_until"));
  if (wrong) return broken(answer, *wrong);
  renewed.certificates = answer.text("certificates");
  if (!world.wire.connect(renewed)) return broken(answer, "certificates of the key in the request");
  TILLKIT_TRY(const Answer with_new, world.wire.session(renewed));
  TILLKIT_TRY_VOID(expect_ok(with_new));
  if (!world.wire.connect(device)) return broken(answer, "an old certificate that can be used still");
  const auto with_old = world.wire.session(device);
  if (!with_old || with_old->status != 200) return broken(answer, "that the old certificate is good until it ends");
  return {};
}

Verdict renewal_refuses_bad_requests(World& world) {
  for (const std::string& request : {p384_request(), std::string(64, 'x')}) {
    TILLKIT_TRY(const Answer answer,
                world.wire.post(world.a, "/v1/renew", R"({"certificate_request":)" + json_text(request) + "}"));
    TILLKIT_TRY_VOID(expect_problem(answer, {"certificate-request-refused"}));
  }
  return {};
}

// clang-format off
constexpr std::array kRules{
    Rule{"tls.terminal", "info: Who talks; session", "A terminal's TLS takes the server: certificate, name, usage, TLS 1.2 or 1.3, AEAD",
         "no terminal gets through: sales stay offline, wallets cannot be taken", kNothing, &takes_terminals_tls},
    Rule{"tls.version", "info: Who talks", "Nothing before TLS 1.2 is spoken",
         "what is said can be read and changed on the way: amounts, codes, books", kNothing, &refuses_old_tls},
    Rule{"tls.certificate", "info: Who talks; session, enrol", "Without a client certificate only session and enrol are answered, all else is 403 not-allowed",
         "anybody can charge, reverse and refund for the merchant", kNothing, &asks_for_a_certificate},
    Rule{"enrol.certificate-request", "POST /v1/enrol, x-problems", "A certificate request that is tampered with, no P-256 key's or no request is refused",
         "somebody else's key can become a terminal", kClaim, &refuses_bad_requests},
    Rule{"enrol.terminal", "POST /v1/enrol", "A claim makes the device its terminal, with a certificate for its key, and a refused request has not used it up",
         "no terminal of this merchant can be set up", kClaim, &enrols},
    Rule{"enrol.again", "POST /v1/enrol", "Same code and same key: the same terminal again",
         "a device that lost the answer cannot sell, or takes the next terminal's books", kTerminal, &answers_the_same_device_again},
    Rule{"enrol.once", "POST /v1/enrol", "Same code and another key: 403 claim-refused",
         "whoever reads a used code can charge and refund as this terminal", kTerminal, &refuses_another_device},
    Rule{"enrol.unknown-claim", "POST /v1/enrol, x-problems", "A code that nobody made is refused with claim-refused",
         "anybody can make terminals", kNothing, &refuses_unknown_claim},
    Rule{"enrol.merchant-key", "schemas: Enrolment.merchant_key", "All terminals of a merchant get one merchant_key",
         "a member is somebody else at each terminal: points and coupons double", kTerminal | kSecondTerminal, &one_key_for_a_merchant},
    Rule{"enrol.other-merchant", "schemas: Enrolment.merchant_key", "Another merchant's terminals get another merchant_key",
         "one merchant can tell another's members", kTerminal | kOtherMerchant, &another_key_for_another_merchant},
    Rule{"tls.foreign-certificate", "info: Who talks", "A certificate of another authority is refused, whatever name it has",
         "anybody can charge, reverse and refund in a terminal's name", kTerminal, &refuses_foreign_certificate},
    Rule{"session.hello", "GET /v1/session", "The session tells the contract's version, and no signed time where no nonce was given",
         "terminals send nothing: sales stay offline", kTerminal, &says_hello},
    Rule{"session.signed-time", "GET /v1/session", "The time is signed for the nonce that was sent, with a key of enrol's answer",
         "a terminal takes a recorded time: expired certificates, coupons and offers count again", kTerminal, &signs_the_time},
    Rule{"session.time", "GET /v1/session", "server_time and the signed time are the time",
         "offers, coupons and business days are taken for another day", kTerminal, &tells_the_time},
    Rule{"session.strict", "GET /v1/session: nonce; info: Versions", "A nonce of another form and other parameters are 400 invalid-request",
         "a fault of the terminal's software goes on unseen", kTerminal, &session_is_strict},
    Rule{"renew.both-good", "POST /v1/renew", "A renewed certificate is good, and the old one until it ends",
         "a terminal that lost the answer is locked out with its unsent sales", kTerminal | kThirdTerminal, &renews},
    Rule{"renew.certificate-request", "POST /v1/renew, x-problems", "A bad certificate request is refused",
         "a terminal ends up with a certificate it cannot use", kTerminal, &renewal_refuses_bad_requests},
};
constexpr std::array kLastRules{
    Rule{"tls.revoked", "info: A terminal's life", "A revoked terminal is refused at once, on its connection and on new ones",
         "a stolen terminal goes on charging and refunding", kTerminal | kThirdTerminal | kRevoke, &refuses_revoked},
};
// clang-format on

}  // namespace

std::span<const Rule> device_rules() {
  return kRules;
}

std::span<const Rule> last_rules() {
  return kLastRules;
}

}  // namespace tillkit::conformance
