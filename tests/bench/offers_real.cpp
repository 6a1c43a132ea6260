// SPDX-License-Identifier: Apache-2.0
// How the best combination does on baskets and wallets drawn from real data (real_data.hpp): share proven, nodes, time,
// and what it saves over simpler ways to choose. `bench_offers_real [baskets per row]`
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "real_data.hpp"
#include "tillkit/offers/evaluate.hpp"

namespace {

using namespace tillkit;
using namespace tillkit::offers;

struct Totals {
  std::vector<double> microseconds;
  std::uint64_t nodes = 0;
  std::uint64_t proven = 0;
  std::uint64_t worst_gap = 0;
  std::int64_t list = 0;
  std::array<std::int64_t, 4> saved{};    // by policy
  std::array<std::uint64_t, 4> beaten{};  // baskets in which Best saves more
};

constexpr std::array kPolicies{Policy::Best, Policy::WeChat, Policy::First, Policy::Single};

void price(Evaluator& evaluator, const Basket& basket, bool compare, Totals& totals) {
  Evaluation evaluation;
  std::int64_t best = 0;
  for (const Policy policy : kPolicies) {
    SearchOptions options;
    options.policy = policy;
    const auto start = std::chrono::steady_clock::now();
    if (!evaluator.evaluate(basket, options, evaluation)) std::abort();
    const auto index = static_cast<std::size_t>(policy);
    totals.saved[index] += evaluation.saved;
    if (policy == Policy::Best) {
      const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
      totals.microseconds.push_back(took.count());
      totals.nodes += evaluation.nodes;
      totals.proven += evaluation.proven ? 1 : 0;
      totals.worst_gap = std::max(totals.worst_gap, static_cast<std::uint64_t>(evaluation.gap));
      totals.list += evaluation.list;
      best = evaluation.saved;
      if (!compare) return;
    }
    if (evaluation.saved < best) ++totals.beaten[index];
  }
}

void print(const std::string& name, Totals& totals) {
  std::ranges::sort(totals.microseconds);
  const std::size_t count = totals.microseconds.size();
  const auto at = [&](double part) {
    return totals.microseconds[std::min(count - 1, static_cast<std::size_t>(static_cast<double>(count) * part))];
  };
  std::printf("%-26s %7zu baskets  proven %6.2f %%  nodes %8.1f  us p50 %8.1f p99 %9.1f max %10.1f  worst gap %llu\n",
              name.c_str(), count, 100.0 * static_cast<double>(totals.proven) / static_cast<double>(count),
              static_cast<double>(totals.nodes) / static_cast<double>(count), at(0.5), at(0.99),
              totals.microseconds.back(), static_cast<unsigned long long>(totals.worst_gap));
  if (totals.saved[1] + totals.saved[2] + totals.saved[3] == 0) return;
  const auto share = [&](std::int64_t saved) {
    return 100.0 * static_cast<double>(saved) / static_cast<double>(totals.list);
  };
  std::printf(
      "%26s saved of the list price: best %.3f %%, wechat %.3f %% (less in %llu baskets), first %.3f %% (%llu), "
      "single %.3f %% (%llu)\n",
      "", share(totals.saved[0]), share(totals.saved[1]), static_cast<unsigned long long>(totals.beaten[1]),
      share(totals.saved[2]), static_cast<unsigned long long>(totals.beaten[2]), share(totals.saved[3]),
      static_cast<unsigned long long>(totals.beaten[3]));
}

void chinese_rows(const std::filesystem::path& folder, std::size_t baskets) {
  const real_data::Shop shop = real_data::chinese_shop(folder);
  for (const std::size_t coupons : {std::size_t{1}, std::size_t{3}, std::size_t{8}, std::size_t{28}}) {
    for (const std::size_t lines : {std::size_t{0}, std::size_t{30}}) {  // 0: as real baskets are
      std::mt19937_64 random(coupons * 100 + lines);
      Evaluator evaluator(*shop.rules);
      Totals totals;
      for (std::size_t i = 0; i < baskets; ++i) {
        Basket basket;
        const std::size_t size = lines != 0 ? lines : shop.basket_sizes[random() % shop.basket_sizes.size()];
        basket.lines = real_data::draw_basket(shop, size, random);
        basket.coupons = real_data::draw_wallet(shop, coupons, random);
        price(evaluator, basket, true, totals);
      }
      print((lines == 0 ? std::string("real sizes, ") : std::to_string(lines) + " lines, ") + std::to_string(coupons) +
                " coupons",
            totals);
    }
  }
}

void us_rows(const std::filesystem::path& folder) {
  const real_data::Shop shop = real_data::us_grocer(folder);
  Evaluator evaluator(*shop.rules);
  Totals totals;
  for (const std::vector<Line>& lines : shop.baskets) {
    Basket basket;
    basket.lines = lines;
    price(evaluator, basket, true, totals);
  }
  print("US, 981 coupons loaded", totals);
}

}  // namespace

int main(int argument_count, char** arguments) {
  const auto folder = real_data::folder();
  if (!folder) {
    std::puts("no real data on this machine (TILLKIT_SHARED_DATA names its folder): nothing measured");
    return 0;
  }
  constexpr std::size_t kBaskets = 2'000;
  const std::size_t baskets = argument_count > 1 ? static_cast<std::size_t>(std::atoll(arguments[1])) : kBaskets;
  chinese_rows(*folder, baskets);
  us_rows(*folder);
  return 0;
}
