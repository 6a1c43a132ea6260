// SPDX-License-Identifier: Apache-2.0
#include "till_view.hpp"

#include <cstdio>
#include <optional>

#include "answer_fields.hpp"
#include "commands.hpp"
#include "files.hpp"

namespace tillctl {
namespace {

namespace core = tillkit::core;
using core::JsonValue;

/// Calls `use` with each value of an array.
template <class Use>
void for_each_in(const JsonValue& object, std::string_view name, const Use& use) {
  const auto array = object.find(name);
  if (!array) return;
  for (std::size_t i = 0; const auto value = array->at(i); ++i)
    use(*value);
}

/// `alipay 3.50 CNY (declined)`
std::string tender_of(const JsonValue& tender) {
  const std::string wallet = text_of(tender, "wallet");
  const std::string state = text_of(tender, "state");
  const bool plain = state.empty() || state == "paid" || state == "refunded";
  return (wallet.empty() ? text_of(tender, "tender") : wallet) + ' ' + money_of(tender, "amount") +
         (plain ? "" : " (" + state + ')');
}

std::string tenders_of(const JsonValue& sale) {
  std::string text;
  for_each_in(sale, "tenders",
              [&](const JsonValue& tender) { text += (text.empty() ? "" : ", ") + tender_of(tender); });
  std::string back;
  for_each_in(sale, "given_back",
              [&](const JsonValue& tender) { back += (back.empty() ? "back: " : ", ") + tender_of(tender); });
  if (back.empty()) return text;
  return text.empty() ? back : text + "; " + back;
}

/// What is known of all that is at risk, or owed.
std::string sums_of(const JsonValue& done, std::string_view name) {
  std::string text;
  for_each_in(done, name, [&](const JsonValue& sum) { text += (text.empty() ? "" : ", ") + money_of(sum); });
  return text.empty() ? "nothing" : text;
}

std::string unreadable_of(const JsonValue& gap) {
  const auto first = gap.at(0);
  const auto last = gap.at(1);
  return "  records " + std::to_string(first ? first->integer().value_or(0) : 0) + " to " +
         std::to_string(last ? last->integer().value_or(0) : 0) +
         " cannot be read: sales that began there are not shown";
}

}  // namespace

void TillView::add(std::string_view line) {
  const auto document = core::JsonDocument::parse(line, kLineLimits);
  if (!document) {
    problem_ = "the answer has a line that is not understood";
    return;
  }
  const JsonValue value = document->root();
  if (value.find("error")) {
    problem_ = text_of(value, "what");
  } else if (value.find("done")) {
    whole_ = true;
    do_end(value);
  } else {
    do_add(value);
  }
}

// --- sales ---

void SalesView::do_add(const JsonValue& line) {
  if (const auto gap = line.find("unreadable")) return sales_.add_line(unreadable_of(*gap));
  if (!any_) {
    sales_.add({"sale", "number", "time (UTC)", "state", "total", "tenders", "operator", "shift", "day"});
  }
  any_ = true;
  const std::string sale = std::to_string(number_of(line, "sale"));
  const std::string what = text_of(line, "what");
  if (!what.empty()) return sales_.add({sale, text_of(line, "number"), "", what});
  const std::int64_t of = number_of(line, "of");
  const std::int64_t shift = number_of(line, "shift");
  sales_.add({sale, text_of(line, "number"), time_of(line),
              text_of(line, "state") + (of == 0 ? "" : " of " + std::to_string(of)), money_of(line, "total"),
              tenders_of(line), text_of(line, "operator"), shift == 0 ? "" : std::to_string(shift),
              text_of(line, "business_day")});
}

void SalesView::do_end(const JsonValue& done) {
  journal_ = text_of(done, "journal");
  if (!any_) sales_.add_line("  there is no such sale");
  const std::int64_t next = number_of(done, "next");
  if (next != 0) sales_.add_line("  there are more: --to " + std::to_string(next));
}

std::string SalesView::do_text(const std::string& where) const {
  return "  journal  " + journal_ + ' ' + where + "\n\n" + sales_.text();
}

// --- outbox ---

void OutboxView::do_add(const JsonValue& line) {
  if (!any_) open_.add({"what", "order or refund", "sale", "state", "amount", "age"});
  any_ = true;
  const std::string age = age_of(line, "age_s");
  if (const std::int64_t suspended = number_of(line, "suspended"); suspended != 0) {
    open_.add({"suspended sale", "", std::to_string(suspended), "", money_of(line, "amount"), age});
    return;
  }
  const std::string attempt = text_of(line, "attempt");
  const std::string sale = std::to_string(number_of(line, "sale"));
  if (attempt.empty()) {
    open_.add({"refund", text_of(line, "refund"), sale, text_of(line, "state"), money_of(line, "amount"), age});
    return;
  }
  const bool person = is_set(line, "needs_person");
  open_.add(
      {"attempt", attempt, sale, person ? "NEEDS A PERSON" : text_of(line, "state"), money_of(line, "amount"), age});
  if (line.find("refund")) {
    open_.add({"  its refund", text_of(line, "refund"), "", text_of(line, "refund_state"),
               money_of(line, "refund_amount"), ""});
  }
}

void OutboxView::do_end(const JsonValue& done) {
  journal_ = text_of(done, "journal");
  for_a_person_ = number_of(done, "for_a_person");
  TextTable table({TextTable::Align::Left, TextTable::Align::Left});
  table.add({"unresolved", count(number_of(done, "unresolved"), "attempt") +
                               (for_a_person_ == 0 ? "" : ", of them for a person: " + std::to_string(for_a_person_))});
  table.add({"at risk", sums_of(done, "at_risk")});
  table.add({"owed", sums_of(done, "owed") + " in " + count(number_of(done, "refunds"), "refund") + " under way"});
  table.add({"put aside", count(number_of(done, "suspended"), "sale")});
  const std::int64_t waiting = number_of(done, "unacknowledged");
  table.add(
      {"not uploaded", count(waiting, "record") +
                           (waiting == 0 ? "" : ", the oldest since " + age_of(done, "oldest_unacknowledged_s"))});
  summary_ = table.text();
}

std::string OutboxView::do_text(const std::string& where) const {
  std::string text = "  journal  " + journal_ + ' ' + where + "\n\n" + summary_;
  if (any_) text += '\n' + open_.text();
  if (for_a_person_ != 0) {
    text +=
        "\n  find out at the provider what became of it, then: tillctl attempt resolve ORDER\n"
        "  paid|not-paid|given-back --by WHO --reason WHY\n";
  }
  return text;
}

// --- attempt resolve ---

std::string ResolvedView::outcome_of(const JsonValue& done) const {
  return text_of(done, "order") + " of " + money_of(done, "amount") + " is decided: " + text_of(done, "decision") +
         ", by " + text_of(done, "by") + "\n  sale " + std::to_string(number_of(done, "sale")) + " is now " +
         text_of(done, "sale_state");
}

// --- reprint ---

std::string ReprintView::outcome_of(const JsonValue& done) const {
  const std::int64_t before = number_of(done, "before");
  return "copy " + std::to_string(number_of(done, "copy")) + " of the receipt of sale " +
         std::to_string(number_of(done, "sale")) + " is on its way to the printer" +
         (before > 0 ? ", behind " + count(before, "other") : "");
}

// --- journal try-again ---

std::string TriedAgainView::outcome_of(const JsonValue& done) const {
  return count(number_of(done, "failed_starts"), "failed start") + ": " + text_of(done, "what");
}

// --- planogram ---

void PlanogramView::do_add(const JsonValue& line) {
  if (!any_) slots_.add({"slot", "item", "stock", "of", "MDB", ""});
  any_ = true;
  const std::string block = text_of(line, "block");
  std::string remark = block == "none" ? "" : block;
  if (remark.empty() && number_of(line, "stock") == 0) remark = "empty";
  slots_.add({std::to_string(number_of(line, "slot")), text_of(line, "item"), std::to_string(number_of(line, "stock")),
              std::to_string(number_of(line, "capacity")),
              line.find("mdb") ? std::to_string(number_of(line, "mdb")) : "", remark});
}

void PlanogramView::do_end(const JsonValue& done) {
  const std::string slots = count(number_of(done, "slots"), "slot");
  const bool set = text_of(done, "done") == "planogram.set";
  summary_ = set ? "  " + slots + " set, by " + text_of(done, "by") : "  " + slots;
}

std::string PlanogramView::do_text(const std::string& where) const {
  return (any_ ? slots_.text() + '\n' : "") + summary_ + " (" + where + ")\n";
}

// --- sync ---

void SyncView::do_add(const JsonValue& line) {
  if (line.find("refused")) {
    if (!any_refused_) refused_.add({"from the cloud", "id", "why it cannot be used here"});
    any_refused_ = true;
    return refused_.add({text_of(line, "refused"), text_of(line, "id"), text_of(line, "why")});
  }
  if (!any_) parked_.add({"record", "kind", "when", "why the cloud cannot use it"});
  any_ = true;
  parked_.add({std::to_string(number_of(line, "parked")), text_of(line, "kind"), time_of(line), text_of(line, "why")});
}

void SyncView::do_end(const JsonValue& done) {
  const std::string command = text_of(done, "done");
  if (command == "sync.now") summary_ = "  what waits is tried now\n";
  if (command == "sync.resume") summary_ = "  uploading goes on\n";
  if (command == "sync.pull") summary_ = "  " + text_of(done, "what") + '\n';
  if (command != "sync.status") return;
  TextTable table({TextTable::Align::Left, TextTable::Align::Left});
  const std::int64_t waiting = number_of(done, "unacknowledged");
  table.add(
      {"not uploaded", count(waiting, "record") +
                           (waiting == 0 ? "" : ", the oldest since " + age_of(done, "oldest_unacknowledged_s"))});
  const std::string stopped = text_of(done, "upload_stopped");
  stopped_ = !stopped.empty();
  if (stopped_) table.add({"upload", "STOPPED: " + stopped});
  table.add({"parked", count(number_of(done, "parked_records"), "record") + " that the cloud cannot use"});
  if (const auto refused = number_of(done, "refused_decisions"); refused != 0) {
    table.add({"refused", count(refused, "decision") + " of the cloud that could not be taken here"});
  }
  if (done.find("items")) {
    const std::string rules = text_of(done, "rules");
    table.add({"to be sold", count(number_of(done, "items"), "item") + ", " +
                                 (rules.empty() ? "no offers of the cloud's" : "offers " + rules)});
    if (const auto refused = number_of(done, "refused_copies"); refused != 0) {
      table.add({"refused", "of what is to be sold: " + std::to_string(refused) + "; what was there before holds"});
    }
  }
  if (!is_set(done, "running")) {
    table.add({"now", "no terminal runs: nothing is uploaded"});
  } else {
    table.add({"last upload", age_of(done, "uploaded_s") + " ago"});
    table.add({"last news", age_of(done, "decisions_s") + " ago, copies " + age_of(done, "copies_s") + " ago"});
    if (const auto bad = number_of(done, "bad_pages"); bad != 0) {
      table.add({"bad news", count(bad, "page") + " that did not count"});
    }
    if (const auto faults = done.find("faults")) {
      if (const auto members = faults->members()) {
        for (const auto [what, times] : *members) {
          table.add({"went wrong", std::string(what) + ", " + count(times.integer().value_or(0), "time")});
        }
      }
    }
  }
  journal_ = text_of(done, "journal");
  summary_ = table.text();
}

std::string SyncView::do_text(const std::string& where) const {
  std::string text = journal_.empty() ? summary_ : "  journal  " + journal_ + ' ' + where + "\n\n" + summary_;
  if (any_) text += '\n' + parked_.text();
  if (any_refused_) text += '\n' + refused_.text();
  if (stopped_) {
    text +=
        "\n  the cloud refuses this journal's history: was this device restored or cloned? Check the journal "
        "('tillctl\n"
        "  journal verify') and the other device, then: tillctl sync --resume --by WHO\n";
  }
  return text;
}

int show_answer(const Question& question, bool json, TillView& view) {
  std::string where;
  const auto status = ask_till(
      question,
      [&](std::string_view line) {
        view.add(line);
        return !json || put_line(line);
      },
      where);
  if (status) return *status;
  if (!view.problem().empty()) return failed(question.command, view.problem());
  if (!view.whole()) return failed(question.command, "the answer is not whole");
  if (!json) std::fputs(view.text(where).c_str(), stdout);
  if (std::fflush(stdout) != 0) return failed(question.command, "the output cannot be written");
  return kDone;
}

}  // namespace tillctl
