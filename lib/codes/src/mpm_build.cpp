// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "digits.hpp"
#include "mpm_text.hpp"
#include "tillkit/codes/mpm.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/crc.hpp"
#include "tillkit/core/utf8.hpp"

namespace tillkit::codes {
namespace {

void append_two_digits(std::string& text, std::size_t number) {
  text += digit_char(static_cast<int>(number / 10));
  text += digit_char(static_cast<int>(number % 10));
}

std::optional<MpmMistake> append_object(std::string& text, const MpmObject& object, int depth);

/// Templates lie at most two deep: a scheme's own one in field 62.
std::optional<MpmMistake> append_parts(std::string& text, const MpmObject& object, int depth) {
  constexpr int kDepthMax = 2;
  if (!object.value.empty() || depth == kDepthMax) return MpmMistake::Structure;
  for (const MpmObject& part : object.parts) {
    if (const auto mistake = append_object(text, part, depth + 1)) return mistake;
  }
  return std::nullopt;
}

std::optional<MpmMistake> append_object(std::string& text, const MpmObject& object, int depth) {
  if (object.id > kMpmIdLast) return MpmMistake::Id;
  std::string parts;
  if (!object.parts.empty()) {
    if (const auto mistake = append_parts(parts, object, depth)) return mistake;
  }
  const std::string_view value = object.parts.empty() ? std::string_view(object.value) : std::string_view(parts);
  if (!core::check_utf8(value)) return MpmMistake::NotUtf8;
  const std::size_t characters = characters_in(value);
  if (characters == 0 || characters > kMpmValueCharactersMax) return MpmMistake::Length;
  append_two_digits(text, object.id);
  append_two_digits(text, characters);
  text += value;
  return std::nullopt;
}

}  // namespace

std::expected<std::string, MpmFault> build_mpm(const Mpm& code, MpmRules rules) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  text.reserve(kMpmBytesMax);
  for (const MpmObject& object : code.objects) {
    if (text.size() > kMpmBytesMax)
      return std::unexpected(MpmFault{.mistake = MpmMistake::TooLong, .field = object.id});
    if (const auto mistake = append_object(text, object, 0))
      return std::unexpected(MpmFault{.mistake = *mistake, .field = object.id});
  }
  text += "6304";
  const unsigned crc = core::Crc16CcittFalse::of(core::as_bytes(text));
  for (const unsigned shift : {12U, 8U, 4U, 0U})
    text += kHex[(crc >> shift) & 0xFU];
  // The reader is the judge: whatever it would not read back as this very code is not written.
  const auto read = parse_mpm(text, rules);
  if (!read) return std::unexpected(read.error());
  if (*read == code) return text;
  for (std::size_t i = 0; i < std::min(read->objects.size(), code.objects.size()); ++i) {
    if (read->objects[i] != code.objects[i])
      return std::unexpected(MpmFault{.mistake = MpmMistake::Structure, .field = code.objects[i].id});
  }
  return std::unexpected(MpmFault{.mistake = MpmMistake::Structure});
}

}  // namespace tillkit::codes
