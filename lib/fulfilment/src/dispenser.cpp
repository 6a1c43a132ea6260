// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/dispenser.hpp"

#include <algorithm>
#include <utility>

#include "tillkit/fulfilment/limits.hpp"

namespace tillkit::fulfilment {

using core::ErrorCode;
using core::fail;
using core::Result;
using hal::DropOutcome;

namespace {

/// Of a turn that was refused: the motor did not move.
bool did_not_move(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::FailedPrecondition:
    case ErrorCode::NotFound:
    case ErrorCode::Unavailable: return true;
    default: return false;
  }
}

}  // namespace

// The id of a hand-over has 55 bits.
hal::VendId vend_id(HandoverId handover, std::size_t unit) {
  constexpr unsigned kUnitBits = 8;
  static_assert(kDispensedUnitsMax < (1U << kUnitBits));
  return hal::VendId((handover.value() << kUnitBits) | unit);
}

DispenserFulfilment::DispenserFulfilment(hal::ProductDispenser& dispenser, bool remembers,
                                         const DispenserSettings& settings)
    : dispenser_(dispenser), remembers_(remembers), settings_(settings), alive_(std::make_shared<int>(0)) {}

Result<Intention> DispenserFulfilment::do_intend(const Handover& handover) const {
  if (handover.slots.empty()) return fail(ErrorCode::NotFound);
  if (units_of(handover) > kDispensedUnitsMax) return fail(ErrorCode::Exhausted);
  if (doing_ != Doing::Nothing) return fail(ErrorCode::FailedPrecondition);
  return Intention::Start;
}

core::Recovery DispenserFulfilment::do_recovery() const {
  return remembers_ ? core::Recovery::Inspect : core::Recovery::Settle;
}

Result<> DispenserFulfilment::begin(const Handover& handover, core::Completion<HandoverReport>& done, Doing what) {
  if (doing_ != Doing::Nothing) return fail(ErrorCode::FailedPrecondition);
  handover_ = handover;
  report_ = report_of(handover, what == Doing::Moving ? UnitOutcome::NotOut : UnitOutcome::Unknown);
  unit_ = 0;
  any_known_ = false;
  doing_ = what;
  // It is called from the first answer on, and there is none before this call is over.
  const auto begun = what == Doing::Moving ? turn() : ask();
  if (!begun) {
    doing_ = Doing::Nothing;
    return begun;
  }
  done_ = std::move(done);
  return {};
}

/// Where the unit lies whose turn it is.
hal::SlotId DispenserFulfilment::slot() const {
  std::size_t before = 0;
  for (std::size_t i = 0; i < handover_.goods.size(); ++i) {
    before += static_cast<std::size_t>(handover_.goods[i].count);
    if (unit_ < before) return handover_.slots[i];
  }
  return {};
}

// --- moving ---

Result<> DispenserFulfilment::do_start(const Handover& handover, Released /*released*/,
                                       core::Completion<HandoverReport> done) {
  TILLKIT_TRY_VOID(do_intend(handover));
  return begin(handover, done, Doing::Moving);
}

Result<> DispenserFulfilment::turn() {
  return dispenser_.dispense(vend_id(handover_.id, unit_ + 1), slot(), settings_.turn_limit,
                             [this, alive = std::weak_ptr<int>(alive_)](const Result<DropOutcome>& outcome) {
                               if (!alive.expired()) turned(outcome);
                             });
}

void DispenserFulfilment::turned(const Result<DropOutcome>& outcome) {
  if (outcome) {
    note(*outcome);
    if (progress_) {
      progress_(static_cast<std::size_t>(std::ranges::count(report_.units, UnitOutcome::Out)));
    }
    return go_on();
  }
  const ErrorCode code = outcome.error().code;
  // Nothing of all this moved: whoever asked hears why.
  if (unit_ == 0 && did_not_move(code)) return finish(std::unexpected(outcome.error()));
  if (code == ErrorCode::AlreadyExists) {
    // It was told this before: of the units after it, too, only the cabinet knows.
    std::fill(report_.units.begin() + static_cast<std::ptrdiff_t>(unit_), report_.units.end(), UnitOutcome::Unknown);
  } else if (!did_not_move(code)) {
    report_.units[unit_] = UnitOutcome::Unknown;
  }
  finish(std::move(report_));
}

/// On to the next unit whose slot still gives something; what is passed over stays inside.
void DispenserFulfilment::go_on() {
  const auto gives_nothing = [&](hal::SlotId from) {
    return std::ranges::find(report_.jammed, from) != report_.jammed.end() ||
           std::ranges::find(report_.empty, from) != report_.empty.end();
  };
  for (++unit_; unit_ < report_.units.size(); ++unit_) {
    if (gives_nothing(slot())) continue;
    if (turn()) return;
    break;  // the cabinet went away: the rest did not move
  }
  finish(std::move(report_));
}

// --- asking ---

Result<> DispenserFulfilment::do_inspect(const Handover& handover, core::Completion<HandoverReport> done) {
  if (!remembers_) return fail(ErrorCode::Unsupported);
  // A board whose cabinet has other slots than the one that took the order cannot know of it.
  if (handover.slots.empty() || units_of(handover) > kDispensedUnitsMax) return fail(ErrorCode::Unsupported);
  return begin(handover, done, Doing::Asking);
}

Result<> DispenserFulfilment::ask() {
  return dispenser_.inspect(vend_id(handover_.id, unit_ + 1),
                            [this, alive = std::weak_ptr<int>(alive_)](const Result<DropOutcome>& outcome) {
                              if (!alive.expired()) answered(outcome);
                            });
}

void DispenserFulfilment::answered(const Result<DropOutcome>& outcome) {
  if (outcome) {
    any_known_ = true;
    note(*outcome);
  } else if (outcome.error().code == ErrorCode::NotFound) {
    report_.units[unit_] = UnitOutcome::NotOut;
  } else {
    return finish(std::unexpected(outcome.error()));
  }
  if (++unit_ < report_.units.size()) {
    if (const auto asked = ask(); !asked) finish(std::unexpected(asked.error()));
    return;
  }
  if (!any_known_) return finish(fail(ErrorCode::NotFound));
  finish(std::move(report_));
}

void DispenserFulfilment::note(DropOutcome outcome) {
  report_.units[unit_] = outcome == DropOutcome::Dropped ? UnitOutcome::Out : UnitOutcome::NotOut;
  if (outcome == DropOutcome::Jammed) report_.jammed.push_back(slot());
  if (outcome == DropOutcome::NotSeen) report_.empty.push_back(slot());
}

void DispenserFulfilment::finish(Result<HandoverReport> result) {
  doing_ = Doing::Nothing;
  auto done = std::exchange(done_, {});
  if (done) done(std::move(result));
}

}  // namespace tillkit::fulfilment
