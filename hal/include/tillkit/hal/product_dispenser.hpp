// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tillkit/core/id.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// One spiral, belt or locker of a cabinet. 0 names none.
using SlotId = core::StrongId<struct SlotIdTag, std::uint16_t>;

/// One intent to vend, made and stored by the caller; never used for another. 0 names none.
using VendId = core::StrongId<struct VendIdTag, std::uint64_t>;

/// No motor makes its turn faster, and none may run longer.
inline constexpr std::chrono::milliseconds kDispenseLimitMin{500};
inline constexpr std::chrono::milliseconds kDispenseLimitMax{60'000};

/// A cabinet that remembers keeps at least its last so many vends; nobody asks about older ones.
inline constexpr std::size_t kVendsRememberedMin = 8;

/// What the hardware saw. The numbers are stored in records; never renumber.
enum class DropOutcome : std::uint8_t {
  Dropped = 1,  ///< the sensor saw a product fall
  NotSeen = 2,  ///< the motor made its whole turn, the sensor saw nothing: the slot is empty, or the sensor missed it
  Jammed = 3,   ///< the motor stuck or ran out of time; a product may hang where a push frees it
};

/// Turns one motor until one product falls, and tells what was seen. One object drives one cabinet.
///
/// Goods that fell do not come back: callers make the intent durable first. A driver MUST turn a motor at most once per
/// call and never by itself, whatever it did not hear; MUST call each completion exactly once, from the loop and never
/// from inside a call; and MUST let go of the motor when power returns: a turn that a power cut ended is not finished
/// afterwards.
class ProductDispenser {
 public:
  virtual ~ProductDispenser() = default;

  /// Vends one product from `slot` in the name of `vend`; stops the motor after `limit` (`kDispenseLimitMin` to
  /// `kDispenseLimitMax`). Returns at once. If it returns an error, the motor did not move and will not, and `done` is
  /// dropped:
  /// - InvalidArgument: an id that names nothing, no completion, or `limit`.
  /// - FailedPrecondition: another vend is under way.
  /// - Unavailable: the cabinet is not connected.
  ///
  /// Else `done` gets what was seen, or:
  /// - NotFound: the cabinet has no such slot. The motor did not move.
  /// - FailedPrecondition: the service door is open. The motor did not move.
  /// - AlreadyExists: the cabinet remembers this vend. The motor did not move again; `inspect` tells what came of it.
  /// - Unavailable: the cabinet went away before it took the order. The motor did not move.
  /// - Timeout: the cabinet stopped answering. The motor may have moved, a product may have fallen.
  [[nodiscard]] core::Result<> dispense(VendId vend, SlotId slot, std::chrono::milliseconds limit,
                                        core::Completion<DropOutcome> done) {
    if (vend == VendId{} || slot == SlotId{} || !done) return core::fail(core::ErrorCode::InvalidArgument);
    if (limit < kDispenseLimitMin || limit > kDispenseLimitMax) return core::fail(core::ErrorCode::InvalidArgument);
    return do_dispense(vend, slot, limit, std::move(done));
  }

  /// Asks what came of a vend, after a restart or a `Timeout`. Moves nothing. Returns at once. If it returns an error,
  /// `done` is dropped:
  /// - InvalidArgument: an id that names nothing, or no completion.
  /// - Unsupported: this cabinet remembers nothing. What happened stays unknown.
  /// - FailedPrecondition: a vend or a question is under way.
  /// - Unavailable: the cabinet is not connected. Ask again later.
  ///
  /// Else `done` gets what was seen then (a turn that a power cut ended is `Jammed` unless a product fell), or:
  /// - NotFound: the cabinet remembers its vends, and this is none of them: the motor surely did not move.
  /// - Unavailable: no answer. Ask again later.
  [[nodiscard]] core::Result<> inspect(VendId vend, core::Completion<DropOutcome> done) {
    if (vend == VendId{} || !done) return core::fail(core::ErrorCode::InvalidArgument);
    return do_inspect(vend, std::move(done));
  }

 private:
  [[nodiscard]] virtual core::Result<> do_dispense(VendId vend, SlotId slot, std::chrono::milliseconds limit,
                                                   core::Completion<DropOutcome> done) = 0;
  [[nodiscard]] virtual core::Result<> do_inspect(VendId vend, core::Completion<DropOutcome> done) = 0;
};

}  // namespace tillkit::hal
