// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/gs1.hpp"

#include <algorithm>
#include <limits>

#include "digits.hpp"
#include "tillkit/codes/gtin.hpp"

namespace tillkit::codes {
namespace {

/// What the values of the identifiers from `first` to `last` look like.
struct AiRule {
  std::uint16_t first;
  std::uint16_t last;
  std::uint8_t ai_digits;
  char characters;  // 'N' digits, 'X' character set 82
  bool predefined;  // needs no FNC1 behind it
  std::uint8_t min;
  std::uint8_t max;
  std::uint8_t checked;  // so many digits at the start end with their check digit
  bool date;             // YYMMDD
};

// clang-format off
// GS1 Barcode Syntax Dictionary. Components are joined; of their content only check digits and plain dates are checked.
constexpr std::array kAiRules{
    //     first last  ai  set  pre    min max chk date
    AiRule{   0,    0, 2, 'N', true,  18, 18, 18, false},
    AiRule{   1,    3, 2, 'N', true,  14, 14, 14, false},
    AiRule{  10,   10, 2, 'X', false,  1, 20,  0, false},
    AiRule{  11,   13, 2, 'N', true,   6,  6,  0, true},
    AiRule{  15,   17, 2, 'N', true,   6,  6,  0, true},
    AiRule{  20,   20, 2, 'N', true,   2,  2,  0, false},
    AiRule{  21,   22, 2, 'X', false,  1, 20,  0, false},
    AiRule{ 235,  235, 3, 'X', false,  1, 28,  0, false},
    AiRule{ 240,  241, 3, 'X', false,  1, 30,  0, false},
    AiRule{ 242,  242, 3, 'N', false,  1,  6,  0, false},
    AiRule{ 243,  243, 3, 'X', false,  1, 20,  0, false},
    AiRule{ 250,  251, 3, 'X', false,  1, 30,  0, false},
    AiRule{ 253,  253, 3, 'X', false, 13, 30, 13, false},
    AiRule{ 254,  254, 3, 'X', false,  1, 20,  0, false},
    AiRule{ 255,  255, 3, 'N', false, 13, 25, 13, false},
    AiRule{  30,   30, 2, 'N', false,  1,  8,  0, false},
    AiRule{3100, 3105, 4, 'N', true,   6,  6,  0, false},
    AiRule{3110, 3115, 4, 'N', true,   6,  6,  0, false},
    AiRule{3120, 3125, 4, 'N', true,   6,  6,  0, false},
    AiRule{3130, 3135, 4, 'N', true,   6,  6,  0, false},
    AiRule{3140, 3145, 4, 'N', true,   6,  6,  0, false},
    AiRule{3150, 3155, 4, 'N', true,   6,  6,  0, false},
    AiRule{3160, 3165, 4, 'N', true,   6,  6,  0, false},
    AiRule{3200, 3205, 4, 'N', true,   6,  6,  0, false},
    AiRule{3210, 3215, 4, 'N', true,   6,  6,  0, false},
    AiRule{3220, 3225, 4, 'N', true,   6,  6,  0, false},
    AiRule{3230, 3235, 4, 'N', true,   6,  6,  0, false},
    AiRule{3240, 3245, 4, 'N', true,   6,  6,  0, false},
    AiRule{3250, 3255, 4, 'N', true,   6,  6,  0, false},
    AiRule{3260, 3265, 4, 'N', true,   6,  6,  0, false},
    AiRule{3270, 3275, 4, 'N', true,   6,  6,  0, false},
    AiRule{3280, 3285, 4, 'N', true,   6,  6,  0, false},
    AiRule{3290, 3295, 4, 'N', true,   6,  6,  0, false},
    AiRule{3300, 3305, 4, 'N', true,   6,  6,  0, false},
    AiRule{3310, 3315, 4, 'N', true,   6,  6,  0, false},
    AiRule{3320, 3325, 4, 'N', true,   6,  6,  0, false},
    AiRule{3330, 3335, 4, 'N', true,   6,  6,  0, false},
    AiRule{3340, 3345, 4, 'N', true,   6,  6,  0, false},
    AiRule{3350, 3355, 4, 'N', true,   6,  6,  0, false},
    AiRule{3360, 3365, 4, 'N', true,   6,  6,  0, false},
    AiRule{3370, 3375, 4, 'N', true,   6,  6,  0, false},
    AiRule{3400, 3405, 4, 'N', true,   6,  6,  0, false},
    AiRule{3410, 3415, 4, 'N', true,   6,  6,  0, false},
    AiRule{3420, 3425, 4, 'N', true,   6,  6,  0, false},
    AiRule{3430, 3435, 4, 'N', true,   6,  6,  0, false},
    AiRule{3440, 3445, 4, 'N', true,   6,  6,  0, false},
    AiRule{3450, 3455, 4, 'N', true,   6,  6,  0, false},
    AiRule{3460, 3465, 4, 'N', true,   6,  6,  0, false},
    AiRule{3470, 3475, 4, 'N', true,   6,  6,  0, false},
    AiRule{3480, 3485, 4, 'N', true,   6,  6,  0, false},
    AiRule{3490, 3495, 4, 'N', true,   6,  6,  0, false},
    AiRule{3500, 3505, 4, 'N', true,   6,  6,  0, false},
    AiRule{3510, 3515, 4, 'N', true,   6,  6,  0, false},
    AiRule{3520, 3525, 4, 'N', true,   6,  6,  0, false},
    AiRule{3530, 3535, 4, 'N', true,   6,  6,  0, false},
    AiRule{3540, 3545, 4, 'N', true,   6,  6,  0, false},
    AiRule{3550, 3555, 4, 'N', true,   6,  6,  0, false},
    AiRule{3560, 3565, 4, 'N', true,   6,  6,  0, false},
    AiRule{3570, 3575, 4, 'N', true,   6,  6,  0, false},
    AiRule{3600, 3605, 4, 'N', true,   6,  6,  0, false},
    AiRule{3610, 3615, 4, 'N', true,   6,  6,  0, false},
    AiRule{3620, 3625, 4, 'N', true,   6,  6,  0, false},
    AiRule{3630, 3635, 4, 'N', true,   6,  6,  0, false},
    AiRule{3640, 3645, 4, 'N', true,   6,  6,  0, false},
    AiRule{3650, 3655, 4, 'N', true,   6,  6,  0, false},
    AiRule{3660, 3665, 4, 'N', true,   6,  6,  0, false},
    AiRule{3670, 3675, 4, 'N', true,   6,  6,  0, false},
    AiRule{3680, 3685, 4, 'N', true,   6,  6,  0, false},
    AiRule{3690, 3695, 4, 'N', true,   6,  6,  0, false},
    AiRule{  37,   37, 2, 'N', false,  1,  8,  0, false},
    AiRule{3900, 3909, 4, 'N', false,  1, 15,  0, false},
    AiRule{3910, 3919, 4, 'N', false,  4, 18,  0, false},
    AiRule{3920, 3929, 4, 'N', false,  1, 15,  0, false},
    AiRule{3930, 3939, 4, 'N', false,  4, 18,  0, false},
    AiRule{3940, 3943, 4, 'N', false,  4,  4,  0, false},
    AiRule{3950, 3955, 4, 'N', false,  6,  6,  0, false},
    AiRule{ 400,  401, 3, 'X', false,  1, 30,  0, false},
    AiRule{ 402,  402, 3, 'N', false, 17, 17, 17, false},
    AiRule{ 403,  403, 3, 'X', false,  1, 30,  0, false},
    AiRule{ 410,  417, 3, 'N', true,  13, 13, 13, false},
    AiRule{ 420,  420, 3, 'X', false,  1, 20,  0, false},
    AiRule{ 421,  421, 3, 'X', false,  4, 12,  0, false},
    AiRule{ 422,  422, 3, 'N', false,  3,  3,  0, false},
    AiRule{ 423,  423, 3, 'N', false,  1, 15,  0, false},
    AiRule{ 424,  424, 3, 'N', false,  3,  3,  0, false},
    AiRule{ 425,  425, 3, 'N', false,  1, 15,  0, false},
    AiRule{ 426,  426, 3, 'N', false,  3,  3,  0, false},
    AiRule{ 427,  427, 3, 'X', false,  1,  3,  0, false},
    AiRule{ 710,  715, 3, 'X', false,  1, 20,  0, false},
    AiRule{4300, 4301, 4, 'X', false,  1, 35,  0, false},
    AiRule{4302, 4306, 4, 'X', false,  1, 70,  0, false},
    AiRule{4307, 4307, 4, 'X', false,  2,  2,  0, false},
    AiRule{4308, 4308, 4, 'X', false,  1, 30,  0, false},
    AiRule{4309, 4309, 4, 'N', false, 20, 20,  0, false},
    AiRule{4310, 4311, 4, 'X', false,  1, 35,  0, false},
    AiRule{4312, 4316, 4, 'X', false,  1, 70,  0, false},
    AiRule{4317, 4317, 4, 'X', false,  2,  2,  0, false},
    AiRule{4318, 4318, 4, 'X', false,  1, 20,  0, false},
    AiRule{4319, 4319, 4, 'X', false,  1, 30,  0, false},
    AiRule{4320, 4320, 4, 'X', false,  1, 35,  0, false},
    AiRule{4321, 4323, 4, 'N', false,  1,  1,  0, false},
    AiRule{4324, 4325, 4, 'N', false, 10, 10,  0, false},
    AiRule{4326, 4326, 4, 'N', false,  6,  6,  0, true},
    AiRule{4330, 4333, 4, 'X', false,  6,  7,  0, false},
    AiRule{7001, 7001, 4, 'N', false, 13, 13,  0, false},
    AiRule{7002, 7002, 4, 'X', false,  1, 30,  0, false},
    AiRule{7003, 7003, 4, 'N', false, 10, 10,  0, false},
    AiRule{7004, 7004, 4, 'N', false,  1,  4,  0, false},
    AiRule{7005, 7005, 4, 'X', false,  1, 12,  0, false},
    AiRule{7006, 7006, 4, 'N', false,  6,  6,  0, true},
    AiRule{7007, 7007, 4, 'N', false,  6, 12,  0, false},
    AiRule{7008, 7008, 4, 'X', false,  1,  3,  0, false},
    AiRule{7009, 7009, 4, 'X', false,  1, 10,  0, false},
    AiRule{7010, 7010, 4, 'X', false,  1,  2,  0, false},
    AiRule{7011, 7011, 4, 'N', false,  6, 10,  0, false},
    AiRule{7020, 7022, 4, 'X', false,  1, 20,  0, false},
    AiRule{7023, 7023, 4, 'X', false,  1, 30,  0, false},
    AiRule{7030, 7039, 4, 'X', false,  4, 30,  0, false},
    AiRule{7040, 7040, 4, 'X', false,  4,  4,  0, false},
    AiRule{7230, 7239, 4, 'X', false,  3, 30,  0, false},
    AiRule{7240, 7240, 4, 'X', false,  1, 20,  0, false},
    AiRule{7241, 7241, 4, 'N', false,  2,  2,  0, false},
    AiRule{7242, 7242, 4, 'X', false,  1, 25,  0, false},
    AiRule{8001, 8001, 4, 'N', false, 14, 14,  0, false},
    AiRule{8002, 8002, 4, 'X', false,  1, 20,  0, false},
    AiRule{8003, 8003, 4, 'X', false, 14, 30, 14, false},
    AiRule{8004, 8004, 4, 'X', false,  1, 30,  0, false},
    AiRule{8005, 8005, 4, 'N', false,  6,  6,  0, false},
    AiRule{8006, 8006, 4, 'N', false, 18, 18, 14, false},
    AiRule{8007, 8007, 4, 'X', false,  1, 34,  0, false},
    AiRule{8008, 8008, 4, 'N', false,  8, 12,  0, false},
    AiRule{8009, 8009, 4, 'X', false,  1, 50,  0, false},
    AiRule{8011, 8011, 4, 'N', false,  1, 12,  0, false},
    AiRule{8012, 8012, 4, 'X', false,  1, 20,  0, false},
    AiRule{8013, 8013, 4, 'X', false,  1, 25,  0, false},
    AiRule{8017, 8018, 4, 'N', false, 18, 18, 18, false},
    AiRule{8019, 8019, 4, 'N', false,  1, 10,  0, false},
    AiRule{8020, 8020, 4, 'X', false,  1, 25,  0, false},
    AiRule{8026, 8026, 4, 'N', false, 18, 18, 14, false},
    AiRule{8110, 8110, 4, 'X', false,  1, 70,  0, false},
    AiRule{8111, 8111, 4, 'N', false,  4,  4,  0, false},
    AiRule{8112, 8112, 4, 'X', false,  1, 70,  0, false},
    AiRule{8200, 8200, 4, 'X', false,  1, 70,  0, false},
    AiRule{  90,   90, 2, 'X', false,  1, 30,  0, false},
    AiRule{  91,   99, 2, 'X', false,  1, 90,  0, false},
};
// clang-format on

constexpr std::size_t kAiDigitsMin = 2;
constexpr std::size_t kAiDigitsMax = 4;

std::uint16_t u16(std::int64_t number) {
  return static_cast<std::uint16_t>(std::min<std::int64_t>(number, std::numeric_limits<std::uint16_t>::max()));
}

struct Found {
  const AiRule* rule;
  std::uint16_t ai;
};

/// No two identifiers are the start of one another, so the first that fits is the one.
std::expected<Found, Gs1Fault> find_rule(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  for (std::size_t digits = kAiDigitsMin; digits <= std::min(kAiDigitsMax, rest.size()); ++digits) {
    const std::string_view written = rest.substr(0, digits);
    if (!all_digits(written)) break;
    const std::uint16_t ai = u16(number_of(written));
    const auto* const rule = std::ranges::find_if(
        kAiRules, [&](const AiRule& r) { return r.ai_digits == digits && r.first <= ai && ai <= r.last; });
    if (rule != kAiRules.end()) return Found{rule, ai};
  }
  std::size_t digits = 0;
  while (digits < std::min(kAiDigitsMax, rest.size()) && core::is_digit_char(rest[digits]))
    ++digits;
  return std::unexpected(Gs1Fault{.mistake = Gs1Mistake::UnknownAi,
                                  .ai = u16(number_of(rest.substr(0, digits))),
                                  .offset = u16(static_cast<std::int64_t>(at))});
}

/// Checks one value; `offset` in the fault counts from the start of the value.
std::optional<Gs1Fault> check_value(const AiRule& rule, std::string_view value) {
  const auto length = static_cast<std::int64_t>(value.size());
  if (length < rule.min || length > rule.max) {
    const std::uint8_t nearest = length < rule.min ? rule.min : rule.max;
    return Gs1Fault{.mistake = Gs1Mistake::Length, .expected = nearest, .found = u16(length)};
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool digits = rule.characters == 'N' || i < rule.checked;
    if (digits ? !core::is_digit_char(value[i]) : !is_gs1_char(value[i]))
      return Gs1Fault{.mistake = Gs1Mistake::Character, .offset = u16(static_cast<std::int64_t>(i))};
  }
  if (rule.checked != 0 && !has_gs1_check_digit(value.substr(0, rule.checked))) {
    const std::size_t last = rule.checked - 1U;
    return Gs1Fault{.mistake = Gs1Mistake::CheckDigit,
                    .offset = u16(static_cast<std::int64_t>(last)),
                    .expected = u16(digit_value(gs1_check_digit(value.substr(0, last)))),
                    .found = u16(digit_value(value[last]))};
  }
  if (rule.date && !parse_gs1_date(value)) return Gs1Fault{.mistake = Gs1Mistake::Date};
  return std::nullopt;
}

/// The number in units of 10^-exponent; nothing where that is no whole number or too large.
std::optional<std::int64_t> scaled(const Gs1Decimal& number, int exponent) {
  if (number.decimals <= exponent) {
    const std::int64_t factor = power_of_ten(exponent - number.decimals);
    if (number.digits > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
    return number.digits * factor;
  }
  const std::int64_t divisor = power_of_ten(number.decimals - exponent);
  if (number.digits % divisor != 0) return std::nullopt;
  return number.digits / divisor;
}

}  // namespace

std::optional<std::string_view> Gs1Message::find(std::uint16_t ai) const {
  const auto element = find_in(ai, ai);
  if (!element) return std::nullopt;
  return element->value;
}

std::optional<Gs1Element> Gs1Message::find_in(std::uint16_t first, std::uint16_t last) const {
  const auto all = elements();
  const auto found = std::ranges::find_if(all, [&](const Gs1Element& e) { return first <= e.ai && e.ai <= last; });
  if (found == all.end()) return std::nullopt;
  return *found;
}

std::expected<Gs1Message, Gs1Fault> parse_gs1(std::string_view text) {
  Gs1Message message;
  std::size_t at = text.starts_with(kGroupSeparator) ? 1 : 0;
  if (at == text.size()) return std::unexpected(Gs1Fault{.mistake = Gs1Mistake::Empty});
  while (at < text.size()) {
    const auto found = find_rule(text, at);
    if (!found) return std::unexpected(found.error());
    const AiRule& rule = *found->rule;
    const std::size_t start = at + rule.ai_digits;
    const std::size_t separator = std::min(text.find(kGroupSeparator, start), text.size());
    const std::size_t end = rule.predefined ? std::min(separator, start + rule.max) : separator;
    const std::string_view value = text.substr(start, end - start);
    if (auto fault = check_value(rule, value)) {
      fault->ai = found->ai;
      fault->offset = u16(static_cast<std::int64_t>(start) + fault->offset);
      return std::unexpected(*fault);
    }
    const auto refuse = [&](Gs1Mistake mistake) {
      const auto offset = u16(static_cast<std::int64_t>(at));
      return std::unexpected(Gs1Fault{.mistake = mistake, .ai = found->ai, .offset = offset});
    };
    if (const auto before = message.find(found->ai)) {
      if (*before != value) return refuse(Gs1Mistake::Repeated);
    } else if (message.count_ == kGs1ElementsMax) {
      return refuse(Gs1Mistake::TooMany);
    } else {
      message.elements_[message.count_] = {found->ai, value};
      ++message.count_;
    }
    at = end == separator && end < text.size() ? end + 1 : end;
  }
  return message;
}

std::optional<Gs1Date> parse_gs1_date(std::string_view digits) {
  constexpr std::array<int, 12> kDays{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (digits.size() != 6 || !all_digits(digits)) return std::nullopt;
  const auto year = static_cast<int>(number_of(digits.substr(0, 2)));
  const auto month = static_cast<int>(number_of(digits.substr(2, 2)));
  const auto day = static_cast<int>(number_of(digits.substr(4, 2)));
  if (month < 1 || month > 12 || day > kDays[static_cast<std::size_t>(month - 1)]) return std::nullopt;
  // Of the years that end so, none is a leap year unless four divides the two digits.
  if (month == 2 && day == 29 && year % 4 != 0) return std::nullopt;
  return Gs1Date{static_cast<std::uint8_t>(year), static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)};
}

core::Result<std::int64_t> Gs1Weight::grams() const {
  const auto grams = scaled(kilograms, 3);
  if (!grams) return core::fail(core::ErrorCode::OutOfRange);
  return *grams;
}

core::Result<core::Money> Gs1Price::money(core::Currency shop) const {
  core::Currency named = shop;
  if (currency != 0) {
    TILLKIT_TRY(named, core::find_currency(currency));
  }
  const auto minor = scaled(amount, named.exponent());
  if (!minor) return core::fail(core::ErrorCode::OutOfRange);
  return core::Money{*minor, named};
}

Gs1Details details_of(const Gs1Message& message) {
  Gs1Details details;
  if (const auto batch = message.find(10)) details.batch = Gs1Batch::parse(*batch).value_or(Gs1Batch{});
  if (const auto serial = message.find(21)) details.serial = Gs1Serial::parse(*serial).value_or(Gs1Serial{});
  if (const auto date = message.find(15)) details.best_before = parse_gs1_date(*date);
  if (const auto date = message.find(17)) details.expiry = parse_gs1_date(*date);
  if (const auto count = message.find(30)) details.count = number_of(*count);
  if (const auto weight = message.find_in(3100, 3105))
    details.weight = Gs1Weight{Gs1Decimal{number_of(weight->value), static_cast<std::uint8_t>(weight->ai % 10)}};
  if (const auto price = message.find_in(3920, 3929)) {
    details.price = Gs1Price{Gs1Decimal{number_of(price->value), static_cast<std::uint8_t>(price->ai % 10)}, 0};
  } else if (const auto priced = message.find_in(3930, 3939)) {
    details.price = Gs1Price{Gs1Decimal{number_of(priced->value.substr(3)), static_cast<std::uint8_t>(priced->ai % 10)},
                             u16(number_of(priced->value.substr(0, 3)))};
  }
  return details;
}

std::expected<Gs1Coupon, Gs1Fault> parse_positive_offer(std::string_view value) {
  constexpr std::size_t kShortest = 6;  // of funder and serial; their length digits count from there
  constexpr std::size_t kOfferDigits = 6;
  const auto refuse = [](Gs1Mistake mistake, std::size_t offset, std::size_t expected = 0, std::size_t found = 0) {
    return std::unexpected(Gs1Fault{.mistake = mistake,
                                    .ai = 8112,
                                    .offset = u16(static_cast<std::int64_t>(offset)),
                                    .expected = u16(static_cast<std::int64_t>(expected)),
                                    .found = u16(static_cast<std::int64_t>(found))});
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!core::is_digit_char(value[i])) return refuse(Gs1Mistake::Character, i);
  }
  if (value.size() < 2) return refuse(Gs1Mistake::Length, value.size(), 2, value.size());
  if (value[0] > '1') return refuse(Gs1Mistake::Character, 0);
  if (value[1] > '6') return refuse(Gs1Mistake::Character, 1);
  const std::size_t funder_digits = kShortest + static_cast<std::size_t>(digit_value(value[1]));
  const std::size_t serial_at = 2 + funder_digits + kOfferDigits;
  if (value.size() <= serial_at)
    return refuse(Gs1Mistake::Length, value.size(), serial_at + 1 + kShortest, value.size());
  const std::size_t serial_digits = kShortest + static_cast<std::size_t>(digit_value(value[serial_at]));
  const std::size_t whole = serial_at + 1 + serial_digits;
  if (value.size() != whole) return refuse(Gs1Mistake::Length, std::min(value.size(), whole), whole, value.size());
  Gs1Coupon coupon{.form = Gs1CouponForm::PositiveOffer, .format = static_cast<std::uint8_t>(digit_value(value[0]))};
  coupon.funder = CouponFunder::parse(value.substr(2, funder_digits)).value_or(CouponFunder{});
  coupon.offer = CouponOffer::parse(value.substr(2 + funder_digits, kOfferDigits)).value_or(CouponOffer{});
  coupon.serial = CouponSerial::parse(value.substr(serial_at + 1)).value_or(CouponSerial{});
  return coupon;
}

}  // namespace tillkit::codes
