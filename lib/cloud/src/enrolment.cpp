// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/enrolment.hpp"

#include <algorithm>
#include <utility>

#include "reading.hpp"
#include "tillkit/core/json_writer.hpp"
#include "writing.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::size_t kClaimCharactersMin = 8;
constexpr std::size_t kClaimCharactersMax = 64;
constexpr std::size_t kCertificateRequestBytesMin = 64;
constexpr std::size_t kMerchantKeyBytes = 32;

constexpr bool is_claim_char(char c) {
  return core::is_id_char(c) && c != '.' && c != '_' && c != ':';
}

Result<> write_certificate_request(JsonWriter& json, std::string_view text) {
  if (text.size() < kCertificateRequestBytesMin || text.size() > kCertificateRequestBytesMax)
    return fail(ErrorCode::InvalidArgument);
  json.name("certificate_request").text(text);
  return {};
}

/// Takes `text` away from the front, if it is there.
bool skip(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

bool skip_line_end(std::string_view& rest) {
  return skip(rest, "\r\n") || skip(rest, "\n");
}

/// Takes `-----BEGIN LABEL-----` or the like away.
bool skip_boundary(std::string_view& rest, std::string_view begin) {
  constexpr std::size_t kLabelMax = 40;
  if (!skip(rest, begin)) return false;
  std::size_t label = 0;
  while (label < rest.size() && (rest[label] == ' ' || (rest[label] >= 'A' && rest[label] <= 'Z')))
    ++label;
  if (label == 0 || label > kLabelMax) return false;
  rest.remove_prefix(label);
  return skip(rest, "-----");
}

bool skip_block(std::string_view& rest) {
  constexpr std::size_t kCharactersMax = 16'000;
  const auto inside = [](char c) {
    return (core::is_id_char(c) && c != '.' && c != '_' && c != ':' && c != '-') || c == '+' || c == '/' || c == '=' ||
           c == '\r' || c == '\n';
  };
  if (!skip_boundary(rest, "-----BEGIN ") || !skip_line_end(rest)) return false;
  const auto end = std::ranges::find_if_not(rest, inside);
  const auto characters = static_cast<std::size_t>(end - rest.begin());
  if (characters == 0 || characters > kCharactersMax) return false;
  rest.remove_prefix(characters);
  return skip_boundary(rest, "-----END ") && skip_line_end(rest);
}

/// One to eight blocks of PEM, as the contract has them. What is in them, whoever uses them looks.
Result<std::string> read_pem(const JsonValue& object, std::string_view name) {
  constexpr int kBlocksMax = 8;
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  if (text.empty() || text.size() > kCertificatesBytesMax) return value.mistake();
  std::string_view rest = text;
  for (int block = 0; !rest.empty(); ++block) {
    if (block == kBlocksMax || !skip_block(rest)) return value.mistake();
  }
  return std::string(text);
}

Result<Credentials> read_credentials(const JsonValue& root) {
  Credentials credentials;
  TILLKIT_TRY(credentials.certificates, read_pem(root, "certificates"));
  TILLKIT_TRY(credentials.valid_until, read_moment(root, "valid_until"));
  TILLKIT_TRY(credentials.trust_anchors, read_pem(root, "trust_anchors"));
  TILLKIT_TRY(credentials.keys, read_cloud_keys(root));
  return credentials;
}

Result<Enrolment> read_enrolment(const JsonValue& root) {
  Enrolment enrolment;
  TILLKIT_TRY(enrolment.terminal, read_id<TerminalId>(root, "terminal"));
  TILLKIT_TRY(enrolment.store, read_id<Name>(root, "store"));
  if (const auto currency = root.find("currency")) {
    TILLKIT_TRY(const std::string_view alpha, currency->text());
    const auto known = core::find_currency(alpha);
    if (!known) return currency->mistake();
    enrolment.currency = *known;
  }
  TILLKIT_TRY(enrolment.credentials, read_credentials(root));
  TILLKIT_TRY(const JsonValue key, root.member("merchant_key"));
  TILLKIT_TRY(const std::string_view encoded, key.text());
  auto bytes = core::decode_base64url(encoded);
  if (!bytes || bytes->size() != kMerchantKeyBytes) return key.mistake();
  enrolment.merchant_key = core::Secret(*std::move(bytes));
  return enrolment;
}

}  // namespace

Result<std::string> enrol_body(const EnrolRequest& request) {
  if (request.claim.size() < kClaimCharactersMin || request.claim.size() > kClaimCharactersMax ||
      !std::ranges::all_of(request.claim, is_claim_char)) {
    return fail(ErrorCode::InvalidArgument);
  }
  JsonWriter json;
  json.begin_object().name("claim").text(request.claim);
  TILLKIT_TRY_VOID(write_certificate_request(json, request.certificate_request));
  TILLKIT_TRY_VOID(write_firmware(json, request.firmware));
  return json.end_object().finish();
}

Result<std::string> renew_body(std::string_view certificate_request) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_certificate_request(json, certificate_request));
  return json.end_object().finish();
}

Result<Enrolment> read_enrol(const Reply& reply) {
  return read_reply<Enrolment>(reply, read_enrolment, kLongAnswerJsonLimits);
}

Result<Credentials> read_renew(const Reply& reply) {
  return read_reply<Credentials>(reply, read_credentials, kLongAnswerJsonLimits);
}

}  // namespace tillkit::cloud
