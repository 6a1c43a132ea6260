// SPDX-License-Identifier: Apache-2.0
#include "admin.hpp"

#include <optional>

#include "authority_digest.hpp"
#include "checks.hpp"
#include "device.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;
using Answered = Result<std::expected<std::string, AdminRefusal>>;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kRowsMax = 1'000;

Answered refuse(std::string_view why) {
  return std::expected<std::string, AdminRefusal>(std::unexpect, AdminRefusal{std::string(why)});
}

Answered written(JsonWriter& json) {
  TILLKIT_TRY(std::string text, json.finish());
  return std::expected<std::string, AdminRefusal>(std::move(text));
}

Answered done() {
  return std::expected<std::string, AdminRefusal>("{}");
}

HttpAnswer mistake(int status, std::string_view why) {
  JsonWriter json;
  json.begin_object().name("error").text(why).end_object();
  return {.status = status, .body = json.finish().value_or("{}")};
}

std::string new_key() {
  return core::encode_base64url(core::as_bytes(random_bytes(kKeyBytes)));
}

/// Letters and digits that nobody takes for one another; 12 of them are 60 bits.
std::string new_claim() {
  constexpr std::string_view kLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  constexpr std::size_t kGroup = 4;
  std::string code;
  for (const char byte : random_bytes(3 * kGroup)) {
    const bool group_full = code.size() % (kGroup + 1) == kGroup;
    if (group_full) code += '-';
    code += kLetters[static_cast<unsigned char>(byte) % kLetters.size()];
  }
  return code;
}

/// Adds a merchant or changes its currency and wallets; its keys stay.
Answered merchant(const Cloud& cloud, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "currency", "wallets"}));
  TILLKIT_TRY(const std::string id, read_name(body, "merchant"));
  MerchantRow row{.key = new_key(), .pseudonym_key = new_key()};
  TILLKIT_TRY(row.currency, read_pattern(body, "currency", 3, 3, [](char c) { return c >= 'A' && c <= 'Z'; }));
  TILLKIT_TRY(row.wallets, read_wallets(body, "wallets"));
  const Result<> stored = cloud.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto known, find_row<MerchantRow>(tx, kMerchants, "", id));
    if (known) {
      row.key = known->key;
      row.pseudonym_key = known->pseudonym_key;
    }
    return put_row(tx, kMerchants, "", id, row);
  });
  TILLKIT_TRY_VOID(stored);
  return done();
}

/// Adds a store. A store never changes its merchant.
Answered store(const Cloud& cloud, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"store", "merchant"}));
  TILLKIT_TRY(const std::string id, read_name(body, "store"));
  StoreRow row;
  TILLKIT_TRY(row.merchant, read_name(body, "merchant"));
  std::string_view why;
  const Result<> stored = cloud.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto known, find_row<StoreRow>(tx, kStores, "", id));
    TILLKIT_TRY(const auto owner, find_row<MerchantRow>(tx, kMerchants, "", row.merchant));
    if (!owner) why = "no such merchant";
    if (known && known->merchant != row.merchant) why = "the store is another merchant's";
    return why.empty() ? put_row(tx, kStores, "", id, row) : Result<>();
  });
  TILLKIT_TRY_VOID(stored);
  return why.empty() ? done() : refuse(why);
}

/// Makes a claim code for a terminal of a store.
Answered claim(const Cloud& cloud, const JsonValue& body) {
  constexpr std::int64_t kValidMax = 30L * 24 * 3600;
  TILLKIT_TRY_VOID(body.only({"terminal", "store", "valid_s"}));
  ClaimRow row;
  TILLKIT_TRY(row.terminal, read_terminal(body, "terminal"));
  TILLKIT_TRY(row.store, read_name(body, "store"));
  TILLKIT_TRY(const std::int64_t valid_s, read_number(body, "valid_s", 1, kValidMax));
  row.until_ms = milliseconds_of(wall_now() + std::chrono::seconds(valid_s));
  const std::string code = new_claim();
  std::string_view why;
  const Result<> stored = cloud.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(const auto shop, find_row<StoreRow>(tx, kStores, "", row.store));
    TILLKIT_TRY(const auto terminal, find_row<TerminalRow>(tx, kTerminals, row.terminal, kOnly));
    if (!shop) {
      why = "no such store";
    } else if (terminal && terminal->merchant != shop->merchant) {
      // Its order numbers and its journal are there already.
      why = "the terminal's name is another merchant's";
    }
    return why.empty() ? put_row(tx, kClaims, "", claim_key(code), row) : Result<>();
  });
  TILLKIT_TRY_VOID(stored);
  if (!why.empty()) return refuse(why);
  JsonWriter json;
  json.begin_object().name("claim").text(code).name("until_ms").integer(row.until_ms).end_object();
  return written(json);
}

/// Ends a terminal's certificates, for good: it comes back with a new claim.
Answered revoke(const Cloud& cloud, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"terminal"}));
  TILLKIT_TRY(const std::string name, read_terminal(body, "terminal"));
  bool known = false;
  std::vector<std::string> revoked;
  const Result<> stored = cloud.storage.update([&](Tx& tx) -> Result<> {
    TILLKIT_TRY(auto terminal, find_row<TerminalRow>(tx, kTerminals, name, kOnly));
    if (!terminal) return {};
    known = true;
    terminal->revoked = true;
    TILLKIT_TRY_VOID(revoke_certificates(tx, name, revoked));
    return put_row(tx, kTerminals, name, kOnly, *terminal);
  });
  TILLKIT_TRY_VOID(stored);
  if (!known) return refuse("no such terminal");
  for (const std::string& serial : revoked)
    cloud.authority.revoke(serial);
  JsonWriter json;
  json.begin_object().name("certificates").integer(revoked.size()).end_object();
  return written(json);
}

Result<> write_terminal(JsonWriter& json, Reader& reader, const Row& row) {
  TILLKIT_TRY(const TerminalRow terminal, read_row<TerminalRow>(row.value));
  json.begin_object().name("terminal").text(row.at.owner).name("store").text(terminal.store);
  json.name("merchant").text(terminal.merchant).name("firmware").text(terminal.firmware);
  json.name("enrolled_ms").integer(terminal.enrolled_ms).name("revoked").boolean(terminal.revoked);
  TILLKIT_TRY(const std::optional<std::string> health, reader.get(kHealth, row.at.owner, kOnly));
  if (health) {
    TILLKIT_TRY(const core::JsonDocument document, parse_row(*health));
    json.name("health").value(document.root());
  }
  json.end_object();
  return {};
}

/// The terminals behind `after`, each with its newest health.
Answered terminals(const Cloud& cloud, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"after"}));
  RowKey after;
  if (body.find("after")) {
    TILLKIT_TRY(after.owner, read_terminal(body, "after"));
  }
  // Behind the one row of that terminal.
  after.key = kOnly;
  JsonWriter json;
  json.begin_object().name("terminals").begin_array();
  const Result<> read = cloud.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(const std::vector<Row> rows, reader.list_all(kTerminals, after, kRowsMax));
    for (const Row& row : rows)
      TILLKIT_TRY_VOID(write_terminal(json, reader, row));
    return {};
  });
  TILLKIT_TRY_VOID(read);
  json.end_array().end_object();
  return written(json);
}

/// A merchant's orders behind `after`, as the gateway has them.
Answered orders(const Cloud& cloud, const JsonValue& body) {
  TILLKIT_TRY_VOID(body.only({"merchant", "after"}));
  TILLKIT_TRY(const std::string owner, read_name(body, "merchant"));
  std::string after;
  if (body.find("after")) {
    TILLKIT_TRY(after, read_order(body, "after"));
  }
  JsonWriter json({.bytes_max = 8'388'608, .values_max = 200'000});
  json.begin_object().name("orders").begin_array();
  const Result<> read = cloud.storage.view([&](Reader& reader) -> Result<> {
    TILLKIT_TRY(const std::vector<Row> rows, reader.list(kOrders, owner, after, kRowsMax));
    for (const Row& row : rows) {
      TILLKIT_TRY(const core::JsonDocument document, parse_row(row.value));
      json.begin_object().name("number").text(row.at.key).name("order").value(document.root()).end_object();
    }
    return {};
  });
  TILLKIT_TRY_VOID(read);
  json.end_array().end_object();
  return written(json);
}

}  // namespace

HttpAnswer Admin::answer(const HttpRequest& request) {
  constexpr std::string_view kPrefix = "/admin/";
  const std::string expected = "Bearer " + token_;
  if (!core::equal_constant_time(core::as_bytes(request.authorization), core::as_bytes(expected))) {
    return mistake(401, "the token of the data folder is wanted");
  }
  if (request.method != "POST" || !request.path.starts_with(kPrefix)) return mistake(404, "no such command");
  const auto command = commands_.find(std::string_view(request.path).substr(kPrefix.size()));
  if (command == commands_.end()) return mistake(404, "no such command");
  const Lock lock(cloud_.mutex);
  const auto document = core::JsonDocument::parse(request.body);
  if (!document) return mistake(400, "no JSON");
  const auto answer = command->second(document->root());
  if (!answer) {
    const core::Error& error = answer.error();
    const bool input = error.source == core::ErrorSource::Input;
    if (input) return mistake(400, "wrong: " + document->path_of(error).value_or("the body"));
    return mistake(500, core::to_string(error.code));
  }
  if (!*answer) return mistake(409, answer->error().why);
  return {.body = **answer};
}

void add_admin_commands(Admin& admin, Cloud& cloud) {
  const auto add = [&](std::string_view name, Answered (*command)(const Cloud&, const JsonValue&)) {
    admin.add(name, [&cloud, command](const JsonValue& body) { return command(cloud, body); });
  };
  add("merchant", merchant);
  add("store", store);
  add("claim", claim);
  add("revoke", revoke);
  add("terminals", terminals);
  add("orders", orders);
}

}  // namespace tillkit::sandbox
