// SPDX-License-Identifier: Apache-2.0
// A scripted day at the counter of a small shop, on virtual hardware: what goes well, what goes wrong, and power cuts.
// It prints what people see and leaves books that another program compares.
#include <chrono>
#include <cstdio>
#include <exception>

#include "chapters.hpp"

namespace tillkit::story {
namespace {

using namespace std::chrono_literals;
using test::approves;
using test::declines;
using test::WalletCall;

void buy_drinks(ShopDay& day) {
  day.scan(kCola);
  day.scan(kCola);
  day.scan(kTea);
  day.scan(kRiceCakes);
}

void morning(ShopDay& day) {
  day.begin_chapter("The shop opens: anna signs on, the first shopper pays in cash");
  day.sign_on("anna");
  buy_drinks(day);
  day.weigh("apples", 735);
  day.pay_cash(5'000);

  day.begin_chapter("A wallet pays: one flush for the intent, one for the outcome");
  buy_drinks(day);
  day.pay_with_code();
  day.settle();

  day.begin_chapter("The wallet declines; the shopper shows another code");
  day.scan(kUmbrella);
  day.wallet().script(WalletCall::Authorise, declines());
  day.pay_with_code();
  day.settle();
  day.pay_with_code();
  day.settle();

  day.begin_chapter("Beer: the till asks for the shopper's age; the wallet for a password, which takes 8 s");
  day.scan(kBeer);
  day.shopper_is(18);
  day.wallet().script(WalletCall::Authorise, approves().taking(8s));
  day.pay_with_code();
  day.settle();

  day.begin_chapter("The password never comes: given up after 45 s, reversed");
  day.scan(kNoodles);
  day.wallet().script(WalletCall::Authorise, approves().taking(10min));
  day.pay_with_code();
  day.settle();
}

void bad_line(ShopDay& day) {
  day.begin_chapter("The wallet charges and nobody says so: asked, and paid");
  day.scan(kNoodles);
  day.wallet().script(WalletCall::Authorise, approves().unanswered());
  day.pay_with_code();
  day.settle();

  day.begin_chapter("It answers late, and a 409 before that: unknown is never declined");
  day.scan(kChocolate);
  day.wallet().script(WalletCall::Authorise, approves().saying(409));
  day.wallet().script(WalletCall::Query, approves().late(3s));
  day.pay_with_code();
  day.settle();

  day.begin_chapter("503, and nothing was done: asked, not found, reversed");
  day.scan(kChocolate);
  day.wallet().script(WalletCall::Authorise, approves().lost().saying(503));
  day.pay_with_code();
  day.settle();

  day.begin_chapter("The connection closes after the charge: paid once");
  day.scan(kCola);
  day.wallet().script(WalletCall::Authorise, approves().closing());
  day.pay_with_code();
  day.settle();

  day.begin_chapter("It answers twice: sold once");
  day.scan(kCola);
  day.wallet().script(WalletCall::Authorise, approves().twice(2s));
  day.pay_with_code();
  day.settle();

  day.begin_chapter("The charge arrives after its own reversal: refused there, nothing taken");
  day.scan(kUmbrella);
  day.wallet().script(WalletCall::Authorise, approves().travelling(3min));
  day.pay_with_code();
  day.settle();

  day.begin_chapter("It is paid between the last question and the reversal: given back, no goods");
  day.scan(kUmbrella);
  day.wallet().script(WalletCall::Authorise, approves().taking(46s));
  day.wallet().script_all(WalletCall::Query, approves().lost());
  day.pay_with_code();
  day.settle();
  day.wallet().script_all(WalletCall::Query, approves());

  day.begin_chapter("No network: the code is refused at once, and cash works");
  day.unplug_network();
  buy_drinks(day);
  day.pay_with_code();
  day.pay_cash(3'000);
  day.plug_network();
}

void noon(ShopDay& day) {
  day.begin_chapter("A code on the screen: the shopper scans it");
  day.scan(kTea);
  day.pay_with_qr();
  day.shopper_scans_qr();

  day.begin_chapter("A code on the screen that nobody scans: it expires");
  day.scan(kTea);
  day.pay_with_qr();
  day.settle();

  day.begin_chapter("Two wallets and cash pay one sale; the second code is declined, another is shown");
  day.scan(kUmbrella);
  day.scan(kRiceCakes);
  day.pay_cash(1'000);
  day.pay_with_code(2'000);
  day.settle();
  day.wallet().script(WalletCall::Authorise, declines("over_limit"));
  day.pay_with_code();
  day.settle();
  day.pay_with_code();
  day.settle();

  day.begin_chapter("A part is paid, in cash and by a wallet; then the shopper wants out: all of it goes back");
  day.scan(kUmbrella);
  day.pay_cash(1'000);
  day.pay_with_code(1'000);
  day.settle();
  day.give_up();
}

void dark(ShopDay& day) {
  day.begin_chapter("Power goes while the intent is written");
  buy_drinks(day);
  day.cut_power_at(1);
  day.pay_with_code();
  day.settle();
  day.note("the till knows nothing of it and nothing left it: scan again");
  buy_drinks(day);
  day.pay_with_code();
  day.settle();

  day.begin_chapter("Power goes while the outcome is written: the wallet has charged, the till has not stored it");
  day.scan(kNoodles);
  day.wallet().script(WalletCall::Authorise, approves().late(2s));
  day.pay_with_code();
  day.cut_power_at(1);
  day.settle();

  day.begin_chapter("Power goes while a sale is given up, and again while that is repaired");
  day.scan(kChocolate);
  day.wallet().script(WalletCall::Authorise, approves().taking(10min));
  day.pay_with_code();
  day.wait(44s);
  day.cut_power_at(1);
  day.settle();
  day.cut_power_now();
  day.settle();

  day.begin_chapter("A sale is put aside, power goes, anna goes on with it");
  buy_drinks(day);
  const auto aside = day.put_aside();
  day.cut_power_now();
  if (aside) day.go_on_with(*aside);
  day.pay_with_code();
  day.settle();
}

void evening(ShopDay& day) {
  day.begin_chapter("One cola comes back, then all the rest");
  buy_drinks(day);
  day.pay_with_code();
  day.settle();
  const journal::SaleId sold = day.last_sale();
  day.give_back(sold, {{.line = offers::LineId(1), .first = 1, .count = 1}});
  day.wait(2min);
  day.give_back(sold);

  day.begin_chapter("A refund of which nobody hears: repeated with the same number, given back once");
  day.scan(kUmbrella);
  day.pay_with_code();
  day.settle();
  day.wallet().script(WalletCall::Refund, approves().unanswered());
  day.give_back(day.last_sale());

  day.begin_chapter("Cash comes back in two pieces, to the fen that was taken");
  day.weigh("apples", 333);
  day.weigh("bananas", 777);
  day.pay_cash(2'000);
  const journal::SaleId fruit = day.last_sale();
  day.give_back(fruit, {{.line = offers::LineId(1), .first = 1, .count = 1}});
  day.give_back(fruit);
}

int run(const ShopFiles& files) {
  ShopDay day(files);
  morning(day);
  bad_line(day);
  noon(day);
  dark(day);
  evening(day);
  play_members(day);
  if (!day.write_books()) {
    std::fputs("story: the books cannot be written\n", stderr);
    return 1;
  }
  std::printf("\nThe day is over. Power went %d times.\n", static_cast<int>(day.cuts()));
  return 0;
}

}  // namespace
}  // namespace tillkit::story

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::fputs("usage: story CATALOG.csv RULES.json FOLDER-FOR-THE-BOOKS\n", stderr);
    return 2;
  }
  try {
    return tillkit::story::run({.catalog = arguments[1], .rules = arguments[2], .books = arguments[3]});
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "story: %s\n", trouble.what());
    return 1;
  }
}
