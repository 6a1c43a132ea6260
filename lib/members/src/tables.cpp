// SPDX-License-Identifier: Apache-2.0
#include "tillkit/members/tables.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "bodies.hpp"
#include "tables_internal.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/members/records.hpp"

namespace tillkit::members {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;
using journal::any_rows;
using journal::one_row;
using journal::Record;
using journal::SaleId;
using journal::Seq;
using journal::Statement;
using journal::Tables;
using journal::Tx;
using Number = std::int64_t;
using Text = std::string_view;

// Times are milliseconds since 1970. An id that is missing is ''.
constexpr std::string_view kFirst[] = {
    // Everybody who is merged points to the one who is left. `merged`: a record says so of this member itself; else it
    // gave way to another of two that somebody was merged into.
    ("CREATE TABLE aliases(member TEXT PRIMARY KEY, into_member TEXT NOT NULL, merged INTEGER NOT NULL)"
     " STRICT, WITHOUT ROWID"),
    "CREATE INDEX aliases_by_into ON aliases(into_member)",
    ("CREATE TABLE identities(kind INTEGER NOT NULL, idx INTEGER NOT NULL, known INTEGER NOT NULL, member TEXT NOT "
     "NULL,"
     " consented INTEGER NOT NULL, PRIMARY KEY(kind, idx)) STRICT, WITHOUT ROWID"),
    "CREATE INDEX identities_by_member ON identities(member) WHERE known = 1",
    ("CREATE TABLE coupons(coupon TEXT PRIMARY KEY, offer TEXT NOT NULL, member TEXT NOT NULL, claimed INTEGER NOT "
     "NULL,"
     " valid_from INTEGER NOT NULL, expires INTEGER NOT NULL, uses INTEGER NOT NULL, until INTEGER NOT NULL,"
     " placement INTEGER NOT NULL, reserved INTEGER NOT NULL CHECK(reserved >= 0),"
     " redeemed INTEGER NOT NULL CHECK(redeemed >= 0), ended INTEGER NOT NULL, forget_at INTEGER NOT NULL,"
     " CHECK(reserved + redeemed <= uses)) STRICT, WITHOUT ROWID"),
    "CREATE INDEX coupons_by_member ON coupons(member)", "CREATE INDEX coupons_by_end ON coupons(forget_at)",
    ("CREATE TABLE coupon_uses(sale INTEGER NOT NULL, number INTEGER NOT NULL, coupon TEXT NOT NULL,"
     " offer TEXT NOT NULL, member TEXT NOT NULL, by_right INTEGER NOT NULL, expires INTEGER NOT NULL,"
     " risk INTEGER NOT NULL, placement INTEGER NOT NULL, redeemed INTEGER NOT NULL, forget_at INTEGER NOT NULL,"
     " PRIMARY KEY(sale, number)) STRICT, WITHOUT ROWID"),
    // The used-set: whatever the steps believe, the file takes a token's coupon once.
    "CREATE UNIQUE INDEX used_tokens ON coupon_uses(coupon) WHERE by_right = 2",
    "CREATE INDEX coupon_uses_by_end ON coupon_uses(forget_at)",
    ("CREATE TABLE coupons_shown(outcome INTEGER NOT NULL, reason INTEGER NOT NULL, count INTEGER NOT NULL,"
     " PRIMARY KEY(outcome, reason)) STRICT, WITHOUT ROWID"),
    "CREATE TABLE totals(what INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT"};
constexpr journal::Migration kMigrations[] = {kFirst};
constexpr std::string_view kTables[] = {"aliases", "identities", "coupons", "coupon_uses", "coupons_shown", "totals"};

// `kKeptAfterEnd` in milliseconds, and the latest end that it can be added to.
#define TILLKIT_KEPT "7776000000"
#define TILLKIT_LATEST_END "9223372029078775807"
#define TILLKIT_NEVER "9223372036854775807"
static_assert(std::chrono::milliseconds(kKeptAfterEnd).count() == 7'776'000'000);
constexpr Number kLatestEnd = std::numeric_limits<Number>::max() - 7'776'000'000;
static_assert(kLatestEnd == 9'223'372'029'078'775'807);
/// How many rows one record forgets at most.
#define TILLKIT_FORGET_AT_ONCE "64"

#define TILLKIT_COUPON_COLUMNS                                                                                    \
  "coupon, offer, member, claimed, valid_from, expires, uses, until, placement, reserved,"                        \
  " min(uses - reserved, redeemed + (SELECT count(*) FROM coupon_uses AS used WHERE used.coupon = coupons.coupon" \
  " AND used.by_right = 2)), ended"
#define TILLKIT_USE_COLUMNS "coupon, offer, member, by_right, expires, risk"
#define TILLKIT_GROUP "(member = ?1 OR member IN (SELECT member FROM aliases WHERE into_member = ?1))"

using CouponColumns = std::tuple<std::string, std::string, std::string, Number, Number, Number, std::uint32_t, Number,
                                 Seq, std::uint32_t, std::uint32_t, bool>;
using UseColumns = std::tuple<std::string, std::string, std::string, Number, Number, Number>;

// --- what is asked ---

constexpr Statement<std::tuple<std::string, bool>(Text)> kAlias{
    "SELECT into_member, merged FROM aliases WHERE member = ?1"};
constexpr Statement<std::tuple<std::string>(Text)> kGivenWay{
    "SELECT member FROM aliases WHERE into_member = ?1 AND merged = 0 ORDER BY member"};
constexpr Statement<std::tuple<Number, std::string, bool>(IdentityKind, security::BlindIndex)> kIdentity{
    "SELECT known, member, consented FROM identities WHERE kind = ?1 AND idx = ?2"};
constexpr Statement<std::tuple<Number>(Text)> kEnrolledAs{"SELECT 1 FROM identities WHERE known = 1 AND " TILLKIT_GROUP
                                                          " LIMIT 1"};
constexpr Statement<CouponColumns(Text)> kCoupon{"SELECT " TILLKIT_COUPON_COLUMNS " FROM coupons WHERE coupon = ?1"};
constexpr Statement<CouponColumns(Text, Number)> kCouponsOf{
    "SELECT " TILLKIT_COUPON_COLUMNS " FROM coupons WHERE " TILLKIT_GROUP
    " AND ended = 0 AND valid_from <= ?2 AND expires > ?2 AND until > ?2 ORDER BY coupon"};
constexpr Statement<std::tuple<std::string>(Number, Number)> kCouponsOver{
    "SELECT coupon FROM coupons WHERE ended = 0 AND reserved = 0 AND until <= ?1 ORDER BY coupon LIMIT ?2"};
constexpr Statement<std::tuple<std::string>(Text)> kNamesOf{
    "SELECT member FROM aliases WHERE into_member = ?1 ORDER BY member"};
constexpr Statement<std::tuple<Number>(Text)> kUsed{
    "SELECT redeemed FROM coupon_uses WHERE coupon = ?1 AND by_right = 2"};
constexpr Statement<UseColumns(SaleId)> kReserved{"SELECT " TILLKIT_USE_COLUMNS
                                                  " FROM coupon_uses WHERE sale = ?1 AND redeemed = 0 ORDER BY number"};
constexpr Statement<std::tuple<Number>(SaleId)> kAnyUse{"SELECT number FROM coupon_uses WHERE sale = ?1 LIMIT 1"};
constexpr Statement<std::tuple<Number, Number, Seq>(SaleId, Text)> kRedeemedUse{
    "SELECT number, by_right, placement FROM coupon_uses WHERE sale = ?1 AND coupon = ?2 AND redeemed = 1"
    " ORDER BY number"};
constexpr Statement<std::tuple<Number, std::uint8_t, Number>()> kShown{
    "SELECT outcome, reason, count FROM coupons_shown ORDER BY outcome, reason"};
constexpr Statement<std::tuple<Number>(Total)> kTotal{"SELECT count FROM totals WHERE what = ?1"};

// --- what `apply` changes ---

constexpr Statement<void(Text, Text, bool)> kAddAlias{
    "INSERT INTO aliases(member, into_member, merged) VALUES(?1, ?2, ?3)"};
constexpr Statement<void(Text, Text)> kMoveAliases{"UPDATE aliases SET into_member = ?2 WHERE into_member = ?1"};
constexpr Statement<void(Text)> kMarkMerged{"UPDATE aliases SET merged = 1 WHERE member = ?1"};
constexpr Statement<void(Text)> kRemoveAlias{"DELETE FROM aliases WHERE member = ?1"};

constexpr Statement<void(IdentityKind, security::BlindIndex, Text, bool)> kEnrol{
    "INSERT INTO identities(kind, idx, known, member, consented) VALUES(?1, ?2, 1, ?3, ?4)"};
constexpr Statement<void(Text)> kConsent{"UPDATE identities SET consented = 1 WHERE known = 1 AND " TILLKIT_GROUP};
constexpr Statement<void(IdentityKind, security::BlindIndex)> kRefuse{
    "INSERT INTO identities(kind, idx, known, member, consented) VALUES(?1, ?2, 2, '', 0)"
    " ON CONFLICT(kind, idx) DO UPDATE SET known = 2, member = '', consented = 0"};
constexpr Statement<void(Text)> kRefuseAll{
    "UPDATE identities SET known = 2, member = '', consented = 0 WHERE known = 1 AND " TILLKIT_GROUP};

#define TILLKIT_SET_FORGET_AT                                                                         \
  "UPDATE coupons SET forget_at = CASE WHEN reserved > 0 THEN " TILLKIT_NEVER                         \
  " WHEN ended = 1 AND redeemed = 0 THEN min(expires, until, " TILLKIT_LATEST_END ") + " TILLKIT_KEPT \
  " ELSE min(expires, " TILLKIT_LATEST_END ") + " TILLKIT_KEPT " END WHERE "
constexpr Statement<void(Text)> kSetForgetAt{TILLKIT_SET_FORGET_AT "coupon = ?1"};
constexpr Statement<void(Text)> kSetForgetAtOf{TILLKIT_SET_FORGET_AT "member = ?1"};
constexpr Statement<void(Text)> kSetForgetAtOfAll{TILLKIT_SET_FORGET_AT TILLKIT_GROUP};

constexpr Statement<void(Text, Text, Text, Number, Number, Number, std::uint32_t, Number, Seq)> kPlace{
    "INSERT INTO coupons(coupon, offer, member, claimed, valid_from, expires, uses, until, placement, reserved,"
    " redeemed, ended, forget_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, 0, 0)"
    " ON CONFLICT(coupon) DO UPDATE SET offer = ?2, member = ?3, claimed = ?4, valid_from = ?5, expires = ?6, uses = "
    "?7,"
    " until = ?8, placement = ?9, reserved = 0, redeemed = 0, ended = 0"
    " WHERE ended = 1 AND reserved = 0 AND until < ?8"};
constexpr Statement<void(Text)> kGiveUp{
    "UPDATE coupons SET ended = 1 WHERE coupon = ?1 AND ended = 0 AND reserved = 0"};
constexpr Statement<void(Text)> kEndCoupons{"UPDATE coupons SET ended = 1 WHERE member = ?1"};
constexpr Statement<void(Text)> kEndAllCoupons{"UPDATE coupons SET ended = 1 WHERE " TILLKIT_GROUP};
constexpr Statement<void(Text)> kReserveOne{
    "UPDATE coupons SET reserved = reserved + 1 WHERE coupon = ?1 AND ended = 0 AND reserved + redeemed +"
    " (SELECT count(*) FROM coupon_uses AS used WHERE used.coupon = ?1 AND used.by_right = 2) < uses"};
constexpr Statement<void(Text)> kRedeemOne{
    "UPDATE coupons SET reserved = reserved - 1, redeemed = redeemed + 1 WHERE coupon = ?1"};
constexpr Statement<void(Text)> kReleaseOne{"UPDATE coupons SET reserved = reserved - 1 WHERE coupon = ?1"};
constexpr Statement<void(Text, Seq)> kReturnOne{
    "UPDATE coupons SET redeemed = redeemed - 1 WHERE coupon = ?1 AND placement = ?2"};

constexpr Statement<void(SaleId, Number, Text, Text, Text, CouponBy, Number, Number, Seq)> kAddUse{
    "INSERT INTO coupon_uses(sale, number, coupon, offer, member, by_right, expires, risk, placement, redeemed,"
    " forget_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, " TILLKIT_NEVER ")"};
constexpr Statement<void(SaleId)> kRedeemUses{
    "UPDATE coupon_uses SET redeemed = 1, forget_at = min(expires, " TILLKIT_LATEST_END ") + " TILLKIT_KEPT
    " WHERE sale = ?1 AND redeemed = 0"};
constexpr Statement<void(SaleId)> kReleaseUses{"DELETE FROM coupon_uses WHERE sale = ?1 AND redeemed = 0"};
constexpr Statement<void(SaleId, Number)> kRemoveUse{"DELETE FROM coupon_uses WHERE sale = ?1 AND number = ?2"};

constexpr Statement<void(Number)> kForgetCoupons{
    "DELETE FROM coupons WHERE coupon IN (SELECT coupon FROM coupons WHERE forget_at <= ?1"
    " ORDER BY forget_at, coupon LIMIT " TILLKIT_FORGET_AT_ONCE ")"};
constexpr Statement<void(Number)> kForgetUses{
    "DELETE FROM coupon_uses WHERE (sale, number) IN (SELECT sale, number FROM coupon_uses WHERE forget_at <= ?1"
    " ORDER BY forget_at, sale, number LIMIT " TILLKIT_FORGET_AT_ONCE ")"};

constexpr Statement<void(CouponEnd, Number, Number)> kCountShown{
    "INSERT INTO coupons_shown(outcome, reason, count) VALUES(?1, ?2, ?3)"
    " ON CONFLICT(outcome, reason) DO UPDATE SET count = count + excluded.count"};
constexpr Statement<void(Total, Number)> kAddToTotal{
    "INSERT INTO totals(what, count) VALUES(?1, ?2) ON CONFLICT(what) DO UPDATE SET count = count + excluded.count"};
constexpr Statement<void(Total, Number)> kSetTotal{
    "INSERT INTO totals(what, count) VALUES(?1, ?2) ON CONFLICT(what) DO UPDATE SET count = excluded.count"};

// --- rows ---

template <class Id>
Result<Id> id_of(std::string_view text) {
  const auto id = Id::parse(text);
  if (!id) return fail(ErrorCode::Corrupt);
  return *id;
}

template <class Id>
Result<Id> optional_id_of(std::string_view text) {
  if (text.empty()) return Id{};
  return id_of<Id>(text);
}

Result<CouponRow> coupon_of(const CouponColumns& row) {
  const auto& [coupon, offer, member, claimed, from, expires, uses, until, placement, reserved, redeemed, ended] = row;
  CouponRow found{.placement = placement, .ended = ended};
  PlacedCoupon& placed = found.placed;
  TILLKIT_TRY(placed.coupon.id, id_of<offers::CouponId>(coupon));
  TILLKIT_TRY(placed.coupon.offer, id_of<offers::OfferId>(offer));
  TILLKIT_TRY(placed.member, optional_id_of<MemberId>(member));
  placed.coupon.claimed_at = time_of(claimed);
  placed.coupon.valid_from = time_of(from);
  placed.coupon.expires_at = time_of(expires);
  placed.coupon.uses = uses;
  placed.until = time_of(until);
  placed.reserved = reserved;
  placed.redeemed = redeemed;
  return found;
}

Result<CouponUse> use_of(const UseColumns& row) {
  const auto& [coupon, offer, member, by, expires, risk] = row;
  CouponUse use{.expires_at = time_of(expires), .risk_minor = risk};
  TILLKIT_TRY(use.coupon, id_of<offers::CouponId>(coupon));
  TILLKIT_TRY(use.offer, id_of<offers::OfferId>(offer));
  TILLKIT_TRY(use.member, optional_id_of<MemberId>(member));
  TILLKIT_TRY(use.by, enum_of<CouponBy>(by, kCouponBys));
  return use;
}

// --- apply ---

Result<> add_to_total(Tx& tx, Total what, Number count) {
  if (count == 0) return {};
  return one_row(tx.run(kAddToTotal, what, count));
}

/// Whom of two that nobody merged into the other the rest points to: the same, whichever came first.
bool is_better(const MemberId& a, const MemberId& b) {
  if (is_provisional(a) != is_provisional(b)) return is_provisional(b);
  return a < b;
}

/// The best of those who gave way to `root`; empty: there are none.
Result<MemberId> best_given_way(const Tables& tables, const MemberId& root) {
  MemberId best;
  TILLKIT_TRY_VOID(tables.each(
      kGivenWay,
      [&](const std::string& text) -> Result<> {
        TILLKIT_TRY(const MemberId member, id_of<MemberId>(text));
        if (best.empty() || is_better(member, best)) best = member;
        return {};
      },
      root.view()));
  return best;
}

Result<> make_root(Tx& tx, const MemberId& fresh, const MemberId& old, bool old_is_merged) {
  TILLKIT_TRY_VOID(any_rows(tx.run(kRemoveAlias, fresh.view())));
  TILLKIT_TRY_VOID(any_rows(tx.run(kMoveAliases, old.view(), fresh.view())));
  return one_row(tx.run(kAddAlias, old.view(), fresh.view(), old_is_merged));
}

Result<> apply_merged(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const MemberId from, read_id<MemberId>(body, "from"));
  TILLKIT_TRY(const MemberId into, read_id<MemberId>(body, "into"));
  TILLKIT_TRY(const Merging merging, look_at_merge(tx, from, into));
  if (merging != Merging::New) return fail(ErrorCode::Corrupt);
  TILLKIT_TRY(const MemberId from_root, resolve(tx, from));
  TILLKIT_TRY(const MemberId root, resolve(tx, into));
  if (from == root) {
    // They are one, and `from` was who is left.
    TILLKIT_TRY(const MemberId fresh, best_given_way(tx, root));
    return make_root(tx, fresh, root, true);
  }
  if (from_root != root) {
    TILLKIT_TRY_VOID(make_root(tx, root, from_root, false));
    TILLKIT_TRY_VOID(add_to_total(tx, Total::Aliases, 1));
  }
  TILLKIT_TRY_VOID(one_row(tx.run(kMarkMerged, from.view())));
  TILLKIT_TRY(const MemberId best, best_given_way(tx, root));
  if (best.empty() || is_better(root, best)) return {};
  return make_root(tx, best, root, false);
}

Result<> apply_enrolled(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const MemberId member, read_id<MemberId>(body, "member"));
  TILLKIT_TRY(const Identity identity, read_identity(body));
  TILLKIT_TRY(const Number policy, read_integer(body, "policy"));
  TILLKIT_TRY(const Number consent, read_integer(body, "consent"));
  const bool consented =
      policy == static_cast<Number>(EnrolPolicy::Automatic) || consent == static_cast<Number>(Consent::Given);
  TILLKIT_TRY_VOID(one_row(tx.run(kEnrol, identity.kind, identity.index, member.view(), consented)));
  return add_to_total(tx, Total::Identities, 1);
}

Result<> apply_consented(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const MemberId member, read_id<MemberId>(body, "member"));
  TILLKIT_TRY(const MemberId now, resolve(tx, member));
  return any_rows(tx.run(kConsent, now.view()));
}

Result<> apply_refused(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Identity identity, read_identity(body));
  const MemberId own = provisional_id(identity);
  TILLKIT_TRY(const MemberId now, resolve(tx, own));
  TILLKIT_TRY(const auto known, tx.find(kIdentity, identity.kind, identity.index));
  TILLKIT_TRY_VOID(one_row(tx.run(kRefuse, identity.kind, identity.index)));
  TILLKIT_TRY_VOID(add_to_total(tx, Total::Identities, known ? 0 : 1));
  if (!is_provisional(now)) {
    // Somebody registered it elsewhere: what that member has by other means stays its own.
    TILLKIT_TRY_VOID(any_rows(tx.run(kEndCoupons, own.view())));
    return any_rows(tx.run(kSetForgetAtOf, own.view()));
  }
  TILLKIT_TRY_VOID(any_rows(tx.run(kRefuseAll, now.view())));
  TILLKIT_TRY_VOID(any_rows(tx.run(kEndAllCoupons, now.view())));
  return any_rows(tx.run(kSetForgetAtOfAll, now.view()));
}

Result<> apply_coupon_placed(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const auto coupon, read_id<offers::CouponId>(body, "coupon"));
  TILLKIT_TRY(const auto offer, read_id<offers::OfferId>(body, "offer"));
  TILLKIT_TRY(const auto member, read_optional_id<MemberId>(body, "member"));
  TILLKIT_TRY(const Number claimed, read_integer(body, "claimed"));
  TILLKIT_TRY(const Number from, read_integer(body, "valid_from"));
  TILLKIT_TRY(const Number expires, read_integer(body, "expires"));
  TILLKIT_TRY(const std::uint32_t uses, read_count(body, "uses"));
  TILLKIT_TRY(const Number until, read_integer(body, "until"));
  TILLKIT_TRY(const auto before, find_row(tx, coupon));
  TILLKIT_TRY_VOID(one_row(
      tx.run(kPlace, coupon.view(), offer.view(), member.view(), claimed, from, expires, uses, until, record.seq)));
  TILLKIT_TRY_VOID(one_row(tx.run(kSetForgetAt, coupon.view())));
  return add_to_total(tx, Total::Coupons, before ? 0 : 1);
}

Result<> apply_coupon_given_up(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const auto coupon, read_id<offers::CouponId>(body, "coupon"));
  TILLKIT_TRY_VOID(one_row(tx.run(kGiveUp, coupon.view())));
  return one_row(tx.run(kSetForgetAt, coupon.view()));
}

Result<> apply_coupons_reserved(Tx& tx, const Record& record, const JsonValue& body) {
  TILLKIT_TRY(const std::vector<CouponUse> uses, read_uses(body));
  Number number = 0;
  for (const CouponUse& use : uses) {
    TILLKIT_TRY(const auto row, find_row(tx, use.coupon));
    Seq placement;
    if (use.by == CouponBy::Lease) {
      if (!row) return fail(ErrorCode::Corrupt);
      placement = row->placement;
      TILLKIT_TRY_VOID(one_row(tx.run(kReserveOne, use.coupon.view())));
      TILLKIT_TRY_VOID(one_row(tx.run(kSetForgetAt, use.coupon.view())));
    } else if (row && bars_token(*row)) {
      return fail(ErrorCode::Corrupt);
    }
    TILLKIT_TRY_VOID(
        one_row(tx.run(kAddUse, record.sale, number, use.coupon.view(), use.offer.view(), use.member.view(), use.by,
                       milliseconds_of(use.expires_at), use.risk_minor, placement)));
    ++number;
  }
  return add_to_total(tx, Total::Uses, number);
}

/// What the sale holds reserved, its leases moved on by `statement`.
Result<Number> move_leases(Tx& tx, SaleId sale, const Statement<void(Text)>& statement) {
  TILLKIT_TRY(const std::vector<CouponUse> uses, reserved_for(tx, sale));
  if (uses.empty()) return fail(ErrorCode::Corrupt);
  for (const CouponUse& use : uses) {
    if (use.by != CouponBy::Lease) continue;
    TILLKIT_TRY_VOID(one_row(tx.run(statement, use.coupon.view())));
    TILLKIT_TRY_VOID(one_row(tx.run(kSetForgetAt, use.coupon.view())));
  }
  return static_cast<Number>(uses.size());
}

Result<> apply_coupons_redeemed(Tx& tx, const Record& record, const JsonValue&) {
  TILLKIT_TRY_VOID(move_leases(tx, record.sale, kRedeemOne));
  return any_rows(tx.run(kRedeemUses, record.sale));
}

Result<> apply_coupons_released(Tx& tx, const Record& record, const JsonValue&) {
  TILLKIT_TRY(const Number count, move_leases(tx, record.sale, kReleaseOne));
  TILLKIT_TRY_VOID(any_rows(tx.run(kReleaseUses, record.sale)));
  return add_to_total(tx, Total::Uses, -count);
}

Result<> apply_coupons_returned(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const Number sold, read_integer(body, "sale"));
  TILLKIT_TRY(const JsonValue list, body.member("coupons"));
  TILLKIT_TRY(const core::JsonElements coupons, list.elements());
  for (const JsonValue element : coupons) {
    TILLKIT_TRY(const std::string_view coupon, element.text());
    TILLKIT_TRY(const auto use, tx.find(kRedeemedUse, SaleId(sold), coupon));
    if (!use) continue;
    const auto [number, by, placement] = *use;
    if (by == static_cast<Number>(CouponBy::Lease)) {
      TILLKIT_TRY_VOID(any_rows(tx.run(kReturnOne, coupon, placement)));
      TILLKIT_TRY_VOID(any_rows(tx.run(kSetForgetAt, coupon)));
    }
    TILLKIT_TRY_VOID(one_row(tx.run(kRemoveUse, SaleId(sold), number)));
    TILLKIT_TRY_VOID(add_to_total(tx, Total::Uses, -1));
  }
  return {};
}

Result<> apply_coupons_shown(Tx& tx, const Record&, const JsonValue& body) {
  TILLKIT_TRY(const JsonValue list, body.member("shown"));
  TILLKIT_TRY(const core::JsonElements elements, list.elements());
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const Number number, read_integer(element, "end"));
    TILLKIT_TRY(const auto end, enum_of<CouponEnd>(number, kCouponEnds));
    TILLKIT_TRY(const Number reason, read_integer(element, "reason"));
    TILLKIT_TRY(const Number count, read_integer(element, "count"));
    TILLKIT_TRY_VOID(one_row(tx.run(kCountShown, end, reason, count)));
  }
  return {};
}

/// Drops what has been over for `kKeptAfterEnd`. Only a clock that somebody vouched for decides that.
Result<> forget(Tx& tx, const Record& record) {
  if (record.at.wall.quality != core::WallQuality::Trusted) return {};
  const Number now = milliseconds_of(record.at.wall.at);
  TILLKIT_TRY(const Number coupons, tx.run(kForgetCoupons, now));
  TILLKIT_TRY(const Number uses, tx.run(kForgetUses, now));
  if (coupons == 0 && uses == 0) return {};
  TILLKIT_TRY_VOID(add_to_total(tx, Total::Coupons, -coupons));
  TILLKIT_TRY_VOID(add_to_total(tx, Total::Uses, -uses));
  return one_row(tx.run(kSetTotal, Total::ForgottenUpTo, now));
}

struct Handler {
  journal::Kind kind;
  Result<> (*apply)(Tx& tx, const Record& record, const JsonValue& body);
};

constexpr Handler kHandlers[] = {
    {kMerged, &apply_merged},
    {kEnrolled, &apply_enrolled},
    {kConsented, &apply_consented},
    {kRefusedConsent, &apply_refused},
    {kCouponPlaced, &apply_coupon_placed},
    {kCouponGivenUp, &apply_coupon_given_up},
    {kCouponsReserved, &apply_coupons_reserved},
    {kCouponsRedeemed, &apply_coupons_redeemed},
    {kCouponsReleased, &apply_coupons_released},
    {kCouponsReturned, &apply_coupons_returned},
    {kCouponsShown, &apply_coupons_shown},
};

Result<> apply(Tx& tx, const Record& record) {
  const auto* handler = std::ranges::find(kHandlers, record.kind, &Handler::kind);
  if (handler == std::ranges::end(kHandlers)) return {};
  TILLKIT_TRY(const core::JsonDocument body, core::JsonDocument::parse(record.body));
  TILLKIT_TRY_VOID(handler->apply(tx, record, body.root()));
  return forget(tx, record);
}

}  // namespace

constexpr journal::TableSet kMemberTables{"members", kMigrations, kTables, &apply};

Result<Number> total(const Tables& tables, Total what) {
  TILLKIT_TRY(const auto row, tables.find(kTotal, what));
  return row ? std::get<0>(*row) : 0;
}

Result<bool> may_be_forgotten(const Tables& tables, core::WallTime ends) {
  TILLKIT_TRY(const auto row, tables.find(kTotal, Total::ForgottenUpTo));
  return row && milliseconds_of(ends) <= kLatestEnd && milliseconds_of(ends + kKeptAfterEnd) <= std::get<0>(*row);
}

Result<std::optional<CouponRow>> find_row(const Tables& tables, const offers::CouponId& coupon) {
  TILLKIT_TRY(const auto row, tables.find(kCoupon, coupon.view()));
  if (!row) return std::optional<CouponRow>{};
  TILLKIT_TRY(const CouponRow found, coupon_of(*row));
  return std::optional(found);
}

bool bars_token(const CouponRow& row) {
  return !row.ended || row.placed.reserved > 0 || row.placed.redeemed > 0;
}

Result<Merging> look_at_merge(const Tables& tables, const MemberId& from, const MemberId& into) {
  if (from == into) return Merging::Ring;
  TILLKIT_TRY(const MemberId from_root, resolve(tables, from));
  TILLKIT_TRY(const MemberId root, resolve(tables, into));
  if (from_root != root) return Merging::New;
  if (from == root) {
    TILLKIT_TRY(const MemberId other, best_given_way(tables, root));
    return other.empty() ? Merging::Ring : Merging::New;
  }
  TILLKIT_TRY(const auto alias, tables.find(kAlias, from.view()));
  return alias && !std::get<1>(*alias) ? Merging::New : Merging::Done;
}

Result<bool> has_uses(const Tables& tables, SaleId sale) {
  TILLKIT_TRY(const auto row, tables.find(kAnyUse, sale));
  return row.has_value();
}

Result<bool> is_enrolled(const Tables& tables, const MemberId& member) {
  TILLKIT_TRY(const MemberId now, resolve(tables, member));
  TILLKIT_TRY(const auto row, tables.find(kEnrolledAs, now.view()));
  return row.has_value();
}

Result<MemberId> resolve(const Tables& tables, const MemberId& member) {
  TILLKIT_TRY(const auto row, tables.find(kAlias, member.view()));
  if (!row) return member;
  return id_of<MemberId>(std::get<0>(*row));
}

Result<std::vector<MemberId>> names_of(const Tables& tables, const MemberId& member) {
  TILLKIT_TRY(const MemberId root, resolve(tables, member));
  std::vector<MemberId> names{root};
  TILLKIT_TRY_VOID(tables.each(
      kNamesOf,
      [&](const std::string& id) -> Result<> {
        TILLKIT_TRY(const MemberId name, id_of<MemberId>(id));
        names.push_back(name);
        return {};
      },
      root.view()));
  return names;
}

Result<KnownIdentity> find_identity(const Tables& tables, const Identity& identity) {
  TILLKIT_TRY(const auto row, tables.find(kIdentity, identity.kind, identity.index));
  if (!row) return KnownIdentity{};
  const auto& [number, text, consented] = *row;
  KnownIdentity found{.consented = consented};
  TILLKIT_TRY(found.known, enum_of<Known>(number, 2));
  if (found.known == Known::Refused) return found;
  TILLKIT_TRY(const MemberId member, id_of<MemberId>(text));
  TILLKIT_TRY(found.member, resolve(tables, member));
  return found;
}

Result<std::optional<PlacedCoupon>> find_coupon(const Tables& tables, const offers::CouponId& coupon) {
  TILLKIT_TRY(const auto row, find_row(tables, coupon));
  if (!row || row->ended) return std::optional<PlacedCoupon>{};
  return std::optional(row->placed);
}

Result<std::vector<PlacedCoupon>> coupons_of(const Tables& tables, const MemberId& member,
                                             const core::WallReading& now) {
  std::vector<PlacedCoupon> found;
  if (member.empty() || now.quality == core::WallQuality::Unknown) return found;
  TILLKIT_TRY(const MemberId current, resolve(tables, member));
  TILLKIT_TRY_VOID(tables.each(
      kCouponsOf,
      [&](auto... columns) -> Result<> {
        TILLKIT_TRY(const CouponRow row, coupon_of(CouponColumns(std::move(columns)...)));
        if (row.placed.left() > 0) found.push_back(row.placed);
        return {};
      },
      current.view(), milliseconds_of(now.at)));
  return found;
}

Result<std::vector<offers::CouponId>> coupons_over(const Tables& tables, core::WallTime now, std::size_t at_most) {
  std::vector<offers::CouponId> found;
  TILLKIT_TRY_VOID(tables.each(
      kCouponsOver,
      [&](const std::string& id) -> Result<> {
        TILLKIT_TRY(const auto coupon, offers::CouponId::parse(id));
        found.push_back(coupon);
        return {};
      },
      milliseconds_of(now), static_cast<Number>(at_most)));
  return found;
}

Result<bool> is_used(const Tables& tables, const offers::CouponId& coupon) {
  TILLKIT_TRY(const auto used, tables.find(kUsed, coupon.view()));
  if (used) return true;
  TILLKIT_TRY(const auto row, find_row(tables, coupon));
  return row && bars_token(*row);
}

Result<std::vector<CouponUse>> reserved_for(const Tables& tables, SaleId sale) {
  std::vector<CouponUse> uses;
  TILLKIT_TRY_VOID(tables.each(
      kReserved,
      [&](auto... columns) -> Result<> {
        TILLKIT_TRY(const CouponUse use, use_of(UseColumns(std::move(columns)...)));
        uses.push_back(use);
        return {};
      },
      sale));
  return uses;
}

std::string_view to_string(CouponEnd end) {
  switch (end) {
    case CouponEnd::Redeemed: return "redeemed";
    case CouponEnd::Rejected: return "rejected";
    case CouponEnd::TokenRefused: return "token_refused";
    case CouponEnd::AlreadyUsed: return "already_used";
    case CouponEnd::NoRiskLeft: return "no_risk_left";
    case CouponEnd::NotOffline: return "not_offline";
    case CouponEnd::Abandoned: return "abandoned";
    case CouponEnd::OtherMember: return "other_member";
  }
  return "unknown";
}

Result<std::vector<CouponCount>> coupons_shown(const Tables& tables) {
  std::vector<CouponCount> counts;
  TILLKIT_TRY_VOID(tables.each(kShown, [&](Number number, std::uint8_t reason, Number count) -> Result<> {
    TILLKIT_TRY(const auto end, enum_of<CouponEnd>(number, kCouponEnds));
    counts.push_back({end, reason, count});
    return {};
  }));
  return counts;
}

}  // namespace tillkit::members
