// SPDX-License-Identifier: Apache-2.0
// Pricing: what the best combination costs. Offers, coupons and baskets are made up from a fixed seed; what real ones
// cost, bench_offers_real measures.
#include <cstdlib>

#include <benchmark/benchmark.h>

#include "heap_count.hpp"
#include "made_up_shop.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/proof.hpp"

namespace {

using namespace tillkit;
using namespace tillkit::offers;
using bench::kBaskets;
using bench::Shop;
using Size = bench::ShopSize;

void run(benchmark::State& state, const Size& size) {
  const Shop shop = bench::make_shop(size);
  Evaluator evaluator(shop.rules.front());
  Evaluation evaluation;
  std::uint64_t nodes = 0;
  std::uint64_t proven = 0;
  const auto price = [&](std::size_t index) {
    if (!evaluator.evaluate(shop.baskets[index % kBaskets], {}, evaluation)) std::abort();
    nodes += evaluation.nodes;
    proven += evaluation.proven ? 1 : 0;
  };
  for (std::size_t i = 0; i < 2 * kBaskets; ++i)  // warm
    price(i);
  nodes = proven = 0;
  std::size_t index = 0;
  const std::int64_t before = bench::heap_allocations();
  for (auto _ : state)
    price(index++);
  const auto count = static_cast<double>(state.iterations());
  state.counters["allocations"] = static_cast<double>(bench::heap_allocations() - before) / count;
  state.counters["nodes"] = static_cast<double>(nodes) / count;
  state.counters["proven"] = static_cast<double>(proven) / count;
  state.SetItemsProcessed(state.iterations());
}

void evaluate(benchmark::State& state) {
  run(state, {static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
              static_cast<std::size_t>(state.range(2))});
}
BENCHMARK(evaluate)
    ->ArgNames({"lines", "offers", "coupons"})
    ->ArgsProduct({{5, 30, 100}, {10, 100, 2'000}, {0, 8, 28}});

void automatic_offers(benchmark::State& state) {
  run(state, {static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)), 0});
}
BENCHMARK(automatic_offers)->ArgNames({"lines", "offers"})->Args({12, 50})->Args({40, 200})->Args({20, 2'000});

void automatic_offers_contested(benchmark::State& state) {
  run(state, {static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)), 0, 4, true});
}
BENCHMARK(automatic_offers_contested)->ArgNames({"lines", "offers"})->Args({12, 50})->Args({40, 200});

/// Up to so many units on each line.
void units_on_a_line(benchmark::State& state) {
  run(state, {30, 100, 0, state.range(0)});
}
BENCHMARK(units_on_a_line)->ArgName("units")->Arg(1)->Arg(4)->Arg(40)->Arg(6'000);

/// What is made on demand, on top of an evaluation: reasons, shares per unit and funder, and the text that is hashed.
void proof(benchmark::State& state) {
  const Shop shop = bench::make_shop({30, 100, 28});
  Evaluator evaluator(shop.rules.front());
  Evaluation evaluation;
  if (!evaluator.evaluate(shop.baskets.front(), {}, evaluation)) std::abort();
  for (auto _ : state) {
    const auto made = make_proof(shop.rules.front(), shop.baskets.front(), {}, evaluation);
    if (!made) std::abort();
    const auto text = to_json(*made);
    if (!text) std::abort();
    state.counters["bytes"] = static_cast<double>(text->size());
  }
}
BENCHMARK(proof);

}  // namespace
