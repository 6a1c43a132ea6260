// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/device_profile.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/security/kept_text.hpp"

namespace tillkit::terminal {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;

// The key store's name of the kept text, and the version of its form. Stored: never renumber.
constexpr std::uint8_t kProfileName = 1;
constexpr std::int64_t kVersion = 1;
constexpr core::JsonLimits kLimits{.bytes_max = security::kKeptTextBytesMax};

Result<std::string> read_text(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return std::string(text);
}

Result<core::WallTime> read_time(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const std::int64_t ms, core::read_integer(body, name));
  return core::WallTime(std::chrono::milliseconds(ms));
}

Result<cloud::CloudKey> read_key(const JsonValue& value) {
  cloud::CloudKey key;
  TILLKIT_TRY(key.name, core::read_id<cloud::KeyName>(value, "name"));
  TILLKIT_TRY(const std::string encoded, read_text(value, "public_key"));
  TILLKIT_TRY(const core::Bytes bytes, core::decode_base64url(encoded));
  if (bytes.size() != key.public_key.size()) return fail(ErrorCode::Corrupt);
  std::ranges::copy(bytes, key.public_key.begin());
  return key;
}

Result<DeviceProfile> parse(std::string_view text) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(text, kLimits));
  const JsonValue root = document.root();
  TILLKIT_TRY(const std::int64_t version, core::read_integer(root, "version"));
  if (version != kVersion) return fail(ErrorCode::Unsupported);
  DeviceProfile profile;
  TILLKIT_TRY(profile.origin, read_text(root, "origin"));
  cloud::Enrolment& enrolment = profile.enrolment;
  TILLKIT_TRY(enrolment.terminal, core::read_id<cloud::TerminalId>(root, "terminal"));
  TILLKIT_TRY(enrolment.store, core::read_id<cloud::Name>(root, "store"));
  if (root.find("currency")) {
    TILLKIT_TRY(const std::string alpha, read_text(root, "currency"));
    TILLKIT_TRY(enrolment.currency, core::find_currency(alpha));
  }
  TILLKIT_TRY(enrolment.credentials.certificates, read_text(root, "certificates"));
  TILLKIT_TRY(enrolment.credentials.valid_until, read_time(root, "valid_until"));
  TILLKIT_TRY(profile.certified_at, read_time(root, "certified_at"));
  TILLKIT_TRY(enrolment.credentials.trust_anchors, read_text(root, "trust_anchors"));
  TILLKIT_TRY(const JsonValue keys, root.member("keys"));
  TILLKIT_TRY(const auto elements, keys.elements());
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const auto key, read_key(element));
    enrolment.credentials.keys.push_back(key);
  }
  TILLKIT_TRY(const JsonValue merchant_key, root.member("merchant_key"));
  TILLKIT_TRY(const std::string_view encoded, merchant_key.text());
  TILLKIT_TRY(core::Bytes bytes, core::decode_base64url(encoded));
  enrolment.merchant_key = core::Secret(std::move(bytes));
  return profile;
}

}  // namespace

Result<DeviceProfile> read_profile(hal::KeyStore& store, security::Crypto& crypto) {
  TILLKIT_TRY(const core::Secret kept, security::KeptText(store, crypto, kProfileName).read());
  auto profile = parse(core::as_text(kept.view()));
  const bool newer = !profile && profile.error().code == ErrorCode::Unsupported;
  if (!profile && !newer) return fail(ErrorCode::Corrupt);
  return profile;
}

Result<> keep_profile(hal::KeyStore& store, security::Crypto& crypto, const DeviceProfile& profile) {
  const cloud::Enrolment& enrolment = profile.enrolment;
  const cloud::Credentials& credentials = enrolment.credentials;
  JsonWriter json;
  json.begin_object().name("version").integer(kVersion).name("origin").text(profile.origin);
  json.name("terminal").text(enrolment.terminal.view()).name("store").text(enrolment.store.view());
  json.name("currency").text(enrolment.currency.alpha());
  json.name("certificates").text(credentials.certificates);
  json.name("valid_until").integer(credentials.valid_until.time_since_epoch().count());
  json.name("certified_at").integer(profile.certified_at.time_since_epoch().count());
  json.name("trust_anchors").text(credentials.trust_anchors).name("keys").begin_array();
  for (const cloud::CloudKey& key : credentials.keys) {
    json.begin_object().name("name").text(key.name.view());
    json.name("public_key").text(core::encode_base64url(key.public_key)).end_object();
  }
  json.end_array();
  std::string merchant_key = core::encode_base64url(enrolment.merchant_key.view());
  json.name("merchant_key").text(merchant_key);
  core::wipe(merchant_key);
  TILLKIT_TRY(std::string text, json.end_object().finish());
  if (text.size() > security::kKeptTextBytesMax) return fail(ErrorCode::Exhausted);
  const auto kept = security::KeptText(store, crypto, kProfileName).write(core::as_bytes(text));
  core::wipe(text);
  return kept;
}

core::WallTime renewal_due(const DeviceProfile& profile) {
  const core::WallTime until = profile.enrolment.credentials.valid_until;
  return until - (until - profile.certified_at) / 3;
}

}  // namespace tillkit::terminal
