// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/code_table.hpp"

#include <algorithm>

#include "digits.hpp"

namespace tillkit::codes {
namespace {

bool has_characters(std::string_view text, Characters characters) {
  return characters == Characters::Digits ? all_digits(text) : std::ranges::all_of(text, core::is_id_char);
}

consteval CodePrefix prefix(std::string_view text) {
  return *CodePrefix::parse(text);
}

consteval TextRange range(std::string_view first, std::string_view last, std::uint8_t min, std::uint8_t max,
                          Characters characters = Characters::Digits) {
  return {prefix(first), prefix(last), min, max, characters};
}

consteval PaymentRule rule(Wallet wallet, const TextRange& range, bool can_identify = false) {
  return {.wallet = wallet, .range = range, .can_identify = can_identify};
}

consteval CodeTable make_default() {
  CodeTable table;
  bool fits = true;
  const auto pay = [&](const PaymentRule& row) { fits = table.payments.add(row) && fits; };
  // clang-format off
  // WeChat Pay answers whose code it is (authcodetoopenid).
  pay(rule(Wallet::WeChatPay,  range("10", "15", 18, 18), true));
  // Alipay and Alipay+ share their prefixes; the lengths tell only what is likely. 24 digits are Alipay+'s main form, 19
  // with a 6 in the fourteenth place its older one; 16 to 19 are Alipay's own as a rule. All reach the same acquirer.
  pay(rule(Wallet::AlipayPlus, range("25", "30", 24, 24)));
  PaymentRule partner = rule(Wallet::AlipayPlus, range("289", "289", 19, 19));
  partner.mark_at = 13;
  partner.mark = '6';
  pay(partner);
  pay(rule(Wallet::Alipay,     range("25", "30", 16, 24)));
  pay(rule(Wallet::AlipayPlus, range("25", "30", 17, 32)));
  // A face at the camera instead of a phone; how long it may be is not documented.
  pay(rule(Wallet::Alipay,     range("fp", "fp", 10, kPaymentCodeCharactersMax, Characters::Text)));
  // 19 digits are the common form; 16 to 20 are seen in the field.
  pay(rule(Wallet::UnionPay,   range("62", "62", 16, 20)));
  // clang-format on

  // What scales in China commonly print: flag, 5 digits of item, then money or grams, and with 18 digits both. Which
  // flag means which differs from shop to shop: a shop that prints otherwise brings its own rows. 18 digits end at 24
  // because 25 and above would be Alipay's.
  constexpr DigitField kItem{2, 5};
  constexpr ValueField kPrice{{7, 5}, 2, std::nullopt};
  constexpr ValueField kWeight{{7, 5}, 3, std::nullopt};
  constexpr ValueField kSecondWeight{{12, 5}, 3, std::nullopt};
  const auto label = [&](const InStoreRule& row) { fits = table.in_store.add(row) && fits; };
  label({range("20", "24", 13, 13), kItem, std::nullopt, kPrice});
  label({range("25", "29", 13, 13), kItem, kWeight, std::nullopt});
  label({range("20", "24", 18, 18), kItem, kSecondWeight, kPrice});
  if (!fits) return {};
  return table;
}

constexpr CodeTable kDefault = make_default();
static_assert(!kDefault.payments.all().empty());

}  // namespace

bool TextRange::has_prefix(std::string_view text) const {
  const std::string_view start = text.substr(0, first.view().size());
  return start.size() == first.view().size() && first.view() <= start && start <= last.view();
}

bool TextRange::contains(std::string_view text) const {
  return text.size() >= length_min && text.size() <= length_max && has_prefix(text) && has_characters(text, characters);
}

bool TextRange::overlaps(const TextRange& other) const {
  if (length_max < other.length_min || other.length_max < length_min) return false;
  const std::size_t common = std::min(first.view().size(), other.first.view().size());
  return first.view().substr(0, common) <= other.last.view().substr(0, common) &&
         other.first.view().substr(0, common) <= last.view().substr(0, common);
}

bool PaymentRule::contains(std::string_view text) const {
  return range.contains(text) && (mark == '\0' || (mark_at < text.size() && text[mark_at] == mark));
}

const CodeTable& default_code_table() {
  return kDefault;
}

}  // namespace tillkit::codes
