// SPDX-License-Identifier: Apache-2.0
// The books for people, and for whoever compares them with others.
#include "books.hpp"

namespace tillkit::sandbox {

using core::JsonWriter;

void Books::write(JsonWriter& json, core::WallTime now) const {
  write_sales(json);
  write_ledger(json, now);
  write_coupons(json);
  write_people(json);
}

void Books::write_sales(JsonWriter& json) const {
  json.name("sales").begin_array();
  for (const auto& [key, sale] : sales_) {
    json.begin_object().name("terminal").text(sale.terminal).name("journal").text(key.journal);
    json.name("sale").integer(key.sale).name("state").text(checkout::to_string(sale.state));
    json.name("total").integer(sale.total_minor).name("member").text(sale.member);
    json.name("of").integer(sale.of).end_object();
  }
  json.end_array().name("refund_rights").begin_array();
  for (const auto& [key, right] : rights_) {
    json.begin_object().name("journal").text(key.journal).name("sale").integer(key.sale).name("by").text(right.by);
    json.name("ceded").boolean(right.ceded).end_object();
  }
  json.end_array();
}

void Books::write_ledger(JsonWriter& json, core::WallTime now) const {
  json.name("balances").begin_array();
  std::set<std::pair<ledger::Unit, std::string>> owners;
  for (const auto& [unit, of] : accounts_) {
    const bool member = unit == ledger::Unit::Points || unit == ledger::Unit::Value;
    owners.insert({unit, member ? people_.resolve(of) : of});
  }
  for (const auto& [unit, of] : owners) {
    const ledger::Balance sums = balance(unit, of, now);
    json.begin_object().name("unit").text(ledger::to_string(unit)).name("of").text(of);
    json.name("active").integer(sums.active).name("leased").integer(sums.leased);
    json.name("debt").integer(sums.debt).end_object();
  }
  json.end_array().name("leases").begin_array();
  for (const auto& [id, lease] : leases_) {
    json.begin_object().name("lease").text(id).name("terminal").text(lease.terminal);
    json.name("unit").text(ledger::to_string(lease.grant.unit)).name("of").text(lease.of);
    json.name("amount").integer(lease.grant.amount).name("returned").boolean(lease.returned).end_object();
  }
  json.end_array().name("losses").begin_array();
  for (const ledger::Loss& loss : ledger_.losses()) {
    json.begin_object().name("lease").text(loss.lease.view());
    json.name("journal").text(journal::to_string(loss.entry.journal)).name("seq").integer(loss.entry.seq.value());
    json.name("amount").integer(loss.amount).end_object();
  }
  json.end_array().name("waiting").integer(ledger_.waiting()).name("adds_up").boolean(ledger_.check());
}

void Books::write_coupons(JsonWriter& json) const {
  json.name("coupons").begin_array();
  for (const auto& [id, voucher] : vouchers_.all()) {
    json.begin_object().name("coupon").text(id).name("offer").text(voucher.offer).name("member").text(voucher.member);
    json.name("uses").integer(voucher.uses_max).name("issued").boolean(voucher.issued);
    const std::string holder = voucher.holder ? voucher.holder->terminal : std::string();
    json.name("holder").text(holder);
    json.name("void").boolean(vouchers_.state(id, holder, 0) == VoucherState::Void);
    std::set<std::pair<SaleKey, std::string>> redeemed;
    for (const VoucherUse& use : voucher.uses) {
      if (!use.returned) redeemed.insert({use.sale, use.terminal});
    }
    json.name("redeemed").begin_array();
    for (const auto& [sale, terminal] : redeemed) {
      json.begin_object().name("terminal").text(terminal).name("journal").text(sale.journal);
      json.name("sale").integer(sale.sale).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().name("double_redemptions").begin_array();
  for (const auto& [id, voucher] : vouchers_.all()) {
    for (const VoucherUse* use : vouchers_.doubles_of(id)) {
      json.begin_object().name("coupon").text(id).name("terminal").text(use->terminal);
      json.name("journal").text(use->sale.journal).name("sale").integer(use->sale.sale);
      json.name("funder").text(settings_.risk_bearer).name("amount").integer(use->risk_minor).end_object();
    }
  }
  json.end_array();
}

void Books::write_people(JsonWriter& json) const {
  json.name("members").begin_array();
  for (const std::string& member : people_.all()) {
    if (!people_.is_member(member)) continue;
    const PersonProfile profile = people_.profile(member);
    json.begin_object().name("member").text(member).name("tier").text(profile.tier);
    json.name("orders").integer(profile.orders).name("spent_minor").integer(profile.spent_minor);
    json.name("consented").boolean(profile.consented).end_object();
  }
  json.end_array().name("merges").begin_array();
  for (const Merge& merge : people_.merges())
    json.begin_object().name("from").text(merge.from).name("into").text(merge.into).end_object();
  json.end_array().name("notices").begin_object();
  for (const auto& [what, count] : notices_)
    json.name(what).integer(count);
  json.end_object();
}

}  // namespace tillkit::sandbox
