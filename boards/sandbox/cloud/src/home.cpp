// SPDX-License-Identifier: Apache-2.0
#include "home.hpp"

#include <algorithm>
#include <charconv>

#include "decisions.hpp"
#include "heard.hpp"
#include "rows.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kCouponsShownMax = 100;
constexpr std::size_t kIdentitiesShownMax = 16;
constexpr std::int64_t kTimeMax = 253'402'300'799'999;

std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// All rows of a table, in order.
Result<> for_each(Reader& reader, Table table, const std::function<Result<>(const Row&)>& take) {
  RowKey after;
  while (true) {
    TILLKIT_TRY(const std::vector<Row> rows, reader.list_all(table, after, kPage));
    for (const Row& row : rows)
      TILLKIT_TRY_VOID(take(row));
    if (rows.size() < kPage) return {};
    after = rows.back().at;
  }
}

}  // namespace

Books& Home::books(const std::string& merchant) {
  return books_.try_emplace(merchant, merchant).first->second;
}

Result<> Home::ready() {
  if (loaded_) return {};
  books_.clear();
  log_last_.clear();
  events_last_.clear();
  journals_.clear();
  TILLKIT_TRY_VOID(cloud_.storage.view([&](Reader& reader) { return load(reader); }));
  loaded_ = true;
  return {};
}

Result<> Home::change(const std::function<Result<>(Tx&)>& work) {
  auto changed = cloud_.storage.update(work);
  // The books may have gone on without storage.
  if (!changed) loaded_ = false;
  cloud_.changed.notify_all();
  return changed;
}

// --- reading again ---

Result<> Home::load(Reader& reader) {
  TILLKIT_TRY_VOID(news_.load(reader));
  TILLKIT_TRY_VOID(load_journals(reader));
  const Result<> listed = for_each(reader, kEvents, [&](const Row& row) -> Result<> {
    events_last_[row.at.owner] = number_of(row.at.key);
    return {};
  });
  TILLKIT_TRY_VOID(listed);
  return for_each(reader, kHomeLog, [&](const Row& row) -> Result<> {
    const std::int64_t number = number_of(row.at.key);
    log_last_[row.at.owner] = number;
    return replay(reader, row.at.owner, number, row.value);
  });
}

Result<> Home::load_journals(Reader& reader) {
  const Result<> listed = for_each(reader, kJournals, [&](const Row& row) -> Result<> {
    TILLKIT_TRY(const core::JsonDocument document, parse_row(row.value));
    JournalState& state = journals_[row.at.owner];
    TILLKIT_TRY(state.terminal, read_text(document.root(), "terminal"));
    TILLKIT_TRY(state.acknowledged, core::read_integer(document.root(), "acknowledged"));
    TILLKIT_TRY(state.chain, read_text(document.root(), "chain"));
    return {};
  });
  TILLKIT_TRY_VOID(listed);
  return for_each(reader, kHeads, [&](const Row& row) -> Result<> {
    TILLKIT_TRY(const core::JsonDocument document, parse_row(row.value));
    JournalState::Head& head = journals_[row.at.owner].heads[number_of(row.at.key)];
    TILLKIT_TRY(head.seq, core::read_integer(document.root(), "seq"));
    TILLKIT_TRY(head.chain, read_text(document.root(), "chain"));
    return {};
  });
}

/// What follows from an entry was stored with it.
Result<> Home::replay(Reader& reader, const std::string& merchant, std::int64_t number, std::string_view entry) {
  TILLKIT_TRY(const core::JsonDocument document, parse_row(entry));
  TILLKIT_TRY(const std::string what, read_text(document.root(), "what"));
  if (what == "records") return replay_records(reader, books(merchant), document.root());
  Effects effects;
  if (!books(merchant).decide(number, document.root(), effects)) return core::fail(core::ErrorCode::Corrupt);
  return {};
}

Result<> Home::replay_records(Reader& reader, Books& books, const JsonValue& entry) {
  TILLKIT_TRY(const std::string journal, read_text(entry, "journal"));
  TILLKIT_TRY(const std::string terminal, read_text(entry, "terminal"));
  TILLKIT_TRY(const std::string store, read_text(entry, "store"));
  TILLKIT_TRY(const std::int64_t first, core::read_integer(entry, "first"));
  TILLKIT_TRY(const std::int64_t last, core::read_integer(entry, "last"));
  TILLKIT_TRY(const core::Bytes bytes, core::decode_hex(journal));
  journal::JournalId id;
  if (bytes.size() != id.bytes.size()) return core::fail(core::ErrorCode::Corrupt);
  std::ranges::copy(bytes, id.bytes.begin());
  const auto count = static_cast<std::size_t>(last - first + 1);
  TILLKIT_TRY(const std::vector<Row> rows, reader.list(kRecords, journal, number_key(first - 1), count));
  if (rows.size() != count) return core::fail(core::ErrorCode::Corrupt);
  Effects effects;
  for (const Row& row : rows) {
    TILLKIT_TRY(const std::optional<std::string> parked, reader.get(kParked, journal, row.at.key));
    // The one reason that is not the books' own.
    if (parked && parked->contains("\"personal_not_matching\"")) continue;
    TILLKIT_TRY(const journal::Record record, stored_record(row.value, id));
    // What was refused is refused again.
    std::ignore = books.take({.record = record, .journal = journal, .terminal = terminal, .store = store}, effects);
  }
  return {};
}

// --- writing on ---

std::int64_t Home::next_number(const std::string& merchant) const {
  const auto found = log_last_.find(merchant);
  return found == log_last_.end() ? 1 : found->second + 1;
}

Result<std::int64_t> Home::append_log(Tx& tx, const std::string& merchant, std::string_view entry) {
  const std::int64_t number = next_number(merchant);
  TILLKIT_TRY_VOID(tx.put(kHomeLog, merchant, number_key(number), entry));
  log_last_[merchant] = number;
  return number;
}

Result<> Home::decide(Tx& tx, const std::string& merchant, const std::string& decision) {
  TILLKIT_TRY(const std::int64_t number, append_log(tx, merchant, decision));
  const auto document = core::JsonDocument::parse(decision);
  if (!document) return core::fail(core::ErrorCode::Corrupt);
  Effects effects;
  if (!books(merchant).decide(number, document->root(), effects)) return core::fail(core::ErrorCode::Corrupt);
  return store_effects(tx, books(merchant), effects);
}

Result<> Home::store_effects(Tx& tx, const Books& books, const Effects& effects) {
  for (const NewsChange& change : effects.news) {
    if (change.json.empty()) {
      TILLKIT_TRY_VOID(news_.drop(tx, change.stream, change.key));
    } else {
      TILLKIT_TRY_VOID(news_.put(tx, change.stream, change.key, change.json));
    }
  }
  for (const BookEvent& event : effects.events)
    TILLKIT_TRY_VOID(store_event(tx, books.merchant(), event));
  std::set<std::string> members;
  for (const std::string& name : effects.members) {
    if (!name.empty()) members.insert(books.people().resolve(name));
  }
  for (const std::string& member : members)
    TILLKIT_TRY_VOID(store_member(tx, books, member));
  return {};
}

Result<> Home::store_event(Tx& tx, const std::string& merchant, const BookEvent& event) {
  std::int64_t& last = events_last_[merchant];
  TILLKIT_TRY(const auto terminals, find_row<MerchantRow>(tx, kMerchants, "", merchant));
  JsonWriter json;
  json.begin_object().name("number").integer(last + 1).name("type").text(event.type);
  json.name("at").integer(std::clamp<std::int64_t>(event.at, 0, kTimeMax)).name("terminal").text(event.terminal);
  if (!event.journal.empty()) json.name("journal").text(event.journal);
  if (event.sale > 0) json.name("sale").integer(event.sale);
  if (!event.member.empty()) json.name("member").text(event.member);
  if (!event.what.empty()) json.name("what").text(event.what);
  if (event.count) json.name("count").integer(*event.count);
  if (event.amount_minor > 0 && terminals) {
    json.name("amount").begin_object().name("minor").integer(event.amount_minor);
    json.name("currency").text(terminals->currency).end_object();
  }
  TILLKIT_TRY(const std::string text, json.end_object().finish());
  TILLKIT_TRY_VOID(tx.put(kEvents, merchant, number_key(last + 1), text));
  ++last;
  return {};
}

/// Whoever had a copy takes it away.
Result<> Home::put_gone(Tx& tx, const std::string& stream, const std::string& member) {
  constexpr std::string_view kType = R"({"type":"member_gone")";
  TILLKIT_TRY(const std::optional<std::string> there, News::find(tx, stream, "member:" + member));
  if (!there || there->starts_with(kType)) return {};
  return news_.put(tx, stream, "member:" + member, std::string(kType) + R"(,"member":")" + member + "\"}");
}

/// The copy of a member where it may be known, and nowhere else.
Result<> Home::store_member(Tx& tx, const Books& books, const std::string& name) {
  const People& people = books.people();
  const std::string all_stores = copies_of_merchant(books.merchant());
  const std::set<std::string> stores = people.stores_of(name);
  std::vector<std::string> streams{all_stores};
  for (const std::string& store : stores)
    streams.push_back(copies_of_store(store));
  const bool everywhere = books.shared() || stores.empty();
  for (const std::string& stream : streams) {
    for (const std::string& other : people.names_of(name)) {
      if (other != name) TILLKIT_TRY_VOID(put_gone(tx, stream, other));
    }
    if (!people.is_member(name)) {
      TILLKIT_TRY_VOID(put_gone(tx, stream, name));
    } else if ((stream == all_stores) != everywhere) {
      // In all stores, or in its own; those that go on having it are told there.
      if (everywhere) {
        TILLKIT_TRY_VOID(news_.drop(tx, stream, "member:" + name));
      } else {
        TILLKIT_TRY_VOID(put_gone(tx, stream, name));
      }
    } else {
      const core::WallTime now = wall_now();
      JsonWriter json;
      json.begin_object().name("type").text("member").name("member");
      TILLKIT_TRY_VOID(write_member(json, books, name, now));
      json.name("identities").begin_array();
      std::vector<IdentityName> identities = people.profile(name).identities;
      identities.resize(std::min(identities.size(), kIdentitiesShownMax));
      for (const IdentityName& identity : identities)
        json.begin_object().name("kind").text(identity.kind).name("index").text(identity.index).end_object();
      json.end_array().name("coupons").begin_array();
      std::vector<std::string> coupons = books.vouchers().held_by(names_of(books, name), milliseconds_of(now));
      coupons.resize(std::min(coupons.size(), kCouponsShownMax));
      for (const std::string& coupon : coupons)
        write_coupon(json, coupon, *books.vouchers().find(coupon));
      TILLKIT_TRY(const std::string change, json.end_array().end_object().finish());
      TILLKIT_TRY_VOID(news_.put(tx, stream, "member:" + name, change));
    }
  }
  return {};
}

std::set<std::string> names_of(const Books& books, const std::string& member) {
  const std::vector<std::string> names = books.people().names_of(member);
  return {names.begin(), names.end()};
}

Result<> write_member(JsonWriter& json, const Books& books, const std::string& member, core::WallTime now) {
  constexpr std::int64_t kOrdersMax = 4'294'967'295;
  const PersonProfile profile = books.people().profile(member);
  const ledger::Balance points = books.balance(ledger::Unit::Points, member, now);
  const ledger::Balance value = books.balance(ledger::Unit::Value, member, now);
  json.begin_object().name("id").text(member);
  if (!profile.tier.empty()) json.name("tier").text(profile.tier);
  if (!profile.tags.empty()) {
    write_texts(json, "tags", profile.tags);
  }
  if (profile.birth_month != 0) {
    json.name("birth_month").integer(profile.birth_month).name("birth_day").integer(profile.birth_day);
  }
  json.name("orders").integer(std::clamp<std::int64_t>(profile.orders, 0, kOrdersMax));
  json.name("spent_minor").integer(std::max<std::int64_t>(0, profile.spent_minor));
  json.name("points").integer(points.active).name("value_minor").integer(value.active);
  json.name("debt_points").integer(points.debt).name("consented").boolean(profile.consented).end_object();
  return {};
}

void add_home_operations(Router& router, Home& home) {
  struct Served {
    std::string_view method;
    std::string_view path;
    Who who;
    std::size_t body_bytes_max;
    Result<HttpAnswer> (Home::*handle)(Call&);
  };
  constexpr std::size_t kSmall = 4'096;
  // 500 records with 16 personal values each are more than the bytes of a body hold.
  constexpr std::size_t kValuesMax = 50'000;
  const std::vector<Served> served{
      {"POST", "/v1/journal", Who::Terminals, kBodyBytesMax, &Home::upload},
      {"GET", "/v1/news", Who::Terminals, 0, &Home::news},
      {"POST", "/v1/members/identify", Who::Terminals, kSmall, &Home::identify_member},
      {"POST", "/v1/members/find", Who::Terminals, kSmall, &Home::find_member},
      {"POST", "/v1/coupons/claim", Who::Terminals, kSmall, &Home::claim_coupon},
      {"POST", "/v1/leases", Who::Terminals, kSmall, &Home::lease},
      {"POST", "/v1/refund-claims", Who::Terminals, kSmall, &Home::claim_refund},
      // Its callers show a token of the merchant's instead of a certificate.
      {"GET", "/v1/events", Who::Anybody, 0, &Home::events},
  };
  for (const Served& row : served) {
    router.add({.method = row.method,
                .path = row.path,
                .who = row.who,
                .body_bytes_max = row.body_bytes_max,
                .body_values_max = kValuesMax,
                .handle = [&home, handle = row.handle](Call& call) -> Result<HttpAnswer> {
                  TILLKIT_TRY_VOID(home.ready());
                  return (home.*handle)(call);
                }});
  }
}

}  // namespace tillkit::sandbox
