// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/session.hpp"

#include <algorithm>

#include "reading.hpp"
#include "tillkit/cloud/problem.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::JsonValue;
using core::Result;

/// Reads `1.0`: two numbers of at most four digits.
Result<> read_contract(const JsonValue& root, Session& session) {
  constexpr std::size_t kDigitsMax = 4;
  TILLKIT_TRY(const JsonValue value, root.member("contract"));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return value.mistake();
  const auto number = [](std::string_view digits) {
    int sum = 0;
    for (const char digit : digits)
      sum = sum * 10 + (digit - '0');
    return sum;
  };
  for (const std::string_view part : {text.substr(0, dot), text.substr(dot + 1)}) {
    if (part.empty() || part.size() > kDigitsMax || !std::ranges::all_of(part, core::is_digit_char))
      return value.mistake();
  }
  if (text.front() == '0') return value.mistake();
  session.contract_major = number(text.substr(0, dot));
  session.contract_minor = number(text.substr(dot + 1));
  return {};
}

Result<SignedTime> read_signed_time(const JsonValue& object, std::string_view asked) {
  TILLKIT_TRY(const JsonValue nonce, object.member("nonce"));
  TILLKIT_TRY(const std::string_view answered, nonce.text());
  if (answered != asked) return nonce.mistake();
  SignedTime time;
  TILLKIT_TRY(time.at, read_moment(object, "at"));
  TILLKIT_TRY(time.key, read_id<TimeKeyId>(object, "key"));
  TILLKIT_TRY(const JsonValue signature, object.member("signature"));
  TILLKIT_TRY(const std::string_view encoded, signature.text());
  auto bytes = core::decode_base64url(encoded);
  if (!bytes || bytes->size() != kTimeSignatureBytes) return signature.mistake();
  time.signature = *std::move(bytes);
  TILLKIT_TRY(const std::string_view at_text, read_text(object, "at"));
  for (const std::string_view part : {std::string_view("tillkit-time-1\n"), asked, std::string_view("\n"), at_text})
    time.message += part;
  return time;
}

Result<Session> read_answer(const JsonValue& root, core::ByteView nonce) {
  Session session;
  TILLKIT_TRY_VOID(read_contract(root, session));
  TILLKIT_TRY(session.server_time, read_moment(root, "server_time"));
  if (nonce.empty()) return session;
  TILLKIT_TRY(const JsonValue time, root.member("signed_time"));
  TILLKIT_TRY(session.signed_time, read_signed_time(time, core::encode_base64url(nonce)));
  return session;
}

}  // namespace

Result<std::string> session_target(core::ByteView nonce) {
  std::string target = "/v1/session";
  if (nonce.empty()) return target;
  if (nonce.size() != kNonceBytes) return core::fail(ErrorCode::InvalidArgument);
  return target + "?nonce=" + core::encode_base64url(nonce);
}

Result<Session> read_session(const Reply& reply, core::ByteView nonce) {
  if (reply.status != 200) return std::unexpected(error_of(reply));
  auto session = read_body<Session>(reply, "application/json", ErrorCode::Timeout,
                                    [&](const JsonValue& root) { return read_answer(root, nonce); });
  if (session && session->contract_major != kContractMajor) return core::fail(ErrorCode::Unsupported);
  return session;
}

}  // namespace tillkit::cloud
