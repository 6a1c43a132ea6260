// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/encoding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace tillkit::core {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xFF;

using DigitTable = std::array<std::uint8_t, 256>;

constexpr DigitTable digit_table(std::string_view alphabet) {
  DigitTable table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr DigitTable kBase64Digits = digit_table(kBase64);
constexpr DigitTable kBase64UrlDigits = digit_table(kBase64Url);

constexpr std::uint8_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return kNoDigit;
}

std::string encode64(ByteView bytes, std::string_view alphabet, bool padded) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = bytes.size() - at < 3 ? bytes.size() - at : 3;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = (bits << 8) | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i <= count; ++i)
      text.push_back(alphabet[(bits >> (18 - 6 * i)) & 0x3FU]);
    if (padded) text.append(3 - count, '=');
  }
  return text;
}

/// Decodes digits without padding. The caller has made sure that their count is not 1 modulo 4.
Result<Bytes> decode64(std::string_view text, const DigitTable& digits) {
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::uint8_t digit = digits[static_cast<unsigned char>(text[at])];
    if (digit == kNoDigit) return fail_at(at);
    bits = (bits << 6) | digit;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> bit_count));
      bits &= (1U << bit_count) - 1;
    }
  }
  if (bits != 0) return fail_at(text.size() - 1);
  return bytes;
}

std::size_t first_wrong(std::string_view text, const DigitTable& digits) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (digits[static_cast<unsigned char>(text[at])] == kNoDigit) return at;
  }
  return text.size();
}

}  // namespace

std::string encode_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    text.push_back(kHexDigits[std::to_integer<std::size_t>(byte >> 4)]);
    text.push_back(kHexDigits[std::to_integer<std::size_t>(byte & std::byte{0x0F})]);
  }
  return text;
}

Result<Bytes> decode_hex(std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  unsigned high = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::uint8_t digit = hex_digit(text[at]);
    if (digit == kNoDigit) return fail_at(at);
    if (at % 2 == 1) bytes.push_back(static_cast<std::byte>(high << 4 | digit));
    high = digit;
  }
  if (text.size() % 2 != 0) return fail_at(text.size());
  return bytes;
}

std::string encode_base64(ByteView bytes) {
  return encode64(bytes, kBase64, true);
}

Result<Bytes> decode_base64(std::string_view text) {
  std::string_view digits = text;
  for (int padding = 0; padding < 2 && digits.ends_with('='); ++padding)
    digits.remove_suffix(1);
  const std::size_t wrong = first_wrong(digits, kBase64Digits);
  if (wrong != digits.size()) return fail_at(wrong);
  if (digits.size() % 4 == 1) return fail_at(digits.size());
  const std::size_t padding_due = (4 - digits.size() % 4) % 4;
  const std::size_t padding = text.size() - digits.size();
  if (padding > padding_due) return fail_at(digits.size() + padding_due);
  if (padding < padding_due) return fail_at(text.size());
  return decode64(digits, kBase64Digits);
}

std::string encode_base64url(ByteView bytes) {
  return encode64(bytes, kBase64Url, false);
}

Result<Bytes> decode_base64url(std::string_view text) {
  const std::size_t wrong = first_wrong(text, kBase64UrlDigits);
  if (wrong != text.size()) return fail_at(wrong);
  if (text.size() % 4 == 1) return fail_at(text.size());
  return decode64(text, kBase64UrlDigits);
}

}  // namespace tillkit::core
