// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tillkit::core {

/// Where and what a broken invariant was. The strings are literals and live for ever.
struct AssertFailure {
  const char* expression;
  const char* file;
  int line;
};

/// Records why and restarts into recovery; must not return. If it does, the process aborts.
using AssertHandler = void (*)(const AssertFailure& failure);

/// Sets what happens on a broken invariant and returns the handler before. The default prints one line to
/// standard error and aborts. Process-wide, because the state that a broken invariant leaves is, too.
AssertHandler set_assert_handler(AssertHandler handler);

[[noreturn]] void assert_failed(const char* expression, const char* file, int line);

}  // namespace tillkit::core

/// Checks an invariant, in release builds too. Never for bad input: that is a `Result`.
#define TILLKIT_ASSERT(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::tillkit::core::assert_failed(#condition, __FILE__, __LINE__))
