// SPDX-License-Identifier: Apache-2.0
// Goods before they are paid: lines, prices, ages, and what a basket does not take.
#include <algorithm>
#include <string>

#include "shop.hpp"
#include "tillkit/checkout/limits.hpp"
#include "tillkit/checkout/records.hpp"
#include "tillkit/offers/model.hpp"

namespace tillkit::test {
namespace {

using receipt::SaleRefusal;

constexpr journal::Operator kNobody = *journal::Operator::parse("nobody");

TEST_CASE("pieces of one item are one line, and what was scanned last stands last", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kCola));
  REQUIRE(shop.world.scan(kRice));
  REQUIRE(shop.world.scan(kCola, 2));

  REQUIRE(shop.basket().lines().size() == 2);
  CHECK(shop.basket().lines()[0].item.view() == "rice");
  CHECK(shop.basket().lines()[1].item.view() == "cola");
  CHECK(shop.basket().lines()[1].count == 3);
  CHECK(shop.basket().lines()[1].list == 1'050);
  CHECK(shop.payable() == 1'290 + 1'050);
  const auto* const screen = shop.world.onlooker.shown<receipt::BasketScreen>();
  REQUIRE(screen != nullptr);
  CHECK(screen->total == fen(2'340));
  CHECK(screen->rows.size() == 2);
}

TEST_CASE("weighed goods cost what the label says, or what their weight costs", "[checkout]") {
  Shop shop;

  SECTION("a price label: its price stands, its weight is worked out") {
    REQUIRE(shop.till().scan("2112345012506"));
    CHECK(shop.basket().lines().front().list == 1'250);
    CHECK(shop.basket().lines().front().count == 1'250 * 500 / 980);
    CHECK(shop.payable() == 1'250);
  }
  SECTION("a weight label: 750 g at 9.80 per 500 g") {
    REQUIRE(shop.till().scan("2912345007508"));
    CHECK(shop.basket().lines().front().count == 750);
    CHECK(shop.payable() == 1'470);
  }
  SECTION("the operator's scale, rounded once, half up") {
    REQUIRE(shop.till().add(kApples, grams(333)));
    CHECK(shop.payable() == 653);  // 652.68
  }
  SECTION("each weighing is a line of its own") {
    REQUIRE(shop.till().add(kApples, grams(333)));
    REQUIRE(shop.till().add(kApples, grams(333)));
    CHECK(shop.basket().lines().size() == 2);
    CHECK(shop.payable() == 1'306);
  }
  REQUIRE(shop.world.pay_cash(10'000));
  static_cast<void>(shop.receipt_of(shop.world.last_sale()));
  shop.check_books();
}

TEST_CASE("a label's price stays as printed until somebody gives another weight", "[checkout]") {
  Shop shop;
  REQUIRE(shop.till().scan("2112345012506"));
  const auto line = shop.basket().lines().front().id;

  REQUIRE(shop.till().change(line, grams(500), kAnna));

  CHECK(shop.payable() == 980);
}

TEST_CASE("a line can be changed, removed and added anew", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  const auto cola = shop.basket().lines()[0].id;

  REQUIRE(shop.till().change(cola, pieces(10), journal::kUnattended));
  CHECK(shop.payable() == 3'500 + 1'290 - 500);
  REQUIRE(shop.till().change(cola, pieces(2), kAnna));
  CHECK(shop.payable() == 700 + 1'290);
  CHECK(shop.basket().removed() == 0);
  REQUIRE(shop.till().change(cola, pieces(0), kAnna));
  CHECK(shop.payable() == 1'290);
  CHECK(shop.basket().removed() == 1);
  REQUIRE(shop.world.scan(kCola));
  CHECK(shop.basket().lines().back().id != cola);

  REQUIRE(shop.world.pay_cash(2'000));
  CHECK(shop.story(shop.world.last_sale()).removed == 1);
  shop.check_books();
}

TEST_CASE("a basket that was emptied line by line is no sale: the next shopper begins anew", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kBeer));
  REQUIRE(shop.till().age_checked(18, true, kAnna));
  REQUIRE(shop.till().change(shop.basket().lines().front().id, pieces(0), kAnna));
  CHECK(shop.world.onlooker.screen() == "idle");

  REQUIRE(shop.world.scan(kBeer));
  CHECK(shop.world.onlooker.age_checks.size() == 2);
  CHECK(refusal_of(shop.till().pay_cash(fen(2'000))) == SaleRefusal::AgeNotConfirmed);
}

TEST_CASE("a shelf that waits is taken when a basket was emptied line by line", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kCola));
  shop.till().set_shelf(make_shelf_with_cola_at(400));
  REQUIRE(shop.till().change(shop.basket().lines().front().id, pieces(0), kAnna));

  REQUIRE(shop.world.scan(kCola));

  CHECK(shop.payable() == 400);
}

TEST_CASE("a void of a whole basket is recorded where somebody answers for it", "[checkout]") {
  Shop shop;
  shop.scan_seven();

  SECTION("a shopper leaves an unattended terminal") {
    CHECK(shop.commits_of([&] { REQUIRE(shop.till().void_sale(journal::kUnattended)); }) == 0);
    CHECK(shop.world.records().empty());
  }
  SECTION("an operator takes it back") {
    CHECK(shop.commits_of([&] { REQUIRE(shop.till().void_sale(kAnna)); }) == 1);
    CHECK(shop.world.records() == "sale_closed");
    CHECK(shop.story(shop.world.last_sale()).state == checkout::SaleState::Voided);
    CHECK(shop.world.onlooker.ended.size() == 1);
  }
  CHECK(shop.basket().empty());
  CHECK(shop.world.onlooker.screen() == "idle");
  shop.check_books();
}

TEST_CASE("tax that prices do not include comes on top, and is paid and given back", "[checkout]") {
  Shop shop(shelf_of(
      {{.id = "nut", .name = "Nut", .price = fen(999), .tax_rate = core::BasisPoints(825), .tax_inclusive = false},
       {.id = "cup", .name = "Cup", .price = fen(500)}}));
  REQUIRE(shop.world.scan("nut", 3));
  REQUIRE(shop.world.scan("cup"));
  CHECK(shop.payable() == 2'997 + 247 + 500);  // 8.25 % of 29.97 is 2.472525

  REQUIRE(shop.world.pay_by_code());
  REQUIRE(shop.world.settle());
  const auto sale = shop.world.last_sale();
  CHECK(shop.receipt_of(sale).total == 3'744);
  const auto back = shop.world.refund(sale);
  REQUIRE(back);
  REQUIRE(shop.world.settle());
  CHECK(shop.receipt_of(*back).total == 3'744);
  CHECK(shop.world.wallet.kept_minor() == 0);
  shop.check_books();
}

TEST_CASE("a basket of 300 lines with the longest names is sold, its proof in several records", "[checkout]") {
  // What JSON must write with a backslash is the longest.
  const std::string name(catalog::kNameBytesMax, '"');
  std::vector<std::string> ids;
  ids.reserve(checkout::kSaleLinesMax + 1);
  for (std::size_t i = 0; i <= checkout::kSaleLinesMax; ++i)
    ids.push_back(std::string(44, 'x') + std::to_string(1'000 + i));
  std::vector<catalog::NewItem> items;
  items.reserve(ids.size());
  for (const std::string& id : ids)
    items.push_back({.id = id, .name = name, .price = fen(101), .tax_rate = core::BasisPoints(1'300)});
  std::vector<std::array<std::string_view, 1>> codes;
  codes.reserve(ids.size());
  std::vector<std::string> shown;
  shown.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    shown.push_back("c" + std::to_string(i));
  for (const std::string& code : shown)
    codes.push_back({code});
  for (std::size_t i = 0; i < items.size(); ++i)
    items[i].codes = codes[i];
  Shop shop(shelf_of(items, R"({"version": "v", "currency": "CNY", "offers": [
      {"id": "a", "name": "A", "effect": {"amount_off": {"amount": "5.00", "at_least": "30.00"}}},
      {"id": "b", "name": "B", "effect": {"percent_off": {"rate": "3%"}}}]})"));
  for (std::size_t i = 0; i < checkout::kSaleLinesMax; ++i) {
    CAPTURE(i);
    const auto added = shop.till().add("c" + std::to_string(i), pieces(1));
    CHECK(refusal_of(added) == std::nullopt);
    REQUIRE(added);
  }
  CHECK(refusal_of(shop.till().add("c300", pieces(1))) == SaleRefusal::BasketFull);
  CHECK(shop.basket().lines().size() == 300);

  CHECK(shop.commits_of([&] { REQUIRE(shop.world.pay_cash(100'000)); }) == 1);

  const auto sale = shop.story(shop.world.last_sale());
  CHECK(sale.state == checkout::SaleState::Closed);
  CHECK(sale.lines.size() == 300);
  CHECK(sale.proof.size() > 2 * checkout::kProofPartBytes);
  CHECK(shop.world.records().contains("sale_priced sale_lines"));
  CHECK(shop.world.records().contains("price_proof_part price_proof_part"));
  const auto proof = checkout::proof_of(sale);
  REQUIRE(proof);
  CHECK(proof->lines.size() == 300);
  CHECK(shop.receipt_of(sale.id).lines.size() == 300);
  REQUIRE(shop.world.refund(sale.id));
  CHECK(shop.story(shop.world.last_sale()).cash_back_settled == sale.total);
  shop.check_books();
}

TEST_CASE("more than one sale may come to is refused, and the basket stays", "[checkout]") {
  Shop shop(shelf_of({{.id = "gold", .name = "Gold", .price = fen(catalog::kPriceMinorMax)},
                      {.id = "gum", .name = "Gum", .price = fen(100)}}));
  REQUIRE(shop.world.scan("gum"));

  CHECK(refusal_of(shop.till().add("gold", pieces(offers::kLineCountMax))) == SaleRefusal::AmountTooHigh);

  CHECK(shop.basket().lines().size() == 1);
  CHECK(shop.payable() == 100);
}

TEST_CASE("what cannot be sold so is refused, with its words", "[checkout]") {
  Shop shop;
  shop.scan_seven();
  const auto cola = shop.basket().lines()[0].id;
  const auto before = shop.basket().lines();

  CHECK(refusal_of(shop.till().add("4711", pieces(1))) == SaleRefusal::UnknownItem);
  CHECK(refusal_of(shop.till().scan("6901234599992")) == SaleRefusal::UnknownItem);
  CHECK(refusal_of(shop.till().scan("!?")) == SaleRefusal::CodeNotUnderstood);
  CHECK(shop.world.onlooker.screen() == "refused");
  CHECK(refusal_of(shop.till().add(kApples, pieces(1))) == SaleRefusal::WeightNeeded);
  CHECK(refusal_of(shop.till().add(kCola, grams(100))) == SaleRefusal::NotByWeight);
  CHECK(refusal_of(shop.till().add(kCola, pieces(0))) == SaleRefusal::QuantityOutOfRange);
  CHECK(refusal_of(shop.till().add(kCola, pieces(offers::kLineCountMax))) == SaleRefusal::QuantityOutOfRange);
  CHECK(refusal_of(shop.till().change(cola, grams(100), kLead)) == SaleRefusal::NotByWeight);
  CHECK(refusal_of(shop.till().change(offers::LineId(99), pieces(1), kLead)) == SaleRefusal::NothingToRemove);
  CHECK(refusal_of(shop.till().scan("]e081121112345676543210234567")) == SaleRefusal::CouponUnknown);
  // Best before 2026-01-01, and today is in June.
  CHECK(refusal_of(shop.till().scan("]d2010690123456789217260101")) == SaleRefusal::NotForSale);

  CHECK(shop.basket().lines() == before);
  REQUIRE(shop.till().add(kApples, grams(100)));
  const auto apples = shop.basket().lines().back().id;
  CHECK(refusal_of(shop.till().change(apples, pieces(1), kLead)) == SaleRefusal::WeightNeeded);
  CHECK(refusal_of(shop.till().change(apples, grams(offers::kLineCountMax + 1), kLead)) ==
        SaleRefusal::QuantityOutOfRange);
}

TEST_CASE("who may not do it is told so, and nothing happens", "[checkout]") {
  Shop shop;
  const auto sale = shop.sell_for_cash();
  REQUIRE(shop.till().sign_on(kAnna));
  shop.scan_seven();
  const auto cola = shop.basket().lines()[0].id;

  CHECK(refusal_of(shop.till().change(cola, pieces(1), kNobody)) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().change(cola, pieces(0), journal::kUnattended)) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().void_sale(kNobody)) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().void_sale(journal::kUnattended)) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().age_checked(18, true, kNobody)) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().age_checked(18, true, journal::kUnattended)) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().refund({.sale = sale, .by = kNobody})) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().refund({.sale = sale, .by = kAnna})) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().reprint(sale, kNobody)) == SaleRefusal::PermissionMissing);
  CHECK(refusal_of(shop.till().resolve({}, payment::Decision::Paid, kAnna, "seen")) == SaleRefusal::PermissionMissing);
  CHECK(shop.basket().lines().size() == 2);
  CHECK(shop.basket().lines()[0].count == 6);

  REQUIRE(shop.till().void_sale(kAnna));
  REQUIRE(shop.till().refund({.sale = sale, .by = kLead}));
  shop.check_books();
}

TEST_CASE("the table of permissions says who may give back how much", "[checkout]") {
  using checkout::Action;
  const checkout::PermissionTable table({{.operator_id = kAnna,
                                          .actions = core::EnumSet<Action>{Action::Refund, Action::Void},
                                          .refund_max_minor = 500}});

  CHECK(table.is_permitted(kAnna, Action::Void, {}));
  CHECK(table.is_permitted(kAnna, Action::Refund, fen(500)));
  CHECK_FALSE(table.is_permitted(kAnna, Action::Refund, fen(501)));
  CHECK_FALSE(table.is_permitted(kAnna, Action::Reprint, {}));
  CHECK_FALSE(table.is_permitted(kLead, Action::Void, {}));
  CHECK(to_string(Action::Void) == "void");
  CHECK(to_string(Action::Age) == "age");
  CHECK(to_string(Action::Slots) == "slots");
}

TEST_CASE("goods for adults wait until somebody has looked at the shopper", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kBeer));
  CHECK(shop.world.onlooker.screen() == "age_check");
  CHECK(shop.world.onlooker.age_checks == std::vector{18});
  REQUIRE(shop.world.scan(kCola));
  const auto unconfirmed = shop.till().pay_cash(fen(2'000));
  CHECK(refusal_of(unconfirmed) == SaleRefusal::AgeNotConfirmed);
  CHECK(unconfirmed.error().values.age == 18);

  SECTION("old enough: asked once, and recorded with the sale") {
    REQUIRE(shop.till().age_checked(18, true, kAnna));
    REQUIRE(shop.world.scan(kBeer));
    CHECK(shop.world.onlooker.age_checks.size() == 1);
    REQUIRE(shop.world.pay_cash(3'000));
    CHECK(shop.story(shop.world.last_sale()).age == 18);
  }
  SECTION("too young: the goods leave the basket, the others stay") {
    REQUIRE(shop.till().age_checked(18, false, kAnna));
    REQUIRE(shop.basket().lines().size() == 1);
    CHECK(shop.basket().lines().front().item.view() == "cola");
    REQUIRE(shop.world.pay_cash(400));
    CHECK(shop.story(shop.world.last_sale()).removed == 1);
  }
  SECTION("the next shopper is looked at again") {
    REQUIRE(shop.till().age_checked(18, true, kAnna));
    REQUIRE(shop.world.pay_cash(2'000));
    REQUIRE(shop.world.scan(kBeer));
    CHECK(shop.world.onlooker.age_checks.size() == 2);
  }
  SECTION("a sale that was put aside remembers it") {
    REQUIRE(shop.till().age_checked(18, true, kAnna));
    const auto sale = shop.till().suspend();
    REQUIRE(sale);
    shop.restart();
    REQUIRE(shop.till().resume(*sale));
    REQUIRE(shop.world.pay_cash(2'000));
  }
  shop.check_books();
}

TEST_CASE("a new shelf waits for the end of the sale that has begun", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kCola));

  shop.till().set_shelf(make_shelf_with_cola_at(400));
  REQUIRE(shop.world.scan(kCola));
  CHECK(shop.payable() == 700);
  REQUIRE(shop.world.pay_cash(700));

  REQUIRE(shop.world.scan(kCola));
  CHECK(shop.payable() == 400);
  REQUIRE(shop.till().void_sale(journal::kUnattended));
  shop.till().set_shelf(make_shelf_with_cola_at(500));
  REQUIRE(shop.world.scan(kCola));
  CHECK(shop.payable() == 500);
}

TEST_CASE("a sale that was put aside is priced again by today's shelf, and its new total needs a yes", "[checkout]") {
  Shop shop;
  REQUIRE(shop.world.scan(kCola, 2));
  std::optional<journal::SaleId> sale;
  CHECK(shop.commits_of([&] { sale = *shop.till().suspend(); }) == 1);
  CHECK(shop.basket().empty());
  CHECK(refusal_of(shop.till().resume(journal::SaleId(4'711))) == SaleRefusal::SaleNotFound);

  SECTION("the same price: nothing to confirm") {
    CHECK(shop.commits_of([&] { REQUIRE(shop.till().resume(*sale)); }) == 0);
    REQUIRE(shop.world.pay_cash(700));
  }
  SECTION("dearer") {
    shop.till().set_shelf(make_shelf_with_cola_at(400));
    REQUIRE(shop.till().resume(*sale));
    const auto changed = shop.till().pay_cash(fen(1'000));
    CHECK(refusal_of(changed) == SaleRefusal::PriceChanged);
    CHECK(changed.error().values.amount == fen(800));
    shop.till().confirm_price();
    REQUIRE(shop.world.pay_cash(1'000));
    CHECK(shop.story(*sale).total == fen(800));
  }
  SECTION("cheaper") {
    shop.till().set_shelf(make_shelf_with_cola_at(300));
    REQUIRE(shop.till().resume(*sale));
    CHECK(refusal_of(shop.till().pay_cash(fen(1'000))) == SaleRefusal::PriceChanged);
    shop.till().confirm_price();
    REQUIRE(shop.world.pay_cash(1'000));
    CHECK(shop.story(*sale).total == fen(600));
  }
  SECTION("not sold here any more: it keeps its price") {
    shop.till().set_shelf(shelf_of({{.id = "gum", .name = "Gum", .price = fen(100)}})());
    REQUIRE(shop.till().resume(*sale));
    REQUIRE(shop.world.pay_cash(700));
  }
  SECTION("put aside once more, and taken back at last") {
    REQUIRE(shop.till().resume(*sale));
    REQUIRE(shop.world.scan(kRice));
    CHECK(refusal_of(shop.till().resume(*sale)) == SaleRefusal::SaleOpen);
    CHECK(shop.till().suspend().value() == *sale);
    shop.restart();
    REQUIRE(shop.till().resume(*sale));
    CHECK(shop.payable() == 1'990);
    REQUIRE(shop.till().void_sale(kAnna));
    CHECK(shop.story(*sale).state == checkout::SaleState::Voided);
    CHECK(refusal_of(shop.till().resume(*sale)) == SaleRefusal::SaleNotFound);
  }
  shop.check_books();
}

TEST_CASE("fifty sales can be put aside, and each of them again", "[checkout]") {
  Shop shop;
  std::optional<journal::SaleId> last;
  for (std::size_t i = 0; i < checkout::kSuspendedMax; ++i) {
    REQUIRE(shop.world.scan(kCola));
    const auto sale = shop.till().suspend();
    REQUIRE(sale);
    last = *sale;
  }
  REQUIRE(shop.world.scan(kCola));
  CHECK(refusal_of(shop.till().suspend()) == SaleRefusal::SuspendedTooMany);
  REQUIRE(shop.till().void_sale(kAnna));

  REQUIRE(shop.till().resume(*last));
  CHECK(shop.till().suspend());
}

}  // namespace
}  // namespace tillkit::test
