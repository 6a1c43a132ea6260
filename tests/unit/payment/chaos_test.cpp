// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "random.hpp"
#include "till.hpp"
#include "tillkit/test/seed.hpp"

// Sales with whatever can go wrong, power cuts at every point included. What must hold afterwards: the till and the
// stand-in's books agree to the cent, nothing was charged twice, and goods were given only for money.

namespace tillkit::payment {
namespace {

using namespace std::chrono_literals;
using core::below;

void restart(hal_virtual::VirtualBoard& board, Till& till) {
  till.stop();
  board.world.power().restore();
  till.start();
}

/// Sales that need every request that there is. The first reversal is lost on the way, so the payer can still pay.
enum class Story { Password, ReversedLate, RefundedLate };

void tell(Story story, StandIn& gateway) {
  gateway.needs_password = true;
  gateway.pays_after = story == Story::Password ? 20s : 50s;
  gateway.plan("reverse", 1, Mishap::Held);
  gateway.plan("refund", 1, Mishap::Silence);
  gateway.refunds_accepted = 1;
  gateway.reversal_window_over = story == Story::RefundedLate;
}

TEST_CASE("the power may go at any point of a sale, and again during its recovery", "[payment][power]") {
  for (const Story story : {Story::Password, Story::ReversedLate, Story::RefundedLate}) {
    for (std::uint64_t second_cut = 0; second_cut < 6; ++second_cut) {
      bool cut = true;
      for (std::uint64_t step = 1; cut; ++step) {
        CAPTURE(static_cast<int>(story), step, second_cut);
        REQUIRE(step < 200);
        hal_virtual::VirtualBoard board;
        StandIn gateway(board);
        tell(story, gateway);
        Till till(board, gateway, wechat_pay_policy());
        board.world.power().cut_at_step(step);
        till.charge();
        cut = !till.settle();
        if (cut) {
          restart(board, till);
          board.world.power().cut_at_step(second_cut);
          if (!till.settle()) restart(board, till);
        }

        CHECK(till.settle());
        till.check_books();
        CHECK(till.count(AttemptEffect::Take) == (till.state() == AttemptState::Paid ? 1 : 0));
        if (!cut) {
          const auto end = story == Story::Password ? AttemptState::Paid : AttemptState::Refunded;
          CHECK(till.state() == end);
          CHECK(gateway.calls("refund") == (story == Story::RefundedLate ? 2 : 0));
        }
      }
    }
  }
}

TEST_CASE("thousands of bad days end with books that agree", "[payment]") {
  const auto seed = test::seed();
  CAPTURE(seed);
  core::Random random(seed);
  constexpr std::array kOperations{"session", "authorise", "qr", "query", "reverse", "refund"};
  std::array<int, kAttemptStates + 1> ends{};
  for (int day = 0; day < 1'500; ++day) {
    CAPTURE(day);
    hal_virtual::VirtualBoard board({.seed = seed + static_cast<std::uint64_t>(day)});
    StandIn gateway(board);
    gateway.needs_password = below(random, 2) == 0;
    gateway.declines = below(random, 6) == 0;
    if (below(random, 3) > 0) gateway.pays_after = std::chrono::milliseconds{below(random, 90'000)};
    gateway.reversals_unconfirmed = below(random, 3);
    gateway.refunds_accepted = below(random, 3);
    for (int i = below(random, 6); i > 0; --i)
      gateway.plan(core::pick(random, kOperations), 1 + below(random, 4), static_cast<Mishap>(below(random, kMishaps)));
    const std::array<const ProviderPolicy*, 3> policies{&wechat_pay_policy(), &alipay_policy(), &gateway_policy()};
    Till till(board, gateway, *core::pick(random, policies));

    if (below(random, 3) == 0) {
      till.show_code();
    } else {
      till.charge();
    }
    for (int i = below(random, 5); i > 0; --i) {
      board.clock.advance(std::chrono::milliseconds{below(random, 40'000)});
      switch (below(random, 4)) {
        case 0: board.network.unplug(); break;
        case 1: board.network.plug(); break;
        case 2: gateway.deliver_held(); break;
        default:
          board.world.power().cut();
          board.clock.advance(std::chrono::seconds{below(random, 600)});
          restart(board, till);
          break;
      }
    }
    board.network.plug();
    CHECK(till.settle());
    gateway.deliver_held();
    REQUIRE(till.state() != AttemptState::NeedsPerson);
    till.check_books();
    ++ends[static_cast<std::size_t>(till.state())];
    if (till.state() == AttemptState::Paid && below(random, 2) == 0) {
      till.refund(1 + below(random, Till::kAmountMinor));
      CHECK(till.settle());
      gateway.deliver_held();
      REQUIRE(till.state() != AttemptState::NeedsPerson);
      till.check_books();
    }
  }
  // Every end was met.
  for (const auto state : {AttemptState::NotSent, AttemptState::Paid, AttemptState::Declined, AttemptState::Reversed,
                           AttemptState::Refunded}) {
    CAPTURE(std::string(to_string(state)));
    CHECK(ends[static_cast<std::size_t>(state)] > 0);
  }
}

}  // namespace
}  // namespace tillkit::payment
