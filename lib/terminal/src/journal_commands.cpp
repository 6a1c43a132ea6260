// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "commands.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::terminal {
namespace {

using journal::Found;
using journal::Seq;

class Verify final : public Answer {
 public:
  explicit Verify(const journal::Journal& journal) : journal_(journal), verification_(journal.begin_verify()) {}

 private:
  bool do_next(std::string& piece) override {
    const auto done = verification_->step(kVerifyStepRecords);
    if (!done) return true;
    const journal::VerifyReport& report = *done;
    for (const journal::Finding& finding : report.findings) {
      core::JsonWriter json;
      json.begin_object().name("flaw").text(to_string(finding.flaw));
      if (finding.first != Seq{}) {
        json.name("first").integer(finding.first.value()).name("last").integer(finding.last.value());
      }
      if (!finding.what.empty()) json.name("part").text(finding.what);
      json.name("what").text(meaning_of(finding));
      add_line(piece, json);
    }
    core::JsonWriter json;
    begin_done(json, "journal.verify");
    json.name("sound").boolean(report.sound()).name("records").integer(report.records);
    json.name("seals").integer(report.seals).name("flaws").integer(report.flaws);
    json.name("tables_compared").boolean(report.tables_compared);
    write_journal(json, journal_);
    if (!report.sound()) json.name("do").text(advice_on(report));
    add_line(piece, json);
    return false;
  }

  const journal::Journal& journal_;
  std::unique_ptr<journal::Verification> verification_;
};

/// Which records are wanted.
struct Wanted {
  Seq from{1};
  Seq to{std::numeric_limits<std::int64_t>::max()};
  journal::SaleId sale{};
  std::optional<journal::Kind> kind{};
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();
};

/// Records in order, across what cannot be read.
class Records final : public Answer {
 public:
  Records(const journal::Journal& journal, std::string_view command, const Wanted& wanted)
      : journal_(journal), command_(command), wanted_(wanted) {}

 private:
  enum class Stop : std::uint8_t { No, PieceFull, Enough, Behind };

  bool do_next(std::string& piece) override {
    Stop stop = Stop::No;
    const auto reached = journal_.read_on(wanted_.from, kRecordsPerPieceMax, [&](const Found& found) -> core::Result<> {
      stop = take(found, piece);
      if (stop != Stop::No) return core::fail(core::ErrorCode::Cancelled);
      return {};
    });
    if (reached) wanted_.from = *reached;
    if (reached ? *reached != Seq{} : stop == Stop::PieceFull) return true;
    finish(piece, stop == Stop::Enough);
    return false;
  }

  /// Adds a record's line, if it is wanted, and remembers to go on behind it.
  Stop take(const Found& found, std::string& piece) {
    const Seq first = found.record ? found.record->seq : found.gap.first;
    if (first > wanted_.to) return Stop::Behind;
    if (wanted(found)) {
      if (shown_ == wanted_.limit) return Stop::Enough;
      const auto line = journal::export_line(found);
      if (line && !piece.empty() && piece.size() + line->size() >= kAnswerPieceBytes) return Stop::PieceFull;
      if (line) piece += *line + '\n';
      ++shown_;
      if (!found.record) ++gaps_;
    }
    const Seq last = found.record ? first : std::max(first, found.gap.last);
    wanted_.from = Seq(last.value() + 1);
    return Stop::No;
  }

  /// What cannot be read may be what is looked for.
  [[nodiscard]] bool wanted(const Found& found) const {
    return !found.record || !wanted_.kind || found.record->kind == *wanted_.kind;
  }

  void finish(std::string& piece, bool more) const {
    core::JsonWriter json;
    begin_done(json, command_);
    json.name("records").integer(shown_ - gaps_).name("whole").boolean(gaps_ == 0);
    if (more) json.name("next").integer(wanted_.from.value());
    write_journal(json, journal_);
    add_line(piece, json);
  }

  const journal::Journal& journal_;
  std::string_view command_;
  Wanted wanted_;
  std::int64_t shown_ = 0;
  std::int64_t gaps_ = 0;
};

/// The records of one sale, by index.
class SaleRecords final : public Answer {
 public:
  SaleRecords(const journal::Journal& journal, const Wanted& wanted) : journal_(journal), wanted_(wanted) {}

 private:
  bool do_next(std::string& piece) override {
    bool full = false;
    bool enough = false;
    const journal::Selection which{.from = wanted_.from, .to = wanted_.to, .sale = wanted_.sale, .kind = wanted_.kind};
    const auto outcome = journal_.each(which, [&](const journal::Record& record) -> core::Result<> {
      enough = shown_ == wanted_.limit;
      if (enough) return core::fail(core::ErrorCode::Cancelled);
      TILLKIT_TRY(const std::string line, journal::export_line({record, {}}));
      full = !piece.empty() && piece.size() + line.size() >= kAnswerPieceBytes;
      if (full) return core::fail(core::ErrorCode::Cancelled);
      piece += line + '\n';
      ++shown_;
      wanted_.from = Seq(record.seq.value() + 1);
      return {};
    });
    if (full) return true;
    core::JsonWriter json;
    begin_done(json, "journal.show");
    // Where the index or a record cannot be read, a look at all records goes on behind it.
    json.name("records").integer(shown_).name("whole").boolean(outcome || enough);
    if (enough || !outcome) json.name("next").integer(wanted_.from.value());
    write_journal(json, journal_);
    add_line(piece, json);
    return false;
  }

  const journal::Journal& journal_;
  Wanted wanted_;
  std::int64_t shown_ = 0;
};

}  // namespace

std::unique_ptr<Answer> begin_try_again(const Tools& /*tools*/, const core::JsonValue& /*request*/) {
  return problem(
      core::ErrorCode::FailedPrecondition,
      "this terminal runs, and only a start leaves safe mode: end its program, say this again, and start it; "
      "nothing was changed");
}

std::unique_ptr<Answer> begin_verify(const Tools& tools, const core::JsonValue& /*request*/) {
  const checkout::Checkout* const till = tools.checkout;
  if (till != nullptr && (!till->basket().empty() || till->is_paying())) {
    return problem(
        core::ErrorCode::FailedPrecondition,
        "a sale is on the screen, and checking all records holds up the terminal: ask again when it is over");
  }
  return std::make_unique<Verify>(tools.journal);
}

std::unique_ptr<Answer> begin_show(const Tools& tools, const core::JsonValue& request) {
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max() - 1;
  Wanted wanted{.limit = kShowRecordsDefault};
  if (!read_number(request, "from", kAny, [&](std::int64_t n) { wanted.from = Seq(n); }))
    return bad_member("from", "the number of a record, from 1 on");
  if (!read_number(request, "to", kAny, [&](std::int64_t n) { wanted.to = Seq(n); }))
    return bad_member("to", "the number of a record, from 1 on");
  if (!read_number(request, "sale", kAny, [&](std::int64_t n) { wanted.sale = journal::SaleId(n); }))
    return bad_member("sale", "the number of a sale: that of its first record");
  if (!read_number(request, "limit", kShowRecordsMax, [&](std::int64_t n) { wanted.limit = n; }))
    return bad_member("limit", "a number from 1 to " + std::to_string(kShowRecordsMax));
  if (const auto member = request.find("kind")) {
    const auto text = member->text();
    const auto kind = text ? journal::Kind::parse(*text) : core::Result<journal::Kind>(core::fail_at(0));
    if (!kind) return bad_member("kind", "the kind of a record, as 'journal.started'");
    wanted.kind = *kind;
  }
  if (wanted.sale != journal::SaleId{}) return std::make_unique<SaleRecords>(tools.journal, wanted);
  if (!request.find("from") && !wanted.kind) {
    const std::int64_t last = std::min(wanted.to, tools.journal.last_seq()).value();
    wanted.from = Seq(std::max<std::int64_t>(last - wanted.limit + 1, 1));
  }
  return std::make_unique<Records>(tools.journal, "journal.show", wanted);
}

std::unique_ptr<Answer> begin_export(const Tools& tools, const core::JsonValue& /*request*/) {
  return std::make_unique<Records>(tools.journal, "journal.export", Wanted{});
}

}  // namespace tillkit::terminal
