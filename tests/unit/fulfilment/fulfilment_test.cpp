// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/fulfilment.hpp"

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/offers/model.hpp"

namespace tillkit::fulfilment {
namespace {

using core::Completion;
using core::ErrorCode;
using core::fail;
using core::failed_with;
using core::must;
using core::Recovery;
using core::Result;
using offers::LineId;
using S = HandoverState;
using E = HandoverEvent;
using F = HandoverEffect;
using enum UnitOutcome;

const Handover kTwo{HandoverId(7), {{LineId(1), 1, 2}}};

/// A cabinet that answers when the test says so, and loses its next answers if told to. With a memory it knows what it
/// did, also when nobody heard it.
class Cabinet final : public Fulfilment {
 public:
  explicit Cabinet(bool remembers) : remembers_(remembers) {}

  std::vector<UnitOutcome> does{Out, Out};
  int answers_lost = 0;
  int moved = 0;

  /// Delivers what waits.
  void turn() {
    while (!waiting_.empty()) {
      auto [done, result] = std::move(waiting_.front());
      waiting_.pop_front();
      done(std::move(result));
    }
  }

 private:
  Result<Intention> do_intend(const Handover& /*handover*/) const override { return Intention::Start; }

  Result<> do_start(const Handover& handover, Released /*released*/, Completion<HandoverReport> done) override {
    if (memory_.contains(handover.id)) {
      waiting_.emplace_back(std::move(done), fail(ErrorCode::AlreadyExists));
      return {};
    }
    ++moved;
    memory_[handover.id] = HandoverReport{does};
    answer(std::move(done), memory_[handover.id]);
    return {};
  }

  Result<> do_inspect(const Handover& handover, Completion<HandoverReport> done) override {
    if (!remembers_) return fail(ErrorCode::Unsupported);
    const auto found = memory_.find(handover.id);
    if (found == memory_.end()) {
      waiting_.emplace_back(std::move(done), fail(ErrorCode::NotFound));
    } else {
      answer(std::move(done), found->second);
    }
    return {};
  }

  Recovery do_recovery() const override { return remembers_ ? Recovery::Inspect : Recovery::Settle; }

  void answer(Completion<HandoverReport> done, const HandoverReport& report) {
    Result<HandoverReport> result = report;
    if (answers_lost > 0) result = fail(ErrorCode::Timeout);
    answers_lost -= answers_lost > 0 ? 1 : 0;
    waiting_.emplace_back(std::move(done), std::move(result));
  }

  bool remembers_;
  std::map<HandoverId, HandoverReport> memory_;
  std::deque<std::pair<Completion<HandoverReport>, Result<HandoverReport>>> waiting_;
};

/// What checkout will do: steps, and does what the step says, until it is over.
struct Till {
  explicit Till(Cabinet& used) : cabinet(used) {}

  Cabinet& cabinet;
  S state = S::Intended;
  F effect = F::Inspect;
  HandoverReport seen = report_of(kTwo, Unknown);

  void step(HandoverEvent event) {
    const auto found = next(state, event);
    CHECK(found.has_value());
    if (!found) return;
    state = found->to;
    effect = found->then;
  }

  void ask(Question question) {
    Completion<HandoverReport> done = [this, question](Result<HandoverReport> outcome) {
      if (outcome) seen = *outcome;
      step(event_of(question, kTwo, outcome));
    };
    const auto begun =
        question == Question::Start ? cabinet.start(kTwo, {}, std::move(done)) : cabinet.inspect(kTwo, std::move(done));
    if (!begun) step(event_of(question, kTwo, fail(begun.error().code)));
    cabinet.turn();
  }

  void finish(UnknownGoods choice) {
    for (int i = 0; i < 20 && !is_final(state); ++i) {
      if (effect == F::Inspect) ask(Question::Inspect);
      if (effect == F::Settle) step(must(settle(kTwo, seen, choice)));
    }
    CHECK(is_final(state));
  }
};

TEST_CASE("what the cabinet saw ends the hand-over", "[fulfilment]") {
  const std::vector<std::pair<std::vector<UnitOutcome>, S>> days{
      {{Out, Out}, S::HandedOver}, {{Out, NotOut}, S::InPart}, {{NotOut, NotOut}, S::NotHandedOver}};
  for (const auto& [does, end] : days) {
    Cabinet cabinet(true);
    cabinet.does = does;
    Till till(cabinet);

    till.ask(Question::Start);

    CHECK(till.state == end);
    CHECK(till.effect == (end == S::HandedOver ? F::Close : F::Undo));
  }
}

TEST_CASE("a lost answer is asked for, and the goods move once", "[fulfilment]") {
  Cabinet cabinet(true);
  cabinet.answers_lost = 3;
  Till till(cabinet);

  till.ask(Question::Start);
  CHECK(till.state == S::Unknown);
  till.finish(UnknownGoods::Refund);

  CHECK(till.state == S::HandedOver);
  CHECK(cabinet.moved == 1);
}

TEST_CASE("a restart before the motor moved leads to a refund, after it to none", "[fulfilment]") {
  for (const bool moved : {false, true}) {
    CAPTURE(moved);
    Cabinet cabinet(true);
    if (moved) Till(cabinet).ask(Question::Start);
    Till till(cabinet);

    till.step(E::Restarted);
    till.finish(UnknownGoods::ChargeStands);

    CHECK(till.state == (moved ? S::HandedOver : S::NotHandedOver));
    CHECK(till.effect == (moved ? F::Close : F::Undo));
    CHECK(cabinet.moved == (moved ? 1 : 0));
  }
}

TEST_CASE("started twice, a cabinet that remembers moves once", "[fulfilment]") {
  Cabinet cabinet(true);
  Till(cabinet).ask(Question::Start);
  Till till(cabinet);

  till.ask(Question::Start);
  till.finish(UnknownGoods::Refund);

  CHECK(till.state == S::HandedOver);
  CHECK(cabinet.moved == 1);
}

TEST_CASE("a cabinet that remembers nothing is settled as the merchant chose", "[fulfilment]") {
  for (const UnknownGoods choice : {UnknownGoods::Refund, UnknownGoods::ChargeStands}) {
    Cabinet cabinet(false);
    Till till(cabinet);

    till.step(E::Restarted);
    till.finish(choice);

    CHECK(till.state == S::Settled);
    CHECK(till.effect == (choice == UnknownGoods::Refund ? F::Undo : F::Close));
    CHECK(cabinet.moved == 0);
  }
}

TEST_CASE("at the counter the intent is the deed", "[fulfilment]") {
  CounterFulfilment counter;

  CHECK(must(counter.intend(kTwo)) == Intention::AtOnce);
  CHECK(next(S::Intended, E::AtOnce) == core::Step<S, F>{S::HandedOver, F::Close});
  CHECK(counter.recovery() == Recovery::None);
  const auto never = [](const Result<HandoverReport>&) { FAIL_CHECK("a counter reports nothing"); };
  CHECK(failed_with(counter.start(kTwo, {}, never), ErrorCode::FailedPrecondition));
  CHECK(failed_with(counter.inspect(kTwo, never), ErrorCode::Unsupported));
}

TEST_CASE("a hand-over that names nothing, or a unit twice, is refused before anything is asked", "[fulfilment]") {
  const std::int64_t many = offers::kLineCountMax;
  const std::vector<std::vector<offers::UnitRange>> wrong{
      {},
      {{LineId(1), 0, 1}},
      {{LineId(1), 1, 0}},
      {{LineId(1), -1, 3}},
      {{LineId(1), many + 1, 1}},
      {{LineId(1), 1, many + 1}},
      {{LineId(1), 1, 2}, {LineId(1), 2, 1}},
      {{LineId(1), 2, 1}, {LineId(1), 1, 2}},
      {{LineId(1), 2, 1}, {LineId(2), 1, 1}, {LineId(1), 1, 9}},
  };
  CounterFulfilment counter;
  Cabinet cabinet(true);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    CAPTURE(i);
    const Handover handover{HandoverId(7), wrong[i]};
    const auto never = [](const Result<HandoverReport>&) { FAIL_CHECK("nothing was asked"); };
    CHECK(failed_with(counter.intend(handover), ErrorCode::InvalidArgument));
    CHECK(failed_with(cabinet.start(handover, {}, never), ErrorCode::InvalidArgument));
    CHECK(failed_with(cabinet.inspect(handover, never), ErrorCode::InvalidArgument));
    cabinet.turn();
  }
  CHECK(failed_with(counter.intend({HandoverId{}, kTwo.goods}), ErrorCode::InvalidArgument));
  Handover half_placed = kTwo;
  half_placed.slots.resize(kTwo.goods.size() + 1, hal::SlotId(1));
  CHECK(failed_with(counter.intend(half_placed), ErrorCode::InvalidArgument));
  CHECK(failed_with(cabinet.start(kTwo, {}, nullptr), ErrorCode::InvalidArgument));
  CHECK(failed_with(cabinet.inspect(kTwo, nullptr), ErrorCode::InvalidArgument));
  CHECK(cabinet.moved == 0);
  CHECK(counter.intend({HandoverId(1), {{LineId(1), 1, 2}, {LineId(1), 3, 1}}}).has_value());
}

TEST_CASE("as many lines as a basket has can be handed over, and no more", "[fulfilment]") {
  Handover handover{HandoverId(1), {}};
  for (std::uint32_t line = 1; line <= offers::kLinesMax; ++line)
    handover.goods.push_back({LineId(line), 1, offers::kLineCountMax});
  CHECK(CounterFulfilment().intend(handover).has_value());
  handover.goods.push_back({LineId(9'999), 1, 1});
  CHECK(failed_with(CounterFulfilment().intend(handover), ErrorCode::Exhausted));
}

TEST_CASE("each state names what a start does with it", "[fulfilment]") {
  const Cabinet remembers(true);
  const Cabinet forgets(false);
  for (std::size_t s = 1; s <= kHandoverStates; ++s) {
    const auto state = static_cast<S>(s);
    CHECK(recovery_of(state, remembers) == (is_final(state) ? Recovery::None : Recovery::Inspect));
    CHECK(recovery_of(state, forgets) == (is_final(state) ? Recovery::None : Recovery::Settle));
  }
}

}  // namespace
}  // namespace tillkit::fulfilment
