// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/gtin.hpp"

#include <algorithm>
#include <array>

#include "digits.hpp"

namespace tillkit::codes {
namespace {

// Weighted products of the price verifiers, by digit: '2-' is twice the digit less its tens, '5-' five times less the
// tens, '5+' five times plus the tens, each modulo 10; '3' is three times modulo 10.
using Products = std::array<int, 10>;
constexpr Products kTwoMinus{0, 2, 4, 6, 8, 9, 1, 3, 5, 7};
constexpr Products kThree{0, 3, 6, 9, 2, 5, 8, 1, 4, 7};
constexpr Products kFivePlus{0, 5, 1, 6, 2, 7, 3, 8, 4, 9};
constexpr Products kFiveMinus{0, 5, 9, 4, 8, 3, 7, 2, 6, 1};

int product(const Products& products, char digit) {
  return products[static_cast<std::size_t>(digit_value(digit))];
}

Gtin with_zeros(std::string_view digits) {
  std::array<char, Gtin::kLengthMax> chars{};
  chars.fill('0');
  std::ranges::copy_backward(digits, chars.end());
  return *Gtin::parse(std::string_view(chars.data(), chars.size()));
}

}  // namespace

char gs1_check_digit(std::string_view digits) {
  int sum = 0;
  int weight = 3;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    sum += weight * digit_value(*digit);
    weight = 4 - weight;
  }
  return digit_char((10 - sum % 10) % 10);
}

bool has_gs1_check_digit(std::string_view digits) {
  return digits.size() >= 2 && digits.back() == gs1_check_digit(digits.substr(0, digits.size() - 1));
}

std::optional<char> price_check_digit(std::string_view p) {
  if (p.size() == 4) {
    const int sum =
        product(kTwoMinus, p[0]) + product(kTwoMinus, p[1]) + product(kThree, p[2]) + product(kFiveMinus, p[3]);
    return digit_char(sum * 3 % 10);
  }
  if (p.size() == 5) {
    const int sum = product(kFivePlus, p[0]) + product(kTwoMinus, p[1]) + product(kFiveMinus, p[2]) +
                    product(kFivePlus, p[3]) + product(kTwoMinus, p[4]);
    const auto* const found = std::ranges::find(kFiveMinus, (10 - sum % 10) % 10);
    return digit_char(static_cast<int>(found - kFiveMinus.begin()));
  }
  return std::nullopt;
}

std::optional<Gtin> make_gtin(std::string_view digits) {
  const std::size_t size = digits.size();
  if (size != 8 && size != 12 && size != 13 && size != 14) return std::nullopt;
  if (!all_digits(digits) || !has_gs1_check_digit(digits)) return std::nullopt;
  return with_zeros(digits);
}

std::optional<Gtin> expand_upc_e(std::string_view digits) {
  if (digits.size() != 8 || !all_digits(digits) || digits[0] > '1') return std::nullopt;
  const std::string_view six = digits.substr(1, 6);
  std::array<char, 12> upc_a{};
  upc_a.fill('0');
  upc_a[0] = digits[0];
  upc_a[11] = digits[7];
  // General Specifications section 5.2.2.4.2: the last of the six says where zeros were taken out.
  if (six[5] <= '2') {
    std::ranges::copy(six.substr(0, 2), upc_a.begin() + 1);
    upc_a[3] = six[5];
    std::ranges::copy(six.substr(2, 3), upc_a.begin() + 8);
  } else if (six[5] == '3') {
    std::ranges::copy(six.substr(0, 3), upc_a.begin() + 1);
    std::ranges::copy(six.substr(3, 2), upc_a.begin() + 9);
  } else if (six[5] == '4') {
    std::ranges::copy(six.substr(0, 4), upc_a.begin() + 1);
    upc_a[10] = six[4];
  } else {
    std::ranges::copy(six.substr(0, 5), upc_a.begin() + 1);
    upc_a[10] = six[5];
  }
  return make_gtin(std::string_view(upc_a.data(), upc_a.size()));
}

}  // namespace tillkit::codes
