// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tillkit/receipt/texts.hpp"

namespace tillkit::receipt::detail {

/// What a pattern can name. The numbers are those of `kPlaceholders`.
enum class Placeholder : std::uint8_t { Amount, Order, Sale, Minutes, Age, Count, Works };

inline constexpr std::array<std::string_view, 7> kPlaceholders{"{amount}", "{order}", "{sale}", "{minutes}",
                                                               "{age}",    "{count}", "{works}"};

/// The placeholder that a text starts with.
constexpr std::optional<Placeholder> placeholder_at(std::string_view text) {
  for (std::size_t i = 0; i < kPlaceholders.size(); ++i) {
    if (text.starts_with(kPlaceholders[i])) return static_cast<Placeholder>(i);
  }
  return std::nullopt;
}

/// A bit for each placeholder; bit 31: a brace that belongs to none.
constexpr std::uint32_t placeholders_in(std::string_view text) {
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}') found |= 1U << 31U;
    if (text[i] != '{') continue;
    const auto placeholder = placeholder_at(text.substr(i));
    if (!placeholder) return 1U << 31U;
    found |= 1U << static_cast<unsigned>(*placeholder);
    i += kPlaceholders[static_cast<std::size_t>(*placeholder)].size() - 1;
  }
  return found;
}

/// One thing to say, in every language, to each audience.
template <class Id>
struct TextRow {
  Id id;
  std::string_view zh_shopper;
  std::string_view zh_operator;
  std::string_view en_shopper;
  std::string_view en_operator;

  [[nodiscard]] constexpr std::string_view text(Language language, Audience audience) const {
    if (language == Language::ZhCn) return audience == Audience::Shopper ? zh_shopper : zh_operator;
    return audience == Audience::Shopper ? en_shopper : en_operator;
  }
};

/// Whether rows are those of all ids from `first`, in order, nothing is empty, and languages name the same values.
template <class Id, std::size_t kRows>
constexpr bool is_whole(const std::array<TextRow<Id>, kRows>& rows, std::size_t first, std::size_t ids) {
  if (kRows != ids) return false;
  for (std::size_t i = 0; i < kRows; ++i) {
    const TextRow<Id>& row = rows[i];
    if (static_cast<std::size_t>(row.id) != first + i) return false;
    if (row.zh_shopper.empty() || row.zh_operator.empty() || row.en_shopper.empty() || row.en_operator.empty()) {
      return false;
    }
    const std::uint32_t shopper = placeholders_in(row.zh_shopper);
    const std::uint32_t at_till = placeholders_in(row.zh_operator);
    if (shopper != placeholders_in(row.en_shopper) || at_till != placeholders_in(row.en_operator)) return false;
    if (((shopper | at_till) >> 31U) != 0) return false;
  }
  return true;
}

}  // namespace tillkit::receipt::detail
