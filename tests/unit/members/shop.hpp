// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "../journal/till.hpp"
#include "tillkit/members/records.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/members/tables.hpp"

namespace tillkit::members {

using journal::failed_with;
using journal::must;

inline MemberId member(std::string_view id) {
  return must(MemberId::parse(id));
}
inline offers::CouponId coupon_id(std::string_view id) {
  return must(offers::CouponId::parse(id));
}
inline offers::OfferId offer_id(std::string_view id) {
  return must(offers::OfferId::parse(id));
}
inline offers::Name name(std::string_view text) {
  return must(offers::Name::parse(text));
}

/// Says that one of the counts is this high: no test places 200,000 coupons.
inline constexpr journal::Kind kFilled = journal::kind("test.filled");

inline core::Result<> apply_or_fill(journal::Tx& tx, const journal::Record& record);

/// A till whose journal has the tables of members and nothing else.
struct Shop {
  Shop() {
    till.sets = {kMemberTables};
    till.sets.front().apply = &apply_or_fill;
    journal = till.open();
    merchant_key.emplace(must(till.crypto->import_mac_key(core::as_bytes("the merchant's key, 32 bytes lo"))));
    maker.emplace(*merchant_key);
  }

  journal::Till till{};
  std::unique_ptr<journal::Journal> journal{};
  std::optional<security::MacKey> merchant_key{};
  std::optional<IdentityMaker> maker{};
  std::int64_t sales = 0;

  journal::SaleId next_sale() { return journal::SaleId(++sales * 1'000); }

  template <class Step>
  core::Result<> commit(Step&& step) {
    const auto committed = journal->commit(std::forward<Step>(step));
    if (!committed) return std::unexpected(committed.error());
    return {};
  }

  void restart() {
    journal.reset();
    journal = till.open();
  }
  [[nodiscard]] const journal::Tables& tables() const { return journal->tables(); }
  [[nodiscard]] core::WallTime now() const { return till.clock.wall().at; }
  [[nodiscard]] journal::Seq last() const { return journal->last_seq(); }

  /// The bodies of all records of this kind.
  [[nodiscard]] std::vector<std::string> bodies(std::optional<journal::Kind> kind = {}) const {
    std::vector<std::string> found;
    must(journal->each({.kind = kind}, [&](const journal::Record& record) -> core::Result<> {
      found.push_back(record.body);
      return {};
    }));
    return found;
  }
  [[nodiscard]] std::size_t count(journal::Kind kind) const { return bodies(kind).size(); }
  /// A rebuild gives the same tables.
  [[nodiscard]] bool sound() const {
    const auto report = journal->verify();
    return report.sound() && report.tables_compared;
  }

  [[nodiscard]] Identity payer(std::string_view reference, codes::Wallet wallet = codes::Wallet::WeChatPay) const {
    return must(maker->payer({wallet, must(cloud::PayerReference::parse(reference))}));
  }

  // One step, one commit.

  void place(const HeldCoupon& coupon, const MemberId& holder, core::WallTime until) {
    must(commit([&](journal::Tx& tx) { return place_coupon(tx, coupon, holder, until); }));
  }
  core::Result<> reserve(journal::SaleId sale, const std::vector<CouponUse>& uses) {
    return commit([&](journal::Tx& tx) { return reserve_coupons(tx, sale, uses); });
  }
  core::Result<> redeem(journal::SaleId sale) {
    return commit([&](journal::Tx& tx) { return redeem_coupons(tx, sale); });
  }
  core::Result<> release(journal::SaleId sale) {
    return commit([&](journal::Tx& tx) { return release_coupons(tx, sale); });
  }
  core::Result<> give_back(journal::SaleId sale, journal::SaleId sold, const std::vector<CouponUse>& uses) {
    return commit([&](journal::Tx& tx) { return return_coupons(tx, sale, sold, uses); });
  }
  core::Result<> give_up(const offers::CouponId& coupon) {
    return commit([&](journal::Tx& tx) { return give_up_coupon(tx, coupon); });
  }
  core::Result<std::optional<MemberId>> enrol_payer(const Identity& identity,
                                                    EnrolPolicy policy = EnrolPolicy::Provisional,
                                                    Consent said = Consent::NotAsked) {
    core::Result<std::optional<MemberId>> enrolled;
    const auto done = commit([&](journal::Tx& tx) -> core::Result<> {
      enrolled = enrol(tx, next_sale(), identity, policy, said);
      if (!enrolled) return std::unexpected(enrolled.error());
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return enrolled;
  }
  core::Result<> join(std::string_view from, std::string_view into) {
    return commit([&](journal::Tx& tx) { return merge(tx, member(from), member(into)); });
  }
  core::Result<> append(journal::Kind kind, std::string_view body, journal::SaleId sale = {}) {
    return commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body}));
      return {};
    });
  }
  /// 1 coupons, 2 uses, 3 identities, 4 aliases.
  void fill(int what, std::size_t count) {
    must(append(kFilled, R"({"what":)" + std::to_string(what) + R"(,"count":)" + std::to_string(count) + "}"));
  }
};

inline HeldCoupon held(std::string_view id, const Shop& shop, std::uint32_t uses = 1) {
  return {.id = coupon_id(id),
          .offer = offer_id("ten-off"),
          .claimed_at = shop.now(),
          .expires_at = shop.now() + std::chrono::days{30},
          .uses = uses};
}
inline CouponUse lease(std::string_view id, std::string_view holder = "M-1") {
  return {
      .coupon = coupon_id(id), .offer = offer_id("ten-off"), .member = holder.empty() ? MemberId{} : member(holder)};
}
inline CouponUse token(std::string_view id, core::WallTime expires, std::string_view holder = "M-1") {
  CouponUse use = lease(id, holder);
  use.by = CouponBy::Token;
  use.expires_at = expires;
  use.risk_minor = 1'000;
  return use;
}

inline core::Result<> apply_or_fill(journal::Tx& tx, const journal::Record& record) {
  if (record.kind != kFilled) return kMemberTables.apply(tx, record);
  TILLKIT_TRY(const auto body, core::JsonDocument::parse(record.body));
  TILLKIT_TRY(const auto what, body.root().member("what"));
  TILLKIT_TRY(const auto count, body.root().member("count"));
  TILLKIT_TRY(const std::int64_t what_number, what.integer());
  TILLKIT_TRY(const std::int64_t count_number, count.integer());
  constexpr journal::Statement<void(std::int64_t, std::int64_t)> kFill{
      "INSERT INTO totals(what, count) VALUES(?1, ?2) ON CONFLICT(what) DO UPDATE SET count = excluded.count"};
  TILLKIT_TRY_VOID(tx.run(kFill, what_number, count_number));
  return {};
}

}  // namespace tillkit::members
