// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>

#include "tillkit/core/error.hpp"

namespace tillkit::core {

/// What a call that can fail returns: the value, or an `Error`. Dropping it is a compile error.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  using std::expected<T, Error>::operator*;

  /// Moves the value out, not a reference into a temporary: `for (const auto& line : *read_lines())` is safe with it.
  constexpr T operator*() && { return *static_cast<std::expected<T, Error>&&>(*this); }

  /// Both values, and equal, or both errors, and equal. (std::expected's own comparison cannot see through a class that
  /// is derived from it: it takes the other side for a value.)
  friend constexpr bool operator==(const Result& a, const Result& b) {
    if (a.has_value() != b.has_value()) return false;
    return a.has_value() ? *a == *b : a.error() == b.error();
  }
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
 public:
  using std::expected<void, Error>::expected;
};

/// Called once, later, from the loop, with the outcome. Never called from inside the call that took it.
template <class T = void>
using Completion = std::move_only_function<void(Result<T>)>;

/// Makes the failing half of a `Result`: `return fail(ErrorCode::OutOfRange);`
[[nodiscard]] constexpr std::unexpected<Error> fail(ErrorCode code, ErrorSource source = ErrorSource::Tillkit,
                                                    std::int32_t foreign = 0) {
  return std::unexpected<Error>(Error{code, source, foreign});
}

/// Says where an input stops being right: `offset` counts bytes from its start and is held at 2^31-1.
[[nodiscard]] constexpr std::unexpected<Error> fail_at(std::size_t offset,
                                                       ErrorCode code = ErrorCode::InvalidArgument) {
  constexpr std::size_t kOffsetMax = 0x7FFF'FFFF;
  return fail(code, ErrorSource::Input, static_cast<std::int32_t>(offset < kOffsetMax ? offset : kOffsetMax));
}

}  // namespace tillkit::core

#define TILLKIT_JOIN_(a, b) a##b
#define TILLKIT_JOIN(a, b) TILLKIT_JOIN_(a, b)

/// Declares `declaration` from the value of a Result, or returns its error to the caller.
/// (gcc 12 has no `and_then`, and a chain of `if (!x)` hides what a function does.)
#define TILLKIT_TRY(declaration, ...)                                                                              \
  auto TILLKIT_JOIN(tillkit_try_, __LINE__) = (__VA_ARGS__);                                                       \
  if (!TILLKIT_JOIN(tillkit_try_, __LINE__)) return std::unexpected(TILLKIT_JOIN(tillkit_try_, __LINE__).error()); \
  declaration = *std::move(TILLKIT_JOIN(tillkit_try_, __LINE__))

/// The same for a call that returns no value.
#define TILLKIT_TRY_VOID(...)                                         \
  do {                                                                \
    if (auto tillkit_try_result = (__VA_ARGS__); !tillkit_try_result) \
      return std::unexpected(tillkit_try_result.error());             \
  } while (false)
