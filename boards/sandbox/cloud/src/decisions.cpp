// SPDX-License-Identifier: Apache-2.0
#include "decisions.hpp"

#include "rows.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonWriter;
using core::Result;

JsonWriter begin(std::string_view what, std::int64_t at) {
  JsonWriter json({.bytes_max = 1'048'576});
  json.begin_object().name("what").text(what).name("at").integer(at);
  return json;
}

Result<std::string> end(JsonWriter& json) {
  return json.end_object().finish();
}

void write_voucher(JsonWriter& json, const Voucher& voucher) {
  json.name("offer").text(voucher.offer).name("claimed_at").integer(voucher.claimed_at);
  if (voucher.valid_from) json.name("valid_from").integer(*voucher.valid_from);
  if (voucher.expires_at) json.name("expires_at").integer(*voucher.expires_at);
  json.name("uses").integer(voucher.uses_max);
}

}  // namespace

Result<std::string> member_decision(std::int64_t at, std::string_view member, const Registration& said) {
  JsonWriter json = begin("member", at);
  json.name("member").text(member).name("store").text(said.store).name("tier").text(said.tier);
  write_texts(json, "tags", said.tags);
  json.name("birth_month").integer(said.birth_month).name("birth_day").integer(said.birth_day);
  json.name("orders").integer(said.orders).name("spent_minor").integer(said.spent_minor);
  json.name("consented").boolean(said.consented).name("identities").begin_array();
  for (const IdentityName& identity : said.identities)
    json.begin_object().name("kind").text(identity.kind).name("index").text(identity.index).end_object();
  json.end_array();
  return end(json);
}

Result<std::string> merge_decision(std::int64_t at, const Merge& merge) {
  JsonWriter json = begin("merge", at);
  json.name("from").text(merge.from).name("into").text(merge.into);
  return end(json);
}

Result<std::string> give_decision(std::int64_t at, const GiveDecision& give) {
  JsonWriter json = begin("give", at);
  json.name("unit").integer(static_cast<int>(give.unit)).name("of").text(give.of).name("lot").text(give.lot);
  json.name("amount").integer(give.amount);
  if (give.expires_at) json.name("expires_at").integer(*give.expires_at);
  return end(json);
}

Result<std::string> issue_decision(std::int64_t at, std::string_view coupon, const Voucher& voucher) {
  JsonWriter json = begin("issue", at);
  json.name("coupon").text(coupon).name("member").text(voucher.member);
  write_voucher(json, voucher);
  if (voucher.holder) {
    json.name("terminal").text(voucher.holder->terminal).name("until").integer(voucher.holder->until);
  }
  return end(json);
}

Result<std::string> set_apart_decision(std::int64_t at, std::string_view terminal, std::int64_t until,
                                       std::span<const std::string> coupons) {
  JsonWriter json = begin("set_apart", at);
  json.name("terminal").text(terminal).name("until").integer(until);
  write_texts(json, "coupons", coupons);
  return end(json);
}

Result<std::string> lease_decision(std::int64_t at, const LeaseDecision& lease) {
  JsonWriter json = begin("lease", at);
  json.name("id").text(lease.id).name("request").text(lease.request).name("terminal").text(lease.terminal);
  json.name("unit").integer(static_cast<int>(lease.unit)).name("of").text(lease.of);
  json.name("asked").integer(lease.asked).name("at_most").integer(lease.at_most).name("until").integer(lease.until);
  json.name("draw_key").text(lease.draw_key);
  return end(json);
}

Result<std::string> recall_decision(std::int64_t at, std::string_view lease, std::string_view coupon) {
  JsonWriter json = begin("recall", at);
  json.name("lease").text(lease).name("coupon").text(coupon);
  return end(json);
}

Result<std::string> revoke_decision(std::int64_t at, std::string_view id) {
  JsonWriter json = begin("revoke", at);
  json.name("id").text(id);
  return end(json);
}

Result<std::string> claim_decision(std::int64_t at, const ClaimDecision& claim) {
  JsonWriter json = begin("claim", at);
  json.name("claim").text(claim.claim).name("by").text(claim.by).name("terminal").text(claim.terminal);
  json.name("journal").text(claim.sale.journal).name("sale").integer(claim.sale.sale);
  return end(json);
}

Result<std::string> share_decision(std::int64_t at, bool shared) {
  JsonWriter json = begin("share", at);
  json.name("shared").boolean(shared);
  return end(json);
}

Result<std::string> write_off_decision(std::int64_t at, std::string_view terminal, bool as_spent) {
  JsonWriter json = begin("write_off", at);
  json.name("terminal").text(terminal).name("as_spent").boolean(as_spent);
  return end(json);
}

Result<std::string> settings_decision(std::int64_t at, std::string_view settings, std::string_view home) {
  TILLKIT_TRY(const auto terminals, core::JsonDocument::parse(settings));
  TILLKIT_TRY(const auto own, core::JsonDocument::parse(home));
  JsonWriter json = begin("settings", at);
  json.name("settings").value(terminals.root()).name("home").value(own.root());
  return end(json);
}

void write_lease(JsonWriter& json, const ledger::LeaseGrant& grant, std::string_view of) {
  json.begin_object().name("id").text(grant.id.view()).name("unit").text(ledger::to_string(grant.unit));
  json.name("of").text(of).name("amount").integer(grant.amount);
  json.name("until").integer(grant.until.time_since_epoch().count());
  if (!grant.lots.empty()) {
    json.name("lots").begin_array();
    for (const ledger::LotPart& part : grant.lots) {
      json.begin_object().name("lot").text(part.lot.view()).name("amount").integer(part.amount);
      if (part.expires_at != core::WallTime::max()) {
        json.name("expires_at").integer(part.expires_at.time_since_epoch().count());
      }
      json.end_object();
    }
    json.end_array();
  }
  if (grant.draw_key) json.name("draw_key").text(core::encode_base64url(*grant.draw_key));
  json.end_object();
}

void write_coupon(JsonWriter& json, std::string_view id, const Voucher& voucher) {
  json.begin_object().name("id").text(id);
  write_voucher(json, voucher);
  json.end_object();
}

}  // namespace tillkit::sandbox
