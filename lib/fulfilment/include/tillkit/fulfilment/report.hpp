// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tillkit/core/id.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/fulfilment/handover.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/offers/proof.hpp"

namespace tillkit::fulfilment {

/// One hand-over: made and stored with its intent, never used for another. 0 names none.
using HandoverId = core::StrongId<struct HandoverIdTag, std::uint64_t>;

/// The number by which a machine on a bus names a selection.
using MdbItem = core::StrongId<struct MdbItemTag, std::uint16_t>;
/// A machine that does not say which selection it is.
inline constexpr MdbItem kMdbItemUnknown{0xFFFF};

/// Paid goods that are to come out, by the lines of their price proof. The order is the order in which they move.
struct Handover {
  HandoverId id{};
  std::vector<offers::UnitRange> goods{};
  std::vector<hal::SlotId> slots{};  ///< Where each of `goods` lies. Empty: in no slot that we know of.
  /// The one selection of a machine on a bus that is paid here. None: no machine asked, or it did not say which. Not
  /// stored: it matters until the start only.
  std::optional<MdbItem> mdb{};
  core::Money paid{};     ///< For all of it, after discounts. A machine on a bus is told this amount.
  bool released = false;  ///< As stored: the machine has the approval (`Fulfilment::start`).

  friend bool operator==(const Handover&, const Handover&) = default;
};

/// All units of a hand-over; what does not fit is as many as fit.
[[nodiscard]] std::size_t units_of(const Handover& handover);

/// What was seen of one unit. Stored in records; never renumber.
enum class UnitOutcome : std::uint8_t {
  Out = 1,      ///< The shopper can take it.
  NotOut = 2,   ///< It is still inside and will not move by itself.
  Unknown = 3,  ///< Nobody saw.
};
inline constexpr std::size_t kUnitOutcomes = 3;

/// `out`, `not_out`, `unknown`
[[nodiscard]] std::string_view to_string(UnitOutcome outcome);

/// What was seen, unit by unit, in the order of `Handover::goods`.
struct HandoverReport {
  std::vector<UnitOutcome> units;
  std::vector<hal::SlotId> jammed{};  ///< Slots whose motor stuck: nothing more is sold from there.
  std::vector<hal::SlotId> empty{};   ///< Slots that turned, and nothing was seen: they count as empty.

  friend bool operator==(const HandoverReport&, const HandoverReport&) = default;
};

/// A report of the same for every unit.
[[nodiscard]] HandoverReport report_of(const Handover& handover, UnitOutcome outcome);

/// Which of the calls of `Fulfilment` an outcome is of.
enum class Question : std::uint8_t { Start, Inspect };

/// What an outcome means to the machine. A report with another number of units than the hand-over has says nothing.
[[nodiscard]] HandoverEvent event_of(Question question, const Handover& handover,
                                     const core::Result<HandoverReport>& outcome);

/// What becomes of money for units of which nobody will ever know. Stored in records; never renumber.
enum class UnknownGoods : std::uint8_t {
  Refund = 1,        ///< The shopper has it back, and perhaps the goods as well.
  ChargeStands = 2,  ///< It stays, and a person handles complaints.
};

/// `refund`, `charge_stands`
[[nodiscard]] std::string_view to_string(UnknownGoods choice);

/// How long a hand-over may stay unknown, and what then.
struct HandoverPolicy {
  UnknownGoods unknown = UnknownGoods::Refund;
  std::chrono::milliseconds inspect_every{2'000};  ///< From the end of one question to the next.
  std::chrono::milliseconds inspect_for{60'000};   ///< From when it became unknown; then it is settled.
};

/// A hand-over in `Unknown`, since when, and what the machine last asked for.
struct UnknownHandover {
  core::MonotonicTime since;
  std::optional<core::MonotonicTime> last_question;  ///< When the last one ended.
  HandoverEffect last_effect = HandoverEffect::Inspect;
};

/// Says what comes next, and does not do it: `Inspect` at `at`, or `Settle` at once.
struct NextStep {
  HandoverEffect what = HandoverEffect::Inspect;
  core::MonotonicTime at;

  friend bool operator==(const NextStep&, const NextStep&) = default;
};
[[nodiscard]] NextStep plan(const UnknownHandover& handover, const HandoverPolicy& policy, core::MonotonicTime now);

/// The units to give money back for: what did not come out, and with `Refund` what nobody knows of. Adjacent units of a
/// line are one range, so that `offers::refund` takes them as they are.
/// - InvalidArgument: a report with another number of units than the hand-over has.
[[nodiscard]] core::Result<std::vector<offers::UnitRange>> units_to_refund(const Handover& handover,
                                                                           const HandoverReport& report,
                                                                           UnknownGoods choice);

/// How the policy settles what `report` leaves open: `SettledRefund` where `units_to_refund` names any.
/// - FailedPrecondition: no unit is unknown, so there is nothing to settle.
/// - InvalidArgument: as `units_to_refund`.
[[nodiscard]] core::Result<HandoverEvent> settle(const Handover& handover, const HandoverReport& report,
                                                 UnknownGoods choice);

}  // namespace tillkit::fulfilment
