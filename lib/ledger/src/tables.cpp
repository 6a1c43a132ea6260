// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/tables.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <tuple>
#include <utility>

#include "bodies.hpp"
#include "rows.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/ledger/records.hpp"

namespace tillkit::ledger {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;
using core::WallTime;
using journal::any_rows;
using journal::one_row;
using journal::Record;
using journal::SaleId;
using journal::Statement;
using journal::Tables;
using journal::Tx;
using Number = std::int64_t;
using Text = std::string_view;

/// A lease that is over leaves its id, so that it is never placed again, until its time has been over for so long.
constexpr std::chrono::days kRememberedFor{365};

constexpr Text kFirst[] = {
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): long statements on several lines
    "CREATE TABLE leases(lease TEXT PRIMARY KEY, unit INTEGER NOT NULL, owner TEXT NOT NULL, amount INTEGER NOT NULL,"
    " until INTEGER NOT NULL, draw_key TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX leases_by_owner ON leases(unit, owner)",
    // One row for each lot; one with the lot '' for a lease that has none.
    "CREATE TABLE lease_parts(lease TEXT NOT NULL, lot TEXT NOT NULL, place INTEGER NOT NULL, amount INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, reserved INTEGER NOT NULL, taken INTEGER NOT NULL, PRIMARY KEY(lease, lot),"
    " CHECK(reserved >= 0 AND taken >= 0 AND reserved + taken <= amount)) STRICT, WITHOUT ROWID",
    "CREATE TABLE leases_over(lease TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX leases_over_by_time ON leases_over(until)",
    // One row: how many leases are held, and the latest `until` of those that nobody remembers.
    "CREATE TABLE lease_sums(one INTEGER PRIMARY KEY, held INTEGER NOT NULL, forgotten_until INTEGER) STRICT",
    "CREATE TABLE lease_requests(seq INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE, unit INTEGER NOT NULL,"
    " owner TEXT NOT NULL, amount INTEGER NOT NULL) STRICT",
    "CREATE TABLE reservations(seq INTEGER PRIMARY KEY, sale INTEGER NOT NULL, unit INTEGER NOT NULL,"
    " owner TEXT NOT NULL, settles INTEGER NOT NULL, draw INTEGER NOT NULL) STRICT",
    "CREATE INDEX reservations_by_sale ON reservations(sale)",
    "CREATE TABLE holds(reservation INTEGER NOT NULL, place INTEGER NOT NULL, lease TEXT NOT NULL, lot TEXT NOT NULL,"
    " amount INTEGER NOT NULL, PRIMARY KEY(reservation, place)) STRICT, WITHOUT ROWID",
    "CREATE TABLE draws(offer TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE draws_free(offer TEXT NOT NULL, draw INTEGER NOT NULL, PRIMARY KEY(offer, draw))"
    " STRICT, WITHOUT ROWID"};
constexpr journal::Migration kMigrations[] = {kFirst};
constexpr Text kTables[] = {"leases",       "lease_parts", "leases_over", "lease_sums", "lease_requests",
                            "reservations", "holds",       "draws",       "draws_free"};

#define TILLKIT_LEASE_COLUMNS                                                                                       \
  "SELECT l.lease, l.unit, l.owner, l.amount, l.until, l.draw_key, p.lot, p.amount, p.expires, p.reserved, p.taken" \
  " FROM leases l JOIN lease_parts p ON p.lease = l.lease"
using LeaseColumns = std::tuple<std::string, Number, std::string, Number, Number, std::string, std::string, Number,
                                Number, Number, Number>;
constexpr Statement<LeaseColumns()> kLeases{TILLKIT_LEASE_COLUMNS " ORDER BY l.lease, p.place"};
constexpr Statement<LeaseColumns(Unit, Text)> kLeasesOf{TILLKIT_LEASE_COLUMNS
                                                        " WHERE l.unit = ?1 AND l.owner = ?2"
                                                        " ORDER BY l.lease, p.place"};
constexpr Statement<LeaseColumns(Text)> kLease{TILLKIT_LEASE_COLUMNS " WHERE l.lease = ?1 ORDER BY p.place"};

/// Leases with something of them here, and nothing of it reserved.
constexpr Statement<std::tuple<std::string>(Number, Number)> kOver{
    "SELECT l.lease FROM leases l WHERE l.until <= ?1"
    " AND EXISTS (SELECT 1 FROM lease_parts p WHERE p.lease = l.lease)"
    " AND NOT EXISTS (SELECT 1 FROM lease_parts p WHERE p.lease = l.lease AND p.reserved > 0)"
    " ORDER BY l.lease LIMIT ?2"};

using RequestColumns = std::tuple<std::string, Number, std::string, Number>;
constexpr Statement<RequestColumns()> kRequests{"SELECT request, unit, owner, amount FROM lease_requests ORDER BY seq"};
constexpr Statement<RequestColumns(Text)> kRequest{
    "SELECT request, unit, owner, amount FROM lease_requests WHERE request = ?1"};

using ReservationColumns = std::tuple<Number, Number, std::string, Number, Number>;
constexpr Statement<ReservationColumns(SaleId)> kReservations{
    "SELECT seq, unit, owner, settles, draw FROM reservations WHERE sale = ?1 ORDER BY seq"};
using HoldColumns = std::tuple<Number, std::string, std::string, Number>;
constexpr Statement<HoldColumns(SaleId)> kHolds{
    "SELECT h.reservation, h.lease, h.lot, h.amount FROM reservations r JOIN holds h ON h.reservation = r.seq"
    " WHERE r.sale = ?1 ORDER BY h.reservation, h.place"};

constexpr Statement<std::tuple<std::string, std::string, Number>(Unit, Text, Number)> kSpendable{
    "SELECT p.lease, p.lot, p.amount - p.reserved - p.taken FROM leases l JOIN lease_parts p ON p.lease = l.lease"
    " WHERE l.unit = ?1 AND l.owner = ?2 AND l.until > ?3 AND p.expires > ?3 AND p.amount > p.reserved + p.taken"
    " ORDER BY p.expires, l.until, p.lease, p.lot"};
constexpr Statement<std::tuple<Number, std::string, Number>(Text, Text)> kPart{
    "SELECT l.unit, l.owner, p.amount - p.reserved - p.taken FROM leases l JOIN lease_parts p ON p.lease = l.lease"
    " WHERE l.lease = ?1 AND p.lot = ?2"};

constexpr Statement<std::tuple<Number>(Text)> kLeaseIsOver{"SELECT until FROM leases_over WHERE lease = ?1"};
constexpr Statement<std::tuple<Number>(Text)> kLeaseIsHeld{"SELECT until FROM leases WHERE lease = ?1"};
constexpr Statement<std::tuple<Number, std::optional<Number>>()> kSums{"SELECT held, forgotten_until FROM lease_sums"};
constexpr Statement<std::tuple<std::optional<Number>>(Number)> kLatestOver{
    "SELECT max(until) FROM leases_over WHERE until <= ?1"};
constexpr Statement<std::tuple<Number>(Text)> kFreeDraw{
    "SELECT draw FROM draws_free WHERE offer = ?1 ORDER BY draw LIMIT 1"};
constexpr Statement<std::tuple<Number>(Text)> kNextDraw{"SELECT next FROM draws WHERE offer = ?1"};

constexpr Statement<void(Text, Unit, Text, Number, Number, Text)> kAddLease{
    "INSERT INTO leases(lease, unit, owner, amount, until, draw_key) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
constexpr Statement<void(Text, Text, Number, Number, Number)> kAddPart{
    "INSERT INTO lease_parts(lease, lot, place, amount, expires, reserved, taken) VALUES(?1, ?2, ?3, ?4, ?5, 0, 0)"};
constexpr Statement<void(Number)> kCountHeld{
    "INSERT INTO lease_sums(one, held) VALUES(1, ?1) ON CONFLICT(one) DO UPDATE SET held = held + excluded.held"};
constexpr Statement<void(Number)> kNoteForgotten{
    "UPDATE lease_sums SET forgotten_until = max(coalesce(forgotten_until, ?1), ?1)"};
constexpr Statement<void(Number)> kForget{"DELETE FROM leases_over WHERE until <= ?1"};
constexpr Statement<void(Text)> kRememberOver{
    "INSERT INTO leases_over(lease, until) SELECT lease, until FROM leases WHERE lease = ?1"};
constexpr Statement<void(Text)> kRemoveParts{"DELETE FROM lease_parts WHERE lease = ?1"};
constexpr Statement<void(Text)> kRemoveLease{"DELETE FROM leases WHERE lease = ?1"};
constexpr Statement<std::tuple<Number>(Text)> kSomethingLeft{
    "SELECT count(*) FROM lease_parts WHERE lease = ?1 AND taken < amount"};

constexpr Statement<void(Number, Text, Unit, Text, Number)> kAddRequest{
    "INSERT INTO lease_requests(seq, request, unit, owner, amount) VALUES(?1, ?2, ?3, ?4, ?5)"};
constexpr Statement<void(Text)> kRemoveRequest{"DELETE FROM lease_requests WHERE request = ?1"};

constexpr Statement<void(Number, SaleId, Unit, Text, Number, Number)> kAddReservation{
    "INSERT INTO reservations(seq, sale, unit, owner, settles, draw) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
constexpr Statement<void(Number, Number, Text, Text, Number)> kAddHold{
    "INSERT INTO holds(reservation, place, lease, lot, amount) VALUES(?1, ?2, ?3, ?4, ?5)"};
constexpr Statement<void(Number)> kRemoveHolds{"DELETE FROM holds WHERE reservation = ?1"};
constexpr Statement<void(SaleId)> kRemoveReservations{"DELETE FROM reservations WHERE sale = ?1"};
// These meet no row where there is not as much: such a record is not taken.
constexpr Statement<void(Text, Text, Number, Unit, Text)> kReservePart{
    "UPDATE lease_parts SET reserved = reserved + ?3 WHERE lease = ?1 AND lot = ?2"
    " AND amount - reserved - taken >= ?3"
    " AND EXISTS(SELECT 1 FROM leases WHERE lease = ?1 AND unit = ?4 AND owner = ?5)"};
constexpr Statement<void(Text, Text, Number)> kTakePart{
    "UPDATE lease_parts SET reserved = reserved - ?3, taken = taken + ?3"
    " WHERE lease = ?1 AND lot = ?2 AND reserved >= ?3"};
constexpr Statement<void(Text, Text, Number)> kReleasePart{
    "UPDATE lease_parts SET reserved = reserved - ?3 WHERE lease = ?1 AND lot = ?2 AND reserved >= ?3"};

constexpr Statement<void(Text, Number)> kSetNextDraw{
    "INSERT INTO draws(offer, next) VALUES(?1, ?2) ON CONFLICT(offer) DO UPDATE SET next = excluded.next"};
constexpr Statement<void(Text, Number)> kUseFreeDraw{"DELETE FROM draws_free WHERE offer = ?1 AND draw = ?2"};
constexpr Statement<void(Text, Number)> kFreeTheDraw{"INSERT INTO draws_free(offer, draw) VALUES(?1, ?2)"};

// --- rows ---

Number milliseconds_of(WallTime at) {
  return at.time_since_epoch().count();
}

WallTime time_of(Number milliseconds) {
  return WallTime{std::chrono::milliseconds{milliseconds}};
}

Result<std::optional<security::Sha256>> draw_key_of(Text text) {
  if (text.empty()) return std::optional<security::Sha256>{};
  TILLKIT_TRY(const core::Bytes bytes, core::decode_base64url(text));
  security::Sha256 key{};
  if (bytes.size() != key.size()) return fail(ErrorCode::Corrupt);
  std::ranges::copy(bytes, key.begin());
  return std::optional(key);
}

Result<Lease> lease_of(const LeaseColumns& row) {
  Lease lease;
  LeaseGrant& grant = lease.grant;
  TILLKIT_TRY(grant.id, LeaseId::parse(std::get<0>(row)));
  TILLKIT_TRY(grant.unit, unit_of(std::get<1>(row)));
  TILLKIT_TRY(grant.of, core::parse_optional_id<Owner>(std::get<2>(row)));
  grant.amount = std::get<3>(row);
  grant.until = time_of(std::get<4>(row));
  TILLKIT_TRY(grant.draw_key, draw_key_of(std::get<5>(row)));
  return lease;
}

/// Adds a row to the lease that it belongs to; the rows of a lease come one after the other.
Result<> add_row(std::vector<Lease>& found, const LeaseColumns& row) {
  if (found.empty() || found.back().grant.id.view() != std::get<0>(row)) {
    TILLKIT_TRY(Lease lease, lease_of(row));
    found.push_back(std::move(lease));
  }
  Lease& lease = found.back();
  if (!std::get<6>(row).empty()) {
    TILLKIT_TRY(const LotId lot, LotId::parse(std::get<6>(row)));
    lease.grant.lots.push_back({lot, std::get<7>(row), time_of(std::get<8>(row))});
  }
  lease.reserved += std::get<9>(row);
  lease.taken += std::get<10>(row);
  return {};
}

Result<LeaseRequest> request_of(const RequestColumns& row) {
  const auto& [key, unit, owner, amount] = row;
  LeaseRequest request{.amount = amount};
  TILLKIT_TRY(request.key, RequestKey::parse(key));
  TILLKIT_TRY(request.unit, unit_of(unit));
  TILLKIT_TRY(request.of, core::parse_optional_id<Owner>(owner));
  return request;
}

Result<Hold> hold_of(Text lease, Text lot, Number amount) {
  Hold hold{.amount = amount};
  TILLKIT_TRY(hold.lease, LeaseId::parse(lease));
  TILLKIT_TRY(hold.lot, core::parse_optional_id<LotId>(lot));
  return hold;
}

// --- apply ---

Result<> apply_requested(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const auto request, read_optional_id<RequestKey>(body, "request"));
  TILLKIT_TRY(const Unit unit, read_unit(body));
  TILLKIT_TRY(const auto of, read_optional_id<Owner>(body, "of"));
  TILLKIT_TRY(const Number amount, read_amount(body, "amount"));
  if (request.empty()) return fail(ErrorCode::Corrupt);
  return one_row(tx.run(kAddRequest, record.seq.value(), request.view(), unit, of.view(), amount));
}

/// Ids of leases that were over long ago go; that nothing as old is placed any more keeps them from coming back.
Result<> forget_old(Tx& tx, const Record& record) {
  if (record.at.wall.quality != core::WallQuality::Trusted) return {};
  const Number before = milliseconds_of(record.at.wall.at - kRememberedFor);
  TILLKIT_TRY(const auto latest, tx.find(kLatestOver, before));
  if (!latest || !std::get<0>(*latest)) return {};
  TILLKIT_TRY_VOID(one_row(tx.run(kNoteForgotten, *std::get<0>(*latest))));
  return any_rows(tx.run(kForget, before));
}

Result<> add_parts(Tx& tx, Text lease, Unit unit, Number amount, const JsonValue& body) {
  TILLKIT_TRY(const JsonValue member, body.member("lots"));
  TILLKIT_TRY(const core::JsonElements lots, member.elements());
  if (!has_lots(unit)) {
    if (lots.begin() != lots.end()) return fail(ErrorCode::Corrupt);
    return one_row(tx.run(kAddPart, lease, "", 0, amount, milliseconds_of(WallTime::max())));
  }
  Number place = 0;
  Number sum = 0;
  for (const JsonValue element : lots) {
    TILLKIT_TRY(const auto lot, read_optional_id<LotId>(element, "lot"));
    TILLKIT_TRY(const Number part, read_amount(element, "amount"));
    TILLKIT_TRY(const Number expires, read_integer(element, "expires"));
    if (lot.empty() || part > amount - sum) return fail(ErrorCode::Corrupt);
    sum += part;
    TILLKIT_TRY_VOID(one_row(tx.run(kAddPart, lease, lot.view(), place++, part, expires)));
  }
  if (sum != amount) return fail(ErrorCode::Corrupt);
  return {};
}

Result<> apply_placed(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const auto request, read_optional_id<RequestKey>(body, "request"));
  if (!request.empty()) TILLKIT_TRY_VOID(one_row(tx.run(kRemoveRequest, request.view())));
  TILLKIT_TRY(const auto lease, read_optional_id<LeaseId>(body, "lease"));
  TILLKIT_TRY(const Unit unit, read_unit(body));
  TILLKIT_TRY(const auto of, read_optional_id<Owner>(body, "of"));
  TILLKIT_TRY(const Number amount, read_amount(body, "amount"));
  TILLKIT_TRY(const Number until, read_integer(body, "until"));
  TILLKIT_TRY(const JsonValue key, body.member("draw_key"));
  TILLKIT_TRY(const Text draw_key, key.text());
  TILLKIT_TRY(const bool again, was_placed(tx, lease, time_of(until)));
  if (lease.empty() || again) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY_VOID(one_row(tx.run(kCountHeld, 1)));
  TILLKIT_TRY_VOID(forget_old(tx, record));
  TILLKIT_TRY_VOID(one_row(tx.run(kAddLease, lease.view(), unit, of.view(), amount, until, draw_key)));
  return add_parts(tx, lease.view(), unit, amount, body);
}

Result<> apply_refused(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const auto request, read_optional_id<RequestKey>(body, "request"));
  return one_row(tx.run(kRemoveRequest, request.view()));
}

/// Nothing of it is left, or it went back: only its id stays.
Result<> end_lease(Tx& tx, Text lease) {
  TILLKIT_TRY_VOID(one_row(tx.run(kRememberOver, lease)));
  TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveParts, lease)));
  TILLKIT_TRY_VOID(one_row(tx.run(kRemoveLease, lease)));
  return one_row(tx.run(kCountHeld, -1));
}

Result<> apply_returned(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const auto id, read_optional_id<LeaseId>(body, "lease"));
  TILLKIT_TRY(const Number unused, read_integer(body, "unused"));
  TILLKIT_TRY(const auto lease, find_lease(tx, id));
  if (!lease || lease->reserved != 0 || lease->left() != unused) return fail(ErrorCode::Corrupt);
  return end_lease(tx, id.view());
}

Result<> use_draw(Tx& tx, const Owner& of, Number draw) {
  TILLKIT_TRY(const auto offer, offers::OfferId::parse(of.view()));
  TILLKIT_TRY(const std::uint64_t next, next_draw(tx, offer));
  if (!std::cmp_equal(next, draw)) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY(const Number freed, tx.run(kUseFreeDraw, of.view(), draw));
  if (freed == 1) return {};
  return one_row(tx.run(kSetNextDraw, of.view(), draw + 1));
}

Result<> apply_reserved(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const Reservation reservation, read_reservation(body));
  const Number seq = record.seq.value();
  const Text of = reservation.of.view();
  const Number draw = number_of(reservation.draw);
  if (record.sale == SaleId{} || reservation.holds.empty()) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY_VOID(
      one_row(tx.run(kAddReservation, seq, record.sale, reservation.unit, of, reservation.settles_minor, draw)));
  Number place = 0;
  for (const Hold& hold : reservation.holds) {
    const Text lease = hold.lease.view();
    TILLKIT_TRY_VOID(one_row(tx.run(kAddHold, seq, place++, lease, hold.lot.view(), hold.amount)));
    TILLKIT_TRY_VOID(one_row(tx.run(kReservePart, lease, hold.lot.view(), hold.amount, reservation.unit, of)));
  }
  if (!reservation.draw) return {};
  if (reservation.unit != Unit::Budget) return fail(ErrorCode::Corrupt);
  return use_draw(tx, reservation.of, draw);
}

struct Held {
  std::vector<std::pair<Number, Reservation>> reservations;  // by their record
};

Result<Held> held_for(const Tables& tables, SaleId sale) {
  Held held;
  TILLKIT_TRY_VOID(tables.each(
      kReservations,
      [&](Number seq, Number unit, const std::string& owner, Number settles, Number draw) -> Result<> {
        Reservation reservation{.settles_minor = settles};
        TILLKIT_TRY(reservation.unit, unit_of(unit));
        TILLKIT_TRY(reservation.of, core::parse_optional_id<Owner>(owner));
        if (draw != kNoDraw) reservation.draw = static_cast<std::uint64_t>(draw);
        held.reservations.emplace_back(seq, std::move(reservation));
        return {};
      },
      sale));
  auto reservation = held.reservations.begin();
  TILLKIT_TRY_VOID(tables.each(
      kHolds,
      [&](Number seq, const std::string& lease, const std::string& lot, Number amount) -> Result<> {
        while (reservation != held.reservations.end() && reservation->first != seq)
          ++reservation;
        if (reservation == held.reservations.end()) return fail(ErrorCode::Corrupt);
        TILLKIT_TRY(const Hold hold, hold_of(lease, lot, amount));
        reservation->second.holds.push_back(hold);
        return {};
      },
      sale));
  return held;
}

Result<> forget_reservations(Tx& tx, SaleId sale, const Held& held) {
  for (const auto& [seq, reservation] : held.reservations)
    TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveHolds, seq)));
  return any_rows(tx.run(kRemoveReservations, sale));
}

Result<> apply_taken(Tx& tx, const Record& record, const JsonValue&) {
  TILLKIT_TRY(const Held held, held_for(tx, record.sale));
  if (held.reservations.empty()) return fail(ErrorCode::Corrupt);
  for (const auto& [seq, reservation] : held.reservations) {
    for (const Hold& hold : reservation.holds) {
      TILLKIT_TRY_VOID(one_row(tx.run(kTakePart, hold.lease.view(), hold.lot.view(), hold.amount)));
      TILLKIT_TRY(const auto left, tx.find(kSomethingLeft, hold.lease.view()));
      if (left && std::get<0>(*left) == 0) TILLKIT_TRY_VOID(end_lease(tx, hold.lease.view()));
    }
  }
  return forget_reservations(tx, record.sale, held);
}

Result<> apply_released(Tx& tx, const Record& record, const JsonValue&) {
  TILLKIT_TRY(const Held held, held_for(tx, record.sale));
  if (held.reservations.empty()) return fail(ErrorCode::Corrupt);
  for (const auto& [seq, reservation] : held.reservations) {
    for (const Hold& hold : reservation.holds)
      TILLKIT_TRY_VOID(one_row(tx.run(kReleasePart, hold.lease.view(), hold.lot.view(), hold.amount)));
    if (!reservation.draw) continue;
    TILLKIT_TRY_VOID(one_row(tx.run(kFreeTheDraw, reservation.of.view(), number_of(reservation.draw))));
  }
  return forget_reservations(tx, record.sale, held);
}

struct Handler {
  journal::Kind kind;
  Result<> (*apply)(Tx& tx, const Record& record, const JsonValue& body);
};

// What is earned, given back and taken back belongs to the owner's account, not to this terminal.
constexpr Handler kHandlers[] = {
    {kLeaseRequested, &apply_requested}, {kLeasePlaced, &apply_placed}, {kLeaseRefused, &apply_refused},
    {kLeaseReturned, &apply_returned},   {kReserved, &apply_reserved},  {kTaken, &apply_taken},
    {kReleased, &apply_released},
};

Result<> apply(Tx& tx, const Record& record) {
  const auto* handler = std::ranges::find(kHandlers, record.kind, &Handler::kind);
  if (handler == std::ranges::end(kHandlers)) return {};
  TILLKIT_TRY(const core::JsonDocument body, core::JsonDocument::parse(record.body));
  return handler->apply(tx, record, body.root());
}

template <class... Arguments>
Result<std::vector<Lease>> read_leases(const Tables& tables, const Statement<LeaseColumns(Arguments...)>& statement,
                                       const std::type_identity_t<Arguments>&... arguments) {
  std::vector<Lease> found;
  TILLKIT_TRY_VOID(tables.each(
      statement, [&](auto... columns) -> Result<> { return add_row(found, LeaseColumns(std::move(columns)...)); },
      arguments...));
  return found;
}

}  // namespace

constexpr journal::TableSet kLedgerTables{"ledger", kMigrations, kTables, &apply};

Result<std::vector<Lease>> leases(const Tables& tables) {
  return read_leases(tables, kLeases);
}

Result<std::vector<Lease>> leases_of(const Tables& tables, Unit unit, const Owner& of) {
  return read_leases(tables, kLeasesOf, unit, of.view());
}

Result<std::optional<Lease>> find_lease(const Tables& tables, const LeaseId& lease) {
  TILLKIT_TRY(std::vector<Lease> found, read_leases(tables, kLease, lease.view()));
  if (found.empty()) return std::optional<Lease>{};
  return std::optional(std::move(found.front()));
}

Result<std::vector<LeaseId>> leases_over(const Tables& tables, core::WallTime now, std::size_t at_most) {
  std::vector<LeaseId> found;
  TILLKIT_TRY_VOID(tables.each(
      kOver,
      [&](const std::string& id) -> Result<> {
        TILLKIT_TRY(const LeaseId lease, LeaseId::parse(id));
        found.push_back(lease);
        return {};
      },
      now.time_since_epoch().count(), static_cast<Number>(at_most)));
  return found;
}

Result<std::vector<LeaseRequest>> open_requests(const Tables& tables) {
  std::vector<LeaseRequest> found;
  TILLKIT_TRY_VOID(tables.each(kRequests, [&](auto... columns) -> Result<> {
    TILLKIT_TRY(const LeaseRequest request, request_of(RequestColumns(std::move(columns)...)));
    found.push_back(request);
    return {};
  }));
  return found;
}

Result<std::vector<Reservation>> reserved_for(const Tables& tables, SaleId sale) {
  TILLKIT_TRY(Held held, held_for(tables, sale));
  std::vector<Reservation> found;
  found.reserve(held.reservations.size());
  for (auto& [seq, reservation] : held.reservations)
    found.push_back(std::move(reservation));
  return found;
}

Result<std::int64_t> available(const Tables& tables, Unit unit, const Owner& of, const core::WallReading& now) {
  if (now.quality == core::WallQuality::Unknown) return 0;
  TILLKIT_TRY(const std::vector<Hold> parts, spendable(tables, unit, of, now.at));
  std::int64_t sum = 0;  // at most `kLeasesMax` times `kLeaseAmountMax`
  for (const Hold& part : parts)
    sum += part.amount;
  return sum;
}

Result<std::uint64_t> next_draw(const Tables& tables, const offers::OfferId& offer) {
  TILLKIT_TRY(const auto freed, tables.find(kFreeDraw, offer.view()));
  if (freed) return static_cast<std::uint64_t>(std::get<0>(*freed));
  TILLKIT_TRY(const auto next, tables.find(kNextDraw, offer.view()));
  return next ? static_cast<std::uint64_t>(std::get<0>(*next)) : 0;
}

// --- what only the steps ask ---

Result<bool> was_placed(const Tables& tables, const LeaseId& lease, WallTime until) {
  TILLKIT_TRY(const auto held, tables.find(kLeaseIsHeld, lease.view()));
  if (held) return true;
  TILLKIT_TRY(const auto over, tables.find(kLeaseIsOver, lease.view()));
  if (over) return true;
  TILLKIT_TRY(const auto sums, tables.find(kSums));
  if (!sums) return false;
  const std::optional<Number> forgotten = std::get<1>(*sums);
  return forgotten && milliseconds_of(until) <= *forgotten;
}

Result<std::int64_t> leases_held(const Tables& tables) {
  TILLKIT_TRY(const auto sums, tables.find(kSums));
  return sums ? std::get<0>(*sums) : 0;
}

Result<std::optional<LeaseRequest>> find_request(const Tables& tables, const RequestKey& request) {
  TILLKIT_TRY(const auto row, tables.find(kRequest, request.view()));
  if (!row) return std::optional<LeaseRequest>{};
  TILLKIT_TRY(const LeaseRequest found, request_of(*row));
  return std::optional(found);
}

Result<std::optional<PartLeft>> find_part(const Tables& tables, const LeaseId& lease, const LotId& lot) {
  TILLKIT_TRY(const auto row, tables.find(kPart, lease.view(), lot.view()));
  if (!row) return std::optional<PartLeft>{};
  const auto& [unit, owner, left] = *row;
  PartLeft part{.left = left};
  TILLKIT_TRY(part.unit, unit_of(unit));
  TILLKIT_TRY(part.of, core::parse_optional_id<Owner>(owner));
  return std::optional(part);
}

Result<std::vector<Hold>> spendable(const Tables& tables, Unit unit, const Owner& of, WallTime now) {
  std::vector<Hold> parts;
  TILLKIT_TRY_VOID(tables.each(
      kSpendable,
      [&](const std::string& lease, const std::string& lot, Number left) -> Result<> {
        TILLKIT_TRY(const Hold part, hold_of(lease, lot, left));
        parts.push_back(part);
        return {};
      },
      unit, of.view(), milliseconds_of(now)));
  return parts;
}

}  // namespace tillkit::ledger
