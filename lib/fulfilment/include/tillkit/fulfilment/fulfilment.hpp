// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "tillkit/core/machine.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/fulfilment/report.hpp"

namespace tillkit::fulfilment {

/// What remains to be done once the intent is stored.
enum class Intention : std::uint8_t {
  Start = 1,   ///< Call `start` after the commit.
  AtOnce = 2,  ///< Nothing: a person hands over with the intent. Step `HandoverEvent::AtOnce` in the same commit.
};

/// The machine has the approval: from now on it moves the goods by itself, whatever becomes of this terminal. Called at
/// most once in a hand-over, before its end, from the loop; whoever hears it commits it before it returns.
using Released = std::move_only_function<void()>;

/// So many units of the hand-over under way are out. For the screen: nothing is decided by it.
using Progress = std::move_only_function<void(std::size_t out)>;

/// Hands over paid goods: a person, a motor, a machine on a bus, a gate.
///
/// One object does one hand-over at a time. Goods that came out do not go back: callers make the intent durable before
/// `start`. An implementation MUST move each unit at most once per hand-over, whatever it did not hear; MUST call each
/// completion exactly once, from the loop and never from inside a call; and MUST report `Unknown` for what nobody saw.
class Fulfilment {
 public:
  virtual ~Fulfilment() = default;

  /// Says whether these goods can be handed over, and what the intent of it means. Moves nothing and reserves nothing.
  /// Asked before money is taken, and again before the intent is stored.
  /// - InvalidArgument: no id, no goods, units that no line has, units named twice, or slots for some goods only.
  /// - Exhausted: more units than this takes at once.
  /// - all others as the implementation says (no such slot, door open, not connected): it cannot be done now.
  [[nodiscard]] core::Result<Intention> intend(const Handover& handover) const;

  /// Moves the goods. Returns at once. If it returns an error, nothing moved and nothing will, and `done` is dropped:
  /// - as `intend`; InvalidArgument also: no completion.
  /// - FailedPrecondition: another hand-over or question is under way, or there is nothing to start (`AtOnce`).
  /// - Unavailable: not connected.
  ///
  /// `released` may be empty; only a machine that is told to vend, and then does it by itself, calls it.
  /// Else `done` gets what was seen, or an error; `event_of` says what it means:
  /// - Timeout: it stopped answering. Some or all of it may have come out.
  /// - AlreadyExists: it remembers this hand-over. Nothing moved again; ask what came of it.
  /// - NotFound, FailedPrecondition, Unavailable: nothing moved.
  [[nodiscard]] core::Result<> start(const Handover& handover, Released released,
                                     core::Completion<HandoverReport> done);

  /// What `done` was told could not be stored: to be called inside it. A machine that waits for its answer hears that
  /// the money's way back is not sure. Changes nothing else: it is stored later, or found at the next start.
  void end_not_stored() { do_end_not_stored(); }

  /// Asks what came of a hand-over, after a restart or when a unit is unknown. Moves nothing. Returns at once. If it
  /// returns an error, `done` is dropped, and `event_of` reads the error as it reads one that `done` gets:
  /// - Unsupported: nothing is remembered here. It stays unknown: settle it.
  /// - FailedPrecondition, Unavailable: ask again later.
  ///
  /// Else `done` gets what was seen then, or:
  /// - NotFound: it remembers what it moved, and this is not among it: surely nothing moved.
  /// - Unavailable: no answer. Ask again later.
  [[nodiscard]] core::Result<> inspect(const Handover& handover, core::Completion<HandoverReport> done);

  /// What a start of the program does with a hand-over that is found intended: `None` (there is none to find: the
  /// intent is the deed), `Inspect`, or `Settle`.
  [[nodiscard]] core::Recovery recovery() const { return do_recovery(); }

  /// Tells `progress` between start and end how far a hand-over is, from the loop, where it can be seen. Empty: nobody.
  void watch(Progress progress) { do_watch(std::move(progress)); }

 private:
  [[nodiscard]] virtual core::Result<Intention> do_intend(const Handover& handover) const = 0;
  [[nodiscard]] virtual core::Result<> do_start(const Handover& handover, Released released,
                                                core::Completion<HandoverReport> done) = 0;
  [[nodiscard]] virtual core::Result<> do_inspect(const Handover& handover, core::Completion<HandoverReport> done) = 0;
  [[nodiscard]] virtual core::Recovery do_recovery() const = 0;
  virtual void do_watch(Progress /*progress*/) {}
  virtual void do_end_not_stored() {}
};

/// What a start does with a hand-over in this state: as `recovery` says for `Intended`, nothing for all that is over.
[[nodiscard]] core::Recovery recovery_of(HandoverState state, const Fulfilment& fulfilment);

/// The counter: the shopper has the goods, or a person hands them over with the receipt. There is nothing to start and
/// nothing to find after a restart; what is paid is handed over, in the same commit.
class CounterFulfilment final : public Fulfilment {
 private:
  [[nodiscard]] core::Result<Intention> do_intend(const Handover& handover) const override;
  [[nodiscard]] core::Result<> do_start(const Handover& handover, Released released,
                                        core::Completion<HandoverReport> done) override;
  [[nodiscard]] core::Result<> do_inspect(const Handover& handover, core::Completion<HandoverReport> done) override;
  [[nodiscard]] core::Recovery do_recovery() const override;
};

}  // namespace tillkit::fulfilment
