// SPDX-License-Identifier: Apache-2.0
#include "device.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "authority_digest.hpp"
#include "checks.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::string_view kContract = "1.0";
constexpr std::size_t kNonceCharacters = 22;
constexpr std::size_t kRequestCharactersMin = 64;
constexpr std::size_t kRequestCharactersMax = 3'072;
/// Good certificates of one terminal; a terminal needs two, while it renews.
constexpr std::size_t kCertificatesMax = 16;
constexpr std::size_t kFaultsMax = 32;

bool is_base64url(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool is_claim_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

bool is_firmware_char(char c) {
  return core::is_id_char(c) || c == '+';
}

std::string base64url(std::string_view bytes) {
  return core::encode_base64url(core::as_bytes(bytes));
}

// --- session ---

Result<HttpAnswer> session(const Cloud& cloud, const Call& call) {
  std::optional<std::string> nonce;
  for (const auto& [name, value] : call.http.query) {
    const bool good =
        name == "nonce" && !nonce && value.size() == kNonceCharacters && std::ranges::all_of(value, is_base64url);
    if (!good) return problem(Problem::InvalidRequest, "nonce");
    nonce = value;
  }
  TILLKIT_TRY(const std::string now, core::format_rfc3339(wall_now()));
  JsonWriter json;
  json.begin_object().name("contract").text(kContract).name("server_time").text(now);
  if (nonce) {
    TILLKIT_TRY(const std::string signature, cloud.authority.sign("tillkit-time-1\n" + *nonce + "\n" + now));
    json.name("signed_time").begin_object().name("nonce").text(*nonce).name("at").text(now);
    json.name("key").text(cloud.authority.signing_key_name()).name("signature").text(base64url(signature)).end_object();
  }
  json.end_object();
  return answer_of(json.finish());
}

// --- certificates ---

Result<> write_certificate(JsonWriter& json, const Cloud& cloud, const CertificateRow& certificate) {
  const core::WallTime until{std::chrono::milliseconds(certificate.until_ms)};
  TILLKIT_TRY(const std::string until_text, core::format_rfc3339(until));
  json.name("certificates").text(certificate.pem).name("valid_until").text(until_text);
  json.name("trust_anchors").text(cloud.authority.root_pem());
  json.name("keys").begin_array().begin_object().name("name").text(cloud.authority.signing_key_name());
  json.name("public_key").text(base64url(cloud.authority.signing_public_key())).end_object().end_array();
  return {};
}

struct Issued {
  CertificateRow row;
  std::string serial;
};

Result<Issued> issue(const Cloud& cloud, Tx& tx, std::string_view request, const std::string& terminal) {
  TILLKIT_TRY(const DeviceCertificate made, cloud.authority.issue(request, terminal));
  Issued issued{.row = {.pem = made.pem, .until_ms = milliseconds_of(made.until)}, .serial = made.serial};
  TILLKIT_TRY_VOID(put_row(tx, kCertificates, terminal, issued.serial, issued.row));
  return issued;
}

/// How many of the terminal's certificates are good; forgets those that are over.
Result<std::size_t> tidy_certificates(Tx& tx, const std::string& terminal) {
  TILLKIT_TRY(const std::vector<Row> rows, tx.list(kCertificates, terminal, "", 4 * kCertificatesMax));
  std::size_t good = 0;
  for (const Row& row : rows) {
    TILLKIT_TRY(const CertificateRow certificate, read_row<CertificateRow>(row.value));
    if (certificate.until_ms > milliseconds_of(wall_now())) {
      good += certificate.revoked ? 0 : 1;
    } else {
      TILLKIT_TRY_VOID(tx.erase(kCertificates, terminal, row.at.key));
    }
  }
  return good;
}

// --- enrol ---

struct Enrolment {
  ClaimRow claim{};
  TerminalRow terminal{};
  MerchantRow merchant{};
  CertificateRow certificate{};
};

struct EnrolRequest {
  std::string claim;
  std::string certificate_request;
  std::string firmware;
  std::string public_key;  // base64url
};

/// The first use of a claim: whoever was this terminal before is it no longer.
Result<> use_claim(const Cloud& cloud, Tx& tx, const EnrolRequest& asked, Enrolment& enrolment,
                   std::vector<std::string>& revoked) {
  ClaimRow& claim = enrolment.claim;
  TILLKIT_TRY_VOID(revoke_certificates(tx, claim.terminal, revoked));
  TILLKIT_TRY(const Issued issued, issue(cloud, tx, asked.certificate_request, claim.terminal));
  TILLKIT_TRY(const auto store, find_row<StoreRow>(tx, kStores, "", claim.store));
  if (!store) return core::fail(core::ErrorCode::Corrupt);
  claim.used_by = asked.public_key;
  claim.serial = issued.serial;
  enrolment.certificate = issued.row;
  enrolment.terminal = {.store = claim.store,
                        .merchant = store->merchant,
                        .public_key = asked.public_key,
                        .firmware = asked.firmware,
                        .enrolled_ms = milliseconds_of(wall_now())};
  TILLKIT_TRY_VOID(put_row(tx, kClaims, "", claim_key(asked.claim), claim));
  return put_row(tx, kTerminals, claim.terminal, kOnly, enrolment.terminal);
}

/// The same device again, which never got the answer. False: it is not that terminal any more.
Result<bool> repeat_claim(const Cloud& cloud, Tx& tx, const EnrolRequest& asked, Enrolment& enrolment) {
  ClaimRow& claim = enrolment.claim;
  TILLKIT_TRY(const auto terminal, find_row<TerminalRow>(tx, kTerminals, claim.terminal, kOnly));
  if (!terminal || terminal->revoked || terminal->public_key != asked.public_key) return false;
  enrolment.terminal = *terminal;
  TILLKIT_TRY(const auto known, find_row<CertificateRow>(tx, kCertificates, claim.terminal, claim.serial));
  if (known && known->revoked) return false;
  if (known && known->until_ms > milliseconds_of(wall_now())) {
    enrolment.certificate = *known;
    return true;
  }
  TILLKIT_TRY(const Issued issued, issue(cloud, tx, asked.certificate_request, claim.terminal));
  enrolment.certificate = issued.row;
  claim.serial = issued.serial;
  TILLKIT_TRY_VOID(put_row(tx, kClaims, "", claim_key(asked.claim), claim));
  return true;
}

/// None: refused.
Result<std::optional<Enrolment>> enrol_in(const Cloud& cloud, Tx& tx, const EnrolRequest& asked,
                                          std::vector<std::string>& revoked) {
  TILLKIT_TRY(const auto claim, find_row<ClaimRow>(tx, kClaims, "", claim_key(asked.claim)));
  if (!claim) return std::optional<Enrolment>();
  Enrolment enrolment{.claim = *claim};
  if (claim->used_by.empty()) {
    if (claim->until_ms <= milliseconds_of(wall_now())) return std::optional<Enrolment>();
    TILLKIT_TRY_VOID(use_claim(cloud, tx, asked, enrolment, revoked));
  } else {
    if (claim->used_by != asked.public_key) return std::optional<Enrolment>();
    TILLKIT_TRY(const bool same, repeat_claim(cloud, tx, asked, enrolment));
    if (!same) return std::optional<Enrolment>();
  }
  TILLKIT_TRY(const auto merchant, find_row<MerchantRow>(tx, kMerchants, "", enrolment.terminal.merchant));
  if (!merchant) return core::fail(core::ErrorCode::Corrupt);
  enrolment.merchant = *merchant;
  return std::optional(std::move(enrolment));
}

Result<HttpAnswer> enrol(Cloud& cloud, const Call& call) {
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"claim", "certificate_request", "firmware"}));
  EnrolRequest asked;
  TILLKIT_TRY(asked.claim, read_pattern(body, "claim", 8, 64, is_claim_char));
  TILLKIT_TRY(asked.certificate_request,
              read_words(body, "certificate_request", kRequestCharactersMin, kRequestCharactersMax));
  TILLKIT_TRY(asked.firmware, read_pattern(body, "firmware", 1, 64, is_firmware_char));
  const auto key = cloud.authority.requested_key(asked.certificate_request);
  if (!key) return problem(Problem::CertificateRequestRefused);
  asked.public_key = base64url(*key);

  std::optional<Enrolment> enrolment;
  std::vector<std::string> revoked;
  const Result<> stored = cloud.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(enrolment, enrol_in(cloud, tx, asked, revoked));
    return {};
  });
  TILLKIT_TRY_VOID(stored);
  if (!enrolment) return problem(Problem::ClaimRefused);
  for (const std::string& serial : revoked)
    cloud.authority.revoke(serial);

  JsonWriter json;
  json.begin_object().name("terminal").text(enrolment->claim.terminal).name("store").text(enrolment->terminal.store);
  json.name("currency").text(enrolment->merchant.currency);
  TILLKIT_TRY_VOID(write_certificate(json, cloud, enrolment->certificate));
  json.name("merchant_key").text(enrolment->merchant.key).end_object();
  return answer_of(json.finish());
}

// --- renew ---

Result<HttpAnswer> renew(const Cloud& cloud, const Call& call) {
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"certificate_request"}));
  TILLKIT_TRY(const std::string request,
              read_words(body, "certificate_request", kRequestCharactersMin, kRequestCharactersMax));
  const auto key = cloud.authority.requested_key(request);
  if (!key) return problem(Problem::CertificateRequestRefused);

  const std::string& name = call.caller.terminal;
  std::optional<Issued> issued;
  const Result<> stored = cloud.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const std::size_t good, tidy_certificates(tx, name));
    if (good >= kCertificatesMax) return {};
    TILLKIT_TRY(auto terminal, find_row<TerminalRow>(tx, kTerminals, name, kOnly));
    if (!terminal) return core::fail(core::ErrorCode::Corrupt);
    terminal->public_key = base64url(*key);
    TILLKIT_TRY_VOID(put_row(tx, kTerminals, name, kOnly, *terminal));
    TILLKIT_TRY(issued, issue(cloud, tx, request, name));
    return {};
  });
  TILLKIT_TRY_VOID(stored);
  if (!issued) return problem(Problem::TooManyRequests, "too many certificates that are still good");

  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_certificate(json, cloud, issued->row));
  json.end_object();
  return answer_of(json.finish());
}

// --- health ---

Result<> check_optional_name(const JsonValue& body, std::string_view name) {
  if (body.find(name)) TILLKIT_TRY_VOID(read_name(body, name));
  return {};
}

Result<> check_faults(const JsonValue& body) {
  TILLKIT_TRY(const JsonValue faults, body.member("faults"));
  TILLKIT_TRY(const auto elements, faults.elements());
  if (faults.size() > kFaultsMax) return faults.mistake();
  for (const JsonValue fault : elements) {
    TILLKIT_TRY_VOID(fault.only({"what", "count"}));
    TILLKIT_TRY_VOID(read_name(fault, "what"));
    TILLKIT_TRY_VOID(read_count(fault, "count"));
  }
  return {};
}

Result<> check_health(const JsonValue& body) {
  constexpr std::int64_t kBootMax = 4'294'967'295;
  TILLKIT_TRY_VOID(
      body.only({"firmware", "at", "clock", "boot", "sells", "stopped", "unsent_records", "oldest_unsent_at",
                 "parked_records", "unresolved", "at_risk_minor", "free_bytes", "faults"}));
  TILLKIT_TRY_VOID(read_pattern(body, "firmware", 1, 64, is_firmware_char));
  TILLKIT_TRY_VOID(read_milliseconds(body, "at"));
  TILLKIT_TRY(const JsonValue clock, body.member("clock"));
  TILLKIT_TRY(const std::string_view quality, clock.text());
  if (quality != "trusted" && quality != "estimated" && quality != "unknown") return clock.mistake();
  TILLKIT_TRY_VOID(read_number(body, "boot", 1, kBootMax));
  TILLKIT_TRY(const JsonValue sells, body.member("sells"));
  TILLKIT_TRY_VOID(sells.boolean());
  TILLKIT_TRY_VOID(check_optional_name(body, "stopped"));
  if (body.find("oldest_unsent_at")) TILLKIT_TRY_VOID(read_milliseconds(body, "oldest_unsent_at"));
  for (const std::string_view count :
       {"unsent_records", "parked_records", "unresolved", "at_risk_minor", "free_bytes"}) {
    TILLKIT_TRY_VOID(read_count(body, count));
  }
  return check_faults(body);
}

Result<HttpAnswer> health(const Cloud& cloud, const Call& call) {
  TILLKIT_TRY_VOID(check_health(*call.body));
  JsonWriter row;
  row.begin_object().name("received_ms").integer(milliseconds_of(wall_now()));
  row.name("report").value(*call.body).end_object();
  TILLKIT_TRY(const std::string value, row.finish());
  TILLKIT_TRY_VOID(cloud.storage.update([&](Tx& tx) { return tx.put(kHealth, call.caller.terminal, kOnly, value); }));
  return HttpAnswer{.body = R"({"noted":true})"};
}

}  // namespace

void add_device_operations(Router& router, Cloud& cloud) {
  constexpr std::size_t kSmall = 4'096;
  router.add({.method = "GET",
              .path = "/v1/session",
              .who = Who::Anybody,
              .body_bytes_max = 0,
              .handle = [&cloud](Call& call) { return session(cloud, call); }});
  router.add({.method = "POST",
              .path = "/v1/enrol",
              .who = Who::Anybody,
              .body_bytes_max = kSmall,
              .handle = [&cloud](Call& call) { return enrol(cloud, call); }});
  router.add({.method = "POST", .path = "/v1/renew", .body_bytes_max = kSmall, .handle = [&cloud](Call& call) {
                return renew(cloud, call);
              }});
  router.add({.method = "POST", .path = "/v1/health", .body_bytes_max = kSmall, .handle = [&cloud](Call& call) {
                return health(cloud, call);
              }});
}

std::string claim_key(std::string_view code) {
  std::string letters;
  for (const char c : code) {
    if (c != '-') letters += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return core::encode_hex(core::as_bytes(sha256(letters)));
}

Result<> revoke_certificates(Tx& tx, const std::string& terminal, std::vector<std::string>& revoked) {
  TILLKIT_TRY_VOID(tidy_certificates(tx, terminal));
  TILLKIT_TRY(const std::vector<Row> rows, tx.list(kCertificates, terminal, "", 4 * kCertificatesMax));
  for (const Row& row : rows) {
    TILLKIT_TRY(CertificateRow certificate, read_row<CertificateRow>(row.value));
    if (certificate.revoked) continue;
    certificate.revoked = true;
    TILLKIT_TRY_VOID(put_row(tx, kCertificates, terminal, row.at.key, certificate));
    revoked.push_back(row.at.key);
  }
  return {};
}

Result<> restore_revocations(Cloud& cloud) {
  constexpr std::size_t kPage = 500;
  RowKey after;
  while (true) {
    std::vector<Row> rows;
    const Result<> read = cloud.storage.view([&](Reader& reader) -> Result<> {
      TILLKIT_TRY(rows, reader.list_all(kCertificates, after, kPage));
      return {};
    });
    TILLKIT_TRY_VOID(read);
    for (const Row& row : rows) {
      TILLKIT_TRY(const CertificateRow certificate, read_row<CertificateRow>(row.value));
      if (certificate.revoked) cloud.authority.revoke(row.at.key);
    }
    if (rows.size() < kPage) return {};
    after = rows.back().at;
  }
}

}  // namespace tillkit::sandbox
