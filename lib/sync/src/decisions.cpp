// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include "taking.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/ledger/steps.hpp"
#include "tillkit/members/steps.hpp"
#include "tillkit/sync/records.hpp"
#include "tillkit/sync/tables.hpp"

namespace tillkit::sync {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;
using journal::SaleId;
using journal::Tx;

/// So many recalls end in one commit; each appends up to two records.
constexpr std::size_t kRecallsPerTry = journal::kRecordsPerCommitMax / 2;

Result<> append(Tx& tx, journal::Kind kind, JsonWriter& json) {
  TILLKIT_TRY(const std::string body, json.end_object().finish());
  TILLKIT_TRY_VOID(tx.append({.kind = kind, .body = body}));
  return {};
}

Result<> remember(Tx& tx, RecallWhat what, std::string_view id, SaleId sale = {}) {
  TILLKIT_TRY(const bool known, is_recalled(tx, what, id));
  if (known) return {};
  TILLKIT_TRY(const std::int64_t waiting, recalls_waiting(tx));
  if (waiting >= kRecallsMax) return fail(ErrorCode::Exhausted);
  JsonWriter json;
  json.begin_object().name("what").integer(static_cast<int>(what)).name("id").text(id);
  json.name("sale").integer(sale.value());
  return append(tx, kRecalled, json);
}

Result<> cede(Tx& tx, std::string_view claim, SaleId sale) {
  JsonWriter json;
  json.begin_object().name("claim").text(claim).name("sale").integer(sale.value());
  return append(tx, kRefundCeded, json);
}

/// What one of the modules below said about something that is wanted back.
enum class Back : std::uint8_t { Done, NotHere, Held };
Result<Back> back_of(const Result<>& given) {
  if (given) return Back::Done;
  if (given.error().code == ErrorCode::NotFound) return Back::NotHere;
  if (given.error().code == ErrorCode::FailedPrecondition) return Back::Held;
  return std::unexpected(given.error());
}

Result<Back> return_lease(Tx& tx, std::string_view id) {
  TILLKIT_TRY(const auto lease, ledger::LeaseId::parse(id));
  return back_of(ledger::return_lease(tx, lease));
}

Result<Back> give_up_coupon(Tx& tx, std::string_view id) {
  TILLKIT_TRY(const auto coupon, offers::CouponId::parse(id));
  return back_of(members::give_up_coupon(tx, coupon));
}

Result<ledger::LeaseGrant> grant_of(const cloud::Lease& lease) {
  // The numbers are the contract's and the ledger's alike.
  ledger::LeaseGrant grant{.unit = static_cast<ledger::Unit>(lease.unit), .amount = lease.amount, .until = lease.until};
  TILLKIT_TRY(grant.id, same_id<ledger::LeaseId>(lease.id));
  TILLKIT_TRY(grant.of, same_id<ledger::Owner>(lease.of));
  for (const cloud::LeaseLot& lot : lease.lots) {
    TILLKIT_TRY(const auto id, same_id<ledger::LotId>(lot.lot));
    grant.lots.push_back({id, lot.amount, lot.expires_at.value_or(core::WallTime::max())});
  }
  if (lease.draw_key) grant.draw_key = *lease.draw_key;
  return grant;
}
static_assert(static_cast<int>(ledger::Unit::Points) == static_cast<int>(cloud::LeaseUnit::Points));
static_assert(static_cast<int>(ledger::Unit::Value) == static_cast<int>(cloud::LeaseUnit::Value));
static_assert(static_cast<int>(ledger::Unit::Budget) == static_cast<int>(cloud::LeaseUnit::Budget));
static_assert(static_cast<int>(ledger::Unit::Risk) == static_cast<int>(cloud::LeaseUnit::Risk));

/// Takes one change, or says why it cannot be taken.
class Taking {
 public:
  Taking(Tx& tx, const journal::JournalId& journal, SyncHost& host) : tx_(tx), journal_(journal), host_(host) {}

  Result<> operator()(const cloud::LeaseGranted& change) {
    TILLKIT_TRY(const ledger::LeaseGrant grant, grant_of(change.lease));
    return ledger::place_lease(tx_, grant);
  }
  Result<> operator()(const cloud::LeaseRecalled& change) {
    TILLKIT_TRY(const Back back, return_lease(tx_, change.lease.view()));
    return back == Back::Held ? remember(tx_, RecallWhat::Lease, change.lease.view()) : Result<>{};
  }
  Result<> operator()(const cloud::CouponPlaced& change) {
    TILLKIT_TRY(const members::HeldCoupon coupon, held_coupon(change.coupon));
    TILLKIT_TRY(const auto member, same_id<members::MemberId>(change.member));
    return members::place_coupon(tx_, coupon, member, change.until);
  }
  Result<> operator()(const cloud::CouponRecalled& change) {
    TILLKIT_TRY(const Back back, give_up_coupon(tx_, change.coupon.view()));
    return back == Back::Held ? remember(tx_, RecallWhat::Coupon, change.coupon.view()) : Result<>{};
  }
  Result<> operator()(const cloud::Merged& change) {
    TILLKIT_TRY(const auto from, same_id<members::MemberId>(change.from));
    TILLKIT_TRY(const auto into, same_id<members::MemberId>(change.into));
    return members::merge(tx_, from, into);
  }
  Result<> operator()(const cloud::DoubleRedemption& change) {
    if (change.journal != journal_.bytes) return fail(ErrorCode::InvalidArgument);
    const SaleId sale{change.sale};
    TILLKIT_TRY(const bool known, is_double_redemption_known(tx_, change.coupon.view(), sale));
    if (known) return {};
    TILLKIT_TRY(const auto coupon, same_id<offers::CouponId>(change.coupon));
    TILLKIT_TRY(const auto funder, same_id<offers::FunderId>(change.funder));
    return members::record_double_redemption(tx_, coupon, sale, funder, change.amount_minor);
  }
  Result<> operator()(const cloud::RefundClaimed& change) {
    if (change.journal != journal_.bytes) return fail(ErrorCode::InvalidArgument);
    const SaleId sale{change.sale};
    TILLKIT_TRY(const bool ceded, is_ceded(tx_, sale));
    // Once more, or somebody else's claim: which of them has the right is the cloud's to know.
    if (ceded) return {};
    switch (host_.may_cede(sale)) {
      case Cession::Yes: return cede(tx_, change.claim.view(), sale);
      case Cession::NotNow: return remember(tx_, RecallWhat::Refund, change.claim.view(), sale);
      case Cession::Never: break;
    }
    return fail(ErrorCode::FailedPrecondition);
  }
  Result<> operator()(const cloud::SettingsChanged& change) {
    TILLKIT_TRY(const auto stored, stored_settings(tx_));
    if (stored && stored->number >= change.number) return {};
    TILLKIT_TRY(const auto document, core::JsonDocument::parse(change.json));
    JsonWriter json;
    json.begin_object().name("number").integer(change.number).name("settings").value(document.root());
    return append(tx_, kSettingsChanged, json);
  }

  // Copies never come here: `belongs_to`.
  template <class Copy>
  Result<> operator()(const Copy&) {
    return fail(ErrorCode::InvalidArgument);
  }

 private:
  Tx& tx_;
  const journal::JournalId& journal_;
  SyncHost& host_;
};

struct Named {
  std::string_view type;
  std::string_view id;
};

/// What a refused change is called.
struct Naming {
  Named operator()(const cloud::LeaseGranted& change) const { return {"lease_granted", change.lease.id.view()}; }
  Named operator()(const cloud::LeaseRecalled& change) const { return {"lease_recalled", change.lease.view()}; }
  Named operator()(const cloud::CouponPlaced& change) const { return {"coupon_placed", change.coupon.id.view()}; }
  Named operator()(const cloud::CouponRecalled& change) const { return {"coupon_recalled", change.coupon.view()}; }
  Named operator()(const cloud::Merged& change) const { return {"merged", change.from.view()}; }
  Named operator()(const cloud::DoubleRedemption& change) const { return {"double_redemption", change.coupon.view()}; }
  Named operator()(const cloud::RefundClaimed& change) const { return {"refund_claimed", change.claim.view()}; }
  Named operator()(const cloud::SettingsChanged&) const { return {"settings", ""}; }
  template <class Copy>
  Named operator()(const Copy&) const {
    return {"copy", ""};
  }
};

/// Whether the change is at fault, so that it would be so again, and not the storage.
bool is_the_changes_fault(const core::Error& error) {
  if (error.source != core::ErrorSource::Tillkit && error.source != core::ErrorSource::Input) return false;
  switch (error.code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::FailedPrecondition:
    case ErrorCode::NotFound:
    case ErrorCode::AlreadyExists:
    case ErrorCode::OutOfRange:
    case ErrorCode::Exhausted:
    case ErrorCode::Unsupported: return true;
    case ErrorCode::Unavailable:
    case ErrorCode::Timeout:
    case ErrorCode::Rejected:
    case ErrorCode::Corrupt:
    case ErrorCode::PermissionDenied:
    case ErrorCode::Cancelled: return false;
  }
  return false;
}

Result<> refuse(Tx& tx, const Named& what, ErrorCode error) {
  TILLKIT_TRY(const bool known, is_refused(tx, what.type, what.id));
  if (known) return {};
  JsonWriter json;
  json.begin_object().name("type").text(what.type).name("id").text(what.id);
  json.name("error").integer(static_cast<int>(error));
  return append(tx, kDecisionRefused, json);
}

Result<Back> try_back(Tx& tx, const Recall& recall, SyncHost& host) {
  switch (recall.what) {
    case RecallWhat::Lease: return return_lease(tx, recall.id);
    case RecallWhat::Coupon: return give_up_coupon(tx, recall.id);
    case RecallWhat::Refund: break;
  }
  TILLKIT_TRY(const bool ceded, is_ceded(tx, recall.sale));
  if (ceded) return Back::NotHere;
  switch (host.may_cede(recall.sale)) {
    case Cession::NotNow: return Back::Held;
    case Cession::Never: {
      TILLKIT_TRY_VOID(refuse(tx, {"refund_claimed", recall.id}, ErrorCode::FailedPrecondition));
      return Back::NotHere;
    }
    case Cession::Yes: break;
  }
  TILLKIT_TRY_VOID(cede(tx, recall.id, recall.sale));
  return Back::Done;
}

}  // namespace

Result<members::HeldCoupon> held_coupon(const cloud::Coupon& coupon) {
  members::HeldCoupon held{.claimed_at = coupon.claimed_at,
                           .valid_from = coupon.valid_from.value_or(core::WallTime::min()),
                           .expires_at = coupon.expires_at.value_or(core::WallTime::max()),
                           .uses = coupon.uses};
  TILLKIT_TRY(held.id, same_id<offers::CouponId>(coupon.id));
  TILLKIT_TRY(held.offer, same_id<offers::OfferId>(coupon.offer));
  return held;
}

Result<> take_decision(Tx& tx, const cloud::Change& change, const journal::JournalId& journal, SyncHost& host) {
  const Result<> taken = std::visit(Taking(tx, journal, host), change);
  if (taken || !is_the_changes_fault(taken.error())) return taken;
  return refuse(tx, std::visit(Naming{}, change), taken.error().code);
}

Result<> give_back(Tx& tx, SyncHost& host) {
  TILLKIT_TRY(const auto waiting, recalls(tx, static_cast<std::size_t>(kRecallsMax)));
  std::size_t ended = 0;
  for (const Recall& recall : waiting) {
    TILLKIT_TRY(const Back back, try_back(tx, recall, host));
    if (back != Back::Held && ++ended == kRecallsPerTry) return {};
    if (back != Back::NotHere) continue;
    JsonWriter json;
    json.begin_object().name("what").integer(static_cast<int>(recall.what)).name("id").text(recall.id);
    TILLKIT_TRY_VOID(append(tx, kRecallEnded, json));
  }
  return {};
}

}  // namespace tillkit::sync
