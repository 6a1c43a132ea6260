// SPDX-License-Identifier: Apache-2.0
#include "machine_room.hpp"

#include <algorithm>
#include <utility>

#include <catch2/catch_test_macros.hpp>

namespace tillkit::fulfilment::vending {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

bool Journal::settled() const {
  return std::ranges::none_of(sales_, [](const auto& sale) { return sale.second.state == Sale::State::Intended; });
}

std::uint64_t Journal::mark_cut() {
  std::uint64_t open = 0;
  for (auto& [id, sale] : sales_) {
    if (sale.state != Sale::State::Intended) continue;
    sale.cut = true;
    ++open;
  }
  return open;
}

core::Result<> Memory::note(HandoverId vend) {
  cabinet_.note(vend.value());
  return {};
}

core::Result<> Memory::recall(HandoverId vend, core::Completion<UnitOutcome> done) {
  const auto timer = scheduler_.call_after(10ms, [this, vend, done = std::move(done)]() mutable {
    const auto record = cabinet_.record(vend.value());
    if (!record) return done(fail(ErrorCode::NotFound));
    switch (record->state) {
      case hal_virtual::VirtualCabinet::Vend::Turning: return done(fail(ErrorCode::Unavailable));
      case hal_virtual::VirtualCabinet::Vend::Fallen: return done(UnitOutcome::Out);
      case hal_virtual::VirtualCabinet::Vend::Failed: return done(UnitOutcome::NotOut);
    }
  });
  if (!timer) return std::unexpected(timer.error());
  return {};
}

Terminal::Terminal(hal_virtual::VirtualBoard& board, hal_virtual::VirtualCabinet& cabinet, Journal& journal,
                   VmcTransport& transport, const Habits& habits)
    : board_(board),
      cabinet_(cabinet),
      journal_(journal),
      habits_(habits),
      random_(habits.seed),
      fulfilment_(transport, board.scheduler, *this, {.outcome_within = 40s}) {
  for (const auto& [id, sale] : journal_.sales()) {
    if (sale.state == Sale::State::Intended) resolve(id);
  }
}

void Terminal::ready(bool ready) {
  if (ready) begin_session_later();
}

void Terminal::session_over() {
  begin_session_later();
}

void Terminal::begin_session_later() {
  if (!habits_.begins_sessions) return;
  const auto timer = board_.scheduler.call_after(200ms, [this] {
    if (fulfilment_.ready()) static_cast<void>(fulfilment_.begin_session(std::nullopt));
  });
  CHECK(timer.has_value());
}

void Terminal::asked(const VmcRequest& request) {
  ++requests_;
  if (busy_ || chance(habits_.denies_percent)) {
    CHECK(fulfilment_.deny().has_value());
    return;
  }
  busy_ = true;
  const auto delay = std::chrono::milliseconds{core::below(random_, 900)};
  CHECK(board_.scheduler.call_after(delay, [this, request] { pay(request); }).has_value());
}

void Terminal::pay(const VmcRequest& request) {
  Sale sale{.paid = request.price};
  sale.mdb = request.item.transform([](VmcItem item) { return MdbItem(item); });
  if (chance(habits_.discounts_percent)) sale.paid.minor -= core::below(random_, request.price.minor + 1);
  const std::uint64_t id = journal_.sales().empty() ? 1 : journal_.sales().rbegin()->first + 1;
  if (!journal_.commit([&](auto& sales) { CHECK(sales.emplace(id, sale).second); })) return;
  cabinet_.note(id);
  const auto started = fulfilment_.start(
      handover_of(id),
      [this, id] { journal_.commit([&](auto& sales) { CHECK_FALSE(std::exchange(sales.at(id).released, true)); }); },
      [this, id](const core::Result<HandoverReport>& outcome) { ended(id, outcome); });
  if (!started) conclude(id, event_of(Question::Start, handover_of(id), std::unexpected(started.error())));
}

void Terminal::ended(std::uint64_t id, const core::Result<HandoverReport>& outcome) {
  const HandoverEvent event = event_of(Question::Start, handover_of(id), outcome);
  if (event == HandoverEvent::None && chance(habits_.refund_lost_percent)) {
    fulfilment_.end_not_stored();
    journal_.commit([&](auto& sales) {
      sales.at(id).credit_lost = true;
      sales.at(id).state = Sale::State::Closed;
    });
    busy_ = false;
    return;
  }
  conclude(id, event);
}

void Terminal::conclude(std::uint64_t id, HandoverEvent event) {
  const auto step = next(HandoverState::Intended, event);
  REQUIRE(step.has_value());
  if (step->then == HandoverEffect::Inspect) return resolve(id);
  journal_.commit([&](auto& sales) {
    CHECK(sales.at(id).state == Sale::State::Intended);
    sales.at(id).state = step->then == HandoverEffect::Close ? Sale::State::Closed : Sale::State::Refunded;
  });
  busy_ = false;
}

void Terminal::resolve(std::uint64_t id) {
  busy_ = true;
  const auto asked = fulfilment_.inspect(handover_of(id), [this, id](const core::Result<HandoverReport>& outcome) {
    const auto event = event_of(Question::Inspect, handover_of(id), outcome);
    if (event != HandoverEvent::NoAnswer) return conclude(id, event);
    CHECK(board_.scheduler.call_after(500ms, [this, id] { resolve(id); }).has_value());
  });
  if (asked) return;
  if (asked.error().code == ErrorCode::Unsupported) return settle(id);
  CHECK(board_.scheduler.call_after(500ms, [this, id] { resolve(id); }).has_value());
}

void Terminal::settle(std::uint64_t id) {
  journal_.commit([&](auto& sales) {
    Sale& sale = sales.at(id);
    CHECK(sale.state == Sale::State::Intended);
    sale.goods_unknown = true;
    // With the approval at the machine the goods are most likely out.
    sale.state = sale.released ? Sale::State::Closed : Sale::State::Refunded;
  });
  busy_ = false;
}

Handover Terminal::handover_of(std::uint64_t id) const {
  const Sale& sale = journal_.sales().at(id);
  return {.id = HandoverId(id),
          .goods = {{offers::LineId(1), 1, 1}},
          .mdb = sale.mdb,
          .paid = sale.paid,
          .released = sale.released};
}

}  // namespace tillkit::fulfilment::vending
