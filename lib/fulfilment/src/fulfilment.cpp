// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/fulfilment.hpp"

#include <cstddef>
#include <utility>

#include "tillkit/offers/model.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

bool overlap(const offers::UnitRange& a, const offers::UnitRange& b) {
  return a.line == b.line && a.first < b.first + b.count && b.first < a.first + a.count;
}

Result<> check(const Handover& handover) {
  if (handover.id == HandoverId{} || handover.goods.empty()) return fail(ErrorCode::InvalidArgument);
  if (handover.goods.size() > offers::kLinesMax) return fail(ErrorCode::Exhausted);
  if (!handover.slots.empty() && handover.slots.size() != handover.goods.size()) {
    return fail(ErrorCode::InvalidArgument);
  }
  for (std::size_t i = 0; i < handover.goods.size(); ++i) {
    const offers::UnitRange& range = handover.goods[i];
    if (range.first < 1 || range.first > offers::kLineCountMax || range.count < 1 ||
        range.count > offers::kLineCountMax) {
      return fail(ErrorCode::InvalidArgument);
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (overlap(handover.goods[j], range)) return fail(ErrorCode::InvalidArgument);
    }
  }
  return {};
}

}  // namespace

Result<Intention> Fulfilment::intend(const Handover& handover) const {
  TILLKIT_TRY_VOID(check(handover));
  return do_intend(handover);
}

Result<> Fulfilment::start(const Handover& handover, Released released, core::Completion<HandoverReport> done) {
  if (!done) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY_VOID(check(handover));
  return do_start(handover, std::move(released), std::move(done));
}

Result<> Fulfilment::inspect(const Handover& handover, core::Completion<HandoverReport> done) {
  if (!done) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY_VOID(check(handover));
  return do_inspect(handover, std::move(done));
}

core::Recovery recovery_of(HandoverState state, const Fulfilment& fulfilment) {
  return is_final(state) ? core::Recovery::None : fulfilment.recovery();
}

Result<Intention> CounterFulfilment::do_intend(const Handover& /*handover*/) const {
  return Intention::AtOnce;
}

Result<> CounterFulfilment::do_start(const Handover& /*handover*/, Released /*released*/,
                                     core::Completion<HandoverReport> /*done*/) {
  return fail(ErrorCode::FailedPrecondition);
}

Result<> CounterFulfilment::do_inspect(const Handover& /*handover*/, core::Completion<HandoverReport> /*done*/) {
  return fail(ErrorCode::Unsupported);
}

core::Recovery CounterFulfilment::do_recovery() const {
  return core::Recovery::None;
}

}  // namespace tillkit::fulfilment
