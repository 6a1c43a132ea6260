// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/report.hpp"

#include <algorithm>
#include <limits>

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using E = HandoverEvent;

bool any(const HandoverReport& report, UnitOutcome outcome) {
  return std::ranges::find(report.units, outcome) != report.units.end();
}

HandoverEvent event_of_report(const Handover& handover, const HandoverReport& report) {
  if (report.units.empty() || report.units.size() != units_of(handover)) return E::NoAnswer;
  if (any(report, UnitOutcome::Unknown)) return E::NoAnswer;
  if (!any(report, UnitOutcome::NotOut)) return E::All;
  return any(report, UnitOutcome::Out) ? E::Some : E::None;
}

HandoverEvent event_of_start(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::FailedPrecondition:
    case ErrorCode::NotFound:
    case ErrorCode::OutOfRange:
    case ErrorCode::Exhausted:
    case ErrorCode::Unavailable:
    case ErrorCode::PermissionDenied:
    case ErrorCode::Unsupported:
    case ErrorCode::Cancelled: return E::NotStarted;
    // It has this one already, or heard it: what it did is asked, not assumed.
    case ErrorCode::AlreadyExists:
    case ErrorCode::Timeout:
    case ErrorCode::Rejected:
    case ErrorCode::Corrupt: return E::NoAnswer;
  }
  return E::NoAnswer;
}

HandoverEvent event_of_inspect(ErrorCode code) {
  if (code == ErrorCode::NotFound) return E::None;  // it remembers what it moved, and this is not among it
  if (code == ErrorCode::Unsupported) return E::NotRemembered;
  return E::NoAnswer;
}

}  // namespace

std::string_view to_string(UnitOutcome outcome) {
  switch (outcome) {
    case UnitOutcome::Out: return "out";
    case UnitOutcome::NotOut: return "not_out";
    case UnitOutcome::Unknown: return "unknown";
  }
  return "invalid";
}

std::string_view to_string(UnknownGoods choice) {
  switch (choice) {
    case UnknownGoods::Refund: return "refund";
    case UnknownGoods::ChargeStands: return "charge_stands";
  }
  return "invalid";
}

std::size_t units_of(const Handover& handover) {
  std::uint64_t count = 0;
  for (const offers::UnitRange& range : handover.goods) {
    const std::uint64_t units = range.count > 0 ? static_cast<std::uint64_t>(range.count) : 0;
    count += std::min(units, std::numeric_limits<std::uint64_t>::max() - count);
  }
  return static_cast<std::size_t>(std::min<std::uint64_t>(count, std::numeric_limits<std::size_t>::max()));
}

HandoverReport report_of(const Handover& handover, UnitOutcome outcome) {
  return {std::vector<UnitOutcome>(units_of(handover), outcome)};
}

HandoverEvent event_of(Question question, const Handover& handover, const Result<HandoverReport>& outcome) {
  if (outcome) return event_of_report(handover, *outcome);
  const ErrorCode code = outcome.error().code;
  return question == Question::Start ? event_of_start(code) : event_of_inspect(code);
}

NextStep plan(const UnknownHandover& handover, const HandoverPolicy& policy, core::MonotonicTime now) {
  if (handover.last_effect == HandoverEffect::Settle) return {HandoverEffect::Settle, now};
  if (!handover.last_question) return {HandoverEffect::Inspect, now};
  // Asked at least once, however long the restart took.
  if (now - handover.since >= policy.inspect_for) return {HandoverEffect::Settle, now};
  return {HandoverEffect::Inspect, std::max(now, *handover.last_question + policy.inspect_every)};
}

Result<std::vector<offers::UnitRange>> units_to_refund(const Handover& handover, const HandoverReport& report,
                                                       UnknownGoods choice) {
  if (report.units.size() != units_of(handover)) return fail(ErrorCode::InvalidArgument);
  std::vector<offers::UnitRange> refund;
  std::size_t at = 0;
  for (const offers::UnitRange& range : handover.goods) {
    bool open = false;  // the last range in `refund` ends just before this unit
    for (std::int64_t i = 0; i < range.count; ++i, ++at) {
      const UnitOutcome outcome = report.units[at];
      const bool back =
          outcome == UnitOutcome::NotOut || (outcome == UnitOutcome::Unknown && choice == UnknownGoods::Refund);
      if (back && open) {
        ++refund.back().count;
      } else if (back) {
        refund.push_back({range.line, range.first + i, 1});
      }
      open = back;
    }
  }
  return refund;
}

Result<HandoverEvent> settle(const Handover& handover, const HandoverReport& report, UnknownGoods choice) {
  TILLKIT_TRY(const auto refund, units_to_refund(handover, report, choice));
  if (!any(report, UnitOutcome::Unknown)) return fail(ErrorCode::FailedPrecondition);
  return refund.empty() ? E::SettledCharge : E::SettledRefund;
}

}  // namespace tillkit::fulfilment
