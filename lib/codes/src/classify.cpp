// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <type_traits>

#include "digits.hpp"
#include "tillkit/codes/code.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::codes {
namespace {

template <Kind K, class T>
constexpr bool kStands = std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(K), Code>, T>;
static_assert(kStands<Kind::Unknown, Unknown> && kStands<Kind::PaymentCode, PaymentCode> &&
              kStands<Kind::EmvMpm, Mpm> && kStands<Kind::EmvCpm, CpmCode> && kStands<Kind::Item, Item> &&
              kStands<Kind::WeighedItem, WeighedItem> && kStands<Kind::Gs1Coupon, Gs1Coupon> &&
              kStands<Kind::MemberCode, MemberCode> && kStands<Kind::CouponToken, CouponToken> &&
              kStands<Kind::UnifiedCode, UnifiedCode> && kStands<Kind::Link, Link>);

constexpr std::uint16_t kAiItem = 1;
constexpr std::uint16_t kAiGcn = 255;
constexpr std::uint16_t kAiNorthAmericanCoupon = 8110;
constexpr std::uint16_t kAiPositiveOffer = 8112;

std::uint32_t u32(std::size_t value) {
  return static_cast<std::uint32_t>(value);
}

Unknown unknown(Kind nearest, Why why, std::size_t expected = 0, std::size_t found = 0) {
  return {.nearest = nearest, .why = why, .expected = u32(expected), .found = u32(found)};
}

Unknown wrong_check_digit(Kind nearest, std::string_view digits) {
  const char expected = gs1_check_digit(digits.substr(0, digits.size() - 1));
  return unknown(nearest, Why::CheckDigit, static_cast<std::size_t>(digit_value(expected)),
                 static_cast<std::size_t>(digit_value(digits.back())));
}

// ---- payment codes

std::optional<PaymentCode> wallet_code(std::string_view text, const CodeTable& table) {
  WalletRoute route;
  bool can_identify = false;
  for (const PaymentRule& rule : table.payments.all()) {
    if (!rule.contains(text)) continue;
    route.add(rule.wallet);
    // Only the likeliest wallet is asked: the question itself says that somebody stands here.
    can_identify = can_identify || (rule.can_identify && rule.wallet == route.all().front());
  }
  if (route.empty()) return std::nullopt;
  return PaymentCode(text, route, can_identify);
}

Code consumer_presented(std::string_view text) {
  auto code = parse_cpm(text);
  if (code) return *std::move(code);
  Unknown refused = unknown(Kind::EmvCpm, Why::Emv);
  refused.cpm = code.error();
  return refused;
}

Code merchant_presented(std::string_view text, const CodeTable& table) {
  auto code = parse_mpm(text, {.short_forms = table.mpm_short_forms});
  if (code) return *std::move(code);
  Unknown refused = unknown(Kind::EmvMpm, Why::Emv);
  refused.mpm = code.error();
  return refused;
}

// ---- tokens

Code bad_token(Kind nearest, TokenPart part) {
  return unknown(nearest, Why::Token, 0, static_cast<std::size_t>(part));
}

Code unified_code(std::string_view parts, const CodeTable& table) {
  const std::size_t first = parts.find('.');
  const std::size_t second = first == std::string_view::npos ? first : parts.find('.', first + 1);
  if (second == std::string_view::npos) return bad_token(Kind::UnifiedCode, TokenPart::Whole);
  auto member = parse_token(kMemberTokenPrefix, parts.substr(0, second));
  if (!member) return bad_token(Kind::UnifiedCode, member.error());
  const std::string_view payment = parts.substr(second + 1);
  if (auto code = wallet_code(payment, table)) return UnifiedCode{*std::move(member), *std::move(code)};
  if (payment.starts_with(kCpmStart)) {
    if (auto code = parse_cpm(payment)) return UnifiedCode{*std::move(member), (*std::move(code)).take_payment()};
  }
  return bad_token(Kind::UnifiedCode, TokenPart::Payment);
}

std::optional<Code> token(std::string_view text, const CodeTable& table) {
  if (text.starts_with(kMemberTokenPrefix)) {
    auto member = parse_token(kMemberTokenPrefix, text.substr(kMemberTokenPrefix.size()));
    return member ? Code(MemberCode{*std::move(member)}) : bad_token(Kind::MemberCode, member.error());
  }
  if (text.starts_with(kCouponTokenPrefix)) {
    auto coupon = parse_token(kCouponTokenPrefix, text.substr(kCouponTokenPrefix.size()));
    return coupon ? Code(CouponToken{*std::move(coupon)}) : bad_token(Kind::CouponToken, coupon.error());
  }
  if (text.starts_with(kUnifiedCodePrefix)) return unified_code(text.substr(kUnifiedCodePrefix.size()), table);
  return std::nullopt;
}

// ---- GS1 element strings

Code gs1_code(std::string_view text) {
  const auto message = parse_gs1(text);
  if (!message) {
    Unknown refused = unknown(Kind::Item, Why::Gs1);
    refused.gs1 = message.error();
    return refused;
  }
  if (message->find(kAiNorthAmericanCoupon)) return unknown(Kind::Gs1Coupon, Why::NotYet, 0, kAiNorthAmericanCoupon);
  if (const auto offer = message->find(kAiPositiveOffer)) {
    const auto coupon = parse_positive_offer(*offer);
    if (coupon) return *coupon;
    Unknown refused = unknown(Kind::Gs1Coupon, Why::Gs1);
    refused.gs1 = coupon.error();
    return refused;
  }
  if (const auto gcn = message->find(kAiGcn)) {
    constexpr std::size_t kNumberDigits = 13;
    Gs1Coupon coupon{.form = Gs1CouponForm::Gcn};
    coupon.gcn = CouponGcn::parse(gcn->substr(0, kNumberDigits)).value_or(CouponGcn{});
    if (gcn->size() > kNumberDigits)
      coupon.serial = CouponSerial::parse(gcn->substr(kNumberDigits)).value_or(CouponSerial{});
    return coupon;
  }
  const auto number = message->find(kAiItem);
  const auto gtin = number ? make_gtin(*number) : std::nullopt;
  if (!gtin) return unknown(Kind::Item, Why::NotAnItem);
  return Item{.gtin = *gtin, .form = ItemForm::Gs1, .also = std::nullopt, .details = details_of(*message)};
}

/// Element strings whose symbology identifier the scanner keeps to itself. What starts like an item or like a coupon is
/// safe to take for one; AI 255 is not, its digits could be a payment code.
bool looks_like_gs1(std::string_view text) {
  constexpr std::size_t kItemElement = 16;    // 01 and its 14 digits
  constexpr std::size_t kCouponElement = 24;  // 8110 or 8112 and the shortest coupon
  if (text.contains(kGroupSeparator)) return true;
  if (text.size() >= kItemElement && text.starts_with("01") && make_gtin(text.substr(2, 14))) return true;
  return text.size() >= kCouponElement && all_digits(text) && (text.starts_with("8110") || text.starts_with("8112"));
}

// ---- in-store labels

std::string_view digits_of(std::string_view text, DigitField field) {
  return text.substr(field.at, field.digits);
}

Code weighed_item(std::string_view text, const InStoreRule& rule, core::Currency currency) {
  constexpr int kKilogramExponent = 3;
  if (!has_gs1_check_digit(text)) return wrong_check_digit(Kind::WeighedItem, text);
  WeighedItem label;
  label.prefix = CodePrefix::parse(text.substr(0, rule.range.first.view().size())).value_or(CodePrefix{});
  label.item = ShopItem::parse(digits_of(text, rule.item)).value_or(ShopItem{});
  if (rule.weight) {
    const std::int64_t units = power_of_ten(kKilogramExponent - rule.weight->decimals);
    const auto weight = core::Quantity::grams(number_of(digits_of(text, rule.weight->field)) * units);
    if (!weight) return unknown(Kind::WeighedItem, Why::Value);
    label.weight = *weight;
  }
  if (rule.price) {
    const std::string_view price = digits_of(text, rule.price->field);
    if (rule.price->check_at) {
      const char found = text[*rule.price->check_at];
      const char expected = price_check_digit(price).value_or('\0');
      if (found != expected) {
        return unknown(Kind::WeighedItem, Why::PriceCheckDigit, static_cast<std::size_t>(digit_value(expected)),
                       static_cast<std::size_t>(digit_value(found)));
      }
    }
    label.price = core::Money{number_of(price) * power_of_ten(currency.exponent() - rule.price->decimals), currency};
  }
  return label;
}

// ---- item numbers

enum class Symbology : std::uint8_t { NotSaid, Ean, Ean8, Gs1 };

Code eight_digits(std::string_view text, Symbology symbology) {
  const auto ean = make_gtin(text);
  const auto upc = symbology == Symbology::Ean8 ? std::nullopt : expand_upc_e(text);
  // An EAN-8 that starts with 0 is a shop's own number; a UPC-E that starts with 1 is all but never printed.
  if (upc && (!ean || text.starts_with('0')))
    return Item{.gtin = *upc, .form = ItemForm::UpcE, .also = ean, .details = {}};
  if (ean) return Item{.gtin = *ean, .form = ItemForm::Ean8, .also = upc, .details = {}};
  return wrong_check_digit(Kind::Item, text);
}

std::optional<Code> item(std::string_view text, Symbology symbology) {
  if (text.size() == 8) return eight_digits(text, symbology);
  if (text.size() < 12 || text.size() > 14) return std::nullopt;
  const auto gtin = make_gtin(text);
  if (!gtin) return wrong_check_digit(Kind::Item, text);
  constexpr std::array kForms{ItemForm::UpcA, ItemForm::Ean13, ItemForm::Gtin14};
  return Item{.gtin = *gtin, .form = kForms[text.size() - 12], .also = std::nullopt, .details = {}};
}

// ---- links

bool is_host_char(char c) {
  return core::is_id_char(c) && c != '_' && c != ':';
}

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string small_letters(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), small);
  return lowered;
}

bool is_port(std::string_view text) {
  constexpr std::size_t kPortDigitsMax = 5;
  return text.empty() || (text.size() >= 2 && text.size() <= kPortDigitsMax + 1 && all_digits(text.substr(1)));
}

std::optional<std::string_view> query_value(std::string_view rest, std::string_view name) {
  rest = rest.substr(0, rest.find('#'));
  const std::size_t question = rest.find('?');
  if (name.empty() || question == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
  }
  return std::nullopt;
}

Code link(std::string_view text, std::size_t colon, const CodeTable& table) {
  constexpr std::string_view kSeparator = "://";
  const std::string scheme = small_letters(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") return unknown(Kind::Link, Why::Scheme);
  const std::string_view after = text.substr(colon + kSeparator.size());
  const std::string_view authority = after.substr(0, after.find_first_of("/?#"));
  const std::string_view host = authority.substr(0, authority.find(':'));
  const std::string_view rest = after.substr(authority.size());
  // A name and password in front of the host, or a blank, is how people are led astray.
  if (!std::ranges::all_of(host, is_host_char) || !is_port(authority.substr(host.size())) ||
      rest.find_first_of(" \"<>\\") != std::string_view::npos)
    return unknown(Kind::Link, Why::Form);
  const auto named = LinkHost::parse(small_letters(host));
  if (!named) return unknown(Kind::Link, Why::Form);
  Link link{.url = std::string(text), .host = *named, .secure = scheme == "https", .claim = {}};
  for (const LinkRule& rule : table.links.all()) {
    if (rule.host != *named) continue;
    if (const auto claim = query_value(rest, rule.claim.view()))
      link.claim = ClaimId::parse(*claim).value_or(ClaimId{});
  }
  return link;
}

// ---- what it might have been

struct Guess {
  Unknown unknown;
  std::size_t distance;
};

void consider(Guess& best, Kind kind, std::size_t length_min, std::size_t length_max, std::size_t found,
              std::optional<Wallet> wallet = std::nullopt) {
  const std::size_t expected = std::clamp(found, length_min, length_max);
  const std::size_t distance = expected > found ? expected - found : found - expected;
  if (distance >= best.distance) return;
  best.unknown = unknown(kind, Why::Length, expected, found);
  best.unknown.wallet = wallet;
  best.distance = distance;
}

/// What has a known prefix, or is made of digits, and only the wrong length. Further away than this it is nothing.
Unknown nearest(std::string_view text, const CodeTable& table) {
  constexpr std::size_t kDistanceMax = 8;
  constexpr std::size_t kItemDistanceMax = 2;
  const bool digits = all_digits(text);
  Guess best{.unknown = unknown(Kind::Unknown, Why::Unrecognised, 0, text.size()), .distance = kDistanceMax + 1};
  for (const PaymentRule& rule : table.payments.all()) {
    if (rule.range.has_prefix(text) && digits == (rule.range.characters == Characters::Digits))
      consider(best, Kind::PaymentCode, rule.range.length_min, rule.range.length_max, text.size(), rule.wallet);
  }
  for (const MemberRule& rule : table.members.all()) {
    if (rule.range.has_prefix(text))
      consider(best, Kind::MemberCode, rule.range.length_min, rule.range.length_max, text.size());
  }
  if (!digits) return best.unknown;
  for (const InStoreRule& rule : table.in_store.all()) {
    if (rule.range.has_prefix(text))
      consider(best, Kind::WeighedItem, rule.range.length_min, rule.range.length_max, text.size());
  }
  best.distance = std::min(best.distance, kItemDistanceMax + 1);
  consider(best, Kind::Item, 8, 8, text.size());
  consider(best, Kind::Item, 12, 14, text.size());
  return best.unknown;
}

// ---- all together

std::optional<Code> number(std::string_view text, Symbology symbology, const CodeTable& table) {
  if (symbology == Symbology::NotSaid) {
    if (auto code = wallet_code(text, table)) return Code(*std::move(code));
  }
  for (const MemberRule& rule : table.members.all()) {
    if (rule.range.contains(text)) return Code(MemberCode{MemberCard::parse(text).value_or(MemberCard{})});
  }
  if (!all_digits(text)) return std::nullopt;
  for (const InStoreRule& rule : table.in_store.all()) {
    if (rule.range.contains(text)) return weighed_item(text, rule, table.currency);
  }
  return item(text, symbology);
}

/// Takes an AIM symbology identifier (ISO/IEC 15424) off the front: a bracket, a letter, a letter or digit.
Symbology take_symbology(std::string_view& text) {
  constexpr std::size_t kIdentifierSize = 3;
  if (text.size() <= kIdentifierSize || text[0] != ']') return Symbology::NotSaid;
  const std::string_view said = text.substr(1, 2);
  if (!core::is_id_char(said[0]) || !core::is_id_char(said[1])) return Symbology::NotSaid;
  text.remove_prefix(kIdentifierSize);
  // GS1-128, GS1 DataMatrix, GS1 QR, GS1 DataBar, GS1 DotCode.
  for (const std::string_view gs1 : {"C1", "d2", "Q3", "e0", "J1"}) {
    if (said == gs1) return Symbology::Gs1;
  }
  if (said == "E4") return Symbology::Ean8;
  return said == "E0" ? Symbology::Ean : Symbology::NotSaid;
}

/// What no kind of code may contain.
std::optional<Unknown> bad_text(std::string_view text) {
  if (text.empty()) return unknown(Kind::Unknown, Why::Empty);
  if (text.size() > kCodeBytesMax) return unknown(Kind::Unknown, Why::TooLong, kCodeBytesMax, text.size());
  const auto control = std::ranges::find_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != kGroupSeparator) || byte == 0x7F;
  });
  if (control != text.end())
    return unknown(Kind::Unknown, Why::ControlCharacter, 0, static_cast<std::size_t>(control - text.begin()));
  if (const auto utf8 = core::check_utf8(text); !utf8)
    return unknown(Kind::Unknown, Why::NotUtf8, 0, static_cast<std::size_t>(utf8.error().foreign));
  return std::nullopt;
}

}  // namespace

Code classify(std::string_view text, const CodeTable& table) {
  while (text.ends_with('\r') || text.ends_with('\n'))
    text.remove_suffix(1);
  if (const auto bad = bad_text(text)) return *bad;
  const Symbology symbology = take_symbology(text);
  if (symbology == Symbology::Gs1) return gs1_code(text);
  if (auto code = token(text, table)) return *std::move(code);
  if (text.starts_with(kCpmStart)) return consumer_presented(text);
  if (text.starts_with("0002") && !all_digits(text)) return merchant_presented(text, table);
  if (auto code = number(text, symbology, table)) return *std::move(code);
  if (looks_like_gs1(text)) return gs1_code(text);
  if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) return link(text, colon, table);
  return nearest(text, table);
}

}  // namespace tillkit::codes
