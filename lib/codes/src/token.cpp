// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/token.hpp"

#include "tillkit/core/encoding.hpp"

namespace tillkit::codes {

std::expected<SignedToken, TokenPart> parse_token(std::string_view prefix, std::string_view parts) {
  if (prefix.size() + parts.size() > kTokenBytesMax) return std::unexpected(TokenPart::Whole);
  const std::size_t dot = parts.find('.');
  if (dot == std::string_view::npos) return std::unexpected(TokenPart::Whole);
  const auto payload = core::decode_base64url(parts.substr(0, dot));
  if (!payload || payload->empty()) return std::unexpected(TokenPart::Payload);
  const auto signature = core::decode_base64url(parts.substr(dot + 1));
  if (!signature || signature->size() != kTokenSignatureBytes) return std::unexpected(TokenPart::Signature);
  std::string text;
  text.reserve(prefix.size() + parts.size());
  text += prefix;
  text += parts;
  return SignedToken(std::move(text), prefix.size() + dot);
}

}  // namespace tillkit::codes
