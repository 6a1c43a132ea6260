// SPDX-License-Identifier: Apache-2.0
// What the cloud itself decided.
#include <algorithm>

#include "books.hpp"
#include "checks.hpp"
#include "decisions.hpp"
#include "rows.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {

using core::JsonValue;
using core::JsonWriter;
using core::read_integer;
using core::Result;
using ledger::Unit;

namespace {

core::WallTime time_of(std::int64_t milliseconds) {
  return core::WallTime(std::chrono::milliseconds(milliseconds));
}

Result<std::optional<std::int64_t>> read_time(const JsonValue& decision, std::string_view name) {
  if (!decision.find(name)) return std::optional<std::int64_t>();
  TILLKIT_TRY(const std::int64_t at, read_integer(decision, name));
  return std::optional(at);
}

/// Entries of the cloud itself have a journal of their own.
ledger::EntryKey own_entry(const When& when) {
  ledger::EntryKey key{.seq = journal::Seq(when.seq)};
  key.journal.bytes.fill(std::byte{0xFF});
  return key;
}

JsonWriter change_of(std::string_view type) {
  JsonWriter json;
  json.begin_object().name("type").text(type);
  return json;
}

}  // namespace

const std::vector<Books::Decider>& Books::deciders() {
  static const std::vector<Decider> all{
      {"member", &Books::decide_member},       {"merge", &Books::decide_merge},
      {"give", &Books::decide_give},           {"issue", &Books::decide_issue},
      {"set_apart", &Books::decide_set_apart}, {"lease", &Books::decide_lease},
      {"recall", &Books::decide_recall},       {"revoke", &Books::decide_revoke},
      {"claim", &Books::decide_claim},         {"settings", &Books::decide_settings},
      {"share", &Books::decide_share},         {"write_off", &Books::decide_write_off}};
  return all;
}

Result<> Books::decide(std::int64_t number, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::string what, read_text(decision, "what"));
  TILLKIT_TRY(const std::int64_t at, read_integer(decision, "at"));
  const auto decider = std::ranges::find(deciders(), what, &Decider::what);
  if (decider == deciders().end()) return core::fail(core::ErrorCode::Corrupt);
  return (this->*decider->decide)({.wall = at, .seq = number}, decision, effects);
}

Result<> Books::decide_member(const When& when, const JsonValue& decision, Effects& effects) {
  Registration said;
  TILLKIT_TRY(const std::string member, read_text(decision, "member"));
  TILLKIT_TRY(said.store, read_text(decision, "store"));
  TILLKIT_TRY(said.tier, read_text(decision, "tier"));
  TILLKIT_TRY(said.tags, read_texts(decision, "tags"));
  TILLKIT_TRY(const std::int64_t month, read_integer(decision, "birth_month"));
  TILLKIT_TRY(const std::int64_t day, read_integer(decision, "birth_day"));
  said.birth_month = static_cast<int>(month);
  said.birth_day = static_cast<int>(day);
  TILLKIT_TRY(said.orders, read_integer(decision, "orders"));
  TILLKIT_TRY(said.spent_minor, read_integer(decision, "spent_minor"));
  TILLKIT_TRY(said.consented, core::read_boolean(decision, "consented"));
  TILLKIT_TRY(const JsonValue list, decision.member("identities"));
  TILLKIT_TRY(const auto identities, list.elements());
  for (const JsonValue identity : identities) {
    IdentityName name;
    TILLKIT_TRY(name.kind, read_text(identity, "kind"));
    TILLKIT_TRY(name.index, read_text(identity, "index"));
    said.identities.push_back(std::move(name));
  }
  const auto merges = people_.register_member(member, said, when);
  effects.members.insert(member);
  return merge(merges, effects);
}

Result<> Books::decide_merge(const When& /*when*/, const JsonValue& decision, Effects& effects) {
  Merge merged;
  TILLKIT_TRY(merged.from, read_text(decision, "from"));
  TILLKIT_TRY(merged.into, read_text(decision, "into"));
  if (!people_.merge(merged)) return {};
  return merge({merged}, effects);
}

/// Posts what the cloud gives by itself.
Result<> Books::post_own(const When& when, Unit unit, const std::string& of, const ledger::LotPart& lot) {
  TILLKIT_TRY(const auto owner, ledger::Owner::parse(of));
  TILLKIT_TRY_VOID(ledger_.post_earned(own_entry(when), unit, owner, lot, core::WallTime::min()));
  accounts_.insert({unit, of});
  own_lots_.insert(std::string(lot.lot.view()));
  return {};
}

Result<> Books::decide_give(const When& when, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::int64_t unit, read_integer(decision, "unit"));
  TILLKIT_TRY(const std::string of, read_text(decision, "of"));
  ledger::LotPart lot;
  TILLKIT_TRY(lot.lot, core::read_id<ledger::LotId>(decision, "lot"));
  TILLKIT_TRY(lot.amount, read_integer(decision, "amount"));
  TILLKIT_TRY(const auto expires_at, read_time(decision, "expires_at"));
  if (expires_at) lot.expires_at = time_of(*expires_at);
  TILLKIT_TRY_VOID(post_own(when, static_cast<Unit>(unit), of, lot));
  effects.members.insert(of);
  return {};
}

Result<> Books::decide_issue(const When& /*when*/, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::string coupon, read_text(decision, "coupon"));
  Voucher voucher;
  TILLKIT_TRY(voucher.member, read_text(decision, "member"));
  TILLKIT_TRY(voucher.offer, read_text(decision, "offer"));
  TILLKIT_TRY(voucher.claimed_at, read_integer(decision, "claimed_at"));
  TILLKIT_TRY(voucher.valid_from, read_time(decision, "valid_from"));
  TILLKIT_TRY(voucher.expires_at, read_time(decision, "expires_at"));
  TILLKIT_TRY(voucher.uses_max, read_integer(decision, "uses"));
  vouchers_.issue(coupon, voucher);
  touch_holder(coupon, effects);
  if (!decision.find("terminal")) return {};
  TILLKIT_TRY(const std::string terminal, read_text(decision, "terminal"));
  TILLKIT_TRY(const std::int64_t until, read_integer(decision, "until"));
  vouchers_.set_apart(coupon, terminal, until);
  JsonWriter json = change_of("coupon_placed");
  json.name("coupon");
  write_coupon(json, coupon, voucher);
  if (!voucher.member.empty()) json.name("member").text(voucher.member);
  json.name("until").integer(until).end_object();
  TILLKIT_TRY(const std::string change, json.finish());
  effects.news.push_back({decisions_of_terminal(terminal), "coupon:" + coupon, change});
  return {};
}

Result<> Books::decide_set_apart(const When& /*when*/, const JsonValue& decision, Effects& /*effects*/) {
  TILLKIT_TRY(const std::string terminal, read_text(decision, "terminal"));
  TILLKIT_TRY(const std::int64_t until, read_integer(decision, "until"));
  TILLKIT_TRY(const std::vector<std::string> coupons, read_texts(decision, "coupons"));
  for (const std::string& coupon : coupons) {
    if (vouchers_.find(coupon) == nullptr) return core::fail(core::ErrorCode::Corrupt);
    vouchers_.set_apart(coupon, terminal, until);
  }
  return {};
}

Result<> Books::decide_lease(const When& when, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::string id, read_text(decision, "id"));
  TILLKIT_TRY(const std::string request, read_text(decision, "request"));
  TILLKIT_TRY(const std::string terminal, read_text(decision, "terminal"));
  TILLKIT_TRY(const std::int64_t unit_number, read_integer(decision, "unit"));
  TILLKIT_TRY(const std::string of, read_text(decision, "of"));
  TILLKIT_TRY(const std::int64_t asked, read_integer(decision, "asked"));
  TILLKIT_TRY(const std::int64_t at_most, read_integer(decision, "at_most"));
  TILLKIT_TRY(const std::int64_t until, read_integer(decision, "until"));
  TILLKIT_TRY(const std::string draw_key, read_text(decision, "draw_key"));
  const auto unit = static_cast<Unit>(unit_number);
  if (!request.empty()) requests_[request] = {.terminal = terminal, .unit = unit, .of = of, .amount = asked};
  if (at_most == 0) return {};
  const bool risk = unit == Unit::Risk;
  const std::string owner = risk ? terminal : of;
  const core::WallTime now = time_of(when.wall);
  if (risk) {
    // What came back before is given again first.
    const std::int64_t there = balance(Unit::Risk, terminal, now).active;
    if (there < at_most) {
      TILLKIT_TRY(const auto lot, ledger::LotId::parse("risk-" + id));
      TILLKIT_TRY_VOID(post_own(when, Unit::Risk, terminal, {lot, at_most - there}));
    }
  }
  TILLKIT_TRY(const auto lease_id, ledger::LeaseId::parse(id));
  TILLKIT_TRY(const auto holder, ledger::TerminalId::parse(terminal));
  TILLKIT_TRY(const auto account, ledger::Owner::parse(owner));
  auto granted = ledger_.grant(lease_id, holder, unit, account, at_most, now, time_of(until));
  // Nothing is there: refused, and that is the answer for good.
  if (!granted) return {};
  if (!draw_key.empty()) {
    TILLKIT_TRY(const core::Bytes bytes, core::decode_base64url(draw_key));
    if (bytes.size() != security::kSha256Bytes) return core::fail(core::ErrorCode::Corrupt);
    std::ranges::copy(bytes, granted->draw_key.emplace().begin());
  }
  leases_[id] = {.grant = *granted, .of = of, .terminal = terminal};
  if (!request.empty()) requests_[request].lease = id;
  effects.members.insert(of);
  if (!request.empty()) return {};
  JsonWriter json = change_of("lease_granted");
  json.name("lease");
  write_lease(json, *granted, of);
  TILLKIT_TRY(const std::string change, json.end_object().finish());
  effects.news.push_back({decisions_of_terminal(terminal), "lease:" + id, change});
  return {};
}

Result<> Books::decide_recall(const When& /*when*/, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::string lease, read_text(decision, "lease"));
  TILLKIT_TRY(const std::string coupon, read_text(decision, "coupon"));
  if (!lease.empty()) {
    const auto known = leases_.find(lease);
    if (known == leases_.end()) return core::fail(core::ErrorCode::Corrupt);
    known->second.recalled = true;
    JsonWriter json = change_of("lease_recalled");
    TILLKIT_TRY(const std::string change, json.name("lease").text(lease).end_object().finish());
    effects.news.push_back({decisions_of_terminal(known->second.terminal), "lease:" + lease, change});
    return {};
  }
  const Voucher* voucher = vouchers_.find(coupon);
  if (voucher == nullptr || !voucher->holder) return core::fail(core::ErrorCode::Corrupt);
  JsonWriter json = change_of("coupon_recalled");
  TILLKIT_TRY(const std::string change, json.name("coupon").text(coupon).end_object().finish());
  effects.news.push_back({decisions_of_terminal(voucher->holder->terminal), "coupon:" + coupon, change});
  return {};
}

Result<> Books::decide_revoke(const When& /*when*/, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::string id, read_text(decision, "id"));
  vouchers_.revoke(id);
  touch_holder(id, effects);
  JsonWriter json = change_of("revoked");
  TILLKIT_TRY(const std::string change, json.name("id").text(id).end_object().finish());
  effects.news.push_back({copies_of_merchant(merchant_), "revoked:" + id, change});
  return {};
}

Result<> Books::decide_claim(const When& /*when*/, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::string claim, read_text(decision, "claim"));
  BookClaim made;
  TILLKIT_TRY(made.by, read_text(decision, "by"));
  TILLKIT_TRY(made.terminal, read_text(decision, "terminal"));
  TILLKIT_TRY(made.journal, read_text(decision, "journal"));
  TILLKIT_TRY(made.sale, read_integer(decision, "sale"));
  claims_[claim] = made;
  const auto [right, first] = rights_.try_emplace({made.journal, made.sale}, BookRight{.by = made.by});
  if (!first || made.by == made.terminal) return {};
  if (written_off_.contains(made.terminal)) {
    right->second.ceded = true;
    return {};
  }
  JsonWriter json = change_of("refund_claimed");
  json.name("claim").text(claim).name("journal").text(made.journal).name("sale").integer(made.sale);
  TILLKIT_TRY(const std::string change, json.end_object().finish());
  effects.news.push_back({decisions_of_terminal(made.terminal), "claim:" + claim, change});
  return {};
}

Result<> Books::decide_settings(const When& when, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const JsonValue home, decision.member("home"));
  const auto read = [&](std::string_view name, std::int64_t& number) -> Result<> {
    if (!home.find(name)) return {};
    TILLKIT_TRY(number, read_integer(home, name));
    return {};
  };
  TILLKIT_TRY_VOID(read("risk_per_terminal_minor", settings_.risk_per_terminal_minor));
  TILLKIT_TRY_VOID(read("lease_valid_s", settings_.lease_valid_s));
  TILLKIT_TRY_VOID(read("placement_valid_s", settings_.placement_valid_s));
  if (home.find("risk_bearer")) {
    TILLKIT_TRY(settings_.risk_bearer, read_text(home, "risk_bearer"));
  }
  TILLKIT_TRY(const JsonValue settings, decision.member("settings"));
  JsonWriter json = change_of("settings");
  json.name("number").integer(when.seq).name("settings").value(settings).end_object();
  TILLKIT_TRY(const std::string change, json.finish());
  effects.news.push_back({decisions_of_merchant(merchant_), "settings", change});
  return {};
}

Result<> Books::decide_share(const When& /*when*/, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(shared_, core::read_boolean(decision, "shared"));
  effects.members.merge(people_.all());
  return {};
}

Result<> Books::decide_write_off(const When& /*when*/, const JsonValue& decision, Effects& effects) {
  TILLKIT_TRY(const std::string terminal, read_text(decision, "terminal"));
  TILLKIT_TRY(const bool as_spent, core::read_boolean(decision, "as_spent"));
  TILLKIT_TRY(const auto id, ledger::TerminalId::parse(terminal));
  ledger_.write_off(id, as_spent);
  vouchers_.free_all_of(terminal);
  written_off_.insert(terminal);
  for (const auto& [claim, made] : claims_) {
    const auto right = rights_.find({made.journal, made.sale});
    if (made.terminal == terminal && right != rights_.end() && right->second.by != terminal) {
      right->second.ceded = true;
      effects.news.push_back({decisions_of_terminal(terminal), "claim:" + claim, ""});
    }
  }
  for (const auto& [lease, known] : leases_) {
    if (known.terminal != terminal || known.returned) continue;
    effects.members.insert(known.of);
    // A device that gets this name next is not given what the lost one had.
    effects.news.push_back({decisions_of_terminal(terminal), "lease:" + lease, ""});
  }
  return {};
}

}  // namespace tillkit::sandbox
