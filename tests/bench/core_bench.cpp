// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "heap_count.hpp"
#include "tillkit/core/allocate.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

namespace core = tillkit::core;

namespace {

/// Reports what one iteration took from operator new; cJSON's own malloc is not in it.
class CountHeap {
 public:
  explicit CountHeap(benchmark::State& state) : state_(state), before_(tillkit::bench::heap_allocations()) {}
  ~CountHeap() {
    state_.counters["new/op"] = benchmark::Counter(static_cast<double>(tillkit::bench::heap_allocations() - before_),
                                                   benchmark::Counter::kAvgIterations);
  }
  CountHeap(const CountHeap&) = delete;
  CountHeap& operator=(const CountHeap&) = delete;

 private:
  benchmark::State& state_;
  std::int64_t before_;
};

void share_a_discount_over_lines(benchmark::State& state) {
  std::vector<std::int64_t> weights(static_cast<std::size_t>(state.range(0)));
  std::ranges::generate(weights, [line = std::int64_t{0}]() mutable { return 100 + line++ * 37 % 991; });
  std::vector<std::int64_t> shares(weights.size());
  const CountHeap count(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(core::allocate(9'999, weights, shares));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(share_a_discount_over_lines)->Arg(5)->Arg(30)->Arg(100);

std::string a_sale(std::int64_t lines) {
  core::JsonWriter json;
  json.begin_object().name("sale").text("T0001-000000042").name("total").integer(12'345).name("lines").begin_array();
  for (std::int64_t line = 0; line < lines; ++line) {
    json.begin_object().name("gtin").text("6901234567892").name("quantity").integer(line + 1);
    json.name("price").integer(350 + line).name("discount").integer(line).end_object();
  }
  return *json.end_array().end_object().finish();
}

void write_a_sale(benchmark::State& state) {
  const CountHeap count(state);
  for (auto _ : state)
    benchmark::DoNotOptimize(a_sale(state.range(0)));
}
BENCHMARK(write_a_sale)->Arg(5)->Arg(30);

void parse_a_sale(benchmark::State& state) {
  const std::string text = a_sale(state.range(0));
  const CountHeap count(state);
  for (auto _ : state)
    benchmark::DoNotOptimize(core::JsonDocument::parse(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(parse_a_sale)->Arg(5)->Arg(30);

}  // namespace
