// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "tillkit/codes/code_table.hpp"

namespace tillkit::codes {
namespace {

using core::ErrorCode;
using core::JsonValue;
using core::Result;

template <class Id>
Result<Id> read_id(const JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto id = Id::parse(text);
  if (!id) return value.mistake();
  return *id;
}

/// A number from `min` to `max`, both of which fit a byte.
Result<std::uint8_t> read_byte(const JsonValue& object, std::string_view name, std::int64_t min, std::int64_t max) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::int64_t number, value.integer_in(min, max));
  return static_cast<std::uint8_t>(number);
}

Result<bool> read_flag(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value) return false;
  return value->boolean();
}

template <class Value, std::size_t Count>
Result<Value> read_word(const JsonValue& object, std::string_view name,
                        const std::array<std::pair<std::string_view, Value>, Count>& words) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  for (const auto& [word, meaning] : words) {
    if (word == text) return meaning;
  }
  return value.mistake();
}

constexpr std::array<std::pair<std::string_view, Characters>, 2> kCharacterWords{
    {{"digits", Characters::Digits}, {"text", Characters::Text}}};

Result<Wallet> read_wallet(const JsonValue& object) {
  static constexpr std::array<std::pair<std::string_view, Wallet>, kWalletCount> kWords{
      {{"wechat_pay", Wallet::WeChatPay},
       {"alipay", Wallet::Alipay},
       {"alipay_plus", Wallet::AlipayPlus},
       {"union_pay", Wallet::UnionPay}}};
  return read_word(object, "wallet", kWords);
}

Result<> read_prefixes(const JsonValue& object, TextRange& range) {
  TILLKIT_TRY(range.first, read_id<CodePrefix>(object, "first"));
  TILLKIT_TRY(range.last, read_id<CodePrefix>(object, "last"));
  TILLKIT_TRY(const JsonValue last, object.member("last"));
  if (range.last.view().size() != range.first.view().size() || range.last < range.first) return last.mistake();
  if (range.characters == Characters::Digits) {
    TILLKIT_TRY(const JsonValue first, object.member("first"));
    if (!std::ranges::all_of(range.first.view(), core::is_digit_char)) return first.mistake();
    if (!std::ranges::all_of(range.last.view(), core::is_digit_char)) return last.mistake();
  }
  return {};
}

Result<TextRange> read_range(const JsonValue& object, std::size_t characters_max) {
  TextRange range;
  TILLKIT_TRY(range.characters, read_word(object, "characters", kCharacterWords));
  TILLKIT_TRY_VOID(read_prefixes(object, range));
  const auto prefix = static_cast<std::int64_t>(range.first.view().size());
  const auto most = static_cast<std::int64_t>(characters_max);
  TILLKIT_TRY(range.length_min, read_byte(object, "length_min", prefix + 1, most));
  TILLKIT_TRY(range.length_max, read_byte(object, "length_max", range.length_min, most));
  return range;
}

Result<PaymentRule> read_payment(const JsonValue& object) {
  TILLKIT_TRY_VOID(object.only(
      {"wallet", "first", "last", "length_min", "length_max", "characters", "can_identify", "mark_at", "mark"}));
  PaymentRule rule;
  TILLKIT_TRY(rule.wallet, read_wallet(object));
  TILLKIT_TRY(rule.range, read_range(object, kPaymentCodeCharactersMax));
  TILLKIT_TRY(rule.can_identify, read_flag(object, "can_identify"));
  if (!object.find("mark") && !object.find("mark_at")) return rule;
  TILLKIT_TRY(rule.mark_at, read_byte(object, "mark_at", 0, rule.range.length_min - 1));
  TILLKIT_TRY(const JsonValue mark, object.member("mark"));
  TILLKIT_TRY(const std::string_view text, mark.text());
  if (text.size() != 1 || !core::is_id_char(text[0])) return mark.mistake();
  rule.mark = text[0];
  return rule;
}

/// Whether a number stands between the prefix and the check digit, away from the numbers before it.
class Layout {
 public:
  explicit Layout(const TextRange& range) {
    for (std::size_t i = 0; i < taken_.size(); ++i)
      taken_[i] = i < range.first.view().size() || i + 1 >= range.length_max;
  }

  [[nodiscard]] bool take(DigitField field) {
    if (field.at + std::size_t{field.digits} > taken_.size()) return false;
    const auto first = taken_.begin() + field.at;
    if (std::any_of(first, first + field.digits, [](bool taken) { return taken; })) return false;
    std::fill_n(first, field.digits, true);
    return true;
  }

 private:
  std::array<bool, kInStoreDigitsMax> taken_{};
};

Result<DigitField> read_field(const JsonValue& object, std::size_t digits_max, Layout& layout) {
  DigitField field;
  TILLKIT_TRY(field.at, read_byte(object, "at", 0, kInStoreDigitsMax - 1));
  TILLKIT_TRY(field.digits, read_byte(object, "digits", 1, static_cast<std::int64_t>(digits_max)));
  if (!layout.take(field)) return object.mistake();
  return field;
}

Result<ValueField> read_value(const JsonValue& object, bool price, std::int64_t decimals_max, Layout& layout) {
  ValueField value;
  TILLKIT_TRY(value.field, read_field(object, kInStoreValueDigitsMax, layout));
  TILLKIT_TRY(value.decimals, read_byte(object, "decimals", 0, decimals_max));
  const auto check = object.find("check_at");
  if (!check) return value;
  // There is a verifier for 4 and for 5 digits of price, and for nothing else.
  if (!price || (value.field.digits != 4 && value.field.digits != 5)) return check->mistake();
  TILLKIT_TRY(const std::uint8_t at, read_byte(object, "check_at", 0, kInStoreDigitsMax - 1));
  if (!layout.take({at, 1})) return check->mistake();
  value.check_at = at;
  return value;
}

Result<InStoreRule> read_in_store(const JsonValue& object, core::Currency currency) {
  constexpr std::int64_t kDigitsMin = 8;
  constexpr std::int64_t kKilogramDecimals = 3;
  TILLKIT_TRY_VOID(object.only({"first", "last", "digits", "item", "weight", "price"}));
  InStoreRule rule;
  TILLKIT_TRY_VOID(read_prefixes(object, rule.range));
  TILLKIT_TRY(rule.range.length_min, read_byte(object, "digits", kDigitsMin, kInStoreDigitsMax));
  rule.range.length_max = rule.range.length_min;
  Layout layout(rule.range);
  TILLKIT_TRY(const JsonValue item, object.member("item"));
  TILLKIT_TRY_VOID(item.only({"at", "digits"}));
  TILLKIT_TRY(rule.item, read_field(item, kInStoreItemDigitsMax, layout));
  if (const auto weight = object.find("weight")) {
    TILLKIT_TRY_VOID(weight->only({"at", "digits", "decimals"}));
    TILLKIT_TRY(rule.weight, read_value(*weight, false, kKilogramDecimals, layout));
  }
  if (const auto price = object.find("price")) {
    TILLKIT_TRY_VOID(price->only({"at", "digits", "decimals", "check_at"}));
    TILLKIT_TRY(rule.price, read_value(*price, true, currency.exponent(), layout));
  }
  if (!rule.weight && !rule.price) return object.mistake(ErrorCode::NotFound);
  return rule;
}

Result<MemberRule> read_member(const JsonValue& object) {
  TILLKIT_TRY_VOID(object.only({"first", "last", "length_min", "length_max", "characters"}));
  MemberRule rule;
  TILLKIT_TRY(rule.range, read_range(object, kMemberCardCharactersMax));
  return rule;
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || core::is_digit_char(c) || c == '.' || c == '-';
}

Result<LinkRule> read_link(const JsonValue& object) {
  TILLKIT_TRY_VOID(object.only({"host", "claim"}));
  LinkRule rule;
  TILLKIT_TRY(rule.host, read_id<LinkHost>(object, "host"));
  TILLKIT_TRY(const JsonValue host, object.member("host"));
  if (!std::ranges::all_of(rule.host.view(), is_host_char)) return host.mistake();
  if (object.find("claim")) {
    TILLKIT_TRY(rule.claim, read_id<LinkParameter>(object, "claim"));
  }
  return rule;
}

template <class Row>
bool clashes(const TextRange& range, std::span<const Row> rows) {
  return std::ranges::any_of(rows, [&](const Row& row) { return row.range.overlaps(range); });
}

template <class Row, std::size_t Max, class Read>
Result<> read_rows(const JsonValue& table, std::string_view name, Rows<Row, Max>& rows, Read read) {
  TILLKIT_TRY(const JsonValue list, table.member(name));
  TILLKIT_TRY(const auto elements, list.elements());
  for (const JsonValue element : elements) {
    TILLKIT_TRY(const Row row, read(element));
    if (!rows.add(row)) return element.mistake(ErrorCode::Exhausted);
  }
  return {};
}

}  // namespace

core::Result<CodeTable> read_code_table(const JsonValue& value) {
  CodeTable table;
  TILLKIT_TRY(const JsonValue version, value.member("version"));
  TILLKIT_TRY(const std::int64_t number, version.integer());
  if (number != kCodeTableVersion) return version.mistake(ErrorCode::Unsupported);
  TILLKIT_TRY_VOID(value.only({"version", "currency", "mpm_short_forms", "payments", "in_store", "members", "links"}));
  TILLKIT_TRY(const JsonValue currency, value.member("currency"));
  TILLKIT_TRY(const std::string_view alpha, currency.text());
  const auto known = core::find_currency(alpha);
  if (!known) return currency.mistake();
  table.currency = *known;
  TILLKIT_TRY(table.mpm_short_forms, read_flag(value, "mpm_short_forms"));
  TILLKIT_TRY_VOID(read_rows(value, "payments", table.payments, read_payment));
  const auto new_label = [&](const JsonValue& object) -> Result<InStoreRule> {
    TILLKIT_TRY(const InStoreRule rule, read_in_store(object, table.currency));
    if (clashes(rule.range, table.payments.all()) || clashes(rule.range, table.in_store.all()))
      return object.mistake(ErrorCode::AlreadyExists);
    return rule;
  };
  TILLKIT_TRY_VOID(read_rows(value, "in_store", table.in_store, new_label));
  const auto new_member = [&](const JsonValue& object) -> Result<MemberRule> {
    TILLKIT_TRY(const MemberRule rule, read_member(object));
    if (clashes(rule.range, table.payments.all()) || clashes(rule.range, table.in_store.all()) ||
        clashes(rule.range, table.members.all()))
      return object.mistake(ErrorCode::AlreadyExists);
    return rule;
  };
  TILLKIT_TRY_VOID(read_rows(value, "members", table.members, new_member));
  TILLKIT_TRY_VOID(read_rows(value, "links", table.links, read_link));
  return table;
}

}  // namespace tillkit::codes
