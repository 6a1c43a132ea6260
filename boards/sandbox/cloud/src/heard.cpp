// SPDX-License-Identifier: Apache-2.0
#include "heard.hpp"

#include <algorithm>
#include <limits>

#include "authority_digest.hpp"
#include "checks.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::int64_t kSeqMax = 1'125'899'906'842'623;
constexpr std::int64_t kNumberMax = 9'007'199'254'740'991;
constexpr std::size_t kBodyCharactersMax = 65'536;
constexpr std::size_t kPersonalMax = 16;
constexpr std::size_t kSaltCharactersMin = 22;
constexpr std::size_t kSaltCharactersMax = 86;
constexpr std::size_t kValueCharactersMax = 4'096;
// The chain value is found without reading the rest.
constexpr std::string_view kChainName = R"({"chain":")";
constexpr std::string_view kRecordName = R"(","record":)";
constexpr std::size_t kChainCharacters = 43;

bool is_base64url(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

template <class Id>
Result<Id> read_id(const JsonValue& object, std::string_view name) {
  TILLKIT_TRY(const std::string text, read_pattern(object, name, 1, Id::kLengthMax, core::is_id_char));
  return Id::parse(text);
}

/// A number that is in the record, or as in the one before.
template <class Number>
Result<> read_or_keep(const JsonValue& object, std::string_view name, bool first, std::int64_t min, Number& number) {
  if (!first && !object.find(name)) return {};
  TILLKIT_TRY(const std::int64_t value,
              read_number(object, name, min, static_cast<std::int64_t>(std::numeric_limits<Number>::max())));
  number = static_cast<Number>(value);
  return {};
}

Result<std::vector<PersonalPart>> read_personal(const JsonValue& object) {
  std::vector<PersonalPart> parts;
  const auto list = object.find("personal");
  if (!list) return parts;
  TILLKIT_TRY(const auto elements, list->elements());
  if (list->size() > kPersonalMax) return list->mistake();
  for (const JsonValue element : elements) {
    TILLKIT_TRY_VOID(element.only({"field", "salt", "value"}));
    PersonalPart part;
    TILLKIT_TRY(part.field, read_pattern(element, "field", 1, journal::Field::kLengthMax, core::is_id_char));
    TILLKIT_TRY(const std::string salt,
                read_pattern(element, "salt", kSaltCharactersMin, kSaltCharactersMax, is_base64url));
    const auto bytes = core::decode_base64url(salt);
    if (!bytes) return element.mistake();
    part.salt = core::as_text(*bytes);
    TILLKIT_TRY(part.value, read_words(element, "value", 1, kValueCharactersMax));
    parts.push_back(std::move(part));
  }
  return parts;
}

/// `record` comes as the one before, or as made for the first.
Result<> read_record(const JsonValue& object, bool first, journal::Record& record) {
  TILLKIT_TRY(const std::int64_t seq, read_number(object, "seq", 1, kSeqMax));
  if (!first && seq != record.seq.value() + 1) return object.mistake();
  record.seq = journal::Seq(seq);
  TILLKIT_TRY(record.kind, read_id<journal::Kind>(object, "kind"));
  TILLKIT_TRY_VOID(read_or_keep(object, "version", first, 1, record.version));
  record.sale = journal::SaleId();
  if (object.find("sale")) {
    TILLKIT_TRY(const std::int64_t sale, read_number(object, "sale", 1, kSeqMax));
    record.sale = journal::SaleId(sale);
  }
  TILLKIT_TRY(const std::int64_t wall, read_number(object, "wall", -kNumberMax, kNumberMax));
  record.at.wall.at = core::WallTime(std::chrono::milliseconds(wall));
  auto quality = static_cast<std::uint8_t>(record.at.wall.quality);
  TILLKIT_TRY_VOID(read_or_keep(object, "quality", first, 0, quality));
  record.at.wall.quality = static_cast<core::WallQuality>(quality);
  TILLKIT_TRY_VOID(read_or_keep(object, "boot", first, 0, record.at.boot));
  TILLKIT_TRY(const std::int64_t monotonic, read_number(object, "monotonic", -kNumberMax, kNumberMax));
  record.at.since_boot = core::MonotonicTime(std::chrono::microseconds(monotonic));
  if (first || object.find("operator")) {
    TILLKIT_TRY(record.duty.operator_id, read_id<journal::Operator>(object, "operator"));
  }
  TILLKIT_TRY_VOID(read_or_keep(object, "shift", first, 0, record.duty.shift));
  auto day = static_cast<std::int32_t>(record.duty.business_day.time_since_epoch().count());
  TILLKIT_TRY_VOID(read_or_keep(object, "day", first, std::numeric_limits<std::int32_t>::min(), day));
  record.duty.business_day = std::chrono::sys_days(std::chrono::days(day));
  TILLKIT_TRY(record.body, read_words(object, "body", 2, kBodyCharactersMax));
  return {};
}

}  // namespace

Result<std::vector<UploadedRecord>> read_uploaded(const JsonValue& list, const journal::JournalId& journal) {
  TILLKIT_TRY(const auto elements, list.elements());
  if (list.size() > kRecordsMax) return list.mistake();
  std::vector<UploadedRecord> records;
  journal::Record record;
  record.journal = journal;
  for (const JsonValue element : elements) {
    TILLKIT_TRY_VOID(element.only({"seq", "kind", "version", "sale", "wall", "quality", "boot", "monotonic", "operator",
                                   "shift", "day", "body", "personal"}));
    TILLKIT_TRY_VOID(read_record(element, records.empty(), record));
    TILLKIT_TRY(std::vector<PersonalPart> personal, read_personal(element));
    records.push_back({record, std::move(personal)});
  }
  return records;
}

Result<std::string> write_stored(const journal::Record& record, std::string_view chain) {
  JsonWriter json;
  json.begin_object().name("seq").integer(record.seq.value()).name("kind").text(record.kind.view());
  json.name("version").integer(record.version);
  if (record.sale != journal::SaleId()) json.name("sale").integer(record.sale.value());
  json.name("wall").integer(record.at.wall.at.time_since_epoch().count());
  json.name("quality").integer(static_cast<int>(record.at.wall.quality)).name("boot").integer(record.at.boot);
  json.name("monotonic").integer(record.at.since_boot.time_since_epoch().count());
  json.name("operator").text(record.duty.operator_id.view()).name("shift").integer(record.duty.shift);
  json.name("day").integer(record.duty.business_day.time_since_epoch().count());
  json.name("body").text(record.body).end_object();
  TILLKIT_TRY(const std::string text, json.finish());
  std::string stored(kChainName);
  stored += chain;
  stored += kRecordName;
  stored += text;
  stored += '}';
  return stored;
}

std::string_view chain_of_stored(std::string_view stored) {
  return stored.substr(std::min(stored.size(), kChainName.size()), kChainCharacters);
}

std::string_view record_of_stored(std::string_view stored) {
  const std::size_t begin = kChainName.size() + kChainCharacters + kRecordName.size();
  if (stored.size() <= begin) return {};
  return stored.substr(begin, stored.size() - begin - 1);
}

Result<journal::Record> stored_record(std::string_view stored, const journal::JournalId& journal) {
  const auto document = core::JsonDocument::parse(record_of_stored(stored));
  if (!document) return core::fail(core::ErrorCode::Corrupt);
  journal::Record record;
  record.journal = journal;
  if (!read_record(document->root(), true, record)) return core::fail(core::ErrorCode::Corrupt);
  return record;
}

Result<std::string> write_personal(const std::vector<PersonalPart>& personal) {
  JsonWriter json;
  json.begin_array();
  for (const PersonalPart& part : personal) {
    json.begin_object().name("field").text(part.field);
    json.name("salt").text(core::encode_base64url(core::as_bytes(part.salt))).name("value").text(part.value);
    json.end_object();
  }
  return json.end_array().finish();
}

bool personal_matches(const JsonValue& body, const std::vector<PersonalPart>& personal) {
  return std::ranges::all_of(personal, [&](const PersonalPart& part) {
    const auto fields = body.find("personal");
    const auto stored = fields ? fields->find(part.field) : std::nullopt;
    if (!stored) return false;
    const auto text = stored->text();
    return text && *text == core::encode_base64url(core::as_bytes(hmac_sha256(part.salt, part.value)));
  });
}

}  // namespace tillkit::sandbox
