// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/tender.hpp"

#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/payment/limits.hpp"

namespace tillkit::payment {
namespace {

using enum TenderKind;
using R = TenderRefusal;

TenderSet set_of(std::initializer_list<TenderKind> kinds) {
  TenderSet set;
  for (const TenderKind kind : kinds)
    set.add(kind);
  return set;
}

const TenderSet kAll = set_of({WalletCode, WalletQr, Cash, StoredValue, Points});

TenderSituation good() {
  return {.offered = kAll,
          .left_to_pay = {100, core::kCny},
          .online = true,
          .can_store = true,
          .clock = core::WallQuality::Estimated,
          .unresolved = 0,
          .member_may_spend = true,
          .value_leased_minor = 50,
          .points_leased_minor = 50};
}

TEST_CASE("when all is well every tender can be taken", "[payment]") {
  CHECK(what_works(good()) == kAll);
}

TEST_CASE("without a network a wallet is refused at once, and the shopper hears what works", "[payment]") {
  TenderSituation situation = good();
  situation.online = false;

  CHECK(refusal_of(WalletCode, situation) == R::Offline);
  CHECK(refusal_of(WalletQr, situation) == R::Offline);
  CHECK(what_works(situation) == set_of({Cash, StoredValue, Points}));
  situation.value_leased_minor = 0;
  situation.points_leased_minor = 0;
  CHECK(refusal_of(StoredValue, situation) == R::NotCovered);
  CHECK(refusal_of(Points, situation) == R::NotCovered);
  CHECK(what_works(situation) == set_of({Cash}));
  situation.online = true;
  CHECK_FALSE(refusal_of(StoredValue, situation));
}

TEST_CASE("one unresolved attempt too many refuses wallets and nothing else", "[payment]") {
  TenderSituation situation = good();
  situation.unresolved = kUnresolvedMax - 1;
  CHECK(what_works(situation) == kAll);

  situation.unresolved = kUnresolvedMax;
  CHECK(refusal_of(WalletCode, situation) == R::TooManyUnresolved);
  CHECK(what_works(situation) == set_of({Cash, StoredValue, Points}));
}

TEST_CASE("one open refund too many refuses wallets where another may be needed", "[payment]") {
  TenderSituation situation = good();
  situation.refunds_open = kRefundsOpenMax - 1;
  CHECK(what_works(situation) == kAll);

  situation.refunds_open = kRefundsOpenMax;
  CHECK(refusal_of(WalletCode, situation) == R::TooManyRefunds);
  CHECK(what_works(situation) == set_of({Cash, StoredValue, Points}));
}

TEST_CASE("without room to store nothing is sold, cash included", "[payment]") {
  TenderSituation situation = good();
  situation.can_store = false;

  CHECK(what_works(situation).empty());
  CHECK(refusal_of(Cash, situation) == R::Storage);
}

TEST_CASE("without a clock wallets are refused", "[payment]") {
  TenderSituation situation = good();
  situation.clock = core::WallQuality::Unknown;

  CHECK(refusal_of(WalletCode, situation) == R::ClockUnknown);
  CHECK_FALSE(refusal_of(Cash, situation));
}

TEST_CASE("without a scanner no code can be shown, but one can be scanned", "[payment]") {
  TenderSituation situation = good();
  situation.can_scan = false;

  CHECK(refusal_of(WalletCode, situation) == R::NoScanner);
  CHECK(what_works(situation) == set_of({WalletQr, Cash, StoredValue, Points}));
  situation.online = false;
  CHECK(refusal_of(WalletCode, situation) == R::Offline);
}

TEST_CASE("nobody spends a member's money without being that member", "[payment]") {
  TenderSituation situation = good();
  situation.member_may_spend = false;

  CHECK(refusal_of(StoredValue, situation) == R::NoMember);
  CHECK(refusal_of(Points, situation) == R::NoMember);
}

TEST_CASE("a total of nothing needs no tender, and what is not offered is not there", "[payment]") {
  TenderSituation situation = good();
  situation.offered = set_of({WalletCode});
  CHECK(refusal_of(Cash, situation) == R::NotOffered);
  CHECK(refusal_of(WalletQr, situation) == R::NotOffered);
  CHECK(what_works(situation) == set_of({WalletCode}));

  situation.left_to_pay = {0, core::kCny};
  CHECK(refusal_of(WalletCode, situation) == R::NothingToPay);
  CHECK(what_works(situation).empty());
}

TEST_CASE("tenders and refusals have names and numbers of their own", "[payment]") {
  std::set<std::string> names;
  for (int i = 1; i <= 5; ++i)
    names.emplace(to_string(static_cast<TenderKind>(i)));
  for (std::size_t i = 1; i <= kTenderRefusals; ++i)
    names.emplace(to_string(static_cast<TenderRefusal>(i)));
  CHECK(names.size() == 15);
  CHECK(is_external(WalletCode));
  CHECK(is_external(WalletQr));
  CHECK_FALSE(is_external(Cash));
  CHECK(static_cast<int>(Points) == 5);
  CHECK(static_cast<int>(R::Offline) == 4);
  CHECK(static_cast<int>(R::NoScanner) == 9);
}

}  // namespace
}  // namespace tillkit::payment
