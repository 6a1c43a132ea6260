// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "commands.hpp"
#include "tillkit/checkout/story.hpp"
#include "tillkit/core/calendar.hpp"
#include "tillkit/payment/records.hpp"
#include "tillkit/terminal/resolution.hpp"

namespace tillkit::terminal {
namespace {

using checkout::SaleState;
using checkout::SaleStory;
using journal::Found;
using journal::SaleId;
using journal::Seq;

struct Wanted {
  std::int64_t from = 1;
  std::int64_t to = std::numeric_limits<std::int64_t>::max() - 1;
  std::optional<SaleState> state{};
  std::int64_t limit = kSalesDefault;
};

std::optional<SaleState> state_of(std::string_view word) {
  for (std::uint8_t i = 1; i <= checkout::kSaleStates; ++i) {
    const auto state = static_cast<SaleState>(i);
    if (to_string(state) == word) return state;
  }
  return std::nullopt;
}

/// The name that sales' numbers begin with. A stopped terminal's stands in its order numbers, and nowhere else.
std::optional<journal::TerminalName> name_of_terminal(const Tools& tools) {
  if (tools.checkout != nullptr) return tools.checkout->settings().terminal;
  std::optional<journal::TerminalName> name;
  // It ends with the first one; a journal that cannot be read has no name.
  [[maybe_unused]] const auto read =
      tools.journal.each({.kind = payment::kAttemptIntended}, [&](const journal::Record& record) -> core::Result<> {
        TILLKIT_TRY(const auto body, core::JsonDocument::parse(record.body));
        TILLKIT_TRY(const auto member, body.root().member("order"));
        TILLKIT_TRY(const auto text, member.text());
        TILLKIT_TRY(const auto order, core::OrderNumber::parse(text));
        name = terminal_of(order, record.seq);
        return core::fail(core::ErrorCode::Cancelled);
      });
  return name;
}

void write_tender(core::JsonWriter& json, payment::TenderKind kind, const core::Money& amount) {
  json.begin_object().name("tender").text(to_string(kind));
  write_money(json, "amount", amount);
}

void write_order(core::JsonWriter& json, const std::optional<codes::Wallet>& wallet, const core::OrderNumber& order,
                 std::string_view state) {
  if (wallet) json.name("wallet").text(codes::to_string(*wallet));
  json.name("order").text(order.view()).name("state").text(state).end_object();
}

void write_tenders(core::JsonWriter& json, const SaleStory& story) {
  json.name("tenders").begin_array();
  for (const payment::PastAttempt& attempt : story.payments.attempts) {
    write_tender(json, attempt.tender, attempt.amount);
    write_order(json, attempt.wallet, attempt.order, to_string(attempt.state));
  }
  for (const checkout::CashPart& cash : story.cash) {
    write_tender(json, payment::TenderKind::Cash, cash.settled);
    json.end_object();
  }
  json.end_array().name("given_back").begin_array();
  for (const payment::PastRefund& refund : story.payments.refunds) {
    write_tender(json, refund.tender, refund.amount);
    write_order(json, refund.wallet, refund.order, to_string(refund.state));
  }
  if (story.cash_back_settled.is_positive()) {
    write_tender(json, payment::TenderKind::Cash, story.cash_back_settled);
    json.end_object();
  }
  json.end_array();
}

/// Sales by their numbers, from the newest down.
class Sales final : public Answer {
 public:
  Sales(const Tools& tools, const Wanted& wanted)
      : journal_(tools.journal),
        wanted_(wanted),
        terminal_(name_of_terminal(tools)),
        below_(std::min(wanted.to, journal_.last_seq().value()) + 1) {}

 private:
  bool do_next(std::string& piece) override {
    const std::int64_t lowest = std::max(wanted_.from, std::max<std::int64_t>(journal_.first_seq().value(), 1));
    if (held_.empty() && below_ <= lowest) return finish(piece, 0);
    if (held_.empty()) look_back(std::max(below_ - kRecordsPerPieceMax, lowest), piece);
    for (std::int64_t read = 0; read < kSalesPerPieceMax && !held_.empty(); ++read) {
      const SaleId sale = held_.back();
      const std::string line = line_of(sale);
      if (!line.empty() && shown_ == wanted_.limit) return finish(piece, sale.value());
      if (!piece.empty() && piece.size() + line.size() >= kAnswerPieceBytes) return true;
      held_.pop_back();
      if (line.empty()) continue;
      piece += line;
      ++shown_;
    }
    return true;
  }

  /// Finds the sales that began from `first` on, below those that were found before.
  void look_back(std::int64_t first, std::string& piece) {
    const std::int64_t end = below_;
    below_ = first;
    for (std::int64_t at = first; at < end;) {
      const auto reached = journal_.read_on(Seq(at), kRecordsPerPieceMax, [&](const Found& found) -> core::Result<> {
        const Seq from = found.record ? found.record->seq : found.gap.first;
        if (from.value() >= end) return core::fail(core::ErrorCode::Cancelled);
        if (!found.record) {
          add_gap(piece, found.gap, end);
        } else if (found.record->sale.value() == from.value()) {
          held_.push_back(found.record->sale);
        }
        return {};
      });
      if (!reached || reached->value() <= at) return;
      at = reached->value();
    }
  }

  /// What lies there may be sales.
  void add_gap(std::string& piece, const journal::Gap& gap, std::int64_t end) {
    const std::int64_t last = gap.last == Seq{} ? end - 1 : std::min(gap.last.value(), end - 1);
    core::JsonWriter json;
    json.begin_object().name("unreadable").begin_array().integer(gap.first.value()).integer(last).end_array();
    add_line(piece, json);
    whole_ = false;
  }

  /// Empty: it is not wanted. What cannot be read may be what is looked for.
  std::string line_of(SaleId sale) {
    const auto story = checkout::read_sale(journal_, sale);
    if (story && wanted_.state && story->state != *wanted_.state) return {};
    std::string line;
    core::JsonWriter json;
    json.begin_object().name("sale").integer(sale.value());
    if (terminal_) json.name("number").text(checkout::sale_number(*terminal_, journal_.id(), sale).view());
    if (story) {
      write_story(json, *story);
    } else {
      json.name("what").text("its records cannot be read");
      whole_ = false;
    }
    add_line(line, json);
    return line;
  }

  static void write_story(core::JsonWriter& json, const SaleStory& story) {
    json.name("state").text(to_string(story.state));
    if (story.is_refund()) json.name("of").integer(story.of.value());
    write_money(json, "total", story.total);
    write_tenders(json, story);
    json.name("operator").text(story.duty.operator_id.view()).name("shift").integer(story.duty.shift);
    const auto day = core::format_date(std::chrono::year_month_day(story.duty.business_day));
    json.name("business_day").text(day.value_or(""));
    write_when(json, story.began);
  }

  bool finish(std::string& piece, std::int64_t next) const {
    core::JsonWriter json;
    begin_done(json, "sales");
    json.name("sales").integer(shown_).name("whole").boolean(whole_);
    if (next != 0) json.name("next").integer(next);
    write_journal(json, journal_);
    add_line(piece, json);
    return false;
  }

  const journal::Journal& journal_;
  Wanted wanted_;
  std::optional<journal::TerminalName> terminal_;
  std::int64_t below_;        // sales with this number and above were found
  std::vector<SaleId> held_;  // and not told yet, in their order
  std::int64_t shown_ = 0;
  bool whole_ = true;
};

}  // namespace

std::unique_ptr<Answer> begin_sales(const Tools& tools, const core::JsonValue& request) {
  constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max() - 1;
  constexpr std::string_view kNumber = "the number of a sale: that of its first record";
  Wanted wanted;
  if (!read_number(request, "from", kAny, [&](std::int64_t n) { wanted.from = n; })) return bad_member("from", kNumber);
  if (!read_number(request, "to", kAny, [&](std::int64_t n) { wanted.to = n; })) return bad_member("to", kNumber);
  if (!read_number(request, "limit", kSalesMax, [&](std::int64_t n) { wanted.limit = n; }))
    return bad_member("limit", "a number from 1 to " + std::to_string(kSalesMax));
  if (const auto member = request.find("state")) {
    wanted.state = state_of(member->text().value_or(""));
    if (!wanted.state) {
      std::string states = "one of ";
      for (std::uint8_t i = 1; i <= checkout::kSaleStates; ++i)
        states += (i == 1 ? "" : ", ") + std::string(to_string(static_cast<SaleState>(i)));
      return bad_member("state", states);
    }
  }
  return std::make_unique<Sales>(tools, wanted);
}

}  // namespace tillkit::terminal
