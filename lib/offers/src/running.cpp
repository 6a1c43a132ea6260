// SPDX-License-Identifier: Apache-2.0
#include "running.hpp"

namespace tillkit::offers::detail {

std::vector<FunderShare> split_over_funders(std::span<const FunderShare> funders, std::int64_t whole, std::int64_t from,
                                            std::int64_t to) {
  std::vector<FunderShare> out(funders.begin(), funders.end());
  for (std::size_t i = 0; i < funders.size(); ++i) {
    const std::int64_t before = running(funders[i].amount, from, whole);
    const std::int64_t after = running(funders[i].amount, to, whole);
    out[i].amount = after - before;
    from -= before;
    to -= after;
    whole -= funders[i].amount;
  }
  return out;
}

}  // namespace tillkit::offers::detail
