// SPDX-License-Identifier: Apache-2.0

// The cloud's members as far as this terminal has them.

#include "tillkit/members/cache.hpp"

#include <limits>
#include <string>

#include "shop.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::WallQuality;
using namespace std::chrono_literals;

struct Disk {
  journal::Folder folder{};
  journal::WatchedVfs vfs{};
  journal::CacheSettings settings{folder.file("cache.db"), vfs.name()};
  std::unique_ptr<journal::Cache> cache = must(journal::Cache::open(settings, {&kMemberReplica, 1}));

  [[nodiscard]] const journal::Tables& tables() const { return cache->tables(); }
  core::Result<> put_member(const Profile& profile, const std::vector<Identity>& identities = {}) {
    return cache->step([&](journal::CacheTx& tx) { return put(tx, profile, identities); });
  }
  core::Result<> remove_member(const MemberId& who) {
    return cache->step([&](journal::CacheTx& tx) { return remove(tx, who); });
  }
  [[nodiscard]] std::string text(const std::string& sql) {
    must(cache->checkpoint());
    cache.reset();
    std::string found = journal::Raw(settings.path).text(sql);
    cache = must(journal::Cache::open(settings, {&kMemberReplica, 1}));
    return found;
  }
  void break_it(const std::string& sql) {
    must(cache->checkpoint());
    cache.reset();
    journal::Raw(settings.path).run(sql);
    cache = must(journal::Cache::open(settings, {&kMemberReplica, 1}));
  }
};

Identity identity(std::int64_t index, IdentityKind kind = IdentityKind::Payer) {
  return {kind, security::BlindIndex(index)};
}

Profile full(std::string_view id) {
  Profile profile{.id = member(id), .tier = name("gold")};
  profile.tags = {name("vip"), name("staff")};
  profile.birth_month = 12;
  profile.birth_day = 31;
  profile.orders = 0xFFFF'FFFF;
  profile.spent_minor = std::numeric_limits<std::int64_t>::max();
  profile.points = -1;
  profile.value_minor = std::numeric_limits<std::int64_t>::min();
  profile.debt_points = 128;
  profile.consented = true;
  profile.as_of = {core::WallTime{1'790'000'000'123ms}, WallQuality::Trusted};
  profile.coupons = {
      {.id = coupon_id("C-1"), .offer = offer_id("ten-off"), .claimed_at = core::WallTime{1s}, .uses = 1},
      {.id = coupon_id(std::string(64, 'c')),
       .offer = offer_id(std::string(48, 'o')),
       .claimed_at = core::WallTime{-1ms},
       .valid_from = core::WallTime{64ms},
       .expires_at = core::WallTime{1'790'000'000'000ms},
       .uses = kCouponUsesMax}};
  return profile;
}

TEST_CASE("a member is found as it was put, by its id and by each identity, after a restart too", "[members]") {
  Disk disk;
  const Profile profile = full("M-1");
  must(disk.put_member(profile, {identity(7), identity(-8, IdentityKind::Phone)}));
  must(disk.put_member({.id = member("M-2")}));
  disk.cache.reset();
  disk.cache = must(journal::Cache::open(disk.settings, {&kMemberReplica, 1}));

  CHECK(must(find(disk.tables(), member("M-1"))) == profile);
  CHECK(must(find(disk.tables(), identity(7))) == profile);
  CHECK(must(find(disk.tables(), identity(-8, IdentityKind::Phone))) == profile);
  CHECK(must(find(disk.tables(), member("M-2"))) == Profile{.id = member("M-2")});
  CHECK_FALSE(must(find(disk.tables(), member("M-3"))).has_value());
  CHECK_FALSE(must(find(disk.tables(), identity(7, IdentityKind::Phone))).has_value());
  CHECK_FALSE(must(find(disk.tables(), identity(8))).has_value());
}

TEST_CASE("a member that is put again is as it was put last, and so are its identities", "[members]") {
  Disk disk;
  must(disk.put_member(full("M-1"), {identity(1), identity(2)}));
  const Profile later{.id = member("M-1"), .points = 5};

  must(disk.put_member(later, {identity(2), identity(3)}));

  CHECK(must(find(disk.tables(), member("M-1"))) == later);
  CHECK_FALSE(must(find(disk.tables(), identity(1))).has_value());
  CHECK(must(find(disk.tables(), identity(2))) == later);
  CHECK(must(find(disk.tables(), identity(3))) == later);
  CHECK(must(state(disk.tables())).members == 1);
}

TEST_CASE("an identity leads to the member that had it last", "[members]") {
  Disk disk;
  must(disk.put_member({.id = member("M-1")}, {identity(1)}));
  must(disk.put_member({.id = member("M-2")}, {identity(1)}));

  CHECK(must(find(disk.tables(), identity(1)))->id == member("M-2"));
  must(disk.put_member({.id = member("M-1")}));
  CHECK(must(find(disk.tables(), identity(1)))->id == member("M-2"));
  must(disk.remove_member(member("M-1")));
  CHECK(must(find(disk.tables(), identity(1)))->id == member("M-2"));
}

TEST_CASE("a member that is removed is not found any more, and neither is who has its place", "[members]") {
  Disk disk;
  must(disk.put_member({.id = member("M-1")}, {identity(1), identity(2)}));

  must(disk.remove_member(member("M-1")));
  must(disk.remove_member(member("M-1")));
  must(disk.put_member({.id = member("M-2")}, {identity(3)}));

  CHECK_FALSE(must(find(disk.tables(), member("M-1"))).has_value());
  CHECK_FALSE(must(find(disk.tables(), identity(1))).has_value());
  CHECK_FALSE(must(find(disk.tables(), identity(2))).has_value());
  CHECK(disk.text("SELECT count(*) FROM member_identities") == "1");
}

TEST_CASE("a damaged member is said to be damaged, and can be put and removed without a trace", "[members]") {
  for (const bool again : {false, true}) {
    CAPTURE(again);
    Disk disk;
    must(disk.put_member(full("M-1"), {identity(1), identity(2)}));
    disk.break_it("UPDATE members SET profile = x'0205'");

    CHECK(failed_with(find(disk.tables(), member("M-1")), ErrorCode::Corrupt));
    CHECK(failed_with(find(disk.tables(), identity(1)), ErrorCode::Corrupt));
    if (again) must(disk.put_member({.id = member("M-1")}, {identity(2)}));
    must(disk.remove_member(member("M-1")));
    must(disk.put_member({.id = member("M-2")}));

    CHECK_FALSE(must(find(disk.tables(), identity(1))).has_value());
    CHECK_FALSE(must(find(disk.tables(), identity(2))).has_value());
    CHECK(disk.text("SELECT count(*) FROM member_identities") == "0");
  }
}

TEST_CASE("a stored member that is cut short or has a byte more is damaged", "[members]") {
  Disk disk;
  must(disk.put_member(full("M-1"), {identity(-1)}));
  const auto size = std::stoul(disk.text("SELECT length(profile) FROM members"));
  const std::string whole = disk.text("SELECT hex(profile) FROM members");
  REQUIRE(size > 150);

  for (std::size_t kept = 0; kept < size; kept += 3) {
    CAPTURE(kept);
    disk.break_it("UPDATE members SET profile = x'" + whole.substr(0, kept * 2) + "'");
    CHECK(failed_with(find(disk.tables(), member("M-1")), ErrorCode::Corrupt));
  }
  disk.break_it("UPDATE members SET profile = x'" + whole + "00'");
  CHECK(failed_with(find(disk.tables(), member("M-1")), ErrorCode::Corrupt));
  disk.break_it("UPDATE members SET profile = x'01FFFFFFFFFFFFFFFFFF7F'");
  CHECK(failed_with(find(disk.tables(), member("M-1")), ErrorCode::Corrupt));
  disk.break_it("UPDATE members SET profile = x'" + whole + "'");
  CHECK(must(find(disk.tables(), member("M-1"))) == full("M-1"));
}

TEST_CASE("a member beyond a limit is refused, one at the limit is not", "[members]") {
  Disk disk;
  const auto refused = [&](const Profile& profile, const std::vector<Identity>& identities = {}) {
    return failed_with(disk.put_member(profile, identities), ErrorCode::InvalidArgument);
  };
  Profile profile{.id = member("M-1")};
  profile.tags.assign(kProfileTagsMax, name("vip"));
  profile.coupons.assign(kProfileCouponsMax, full("M-1").coupons[1]);
  std::vector<Identity> identities;
  identities.reserve(kProfileIdentitiesMax);
  for (std::size_t i = 0; i < kProfileIdentitiesMax; ++i)
    identities.push_back(identity(static_cast<std::int64_t>(i)));
  must(disk.put_member(profile, identities));
  CHECK(must(find(disk.tables(), identity(15))) == profile);

  profile.tags.push_back(name("vip"));
  CHECK(refused(profile));
  profile.tags.clear();
  profile.coupons.push_back(profile.coupons[0]);
  CHECK(refused(profile));
  profile.coupons.clear();
  identities.push_back(identity(99));
  CHECK(refused(profile, identities));
  CHECK(refused({}));
  CHECK(refused(profile, {{static_cast<IdentityKind>(0), {}}}));
  CHECK(refused(profile, {{static_cast<IdentityKind>(6), {}}}));
}

TEST_CASE("a birthday and a coupon that cannot be are refused", "[members]") {
  Disk disk;
  const auto with_birthday = [&](std::uint8_t month, std::uint8_t day) {
    Profile profile{.id = member("M-1")};
    profile.birth_month = month;
    profile.birth_day = day;
    return disk.put_member(profile);
  };
  const auto with_coupon = [&](const HeldCoupon& coupon) {
    Profile profile{.id = member("M-1")};
    profile.coupons = {coupon};
    return disk.put_member(profile);
  };

  CHECK(with_birthday(0, 0).has_value());
  CHECK(with_birthday(2, 29).has_value());
  CHECK(failed_with(with_birthday(0, 1), ErrorCode::InvalidArgument));
  CHECK(failed_with(with_birthday(1, 0), ErrorCode::InvalidArgument));
  CHECK(failed_with(with_birthday(13, 1), ErrorCode::InvalidArgument));
  CHECK(failed_with(with_birthday(12, 32), ErrorCode::InvalidArgument));
  HeldCoupon coupon = full("M-1").coupons[0];
  coupon.uses = 0;
  CHECK(failed_with(with_coupon(coupon), ErrorCode::InvalidArgument));
  coupon.uses = kCouponUsesMax + 1;
  CHECK(failed_with(with_coupon(coupon), ErrorCode::InvalidArgument));
  coupon.uses = 1;
  coupon.offer = {};
  CHECK(failed_with(with_coupon(coupon), ErrorCode::InvalidArgument));
  coupon = full("M-1").coupons[0];
  coupon.id = {};
  CHECK(failed_with(with_coupon(coupon), ErrorCode::InvalidArgument));
}

TEST_CASE("a member costs a row, and one for each identity that is new or gone", "[members]") {
  Disk disk;
  const auto step = [&](int members, int identities) {
    return disk.cache->step([&](journal::CacheTx& tx) -> core::Result<> {
      for (int i = 0; i < members; ++i) {
        std::vector<Identity> its;
        its.reserve(static_cast<std::size_t>(identities));
        for (int j = 0; j < identities; ++j)
          its.push_back(identity(i * 100 + j));
        TILLKIT_TRY_VOID(put(tx, {.id = member("M-" + std::to_string(i))}, its));
      }
      return {};
    });
  };

  CHECK(step(66, 2).has_value());
  CHECK(failed_with(step(200, 0), ErrorCode::Exhausted));
  CHECK(step(66, 2).has_value());
  CHECK(step(67, 2).has_value());
  CHECK(must(state(disk.tables())).members == 67);
}

TEST_CASE("what is revoked stays revoked, and nothing else is", "[members]") {
  Disk disk;
  const auto revoke_one = [&](std::string_view id) {
    return disk.cache->step([&](journal::CacheTx& tx) { return revoke(tx, id); });
  };

  must(revoke_one("C-1"));
  must(revoke_one("C-1"));
  must(revoke_one(std::string(kRevokedIdBytesMax, 'x')));

  CHECK(must(is_revoked(disk.tables(), "C-1")));
  CHECK(must(is_revoked(disk.tables(), std::string(kRevokedIdBytesMax, 'x'))));
  CHECK_FALSE(must(is_revoked(disk.tables(), "C-2")));
  CHECK(failed_with(revoke_one(""), ErrorCode::InvalidArgument));
  CHECK(failed_with(revoke_one(std::string(kRevokedIdBytesMax + 1, 'x')), ErrorCode::InvalidArgument));
}

TEST_CASE("the cache says how many members it has and how old the oldest is", "[members]") {
  Disk disk;
  CHECK(must(state(disk.tables())).members == 0);
  CHECK_FALSE(must(state(disk.tables())).oldest.has_value());

  must(disk.put_member({.id = member("M-1"), .as_of = {core::WallTime{5s}, WallQuality::Trusted}}));
  must(disk.put_member({.id = member("M-2"), .as_of = {core::WallTime{3s}, WallQuality::Estimated}}));
  CHECK(must(state(disk.tables())).members == 2);
  CHECK(must(state(disk.tables())).oldest == core::WallTime{3s});
  must(disk.put_member({.id = member("M-2"), .as_of = {core::WallTime{9s}, WallQuality::Trusted}}));
  CHECK(must(state(disk.tables())).oldest == core::WallTime{5s});
}

}  // namespace
}  // namespace tillkit::members
