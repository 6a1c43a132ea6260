// SPDX-License-Identifier: Apache-2.0

// What 50,000 members cost a terminal: bytes in the file, memory of the process that looks them up, look-ups a second.

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "made_up_members.hpp"

namespace {

constexpr std::size_t kMembers = 50'000;
constexpr std::size_t kLookUps = 200'000;

/// Memory of this process that is its own: resident without what it shares with files.
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  std::size_t shared = 0;
  file >> total >> resident >> shared;
  return (resident - shared) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

double per_second(const tillkit::bench::MemberCache& cache, std::size_t times) {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t coupons = tillkit::bench::look_up(cache.tables(), kMembers, times);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (coupons != times * 3) std::fprintf(stderr, "bench_members: %zu coupons\n", coupons);
  return static_cast<double>(times) / took.count();
}

}  // namespace

int main() {
  const auto begin = std::chrono::steady_clock::now();
  tillkit::bench::MemberCache cache(kMembers);
  const std::chrono::duration<double> filled = std::chrono::steady_clock::now() - begin;
  cache.close();
  const std::size_t before = resident_bytes();
  cache.open();
  const double cold = per_second(cache, 1'000);
  const double warm = per_second(cache, kLookUps);
  const std::size_t after = resident_bytes();

  std::printf("members            %zu, 3 coupons and 2 identities each\n", kMembers);
  std::printf("file               %ju bytes, %.1f per member\n",
              static_cast<std::uintmax_t>(std::filesystem::file_size(cache.file())),
              static_cast<double>(std::filesystem::file_size(cache.file())) / kMembers);
  std::printf("memory for it      %zu bytes more resident after %zu look-ups\n", after - std::min(before, after),
              kLookUps);
  std::printf("filled             in %.2f s\n", filled.count());
  std::printf("look-ups a second  %.0f (the first 1,000: %.0f)\n", warm, cold);
  return 0;
}
