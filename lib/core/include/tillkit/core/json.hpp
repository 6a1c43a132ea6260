// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tillkit/core/error.hpp"
#include "tillkit/core/result.hpp"

struct cJSON;  // NOLINT(readability-identifier-naming): its own name

namespace tillkit::core {

/// What a JSON text may cost, checked before anything is built from it. A text beyond a limit is `Exhausted`.
struct JsonLimits {
  std::size_t bytes_max = 1'048'576;      ///< Whole text.
  std::size_t depth_max = 32;             ///< Arrays and objects inside one another; `[]` is 1 deep.
  std::size_t values_max = 20'000;        ///< Values in the whole text; one costs about 150 bytes of memory.
  std::size_t members_max = 1'024;        ///< Members of one object.
  std::size_t string_bytes_max = 65'536;  ///< One string or name, decoded.
};

/// No limits may be set above these: recursion is bounded by the depth, offsets have 31 bits.
inline constexpr std::size_t kJsonBytesCeiling = 0x7FFF'FFFF;
inline constexpr std::size_t kJsonDepthCeiling = 128;
/// Longest number, in characters.
inline constexpr std::size_t kJsonNumberBytesMax = 63;

enum class JsonKind : std::uint8_t { Null, Boolean, Number, String, Array, Object };

/// `null`, `boolean`, `number`, `string`, `array`, `object`
[[nodiscard]] std::string_view to_string(JsonKind kind);

class JsonElements;
class JsonMembers;

/// One value in a `JsonDocument`, which must outlive it. Cheap to copy; never empty.
///
/// What an accessor cannot give it answers with an error whose `foreign` is the byte offset of the value in the text
/// (`ErrorSource::Input`), so that whoever reports it can ask `JsonDocument::path_at` where that is:
/// - InvalidArgument: the value is of another kind.
/// - NotFound: the object or array has no such member or element; the offset is the container's.
/// - OutOfRange: an integer that does not fit.
class JsonValue {
 public:
  [[nodiscard]] JsonKind kind() const;
  [[nodiscard]] bool is_null() const { return kind() == JsonKind::Null; }

  /// Where the value starts in the text, in bytes.
  [[nodiscard]] std::size_t offset() const;

  /// Blames this value: `return value.mistake();` where a reader understands the JSON but not what it says.
  [[nodiscard]] std::unexpected<Error> mistake(ErrorCode code = ErrorCode::InvalidArgument) const;

  [[nodiscard]] Result<bool> boolean() const;

  /// The exact integer. A number with a fraction or an exponent is not an integer, whatever its value: `1.0` and `1e3`
  /// are refused as another kind would be. `-0` is 0.
  [[nodiscard]] Result<std::int64_t> integer() const;
  /// The same, for counters that use all 64 bits.
  [[nodiscard]] Result<std::uint64_t> unsigned_integer() const;
  /// An integer from `min` to `max`.
  [[nodiscard]] Result<std::int64_t> integer_in(std::int64_t min, std::int64_t max) const;

  /// The number exactly as written. There is no accessor that rounds.
  [[nodiscard]] Result<std::string_view> number_text() const;

  /// The decoded string: UTF-8 without NUL.
  [[nodiscard]] Result<std::string_view> text() const;

  /// Members of an object or elements of an array; 0 for all else. Walks them.
  [[nodiscard]] std::size_t size() const;

  /// Ranges to loop over, in the order of the text.
  [[nodiscard]] Result<JsonElements> elements() const;
  [[nodiscard]] Result<JsonMembers> members() const;

  /// The element at `index`. Walks there: to read them all, use `elements`.
  [[nodiscard]] Result<JsonValue> at(std::size_t index) const;

  /// The member of that name, exact to the case.
  [[nodiscard]] Result<JsonValue> member(std::string_view name) const;

  /// The same where it may be absent; also absent when this is no object.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view name) const;

  /// Passes an object whose members are all among `names`; else `InvalidArgument` with the first other member's offset.
  [[nodiscard]] Result<> only(std::initializer_list<std::string_view> names) const;

 private:
  friend class JsonDocument;
  friend class JsonElements;
  friend class JsonMembers;

  explicit JsonValue(const cJSON* node) : node_(node) {}

  const cJSON* node_;
};

/// The elements of an array: `for (const JsonValue value : elements)`.
class JsonElements {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = JsonValue;

    [[nodiscard]] JsonValue operator*() const { return JsonValue(node_); }
    Iterator& operator++();
    Iterator operator++(int);
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class JsonElements;
    explicit Iterator(const cJSON* node) : node_(node) {}
    const cJSON* node_;
  };

  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(nullptr); }

 private:
  friend class JsonValue;
  explicit JsonElements(const cJSON* first) : first_(first) {}
  const cJSON* first_;
};

struct JsonMember {
  std::string_view name;
  JsonValue value;
};

/// The members of an object: `for (const auto [name, value] : members)`.
class JsonMembers {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = JsonMember;

    [[nodiscard]] JsonMember operator*() const;
    Iterator& operator++();
    Iterator operator++(int);
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class JsonMembers;
    explicit Iterator(const cJSON* node) : node_(node) {}
    const cJSON* node_;
  };

  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(nullptr); }

 private:
  friend class JsonValue;
  explicit JsonMembers(const cJSON* first) : first_(first) {}
  const cJSON* first_;
};

/// A JSON text that was read. Owns its values, cannot be changed.
///
/// It takes what RFC 8259 defines and nothing else: UTF-8 without a byte order mark, one value, no comments, no
/// trailing commas. Of what the RFC leaves open it takes the strict side: two members of one name are refused.
///
/// `parse` is for one thread at a time in a process (cJSON notes its last error in a global); reading a document is not
/// bound to a thread.
class JsonDocument {
 public:
  /// Reads `text`; keeps no reference to it.
  /// - InvalidArgument: not JSON, not UTF-8, or a name twice in one object; the byte offset.
  /// - Unsupported: `\u0000` in a string; the byte offset.
  /// - Exhausted: beyond a limit; the byte offset. Or no memory (without an offset).
  /// - FailedPrecondition: `limits` are above a ceiling.
  [[nodiscard]] static Result<JsonDocument> parse(std::string_view text, const JsonLimits& limits = {});

  [[nodiscard]] JsonValue root() const { return JsonValue(root_.get()); }

  /// Names the value that starts at a byte offset, as a JSON pointer (RFC 6901): `/offers/3/amount`; empty for the
  /// root. `NotFound`: no value starts there.
  [[nodiscard]] Result<std::string> path_at(std::size_t offset) const;

  /// The same for an error that an accessor gave, or that came from `JsonValue::mistake`.
  [[nodiscard]] Result<std::string> path_of(const Error& error) const;

 private:
  struct Deleter {
    void operator()(cJSON* root) const;
  };
  using Root = std::unique_ptr<cJSON, Deleter>;

  explicit JsonDocument(Root root) : root_(std::move(root)) {}

  Root root_;
};

}  // namespace tillkit::core
