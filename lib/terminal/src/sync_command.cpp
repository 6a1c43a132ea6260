// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "commands.hpp"
#include "tillkit/catalog/replica.hpp"
#include "tillkit/checkout/permissions.hpp"
#include "tillkit/sync/tables.hpp"

namespace tillkit::terminal {
namespace {

using core::Result;

/// An answer names so many parked records and refused copies; the status counts all.
constexpr std::size_t kParkedShown = 100;

void write_when_known(core::JsonWriter& json, std::string_view name, const std::optional<core::WallReading>& then,
                      const hal::Clock& clock) {
  if (then) write_age(json, name, *then, clock);
}

/// A line each of what the cloud sent to be sold and cannot be used here.
Result<> tell_refused_copies(const Tools& tools, std::string& text) {
  if (tools.copies == nullptr) return {};
  TILLKIT_TRY(const auto refused, catalog::refused_copies(*tools.copies, kParkedShown));
  for (const catalog::RefusedCopy& copy : refused) {
    core::JsonWriter json;
    json.begin_object().name("refused").text(to_string(copy.kind)).name("id").text(copy.id);
    json.name("why").text(copy.why);
    add_line(text, json);
  }
  return {};
}

Result<std::string> tell_status(const Tools& tools) {
  std::string text;
  TILLKIT_TRY(const std::vector<sync::Parked> parked, sync::parked(tools.journal.tables(), kParkedShown));
  for (const sync::Parked& record : parked) {
    core::JsonWriter json;
    json.begin_object().name("parked").integer(record.seq.value()).name("why").text(to_string(record.why));
    if (const auto found = tools.journal.read(record.seq)) {
      json.name("kind").text(found->kind.view());
      write_when(json, found->at.wall);
    }
    add_line(text, json);
  }
  TILLKIT_TRY_VOID(tell_refused_copies(tools, text));
  core::JsonWriter json;
  begin_done(json, "sync.status");
  json.name("running").boolean(tools.sync != nullptr);
  json.name("unacknowledged").integer(tools.journal.last_seq().value() - tools.journal.acknowledged().value());
  if (const auto oldest = tools.journal.read(journal::Seq(tools.journal.acknowledged().value() + 1))) {
    write_age(json, "oldest_unacknowledged_s", oldest->at.wall, tools.clock);
  }
  TILLKIT_TRY(const std::int64_t count, sync::parked_records(tools.journal.tables()));
  json.name("parked_records").integer(count);
  TILLKIT_TRY(const auto stopped, sync::upload_stop(tools.journal.tables()));
  if (stopped) json.name("upload_stopped").text(to_string(*stopped));
  TILLKIT_TRY(const std::int64_t refused, sync::refused_decisions(tools.journal.tables()));
  json.name("refused_decisions").integer(refused);
  if (tools.sync != nullptr) {
    TILLKIT_TRY(const sync::SyncStatus status, tools.sync->status());
    write_when_known(json, "uploaded_s", status.uploaded_at, tools.clock);
    write_when_known(json, "decisions_s", status.decisions_at, tools.clock);
    write_when_known(json, "copies_s", status.copies_at, tools.clock);
    json.name("recalls").integer(status.recalls).name("bad_pages").integer(status.bad_pages);
    json.name("passed_over").integer(status.passed_over);
    if (status.clock_off) json.name("clock_off_ms").integer(status.clock_off->count());
    json.name("faults").begin_object();
    for (const auto& [what, times] : status.faults)
      json.name(what).integer(times);
    json.end_object();
  }
  if (tools.copies != nullptr) {
    TILLKIT_TRY(const catalog::ReplicaState copies, catalog::replica_state(*tools.copies));
    json.name("items").integer(copies.items).name("refused_copies").integer(copies.refused);
    if (!copies.rules_version.empty()) json.name("rules").text(copies.rules_version);
  }
  write_journal(json, tools.journal);
  add_line(text, json);
  return text;
}

std::unique_ptr<Answer> no_cloud() {
  return problem(core::ErrorCode::FailedPrecondition,
                 "nothing is uploaded from here: no terminal runs, or it was not enrolled ('tillctl enrol')");
}

std::unique_ptr<Answer> done(std::string_view command) {
  std::string text;
  core::JsonWriter json;
  begin_done(json, command);
  add_line(text, json);
  return lines(std::move(text));
}

}  // namespace

std::unique_ptr<Answer> begin_sync_status(const Tools& tools, const core::JsonValue& /*request*/) {
  auto text = tell_status(tools);
  if (!text) return problem(text.error().code, "the tables cannot be read: 'journal.verify' says what is damaged");
  return lines(*std::move(text));
}

std::unique_ptr<Answer> begin_sync_now(const Tools& tools, const core::JsonValue& /*request*/) {
  if (tools.sync == nullptr) return no_cloud();
  tools.sync->sync_now();
  return done("sync.now");
}

std::unique_ptr<Answer> begin_sync_resume(const Tools& tools, const core::JsonValue& request) {
  if (tools.sync == nullptr) return no_cloud();
  const auto member = request.find("by");
  const auto text = member ? member->text() : Result<std::string_view>(core::fail(core::ErrorCode::NotFound));
  const auto by = text ? journal::Operator::parse(*text) : Result<journal::Operator>(std::unexpected(text.error()));
  if (!by) return bad_member("by", "is who decides it");
  if (tools.permissions == nullptr || !tools.permissions->is_permitted(*by, checkout::Action::Resolve, {})) {
    return problem(core::ErrorCode::PermissionDenied, "nobody here may decide that by this name");
  }
  if (const auto resumed = tools.sync->resume_upload(*by); !resumed) {
    const bool not_stopped = resumed.error().code == core::ErrorCode::FailedPrecondition;
    return problem(resumed.error().code, not_stopped ? "uploading is not stopped, or the journal takes nothing now"
                                                     : "the journal takes nothing now; nothing was changed");
  }
  return done("sync.resume");
}

}  // namespace tillkit::terminal
