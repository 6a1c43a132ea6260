// SPDX-License-Identifier: Apache-2.0
#include "reading.hpp"

#include <chrono>

namespace tillkit::cloud {

using core::JsonValue;
using core::Result;
using core::WallTime;

Result<WallTime> read_milliseconds(const JsonValue& object, std::string_view name) {
  constexpr std::int64_t kYear9999 = 253'402'300'799'999;
  TILLKIT_TRY(const std::int64_t number, read_integer_in(object, name, 0, kYear9999));
  return WallTime{std::chrono::milliseconds{number}};
}

Result<std::optional<WallTime>> read_milliseconds_if_there(const JsonValue& object, std::string_view name) {
  if (!object.find(name)) return std::optional<WallTime>{};
  TILLKIT_TRY(const WallTime at, read_milliseconds(object, name));
  return std::optional(at);
}

Result<WallTime> read_moment(const JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto at = core::parse_rfc3339(text);
  if (!at) return value.mistake();
  return *at;
}

Result<JournalId> read_journal(const JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto bytes = core::decode_hex(text);
  JournalId journal{};
  // One value has one text: the contract's is in lower case.
  if (!bytes || bytes->size() != journal.size() || core::encode_hex(*bytes) != text) return value.mistake();
  std::ranges::copy(*bytes, journal.begin());
  return journal;
}

std::size_t characters_of(std::string_view text) {
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

Result<std::vector<CloudKey>> read_cloud_keys(const JsonValue& object) {
  auto keys = read_list<CloudKey>(object, "keys", kCloudKeysMax, [](const JsonValue& element) -> Result<CloudKey> {
    CloudKey key;
    TILLKIT_TRY(key.name, read_id<KeyName>(element, "name"));
    TILLKIT_TRY(key.public_key, read_bytes<std::tuple_size_v<decltype(key.public_key)>>(element, "public_key"));
    return key;
  });
  if (keys && keys->empty()) return object.mistake();
  return keys;
}

}  // namespace tillkit::cloud
