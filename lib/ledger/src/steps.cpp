// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/steps.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "bodies.hpp"
#include "rows.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/ledger/records.hpp"

namespace tillkit::ledger {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;
using journal::SaleId;
using journal::Tables;
using journal::Tx;

Result<> append(Tx& tx, journal::Kind kind, SaleId sale, JsonWriter& json) {
  TILLKIT_TRY(const std::string body, json.end_object().finish());
  TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body}));
  return {};
}

Result<> end_request(Tx& tx, const RequestKey& request) {
  JsonWriter json;
  json.begin_object().name("request").text(request.view());
  return append(tx, kLeaseRefused, {}, json);
}

Result<> check_lots(const LeaseGrant& grant) {
  if (!has_lots(grant.unit)) return grant.lots.empty() ? Result<>{} : fail(ErrorCode::InvalidArgument);
  if (grant.lots.size() > kLotsPerLeaseMax) return fail(ErrorCode::Exhausted);
  std::int64_t sum = 0;
  for (auto lot = grant.lots.begin(); lot != grant.lots.end(); ++lot) {
    if (!is_amount(lot->amount)) return fail(ErrorCode::OutOfRange);
    const bool twice = std::ranges::find(grant.lots.begin(), lot, lot->lot, &LotPart::lot) != lot;
    if (lot->lot.empty() || twice) return fail(ErrorCode::InvalidArgument);
    sum += lot->amount;
  }
  if (sum != grant.amount) return fail(ErrorCode::InvalidArgument);
  return {};
}

Result<> check_grant(const LeaseGrant& grant) {
  if (grant.id.empty() || !is_account(grant.unit, grant.of)) return fail(ErrorCode::InvalidArgument);
  if (grant.draw_key && grant.unit != Unit::Budget) return fail(ErrorCode::InvalidArgument);
  if (!is_amount(grant.amount)) return fail(ErrorCode::OutOfRange);
  return check_lots(grant);
}

/// What of `parts` is asked of one lot of one lease, in all holds together.
std::int64_t sum_of(std::span<const Hold> parts, const Hold& like) {
  std::int64_t sum = 0;
  for (const Hold& part : parts) {
    if (part.lease == like.lease && part.lot == like.lot) sum += part.amount;
  }
  return sum;
}

/// A part by its form alone, whatever the tables say. Amounts are small enough to be added up after this.
Result<> check_part(SaleId sale, const Reservation& part, bool may_be_empty) {
  const bool says_nothing = part.holds.empty() && !(may_be_empty && part.settles_minor > 0);
  if (sale == SaleId{} || !is_account(part.unit, part.of) || part.settles_minor < 0 || says_nothing) {
    return fail(ErrorCode::InvalidArgument);
  }
  if (part.holds.size() > kHoldsPerSaleMax) return fail(ErrorCode::Exhausted);
  for (const Hold& hold : part.holds) {
    if (hold.lease.empty() || !is_amount(hold.amount)) return fail(ErrorCode::InvalidArgument);
  }
  return {};
}

Result<> check_draw(const Tables& tables, const Reservation& reservation) {
  if (!reservation.draw) return {};
  if (reservation.unit != Unit::Budget || !is_draw(*reservation.draw)) return fail(ErrorCode::InvalidArgument);
  TILLKIT_TRY(const auto offer, offers::OfferId::parse(reservation.of.view()));
  TILLKIT_TRY(const std::uint64_t next, next_draw(tables, offer));
  if (*reservation.draw != next) return fail(ErrorCode::InvalidArgument);
  return {};
}

Result<> check_room(const Tables& tables, SaleId sale, const Reservation& reservation) {
  TILLKIT_TRY(const std::vector<Reservation> before, reserved_for(tables, sale));
  if (before.size() >= kReservationsPerSaleMax) return fail(ErrorCode::Exhausted);
  std::size_t holds = reservation.holds.size();
  for (const Reservation& other : before)
    holds += other.holds.size();
  if (holds > kHoldsPerSaleMax) return fail(ErrorCode::Exhausted);
  return {};
}

/// Whether points may be earned or taken back.
Result<> check_points(SaleId sale, const Owner& member, std::int64_t points) {
  if (sale == SaleId{} || member.empty()) return fail(ErrorCode::InvalidArgument);
  if (!is_amount(points)) return fail(ErrorCode::OutOfRange);
  return {};
}

}  // namespace

Result<LeaseRequest> request_lease(Tx& tx, const journal::TerminalName& terminal, Unit unit, const Owner& of,
                                   std::int64_t amount) {
  if (!is_account(unit, of)) return fail(ErrorCode::InvalidArgument);
  if (!is_amount(amount)) return fail(ErrorCode::OutOfRange);
  TILLKIT_TRY(const std::vector<LeaseRequest> open, open_requests(tx));
  if (open.size() >= kRequestsOpenMax) return fail(ErrorCode::Exhausted);
  LeaseRequest request{.unit = unit, .of = of, .amount = amount};
  TILLKIT_TRY(request.key, tx.make_order_number(terminal));
  JsonWriter json;
  json.begin_object().name("request").text(request.key.view());
  write_account(json, unit, of).name("amount").integer(amount);
  TILLKIT_TRY_VOID(append(tx, kLeaseRequested, {}, json));
  return request;
}

Result<> place_lease(Tx& tx, const LeaseGrant& grant, const RequestKey& request) {
  TILLKIT_TRY_VOID(check_grant(grant));
  if (!request.empty()) {
    TILLKIT_TRY(const auto asked, find_request(tx, request));
    if (!asked) return fail(ErrorCode::NotFound);
    if (asked->unit != grant.unit || asked->of != grant.of) return fail(ErrorCode::InvalidArgument);
  }
  TILLKIT_TRY(const bool again, was_placed(tx, grant.id, grant.until));
  if (again) return request.empty() ? Result<>{} : end_request(tx, request);
  TILLKIT_TRY(const std::int64_t held, leases_held(tx));
  if (held >= static_cast<std::int64_t>(kLeasesMax)) return fail(ErrorCode::Exhausted);

  JsonWriter json;
  json.begin_object().name("lease").text(grant.id.view());
  write_account(json, grant.unit, grant.of).name("amount").integer(grant.amount);
  json.name("until").integer(grant.until.time_since_epoch().count());
  json.name("lots").begin_array();
  for (const LotPart& part : grant.lots) {
    json.begin_object().name("lot").text(part.lot.view()).name("amount").integer(part.amount);
    json.name("expires").integer(part.expires_at.time_since_epoch().count()).end_object();
  }
  json.end_array();
  json.name("draw_key").text(grant.draw_key ? core::encode_base64url(*grant.draw_key) : std::string{});
  json.name("request").text(request.view());
  return append(tx, kLeasePlaced, {}, json);
}

Result<> refuse_lease(Tx& tx, const RequestKey& request) {
  TILLKIT_TRY(const auto asked, find_request(tx, request));
  if (!asked) return fail(ErrorCode::NotFound);
  return end_request(tx, request);
}

Result<> return_lease(Tx& tx, const LeaseId& id) {
  TILLKIT_TRY(const auto lease, find_lease(tx, id));
  if (!lease) return fail(ErrorCode::NotFound);
  if (lease->reserved != 0) return fail(ErrorCode::FailedPrecondition);
  JsonWriter json;
  json.begin_object().name("lease").text(id.view());
  write_account(json, lease->grant.unit, lease->grant.of).name("unused").integer(lease->left());
  return append(tx, kLeaseReturned, {}, json);
}

Result<std::vector<Hold>> choose_holds(const Tables& tables, Unit unit, const Owner& of, std::int64_t amount,
                                       const core::WallReading& now) {
  if (amount < 1) return fail(ErrorCode::OutOfRange);
  if (now.quality == core::WallQuality::Unknown) return fail(ErrorCode::FailedPrecondition);
  TILLKIT_TRY(const std::vector<Hold> parts, spendable(tables, unit, of, now.at));
  std::vector<Hold> chosen;
  for (Hold part : parts) {
    part.amount = std::min(part.amount, amount);
    amount -= part.amount;
    chosen.push_back(part);
    if (amount == 0 || chosen.size() == kHoldsPerSaleMax) break;
  }
  if (amount != 0) return fail(ErrorCode::Exhausted);
  return chosen;
}

Result<> reserve(Tx& tx, SaleId sale, const Reservation& reservation) {
  TILLKIT_TRY_VOID(check_part(sale, reservation, false));
  TILLKIT_TRY_VOID(check_room(tx, sale, reservation));
  for (const Hold& hold : reservation.holds) {
    TILLKIT_TRY(const auto part, find_part(tx, hold.lease, hold.lot));
    if (!part) return fail(ErrorCode::NotFound);
    if (part->unit != reservation.unit || part->of != reservation.of) return fail(ErrorCode::InvalidArgument);
    if (sum_of(reservation.holds, hold) > part->left) return fail(ErrorCode::Exhausted);
  }
  TILLKIT_TRY_VOID(check_draw(tx, reservation));
  JsonWriter json;
  json.begin_object();
  write_reservation(json, reservation);
  return append(tx, kReserved, sale, json);
}

Result<> take(Tx& tx, SaleId sale) {
  TILLKIT_TRY(const std::vector<Reservation> parts, reserved_for(tx, sale));
  if (parts.empty()) return {};
  JsonWriter json;
  json.begin_object().name("parts").begin_array();
  for (const Reservation& part : parts) {
    json.begin_object();
    write_reservation(json, part).end_object();
  }
  json.end_array();
  return append(tx, kTaken, sale, json);
}

Result<> release(Tx& tx, SaleId sale) {
  TILLKIT_TRY(const std::vector<Reservation> parts, reserved_for(tx, sale));
  if (parts.empty()) return {};
  JsonWriter json;
  json.begin_object();
  return append(tx, kReleased, sale, json);
}

Result<> give_back(Tx& tx, SaleId sale, SaleId sold, const Reservation& part) {
  TILLKIT_TRY_VOID(check_part(sale, part, true));
  if (sold == SaleId{}) return fail(ErrorCode::InvalidArgument);
  JsonWriter json;
  json.begin_object().name("sale").integer(sold.value());
  write_part(json, part);
  return append(tx, kGivenBack, sale, json);
}

Result<> earn(Tx& tx, SaleId sale, const Owner& member, std::int64_t points, EarnWhy why) {
  TILLKIT_TRY_VOID(check_points(sale, member, points));
  if (why != EarnWhy::Goods && why != EarnWhy::Grant) return fail(ErrorCode::InvalidArgument);
  JsonWriter json;
  json.begin_object().name("of").text(member.view()).name("points").integer(points);
  json.name("why").integer(static_cast<int>(why));
  return append(tx, kEarned, sale, json);
}

Result<> take_back(Tx& tx, SaleId sale, SaleId sold, const Owner& member, std::int64_t points) {
  TILLKIT_TRY_VOID(check_points(sale, member, points));
  if (sold == SaleId{}) return fail(ErrorCode::InvalidArgument);
  JsonWriter json;
  json.begin_object().name("sale").integer(sold.value()).name("of").text(member.view());
  json.name("points").integer(points);
  return append(tx, kTakenBack, sale, json);
}

}  // namespace tillkit::ledger
