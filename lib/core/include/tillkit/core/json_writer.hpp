// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// Writes JSON, compact and always the same: members in the order of the calls, no spaces, integers with all 64 bits.
/// What it writes, `JsonDocument::parse` reads under the same limits.
///
///     JsonWriter json;
///     json.begin_object().name("sale").text("S-1").name("total").integer(1230).end_object();
///     TILLKIT_TRY(const std::string body, json.finish());
///
/// The first mistake is kept, later calls do nothing, and `finish` reports it:
/// - InvalidArgument: a string that is not UTF-8, a number text that is not a JSON number, a name twice in one object.
/// - Unsupported: a string with a NUL.
/// - Exhausted: a limit.
/// - FailedPrecondition: calls in an order that makes no JSON.
class JsonWriter {
 public:
  explicit JsonWriter(const JsonLimits& limits = {});

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();

  /// Names the next value of the open object.
  JsonWriter& name(std::string_view name);

  JsonWriter& null();
  JsonWriter& boolean(bool value);
  JsonWriter& text(std::string_view value);
  /// A number that is no integer, as text: `0.125`.
  JsonWriter& number(std::string_view number_text);
  JsonWriter& value(const JsonValue& value);

  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  JsonWriter& integer(Integer value) {
    if constexpr (std::signed_integral<Integer>) {
      return signed_integer(value);
    } else {
      return unsigned_integer(value);
    }
  }

  /// Takes the text; the writer is then as new.
  [[nodiscard]] Result<std::string> finish();

 private:
  struct Name {
    std::size_t offset;
    std::size_t size_bytes;
  };
  struct Container {
    bool object;
    bool named;              // object: a name waits for its value
    std::size_t count;       // members or elements
    std::size_t first_name;  // in names_
  };

  JsonWriter& signed_integer(std::int64_t value);
  JsonWriter& unsigned_integer(std::uint64_t value);
  JsonWriter& raw_value(std::string_view json);
  JsonWriter& begin(bool object);
  JsonWriter& end(bool object);

  void keep(ErrorCode code);
  [[nodiscard]] bool before_value();
  void after_append();
  [[nodiscard]] bool append_string(std::string_view value);
  [[nodiscard]] bool is_duplicate(const Container& container, const Name& added) const;

  JsonLimits limits_;
  std::string text_;
  std::vector<Container> open_;
  std::vector<Name> names_;  // of the open objects, where they stand in text_
  std::size_t values_ = 0;
  Result<> outcome_;
};

}  // namespace tillkit::core
