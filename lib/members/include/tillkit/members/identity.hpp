// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tillkit/cloud/gateway.hpp"
#include "tillkit/codes/code.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/security/mac.hpp"

namespace tillkit::members {

/// Names a member: the cloud's id, or one made here (`provisional_id`). A pseudonym: it says nothing about the person.
using MemberId = core::TextId<struct MemberIdTag, 48>;

/// By what a member is known. Stored in records; never renumber.
enum class IdentityKind : std::uint8_t {
  Payer = 1,       ///< a wallet's pseudonym of the payer, of one wallet
  UnionId = 2,     ///< one wallet's pseudonym across a merchant's programs
  Card = 3,        ///< a card number
  Phone = 4,       ///< a phone number
  MemberCode = 5,  ///< the subject of a member token
};
inline constexpr std::size_t kIdentityKinds = 5;

/// `payer`, `union_id`, `card`, `phone`, `member_code`
[[nodiscard]] std::string_view to_string(IdentityKind kind);

/// An identity as it is stored and looked up: a blind index under the merchant's key, never the value.
struct Identity {
  IdentityKind kind = IdentityKind::Payer;
  security::BlindIndex index{};

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Reads an index as records write it: decimal text. - Corrupt: it is none.
[[nodiscard]] core::Result<security::BlindIndex> parse_index(std::string_view text);

/// Makes identities of what people show: the same value is the same identity on all terminals of a merchant. The key
/// must outlive it.
///
/// All fail with InvalidArgument for what cannot be one, else as `MacKey::mac`.
class IdentityMaker {
 public:
  explicit IdentityMaker(const security::MacKey& merchant_key) : key_(merchant_key) {}

  /// One wallet's payer is nobody else's. InvalidArgument: no wallet or no reference.
  [[nodiscard]] core::Result<Identity> payer(const cloud::Payer& payer) const;
  /// 1 to 128 bytes.
  [[nodiscard]] core::Result<Identity> union_id(codes::Wallet wallet, std::string_view id) const;
  [[nodiscard]] core::Result<Identity> card(const codes::MemberCard& card) const;
  /// Digits behind `+` or `00` and a country code, or the mainland's without: `+86 138 0013 8000`, `0086 13800138000`
  /// and `13800138000` are one, `(021) 6226-7777` and `+86 21 62267777` are one. Spaces, hyphens and round brackets do
  /// not count; anything else is InvalidArgument, and so is a number too short or too long to be one.
  [[nodiscard]] core::Result<Identity> phone(std::string_view number) const;
  /// 1 to 128 bytes.
  [[nodiscard]] core::Result<Identity> member_code(std::string_view subject) const;

 private:
  const security::MacKey& key_;
};

/// The id of a member that nobody registered yet: made of the identity, so that two terminals that enrol the same payer
/// make the same member. `P1-0123456789abcdef`: kind, and index in hexadecimal. A cloud gives no id of this form to
/// anybody else.
[[nodiscard]] MemberId provisional_id(const Identity& identity);
[[nodiscard]] bool is_provisional(const MemberId& member);

/// Somebody outside (a face, a licence plate, a basket's device) believes that it is this member. It changes nothing
/// until the shopper or an operator confirms it.
struct Hint {
  MemberId member{};
  core::BasisPoints confidence{};  ///< 0 to 10,000
};

}  // namespace tillkit::members
