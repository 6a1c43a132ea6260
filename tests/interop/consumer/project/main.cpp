// SPDX-License-Identifier: Apache-2.0
// Shares "5 yuan off" over a basket so that every fen of it belongs to a line.
#include <array>
#include <cstdio>

#include <tillkit/core/allocate.hpp>
#include <tillkit/core/money.hpp>
#include <tillkit/hal_linux/http_library.hpp>
#include <tillkit/journal/storage_library.hpp>

using namespace tillkit::core;

int main() {
  const std::array<std::int64_t, 3> prices{1290, 350, 360};  // fen, and the weights of the lines
  std::array<Money, 3> shares;
  if (const auto shared = allocate(Money{500, kCny}, prices, shares); !shared) {
    std::printf("not shared: %s\n", to_string(shared.error().code).data());
    return 1;
  }

  for (std::size_t line = 0; line < prices.size(); ++line) {
    const Money price{prices[line], kCny};
    const auto net = checked_subtract(price, shares[line]);
    if (!net) return 1;
    std::printf("%s - %s = %s\n", format_amount(price).c_str(), format_amount(shares[line]).c_str(),
                format_amount(*net).c_str());
  }

  const bool journal_safe = tillkit::journal::check_storage_library().has_value();
  std::printf("TLS by %s; a journal %s a power cut\n", tillkit::hal_linux::http_library().tls.c_str(),
              journal_safe ? "survives" : "would not survive");
}
