// SPDX-License-Identifier: Apache-2.0
// What terminals ask: about members, coupons, leases and the right to refund.
#include <algorithm>
#include <array>
#include <charconv>

#include "authority_digest.hpp"
#include "checks.hpp"
#include "decisions.hpp"
#include "home.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {

using core::JsonValue;
using core::JsonWriter;
using core::Result;
using ledger::Unit;

namespace {

constexpr std::size_t kCouponsMax = 100;
constexpr std::size_t kMemberMax = 48;
constexpr std::size_t kCodeMax = 1'024;
constexpr std::size_t kAnswerBytesMax = 1'048'576;
constexpr std::string_view kNobody = R"({"outcome":"not_found"})";
constexpr std::string_view kRefused = R"({"outcome":"refused"})";

bool is_code_char(char c) {
  return core::is_id_char(c) || c == '+' || c == '/' || c == '=';
}

HttpAnswer said(std::string_view json) {
  return {.body = std::string(json)};
}

Result<IdentityName> read_identity(const JsonValue& value) {
  constexpr std::array<std::string_view, 5> kKinds{"payer", "union_id", "card", "phone", "member_code"};
  TILLKIT_TRY_VOID(value.only({"kind", "index"}));
  IdentityName name;
  TILLKIT_TRY(name.kind, read_name(value, "kind"));
  if (std::ranges::find(kKinds, name.kind) == kKinds.end()) return value.mistake();
  TILLKIT_TRY(name.index,
              read_pattern(value, "index", 1, 20, [](char c) { return c == '-' || core::is_digit_char(c); }));
  std::int64_t index = 0;
  const auto [end, wrong] = std::from_chars(name.index.data(), name.index.data() + name.index.size(), index);
  // One number, one text.
  if (wrong != std::errc{} || std::to_string(index) != name.index) return value.mistake();
  return name;
}

/// As lib/security makes blind indexes: the first 64 bits, big endian, of HMAC-SHA-256 over field, zero and value.
IdentityName payer_identity(std::string_view merchant_key, const PayerFinder::FoundPayer& payer) {
  const std::string mac = hmac_sha256(merchant_key, "payer/" + payer.wallet + '\0' + payer.reference);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bits = (bits << 8U) | static_cast<unsigned char>(mac[i]);
  return {"payer", std::to_string(static_cast<std::int64_t>(bits))};
}

Result<Unit> read_unit(const JsonValue& body) {
  TILLKIT_TRY(const JsonValue value, body.member("unit"));
  TILLKIT_TRY(const std::string_view name, value.text());
  for (const Unit unit : {Unit::Points, Unit::Value, Unit::Budget, Unit::Risk}) {
    if (ledger::to_string(unit) == name) return unit;
  }
  return value.mistake();
}

}  // namespace

std::string draw_key_of(std::string_view secret, const std::string& terminal, const std::string& offer) {
  return core::encode_base64url(core::as_bytes(hmac_sha256(secret, "draw/" + terminal + '\0' + offer)));
}

// --- members ---

Result<HttpAnswer> Home::identify_member(Call& call) {
  TILLKIT_TRY_VOID(call.body->only({"code", "wallets"}));
  TILLKIT_TRY(std::string code, read_pattern(*call.body, "code", 1, kCodeMax, is_code_char));
  TILLKIT_TRY(const std::vector<std::string> wallets, read_wallets(*call.body, "wallets"));
  const auto payer = payers_.find(call.caller, code, wallets, call.lock);
  core::wipe(code);
  // Whatever went wrong there: nobody knows.
  if (!payer || !*payer) return said(kNobody);
  TILLKIT_TRY_VOID(ready());
  std::optional<MerchantRow> merchant;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(merchant, find_row<MerchantRow>(reader, kMerchants, "", call.caller.merchant));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  if (!merchant) return core::fail(core::ErrorCode::Corrupt);
  TILLKIT_TRY(const core::Bytes key, core::decode_base64url(merchant->key));
  const IdentityName identity = payer_identity(core::as_text(key), **payer);
  return member_answer(call.caller, books(call.caller.merchant).people().find(identity), true);
}

Result<HttpAnswer> Home::find_member(Call& call) {
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"identity", "member"}));
  const auto identity = body.find("identity");
  if (identity.has_value() == body.find("member").has_value()) return body.mistake();
  const People& people = books(call.caller.merchant).people();
  if (identity) {
    TILLKIT_TRY(const IdentityName name, read_identity(*identity));
    // A code's subject comes from a token that the terminal checked; a card or a number anybody may know.
    return member_answer(call.caller, people.find(name), name.kind == "member_code");
  }
  TILLKIT_TRY(const std::string member, read_pattern(body, "member", 1, kMemberMax, core::is_id_char));
  const std::string now = people.resolve(member);
  return member_answer(call.caller, people.is_member(now) ? std::optional(now) : std::nullopt, true);
}

/// `proven`: what was shown is the member's alone.
Result<HttpAnswer> Home::member_answer(const Caller& caller, const std::optional<std::string>& member, bool proven) {
  const Books& known = books(caller.merchant);
  if (!member || !known.is_visible(*member, caller.store)) return said(kNobody);
  const core::WallTime now = wall_now();
  const bool may_spend = proven && known.people().profile(*member).consented;
  std::vector<std::string> coupons;
  const std::int64_t until = milliseconds_of(now + std::chrono::seconds(known.settings().placement_valid_s));
  if (may_spend) {
    coupons = known.vouchers().held_by(names_of(known, *member), milliseconds_of(now));
    std::erase_if(coupons, [&](const std::string& coupon) {
      return known.vouchers().state(coupon, caller.terminal, milliseconds_of(now)) != VoucherState::Free;
    });
    coupons.resize(std::min(coupons.size(), kCouponsMax));
  }
  if (!coupons.empty()) {
    TILLKIT_TRY(const std::string decision, set_apart_decision(milliseconds_of(now), caller.terminal, until, coupons));
    TILLKIT_TRY_VOID(change([&](Tx& tx) { return decide(tx, caller.merchant, decision); }));
  }
  JsonWriter json;
  json.begin_object().name("outcome").text("found").name("may_spend").boolean(may_spend).name("member");
  TILLKIT_TRY_VOID(write_member(json, known, *member, now));
  json.name("coupons").begin_array();
  for (const std::string& coupon : coupons) {
    const Voucher& voucher = *known.vouchers().find(coupon);
    json.begin_object().name("coupon");
    write_coupon(json, coupon, voucher);
    json.name("until").integer(voucher.holder->until).end_object();
  }
  return answer_of(json.end_array().end_object().finish());
}

// --- coupons ---

Result<HttpAnswer> Home::claim_coupon(Call& call) {
  TILLKIT_TRY_VOID(call.body->only({"coupon"}));
  TILLKIT_TRY(const std::string coupon, read_name(*call.body, "coupon"));
  const Caller& caller = call.caller;
  const Books& known = books(caller.merchant);
  const core::WallTime now = wall_now();
  const Voucher* voucher = known.vouchers().find(coupon);
  const bool hidden = voucher != nullptr && !voucher->member.empty() &&
                      !known.is_visible(known.people().resolve(voucher->member), caller.store);
  if (hidden) return said(kNobody);
  switch (known.vouchers().state(coupon, caller.terminal, milliseconds_of(now))) {
    case VoucherState::NotFound: return said(kNobody);
    case VoucherState::Used: return said(R"({"outcome":"used"})");
    case VoucherState::Elsewhere: return said(R"({"outcome":"elsewhere"})");
    case VoucherState::Void: return said(R"({"outcome":"void"})");
    case VoucherState::Free: break;
  }
  const std::int64_t until = milliseconds_of(now + std::chrono::seconds(known.settings().placement_valid_s));
  TILLKIT_TRY(const std::string decision,
              set_apart_decision(milliseconds_of(now), caller.terminal, until, std::span(&coupon, 1)));
  TILLKIT_TRY_VOID(change([&](Tx& tx) { return decide(tx, caller.merchant, decision); }));
  JsonWriter json;
  json.begin_object().name("outcome").text("set_apart").name("coupon");
  write_coupon(json, coupon, *voucher);
  return answer_of(json.name("until").integer(voucher->holder->until).end_object().finish());
}

// --- leases ---

Result<HttpAnswer> Home::lease(Call& call) {
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"request", "unit", "of", "amount"}));
  const Caller& caller = call.caller;
  LeaseDecision lease{.terminal = caller.terminal};
  TILLKIT_TRY(lease.request, read_order(body, "request"));
  lease.id = lease.request;  // so that asked again the same is granted
  TILLKIT_TRY(lease.unit, read_unit(body));
  TILLKIT_TRY(lease.of, read_pattern(body, "of", 0, ledger::Owner::kLengthMax, core::is_id_char));
  TILLKIT_TRY(lease.asked, read_number(body, "amount", 1, ledger::kLeaseAmountMax));
  if (lease.of.empty() != (lease.unit == Unit::Risk)) return body.mistake();

  const Books& known = books(caller.merchant);
  if (const BookRequest* before = known.find_request(lease.request)) {
    const bool same = before->terminal == caller.terminal && before->unit == lease.unit && before->of == lease.of &&
                      before->amount == lease.asked;
    if (!same) return problem(Problem::KeyReused);
  } else {
    const core::WallTime now = wall_now();
    lease.until = milliseconds_of(now + std::chrono::seconds(known.settings().lease_valid_s));
    const bool of_member = lease.unit == Unit::Points || lease.unit == Unit::Value;
    const std::string member = known.people().resolve(lease.of);
    lease.at_most = lease.asked;
    if (lease.unit == Unit::Risk) lease.at_most = std::min(lease.asked, known.risk_left(caller.terminal, now));
    // Who only collects does not spend.
    const bool may = !of_member || (known.people().is_member(member) && known.is_visible(member, caller.store) &&
                                    known.people().profile(member).consented);
    if (!may) lease.at_most = 0;
    const Result<> changed = change([&](Tx& tx) -> Result<> {
      if (lease.unit == Unit::Budget) {
        TILLKIT_TRY(const auto merchant, find_row<MerchantRow>(tx, kMerchants, "", caller.merchant));
        if (!merchant) return core::fail(core::ErrorCode::Corrupt);
        lease.draw_key = draw_key_of(merchant->pseudonym_key, caller.terminal, lease.of);
      }
      TILLKIT_TRY(const std::string decision, lease_decision(milliseconds_of(now), lease));
      return decide(tx, caller.merchant, decision);
    });
    TILLKIT_TRY_VOID(changed);
  }
  const BookRequest* request = known.find_request(lease.request);
  if (request == nullptr || request->lease.empty()) return said(kRefused);
  JsonWriter json;
  json.begin_object().name("outcome").text("granted").name("lease");
  write_lease(json, known.leases().at(request->lease).grant, lease.of);
  return answer_of(json.end_object().finish());
}

// --- refunds ---

Result<HttpAnswer> Home::claim_refund(Call& call) {
  constexpr std::int64_t kSeqMax = 1'125'899'906'842'623;
  const JsonValue& body = *call.body;
  TILLKIT_TRY_VOID(body.only({"claim", "terminal", "sale"}));
  const Caller& caller = call.caller;
  ClaimDecision asked{.by = caller.terminal};
  TILLKIT_TRY(asked.claim, read_order(body, "claim"));
  TILLKIT_TRY(asked.terminal, read_terminal(body, "terminal"));
  TILLKIT_TRY(const std::int64_t sale, read_number(body, "sale", 1, kSeqMax));
  const Books& known = books(caller.merchant);
  if (const BookClaim* before = known.find_claim(asked.claim)) {
    const bool same = before->by == caller.terminal && before->terminal == asked.terminal && before->sale == sale;
    if (!same) return problem(Problem::KeyReused);
  } else {
    const auto key = known.find_sale(asked.terminal, sale);
    if (!key) return problem(Problem::SaleNotFound);
    asked.sale = *key;
    TILLKIT_TRY(const std::string decision, claim_decision(milliseconds_of(wall_now()), asked));
    TILLKIT_TRY_VOID(change([&](Tx& tx) { return decide(tx, caller.merchant, decision); }));
  }
  return refund_answer(caller, known, *known.find_claim(asked.claim));
}

Result<HttpAnswer> Home::refund_answer(const Caller& caller, const Books& known, const BookClaim& claim) {
  const SaleKey key{claim.journal, claim.sale};
  const BookRight* right = known.find_right(key);
  if (right == nullptr || right->by != caller.terminal) return said(kRefused);
  const bool own = claim.by == claim.terminal;
  if (!own && !right->ceded) {
    // The terminal that sold has given it back itself.
    if (known.is_refunded(key)) return said(kRefused);
    return said(R"({"outcome":"waiting"})");
  }
  return granted_refund(claim, known.sales().at(key));
}

/// With the sale's records, as its terminal uploaded them.
Result<HttpAnswer> Home::granted_refund(const BookClaim& claim, const BookSale& sale) {
  constexpr std::size_t kPage = 500;
  std::string text = R"({"outcome":"granted","journal":")" + claim.journal + R"(","records":[)";
  const std::string of_sale = "\"sale\":" + std::to_string(claim.sale) + ",";
  std::size_t count = 0;
  const Result<> read = cloud_.storage.view([&](Reader& reader) -> Result<> {
    std::string after = number_key(claim.sale - 1);
    const std::string last = number_key(sale.last_seq);
    while (after < last) {
      TILLKIT_TRY(const std::vector<Row> rows, reader.list(kRecords, claim.journal, after, kPage));
      if (rows.empty()) return {};
      for (const Row& row : rows) {
        const std::string_view record = record_of_stored(row.value);
        // In front of the body, which may say anything.
        const std::string_view front = record.substr(0, record.find("\"wall\":"));
        if (row.at.key > last || !front.contains(of_sale)) continue;
        if (count++ > 0) text += ',';
        text += record;
      }
      after = rows.back().at.key;
    }
    return {};
  });
  TILLKIT_TRY_VOID(read);
  text += "]}";
  if (count == 0 || count > kRecordsMax || text.size() > kAnswerBytesMax) return core::fail(core::ErrorCode::Exhausted);
  return HttpAnswer{.body = std::move(text)};
}

}  // namespace tillkit::sandbox
