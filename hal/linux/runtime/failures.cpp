// SPDX-License-Identifier: Apache-2.0
// What the C++ library does when it would throw. Firmware is built without exceptions, so nothing could catch it: here
// each failure becomes a broken invariant, with our recovery behind it. Linked into programs
// (tillkit::hal_linux_runtime), never into a library, as it is the program that decides. A static ARM program gets 41
// KB smaller by it, since the library's own throwing functions, and the unwinder behind them, are not linked.
#include <cstddef>
#include <cstdlib>
#include <new>

#include <bits/functexcept.h>

#include "tillkit/core/assert.hpp"

namespace {

[[noreturn]] void stop(const char* what) {
  tillkit::core::assert_failed(what, "C++ library", 0);
}

}  // namespace

namespace std {

void __throw_bad_exception() {
  stop("bad_exception");
}
void __throw_bad_alloc() {
  stop("out of memory");
}
void __throw_bad_array_new_length() {
  stop("bad_array_new_length");
}
void __throw_bad_cast() {
  stop("bad_cast");
}
void __throw_bad_typeid() {
  stop("bad_typeid");
}
void __throw_logic_error(const char* what) {
  stop(what);
}
void __throw_domain_error(const char* what) {
  stop(what);
}
void __throw_invalid_argument(const char* what) {
  stop(what);
}
void __throw_length_error(const char* what) {
  stop(what);
}
void __throw_out_of_range(const char* what) {
  stop(what);
}
void __throw_out_of_range_fmt(const char* what, ...) {
  stop(what);
}
void __throw_runtime_error(const char* what) {
  stop(what);
}
void __throw_range_error(const char* what) {
  stop(what);
}
void __throw_overflow_error(const char* what) {
  stop(what);
}
void __throw_underflow_error(const char* what) {
  stop(what);
}
void __throw_ios_failure(const char* what) {
  stop(what);
}
void __throw_ios_failure(const char* what, int) {
  stop(what);
}
void __throw_system_error(int) {
  stop("system_error");
}
void __throw_future_error(int) {
  stop("future_error");
}
void __throw_bad_function_call() {
  stop("a call of an empty function");
}

}  // namespace std

// The sanitizers bring allocators of their own, which find more.
#if !defined(__SANITIZE_ADDRESS__)
namespace {

void* allocate(std::size_t size) {
  // malloc(0) may give nothing, operator new may not.
  void* memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) stop("out of memory");
  return memory;
}

void* allocate_aligned(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  // aligned_alloc wants a multiple of the alignment.
  void* memory = std::aligned_alloc(align, (size + align - 1) / align * align);
  if (memory == nullptr) stop("out of memory");
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_aligned(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_aligned(size, alignment);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
#endif
