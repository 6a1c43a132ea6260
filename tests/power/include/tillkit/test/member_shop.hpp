// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/test/till_world.hpp"

/// The shop of `TillWorld` with members, and what they have.
namespace tillkit::test {

/// Rules of that shop, besides 5.00 off from 30.00 on:
/// 1 point per yuan, twice as many for gold; cola at 3.00 for members; coupons `three-off` (from 10.00 on), `free-cola`
/// and `tenth-off` (10 %); after 20.00 a `three-off` as a gift; `lucky` takes 0.50 to 5.00 off and `free-day`
/// everything, each as far as a budget is leased; `wechat-day` takes 1.00 off for WeChat Pay where `wallet_day`.
[[nodiscard]] std::unique_ptr<checkout::Shelf> make_member_shelf(bool wallet_day);

/// Opens the shop for members from the next start on: Mei (gold, may spend), whose codes identify; keys of tokens;
/// points at 100 for a yuan.
void open_for_members(TillWorld& world);

inline constexpr members::MemberId kMei = *members::MemberId::parse("M-mei");
inline constexpr members::MemberId kLi = *members::MemberId::parse("M-li");

/// A coupon of Mei's that the home knows: `id` of template `offer`.
[[nodiscard]] members::HeldCoupon coupon_of(std::string_view id, std::string_view offer, std::uint32_t uses = 1);

/// Puts things into the journal as the cloud's news do.
void lease_here(TillWorld& world, std::string_view id, ledger::Unit unit, std::string_view of, std::int64_t amount,
                bool drawn = false);
void merge_here(TillWorld& world, const members::MemberId& from, const members::MemberId& into);

/// A member token of Mei's, as her phone shows it; valid for five minutes.
[[nodiscard]] std::string member_token(TillWorld& world, const members::MemberId& member = kMei);
[[nodiscard]] std::string coupon_token(TillWorld& world, std::string_view id, std::string_view offer,
                                       std::int64_t risk_minor, bool offline = true,
                                       const members::MemberId& member = {});

}  // namespace tillkit::test
