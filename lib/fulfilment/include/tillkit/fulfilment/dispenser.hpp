// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal/product_dispenser.hpp"

namespace tillkit::fulfilment {

/// How long one motor may turn.
struct DispenserSettings {
  std::chrono::milliseconds turn_limit{10'000};  ///< `hal::kDispenseLimitMin` to `hal::kDispenseLimitMax`
};

/// The vend of one unit of a hand-over, 1 for the first; never another's.
[[nodiscard]] hal::VendId vend_id(HandoverId handover, std::size_t unit);

/// Turns the motors of a cabinet: one turn per unit, in the order of the goods, each in the name of a vend of its own,
/// so that the cabinet tells one by one what came of it. A slot that stuck, or gave nothing, is not turned again; when
/// the cabinet stops answering, nothing more moves.
///
/// What it is told besides `Fulfilment`:
/// - `intend` and `start`: NotFound: goods in no slot. Exhausted: more than `kDispensedUnitsMax` units.
class DispenserFulfilment final : public Fulfilment {
 public:
  /// The dispenser must outlive this object. `remembers`: whether the cabinet does; one that does not is not asked.
  DispenserFulfilment(hal::ProductDispenser& dispenser, bool remembers, const DispenserSettings& settings = {});

 private:
  enum class Doing : std::uint8_t { Nothing, Moving, Asking };

  [[nodiscard]] core::Result<Intention> do_intend(const Handover& handover) const override;
  [[nodiscard]] core::Result<> do_start(const Handover& handover, Released released,
                                        core::Completion<HandoverReport> done) override;
  [[nodiscard]] core::Result<> do_inspect(const Handover& handover, core::Completion<HandoverReport> done) override;
  [[nodiscard]] core::Recovery do_recovery() const override;
  void do_watch(Progress progress) override { progress_ = std::move(progress); }

  [[nodiscard]] core::Result<> begin(const Handover& handover, core::Completion<HandoverReport>& done, Doing what);
  [[nodiscard]] core::Result<> turn();
  void turned(const core::Result<hal::DropOutcome>& outcome);
  void go_on();
  [[nodiscard]] core::Result<> ask();
  void answered(const core::Result<hal::DropOutcome>& outcome);
  void note(hal::DropOutcome outcome);
  void finish(core::Result<HandoverReport> result);
  [[nodiscard]] hal::SlotId slot() const;

  hal::ProductDispenser& dispenser_;
  bool remembers_;
  DispenserSettings settings_;
  Progress progress_;

  Doing doing_ = Doing::Nothing;
  Handover handover_;
  core::Completion<HandoverReport> done_;
  HandoverReport report_;
  std::size_t unit_ = 0;        // from 0
  bool any_known_ = false;      // of a question: the cabinet knew one of its vends
  std::shared_ptr<int> alive_;  // words of the cabinet that come after this object find it expired
};

}  // namespace tillkit::fulfilment
