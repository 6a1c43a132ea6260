// SPDX-License-Identifier: Apache-2.0
#include "profile_bytes.hpp"

#include <string_view>
#include <utility>

#include "tillkit/members/cache.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

constexpr std::uint8_t kForm = 1;
constexpr unsigned kBitsPerByte = 7;
constexpr std::uint64_t kMoreFollows = 0x80;

// Numbers take seven bits a byte, the lowest first, the sign in the lowest bit; a text is its length and its bytes.

class Writer {
 public:
  void unsigned_number(std::uint64_t value) {
    while (value >= kMoreFollows) {
      bytes_.push_back(static_cast<std::byte>((value & (kMoreFollows - 1)) | kMoreFollows));
      value >>= kBitsPerByte;
    }
    bytes_.push_back(static_cast<std::byte>(value));
  }
  void number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value) << 1U;
    unsigned_number(value < 0 ? ~bits : bits);
  }
  void time(core::WallTime at) { number(at.time_since_epoch().count()); }
  void text(std::string_view value) {
    unsigned_number(value.size());
    const core::ByteView view = core::as_bytes(value);
    bytes_.insert(bytes_.end(), view.begin(), view.end());
  }
  [[nodiscard]] core::Bytes take() { return std::move(bytes_); }

 private:
  core::Bytes bytes_;
};

/// Reads the same; after the first mistake everything is 0 and `ok` is false.
class Reader {
 public:
  explicit Reader(core::ByteView bytes) : bytes_(bytes) {}

  std::uint64_t unsigned_number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += kBitsPerByte) {
      if (bytes_.empty()) break;
      const auto byte = std::to_integer<std::uint64_t>(bytes_.front());
      bytes_ = bytes_.subspan(1);
      const std::uint64_t bits = byte & (kMoreFollows - 1);
      if ((bits << shift) >> shift != bits) break;
      value |= bits << shift;
      if (byte < kMoreFollows) return value;
    }
    ok_ = false;
    return 0;
  }
  std::int64_t number() {
    const std::uint64_t bits = unsigned_number();
    const auto half = static_cast<std::int64_t>(bits >> 1U);
    return (bits & 1U) != 0 ? ~half : half;
  }
  /// At most `max`.
  std::uint64_t number_up_to(std::uint64_t max) {
    const std::uint64_t value = unsigned_number();
    if (value <= max) return value;
    ok_ = false;
    return 0;
  }
  core::WallTime time() { return core::WallTime{std::chrono::milliseconds{number()}}; }
  /// "" is none.
  template <class Id>
  Id id() {
    const auto size = static_cast<std::size_t>(number_up_to(Id::kLengthMax));
    if (size == 0) return {};
    if (size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const auto id = Id::parse(core::as_text(bytes_.first(size)));
    bytes_ = bytes_.subspan(size);
    if (id) return *id;
    ok_ = false;
    return {};
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  core::ByteView bytes_;
  bool ok_ = true;
};

void write_coupon(Writer& writer, const HeldCoupon& coupon) {
  writer.text(coupon.id.view());
  writer.text(coupon.offer.view());
  writer.time(coupon.claimed_at);
  writer.time(coupon.valid_from);
  writer.time(coupon.expires_at);
  writer.unsigned_number(coupon.uses);
}

HeldCoupon read_coupon(Reader& reader) {
  HeldCoupon coupon;
  coupon.id = reader.id<offers::CouponId>();
  coupon.offer = reader.id<offers::OfferId>();
  coupon.claimed_at = reader.time();
  coupon.valid_from = reader.time();
  coupon.expires_at = reader.time();
  coupon.uses = static_cast<std::uint32_t>(reader.number_up_to(kCouponUsesMax));
  return coupon;
}

}  // namespace

core::Bytes write_profile(const Profile& profile, std::span<const Identity> identities) {
  Writer writer;
  writer.unsigned_number(kForm);
  writer.text(profile.tier.view());
  writer.unsigned_number(profile.tags.size());
  for (const offers::Name& tag : profile.tags)
    writer.text(tag.view());
  writer.unsigned_number(profile.birth_month);
  writer.unsigned_number(profile.birth_day);
  writer.unsigned_number(profile.orders);
  writer.number(profile.spent_minor);
  writer.number(profile.points);
  writer.number(profile.value_minor);
  writer.number(profile.debt_points);
  writer.unsigned_number(profile.consented ? 1 : 0);
  writer.time(profile.as_of.at);
  writer.unsigned_number(static_cast<std::uint64_t>(profile.as_of.quality));
  writer.unsigned_number(profile.coupons.size());
  for (const HeldCoupon& coupon : profile.coupons)
    write_coupon(writer, coupon);
  writer.unsigned_number(identities.size());
  for (const Identity& identity : identities) {
    writer.unsigned_number(static_cast<std::uint64_t>(identity.kind));
    writer.number(identity.index.value());
  }
  return writer.take();
}

Result<StoredProfile> read_profile(const MemberId& member, core::ByteView bytes) {
  Reader reader(bytes);
  if (reader.unsigned_number() != kForm) return fail(ErrorCode::Corrupt);
  StoredProfile stored{.profile = {.id = member}};
  Profile& profile = stored.profile;
  profile.tier = reader.id<offers::Name>();
  for (auto tags = reader.number_up_to(kProfileTagsMax); tags > 0 && reader.ok(); --tags)
    profile.tags.push_back(reader.id<offers::Name>());
  profile.birth_month = static_cast<std::uint8_t>(reader.number_up_to(12));
  profile.birth_day = static_cast<std::uint8_t>(reader.number_up_to(31));
  profile.orders = static_cast<std::uint32_t>(reader.number_up_to(0xFFFF'FFFF));
  profile.spent_minor = reader.number();
  profile.points = reader.number();
  profile.value_minor = reader.number();
  profile.debt_points = reader.number();
  profile.consented = reader.number_up_to(1) != 0;
  profile.as_of.at = reader.time();
  const auto quality = reader.number_up_to(static_cast<std::uint64_t>(core::WallQuality::Trusted));
  profile.as_of.quality = static_cast<core::WallQuality>(quality);
  for (auto coupons = reader.number_up_to(kProfileCouponsMax); coupons > 0 && reader.ok(); --coupons)
    profile.coupons.push_back(read_coupon(reader));
  for (auto identities = reader.number_up_to(kProfileIdentitiesMax); identities > 0 && reader.ok(); --identities) {
    const auto kind = static_cast<IdentityKind>(reader.number_up_to(kIdentityKinds));
    stored.identities.push_back({kind, security::BlindIndex(reader.number())});
  }
  if (!reader.ok() || !reader.at_end()) return fail(ErrorCode::Corrupt);
  return stored;
}

}  // namespace tillkit::members
