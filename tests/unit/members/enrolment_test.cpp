// SPDX-License-Identifier: Apache-2.0

// Payers become members, or do not want to be.

#include <string>

#include "shop.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using namespace std::chrono_literals;

constexpr std::string_view kReference = "oUpF8uMuAJO-M2pxb1Q9zNjWeS6o";

KnownIdentity known(const Shop& shop, const Identity& identity) {
  return must(find_identity(shop.tables(), identity));
}

TEST_CASE("a payer nobody knew becomes a provisional member, and the next sale finds it", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  CHECK(known(shop, payer).known == Known::No);

  const auto first = must(shop.enrol_payer(payer));
  const auto second = must(shop.enrol_payer(payer));

  REQUIRE(first.has_value());
  CHECK(*first == provisional_id(payer));
  CHECK(second == first);
  CHECK(known(shop, payer).known == Known::Member);
  CHECK(known(shop, payer).member == *first);
  CHECK_FALSE(known(shop, payer).consented);
  CHECK(shop.count(kEnrolled) == 1);
  CHECK(shop.count(kRecognised) == 2);
  CHECK(shop.count(kNotice) == 1);
  CHECK(shop.bodies(kNotice)[0].find(R"("what":12)") != std::string::npos);
  CHECK(shop.sound());
}

TEST_CASE("enrolling the same payer again appends nothing but that it was recognised", "[members]") {
  for (const EnrolPolicy policy : {EnrolPolicy::Provisional, EnrolPolicy::Automatic}) {
    for (const Consent said : {Consent::NotAsked, Consent::Given}) {
      CAPTURE(static_cast<int>(policy), static_cast<int>(said));
      Shop shop;
      const Identity payer = shop.payer(kReference);
      must(shop.enrol_payer(payer, policy, said));
      const auto last = shop.last();

      must(shop.enrol_payer(payer, policy, said));

      CHECK(shop.last().value() == last.value() + 1);
      CHECK(shop.journal->read(shop.last())->kind == kRecognised);
      CHECK(known(shop, payer).consented == (policy == EnrolPolicy::Automatic || said == Consent::Given));
      CHECK(shop.sound());
    }
  }
}

TEST_CASE("with the policy off nobody is enrolled, and those who were are not used", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  const auto before = shop.last();

  CHECK_FALSE(must(shop.enrol_payer(payer, EnrolPolicy::Off, Consent::Given)).has_value());
  CHECK(shop.last() == before);
  must(shop.enrol_payer(payer));
  const auto enrolled = shop.last();
  CHECK_FALSE(must(shop.enrol_payer(payer, EnrolPolicy::Off)).has_value());
  CHECK(shop.last() == enrolled);
}

TEST_CASE("a provisional member that agrees later is a member from then on", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  const Identity other = shop.payer("other");
  must(shop.enrol_payer(payer));
  must(shop.enrol_payer(other));

  must(shop.enrol_payer(payer, EnrolPolicy::Provisional, Consent::Given));
  must(shop.enrol_payer(other, EnrolPolicy::Automatic));

  CHECK(known(shop, payer).consented);
  CHECK(known(shop, other).consented);
  const auto consents = shop.bodies(kConsented);
  REQUIRE(consents.size() == 2);
  CHECK(consents[0].ends_with(R"("by":"unattended","text":""})"));
  CHECK(consents[1].ends_with(R"("by":"","text":""})"));
  CHECK(shop.sound());
}

TEST_CASE("consent is recorded with who took it and what was agreed to", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  const MemberId made = must(shop.enrol_payer(payer)).value();
  const auto by = must(journal::Operator::parse("anna"));
  const auto agree = [&](const MemberId& who, const journal::Operator& whom, std::string_view text) {
    return shop.commit([&](journal::Tx& tx) { return consent(tx, who, whom, text); });
  };

  must(agree(made, by, "terms-3"));

  CHECK(known(shop, payer).consented);
  CHECK(shop.bodies(kConsented) ==
        std::vector<std::string>{R"({"member":")" + std::string(made.view()) + R"(","by":"anna","text":"terms-3"})"});
  CHECK(failed_with(agree(member("M-1"), by, "terms-3"), ErrorCode::NotFound));
  CHECK(failed_with(agree({}, by, "terms-3"), ErrorCode::InvalidArgument));
  CHECK(failed_with(agree(made, {}, "terms-3"), ErrorCode::InvalidArgument));
  CHECK(failed_with(agree(made, by, std::string(65, 'x')), ErrorCode::InvalidArgument));
  must(agree(made, by, std::string(64, 'x')));
  CHECK(shop.sound());
}

TEST_CASE("consent of the one that others were merged into is theirs, too, and nobody else's", "[members]") {
  Shop shop;
  const Identity first = shop.payer("first");
  const Identity second = shop.payer("second");
  const Identity stranger = shop.payer("stranger");
  const MemberId made = must(shop.enrol_payer(first)).value();
  const MemberId other = must(shop.enrol_payer(second)).value();
  must(shop.enrol_payer(stranger));
  must(shop.join(made.view(), "M-1"));
  must(shop.join(other.view(), "M-1"));

  must(shop.commit([&](journal::Tx& tx) { return consent(tx, member("M-1"), journal::kUnattended, "1"); }));

  CHECK(known(shop, first).consented);
  CHECK(known(shop, second).consented);
  CHECK_FALSE(known(shop, stranger).consented);
}

TEST_CASE("a payer that was merged into a member is recognised as that member", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  const MemberId made = must(shop.enrol_payer(payer)).value();
  must(shop.join(made.view(), "M-1"));

  CHECK(must(shop.enrol_payer(payer)) == member("M-1"));
  CHECK(known(shop, payer).member == member("M-1"));
  CHECK(shop.count(kEnrolled) == 1);
}

TEST_CASE("a payer whose id was merged before it is enrolled here is that member at once", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  must(shop.join(provisional_id(payer).view(), "M-1"));

  CHECK(must(shop.enrol_payer(payer)) == member("M-1"));
  CHECK(shop.bodies(kNotice)[0].starts_with(R"({"member":"M-1")"));
  CHECK(shop.sound());
}

TEST_CASE("who refuses is remembered by the blind index alone, and is not enrolled again", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);

  CHECK_FALSE(must(shop.enrol_payer(payer, EnrolPolicy::Provisional, Consent::Refused)).has_value());
  CHECK(known(shop, payer).known == Known::Refused);
  CHECK(known(shop, payer).member.empty());
  const auto last = shop.last();
  for (const EnrolPolicy policy : {EnrolPolicy::Off, EnrolPolicy::Provisional, EnrolPolicy::Automatic}) {
    for (const Consent said : {Consent::NotAsked, Consent::Given, Consent::Refused})
      CHECK_FALSE(must(shop.enrol_payer(payer, policy, said)).has_value());
  }
  must(shop.commit([&](journal::Tx& tx) { return refuse_consent(tx, payer); }));

  CHECK(shop.last() == last);
  CHECK(shop.count(kRefusedConsent) == 1);
  CHECK(shop.bodies(kRefusedConsent)[0].ends_with(R"("member":""})"));
  CHECK(shop.count(kNotice) == 0);
  CHECK(shop.sound());
}

TEST_CASE("a refusal is recorded also where nobody is enrolled", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);

  must(shop.enrol_payer(payer, EnrolPolicy::Off, Consent::Refused));

  CHECK(known(shop, payer).known == Known::Refused);
}

TEST_CASE("a member that refuses is none any more, and its coupons are not redeemed here", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  const MemberId made = must(shop.enrol_payer(payer)).value();
  shop.place(held("C-1", shop), made, shop.now() + 24h);
  shop.place(held("C-2", shop), member("M-1"), shop.now() + 24h);

  must(shop.commit([&](journal::Tx& tx) { return refuse_consent(tx, payer); }));

  CHECK(known(shop, payer).known == Known::Refused);
  CHECK(shop.bodies(kRefusedConsent)[0].ends_with(R"("member":")" + std::string(made.view()) + "\"}"));
  CHECK(must(coupons_of(shop.tables(), made, {shop.now(), core::WallQuality::Trusted})).empty());
  CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1", made.view())}), ErrorCode::NotFound));
  CHECK(must(find_coupon(shop.tables(), coupon_id("C-2"))).has_value());
  CHECK_FALSE(must(shop.enrol_payer(payer)).has_value());
  const auto placed_again =
      shop.commit([&](journal::Tx& tx) { return place_coupon(tx, held("C-3", shop), made, shop.now() + 24h); });
  CHECK(failed_with(placed_again, ErrorCode::FailedPrecondition));
  CHECK(failed_with(shop.commit([&](journal::Tx& tx) { return consent(tx, made, journal::kUnattended, "1"); }),
                    ErrorCode::NotFound));
  CHECK(shop.sound());
}

TEST_CASE("a sale that is being paid while its member refuses keeps its coupon to the end", "[members]") {
  for (const bool paid : {false, true}) {
    CAPTURE(paid);
    Shop shop;
    const Identity payer = shop.payer(kReference);
    const MemberId made = must(shop.enrol_payer(payer)).value();
    shop.place(held("C-1", shop, 3), made, shop.now() + 24h);
    const auto sale = shop.next_sale();
    must(shop.reserve(sale, {lease("C-1", made.view())}));
    must(shop.commit([&](journal::Tx& tx) { return refuse_consent(tx, payer); }));

    must(paid ? shop.redeem(sale) : shop.release(sale));

    CHECK(failed_with(shop.reserve(shop.next_sale(), {lease("C-1", made.view())}), ErrorCode::NotFound));
    CHECK(shop.sound());
  }
}

TEST_CASE("all wallets of a provisional member refuse with it; a registered member stays", "[members]") {
  Shop shop;
  const Identity first = shop.payer("first");
  const Identity second = shop.payer("second", codes::Wallet::Alipay);
  const Identity third = shop.payer("third");
  const Identity fourth = shop.payer("fourth");
  const MemberId one = must(shop.enrol_payer(first)).value();
  const MemberId two = must(shop.enrol_payer(second)).value();
  const MemberId three = must(shop.enrol_payer(third)).value();
  const MemberId four = must(shop.enrol_payer(fourth)).value();
  shop.place(held("C-2", shop), two, shop.now() + 24h);
  shop.place(held("C-3", shop), three, shop.now() + 24h);
  shop.place(held("C-9", shop), member("M-9"), shop.now() + 24h);
  must(shop.join(one.view(), two.view()));
  must(shop.join(three.view(), "M-9"));
  must(shop.join(four.view(), "M-9"));

  must(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    TILLKIT_TRY_VOID(refuse_consent(tx, first));
    return refuse_consent(tx, third);
  }));

  CHECK(known(shop, first).known == Known::Refused);
  CHECK(known(shop, second).known == Known::Refused);
  CHECK(known(shop, third).known == Known::Refused);
  CHECK(known(shop, fourth).known == Known::Member);
  CHECK_FALSE(must(find_coupon(shop.tables(), coupon_id("C-2"))).has_value());
  CHECK_FALSE(must(find_coupon(shop.tables(), coupon_id("C-3"))).has_value());
  CHECK(must(find_coupon(shop.tables(), coupon_id("C-9"))).has_value());
  CHECK(shop.sound());
}

TEST_CASE("nothing personal stands in any record or anywhere in the file", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  const Identity phone = must(shop.maker->phone("13800138000"));
  const Identity card = must(shop.maker->card(must(codes::MemberCard::parse("6900000000017"))));
  must(shop.enrol_payer(payer, EnrolPolicy::Provisional, Consent::Given));
  must(shop.enrol_payer(phone, EnrolPolicy::Automatic));
  must(shop.enrol_payer(card, EnrolPolicy::Provisional, Consent::Refused));
  must(shop.commit([&](journal::Tx& tx) { return refuse_consent(tx, payer); }));

  must(shop.journal->checkpoint());
  const std::string file = journal::bytes_of(shop.till.file()) + journal::bytes_of(shop.till.wal());

  CHECK(file.find("members.enrolled") != std::string::npos);
  for (const std::string_view value :
       {kReference, std::string_view("13800138000"), std::string_view("6900000000017")}) {
    CAPTURE(value);
    CHECK(file.find(value) == std::string::npos);
  }
}

TEST_CASE("an enrolment's body is what the contract says", "[members]") {
  Shop shop;
  const Identity payer{IdentityKind::Payer, security::BlindIndex(-2)};

  must(shop.enrol_payer(payer, EnrolPolicy::Automatic, Consent::Given));

  CHECK(shop.bodies(kEnrolled) ==
        std::vector<std::string>{R"({"member":"P1-fffffffffffffffe","kind":1,"index":"-2","policy":2,"consent":1})"});
  CHECK(known(shop, payer).member == member("P1-fffffffffffffffe"));
}

TEST_CASE("when as many identities are remembered as fit, one more is refused and known ones are not", "[members]") {
  Shop shop;
  const Identity payer = shop.payer(kReference);
  shop.fill(3, kIdentitiesMax - 1);
  must(shop.enrol_payer(payer));
  const auto last = shop.last();

  CHECK(failed_with(shop.enrol_payer(shop.payer("other")), ErrorCode::Exhausted));
  CHECK(failed_with(shop.enrol_payer(shop.payer("other"), EnrolPolicy::Off, Consent::Refused), ErrorCode::Exhausted));
  CHECK(shop.last() == last);
  must(shop.commit([&](journal::Tx& tx) { return refuse_consent(tx, payer); }));
}

TEST_CASE("recognising and a new tier need a sale, a member and what is new", "[members]") {
  Shop shop;
  const auto sale = shop.next_sale();
  const auto see = [&](journal::SaleId of, const MemberId& who, RecogniseHow how) {
    return shop.commit([&](journal::Tx& tx) { return recognise(tx, of, who, how); });
  };
  const auto reach = [&](journal::SaleId of, const MemberId& who, const offers::Name& from, const offers::Name& to) {
    return shop.commit([&](journal::Tx& tx) { return reach_tier(tx, of, who, from, to); });
  };

  must(see(sale, member("M-1"), RecogniseHow::Phone));
  must(reach(sale, member("M-1"), {}, name("gold")));

  CHECK(shop.bodies(kRecognised) == std::vector<std::string>{R"({"member":"M-1","how":6})"});
  CHECK(shop.bodies(kTierReached) == std::vector<std::string>{R"({"member":"M-1","from":"","to":"gold"})"});
  REQUIRE(shop.count(kNotice) == 1);
  CHECK(shop.bodies(kNotice)[0] ==
        R"({"member":"M-1","what":11,"of":)" + std::to_string(shop.last().value() - 1) + R"(,"count":1})");
  CHECK(failed_with(see({}, member("M-1"), RecogniseHow::Payer), ErrorCode::InvalidArgument));
  CHECK(failed_with(see(sale, {}, RecogniseHow::Payer), ErrorCode::InvalidArgument));
  CHECK(failed_with(see(sale, member("M-1"), static_cast<RecogniseHow>(0)), ErrorCode::InvalidArgument));
  CHECK(failed_with(see(sale, member("M-1"), static_cast<RecogniseHow>(7)), ErrorCode::InvalidArgument));
  CHECK(failed_with(reach({}, member("M-1"), {}, name("gold")), ErrorCode::InvalidArgument));
  CHECK(failed_with(reach(sale, {}, {}, name("gold")), ErrorCode::InvalidArgument));
  CHECK(failed_with(reach(sale, member("M-1"), name("gold"), {}), ErrorCode::InvalidArgument));
  CHECK(failed_with(reach(sale, member("M-1"), name("gold"), name("gold")), ErrorCode::InvalidArgument));
  CHECK(failed_with(shop.commit([&](journal::Tx& tx) -> core::Result<> {
    TILLKIT_TRY(const auto enrolled, enrol(tx, {}, shop.payer("x"), EnrolPolicy::Automatic, Consent::Given));
    static_cast<void>(enrolled);
    return {};
  }),
                    ErrorCode::InvalidArgument));
}

TEST_CASE("a notice is about a record that is there, for a member that there is", "[members]") {
  Shop shop;
  const auto sale = shop.next_sale();
  must(shop.append(journal::kind("ledger.earned"), "{}", sale));
  const auto of = shop.last();
  const auto tell_member = [&](const MemberId& who, NoticeWhat what, journal::Seq seq) {
    return shop.commit([&](journal::Tx& tx) { return notice(tx, sale, who, what, seq, 12); });
  };

  must(tell_member(member("M-1"), NoticeWhat::PointsEarned, of));

  CHECK(shop.bodies(kNotice) ==
        std::vector<std::string>{R"({"member":"M-1","what":1,"of":)" + std::to_string(of.value()) + R"(,"count":12})"});
  CHECK(failed_with(tell_member({}, NoticeWhat::PointsEarned, of), ErrorCode::InvalidArgument));
  CHECK(failed_with(tell_member(member("M-1"), static_cast<NoticeWhat>(0), of), ErrorCode::InvalidArgument));
  CHECK(failed_with(tell_member(member("M-1"), static_cast<NoticeWhat>(13), of), ErrorCode::InvalidArgument));
  CHECK(failed_with(tell_member(member("M-1"), NoticeWhat::PointsEarned, journal::Seq{}), ErrorCode::InvalidArgument));
  CHECK(failed_with(tell_member(member("M-1"), NoticeWhat::PointsEarned, journal::Seq(of.value() + 2)),
                    ErrorCode::InvalidArgument));
}

}  // namespace
}  // namespace tillkit::members
