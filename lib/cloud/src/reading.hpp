// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/money.hpp"

namespace tillkit::cloud {

inline constexpr core::JsonLimits kAnswerJsonLimits{
    .bytes_max = kAnswerBodyBytesMax, .depth_max = 16, .values_max = 1'024, .members_max = 128};

[[nodiscard]] bool has_media_type(const Reply& reply, std::string_view type);

/// Reads a body with `read(root)`, one that is there to be understood: whatever is wrong with it is `code`, with the
/// byte offset where there is one.
template <class T, class Read>
[[nodiscard]] core::Result<T> read_body(const Reply& reply, std::string_view media_type, core::ErrorCode code,
                                        const Read& read) {
  if (!has_media_type(reply, media_type)) return core::fail(code, core::ErrorSource::Http, reply.status);
  const auto document = core::JsonDocument::parse(reply.body, kAnswerJsonLimits);
  if (!document) return core::fail(code, document.error().source, document.error().foreign);
  core::Result<T> value = read(document->root());
  if (!value) return core::fail(code, value.error().source, value.error().foreign);
  return value;
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

}  // namespace tillkit::cloud
