// SPDX-License-Identifier: Apache-2.0
// The commands of whoever runs the merchant's side.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "authority_digest.hpp"
#include "checks.hpp"
#include "decisions.hpp"
#include "gateway.hpp"
#include "home.hpp"
#include "tillkit/catalog/catalog_json.hpp"
#include "tillkit/cloud/news.hpp"
#include "tillkit/codes/token.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/members/identity.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;
using ledger::Unit;
using Answer = std::expected<std::string, AdminRefusal>;
using Answered = Result<Answer>;

constexpr std::size_t kMemberMax = 48;
constexpr std::size_t kCouponMax = 64;
constexpr std::size_t kOfferMax = 48;
constexpr std::int64_t kYearS = 366L * 24 * 3600;
constexpr std::size_t kRowsMax = 1'000;
constexpr core::JsonLimits kDocumentLimits{.bytes_max = kBodyBytesMax, .values_max = 100'000};
constexpr core::JsonLimits kBooksLimits{.bytes_max = 67'108'864, .values_max = 5'000'000};

Answered refuse(std::string_view why) {
  return Answer(std::unexpect, AdminRefusal{std::string(why)});
}

Answered done() {
  return Answer("{}");
}

Answered written(JsonWriter& json) {
  TILLKIT_TRY(std::string text, json.end_object().finish());
  return Answer(std::move(text));
}

std::int64_t now_ms() {
  return milliseconds_of(wall_now());
}

Result<std::string> read_member(const JsonValue& body, std::string_view name, std::size_t min = 1) {
  return read_pattern(body, name, min, kMemberMax, core::is_id_char);
}

Result<std::string> read_coupon(const JsonValue& body) {
  return read_pattern(body, "coupon", 1, kCouponMax, core::is_id_char);
}

Result<std::string> read_name_if_there(const JsonValue& body, std::string_view name) {
  if (!body.find(name)) return std::string();
  return read_name(body, name);
}

Result<std::int64_t> read_number_or(const JsonValue& body, std::string_view name, std::int64_t min, std::int64_t max,
                                    std::int64_t otherwise) {
  if (!body.find(name)) return otherwise;
  return read_number(body, name, min, max);
}

Result<bool> read_flag_or(const JsonValue& body, std::string_view name, bool otherwise) {
  const auto value = body.find(name);
  return value ? value->boolean() : Result<bool>(otherwise);
}

Result<Unit> read_unit(const JsonValue& body) {
  TILLKIT_TRY(const JsonValue value, body.member("unit"));
  TILLKIT_TRY(const std::string_view name, value.text());
  for (const Unit unit : {Unit::Points, Unit::Value, Unit::Budget, Unit::Risk}) {
    if (ledger::to_string(unit) == name) return unit;
  }
  return value.mistake();
}

/// The row of a merchant that is there.
Result<MerchantRow> merchant_row(Home& home, const std::string& merchant) {
  std::optional<MerchantRow> row;
  const Result<> found = home.cloud().storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(row, find_row<MerchantRow>(reader, kMerchants, "", merchant));
    return {};
  });
  TILLKIT_TRY_VOID(found);
  if (!row) return core::fail(core::ErrorCode::Corrupt);
  return *std::move(row);
}

/// The merchant that a command names; its terminals' books.
Result<std::optional<std::string>> find_merchant(Home& home, const JsonValue& body) {
  TILLKIT_TRY_VOID(home.ready());
  TILLKIT_TRY(const std::string merchant, read_name(body, "merchant"));
  std::optional<MerchantRow> known;
  const Result<> read = home.cloud().storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(known, find_row<MerchantRow>(reader, kMerchants, "", merchant));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  return known ? std::optional(merchant) : std::nullopt;
}

Result<bool> is_terminal_of(Home& home, const std::string& merchant, const std::string& terminal) {
  std::optional<TerminalRow> known;
  const Result<> read = home.cloud().storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(known, find_row<TerminalRow>(reader, kTerminals, terminal, kOnly));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  return known && known->merchant == merchant;
}

Answered decided(Home& home, const std::string& merchant, const Result<std::string>& decision) {
  if (!decision) return std::unexpected(decision.error());
  const Result<> stored = home.change([&](Tx& tx) { return home.decide(tx, merchant, *decision); });
  TILLKIT_TRY_VOID(stored);
  return done();
}

// --- goods and offers ---

Result<core::Currency> currency_of(Home& home, const std::string& merchant) {
  TILLKIT_TRY(const MerchantRow row, merchant_row(home, merchant));
  return core::find_currency(row.currency);
}

Result<std::string> item_change(const JsonValue& item) {
  JsonWriter json;
  json.begin_object().name("type").text("item").name("item").value(item).end_object();
  return json.finish();
}

/// Items as lib/catalog's form has them (`items`), added or in place of those of the same id; `gone`: ids.
Answered catalog(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "catalog", "gone"}));
  std::vector<std::pair<std::string, std::string>> changes;
  if (const auto form = body.find("catalog")) {
    TILLKIT_TRY(const core::Currency currency, currency_of(home, merchant));
    JsonWriter copy(kDocumentLimits);
    TILLKIT_TRY(const std::string text, copy.value(*form).finish());
    const auto document = core::JsonDocument::parse(text, kDocumentLimits);
    if (!document) return form->mistake();
    const auto read = catalog::read_catalog(*document, currency);
    if (!read) return refuse("the catalog: " + document->path_of(read.error()).value_or("wrong"));
    TILLKIT_TRY(const JsonValue list, form->member("items"));
    TILLKIT_TRY(const auto items, list.elements());
    for (const JsonValue item : items) {
      // Without an id the first code is it, as in lib/catalog.
      std::string id;
      if (item.find("id")) {
        TILLKIT_TRY(id, read_text(item, "id"));
      } else {
        TILLKIT_TRY(const JsonValue codes, item.member("codes"));
        TILLKIT_TRY(const JsonValue first, codes.at(0));
        TILLKIT_TRY(const std::string_view text_id, first.text());
        id = text_id;
      }
      TILLKIT_TRY(std::string change, item_change(item));
      changes.emplace_back(std::move(id), std::move(change));
    }
  }
  if (body.find("gone")) {
    TILLKIT_TRY(const std::vector<std::string> gone, read_texts(body, "gone"));
    for (const std::string& id : gone) {
      JsonWriter json;
      json.begin_object().name("type").text("item_gone").name("item").text(id).end_object();
      TILLKIT_TRY(std::string change, json.finish());
      changes.emplace_back(id, std::move(change));
    }
  }
  const Result<> stored = home.change([&](Tx& tx) -> Result<> {
    for (const auto& [id, change] : changes)
      TILLKIT_TRY_VOID(home.put_news(tx, copies_of_merchant(merchant), "item:" + id, change));
    return {};
  });
  TILLKIT_TRY_VOID(stored);
  JsonWriter json;
  json.begin_object().name("changes").integer(changes.size());
  return written(json);
}

/// Why terminals of this build, and of this currency, would not take a rule set; empty: they do.
std::string mistake_in_rules(const std::string& text, core::Currency currency) {
  offers::DocumentMistake mistake;
  auto document = offers::read_rules(text, mistake);
  if (!document) return offers::to_string(mistake);
  if (document->currency != currency) return "/currency: expected " + std::string(currency.alpha());
  offers::RuleMistake rule_mistake;
  if (offers::RuleSet::compile(*std::move(document), rule_mistake)) return {};
  return offers::to_string(offers::locate(rule_mistake, text));
}

/// A rule set as lib/offers' document, in place of the one before. `unchecked`: as a cloud sends it whose rules have a
/// form that older terminals do not know.
Answered offers_command(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "rule_set", "unchecked"}));
  TILLKIT_TRY(const JsonValue rules, body.member("rule_set"));
  TILLKIT_TRY(const bool unchecked, read_flag_or(body, "unchecked", false));
  TILLKIT_TRY(const core::Currency currency, currency_of(home, merchant));
  JsonWriter copy(kDocumentLimits);
  TILLKIT_TRY(const std::string text, copy.value(rules).finish());
  const std::string mistake = mistake_in_rules(text, currency);
  if (!mistake.empty() && !unchecked) return refuse(mistake);
  const std::string change = R"({"type":"rule_set","rule_set":)" + text + "}";
  if (change.size() > kChangeBytesMax || values_in(change) > kChangeValuesMax) return refuse("too large for a page");
  const Result<> stored =
      home.change([&](Tx& tx) { return home.put_news(tx, copies_of_merchant(merchant), "rule_set", change); });
  TILLKIT_TRY_VOID(stored);
  return done();
}

// --- members and what they have ---

Result<std::vector<IdentityName>> read_identities(const JsonValue& body) {
  std::vector<IdentityName> identities;
  const auto list = body.find("identities");
  if (!list) return identities;
  TILLKIT_TRY(const auto elements, list->elements());
  for (const JsonValue element : elements) {
    TILLKIT_TRY_VOID(element.only({"kind", "index"}));
    IdentityName name;
    TILLKIT_TRY(name.kind, read_name(element, "kind"));
    TILLKIT_TRY(name.index, read_text(element, "index"));
    std::int64_t number = 0;
    const auto [end, wrong] = std::from_chars(name.index.data(), name.index.data() + name.index.size(), number);
    if (wrong != std::errc{} || std::to_string(number) != name.index) return element.mistake();
    identities.push_back(std::move(name));
  }
  return identities;
}

/// The blind index under which terminals know this payer (lib/members, lib/security: 64 bits of HMAC-SHA-256).
Result<std::string> payer_index(const MerchantRow& merchant, std::string_view wallet, std::string_view user) {
  TILLKIT_TRY(const core::Bytes key, core::decode_base64url(merchant.key));
  std::string message = "payer/";
  message.append(wallet).append(1, '\0').append(payer_reference(merchant, wallet, user));
  const std::string mac = hmac_sha256(core::as_text(key), message);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bits = (bits << 8U) | static_cast<unsigned char>(mac[i]);
  return std::to_string(static_cast<std::int64_t>(bits));
}

/// Which member each of some wallets' users is; "" who is none.
Answered payers(Home& home, const std::string& merchant, const JsonValue& body) {
  constexpr std::size_t kPayersMax = 100;
  TILLKIT_TRY_VOID(body.only({"merchant", "payers"}));
  TILLKIT_TRY(const MerchantRow row, merchant_row(home, merchant));
  TILLKIT_TRY(const JsonValue list, body.member("payers"));
  TILLKIT_TRY(const auto elements, list.elements());
  if (list.size() > kPayersMax) return list.mistake();
  const People& people = home.books(merchant).people();
  JsonWriter json;
  json.begin_object().name("payers").begin_array();
  for (const JsonValue element : elements) {
    TILLKIT_TRY_VOID(element.only({"wallet", "user"}));
    TILLKIT_TRY(const std::string wallet, read_name(element, "wallet"));
    TILLKIT_TRY(const std::string user, read_name(element, "user"));
    TILLKIT_TRY(const std::string index, payer_index(row, wallet, user));
    const auto found = people.find({.kind = std::string(to_string(members::IdentityKind::Payer)), .index = index});
    json.begin_object().name("wallet").text(wallet).name("user").text(user);
    json.name("member").text(found && people.is_member(*found) ? *found : "").end_object();
  }
  json.end_array();
  return written(json);
}

/// Who a wallet's user is, as somebody knows it who has logged in with that wallet.
Result<> add_payers(Home& home, const std::string& merchant, const JsonValue& body, std::vector<IdentityName>& to) {
  const auto list = body.find("payers");
  if (!list) return {};
  TILLKIT_TRY(const MerchantRow row, merchant_row(home, merchant));
  TILLKIT_TRY(const auto elements, list->elements());
  for (const JsonValue element : elements) {
    TILLKIT_TRY_VOID(element.only({"wallet", "user"}));
    TILLKIT_TRY(const std::string wallet, read_name(element, "wallet"));
    TILLKIT_TRY(const std::string user, read_name(element, "user"));
    TILLKIT_TRY(std::string index, payer_index(row, wallet, user));
    to.push_back({.kind = std::string(to_string(members::IdentityKind::Payer)), .index = std::move(index)});
  }
  return {};
}

Answered member(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "member", "store", "tier", "tags", "birth_month", "birth_day", "orders",
                              "spent_minor", "consented", "identities", "payers"}));
  constexpr std::int64_t kSumMax = 9'007'199'254'740'991;
  constexpr std::size_t kTagsMax = 32;
  TILLKIT_TRY(const std::string id, read_member(body, "member"));
  Registration said;
  TILLKIT_TRY(said.store, read_name_if_there(body, "store"));
  TILLKIT_TRY(said.tier, read_name_if_there(body, "tier"));
  if (const auto tags = body.find("tags")) {
    TILLKIT_TRY(said.tags, read_texts(body, "tags"));
    const bool good = std::ranges::all_of(said.tags, [](const std::string& tag) {
      return !tag.empty() && tag.size() <= kCouponMax && std::ranges::all_of(tag, core::is_id_char);
    });
    if (said.tags.size() > kTagsMax || !good) return tags->mistake();
  }
  TILLKIT_TRY(const std::int64_t month, read_number_or(body, "birth_month", 1, 12, 0));
  TILLKIT_TRY(const std::int64_t day, read_number_or(body, "birth_day", 1, 31, 0));
  if ((month == 0) != (day == 0)) return body.mistake();
  said.birth_month = static_cast<int>(month);
  said.birth_day = static_cast<int>(day);
  TILLKIT_TRY(said.orders, read_number_or(body, "orders", 0, kSumMax, 0));
  TILLKIT_TRY(said.spent_minor, read_number_or(body, "spent_minor", 0, kSumMax, 0));
  TILLKIT_TRY(said.consented, read_flag_or(body, "consented", false));
  TILLKIT_TRY(said.identities, read_identities(body));
  TILLKIT_TRY_VOID(add_payers(home, merchant, body, said.identities));
  // Ids of this form are made of identities, by terminals.
  if (members::MemberId::parse(id).has_value() && members::is_provisional(*members::MemberId::parse(id))) {
    return refuse("an id that only terminals make");
  }
  for (const IdentityName& identity : said.identities) {
    const auto other = home.books(merchant).people().registered_with(identity);
    if (other && *other != home.books(merchant).people().resolve(id)) return refuse("an identity is another member's");
  }
  return decided(home, merchant, member_decision(now_ms(), id, said));
}

/// Points and value of a member, the budget of an offer: a lot of its own.
Answered give(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "unit", "of", "amount", "lot", "expires_at"}));
  GiveDecision made;
  TILLKIT_TRY(made.unit, read_unit(body));
  TILLKIT_TRY(made.of, read_name(body, "of"));
  TILLKIT_TRY(made.amount, read_number(body, "amount", 1, ledger::kLeaseAmountMax));
  TILLKIT_TRY(made.lot, read_name_if_there(body, "lot"));
  if (body.find("expires_at")) {
    TILLKIT_TRY(made.expires_at, read_milliseconds(body, "expires_at"));
  }
  if (made.unit == Unit::Risk) return refuse("risk is a setting");
  // By its number: asked again, it would be another lot.
  made.lot = "own-" + (made.lot.empty() ? std::to_string(home.next_number(merchant)) : made.lot);
  if (!ledger::LotId::parse(made.lot)) return body.mistake();
  if (home.books(merchant).has_lot(made.lot)) return refuse("the lot is there");
  return decided(home, merchant, give_decision(now_ms(), made));
}

Answered issue(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(
      body.only({"merchant", "coupon", "offer", "member", "valid_from", "expires_at", "uses", "terminal", "valid_s"}));
  TILLKIT_TRY(const std::string coupon, read_coupon(body));
  Voucher voucher{.claimed_at = now_ms()};
  TILLKIT_TRY(voucher.offer, read_pattern(body, "offer", 1, kOfferMax, core::is_id_char));
  if (body.find("member")) {
    TILLKIT_TRY(voucher.member, read_member(body, "member"));
  }
  if (body.find("valid_from")) {
    TILLKIT_TRY(voucher.valid_from, read_milliseconds(body, "valid_from"));
  }
  if (body.find("expires_at")) {
    TILLKIT_TRY(voucher.expires_at, read_milliseconds(body, "expires_at"));
  }
  TILLKIT_TRY(voucher.uses_max, read_number_or(body, "uses", 1, 1'000, 1));
  const Voucher* known = home.books(merchant).vouchers().find(coupon);
  if (known != nullptr && known->issued) return refuse("the coupon is there");
  if (body.find("terminal")) {
    TILLKIT_TRY(const std::string terminal, read_terminal(body, "terminal"));
    TILLKIT_TRY(const std::int64_t valid_s, read_number_or(body, "valid_s", 1, kYearS, 24L * 3600));
    TILLKIT_TRY(const bool ours, is_terminal_of(home, merchant, terminal));
    if (!ours) return refuse("no such terminal");
    voucher.holder = VoucherHolder{.terminal = terminal, .until = voucher.claimed_at + valid_s * 1'000};
  }
  return decided(home, merchant, issue_decision(now_ms(), coupon, voucher));
}

/// Sets a part apart for a terminal by news, without being asked.
Answered lease(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "terminal", "unit", "of", "amount", "valid_s"}));
  LeaseDecision made;
  TILLKIT_TRY(made.terminal, read_terminal(body, "terminal"));
  TILLKIT_TRY(made.unit, read_unit(body));
  TILLKIT_TRY(made.of, read_name_if_there(body, "of"));
  TILLKIT_TRY(made.asked, read_number(body, "amount", 1, ledger::kLeaseAmountMax));
  TILLKIT_TRY(const std::int64_t valid_s, read_number_or(body, "valid_s", 1, kYearS, 7L * 24 * 3600));
  if (made.of.empty() != (made.unit == Unit::Risk)) return body.mistake();
  TILLKIT_TRY(const bool ours, is_terminal_of(home, merchant, made.terminal));
  if (!ours) return refuse("no such terminal");
  Books& books = home.books(merchant);
  made.id = "l-" + std::to_string(home.next_number(merchant));
  made.until = now_ms() + valid_s * 1'000;
  made.at_most = made.asked;
  if (made.unit == Unit::Risk) made.at_most = std::min(made.asked, books.risk_left(made.terminal, wall_now()));
  const Result<> stored = home.change([&](Tx& tx) -> Result<> {
    if (made.unit == Unit::Budget) {
      TILLKIT_TRY(const auto row, find_row<MerchantRow>(tx, kMerchants, "", merchant));
      if (!row) return core::fail(core::ErrorCode::Corrupt);
      made.draw_key = draw_key_of(row->pseudonym_key, made.terminal, made.of);
    }
    TILLKIT_TRY(const std::string decision, lease_decision(now_ms(), made));
    return home.decide(tx, merchant, decision);
  });
  TILLKIT_TRY_VOID(stored);
  const auto granted = books.leases().find(made.id);
  if (granted == books.leases().end()) return refuse("nothing is there");
  JsonWriter json;
  json.begin_object().name("lease").text(made.id).name("amount").integer(granted->second.grant.amount);
  return written(json);
}

/// Asks a terminal to give back what is left of a lease, or a coupon.
Answered recall(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "lease", "coupon"}));
  TILLKIT_TRY(const std::string lease_id, read_name_if_there(body, "lease"));
  TILLKIT_TRY(const std::string coupon, read_name_if_there(body, "coupon"));
  if (lease_id.empty() == coupon.empty()) return body.mistake();
  const Books& books = home.books(merchant);
  const auto known = books.leases().find(lease_id);
  if (!lease_id.empty() && (known == books.leases().end() || known->second.returned)) return refuse("no such lease");
  const Voucher* voucher = books.vouchers().find(coupon);
  if (!coupon.empty() && (voucher == nullptr || !voucher->holder)) return refuse("no terminal has it");
  return decided(home, merchant, recall_decision(now_ms(), lease_id, coupon));
}

Answered merge(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "from", "into"}));
  Merge made;
  TILLKIT_TRY(made.from, read_member(body, "from"));
  TILLKIT_TRY(made.into, read_member(body, "into"));
  const People& people = home.books(merchant).people();
  if (made.from == made.into) return body.mistake();
  if (people.merges().contains(made)) return done();
  if (people.resolve(made.from) == people.resolve(made.into)) return refuse("they are one already");
  return decided(home, merchant, merge_decision(now_ms(), made));
}

/// A member token or coupon is void before its time.
Answered revoke_id(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "id"}));
  TILLKIT_TRY(const std::string id, read_name(body, "id"));
  return decided(home, merchant, revoke_decision(now_ms(), id));
}

// --- how the merchant wants it ---

/// What terminals are told, with the keys that the cloud signs with; and how this cloud decides (`home`).
Answered settings(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "settings", "home"}));
  TILLKIT_TRY(const JsonValue given, body.member("settings"));
  TILLKIT_TRY_VOID(given.only({"enrol", "points_worth", "first_tier", "tiers", "policies"}));
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY(const auto members, given.members());
  for (const auto& [name, value] : members)
    json.name(name).value(value);
  const Authority& authority = home.cloud().authority;
  json.name("keys").begin_array().begin_object().name("name").text(authority.signing_key_name());
  json.name("public_key").text(core::encode_base64url(core::as_bytes(authority.signing_public_key())));
  TILLKIT_TRY(const std::string text, json.end_object().end_array().end_object().finish());
  // As terminals read them.
  if (!cloud::read_settings(text)) return given.mistake();
  std::string own = "{}";
  if (const auto how = body.find("home")) {
    TILLKIT_TRY_VOID(how->only({"risk_per_terminal_minor", "risk_bearer", "lease_valid_s", "placement_valid_s"}));
    TILLKIT_TRY_VOID(read_number_or(*how, "risk_per_terminal_minor", 0, ledger::kLeaseAmountMax, 0));
    TILLKIT_TRY_VOID(read_number_or(*how, "lease_valid_s", 1, kYearS, 1));
    TILLKIT_TRY_VOID(read_number_or(*how, "placement_valid_s", 1, kYearS, 1));
    if (how->find("risk_bearer")) TILLKIT_TRY_VOID(read_pattern(*how, "risk_bearer", 1, 32, core::is_id_char));
    JsonWriter copy;
    TILLKIT_TRY(own, copy.value(*how).finish());
  }
  return decided(home, merchant, settings_decision(now_ms(), text, own));
}

/// Whether all stores know all members.
Answered share(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "shared"}));
  TILLKIT_TRY(const bool shared, core::read_boolean(body, "shared"));
  return decided(home, merchant, share_decision(now_ms(), shared));
}

/// A terminal that never comes back. What it was leased counts as spent, or goes back to the owners.
Answered write_off(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "terminal", "as_spent"}));
  TILLKIT_TRY(const std::string terminal, read_terminal(body, "terminal"));
  TILLKIT_TRY(const bool as_spent, core::read_boolean(body, "as_spent"));
  TILLKIT_TRY(const bool ours, is_terminal_of(home, merchant, terminal));
  if (!ours) return refuse("no such terminal");
  return decided(home, merchant, write_off_decision(now_ms(), terminal, as_spent));
}

/// A token for the merchant's own systems, once: it is not stored.
Answered token(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant"}));
  constexpr std::size_t kTokenBytes = 32;
  const std::string made = core::encode_base64url(core::as_bytes(random_bytes(kTokenBytes)));
  const std::string key = core::encode_hex(core::as_bytes(sha256(made)));
  const Result<> stored = home.change([&](Tx& tx) { return tx.put(kTokens, "", key, merchant); });
  TILLKIT_TRY_VOID(stored);
  JsonWriter json;
  json.begin_object().name("token").text(made);
  return written(json);
}

// --- tokens for members' phones ---

/// Signs as lib/members' tokens are signed, with the cloud's one key.
Answered sign(Home& home, std::string_view prefix, JsonWriter& payload) {
  TILLKIT_TRY(const std::string json, payload.end_object().finish());
  std::string text(prefix);
  text += core::encode_base64url(core::as_bytes(json));
  TILLKIT_TRY(const std::string signature, home.cloud().authority.sign(text));
  text += '.' + core::encode_base64url(core::as_bytes(signature));
  if (text.size() > codes::kTokenBytesMax) return refuse("longer than a token may be");
  JsonWriter answer;
  answer.begin_object().name("token").text(text);
  return written(answer);
}

JsonWriter begin_payload(Home& home) {
  JsonWriter json;
  json.begin_object().name("k").text(home.cloud().authority.signing_key_name());
  return json;
}

Result<> write_times(JsonWriter& json, const JsonValue& body) {
  TILLKIT_TRY(const std::int64_t valid_s, read_number(body, "valid_s", 1, kYearS));
  TILLKIT_TRY(const std::string store, read_name_if_there(body, "store"));
  // A terminal's clock may be a little behind.
  constexpr std::int64_t kBeforeS = 60;
  const std::int64_t now_s = now_ms() / 1'000;
  json.name("n").integer(now_s - kBeforeS).name("e").integer(now_s + valid_s);
  if (!store.empty()) json.name("s").text(store);
  return {};
}

Answered member_token(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "member", "valid_s", "store"}));
  TILLKIT_TRY(const std::string id, read_member(body, "member"));
  const People& people = home.books(merchant).people();
  if (!people.is_member(people.resolve(id))) return refuse("no such member");
  JsonWriter json = begin_payload(home);
  json.name("m").text(id);
  TILLKIT_TRY_VOID(write_times(json, body));
  return sign(home, codes::kMemberTokenPrefix, json);
}

Answered coupon_token(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "coupon", "valid_s", "store", "risk_minor", "offline"}));
  TILLKIT_TRY(const std::string id, read_coupon(body));
  TILLKIT_TRY(const std::int64_t risk, read_number_or(body, "risk_minor", 0, ledger::kLeaseAmountMax, 0));
  TILLKIT_TRY(const bool offline, read_flag_or(body, "offline", false));
  const Voucher* voucher = home.books(merchant).vouchers().find(id);
  if (voucher == nullptr || !voucher->issued) return refuse("no such coupon");
  JsonWriter json = begin_payload(home);
  json.name("c").text(id).name("o").text(voucher->offer);
  if (!voucher->member.empty()) json.name("m").text(voucher->member);
  TILLKIT_TRY_VOID(write_times(json, body));
  json.name("r").integer(risk).name("f").boolean(offline);
  return sign(home, codes::kCouponTokenPrefix, json);
}

// --- looking at it ---

/// Records that nobody could use, of a merchant's journals, behind `after` (journal).
Answered parked(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "after"}));
  RowKey after;
  TILLKIT_TRY(after.owner, read_name_if_there(body, "after"));
  after.key = after.owner.empty() ? "" : "~";
  JsonWriter json(kBooksLimits);
  json.begin_object().name("parked").begin_array();
  const Result<> read = home.cloud().storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(const std::vector<Row> rows, reader.list_all(kParked, after, kRowsMax));
    for (const Row& row : rows) {
      TILLKIT_TRY(const core::JsonDocument document, parse_row(row.value));
      TILLKIT_TRY(const std::string terminal, read_text(document.root(), "terminal"));
      TILLKIT_TRY(const auto known, find_row<TerminalRow>(reader, kTerminals, terminal, kOnly));
      if (!known || known->merchant != merchant) continue;
      json.begin_object().name("journal").text(row.at.owner).name("seq").integer(std::stoll(row.at.key));
      json.name("why").value(document.root()).end_object();
    }
    return {};
  });
  TILLKIT_TRY_VOID(read);
  json.end_array();
  return written(json);
}

Answered books_command(Home& home, const std::string& merchant, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant"}));
  JsonWriter json(kBooksLimits);
  json.begin_object();
  home.books(merchant).write(json, wall_now());
  return written(json);
}

}  // namespace

void add_home_commands(Admin& admin, Home& home) {
  using Command = Answered (*)(Home&, const std::string&, const JsonValue&);
  const auto add = [&](std::string_view name, Command command) {
    admin.add(name, [&home, command](const JsonValue& body) -> Answered {
      TILLKIT_TRY(const std::optional<std::string> merchant, find_merchant(home, body));
      if (!merchant) return refuse("no such merchant");
      return command(home, *merchant, body);
    });
  };
  add("catalog", catalog);
  add("offers", offers_command);
  add("member", member);
  add("payers", payers);
  add("give", give);
  add("issue", issue);
  add("lease", lease);
  add("recall", recall);
  add("merge", merge);
  add("revoke-id", revoke_id);
  add("settings", settings);
  add("share", share);
  add("write-off", write_off);
  add("parked", parked);
  add("books", books_command);
  add("token", token);
  add("member-token", member_token);
  add("coupon-token", coupon_token);
}

}  // namespace tillkit::sandbox
