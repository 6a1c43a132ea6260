// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/assert.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tillkit::core {
namespace {

void print_and_abort(const AssertFailure& failure) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", failure.file, failure.line, failure.expression);
  std::abort();
}

AssertHandler handler = &print_and_abort;

}  // namespace

AssertHandler set_assert_handler(AssertHandler replacement) {
  return std::exchange(handler, replacement != nullptr ? replacement : &print_and_abort);
}

void assert_failed(const char* expression, const char* file, int line) {
  handler(AssertFailure{expression, file, line});
  std::abort();
}

}  // namespace tillkit::core
