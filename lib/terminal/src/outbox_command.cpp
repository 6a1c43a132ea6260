// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "tillkit/checkout/tables.hpp"
#include "tillkit/payment/tables.hpp"

namespace tillkit::terminal {
namespace {

using core::Result;
using payment::Attempt;
using payment::Refund;

void write_since(core::JsonWriter& json, const core::WallReading& then, const hal::Clock& clock) {
  write_when(json, then);
  write_age(json, "age_s", then, clock);
}

Result<> add_attempts(const Tools& tools, std::string& text) {
  TILLKIT_TRY(const std::vector<Attempt> attempts, payment::attempts(tools.journal.tables()));
  for (const Attempt& attempt : attempts) {
    if (!payment::is_unresolved(attempt.state)) continue;
    TILLKIT_TRY(const auto refund, payment::find_refund(tools.journal.tables(), attempt.id));
    core::JsonWriter json;
    json.begin_object().name("attempt").text(attempt.order.view()).name("sale").integer(attempt.sale.value());
    json.name("state").text(to_string(attempt.state));
    json.name("needs_person").boolean(attempt.state == payment::AttemptState::NeedsPerson);
    write_money(json, "amount", attempt.amount);
    json.name("tender").text(to_string(attempt.tender));
    if (attempt.wallet) json.name("wallet").text(codes::to_string(*attempt.wallet));
    // What a person must decide about is then the refund's amount.
    if (refund) {
      json.name("refund").text(refund->number.view()).name("refund_state").text(to_string(refund->state));
      write_money(json, "refund_amount", refund->amount);
    }
    write_since(json, attempt.began, tools.clock);
    add_line(text, json);
  }
  return {};
}

Result<> add_refunds(const Tools& tools, std::string& text) {
  TILLKIT_TRY(const std::vector<Refund> refunds, payment::refunds(tools.journal.tables()));
  for (const Refund& refund : refunds) {
    if (payment::recovery_of(refund.state) == payment::Recovery::None) continue;
    TILLKIT_TRY(const auto attempt, payment::find_attempt(tools.journal.tables(), refund.attempt));
    core::JsonWriter json;
    json.begin_object().name("refund").text(refund.number.view()).name("sale").integer(refund.sale.value());
    json.name("state").text(to_string(refund.state));
    write_money(json, "amount", refund.amount);
    if (attempt) json.name("order").text(attempt->order.view());
    write_since(json, refund.began, tools.clock);
    add_line(text, json);
  }
  return {};
}

/// How many sales are put aside.
Result<std::int64_t> add_suspended(const Tools& tools, std::string& text) {
  TILLKIT_TRY(const std::vector<checkout::OpenSale> sales, checkout::open_sales(tools.journal.tables()));
  std::int64_t suspended = 0;
  for (const checkout::OpenSale& sale : sales) {
    if (sale.state != checkout::SaleState::Suspended) continue;
    ++suspended;
    core::JsonWriter json;
    json.begin_object().name("suspended").integer(sale.id.value());
    write_money(json, "amount", sale.total);
    write_since(json, sale.changed, tools.clock);
    add_line(text, json);
  }
  return suspended;
}

void write_sums(core::JsonWriter& json, std::string_view name, const std::vector<core::Money>& sums) {
  json.name(name).begin_array();
  for (const core::Money& sum : sums) {
    json.begin_object().name("minor").integer(sum.minor).name("currency").text(sum.currency.alpha()).end_object();
  }
  json.end_array();
}

Result<std::string> tell_outbox(const Tools& tools) {
  std::string text;
  TILLKIT_TRY_VOID(add_attempts(tools, text));
  TILLKIT_TRY_VOID(add_refunds(tools, text));
  TILLKIT_TRY(const std::int64_t suspended, add_suspended(tools, text));
  TILLKIT_TRY(const payment::Backlog backlog, payment::backlog(tools.journal.tables()));
  const journal::Seq acknowledged = tools.journal.acknowledged();
  core::JsonWriter json;
  begin_done(json, "outbox");
  json.name("unresolved").integer(backlog.unresolved).name("for_a_person").integer(backlog.needs_person);
  json.name("refunds").integer(backlog.refunds).name("suspended").integer(suspended);
  write_sums(json, "at_risk", backlog.at_risk);
  write_sums(json, "owed", backlog.owed);
  json.name("unacknowledged").integer(tools.journal.last_seq().value() - acknowledged.value());
  // One that cannot be read has no age; the others say what there is all the same.
  if (const auto oldest = tools.journal.read(journal::Seq(acknowledged.value() + 1))) {
    write_age(json, "oldest_unacknowledged_s", oldest->at.wall, tools.clock);
  }
  write_journal(json, tools.journal);
  add_line(text, json);
  return text;
}

}  // namespace

std::unique_ptr<Answer> begin_outbox(const Tools& tools, const core::JsonValue& /*request*/) {
  auto text = tell_outbox(tools);
  if (!text) return problem(text.error().code, "the tables cannot be read: 'journal.verify' says what is damaged");
  return lines(*std::move(text));
}

}  // namespace tillkit::terminal
