// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "names.hpp"
#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/cloud/ids.hpp"
#include "tillkit/cloud/leases.hpp"
#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/members.hpp"
#include "tillkit/cloud/problem.hpp"
#include "tillkit/cloud/record.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::cloud {

inline constexpr core::JsonLimits kAnswerJsonLimits{
    .bytes_max = kAnswerBodyBytesMax, .depth_max = 16, .values_max = 1'024, .members_max = 128};
/// A page of news is one string of it.
inline constexpr core::JsonLimits kLongAnswerJsonLimits{.bytes_max = kLongAnswerBodyBytesMax,
                                                        .depth_max = 16,
                                                        .values_max = 32'768,
                                                        .members_max = 128,
                                                        .string_bytes_max = kNewsPageBytesMax};

[[nodiscard]] bool has_media_type(const Reply& reply, std::string_view type);

/// Reads a body with `read(root)`, one that is there to be understood: whatever is wrong with it is `code`, with the
/// byte offset where there is one.
template <class T, class Read>
[[nodiscard]] core::Result<T> read_body(const Reply& reply, std::string_view media_type, core::ErrorCode code,
                                        const Read& read, const core::JsonLimits& limits = kAnswerJsonLimits) {
  if (!has_media_type(reply, media_type)) return core::fail(code, core::ErrorSource::Http, reply.status);
  const auto document = core::JsonDocument::parse(reply.body, limits);
  if (!document) return core::fail(code, document.error().source, document.error().foreign);
  core::Result<T> value = read(document->root());
  if (!value) return core::fail(code, value.error().source, value.error().foreign);
  return value;
}

/// Reads a reply that only 200 makes an answer.
template <class T, class Read>
[[nodiscard]] core::Result<T> read_reply(const Reply& reply, const Read& read,
                                         const core::JsonLimits& limits = kAnswerJsonLimits) {
  if (reply.status != 200) return std::unexpected(error_of(reply));
  return read_body<T>(reply, "application/json", core::ErrorCode::Timeout, read, limits);
}

template <class Id>
[[nodiscard]] core::Result<Id> read_id(const core::JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto id = Id::parse(text);
  if (!id) return value.mistake();
  return *id;
}

/// The same where it may be absent: then it is empty.
template <class Id>
[[nodiscard]] core::Result<Id> read_id_if_there(const core::JsonValue& object, std::string_view name) {
  if (!object.find(name)) return Id{};
  return read_id<Id>(object, name);
}

[[nodiscard]] inline core::Result<std::string_view> read_text(const core::JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, object.member(name));
  return value.text();
}

/// A word that must be one of the list.
template <class Value>
[[nodiscard]] core::Result<Value> read_word(const core::JsonValue& object, std::string_view name,
                                            std::span<const Word<Value>> words) {
  TILLKIT_TRY(const core::JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto* word = find_word(words, text);
  if (word == nullptr) return value.mistake();
  return word->value;
}

/// A word that a newer contract may have more of: those are `Other`.
template <class Value>
[[nodiscard]] core::Result<Value> read_open_word(const core::JsonValue& object, std::string_view name,
                                                 std::span<const Word<Value>> words) {
  TILLKIT_TRY(const std::string_view text, read_text(object, name));
  const auto* word = find_word(words, text);
  return word == nullptr ? Value::Other : word->value;
}

/// A text that may be empty, and is an id else.
template <class Id>
[[nodiscard]] core::Result<Id> read_id_or_empty(const core::JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const std::string_view text, read_text(object, name));
  if (text.empty()) return Id{};
  return read_id<Id>(object, name);
}

[[nodiscard]] inline core::Result<std::int64_t> read_integer_in(const core::JsonValue& object, std::string_view name,
                                                                std::int64_t min, std::int64_t max) {
  TILLKIT_TRY(const core::JsonValue value, object.member(name));
  return value.integer_in(min, max);
}

[[nodiscard]] inline core::Result<std::int64_t> read_count(const core::JsonValue& object, std::string_view name) {
  return read_integer_in(object, name, 0, kCountMax);
}

[[nodiscard]] inline core::Result<std::int64_t> read_seq(const core::JsonValue& object, std::string_view name) {
  return read_integer_in(object, name, 1, kSeqMax);
}

[[nodiscard]] inline core::Result<bool> read_flag(const core::JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, object.member(name));
  return value.boolean();
}

/// Whole milliseconds since 1970.
[[nodiscard]] core::Result<core::WallTime> read_milliseconds(const core::JsonValue& object, std::string_view name);
[[nodiscard]] core::Result<std::optional<core::WallTime>> read_milliseconds_if_there(const core::JsonValue& object,
                                                                                     std::string_view name);
/// RFC 3339.
[[nodiscard]] core::Result<core::WallTime> read_moment(const core::JsonValue& object, std::string_view name);

/// As many bytes in base64url.
template <std::size_t Size>
[[nodiscard]] core::Result<std::array<std::byte, Size>> read_bytes(const core::JsonValue& object,
                                                                   std::string_view name) {
  TILLKIT_TRY(const core::JsonValue value, object.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  const auto decoded = core::decode_base64url(text);
  if (!decoded || decoded->size() != Size) return value.mistake();
  std::array<std::byte, Size> bytes{};
  std::ranges::copy(*decoded, bytes.begin());
  return bytes;
}

/// A journal's 32 hexadecimal digits, in lower case.
[[nodiscard]] core::Result<JournalId> read_journal(const core::JsonValue& object, std::string_view name);

/// The elements of a list, at most `max`, each read by `read(element)`.
template <class T, class Read>
[[nodiscard]] core::Result<std::vector<T>> read_list(const core::JsonValue& object, std::string_view name,
                                                     std::size_t max, const Read& read) {
  TILLKIT_TRY(const core::JsonValue list, object.member(name));
  TILLKIT_TRY(const auto elements, list.elements());
  std::vector<T> all;
  for (const core::JsonValue element : elements) {
    if (all.size() == max) return element.mistake();
    TILLKIT_TRY(T one, read(element));
    all.push_back(std::move(one));
  }
  return all;
}

template <class T, class Read>
[[nodiscard]] core::Result<std::vector<T>> read_list_if_there(const core::JsonValue& object, std::string_view name,
                                                              std::size_t max, const Read& read) {
  if (!object.find(name)) return std::vector<T>{};
  return read_list<T>(object, name, max, read);
}

/// How many characters a well-formed text has.
[[nodiscard]] std::size_t characters_of(std::string_view text);

// What several answers are made of.

[[nodiscard]] core::Result<Coupon> read_coupon(const core::JsonValue& coupon);
[[nodiscard]] core::Result<Member> read_member_of(const core::JsonValue& member);
[[nodiscard]] core::Result<Lease> read_lease_of(const core::JsonValue& lease);
[[nodiscard]] core::Result<std::vector<CloudKey>> read_cloud_keys(const core::JsonValue& object);
/// The records of a list; each takes over from the one before what it does not have.
[[nodiscard]] core::Result<std::vector<Record>> read_records(const core::JsonValue& object);

}  // namespace tillkit::cloud
