// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/journal/record.hpp"

/// What sync leaves in the journal. Bodies are JSON objects, all of version 1; a later version adds members and never
/// changes what these say. Everything else that news bring is in the records of `ledger` and `members`.
namespace tillkit::sync {

/// The cloud cannot use record `seq`: `why` a `cloud::RefusedWhy`, `detail` for people. It has it, as it came. Once per
/// record; that it cannot use a record of this kind is counted, and leaves no other.
inline constexpr journal::Kind kRecordRefused = journal::kind("sync.record_refused");
/// Nothing more is uploaded until a person decides: `why` a `StopWhy`, `seq` (the record that would have been next).
inline constexpr journal::Kind kUploadStopped = journal::kind("sync.upload_stopped");
/// A person decided that it goes on: `by` (an operator).
inline constexpr journal::Kind kUploadResumed = journal::kind("sync.upload_resumed");

/// A page of news is in the journal as a whole: `feed` a `cloud::Feed`, `cursor` (the page's), `passed_over` (changes
/// of types that this build does not know).
inline constexpr journal::Kind kNewsTaken = journal::kind("sync.news_taken");
/// A change that cannot be taken: `type`, `id` (of its lease, coupon, member or claim; "" of settings), `error` a
/// `core::ErrorCode`. The cloud learns it from here: a lease or coupon named so is not used on this terminal.
inline constexpr journal::Kind kDecisionRefused = journal::kind("sync.decision_refused");
/// The cloud wants something back that a sale still holds: `what` a `RecallWhat`, `id`, `sale` (of a refund claim; else
/// 0). It is done as soon as it can be: `ledger.lease_returned`, `members.coupon_given_up`, `sync.refund_ceded`, or
/// `sync.recall_ended`.
inline constexpr journal::Kind kRecalled = journal::kind("sync.recalled");
/// Nothing of it is here any more: `what`, `id`.
inline constexpr journal::Kind kRecallEnded = journal::kind("sync.recall_ended");
/// This terminal does not refund `sale` (of this journal) any more; who has `claim` may.
inline constexpr journal::Kind kRefundCeded = journal::kind("sync.refund_ceded");
/// `number` and `settings`, in place of those before.
inline constexpr journal::Kind kSettingsChanged = journal::kind("sync.settings_changed");

}  // namespace tillkit::sync
