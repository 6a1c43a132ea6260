// SPDX-License-Identifier: Apache-2.0

// The tables' own guard: whatever the steps believe, a record that does not belong to them is not taken.

#include <array>
#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using test::approves;
using test::declines;
using test::WalletCall;

constexpr std::int64_t kPrice = PaymentWorld::kPrice;

std::optional<journal::Kind> applied_twice;

core::Result<> apply_twice(journal::Tx& tx, const journal::Record& record) {
  TILLKIT_TRY_VOID(kPaymentTables.apply(tx, record));
  if (record.kind != applied_twice) return {};
  return kPaymentTables.apply(tx, record);
}

/// One of each record, as far as it gets.
void live(Shop& shop) {
  const auto first = shop.charge();
  static_cast<void>(shop.settle(1h));
  if (first) static_cast<void>(shop.refund(first->order, 400));
  static_cast<void>(shop.settle(1h));
  shop.wallet.script(WalletCall::Refund, declines("other"));
  if (first) static_cast<void>(shop.refund(first->order, 300));
  static_cast<void>(shop.settle(1h));
  if (first) static_cast<void>(shop.attempts().resolve(first->order, Decision::GivenBack, kTechnician, "cash"));
  shop.wallet.script(WalletCall::Authorise, declines());
  shop.charge();
  static_cast<void>(shop.settle(1h));
  shop.wallet.script(WalletCall::Authorise, approves().taking(50s));
  shop.wallet.script(WalletCall::Reverse, approves().travelling(14s));
  shop.charge();
  static_cast<void>(shop.settle(1h));
  if (first) static_cast<void>(shop.close_sale(first->sale));
}

TEST_CASE("a record that is applied twice changes nothing the second time, or is not taken at all", "[payment]") {
  const std::array kinds{kAttemptIntended,  kAttemptPaid,    kAttemptDeclined, kAttemptReversing,
                         kAttemptGivenBack, kRefundIntended, kRefundDone,      kRefundRefused,
                         kNeedsPerson,      kPersonDecided,  kSaleClosed};
  for (const journal::Kind& kind : kinds) {
    CAPTURE(kind.view());
    applied_twice.reset();
    Shop shop;
    live(shop);
    std::size_t usual = 0;
    static_cast<void>(shop.journal().each({.kind = kind}, [&](const journal::Record&) -> core::Result<> {
      ++usual;
      return {};
    }));
    CHECK((usual > 0 || kind == kNeedsPerson));
    shop.stop();

    applied_twice = kind;
    journal::TableSet twice = kPaymentTables;
    twice.apply = &apply_twice;
    shop.sets = {twice};
    REQUIRE(shop.start());
    live(shop);

    shop.stop();
    shop.sets = {kPaymentTables};
    REQUIRE(shop.start());
    CHECK(shop.journal().verify().sound());
  }
}

TEST_CASE("whatever a step believes, the tables take no second refund of an attempt and none of what is not there",
          "[payment]") {
  Shop shop;
  const auto attempt = shop.charge();
  CHECK(shop.settle());
  shop.wallet.script_all(WalletCall::Refund, approves().lost());
  CHECK(shop.refund(attempt->order, 400).has_value());
  const auto before = open_refunds(shop);
  const auto record = shop.journal().read(journal::Seq(before.at(0).id.value())).value();
  const auto append = [&](journal::Kind kind, const std::string& body) {
    return shop.journal().commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = record.sale, .body = body}));
      return {};
    });
  };

  CHECK_FALSE(append(kRefundIntended, record.body).has_value());
  CHECK_FALSE(append(kAttemptReversed, R"({"attempt":900})").has_value());
  CHECK_FALSE(append(kAttemptPaid, R"({"attempt":900,"late":false})").has_value());
  CHECK_FALSE(append(kAttemptReversing, R"({"attempt":900})").has_value());

  CHECK(open_refunds(shop) == before);
  CHECK(shop.journal().verify().sound());
  shop.wallet.script_all(WalletCall::Refund, approves());
  CHECK(shop.settle());
  CHECK(shop.wallet.kept_minor() == kPrice - 400);
}

}  // namespace
}  // namespace tillkit::payment
