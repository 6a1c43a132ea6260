// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "shop.hpp"
#include "tillkit/payment/limits.hpp"
#include "tillkit/payment/records.hpp"

// A start finds every state that can be stored, and whatever a run could not store.

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::approves;
using test::declines;
using test::WalletCall;

TEST_CASE("a start that finds an intent whose charge is under way asks, and never sends it again", "[payment]") {
  for (const auto stop_after : {0ms, 1ms, 2'000ms, 16'000ms}) {
    CAPTURE(stop_after.count());
    Shop shop;
    shop.wallet.script(WalletCall::Authorise, approves().travelling(1s).unanswered());
    shop.charge();
    shop.advance(stop_after);
    shop.restart();
    CHECK(shop.settle());

    CHECK(shop.sales.told == Told{"paid"});
    CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 1);
    CHECK(shop.wallet.arrivals(WalletCall::Query) > 0);
    CHECK(shop.records() == "attempt_intended attempt_paid");
    shop.agree();
  }
}

TEST_CASE("a start that finds an intent whose charge never left reverses it in the end", "[payment]") {
  Shop shop;
  shop.intend();
  shop.restart();
  CHECK(shop.settle());

  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 0);
  CHECK(shop.records() == "attempt_intended attempt_reversing attempt_reversed");
  shop.agree();
}

TEST_CASE("a start in the middle of a password waits on for it", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(30s));
  shop.charge();
  shop.advance(10s);
  CHECK(shop.sales.waits > 0);
  CHECK(shop.state() == AttemptState::Intended);
  shop.restart();
  CHECK(shop.settle());

  CHECK(shop.sales.told == Told{"paid"});
  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 1);
  shop.agree();
}

TEST_CASE("a start that finds a reversal repeats it and records it once", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(10min));
  shop.wallet.script(WalletCall::Reverse, approves().unanswered());
  shop.charge();
  REQUIRE(shop.world.advance_until([&] { return shop.wallet.arrivals(WalletCall::Reverse) == 1; }, 5min));
  CHECK(shop.state() == AttemptState::Reversing);
  shop.restart();
  CHECK(shop.settle());

  CHECK(shop.wallet.arrivals(WalletCall::Reverse) == 2);
  CHECK(shop.records() == "attempt_intended attempt_reversing attempt_reversed");
  shop.agree();
}

TEST_CASE("a start that finds a refund repeats it under the same number", "[payment]") {
  Shop shop;
  const auto attempt = shop.charge();
  CHECK(shop.settle());
  shop.wallet.script(WalletCall::Refund, approves().unanswered());
  CHECK(shop.refund(attempt->order, 400).has_value());
  shop.advance(1s);
  CHECK(shop.state() == AttemptState::Refunding);
  shop.restart();
  shop.advance(59s);  // the request before the stop may have been the last moment's
  CHECK(shop.wallet.arrivals(WalletCall::Refund) == 1);
  CHECK(shop.settle());

  CHECK(shop.wallet.arrivals(WalletCall::Refund) == 2);
  CHECK(shop.wallet.kept_minor() == PaymentWorld::kPrice - 400);
  CHECK(shop.records() == "attempt_intended attempt_paid refund_intended refund_done");
  CHECK(shop.state() == AttemptState::Paid);
  shop.agree();
}

TEST_CASE("a start leaves alone what is at rest: paid, and whatever a person has", "[payment]") {
  Shop shop;
  shop.charge();
  CHECK(shop.settle());
  shop.wallet.script(WalletCall::Authorise, approves().taking(std::chrono::hours{2'000}));
  shop.wallet.script_all(WalletCall::Reverse, declines("reversal-window-over"));
  shop.charge();
  REQUIRE(shop.world.advance_until([&] { return shop.state() == AttemptState::NeedsPerson; }, 240h));
  const auto asked = shop.wallet.arrivals(WalletCall::Query);
  shop.restart();
  shop.advance(1h);

  CHECK(shop.attempts().open() == 0);
  CHECK(shop.wallet.arrivals(WalletCall::Query) == asked);
  CHECK(rows(shop).size() == 2);
  CHECK(shop.cost() == 2 + 3);
}

TEST_CASE("without a clock a refund found at a start is asked about before it is repeated", "[payment]") {
  Shop shop;
  const auto attempt = shop.charge();
  CHECK(shop.settle());
  shop.wallet.script(WalletCall::Refund, approves().unanswered());
  CHECK(shop.refund(attempt->order, 400).has_value());
  shop.advance(1s);
  shop.stop();
  shop.clock.start_in_1970();
  REQUIRE(shop.start());
  CHECK(shop.settle());

  // The wallet had done it, and said so when asked.
  CHECK(shop.wallet.arrivals(WalletCall::Refund) == 1);
  CHECK(shop.wallet.arrivals(WalletCall::Query) == 1);
  shop.agree();
}

TEST_CASE("a refund older than providers remember keys is asked about before it is repeated", "[payment]") {
  for (const bool done : {true, false}) {
    CAPTURE(done);
    Shop shop;
    const auto attempt = shop.charge();
    CHECK(shop.settle());
    shop.wallet.script(WalletCall::Refund, done ? approves().unanswered() : approves().lost());
    CHECK(shop.refund(attempt->order, 400).has_value());
    shop.advance(1s);
    shop.stop();
    shop.advance(shop.policies.of(codes::Wallet::WeChatPay).ask_before_replay_after);
    REQUIRE(shop.start());
    CHECK(shop.settle());

    CHECK(shop.wallet.arrivals(WalletCall::Query) == 1);
    CHECK(shop.wallet.arrivals(WalletCall::Refund) == 1);
    CHECK(shop.wallet.kept_minor() == PaymentWorld::kPrice - 400);
    shop.agree();
  }
}

TEST_CASE("without a clock nothing is given up or reversed earlier than after a whole deadline", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(70s));
  shop.charge();
  shop.advance(40s);
  shop.stop();
  shop.clock.start_in_1970();
  REQUIRE(shop.start());
  shop.advance(20s);
  CHECK(shop.state() == AttemptState::Intended);
  CHECK(shop.settle());

  CHECK(shop.sales.told == Told{"paid"});
  shop.agree();
}

TEST_CASE("what could not be stored for lack of room is asked for again, and nothing is charged twice", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().late(2s));
  shop.charge();
  shop.limit_space(shop.used_bytes());
  shop.advance(20s);
  CHECK(shop.sales.told.empty());
  CHECK(shop.sales.taken_backs > 0);
  shop.repair();
  CHECK(shop.settle());

  CHECK(shop.sales.told == Told{"paid"});
  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 1);
  shop.agree();
}

TEST_CASE("once the medium has failed nothing goes out until a start, which finds everything", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().taking(10min));
  shop.wallet.script(WalletCall::Reverse, approves().lost());
  shop.charge();
  REQUIRE(shop.world.advance_until([&] { return shop.state() == AttemptState::Reversing; }, 5min));
  shop.fail_call(test::Call::Sync, 1, test::Disk::Lasting::Once);
  CHECK_FALSE(shop.intend().has_value());
  CHECK(shop.journal().state() == journal::State::Failed);
  shop.advance(1h);
  CHECK(shop.wallet.arrivals(WalletCall::Reverse) == 0);
  shop.stop();
  shop.Disk::restart(test::Damage::LoseUnsynced, 1);
  REQUIRE(shop.start());
  CHECK(shop.settle());

  CHECK(shop.sales.goods == 0);
  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 1);
  CHECK(shop.wallet.kept_minor() == 0);
  shop.agree();
}

TEST_CASE("where the sale cannot step nothing happens, and it is tried again", "[payment]") {
  Shop shop;
  shop.sales.fails = true;
  shop.charge();
  shop.advance(2s);
  CHECK(shop.state() == AttemptState::Intended);
  CHECK(shop.sales.taken_backs == 1);
  shop.sales.fails = false;
  CHECK(shop.settle());

  CHECK(shop.sales.told == Told{"paid"});
  CHECK(shop.cost() == 2);
  shop.agree();
}

TEST_CASE("a charge goes out once, and only after its intent is durable", "[payment]") {
  Shop shop;
  const codes::PaymentCode code("130000000000000099", {}, false);
  std::optional<Attempt> attempt;
  const auto failed = shop.journal().commit([&](journal::Tx& tx) -> core::Result<> {
    attempt =
        shop.attempts()
            .intend(tx, {.sale = journal::SaleId(9), .tender = TenderKind::WalletCode, .wallet = {}, .amount = kAll})
            .value();
    CHECK(failed_with(shop.attempts().charge(*attempt, code, "Cola"), ErrorCode::FailedPrecondition));
    return core::fail(ErrorCode::Cancelled);
  });
  CHECK_FALSE(failed.has_value());
  CHECK(failed_with(shop.attempts().charge(*attempt, code, "Cola"), ErrorCode::FailedPrecondition));
  shop.settle();
  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 0);

  const auto stored = shop.charge();
  CHECK(failed_with(shop.attempts().charge(*stored, code, "Cola"), ErrorCode::FailedPrecondition));
  CHECK(failed_with(shop.attempts().show_code(*stored, {}, "Cola"), ErrorCode::FailedPrecondition));
  shop.restart();
  CHECK(failed_with(shop.attempts().charge(*stored, code, "Cola"), ErrorCode::FailedPrecondition));
  CHECK(shop.settle());
  CHECK(failed_with(shop.attempts().charge(*stored, code, "Cola"), ErrorCode::FailedPrecondition));
  CHECK(shop.settle());
  CHECK(shop.wallet.arrivals(WalletCall::Authorise) == 1);
  shop.agree();
}

TEST_CASE("what the shopper gives up is asked about once more, and whoever has paid by then has paid", "[payment]") {
  for (const bool pays : {true, false}) {
    CAPTURE(pays);
    Shop shop;
    shop.wallet.script(WalletCall::Authorise, approves().taking(pays ? 4s : 600s));
    const auto attempt = shop.charge();
    shop.advance(4500ms);
    shop.attempts().give_up(attempt->id);
    shop.advance(1s);
    CHECK(shop.sales.told == Told{pays ? "paid" : "reversing"});
    CHECK(shop.settle());
    shop.attempts().give_up(attempt->id);  // it is over: nothing

    CHECK(shop.cost() == (pays ? 2 : 3));
    shop.agree();
  }
}

TEST_CASE("at so many unresolved attempts, or with one of the same sale, no further one is intended", "[payment]") {
  Shop shop;
  shop.wallet.script_all(WalletCall::Authorise, approves().lost());
  shop.wallet.script_all(WalletCall::Query, approves().lost());
  shop.wallet.script_all(WalletCall::Reverse, approves().lost());
  const auto intend = [&](journal::SaleId sale, std::int64_t minor) {
    return shop.journal().commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(shop.attempts().intend(
          tx, {.sale = sale, .tender = TenderKind::WalletCode, .wallet = {}, .amount = {minor, core::kCny}}));
      return {};
    });
  };
  const auto first = shop.charge();
  CHECK(failed_with(intend(first->sale, 100), ErrorCode::FailedPrecondition));
  CHECK(failed_with(intend(journal::SaleId(900), 0), ErrorCode::OutOfRange));
  CHECK(failed_with(intend(journal::SaleId(), 100), ErrorCode::InvalidArgument));
  for (std::size_t i = 1; i < kUnresolvedMax; ++i)
    REQUIRE(shop.charge());
  CHECK(failed_with(intend(journal::SaleId(900), 100), ErrorCode::Exhausted));

  const auto open = backlog(shop.journal().tables()).value();
  CHECK(open.unresolved == kUnresolvedMax);
  CHECK(open.at_risk == std::vector{core::Money{kAll.minor * 8, core::kCny}});
  CHECK(open.oldest == first->began);
  CHECK(shop.attempts().open() == kUnresolvedMax);
  shop.advance(5min);  // all of them are being reversed by now: still unresolved
  CHECK(failed_with(intend(journal::SaleId(900), 100), ErrorCode::Exhausted));
}

TEST_CASE("an event that cannot be changes nothing and says so", "[payment]") {
  Shop shop;
  const auto attempt = shop.intend();
  shop.begin_counting();
  for (const AttemptEvent event : {AttemptEvent::Deadline, AttemptEvent::GivenBack, AttemptEvent::PersonSaysPaid}) {
    const auto committed = shop.journal().commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(step(tx, *attempt, std::nullopt, event));
      return {};
    });
    CHECK(failed_with(committed, ErrorCode::FailedPrecondition));
  }
  CHECK(shop.cost() == 0);
}

/// Says of a charge what no charge can be answered, and the truth when asked.
class OddProvider final : public Provider {
 public:
  explicit OddProvider(hal::Scheduler& scheduler) : scheduler_(scheduler) {}

 private:
  core::Result<> answer(cloud::Outcome outcome, Answer<cloud::AttemptAnswer> done) {
    const auto timer = scheduler_.call_after(1ms, [outcome, done = std::move(done)]() mutable {
      cloud::AttemptAnswer said;
      said.outcome = outcome;
      said.paid = kAll;
      done({.result = said});
    });
    CHECK(timer.has_value());
    return {};
  }
  core::Result<> do_authorise(const cloud::Order&, const codes::PaymentCode&, std::string_view,
                              Answer<cloud::AttemptAnswer> done) override {
    return answer(cloud::Outcome::Reversed, std::move(done));
  }
  core::Result<> do_query(const cloud::Order&, Answer<cloud::AttemptAnswer> done) override {
    return answer(cloud::Outcome::Paid, std::move(done));
  }
  core::Result<> do_identify(const codes::PaymentCode&, Answer<cloud::IdentifyAnswer>) override { return no(); }
  core::Result<> do_create_qr(const cloud::Order&, std::span<const codes::Wallet>, std::string_view,
                              std::chrono::seconds, Answer<cloud::QrAnswer>) override {
    return no();
  }
  core::Result<> do_reverse(const cloud::Order&, Answer<cloud::AttemptAnswer>) override { return no(); }
  core::Result<> do_refund(const cloud::Refund&, Answer<cloud::RefundAnswer>) override { return no(); }
  static core::Result<> no() { return core::fail(ErrorCode::Unsupported); }

  hal::Scheduler& scheduler_;
};

TEST_CASE("an answer that cannot be is counted, and is as good as none", "[payment]") {
  Shop shop;
  OddProvider provider(shop.scheduler);
  Attempts attempts({shop.journal(), shop.clock, shop.scheduler, provider, shop.sales}, shop.terminal, shop.policies);
  const auto attempt = shop.intend();
  CHECK(attempts.charge(*attempt, codes::PaymentCode("130000000000000099", {}, false), "Cola").has_value());
  shop.advance(1s);
  CHECK(attempts.impossible_answers() == 1);
  CHECK(shop.state() == AttemptState::Intended);
  shop.advance(1min);

  CHECK(attempts.open() == 0);
  CHECK(shop.sales.told == Told{"paid"});
}

TEST_CASE("a program that ends while its question is under way is not called any more", "[payment]") {
  Shop shop;
  shop.wallet.script(WalletCall::Authorise, approves().late(5s));
  shop.charge();
  shop.stop();
  shop.advance(1h);

  CHECK(shop.sales.told.empty());
  CHECK(shop.scheduler.waiting() == 0);
  REQUIRE(shop.start());
  CHECK(shop.settle());
  shop.agree();
}

}  // namespace
}  // namespace tillkit::payment
