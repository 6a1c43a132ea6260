// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "impl.hpp"
#include "schema.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tolerant_reader.hpp"

namespace tillkit::journal {
namespace {

// A record's body and what stands around it.
constexpr core::JsonLimits kLineLimits{.bytes_max = kExportLineBytesMax, .string_bytes_max = 2 * kBodyBytesMax};

core::Result<std::string> line_of(const Record& record) {
  core::JsonWriter json(kLineLimits);
  json.begin_object().name("journal").text(to_string(record.journal)).name("seq").integer(record.seq.value());
  json.name("kind").text(record.kind.view()).name("version").integer(record.version);
  if (record.sale != SaleId{}) json.name("sale").integer(record.sale.value());
  json.name("wall_ms").integer(record.at.wall.at.time_since_epoch().count());
  json.name("quality").text(core::to_string(record.at.wall.quality)).name("boot").integer(record.at.boot);
  json.name("monotonic_us").integer(record.at.since_boot.time_since_epoch().count());
  json.name("operator").text(record.duty.operator_id.view()).name("shift").integer(record.duty.shift);
  json.name("business_day").integer(record.duty.business_day.time_since_epoch().count());
  json.name("chain").text(core::encode_hex(record.chain));
  if (record.seal) json.name("seal").text(core::encode_hex(*record.seal));
  if (const auto body = core::JsonDocument::parse(record.body, kLineLimits)) {
    json.name("body").value(body->root());
  } else {
    json.name("body_text").text(record.body);
  }
  return json.end_object().finish();
}

core::Result<std::string> line_of(const Gap& gap) {
  core::JsonWriter json;
  json.begin_object().name("unreadable").begin_array().integer(gap.first.value()).integer(gap.last.value());
  return json.end_array().end_object().finish();
}

/// A record with a text in it that is no text.
Found as_gap(const Found& found) {
  return {std::nullopt, {found.record->seq, found.record->seq}};
}

core::Result<ExportReport> export_records(detail::Database& database, const JournalId& journal, Seq last_expected,
                                          const ExportSink& sink) {
  ExportReport report;
  report.whole = true;
  TolerantReader records(database, journal, last_expected);
  while (auto found = records.next()) {
    auto line = found->record ? line_of(*found->record) : line_of(found->gap);
    if (!line) {
      *found = as_gap(*found);
      line = line_of(found->gap);
    }
    if (found->record) {
      ++report.records;
    } else {
      report.whole = false;
      if (report.unreadable.size() < kFindingsMax) report.unreadable.push_back(found->gap);
    }
    TILLKIT_TRY_VOID(line);
    TILLKIT_TRY_VOID(sink(*line));
  }
  return report;
}

/// What the file says about itself, without the key that would prove it.
FileState read_state(detail::Database& database) {
  FileState state;
  const auto statement = database.prepare("SELECT journal, head_seq, acknowledged FROM state WHERE one = 1");
  if (!statement || !(*statement)->begin({})) return state;
  detail::Cursor row(**statement);
  if (const auto any = row.next(); !any || !*any) return state;
  if (const auto id = row.bytes(0); id && id->size() == state.journal.bytes.size()) {
    std::ranges::copy(*id, state.journal.bytes.begin());
  }
  state.head_seq = Seq(row.integer(1).value_or(0));
  state.acknowledged = Seq(row.integer(2).value_or(0));
  return state;
}

}  // namespace

core::Result<std::string> export_line(const Found& found) {
  if (!found.record) return line_of(found.gap);
  auto line = line_of(*found.record);
  return line ? line : line_of(as_gap(found).gap);
}

core::Result<ExportReport> export_file(const std::string& path, const std::string& vfs, const ExportSink& sink) {
  auto database = detail::Database::open({.path = path, .vfs = vfs, .create = false});
  core::Result<> opened;
  if (!database) opened = std::unexpected(database.error());
  if (opened) {
    const auto readable = (*database)->prepare("SELECT seq FROM records WHERE seq = 0");
    if (!readable) opened = std::unexpected(readable.error());
  }
  if (!opened) {
    ExportReport report;
    report.opened = opened;
    return report;
  }
  const FileState state = read_state(**database);
  return export_records(**database, state.journal, std::max(state.head_seq, state.acknowledged), sink);
}

core::Result<ExportReport> Journal::Impl::export_lines(const ExportSink& sink) const {
  return export_records(*database_, file_.journal, std::max(file_.head_seq, file_.acknowledged), sink);
}

core::Result<Seq> Journal::Impl::read_on(Seq from, std::int64_t records_max, const FoundSink& sink) const {
  TolerantReader records(*database_, file_.journal, std::max(file_.head_seq, file_.acknowledged), from);
  for (std::int64_t i = 0; i < records_max; ++i) {
    const auto found = records.next();
    if (!found) return Seq{};
    TILLKIT_TRY_VOID(sink(*found));
    const Seq last = found->record ? found->record->seq : found->gap.last;
    if (last == Seq{}) return Seq{};
    from = Seq(last.value() + 1);
  }
  return from;
}

}  // namespace tillkit::journal
