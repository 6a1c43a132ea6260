// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/catalog/csv_import.hpp"

namespace catalog = tillkit::catalog;

namespace {

std::string ean(std::int64_t number) {
  const std::string digits = std::to_string(number * 7'919 % 1'000'000'000);
  std::string code = "690" + std::string(9 - digits.size(), '0') + digits;
  int sum = 0;
  for (std::size_t i = 0; i < code.size(); ++i)
    sum += (code[i] - '0') * (i % 2 == 0 ? 1 : 3);
  return code + static_cast<char>('0' + (10 - sum % 10) % 10);
}

/// Two codes an item: a barcode and a number of the shop's own.
std::string a_file(std::int64_t items) {
  std::string text = "code,name,price,tax_rate\r\n";
  for (std::int64_t i = 0; i < items; ++i)
    text += ean(i) + ";" + std::to_string(100'000 + i) + ",农夫山泉矿泉水 550ml,2.00,13%\r\n";
  return text;
}

catalog::Catalog a_catalog(std::int64_t items) {
  catalog::CsvImport import;
  if (!import.feed(a_file(items))) return {};
  auto read = import.finish();
  return read ? *std::move(read) : catalog::Catalog();
}

/// Asks in an order that the processor's caches cannot foresee.
void find_by(benchmark::State& state, const std::vector<std::string>& codes) {
  const catalog::Catalog items = a_catalog(state.range(0));
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(items.find_code(codes[at]));
    at = (at + 7'907) % codes.size();
  }
  state.counters["bytes/item"] = static_cast<double>(items.memory_bytes()) / static_cast<double>(items.size());
}

void find_a_barcode(benchmark::State& state) {
  std::vector<std::string> codes;
  codes.reserve(static_cast<std::size_t>(state.range(0)));
  for (std::int64_t i = 0; i < state.range(0); ++i)
    codes.push_back(ean(i));
  find_by(state, codes);
}
BENCHMARK(find_a_barcode)->Arg(1'000)->Arg(50'000);

void find_an_own_code(benchmark::State& state) {
  std::vector<std::string> codes;
  codes.reserve(static_cast<std::size_t>(state.range(0)));
  for (std::int64_t i = 0; i < state.range(0); ++i)
    codes.push_back(std::to_string(100'000 + i));
  find_by(state, codes);
}
BENCHMARK(find_an_own_code)->Arg(1'000)->Arg(50'000);

void find_no_item(benchmark::State& state) {
  std::vector<std::string> codes;
  codes.reserve(static_cast<std::size_t>(state.range(0)));
  for (std::int64_t i = 0; i < state.range(0); ++i)
    codes.push_back(ean(1'000'000 + i));
  find_by(state, codes);
}
BENCHMARK(find_no_item)->Arg(1'000)->Arg(50'000);

void import_a_file(benchmark::State& state) {
  constexpr std::size_t kPieceBytes = 65'536;
  const std::string text = a_file(state.range(0));
  for (auto _ : state) {
    catalog::CsvImport import;
    for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min(kPieceBytes, left.size()))) {
      if (!import.feed(left.substr(0, kPieceBytes))) state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(import.finish());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
  state.counters["rows/s"] =
      benchmark::Counter(static_cast<double>(state.range(0)), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(import_a_file)->Arg(1'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

}  // namespace
