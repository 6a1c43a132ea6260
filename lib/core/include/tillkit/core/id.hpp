// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "tillkit/core/result.hpp"

namespace tillkit::core {

/// A number that names a thing. Two kinds of ids do not mix and none turns into a number by itself.
///
///     using SlotId = core::StrongId<struct SlotTag, std::uint16_t>;
template <class Tag, std::integral Rep>
class StrongId {
 public:
  constexpr StrongId() = default;
  explicit constexpr StrongId(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_{};
};

/// `0-9A-Za-z` and `._:-`: what needs no escaping in a path, a log or a JSON text.
constexpr bool is_id_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' ||
         c == ':' || c == '-';
}

/// `0-9A-Z`: what every payment provider takes in an order number.
constexpr bool is_order_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/// `0-9`
constexpr bool is_digit_char(char c) {
  return c >= '0' && c <= '9';
}

/// A text of 1 to `LengthMax` allowed characters that names a thing, kept in place. The default is empty: 'no id'.
///
///     using OrderNumber = core::TextId<struct OrderNumberTag, 32, core::is_order_char>;
template <class Tag, std::size_t LengthMax, bool (*Allowed)(char) = is_id_char>
  requires(LengthMax >= 1 && LengthMax <= 255)
class TextId {
 public:
  static constexpr std::size_t kLengthMax = LengthMax;

  constexpr TextId() = default;

  /// `InvalidArgument`: empty, too long (offset `LengthMax`), or a character that is not allowed (its offset).
  [[nodiscard]] static constexpr Result<TextId> parse(std::string_view text) {
    if (text.empty()) return fail_at(0);
    for (std::size_t i = 0; i < std::min(text.size(), LengthMax); ++i) {
      if (!Allowed(text[i])) return fail_at(i);
    }
    if (text.size() > LengthMax) return fail_at(LengthMax);
    TextId id;
    std::copy(text.begin(), text.end(), id.chars_.begin());
    id.length_ = static_cast<std::uint8_t>(text.size());
    return id;
  }

  /// Valid as long as this object.
  [[nodiscard]] constexpr std::string_view view() const { return {chars_.data(), length_}; }

  [[nodiscard]] constexpr bool empty() const { return length_ == 0; }

  friend constexpr bool operator==(const TextId&, const TextId&) = default;
  friend constexpr std::strong_ordering operator<=>(const TextId& a, const TextId& b) { return a.view() <=> b.view(); }

 private:
  std::array<char, LengthMax> chars_{};  // zero behind the text, so that equality may compare all of it
  std::uint8_t length_ = 0;
};

}  // namespace tillkit::core

template <class Tag, class Rep>
struct std::hash<tillkit::core::StrongId<Tag, Rep>> {
  std::size_t operator()(tillkit::core::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};

template <class Tag, std::size_t LengthMax, bool (*Allowed)(char)>
struct std::hash<tillkit::core::TextId<Tag, LengthMax, Allowed>> {
  std::size_t operator()(const tillkit::core::TextId<Tag, LengthMax, Allowed>& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};
