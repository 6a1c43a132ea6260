// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/payment_code.hpp"

#include <algorithm>

namespace tillkit::codes {

std::string PaymentCode::masked() const {
  constexpr std::size_t kShown = 2;
  const std::string_view code = reveal();
  std::string mask(code.substr(0, kShown));
  mask.append(std::min(code.size() - mask.size(), kMaskStarsMax), '*');
  mask += '(';
  mask += std::to_string(code.size());
  mask += ')';
  return mask;
}

}  // namespace tillkit::codes
