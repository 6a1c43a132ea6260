// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "shop.hpp"
#include "tillkit/ledger/steps.hpp"
#include "tillkit/test/member_shop.hpp"

namespace tillkit::test {

/// A till that runs, in the shop with members.
struct MemberShop : Shop {
  MemberShop() : Shop([] { return make_member_shelf(false); }, open_for_members) {}
  explicit MemberShop(const std::function<void(TillWorld&)>& then)
      : Shop([] { return make_member_shelf(false); },
             [&](TillWorld& opened) {
               open_for_members(opened);
               then(opened);
             }) {}

  checkout::SaleStory last() { return story(world.last_sale()); }
  std::int64_t points_of(const members::MemberId& member) {
    world.home.upload(world.journal());
    return world.home.book.balance(ledger::Unit::Points, *ledger::Owner::parse(member.view()), world.clock.wall().at)
        .active;
  }
  /// Mei shows her member code; what the home knows of her is here.
  void recognise_mei() {
    REQUIRE(world.show(member_token(world)));
    world.advance(std::chrono::milliseconds{100});
  }
};

}  // namespace tillkit::test
