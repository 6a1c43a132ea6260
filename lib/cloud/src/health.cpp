// SPDX-License-Identifier: Apache-2.0
#include "tillkit/cloud/health.hpp"

#include <limits>

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

Result<> write_time(JsonWriter& json, std::string_view name, core::WallTime at) {
  return write_integer_in(json, name, at.time_since_epoch().count(), 0, std::numeric_limits<std::int64_t>::max());
}

Result<bool> read_noted(const JsonValue& root) {
  TILLKIT_TRY(const JsonValue value, root.member("noted"));
  TILLKIT_TRY(const bool noted, value.boolean());
  if (!noted) return value.mistake();
  return noted;
}

}  // namespace

Result<std::string> health_body(const HealthReport& report) {
  if (report.boot == 0) return fail(ErrorCode::InvalidArgument);
  if (report.faults.size() > kHealthFaultsMax) return fail(ErrorCode::Exhausted);
  JsonWriter json;
  json.begin_object();
  TILLKIT_TRY_VOID(write_firmware(json, report.firmware));
  TILLKIT_TRY_VOID(write_time(json, "at", report.at.at));
  json.name("clock").text(core::to_string(report.at.quality)).name("boot").integer(report.boot);
  json.name("sells").boolean(report.sells);
  if (!report.stopped.empty()) json.name("stopped").text(report.stopped.view());
  TILLKIT_TRY_VOID(write_integer_in(json, "unsent_records", report.unsent_records, 0, kCountMax));
  if (report.oldest_unsent_at) {
    TILLKIT_TRY_VOID(write_time(json, "oldest_unsent_at", *report.oldest_unsent_at));
  }
  TILLKIT_TRY_VOID(write_integer_in(json, "parked_records", report.parked_records, 0, kCountMax));
  TILLKIT_TRY_VOID(write_integer_in(json, "unresolved", report.unresolved, 0, kCountMax));
  TILLKIT_TRY_VOID(write_integer_in(json, "at_risk_minor", report.at_risk_minor, 0, kCountMax));
  TILLKIT_TRY_VOID(write_integer_in(json, "free_bytes", report.free_bytes, 0, kCountMax));
  json.name("faults").begin_array();
  for (const FaultCount& fault : report.faults) {
    json.begin_object();
    TILLKIT_TRY_VOID(write_id(json, "what", fault.what.view()));
    TILLKIT_TRY_VOID(write_integer_in(json, "count", fault.count, 0, kCountMax));
    json.end_object();
  }
  return json.end_array().end_object().finish();
}

Result<> read_health(const Reply& reply) {
  const auto noted = read_reply<bool>(reply, read_noted);
  if (!noted) return std::unexpected(noted.error());
  return {};
}

}  // namespace tillkit::cloud
