// SPDX-License-Identifier: Apache-2.0
// The day from the moment on that the shop is open for members.
#include <chrono>

#include "chapters.hpp"

namespace tillkit::story {
namespace {

using namespace std::chrono_literals;
using ledger::Unit;
using test::approves;
using test::WalletCall;

void open(ShopDay& day) {
  day.begin_chapter("The shop opens for members: each counter has 10.00 for coupons that cannot be checked");
  day.open_for_members();
  day.go_to("T2");
  day.cloud_leases("risk-2", Unit::Risk, 1'000);
  day.go_to("T1");
  day.cloud_leases("risk-1", Unit::Risk, 1'000);
}

/// Mei, from the first time that she comes.
void meet(ShopDay& day) {
  day.begin_chapter("A stranger is told what a member pays, pays with a wallet, and is a member in the same act");
  day.shopper_is_called("mei");
  day.scan(kBatteries);
  day.scan(kRiceCakes);
  day.pay_with_code();
  day.settle();
  day.agrees_on_the_phone();
  day.look_at_account(day.member());

  day.begin_chapter("She comes back: her payment code says who she is, the best coupons apply by themselves");
  day.cloud_issues("mei-1", "three-off");
  day.cloud_issues("mei-2", "tenth-off");
  day.cloud_issues("mei-3", "free-cola");
  day.scan(kBatteries);
  day.scan(kCola);
  day.scan(kNoodles);
  day.pay_with_code();
  day.settle();
  day.look_at_account(day.member());

  day.begin_chapter("A sale from 30.00 on gives a coupon; the next one uses it");
  day.scan(kUmbrella);
  day.pay_with_code();
  day.settle();
  day.scan(kNoodles);
  day.scan(kNoodles);
  day.pay_with_code();
  day.settle();
  day.look_at_account(day.member());
}

void offline(ShopDay& day) {
  day.begin_chapter("No network: her member code, and points that were leased here before");
  day.cloud_leases("mei-home", Unit::Points, 60);
  day.go_to("T1");
  day.unplug_network();
  day.scan(kRiceCakes);
  day.shows_member_code();
  day.pay_with_points();
  day.pay_cash(600);

  day.begin_chapter("The other counter is cut off, too: nothing is leased there. With the network back, what is left");
  day.go_to("T2");
  day.sign_on("bert");
  day.scan(kUmbrella);
  day.shows_member_code();
  day.pay_with_points();
  day.plug_network();
  day.pay_with_points();
  day.pay_cash(5'000);
  day.look_at_account(day.member());

  day.begin_chapter("A copied flyer is honoured at both counters while nobody can be asked");
  day.shopper_is_called("");
  day.unplug_network();
  day.scan(kUmbrella);
  day.shows_flyer(500);
  day.pay_cash(3'000);
  day.go_to("T1");
  day.scan(kUmbrella);
  day.shows_flyer(500);
  day.pay_cash(3'000);
  day.note("a second one would be more than the risk budget");
  day.scan(kUmbrella);
  day.shows_flyer(600);
  day.pay_cash(3'400);
  day.plug_network();
  day.go_to("T2");
}

void give_back(ShopDay& day) {
  day.begin_chapter("A sale goes back when its points are spent: a debt, which blocks points and not cash");
  day.shopper_is_called("mei");
  day.go_to("T1");
  for (int umbrellas = 0; umbrellas < 3; ++umbrellas)
    day.scan(kUmbrella);
  day.pay_with_code();
  day.settle();
  const journal::SaleId umbrellas = day.last_sale();
  day.look_at_account(day.member());
  day.scan(kUmbrella);
  day.shows_member_code();
  day.pay_with_points();
  day.pay_cash(3'500);
  day.look_at_account(day.member());
  day.give_back(umbrellas);
  day.look_at_account(day.member());
  day.scan(kRiceCakes);
  day.shows_member_code();
  day.pay_with_points();
  day.pay_cash(1'170);
}

void who_is_who(ShopDay& day) {
  day.begin_chapter("One person under two names, a wallet's and a phone number: merged, one balance");
  day.shopper_is_called("bo");
  day.scan(kUmbrella);
  day.pay_with_code();
  day.settle();
  const members::MemberId by_wallet = day.member();
  day.look_at_account(by_wallet);
  day.scan(kRiceCakes);
  day.types_phone_number("13800138000");
  day.pay_cash(1'170);
  const members::MemberId by_phone = day.member_of(day.last_sale());
  day.look_at_account(by_phone);
  day.cloud_merges(by_phone, by_wallet);
  day.look_at_account(by_wallet);
  day.look_at_account(by_phone);

  day.begin_chapter("Two want to be no members, one before paying and one afterwards: nothing of them is kept");
  day.shopper_is_called("cai");
  day.scan(kNoodles);
  day.wants_no_membership();
  day.pay_with_code();
  day.settle();
  day.look_for_personal_values(day.last_sale());
  day.shopper_is_called("dan");
  day.scan(kNoodles);
  day.pay_with_code();
  day.settle();
  day.look_for_personal_values(day.last_sale());
  day.leaves(day.last_sale());
  day.look_for_personal_values(day.last_sale());
}

void fill_basket(ShopDay& day) {
  day.scan(kBatteries);
  day.scan(kNoodles);
  day.shows_member_code();
}

void dark(ShopDay& day) {
  day.begin_chapter("Power goes in the middle of a sale with coupon, points and wallet: all back, or all done");
  day.shopper_is_called("bo");
  day.agrees_on_the_phone();
  day.cloud_issues("bo-1", "three-off");
  day.go_to("T1");
  day.cloud_leases("bo-home", Unit::Points, 80);
  day.look_at_account(day.member());
  fill_basket(day);
  day.pay_with_points(500);
  day.cut_power_at(1);
  day.pay_with_code();
  day.settle();
  day.note("it went while the intent was written: coupon and points are as they were");

  fill_basket(day);
  day.pay_with_points(500);
  day.wallet().script(WalletCall::Authorise, approves().taking(10min));
  day.pay_with_code();
  day.wait(44s);
  day.cut_power_at(1);
  day.settle();
  day.note("it went while the sale was given up: given up after all, and all is back");
  day.look_at_account(day.member());

  day.go_to("T2");
  day.go_to("T1");
  fill_basket(day);
  day.pay_with_points(500);
  day.wallet().script(WalletCall::Authorise, approves().late(2s));
  day.pay_with_code();
  day.cut_power_at(1);
  day.settle();
  day.note("it went while the outcome was written: asked, paid, coupon and points are used");
  day.look_at_account(day.member());
}

}  // namespace

void play_members(ShopDay& day) {
  open(day);
  meet(day);
  offline(day);
  give_back(day);
  who_is_who(day);
  dark(day);
}

}  // namespace tillkit::story
