// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/vmc_fulfilment.hpp"

#include <utility>

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

}  // namespace

VmcFulfilment::VmcFulfilment(VmcTransport& transport, hal::Scheduler& scheduler, VmcApplication& application,
                             VmcPolicy policy)
    : transport_(transport), scheduler_(scheduler), application_(application), policy_(policy) {
  transport_.listen(this);
}

VmcFulfilment::~VmcFulfilment() {
  transport_.listen(nullptr);
  if (vend_) scheduler_.cancel(vend_->timer);
}

Result<> VmcFulfilment::deny() {
  if (!request_ || vend_) return fail(ErrorCode::FailedPrecondition);
  TILLKIT_TRY_VOID(transport_.deny());
  request_.reset();
  return {};
}

Result<> VmcFulfilment::check(const Handover& handover) const {
  if (units_of(handover) != 1) return fail(ErrorCode::Exhausted);
  if (vend_ || !request_) return fail(ErrorCode::FailedPrecondition);
  const auto asked = request_->item.transform([](VmcItem item) { return MdbItem(item); });
  if (handover.mdb != asked) return fail(ErrorCode::FailedPrecondition);  // somebody selected anew
  TILLKIT_TRY_VOID(transport_.check(handover.paid));
  if (handover.paid > request_->price) return fail(ErrorCode::OutOfRange);
  return {};
}

Result<Intention> VmcFulfilment::do_intend(const Handover& handover) const {
  TILLKIT_TRY_VOID(check(handover));
  return Intention::Start;
}

Result<> VmcFulfilment::do_start(const Handover& handover, Released released, core::Completion<HandoverReport> done) {
  TILLKIT_TRY_VOID(check(handover));
  TILLKIT_TRY(const hal::TimerId timer,
              scheduler_.call_after(policy_.outcome_within, [this] { finish(transport_.give_up()); }));
  if (const auto approved = transport_.approve(handover.id, handover.paid); !approved) {
    scheduler_.cancel(timer);
    return approved;
  }
  request_.reset();
  vend_.emplace(Vend{handover, std::move(released), std::move(done), timer});
  return {};
}

Result<> VmcFulfilment::do_inspect(const Handover& handover, core::Completion<HandoverReport> done) {
  if (vend_) return fail(ErrorCode::FailedPrecondition);
  if (units_of(handover) != 1) return fail(ErrorCode::InvalidArgument);
  return transport_.inspect(handover.id, [handover, done = std::move(done)](Result<UnitOutcome> outcome) mutable {
    if (!outcome) return done(std::unexpected(outcome.error()));
    done(report_of(handover, *outcome));
  });
}

core::Recovery VmcFulfilment::do_recovery() const {
  return transport_.remembers() ? core::Recovery::Inspect : core::Recovery::Settle;
}

void VmcFulfilment::on_asked(const VmcRequest& request) {
  request_ = request;
  application_.asked(request);
}

void VmcFulfilment::on_withdrawn() {
  if (std::exchange(request_, std::nullopt)) application_.withdrawn();
}

void VmcFulfilment::on_released() {
  if (vend_ && vend_->released) vend_->released();
}

bool VmcFulfilment::on_failed() {
  if (!vend_) return false;
  refund_refused_ = false;
  finish(UnitOutcome::NotOut);
  return !refund_refused_;
}

void VmcFulfilment::finish(UnitOutcome outcome) {
  if (!vend_) return;
  Vend vend = *std::exchange(vend_, std::nullopt);
  scheduler_.cancel(vend.timer);
  vend.done(report_of(vend.handover, outcome));
}

}  // namespace tillkit::fulfilment
