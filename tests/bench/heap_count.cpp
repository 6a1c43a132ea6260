// SPDX-License-Identifier: Apache-2.0
// A file of its own: gcc 12 takes an operator delete that it can inline for a mistake.
#include "heap_count.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::int64_t> counted = 0;
}

namespace tillkit::bench {
std::int64_t heap_allocations() {
  return counted;
}
}  // namespace tillkit::bench

void* operator new(std::size_t size) {
  counted.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
