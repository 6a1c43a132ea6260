// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "names.hpp"
#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/cloud/gateway.hpp"
#include "tillkit/cloud/health.hpp"
#include "tillkit/cloud/leases.hpp"
#include "tillkit/cloud/members.hpp"
#include "tillkit/cloud/news.hpp"
#include "tillkit/cloud/refund_claims.hpp"
#include "tillkit/cloud/session.hpp"
#include "tillkit/cloud/upload.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

// lib/cloud for a test that is not written in C++: one JSON text per line.
//
//     cloud_peer emit      what the library sends and knows
//     cloud_peer read      answers each line of standard input, {"question", "order", "minor", "status", ...}, with how
//                          the library reads that reply

using namespace tillkit;
using core::JsonDocument;
using core::JsonValue;
using core::JsonWriter;

namespace {

template <class T>
T must(core::Result<T> result) {
  if (!result) throw std::runtime_error(std::string(core::to_string(result.error().code)));
  return *std::move(result);
}

void print(JsonWriter& json) {
  std::puts(must(json.finish()).c_str());
}

void emit_request(std::string_view schema, const core::Result<std::string>& body) {
  const JsonDocument document = must(JsonDocument::parse(must(body)));
  JsonWriter json;
  json.begin_object().name("schema").text(schema).name("body").value(document.root());
  print(json.end_object());
}

cloud::Order order(std::string_view number, std::int64_t minor, core::Currency currency = core::kCny) {
  return {.number = must(cloud::OrderNumber::parse(number)), .amount = {minor, currency}};
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

void emit_requests() {
  codes::WalletRoute both;
  both.add(codes::Wallet::Alipay);
  both.add(codes::Wallet::AlipayPlus);
  const codes::PaymentCode alipay("2810123456789012345678", both, false);
  const codes::PaymentCode emv("hQVDUFYwMWETTwegAAADMwEBVwhiJZhwAAAAAQ==", {}, false);
  const codes::PaymentCode longest(std::string(1'024, '7'), {}, false);
  const auto smallest = order("A", 1);
  const auto largest = order(std::string(32, 'Z'), cloud::kAmountMinorMax, core::Currency::of("JPY"));

  emit_request("IdentifyRequest", cloud::identify_body(alipay));
  emit_request("IdentifyRequest", cloud::identify_body(emv));
  emit_request("AuthoriseRequest", cloud::authorise_body(smallest, alipay, "x"));
  emit_request("AuthoriseRequest", cloud::authorise_body(largest, longest, repeated("水", 42)));
  emit_request("AuthoriseRequest", cloud::authorise_body(smallest, emv, R"(a "quoted" \ name)"));
  emit_request("QrRequest", cloud::qr_body(smallest, {}, "x", std::chrono::seconds{1}));
  emit_request("QrRequest", cloud::qr_body(largest, both.all(), repeated("水", 42), cloud::kQrValidMax));
  emit_request("OrderRequest", cloud::order_body(smallest.number));
  emit_request("OrderRequest", cloud::order_body(largest.number));
  emit_request("RefundRequest", cloud::refund_body({.number = must(cloud::RefundNumber::parse("R1")),
                                                    .order = largest.number,
                                                    .amount = {1, core::kCny}}));
}

template <class Id>
Id id(std::string_view text) {
  return must(Id::parse(text));
}

cloud::Record some_record(std::int64_t seq) {
  return {.seq = seq,
          .kind = id<cloud::RecordKind>("checkout.sale_closed"),
          .version = 1,
          .sale = seq % 2,
          .wall = core::WallTime{std::chrono::milliseconds{1'795'219'530'250}},
          .quality = 2,
          .boot = 4'294'967'295,
          .monotonic = core::MonotonicTime{std::chrono::microseconds{86'400'000'000}},
          .operator_id = id<cloud::RecordOperator>("unattended"),
          .shift = static_cast<std::uint32_t>(seq / 100),
          .day = std::chrono::sys_days{std::chrono::days{-1}},
          .body = R"({"total":1250})"};
}

void emit_uploads() {
  const cloud::Head head{.journal = {std::byte{15}}, .seq = cloud::kSeqMax, .counter = 7};
  emit_request("UploadRequest", cloud::UploadBatch(head, 0).finish());

  cloud::UploadBatch most(head, cloud::kUploadBodyBytesMax);
  for (std::int64_t seq = 1; must(most.add(some_record(seq)));)
    ++seq;
  emit_request("UploadRequest", most.finish());

  cloud::Record longest = some_record(1);
  longest.body = "{\"text\":\"" + repeated("\\\"", (65'536 - 11) / 2) + "\"}";
  for (std::size_t i = 0; i < 16; ++i) {
    longest.personal.push_back({.field = id<cloud::RecordField>("phone"),
                                .salt = core::Bytes(16 * (1 + i % 4)),
                                .value = repeated("水", 4'096 / 3)});
  }
  cloud::UploadBatch one(head, 1);
  if (!must(one.add(longest)) || must(one.add(some_record(2)))) throw std::runtime_error("what fits is wrong");
  emit_request("UploadRequest", one.finish());
}

void emit_device_requests() {
  const std::string longest(cloud::kCertificateRequestBytesMax, 'A');
  emit_request("EnrolRequest",
               cloud::enrol_body({.claim = "7KQ4-M2X", .certificate_request = longest, .firmware = "1"}));
  emit_request("EnrolRequest", cloud::enrol_body({.claim = repeated("a", 64),
                                                  .certificate_request = repeated("A", 64),
                                                  .firmware = repeated("+", 64)}));
  emit_request("RenewRequest", cloud::renew_body(longest));
  emit_request("HealthReport", cloud::health_body({.firmware = "0.1.0"}));
  cloud::HealthReport worst{.firmware = "0.1.0",
                            .at = {core::WallTime{std::chrono::milliseconds{1}}, core::WallQuality::Estimated},
                            .boot = 4'294'967'295,
                            .sells = false,
                            .stopped = id<cloud::Name>(repeated("s", 64)),
                            .unsent_records = cloud::kCountMax,
                            .oldest_unsent_at = core::WallTime{},
                            .parked_records = cloud::kCountMax,
                            .unresolved = cloud::kCountMax,
                            .at_risk_minor = cloud::kCountMax,
                            .free_bytes = cloud::kCountMax};
  worst.faults.assign(cloud::kHealthFaultsMax, {.what = id<cloud::Name>("connect_failed"), .count = cloud::kCountMax});
  emit_request("HealthReport", cloud::health_body(worst));
}

void emit_questions() {
  emit_request("FindRequest", cloud::find_body(cloud::Identity{.kind = cloud::IdentityKind::Phone, .index = 0}));
  emit_request("FindRequest", cloud::find_body(cloud::Identity{.kind = cloud::IdentityKind::MemberCode,
                                                               .index = std::numeric_limits<std::int64_t>::min()}));
  emit_request("FindRequest", cloud::find_body(id<cloud::MemberId>("m-77")));
  emit_request("ClaimRequest", cloud::claim_coupon_body(id<cloud::Name>("c-9001")));
  const auto key = id<cloud::OrderNumber>(std::string(32, 'Z'));
  emit_request("LeaseRequest", cloud::lease_body({.request = key, .unit = cloud::LeaseUnit::Risk, .amount = 1}));
  emit_request("LeaseRequest", cloud::lease_body({.request = key,
                                                  .unit = cloud::LeaseUnit::Budget,
                                                  .of = id<cloud::LeaseOwner>("autumn"),
                                                  .amount = cloud::kAmountMinorMax}));
  emit_request("RefundClaimRequest",
               cloud::claim_refund_body({.claim = key, .terminal = id<cloud::TerminalId>("T07"), .sale = 41}));
}

void emit_target(const core::Result<std::string>& target) {
  JsonWriter json;
  print(json.begin_object().name("target").text(must(target)).end_object());
}

void emit_targets() {
  emit_target(cloud::news_target(cloud::Feed::Decisions, "", std::chrono::seconds{0}));
  emit_target(cloud::news_target(cloud::Feed::Copies, repeated("a:_-", 64), cloud::kNewsWaitMax));
}

template <class Value>
void emit_words(std::string_view schema, std::span<const cloud::Word<Value>> words) {
  JsonWriter json;
  json.begin_object().name("words_of").text(schema).name("words").begin_array();
  for (const auto& word : words)
    json.text(word.text);
  print(json.end_array().end_object());
}

void emit_tables() {
  for (const auto& row : cloud::problem_rows()) {
    JsonWriter json;
    json.begin_object().name("problem").text(row.name).name("status").integer(row.status);
    json.name("number").integer(static_cast<int>(row.type)).name("nothing_happened").boolean(row.nothing_happened);
    print(json.end_object());
  }
  for (const auto& limit : cloud::cloud_limits()) {
    JsonWriter json;
    print(json.begin_object().name("limit").text(limit.name).name("value").integer(limit.value).end_object());
  }
  for (const auto path : {cloud::kIdentifyPath, cloud::kAuthorisePath, cloud::kQrPath, cloud::kQueryPath,
                          cloud::kReversePath, cloud::kRefundPath, cloud::kEnrolPath, cloud::kRenewPath,
                          cloud::kHealthPath, cloud::kUploadPath, cloud::kIdentifyMemberPath, cloud::kFindMemberPath,
                          cloud::kClaimCouponPath, cloud::kLeasePath, cloud::kClaimRefundPath}) {
    JsonWriter json;
    print(json.begin_object().name("path").text(path).end_object());
  }
  emit_words("Why", cloud::why_words());
  emit_words("Reason", cloud::reason_words());
  emit_words("Funder", cloud::funder_words());
  emit_words("Wallet", cloud::wallet_words());
  emit_words("Feed", cloud::feed_words());
  emit_words("Unit", cloud::unit_words());
  emit_words("Identity/properties/kind", cloud::identity_words());
  emit_words("Settings/properties/enrol", cloud::enrol_words());
  emit_words("RefusedReason", cloud::refused_words());
}

void write_money(JsonWriter& json, std::string_view name, const core::Money& money) {
  json.name(name).begin_object().name("minor").integer(money.minor);
  json.name("currency").text(money.currency.alpha()).end_object();
}

void write_payer(JsonWriter& json, const cloud::Payer& payer) {
  json.name("payer").begin_object();
  json.name("wallet").text(payer.wallet ? cloud::text_of(cloud::wallet_words(), *payer.wallet) : "other");
  if (!payer.reference.empty()) json.name("reference").text(payer.reference.view());
  json.end_object();
}

void write(JsonWriter& json, const cloud::AttemptAnswer& answer) {
  using enum cloud::Outcome;
  json.name("outcome").text(to_string(answer.outcome));
  if (answer.outcome == Pending) json.name("why").text(to_string(answer.why));
  if (answer.outcome == Declined) json.name("reason").text(to_string(answer.reason));
  if (answer.outcome == Paid) write_money(json, "paid", answer.paid);
  if (!answer.discounts.empty()) {
    json.name("discounts").begin_array();
    for (const auto& discount : answer.discounts) {
      json.begin_object();
      write_money(json, "amount", discount.amount);
      json.name("funder").text(to_string(discount.funder));
      if (!discount.id.empty()) json.name("id").text(discount.id.view());
      json.end_object();
    }
    json.end_array();
  }
  if (answer.refunded.is_positive()) write_money(json, "refunded", answer.refunded);
  if (!answer.transaction.empty()) json.name("transaction").text(answer.transaction.view());
  if (answer.payer) write_payer(json, *answer.payer);
}

void write(JsonWriter& json, const cloud::QrAnswer& answer) {
  write(json, answer.attempt);
  if (answer.text.empty()) return;
  json.name("qr").begin_object().name("text").text(answer.text);
  json.name("valid_for_s").integer(answer.valid_for.count()).end_object();
}

void write(JsonWriter& json, const cloud::RefundAnswer& answer) {
  json.name("outcome").text(to_string(answer.outcome));
  if (answer.outcome == cloud::RefundOutcome::Refused) json.name("reason").text(to_string(answer.reason));
  if (answer.to_payer) write_money(json, "to_payer", *answer.to_payer);
}

void write(JsonWriter& json, const cloud::IdentifyAnswer& answer) {
  json.name("outcome").text(answer.payer ? "identified" : "not_identified");
  if (answer.payer) write_payer(json, *answer.payer);
}

void write(JsonWriter& json, const cloud::Session& session) {
  json.name("contract_major").integer(session.contract_major).name("contract_minor").integer(session.contract_minor);
  json.name("server_time").text(must(core::format_rfc3339(session.server_time)));
  if (!session.signed_time) return;
  json.name("signed").text(session.signed_time->message).name("key").text(session.signed_time->key.view());
  json.name("signature_bytes").integer(session.signed_time->signature.size());
}

void write_milliseconds(JsonWriter& json, std::string_view name, const std::optional<core::WallTime>& at) {
  if (at) json.name(name).integer(at->time_since_epoch().count());
}

template <class Id>
void write_if_there(JsonWriter& json, std::string_view name, const Id& id) {
  if (!id.empty()) json.name(name).text(id.view());
}

void write_keys(JsonWriter& json, const std::vector<cloud::CloudKey>& keys) {
  json.name("keys").begin_array();
  for (const auto& key : keys) {
    json.begin_object().name("name").text(key.name.view());
    json.name("public_key").text(core::encode_base64url(key.public_key)).end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const cloud::Credentials& credentials) {
  json.name("certificates").text(credentials.certificates).name("trust_anchors").text(credentials.trust_anchors);
  json.name("valid_until").text(must(core::format_rfc3339(credentials.valid_until)));
  write_keys(json, credentials.keys);
}

void write(JsonWriter& json, const cloud::Enrolment& enrolment) {
  json.name("terminal").text(enrolment.terminal.view()).name("store").text(enrolment.store.view());
  json.name("currency").text(enrolment.currency.alpha());
  write(json, enrolment.credentials);
  json.name("merchant_key").text(core::encode_base64url(enrolment.merchant_key.view()));
}

void write(JsonWriter& json, const cloud::UploadAnswer& answer) {
  json.name("acknowledged").integer(answer.acknowledged).name("refused").begin_array();
  for (const auto& one : answer.refused) {
    json.begin_object().name("seq").integer(one.seq).name("reason").text(to_string(one.why));
    if (!one.detail.empty()) json.name("detail").text(one.detail);
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const cloud::SignedPage& page) {
  if (page.message != "tillkit-news-1\n" + std::string(page.page())) throw std::runtime_error("not what was signed");
  json.name("page").text(page.page()).name("key").text(page.key.view());
  json.name("signature").text(core::encode_base64url(page.signature));
}

void write_coupon(JsonWriter& json, const cloud::Coupon& coupon) {
  json.begin_object().name("id").text(coupon.id.view()).name("offer").text(coupon.offer.view());
  write_milliseconds(json, "claimed_at", coupon.claimed_at);
  write_milliseconds(json, "valid_from", coupon.valid_from);
  write_milliseconds(json, "expires_at", coupon.expires_at);
  json.name("uses").integer(coupon.uses).end_object();
}

void write_member(JsonWriter& json, const cloud::Member& member) {
  json.begin_object().name("id").text(member.id.view());
  write_if_there(json, "tier", member.tier);
  if (!member.tags.empty()) {
    json.name("tags").begin_array();
    for (const auto& tag : member.tags)
      json.text(tag.view());
    json.end_array();
  }
  if (member.birth_month != 0) json.name("birth_month").integer(member.birth_month);
  if (member.birth_day != 0) json.name("birth_day").integer(member.birth_day);
  json.name("orders").integer(member.orders).name("spent_minor").integer(member.spent_minor);
  json.name("points").integer(member.points).name("value_minor").integer(member.value_minor);
  json.name("debt_points").integer(member.debt_points).name("consented").boolean(member.consented).end_object();
}

void write_placement(JsonWriter& json, const cloud::Coupon& coupon, core::WallTime until) {
  json.name("coupon");
  write_coupon(json, coupon);
  write_milliseconds(json, "until", until);
}

void write(JsonWriter& json, const cloud::MemberAnswer& answer) {
  json.name("outcome").text(answer.found ? "found" : "not_found");
  if (!answer.found) return;
  json.name("may_spend").boolean(answer.found->may_spend).name("member");
  write_member(json, answer.found->member);
  json.name("coupons").begin_array();
  for (const auto& placement : answer.found->coupons) {
    json.begin_object();
    write_placement(json, placement.coupon, placement.until);
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const cloud::ClaimAnswer& answer) {
  json.name("outcome").text(to_string(answer.outcome));
  if (answer.outcome == cloud::ClaimOutcome::SetApart) write_placement(json, answer.coupon, answer.until);
}

void write_lease(JsonWriter& json, const cloud::Lease& lease) {
  json.name("lease").begin_object().name("id").text(lease.id.view()).name("unit").text(to_string(lease.unit));
  json.name("of").text(lease.of.view()).name("amount").integer(lease.amount);
  write_milliseconds(json, "until", lease.until);
  if (!lease.lots.empty()) {
    json.name("lots").begin_array();
    for (const auto& lot : lease.lots) {
      json.begin_object().name("lot").text(lot.lot.view()).name("amount").integer(lot.amount);
      write_milliseconds(json, "expires_at", lot.expires_at);
      json.end_object();
    }
    json.end_array();
  }
  if (lease.draw_key) json.name("draw_key").text(core::encode_base64url(*lease.draw_key));
  json.end_object();
}

void write(JsonWriter& json, const cloud::LeaseAnswer& answer) {
  json.name("outcome").text(answer.granted ? "granted" : "refused");
  if (answer.granted) write_lease(json, *answer.granted);
}

void write(JsonWriter& json, const cloud::RefundClaimAnswer& answer) {
  json.name("outcome").text(to_string(answer.outcome));
  if (answer.outcome != cloud::RefundClaimOutcome::Granted) return;
  json.name("journal").text(core::encode_hex(answer.journal)).name("records").begin_array();
  for (const auto& record : answer.records) {
    json.begin_object().name("seq").integer(record.seq).name("kind").text(record.kind.view());
    json.name("version").integer(record.version).name("sale").integer(record.sale);
    json.name("wall").integer(record.wall.time_since_epoch().count()).name("quality").integer(record.quality);
    json.name("boot").integer(record.boot).name("monotonic").integer(record.monotonic.time_since_epoch().count());
    json.name("operator").text(record.operator_id.view()).name("shift").integer(record.shift);
    json.name("day").integer(record.day.time_since_epoch().count()).name("body").text(record.body).end_object();
  }
  json.end_array();
}

// Changes of a page of news.

void write_object(JsonWriter& json, std::string_view name, const std::string& text) {
  const JsonDocument document = must(JsonDocument::parse(text));
  json.name(name).value(document.root());
}

void write_change(JsonWriter& json, const cloud::LeaseGranted& change) {
  json.name("type").text("lease_granted");
  write_lease(json, change.lease);
}
void write_change(JsonWriter& json, const cloud::LeaseRecalled& change) {
  json.name("type").text("lease_recalled").name("lease").text(change.lease.view());
}
void write_change(JsonWriter& json, const cloud::CouponPlaced& change) {
  json.name("type").text("coupon_placed");
  write_placement(json, change.coupon, change.until);
  write_if_there(json, "member", change.member);
}
void write_change(JsonWriter& json, const cloud::CouponRecalled& change) {
  json.name("type").text("coupon_recalled").name("coupon").text(change.coupon.view());
}
void write_change(JsonWriter& json, const cloud::Merged& change) {
  json.name("type").text("merged").name("from").text(change.from.view()).name("into").text(change.into.view());
}
void write_change(JsonWriter& json, const cloud::DoubleRedemption& change) {
  json.name("type").text("double_redemption").name("coupon").text(change.coupon.view());
  json.name("journal").text(core::encode_hex(change.journal)).name("sale").integer(change.sale);
  json.name("funder").text(change.funder.view()).name("amount_minor").integer(change.amount_minor);
}
void write_change(JsonWriter& json, const cloud::RefundClaimed& change) {
  json.name("type").text("refund_claimed").name("claim").text(change.claim.view());
  json.name("journal").text(core::encode_hex(change.journal)).name("sale").integer(change.sale);
}
void write_change(JsonWriter& json, const cloud::SettingsChanged& change) {
  const auto again = must(cloud::read_settings(change.json));
  if (again.keys != change.settings.keys) throw std::runtime_error("the settings are not kept as they are");
  const auto& settings = change.settings;
  json.name("type").text("settings").name("number").integer(change.number).name("settings").begin_object();
  json.name("enrol").text(to_string(settings.enrol));
  if (settings.points_worth) {
    json.name("points_worth").begin_object().name("points").integer(settings.points_worth->points);
    json.name("minor").integer(settings.points_worth->minor).end_object();
  }
  write_keys(json, settings.keys);
  write_if_there(json, "first_tier", settings.first_tier);
  json.name("tiers").begin_array();
  for (const auto& step : settings.tiers) {
    json.begin_object().name("from").text(step.from.view()).name("to").text(step.to.view());
    if (step.orders_at_least != 0) json.name("orders_at_least").integer(step.orders_at_least);
    if (step.spent_at_least_minor != 0) json.name("spent_at_least_minor").integer(step.spent_at_least_minor);
    json.end_object();
  }
  json.end_array();
  if (!settings.policies.empty()) write_object(json, "policies", settings.policies);
  json.end_object();
}
void write_change(JsonWriter& json, const cloud::MemberChanged& change) {
  json.name("type").text("member").name("member");
  write_member(json, change.member);
  json.name("identities").begin_array();
  for (const auto& identity : change.identities) {
    json.begin_object().name("kind").text(to_string(identity.kind));
    json.name("index").text(std::to_string(identity.index)).end_object();
  }
  json.end_array().name("coupons").begin_array();
  for (const auto& coupon : change.coupons)
    write_coupon(json, coupon);
  json.end_array();
}
void write_change(JsonWriter& json, const cloud::MemberGone& change) {
  json.name("type").text("member_gone").name("member").text(change.member.view());
}
void write_change(JsonWriter& json, const cloud::IdRevoked& change) {
  json.name("type").text("revoked").name("id").text(change.id.view());
}
void write_change(JsonWriter& json, const cloud::ItemChanged& change) {
  json.name("type").text("item");
  write_object(json, "item", change.item);
}
void write_change(JsonWriter& json, const cloud::ItemGone& change) {
  json.name("type").text("item_gone").name("item").text(change.item.view());
}
void write_change(JsonWriter& json, const cloud::RuleSetChanged& change) {
  json.name("type").text("rule_set");
  write_object(json, "rule_set", change.rule_set);
}

void write(JsonWriter& json, const cloud::News& news) {
  json.name("terminal").text(news.terminal.view()).name("feed").text(to_string(news.feed));
  json.name("after").text(news.after).name("cursor").text(news.cursor).name("more").boolean(news.more);
  json.name("passed_over").integer(news.passed_over).name("changes").begin_array();
  for (const auto& change : news.changes) {
    json.begin_object();
    std::visit([&](const auto& one) { write_change(json, one); }, change);
    json.end_object();
  }
  json.end_array();
}

template <class T>
void answer(const core::Result<T>& result) {
  JsonWriter json;
  json.begin_object().name("understood").boolean(result.has_value());
  if (result) {
    json.name("answer").begin_object();
    if constexpr (std::is_void_v<T>) {
      json.name("noted").boolean(true);
    } else {
      write(json, *result);
    }
    json.end_object();
  } else {
    json.name("error").text(core::to_string(result.error().code));
    json.name("source").text(core::to_string(result.error().source));
    json.name("foreign").integer(result.error().foreign);
  }
  print(json.end_object());
}

std::string_view text(const JsonValue& object, std::string_view name) {
  return must(must(object.member(name)).text());
}

void read_one(const JsonValue& line) {
  const cloud::Reply reply{.status = static_cast<int>(must(must(line.member("status")).integer())),
                           .content_type = text(line, "content_type"),
                           .retry_after = text(line, "retry_after"),
                           .body = text(line, "body")};
  const auto question = text(line, "question");
  const auto nonce = must(core::decode_base64url(text(line, "nonce")));
  if (question == "session") return answer(cloud::read_session(reply, nonce));
  if (question == "identify") return answer(cloud::read_identify(reply));
  if (question == "enrol") return answer(cloud::read_enrol(reply));
  if (question == "renew") return answer(cloud::read_renew(reply));
  if (question == "health") return answer(cloud::read_health(reply));
  if (question == "upload") return answer(cloud::read_upload(reply));
  if (question == "news") return answer(cloud::read_news(reply));
  if (question == "page") return answer(cloud::read_page(reply.body));
  if (question == "identify_member" || question == "find_member") return answer(cloud::read_member(reply));
  const auto details = must(line.member("asked"));
  if (question == "claim_coupon")
    return answer(cloud::read_claim_coupon(reply, id<cloud::Name>(text(details, "coupon"))));
  if (question == "lease") {
    return answer(cloud::read_lease(reply, {.unit = cloud::LeaseUnit::Points,
                                            .of = id<cloud::LeaseOwner>(text(details, "of")),
                                            .amount = must(must(details.member("amount")).integer())}));
  }
  if (question == "claim_refund")
    return answer(cloud::read_claim_refund(reply, {.sale = must(must(details.member("sale")).integer())}));
  const auto asked = order(text(line, "order"), must(must(line.member("minor")).integer()));
  if (question == "authorise") return answer(cloud::read_authorise(reply, asked));
  if (question == "create_qr") return answer(cloud::read_qr(reply, asked));
  if (question == "query") return answer(cloud::read_query(reply, asked));
  if (question == "reverse") return answer(cloud::read_reverse(reply, asked));
  if (question != "refund") throw std::runtime_error("no such question");
  answer(cloud::read_refund(reply, {.number = must(cloud::RefundNumber::parse(text(line, "refund"))),
                                    .order = asked.number,
                                    .amount = asked.amount}));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::string_view command = count == 2 ? arguments[1] : "";
    if (command == "emit") {
      emit_requests();
      emit_uploads();
      emit_device_requests();
      emit_questions();
      emit_targets();
      emit_tables();
      return 0;
    }
    if (command == "read") {
      for (std::string line; std::getline(std::cin, line);) {
        const JsonDocument document = must(JsonDocument::parse(line));
        read_one(document.root());
      }
      return 0;
    }
    std::fputs("usage: cloud_peer emit | cloud_peer read\n", stderr);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "cloud_peer: %s\n", failure.what());
  }
  return 2;
}
