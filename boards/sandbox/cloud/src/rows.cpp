// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {

using core::JsonValue;
using core::JsonWriter;
using core::read_boolean;
using core::read_integer;
using core::Result;

Result<std::string> read_text(const JsonValue& row, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, row.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return std::string(text);
}

Result<std::vector<std::string>> read_texts(const JsonValue& row, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, row.member(name));
  TILLKIT_TRY(const auto elements, value.elements());
  std::vector<std::string> texts;
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const std::string_view text, element.text());
    texts.emplace_back(text);
  }
  return texts;
}

void write_texts(JsonWriter& json, std::string_view name, std::span<const std::string> texts) {
  json.name(name).begin_array();
  for (const std::string& text : texts)
    json.text(text);
  json.end_array();
}

Result<> read_if(const JsonValue& row, std::string_view name, std::int64_t& to) {
  if (!row.find(name)) return {};
  TILLKIT_TRY(to, read_integer(row, name));
  return {};
}

Result<> read_if(const JsonValue& row, std::string_view name, bool& to) {
  if (!row.find(name)) return {};
  TILLKIT_TRY(to, read_boolean(row, name));
  return {};
}

Result<> read_if(const JsonValue& row, std::string_view name, std::string& to) {
  if (!row.find(name)) return {};
  TILLKIT_TRY(to, read_text(row, name));
  return {};
}

void write_discounts(JsonWriter& json, const std::vector<Discount>& discounts) {
  json.name("discounts").begin_array();
  for (const Discount& discount : discounts) {
    json.begin_object().name("minor").integer(discount.minor).name("funder").text(discount.funder);
    if (!discount.id.empty()) json.name("id").text(discount.id);
    json.end_object();
  }
  json.end_array();
}

Result<std::vector<Discount>> read_discounts(const JsonValue& row) {
  TILLKIT_TRY(const JsonValue value, row.member("discounts"));
  TILLKIT_TRY(const auto elements, value.elements());
  std::vector<Discount> discounts;
  for (const JsonValue element : elements) {
    Discount& discount = discounts.emplace_back();
    TILLKIT_TRY(discount.minor, read_integer(element, "minor"));
    TILLKIT_TRY(discount.funder, read_text(element, "funder"));
    TILLKIT_TRY_VOID(read_if(element, "id", discount.id));
  }
  return discounts;
}

Result<core::JsonDocument> parse_row(std::string_view value) {
  auto document = core::JsonDocument::parse(value);
  if (!document) return core::fail(core::ErrorCode::Corrupt);
  return document;
}

Result<std::string> MerchantRow::write() const {
  JsonWriter json;
  json.begin_object().name("currency").text(currency);
  write_texts(json, "wallets", wallets);
  json.name("key").text(key).name("pseudonym_key").text(pseudonym_key).end_object();
  return json.finish();
}

Result<MerchantRow> MerchantRow::read(const JsonValue& row) {
  MerchantRow merchant;
  TILLKIT_TRY(merchant.currency, read_text(row, "currency"));
  TILLKIT_TRY(merchant.wallets, read_texts(row, "wallets"));
  TILLKIT_TRY(merchant.key, read_text(row, "key"));
  TILLKIT_TRY(merchant.pseudonym_key, read_text(row, "pseudonym_key"));
  return merchant;
}

Result<std::string> StoreRow::write() const {
  JsonWriter json;
  json.begin_object().name("merchant").text(merchant).end_object();
  return json.finish();
}

Result<StoreRow> StoreRow::read(const JsonValue& row) {
  StoreRow store;
  TILLKIT_TRY(store.merchant, read_text(row, "merchant"));
  return store;
}

Result<std::string> ClaimRow::write() const {
  JsonWriter json;
  json.begin_object().name("terminal").text(terminal).name("store").text(store);
  json.name("until_ms").integer(until_ms).name("used_by").text(used_by).name("serial").text(serial).end_object();
  return json.finish();
}

Result<ClaimRow> ClaimRow::read(const JsonValue& row) {
  ClaimRow claim;
  TILLKIT_TRY(claim.terminal, read_text(row, "terminal"));
  TILLKIT_TRY(claim.store, read_text(row, "store"));
  TILLKIT_TRY(claim.until_ms, read_integer(row, "until_ms"));
  TILLKIT_TRY(claim.used_by, read_text(row, "used_by"));
  TILLKIT_TRY(claim.serial, read_text(row, "serial"));
  return claim;
}

Result<std::string> TerminalRow::write() const {
  JsonWriter json;
  json.begin_object().name("store").text(store).name("merchant").text(merchant).name("public_key").text(public_key);
  json.name("firmware").text(firmware).name("enrolled_ms").integer(enrolled_ms);
  json.name("revoked").boolean(revoked).end_object();
  return json.finish();
}

Result<TerminalRow> TerminalRow::read(const JsonValue& row) {
  TerminalRow terminal;
  TILLKIT_TRY(terminal.store, read_text(row, "store"));
  TILLKIT_TRY(terminal.merchant, read_text(row, "merchant"));
  TILLKIT_TRY(terminal.public_key, read_text(row, "public_key"));
  TILLKIT_TRY(terminal.firmware, read_text(row, "firmware"));
  TILLKIT_TRY(terminal.enrolled_ms, read_integer(row, "enrolled_ms"));
  TILLKIT_TRY(terminal.revoked, read_boolean(row, "revoked"));
  return terminal;
}

Result<std::string> CertificateRow::write() const {
  JsonWriter json;
  json.begin_object().name("pem").text(pem).name("until_ms").integer(until_ms);
  json.name("revoked").boolean(revoked).end_object();
  return json.finish();
}

Result<CertificateRow> CertificateRow::read(const JsonValue& row) {
  CertificateRow certificate;
  TILLKIT_TRY(certificate.pem, read_text(row, "pem"));
  TILLKIT_TRY(certificate.until_ms, read_integer(row, "until_ms"));
  TILLKIT_TRY(certificate.revoked, read_boolean(row, "revoked"));
  return certificate;
}

}  // namespace tillkit::sandbox
