// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/fulfilment/vmc_bus.hpp"
#include "tillkit/fulfilment/vmc_fulfilment.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/hal_virtual/vmc.hpp"

namespace tillkit::fulfilment {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::failed_with;
using core::kCny;
using core::must;
using core::Recovery;
using hal_virtual::VmcFault;
using Told = std::vector<std::string>;

constexpr std::uint16_t kItem = 5;
constexpr std::uint16_t kOther = 6;

Handover handover(std::int64_t paid = 250) {
  return {.id = HandoverId(7), .goods = {{offers::LineId(1), 1, 1}}, .mdb = MdbItem(kItem), .paid = {paid, kCny}};
}

/// Remembers one vend for as long as it has power.
class OneMemory final : public VmcMemory {
 public:
  explicit OneMemory(hal::Scheduler& scheduler) : scheduler_(scheduler) {}

  bool reachable = true;
  HandoverId noted{};
  std::optional<UnitOutcome> came_of_it;

  core::Result<> note(HandoverId vend) override {
    if (!reachable) return core::fail(ErrorCode::Unavailable);
    noted = vend;
    return {};
  }
  core::Result<> recall(HandoverId vend, core::Completion<UnitOutcome> done) override {
    const auto timer = scheduler_.call_after(1ms, [this, vend, done = std::move(done)]() mutable {
      if (vend != noted || !came_of_it) return done(core::fail(ErrorCode::NotFound));
      done(*came_of_it);
    });
    CHECK(timer.has_value());
    return {};
  }

 private:
  hal::Scheduler& scheduler_;
};

struct Bench final : VmcApplication {
  explicit Bench(bool remembers = false, const hal_virtual::VirtualVmcSettings& settings = {})
      : vmc(board.world, cabinet, settings) {
    cabinet.put(kItem, 250, 100);
    cabinet.put(kOther, 300, 100);
    bus = must(VmcBus::make(
        {.answer_within = 20s}, board.clock, board.scheduler,
        [this](std::span<const MdbWord> words) { vmc.answer(words); }, remembers ? &memory : nullptr));
    goods = std::make_unique<VmcFulfilment>(*bus, board.scheduler, *this, VmcPolicy{.outcome_within = 60s});
    vmc.connect([this](std::uint16_t word, hal_virtual::World::Duration later) {
      if (bus_there) bus->receive(word, board.clock.monotonic() + later);
    });
    vmc.start();
    board.world.advance(3s);
    CHECK(std::exchange(told, {}) == Told{"ready"});
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void ready(bool ready) override { told.emplace_back(ready ? "ready" : "not ready"); }
  void asked(const VmcRequest& request) override { told.push_back("asked " + core::format_amount(request.price)); }
  void withdrawn() override { told.emplace_back("withdrawn"); }
  void session_over() override { told.emplace_back("session over"); }
  void cash_sale(const VmcCashSale& sale) override { told.push_back("cash " + core::format_amount(sale.price)); }

  void ask(std::uint16_t item = kItem) {
    CHECK(vmc.select(item));
    board.world.advance(300ms);
    CHECK(goods->request().has_value());
    told.clear();
  }
  core::Result<> start(const Handover& what = handover()) {
    return goods->start(
        what, [this] { told.emplace_back("released"); },
        [this, what](const core::Result<HandoverReport>& outcome) {
          told.emplace_back(to_string(event_of(Question::Start, what, outcome)));
          if (cannot_store_refund) goods->end_not_stored();
        });
  }
  Told after(hal_virtual::World::Duration time) {
    board.world.advance(time);
    return std::exchange(told, {});
  }

  hal_virtual::VirtualBoard board;
  hal_virtual::VirtualCabinet cabinet{board.world};
  hal_virtual::VirtualVmc vmc;
  OneMemory memory{board.scheduler};
  std::unique_ptr<VmcBus> bus;
  std::unique_ptr<VmcFulfilment> goods;
  bool bus_there = true;
  bool cannot_store_refund = false;
  Told told;
};

TEST_CASE("a machine asks, is paid, and vends once", "[mdb]") {
  Bench bench;
  CHECK(bench.vmc.select(kItem));
  CHECK(bench.after(300ms) == Told{"asked 2.50"});

  CHECK(must(bench.goods->intend(handover())) == Intention::Start);
  REQUIRE(bench.start().has_value());
  CHECK(bench.told.empty());
  CHECK(failed_with(bench.start(), ErrorCode::FailedPrecondition));
  CHECK(bench.after(5s) == Told{"released", "all", "session over"});

  CHECK(bench.cabinet.fallen() == 1);
  CHECK(failed_with(bench.start(), ErrorCode::FailedPrecondition));
  CHECK(bench.vmc.surprises() == 0);
}

TEST_CASE("a hand-over is possible for one unit that the machine asks for, and not for more than it asks", "[mdb]") {
  Bench bench;
  const auto refused = [&](const Handover& what, ErrorCode code) {
    return failed_with(bench.goods->intend(what), code) && failed_with(bench.start(what), code);
  };
  CHECK(refused(handover(), ErrorCode::FailedPrecondition));  // nothing is asked for
  bench.ask();

  CHECK(refused(handover(251), ErrorCode::OutOfRange));
  CHECK(refused(handover(-1), ErrorCode::InvalidArgument));
  Handover two = handover();
  two.goods[0].count = 2;
  CHECK(refused(two, ErrorCode::Exhausted));
  Handover euro = handover();
  euro.paid.currency = core::kEur;
  CHECK(refused(euro, ErrorCode::InvalidArgument));
  Handover other = handover();
  other.mdb = MdbItem(kOther);
  CHECK(refused(other, ErrorCode::FailedPrecondition));
  other.mdb.reset();
  CHECK(refused(other, ErrorCode::FailedPrecondition));

  Handover here = handover(0);
  here.slots = {hal::SlotId(kOther)};  // where it lies has a number of its own
  CHECK(must(bench.goods->intend(here)) == Intention::Start);
  CHECK(bench.start(here).has_value());
}

TEST_CASE("a denied request starts nothing, and cannot be denied twice or after the approval", "[mdb]") {
  Bench bench;
  bench.ask();
  REQUIRE(bench.goods->deny().has_value());
  CHECK(failed_with(bench.goods->deny(), ErrorCode::FailedPrecondition));
  CHECK(failed_with(bench.start(), ErrorCode::FailedPrecondition));
  CHECK(bench.after(1s) == Told{"session over"});
  CHECK(bench.vmc.denials() == 1);

  bench.ask();
  REQUIRE(bench.start().has_value());
  CHECK(failed_with(bench.goods->deny(), ErrorCode::FailedPrecondition));
}

TEST_CASE("a request that is taken back before the hand-over starts it no more", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.vmc.pull_lever();

  CHECK(bench.after(1s) == Told{"withdrawn", "session over"});
  CHECK(failed_with(bench.start(), ErrorCode::FailedPrecondition));
  CHECK(bench.cabinet.fallen() == 0);
}

TEST_CASE("a request that is taken back while the approval waits moves nothing", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.vmc.pull_lever();
  REQUIRE(bench.start().has_value());

  CHECK(bench.after(1s) == Told{"none", "session over"});
  CHECK(bench.cabinet.fallen() == 0);
}

TEST_CASE("a vend that fails gives the money back, and the machine hears whether that is stored", "[mdb]") {
  for (const bool lost : {false, true}) {
    CAPTURE(lost);
    Bench bench;
    bench.cannot_store_refund = lost;
    bench.cabinet.jam_next(kItem);
    bench.ask();
    REQUIRE(bench.start().has_value());

    CHECK(bench.after(5s) == Told{"released", "none", "session over"});
    CHECK(bench.vmc.refunds() == (lost ? 0U : 1U));
    CHECK(bench.vmc.refund_errors() == (lost ? 1U : 0U));

    bench.cannot_store_refund = false;  // said for one refund, not for all
    bench.cabinet.jam_next(kItem);
    bench.ask();
    REQUIRE(bench.start().has_value());
    bench.board.world.advance(5s);
    CHECK(bench.vmc.refunds() == (lost ? 1U : 2U));
  }
}

TEST_CASE("a machine that goes silent after the approval leaves an unknown hand-over, in bounded time", "[mdb]") {
  Bench bench;
  bench.ask();
  REQUIRE(bench.start().has_value());
  bench.board.world.advance(500ms);
  CHECK(std::exchange(bench.told, {}) == Told{"released"});
  bench.bus_there = false;

  CHECK(bench.after(58s).empty());
  CHECK(bench.after(2s) == Told{"no_answer"});
  CHECK(bench.after(10min) == Told{"not ready", "session over"});
}

TEST_CASE("a machine that restarts in any state of a vend ends the hand-over", "[mdb]") {
  // The exchange with the restart: before the answer, with it, while the motor turns, and at the report.
  for (std::uint64_t exchange = 1; exchange <= 40; ++exchange) {
    CAPTURE(exchange);
    Bench bench;
    CHECK(bench.vmc.select(kItem));
    bench.vmc.faults().fail_call(exchange, VmcFault::Reset);
    bench.board.world.advance(300ms);
    const auto started = bench.start();
    const Told told = bench.after(30s);
    if (!started) continue;

    const auto ends = std::ranges::count_if(
        told, [](const auto& what) { return what == "all" || what == "none" || what == "no_answer"; });
    CHECK(ends == 1);
    const bool kept = std::ranges::find(told, "all") != told.end();
    CHECK(kept == (bench.cabinet.fallen() == 1));
  }
}

TEST_CASE("only where something remembers is a hand-over inspected after a restart", "[mdb]") {
  Bench simple(false);
  CHECK(simple.goods->recovery() == Recovery::Settle);
  CHECK(failed_with(simple.goods->inspect(handover(), [](const auto&) { CHECK(false); }), ErrorCode::Unsupported));

  Bench bench(true);
  CHECK(bench.goods->recovery() == Recovery::Inspect);
  const auto inspect = [&] {
    HandoverEvent event{};
    CHECK(bench.goods
              ->inspect(handover(),
                        [&](const core::Result<HandoverReport>& outcome) {
                          event = event_of(Question::Inspect, handover(), outcome);
                        })
              .has_value());
    bench.board.world.advance(100ms);
    return event;
  };
  CHECK(inspect() == HandoverEvent::None);
  bench.memory.noted = HandoverId(7);
  bench.memory.came_of_it = UnitOutcome::Out;
  CHECK(inspect() == HandoverEvent::All);
}

TEST_CASE("what cannot be noted is not approved", "[mdb]") {
  Bench bench(true);
  bench.ask();
  bench.memory.reachable = false;
  CHECK(failed_with(bench.start(), ErrorCode::Unavailable));

  bench.memory.reachable = true;
  CHECK(bench.start().has_value());
  CHECK(bench.memory.noted == HandoverId(7));
}

TEST_CASE("no free timer means that nothing is approved", "[mdb]") {
  Bench bench;
  bench.ask();
  bench.board.scheduler.faults().fail_call(1, core::Error{ErrorCode::Exhausted});
  CHECK(failed_with(bench.start(), ErrorCode::Exhausted));
  CHECK(bench.after(1s).empty());
  CHECK(bench.cabinet.fallen() == 0);
}

TEST_CASE("a machine without 'always idle' vends in a session that the terminal begins", "[mdb]") {
  Bench bench(false, {.level = 2});
  CHECK_FALSE(bench.vmc.select(kItem));
  REQUIRE(bench.goods->begin_session(std::nullopt).has_value());
  bench.board.world.advance(300ms);
  CHECK(bench.vmc.in_session());
  bench.ask();
  REQUIRE(bench.start().has_value());
  CHECK(bench.after(5s) == Told{"released", "all", "session over"});

  REQUIRE(bench.goods->begin_session(core::Money{1'000, kCny}).has_value());
  bench.board.world.advance(300ms);
  REQUIRE(bench.goods->end_session().has_value());
  CHECK(bench.after(1s) == Told{"session over"});
  CHECK_FALSE(bench.vmc.in_session());
}

TEST_CASE("cash sales and a machine that is switched off are told", "[mdb]") {
  Bench bench;
  bench.vmc.sell_for_cash(kOther);
  CHECK(bench.after(300ms) == Told{"cash 3.00"});
  bench.vmc.set_enabled(false);
  CHECK(bench.after(300ms) == Told{"not ready"});
  CHECK_FALSE(bench.goods->ready());
}

}  // namespace
}  // namespace tillkit::fulfilment
