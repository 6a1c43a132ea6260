// SPDX-License-Identifier: Apache-2.0
#include "journal_view.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "answer_fields.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;

/// So much of a record's body is shown in a table.
constexpr std::size_t kBodyShownBytes = 160;

std::string body_of(const core::JsonValue& record) {
  std::string text = text_of(record, "body_text");
  if (const auto body = record.find("body")) {
    core::JsonWriter json(kLineLimits);
    text = printable(json.value(*body).finish().value_or("?"));
  }
  if (text.size() <= kBodyShownBytes) return text;
  std::size_t cut = kBodyShownBytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U)
    --cut;
  return text.substr(0, cut) + " ...";
}

std::string gap_of(const core::JsonValue& gap) {
  const auto first = gap.at(0);
  const auto last = gap.at(1);
  const std::int64_t from = first ? first->integer().value_or(0) : 0;
  const std::int64_t to = last ? last->integer().value_or(0) : 0;
  if (to == 0) return "  from record " + std::to_string(from) + " on nothing can be read: the file is damaged there";
  if (to == from) return "  record " + std::to_string(from) + " cannot be read: the file is damaged there";
  return "  records " + std::to_string(from) + " to " + std::to_string(to) +
         " cannot be read: the file is damaged there";
}

/// Words in lines of 100 columns at most.
std::string wrapped(std::string_view text) {
  constexpr std::size_t kColumns = 98;
  std::string lines;
  while (text.size() > kColumns) {
    const std::size_t space = text.rfind(' ', kColumns);
    if (space == std::string_view::npos) break;
    lines += "\n  " + std::string(text.substr(0, space));
    text.remove_prefix(space + 1);
  }
  return lines + "\n  " + std::string(text);
}

/// Why a terminal with this journal would not sell, or does not; empty: it would.
std::string_view safe_mode(std::string_view reason) {
  struct Words {
    std::string_view reason;
    std::string_view words;
  };
  constexpr std::array kWords{
      Words{"failed_starts",
            "the last starts failed: it does not sell until they are seen to and 'journal try-again' is said"},
      Words{"rolled_back", "an older copy of the file: the terminal starts in safe mode and does not sell"},
      Words{"foreign_counter", "not this device's file, or its key store was reset: the terminal does not sell"},
      Words{"seal_broken", "what the file says about itself is not sealed by this device: the terminal does not sell"},
      Words{"tail_broken", "the last records are not those that this device sealed: the terminal does not sell"},
  };
  for (const Words& row : kWords)
    if (row.reason == reason) return row.words;
  return {};
}

std::string about_journal(const core::JsonValue& done) {
  TextTable table({TextTable::Align::Left, TextTable::Align::Left});
  const std::int64_t last = number_of(done, "last");
  std::string records = last == 0 ? "none"
                                  : std::to_string(number_of(done, "first")) + " to " + std::to_string(last) +
                                        ", uploaded to " + std::to_string(number_of(done, "acknowledged"));
  table.add({"records", std::move(records)});
  if (const auto words = safe_mode(text_of(done, "safe_reason")); !words.empty()) {
    table.add({"state", "SAFE MODE: " + std::string(words)});
  } else if (text_of(done, "state") == "failed") {
    table.add({"state", "FAILED: a write or a flush failed; restart the device"});
  }
  return table.text();
}

std::string verdict(const core::JsonValue& done) {
  std::string checked =
      count(number_of(done, "records"), "record") + " and " + count(number_of(done, "seals"), "seal") + " hold";
  if (is_set(done, "sound")) {
    checked += is_set(done, "tables_compared") ? ", and the tables are what they add up to"
                                               : "; the tables were not compared: the next start changes their form";
    return "\n  SOUND: " + checked + '\n';
  }
  return "\n  NOT SOUND: " + count(number_of(done, "flaws"), "flaw") + " in " +
         count(number_of(done, "records"), "record") + '\n';
}

}  // namespace

void JournalView::do_add(const core::JsonValue& line) {
  if (line.find("flaw")) {
    any_ = true;
    findings_.add({text_of(line, "flaw"), text_of(line, "what")});
  } else if (const auto gap = line.find("unreadable")) {
    any_ = true;
    records_.add_line(gap_of(*gap));
  } else if (line.find("seq")) {
    if (!any_) records_.add({"record", "time (UTC)", "kind", "sale", "body"});
    any_ = true;
    const std::int64_t sale = number_of(line, "sale");
    records_.add({std::to_string(number_of(line, "seq")), time_of(line), text_of(line, "kind"),
                  sale == 0 ? "" : std::to_string(sale), body_of(line)});
  }
}

void JournalView::do_end(const core::JsonValue& done) {
  sound_ = is_set(done, "sound");
  journal_ = text_of(done, "journal");
  summary_ = about_journal(done);
  if (text_of(done, "done") == "journal.verify") {
    summary_ += verdict(done);
    const std::string advice = text_of(done, "do");
    if (!advice.empty()) findings_.add_line(wrapped(advice));
    return;
  }
  if (!any_) records_.add_line("  there is no such record");
  const std::int64_t next = number_of(done, "next");
  if (next != 0) records_.add_line("  there may be more: --from " + std::to_string(next));
}

std::string JournalView::do_text(const std::string& where) const {
  return "  journal  " + journal_ + ' ' + where + '\n' + summary_ + '\n' + records_.text() + findings_.text();
}

std::string export_summary(std::string_view done_line) {
  const auto document = core::JsonDocument::parse(done_line, kLineLimits);
  if (!document || !document->root().find("done")) return "the export is not whole: its last line is missing";
  const core::JsonValue done = document->root();
  const std::string records = count(number_of(done, "records"), "record");
  const std::string why = text_of(done, "what");
  if (!why.empty()) return records + " exported: " + why;
  if (is_set(done, "whole")) return records + " exported, all that there are";
  return records +
         " exported; the file is damaged: lines with \"unreadable\" say which records cannot be read. Keep the "
         "data folder as it is";
}

}  // namespace tillctl
