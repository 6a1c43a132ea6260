// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/members/cache.hpp"

/// A chain's members as a terminal has them: three coupons, two identities each.
namespace tillkit::bench {

template <class T>
T must(core::Result<T> result) {
  if (!result) {
    const std::string_view code = core::to_string(result.error().code);
    std::fprintf(stderr, "failed with %.*s\n", static_cast<int>(code.size()), code.data());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

inline members::MemberId member_id(std::size_t number) {
  return must(members::MemberId::parse("M-" + std::to_string(10'000'000 + number)));
}

/// Spread over all bits, as a MAC is.
inline members::Identity identity(std::size_t number, members::IdentityKind kind) {
  const std::uint64_t bits = (std::uint64_t{number} + 1) * 0x9E37'79B9'7F4A'7C15U + static_cast<std::uint64_t>(kind);
  return {kind, security::BlindIndex(static_cast<std::int64_t>(bits ^ (bits >> 29U)))};
}

inline members::Profile made_up_member(std::size_t number) {
  using namespace std::chrono_literals;
  const core::WallTime now{1'790'000'000'000ms + std::chrono::milliseconds{number}};
  members::Profile profile{.id = member_id(number), .tier = must(offers::Name::parse("gold"))};
  profile.tags = {must(offers::Name::parse("new-customer")), must(offers::Name::parse("shop-7"))};
  profile.birth_month = 6;
  profile.birth_day = 21;
  profile.orders = static_cast<std::uint32_t>(number % 100);
  profile.spent_minor = static_cast<std::int64_t>(number % 1'000'000);
  profile.points = static_cast<std::int64_t>(number % 10'000);
  profile.consented = true;
  profile.as_of = {now, core::WallQuality::Trusted};
  for (std::size_t i = 0; i < 3; ++i) {
    profile.coupons.push_back(
        {.id = must(offers::CouponId::parse("C-" + std::to_string(2'611'210'000'000'000 + number * 3 + i))),
         .offer = must(offers::OfferId::parse("summer-ten-off-" + std::to_string(i))),
         .claimed_at = now,
         .valid_from = now,
         .expires_at = now + 24h * 30});
  }
  return profile;
}

/// A cache of its own that goes with the program.
class MemberCache {
 public:
  explicit MemberCache(std::size_t members) {
    // Two may run at once.
    path_ = std::filesystem::temp_directory_path() /
            ("tillkit-members-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
    open();
    constexpr std::size_t kMembersPerStep = 60;
    for (std::size_t from = 0; from < members; from += kMembersPerStep) {
      must(cache_->step([&](journal::CacheTx& tx) -> core::Result<> {
        for (std::size_t i = from; i < members && i < from + kMembersPerStep; ++i) {
          const std::vector identities{identity(i, members::IdentityKind::Payer),
                                       identity(i, members::IdentityKind::Phone)};
          TILLKIT_TRY_VOID(members::put(tx, made_up_member(i), identities));
        }
        return {};
      }));
      if (cache_->checkpoint_due()) must(cache_->checkpoint());
    }
    must(cache_->checkpoint());
  }
  ~MemberCache() {
    cache_.reset();
    std::filesystem::remove_all(path_);
  }
  MemberCache(const MemberCache&) = delete;
  MemberCache& operator=(const MemberCache&) = delete;

  void open() { cache_ = must(journal::Cache::open({.path = file(), .vfs = {}}, {&members::kMemberReplica, 1})); }
  /// As after a start.
  void close() { cache_.reset(); }
  [[nodiscard]] std::string file() const { return (path_ / "cache.db").string(); }
  [[nodiscard]] const journal::Tables& tables() const { return cache_->tables(); }

 private:
  std::filesystem::path path_;
  std::unique_ptr<journal::Cache> cache_;
};

/// Looks members up all over the file; how many coupons they have.
inline std::size_t look_up(const journal::Tables& tables, std::size_t members, std::size_t times) {
  std::size_t coupons = 0;
  for (std::size_t i = 0; i < times; ++i) {
    const auto found = must(members::find(tables, identity(i * 7'919 % members, members::IdentityKind::Payer)));
    coupons += found ? found->coupons.size() : 0;
  }
  return coupons;
}

}  // namespace tillkit::bench
