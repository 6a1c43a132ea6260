// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/upload.hpp"

#include <algorithm>
#include <utility>

#include "reading.hpp"
#include "tillkit/core/json_writer.hpp"
#include "writing.hpp"

namespace tillkit::cloud {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;

constexpr std::size_t kBodyBytesMin = 2;
constexpr std::size_t kBodyBytesMax = 65'536;
constexpr std::size_t kPersonalMax = 16;
constexpr std::size_t kPersonalValueBytesMax = 4'096;
constexpr std::size_t kSaltBytesMin = 16;
constexpr std::size_t kSaltBytesMax = 64;
constexpr std::size_t kDetailCharactersMax = 400;
constexpr std::string_view kEnd = "]}";

/// Everything before the records.
Result<std::string> write_begin(const Head& head) {
  JsonWriter json;
  json.begin_object().name("journal").text(core::encode_hex(head.journal)).name("head").begin_object();
  TILLKIT_TRY_VOID(write_integer_in(json, "seq", head.seq, 1, kSeqMax));
  json.name("chain").text(core::encode_base64url(head.chain));
  if (head.counter > static_cast<std::uint64_t>(kCountMax)) return fail(ErrorCode::OutOfRange);
  json.name("counter").integer(head.counter).name("signature").text(core::encode_base64url(head.signature));
  json.end_object().name("records").begin_array().end_array().end_object();
  TILLKIT_TRY(std::string body, json.finish());
  body.resize(body.size() - kEnd.size());
  return body;
}

Result<> write_personal(JsonWriter& json, const std::vector<PersonalValue>& personal) {
  if (personal.empty()) return {};
  if (personal.size() > kPersonalMax) return fail(ErrorCode::InvalidArgument);
  json.name("personal").begin_array();
  for (const PersonalValue& one : personal) {
    if (one.salt.size() < kSaltBytesMin || one.salt.size() > kSaltBytesMax || one.value.empty() ||
        one.value.size() > kPersonalValueBytesMax) {
      return fail(ErrorCode::InvalidArgument);
    }
    json.begin_object();
    TILLKIT_TRY_VOID(write_id(json, "field", one.field.view()));
    json.name("salt").text(core::encode_base64url(one.salt)).name("value").text(one.value).end_object();
  }
  json.end_array();
  return {};
}

/// `before`: the record whose values need not be repeated; null for the first of a list.
Result<std::string> write_record(const Record& record, const Record* before) {
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_integer_in(json, "seq", record.seq, 1, kSeqMax));
  TILLKIT_TRY_VOID(write_id(json, "kind", record.kind.view()));
  if (record.version == 0 || record.sale < 0 || record.sale > kSeqMax || record.operator_id.empty())
    return fail(ErrorCode::InvalidArgument);
  const auto is_new = [&](auto member) { return before == nullptr || before->*member != record.*member; };
  if (is_new(&Record::version)) json.name("version").integer(record.version);
  if (record.sale != 0) json.name("sale").integer(record.sale);
  TILLKIT_TRY_VOID(write_integer_in(json, "wall", record.wall.time_since_epoch().count(), -kCountMax, kCountMax));
  if (is_new(&Record::quality)) json.name("quality").integer(record.quality);
  if (is_new(&Record::boot)) json.name("boot").integer(record.boot);
  const std::int64_t monotonic = record.monotonic.time_since_epoch().count();
  TILLKIT_TRY_VOID(write_integer_in(json, "monotonic", monotonic, -kCountMax, kCountMax));
  if (is_new(&Record::operator_id)) json.name("operator").text(record.operator_id.view());
  if (is_new(&Record::shift)) json.name("shift").integer(record.shift);
  if (is_new(&Record::day)) json.name("day").integer(record.day.time_since_epoch().count());
  if (record.body.size() < kBodyBytesMin || record.body.size() > kBodyBytesMax) return fail(ErrorCode::InvalidArgument);
  json.name("body").text(record.body);
  TILLKIT_TRY_VOID(write_personal(json, record.personal));
  return json.end_object().finish();
}

/// A number that is in the record, or as in the one before.
template <class Number>
Result<> read_or_keep(const JsonValue& object, std::string_view name, bool first, Number& number) {
  if (!first && !object.find(name)) return {};
  using Limits = std::numeric_limits<Number>;
  TILLKIT_TRY(const std::int64_t value, read_integer_in(object, name, Limits::min(), Limits::max()));
  number = static_cast<Number>(value);
  return {};
}

Result<PersonalValue> read_personal(const JsonValue& object) {
  PersonalValue one;
  TILLKIT_TRY(one.field, read_id<RecordField>(object, "field"));
  TILLKIT_TRY(const JsonValue salt, object.member("salt"));
  TILLKIT_TRY(const std::string_view encoded, salt.text());
  auto bytes = core::decode_base64url(encoded);
  if (!bytes || bytes->size() < kSaltBytesMin || bytes->size() > kSaltBytesMax) return salt.mistake();
  one.salt = *std::move(bytes);
  TILLKIT_TRY(const JsonValue value, object.member("value"));
  TILLKIT_TRY(one.value, value.text());
  if (one.value.empty() || one.value.size() > kPersonalValueBytesMax) return value.mistake();
  return one;
}

/// `record` comes as the one before, or as made for the first.
Result<> read_record(const JsonValue& object, bool first, Record& record) {
  TILLKIT_TRY_VOID(object.only({"seq", "kind", "version", "sale", "wall", "quality", "boot", "monotonic", "operator",
                                "shift", "day", "body", "personal"}));
  const std::int64_t seq_before = record.seq;
  TILLKIT_TRY(record.seq, read_seq(object, "seq"));
  if (record.seq <= seq_before) return object.mistake();
  TILLKIT_TRY(record.kind, read_id<RecordKind>(object, "kind"));
  TILLKIT_TRY_VOID(read_or_keep(object, "version", first, record.version));
  if (record.version == 0) return object.mistake();
  record.sale = 0;
  if (object.find("sale")) {
    TILLKIT_TRY(record.sale, read_seq(object, "sale"));
  }
  TILLKIT_TRY(const std::int64_t wall, read_integer_in(object, "wall", -kCountMax, kCountMax));
  record.wall = core::WallTime{std::chrono::milliseconds{wall}};
  TILLKIT_TRY_VOID(read_or_keep(object, "quality", first, record.quality));
  TILLKIT_TRY_VOID(read_or_keep(object, "boot", first, record.boot));
  TILLKIT_TRY(const std::int64_t monotonic, read_integer_in(object, "monotonic", -kCountMax, kCountMax));
  record.monotonic = core::MonotonicTime{std::chrono::microseconds{monotonic}};
  if (first || object.find("operator")) {
    TILLKIT_TRY(record.operator_id, read_id<RecordOperator>(object, "operator"));
  }
  TILLKIT_TRY_VOID(read_or_keep(object, "shift", first, record.shift));
  auto day = static_cast<std::int32_t>(record.day.time_since_epoch().count());
  TILLKIT_TRY_VOID(read_or_keep(object, "day", first, day));
  record.day = std::chrono::sys_days{std::chrono::days{day}};
  TILLKIT_TRY(const JsonValue body, object.member("body"));
  TILLKIT_TRY(record.body, body.text());
  if (record.body.size() < kBodyBytesMin || record.body.size() > kBodyBytesMax) return body.mistake();
  TILLKIT_TRY(record.personal, read_list_if_there<PersonalValue>(object, "personal", kPersonalMax, read_personal));
  return {};
}

Result<RefusedRecord> read_refused(const JsonValue& object) {
  RefusedRecord refused;
  TILLKIT_TRY(refused.seq, read_seq(object, "seq"));
  TILLKIT_TRY(const Name reason, read_id<Name>(object, "reason"));
  const auto* word = find_word(refused_words(), reason.view());
  refused.why = word == nullptr ? RefusedWhy::Other : word->value;
  if (object.find("detail")) {
    TILLKIT_TRY(const JsonValue detail, object.member("detail"));
    TILLKIT_TRY(refused.detail, detail.text());
    if (characters_of(refused.detail) > kDetailCharactersMax) return detail.mistake();
  }
  return refused;
}

Result<UploadAnswer> read_answer(const JsonValue& root) {
  UploadAnswer answer;
  TILLKIT_TRY(answer.acknowledged, read_integer_in(root, "acknowledged", 0, kSeqMax));
  TILLKIT_TRY(answer.refused, read_list<RefusedRecord>(root, "refused", kUploadRecordsMax, read_refused));
  return answer;
}

}  // namespace

UploadBatch::UploadBatch(const Head& head, std::size_t bytes_max)
    : begin_(write_begin(head)), bytes_max_(std::min(bytes_max, kUploadBodyBytesMax)) {}

Result<bool> UploadBatch::add(const Record& record) {
  TILLKIT_TRY(const std::string begin, begin_);
  const bool first = records_ == 0;
  if (!first && record.seq != last_.seq + 1) return fail(ErrorCode::InvalidArgument);
  if (records_ == kUploadRecordsMax) return false;
  TILLKIT_TRY(std::string text, write_record(record, first ? nullptr : &last_));
  const std::size_t bytes = begin.size() + list_.size() + 1 + text.size() + kEnd.size();
  if (bytes > (first ? kUploadBodyBytesMax : bytes_max_)) {
    core::wipe(text);
    if (first) return fail(ErrorCode::Exhausted);
    return false;
  }
  if (!first) list_ += ',';
  list_ += text;
  core::wipe(text);
  last_ = {.seq = record.seq,
           .version = record.version,
           .quality = record.quality,
           .boot = record.boot,
           .operator_id = record.operator_id,
           .shift = record.shift,
           .day = record.day};
  ++records_;
  return true;
}

Result<std::string> UploadBatch::finish() {
  TILLKIT_TRY(std::string body, begin_);
  body.reserve(body.size() + list_.size() + kEnd.size());
  body += list_;
  body += kEnd;
  core::wipe(list_);
  records_ = 0;
  return body;
}

Result<std::vector<Record>> read_records(const JsonValue& object) {
  Record record;
  bool first = true;
  return read_list<Record>(object, "records", kUploadRecordsMax, [&](const JsonValue& element) -> Result<Record> {
    TILLKIT_TRY_VOID(read_record(element, first, record));
    first = false;
    return record;
  });
}

Result<UploadAnswer> read_upload(const Reply& reply) {
  return read_reply<UploadAnswer>(reply, read_answer, kLongAnswerJsonLimits);
}

}  // namespace tillkit::cloud
