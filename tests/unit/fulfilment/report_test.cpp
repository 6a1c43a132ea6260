// SPDX-License-Identifier: Apache-2.0
#include "tillkit/fulfilment/report.hpp"

#include <limits>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"

namespace tillkit::fulfilment {
namespace {

using core::ErrorCode;
using core::fail;
using core::failed_with;
using core::must;
using offers::LineId;
using offers::UnitRange;
using std::chrono::milliseconds;
using E = HandoverEvent;
using F = HandoverEffect;
using enum UnitOutcome;

const Handover kFive{HandoverId(7), {{LineId(1), 1, 3}, {LineId(2), 4, 2}}};

HandoverEvent seen(std::vector<UnitOutcome> units, Question question = Question::Start) {
  return event_of(question, kFive, HandoverReport{std::move(units)});
}

HandoverEvent failed(Question question, ErrorCode code) {
  return event_of(question, kFive, fail(code));
}

TEST_CASE("a report means what was seen of every unit", "[fulfilment]") {
  for (const Question question : {Question::Start, Question::Inspect}) {
    CHECK(seen({Out, Out, Out, Out, Out}, question) == E::All);
    CHECK(seen({NotOut, NotOut, NotOut, NotOut, NotOut}, question) == E::None);
    CHECK(seen({Out, Out, Out, Out, NotOut}, question) == E::Some);
    CHECK(seen({NotOut, NotOut, NotOut, NotOut, Out}, question) == E::Some);
    CHECK(seen({Out, Out, Unknown, Out, Out}, question) == E::NoAnswer);
    CHECK(seen({NotOut, NotOut, NotOut, NotOut, Unknown}, question) == E::NoAnswer);
  }
}

TEST_CASE("a report about another number of units says nothing", "[fulfilment]") {
  CHECK(seen({}) == E::NoAnswer);
  CHECK(seen({Out, Out, Out, Out}) == E::NoAnswer);
  CHECK(seen({NotOut, NotOut, NotOut, NotOut, NotOut, NotOut}) == E::NoAnswer);
  CHECK(event_of(Question::Inspect, Handover{HandoverId(1), {}}, HandoverReport{}) == E::NoAnswer);
}

TEST_CASE("only what surely did not begin is not started", "[fulfilment]") {
  for (int code = 1; code <= static_cast<int>(ErrorCode::Cancelled); ++code) {
    CAPTURE(code);
    const auto error = static_cast<ErrorCode>(code);
    const bool perhaps = error == ErrorCode::Timeout || error == ErrorCode::AlreadyExists ||
                         error == ErrorCode::Rejected || error == ErrorCode::Corrupt;
    CHECK(failed(Question::Start, error) == (perhaps ? E::NoAnswer : E::NotStarted));
  }
}

TEST_CASE("a question without an answer leaves it unknown", "[fulfilment]") {
  for (int code = 1; code <= static_cast<int>(ErrorCode::Cancelled); ++code) {
    CAPTURE(code);
    const auto error = static_cast<ErrorCode>(code);
    const E expected = error == ErrorCode::NotFound      ? E::None
                       : error == ErrorCode::Unsupported ? E::NotRemembered
                                                         : E::NoAnswer;
    CHECK(failed(Question::Inspect, error) == expected);
  }
}

TEST_CASE("money goes back for what did not come out, and by choice for what nobody saw", "[fulfilment]") {
  const HandoverReport report{{Out, NotOut, Unknown, NotOut, Out}};

  CHECK(must(units_to_refund(kFive, report, UnknownGoods::Refund)) ==
        std::vector<UnitRange>{{LineId(1), 2, 2}, {LineId(2), 4, 1}});
  CHECK(must(units_to_refund(kFive, report, UnknownGoods::ChargeStands)) ==
        std::vector<UnitRange>{{LineId(1), 2, 1}, {LineId(2), 4, 1}});
  CHECK(must(units_to_refund(kFive, report_of(kFive, Out), UnknownGoods::Refund)).empty());
  CHECK(must(units_to_refund(kFive, report_of(kFive, Unknown), UnknownGoods::ChargeStands)).empty());
  CHECK(must(units_to_refund(kFive, report_of(kFive, NotOut), UnknownGoods::ChargeStands)) == kFive.goods);
  CHECK(must(units_to_refund(kFive, {{NotOut, Out, NotOut, Out, NotOut}}, UnknownGoods::Refund)) ==
        std::vector<UnitRange>{{LineId(1), 1, 1}, {LineId(1), 3, 1}, {LineId(2), 5, 1}});
  CHECK(failed_with(units_to_refund(kFive, {{Out, Out}}, UnknownGoods::Refund), ErrorCode::InvalidArgument));
}

TEST_CASE("what is settled says whether money goes back", "[fulfilment]") {
  const HandoverReport one_open{{Out, Out, Unknown, Out, Out}};
  const HandoverReport one_missing{{Out, NotOut, Unknown, Out, Out}};

  CHECK(must(settle(kFive, one_open, UnknownGoods::Refund)) == E::SettledRefund);
  CHECK(must(settle(kFive, one_open, UnknownGoods::ChargeStands)) == E::SettledCharge);
  // What surely stayed inside is given back whatever the choice for the rest.
  CHECK(must(settle(kFive, one_missing, UnknownGoods::ChargeStands)) == E::SettledRefund);
  CHECK(failed_with(settle(kFive, report_of(kFive, Out), UnknownGoods::Refund), ErrorCode::FailedPrecondition));
  CHECK(failed_with(settle(kFive, {{Unknown}}, UnknownGoods::Refund), ErrorCode::InvalidArgument));
}

TEST_CASE("units are counted whatever stands in the ranges", "[fulfilment]") {
  CHECK(units_of(kFive) == 5);
  CHECK(units_of(Handover{}) == 0);
  CHECK(units_of(Handover{HandoverId(1), {{LineId(1), 1, -3}, {LineId(2), 1, 2}}}) == 2);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  CHECK(units_of(Handover{HandoverId(1), {{LineId(1), 1, most}, {LineId(2), 1, most}, {LineId(3), 1, most}}}) ==
        std::numeric_limits<std::size_t>::max());
}

TEST_CASE("an unknown hand-over is asked about at once, then now and then, then settled", "[fulfilment]") {
  const HandoverPolicy policy{UnknownGoods::Refund, milliseconds{2'000}, milliseconds{60'000}};
  const core::MonotonicTime since{milliseconds{1'000'000}};

  CHECK(plan({since, std::nullopt}, policy, since) == NextStep{F::Inspect, since});
  const auto asked = since + milliseconds{500};
  CHECK(plan({since, asked}, policy, asked) == NextStep{F::Inspect, asked + milliseconds{2'000}});
  CHECK(plan({since, asked}, policy, asked + milliseconds{9'000}) == NextStep{F::Inspect, asked + milliseconds{9'000}});
  const auto last = since + milliseconds{59'999};
  CHECK(plan({since, last}, policy, last).what == F::Inspect);
  CHECK(plan({since, asked}, policy, since + milliseconds{60'000}) ==
        NextStep{F::Settle, since + milliseconds{60'000}});
}

TEST_CASE("however long nobody looked, it is asked once before it is settled", "[fulfilment]") {
  const core::MonotonicTime since{milliseconds{0}};
  const auto late = since + std::chrono::hours{9};
  CHECK(plan({since, std::nullopt}, {}, late) == NextStep{F::Inspect, late});
}

TEST_CASE("hardware that remembers nothing is not asked again", "[fulfilment]") {
  const core::MonotonicTime since{milliseconds{0}};
  const auto now = since + milliseconds{5};
  CHECK(plan({since, since, F::Settle}, {}, now) == NextStep{F::Settle, now});
}

TEST_CASE("what was seen and what was chosen have names and numbers of their own", "[fulfilment]") {
  CHECK(to_string(Out) == "out");
  CHECK(to_string(NotOut) == "not_out");
  CHECK(to_string(Unknown) == "unknown");
  CHECK(to_string(UnknownGoods::Refund) == "refund");
  CHECK(to_string(UnknownGoods::ChargeStands) == "charge_stands");
  CHECK(static_cast<int>(Unknown) == 3);
  CHECK(static_cast<int>(UnknownGoods::ChargeStands) == 2);
}

}  // namespace
}  // namespace tillkit::fulfilment
