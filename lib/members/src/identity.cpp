// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/identity.hpp"

#include <array>
#include <charconv>
#include <string>
#include <system_error>

#include "tables_internal.hpp"
#include "tillkit/core/assert.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

/// Longest pseudonym or subject that somebody may bring.
constexpr std::size_t kReferenceBytesMax = 128;
/// E.164: country code and number.
constexpr std::size_t kPhoneDigitsMin = 7;
constexpr std::size_t kPhoneDigitsMax = 15;
/// The mainland's: area code and number, or a mobile number; without the trunk's 0.
constexpr std::string_view kMainland = "86";
constexpr std::size_t kMainlandDigitsMin = 9;
constexpr std::size_t kMainlandDigitsMax = 11;

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kProvisionalLength = 19;  // P1-0123456789abcdef

Result<Identity> make(const security::MacKey& key, IdentityKind kind, std::string_view field, std::string_view value) {
  TILLKIT_TRY(const security::BlindIndex index, security::blind_index(key, field, core::as_bytes(value)));
  return Identity{kind, index};
}

/// The digits of a phone number, and whether it names its country.
struct Digits {
  std::string digits{};
  bool international = false;
};

Result<Digits> digits_of(std::string_view number) {
  Digits found;
  for (std::size_t i = 0; i < number.size(); ++i) {
    const char c = number[i];
    if (core::is_digit_char(c)) {
      // The longest number behind an international prefix.
      if (found.digits.size() == kPhoneDigitsMax + 2) return core::fail_at(i);
      found.digits += c;
    } else if (c == '+') {
      if (found.international || !found.digits.empty()) return core::fail_at(i);
      found.international = true;
    } else if (c != ' ' && c != '-' && c != '(' && c != ')') {
      return core::fail_at(i);
    }
  }
  if (!found.international && found.digits.starts_with("00")) {
    found.digits.erase(0, 2);
    found.international = true;
  }
  return found;
}

/// Country code and number, digits only.
Result<std::string> one_form(std::string_view number) {
  TILLKIT_TRY(Digits found, digits_of(number));
  std::string& digits = found.digits;
  const bool bare_code = digits.size() == kMainland.size() + kMainlandDigitsMax && digits.starts_with("861");
  if (found.international || bare_code) {
    if (!digits.starts_with(kMainland)) {
      const bool fits = digits.size() >= kPhoneDigitsMin && digits.size() <= kPhoneDigitsMax && digits.front() != '0';
      if (!fits) return fail(ErrorCode::InvalidArgument);
      return digits;
    }
    digits.erase(0, kMainland.size());
  }
  if (digits.starts_with('0')) digits.erase(0, 1);
  const bool fits = digits.size() >= kMainlandDigitsMin && digits.size() <= kMainlandDigitsMax;
  if (!fits || digits.front() == '0') return fail(ErrorCode::InvalidArgument);
  return std::string(kMainland) + digits;
}

}  // namespace

std::string_view to_string(IdentityKind kind) {
  switch (kind) {
    case IdentityKind::Payer: return "payer";
    case IdentityKind::UnionId: return "union_id";
    case IdentityKind::Card: return "card";
    case IdentityKind::Phone: return "phone";
    case IdentityKind::MemberCode: return "member_code";
  }
  return "unknown";
}

Result<security::BlindIndex> parse_index(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return fail(ErrorCode::Corrupt);
  return security::BlindIndex(value);
}

Result<Identity> IdentityMaker::payer(const cloud::Payer& payer) const {
  if (!payer.wallet || payer.reference.empty()) return fail(ErrorCode::InvalidArgument);
  const std::string field = "payer/" + std::string(codes::to_string(*payer.wallet));
  return make(key_, IdentityKind::Payer, field, payer.reference.view());
}

Result<Identity> IdentityMaker::union_id(codes::Wallet wallet, std::string_view id) const {
  if (id.empty() || id.size() > kReferenceBytesMax) return fail(ErrorCode::InvalidArgument);
  const std::string field = "union_id/" + std::string(codes::to_string(wallet));
  return make(key_, IdentityKind::UnionId, field, id);
}

Result<Identity> IdentityMaker::card(const codes::MemberCard& card) const {
  if (card.empty()) return fail(ErrorCode::InvalidArgument);
  return make(key_, IdentityKind::Card, "card", card.view());
}

Result<Identity> IdentityMaker::phone(std::string_view number) const {
  TILLKIT_TRY(std::string digits, one_form(number));
  auto identity = make(key_, IdentityKind::Phone, "phone", digits);
  core::wipe(digits);
  return identity;
}

Result<Identity> IdentityMaker::member_code(std::string_view subject) const {
  if (subject.empty() || subject.size() > kReferenceBytesMax) return fail(ErrorCode::InvalidArgument);
  return make(key_, IdentityKind::MemberCode, "member_code", subject);
}

MemberId provisional_id(const Identity& identity) {
  std::array<char, kProvisionalLength> text{'P', static_cast<char>('0' + static_cast<int>(identity.kind)), '-'};
  auto bits = static_cast<std::uint64_t>(identity.index.value());
  for (std::size_t i = kProvisionalLength; i > 3; --i) {
    text[i - 1] = kHexDigits[static_cast<std::size_t>(bits & 0xFU)];
    bits >>= 4U;
  }
  const auto id = MemberId::parse({text.data(), text.size()});
  TILLKIT_ASSERT(id.has_value());
  return *id;
}

bool is_provisional(const MemberId& member) {
  return identity_of(member).has_value();
}

std::optional<Identity> identity_of(const MemberId& member) {
  const std::string_view text = member.view();
  if (text.size() != kProvisionalLength || text[0] != 'P' || text[2] != '-') return std::nullopt;
  if (text[1] < '1' || text[1] >= static_cast<char>('1' + kIdentityKinds)) return std::nullopt;
  std::uint64_t bits = 0;
  for (const char c : text.substr(3)) {
    const std::size_t digit = kHexDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 4U) | digit;
  }
  return Identity{static_cast<IdentityKind>(text[1] - '0'), security::BlindIndex(static_cast<std::int64_t>(bits))};
}

}  // namespace tillkit::members
