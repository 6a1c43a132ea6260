// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "commands.hpp"
#include "tillkit/checkout/story.hpp"
#include "tillkit/terminal/resolution.hpp"

namespace tillkit::terminal {
namespace {

using core::ErrorCode;
using payment::Attempt;
using payment::Decision;

constexpr std::string_view kUnchanged = "; nothing was changed";

struct DecisionWord {
  std::string_view word;
  Decision decision;
};
constexpr std::array kDecisions{
    DecisionWord{"paid", Decision::Paid},
    DecisionWord{"not-paid", Decision::NotPaid},
    DecisionWord{"given-back", Decision::GivenBack},
};

std::unexpected<Objection> object(ErrorCode code, std::string what) {
  return std::unexpected(Objection{code, std::move(what)});
}

std::unexpected<Objection> object_to(std::string_view name, std::string_view expected) {
  return object(ErrorCode::InvalidArgument, "'" + std::string(name) + "' is " + std::string(expected));
}

std::string_view text_of(const core::JsonValue& request, std::string_view name) {
  const auto member = request.find(name);
  return member ? member->text().value_or("") : std::string_view();
}

std::expected<Attempt, Objection> find_waiting(const journal::Tables& tables, std::string_view order) {
  const auto attempts = payment::attempts(tables);
  if (!attempts) {
    return object(attempts.error().code, "the open attempts cannot be read" + std::string(kUnchanged));
  }
  const auto found = std::ranges::find(*attempts, order, [](const Attempt& attempt) { return attempt.order.view(); });
  const std::string name = "'" + std::string(order) + "'";
  if (found == attempts->end()) {
    return object(ErrorCode::NotFound, "no open attempt has the order number " + name +
                                           ": it is over, or not of this "
                                           "journal; 'outbox' lists those that wait");
  }
  if (found->state != payment::AttemptState::NeedsPerson) {
    const bool at_rest = found->state == payment::AttemptState::Paid;
    return object(ErrorCode::FailedPrecondition,
                  name + " does not wait for a person: it is " + std::string(to_string(found->state)) +
                      (at_rest ? "" : " and comes to its end by itself") + std::string(kUnchanged));
  }
  return *found;
}

std::expected<Resolution, Objection> read(const journal::Tables& tables, const core::JsonValue& request) {
  Resolution resolution;
  const std::string_view order = text_of(request, "order");
  if (!core::OrderNumber::parse(order))
    return object_to("order", "the order number of an attempt, as 'outbox' shows it");
  const auto decision = decision_of(text_of(request, "decision"));
  if (!decision) return object_to("decision", "one of paid, not-paid, given-back");
  const auto by = journal::Operator::parse(text_of(request, "by"));
  if (!by || *by == journal::kUnattended)
    return object_to("by", "the name of whoever decides: 1 to 32 letters or digits");
  resolution.reason = text_of(request, "reason");
  const bool said = resolution.reason.find_first_not_of(" \t") != std::string::npos;
  if (!said || resolution.reason.size() > journal::kPersonalValueBytesMax) {
    return object_to("reason", "why it is decided so, in up to " + std::to_string(journal::kPersonalValueBytesMax) +
                                   " bytes: a bill, a statement, who was asked");
  }
  const auto attempt = find_waiting(tables, order);
  if (!attempt) return std::unexpected(attempt.error());
  resolution.attempt = *attempt;
  resolution.decision = *decision;
  resolution.by = *by;
  return resolution;
}

/// What checkout does not do, in words.
Objection objection_of(const checkout::Refused& refused, const Resolution& resolution) {
  const std::string order = "'" + std::string(resolution.attempt.order.view()) + "'";
  if (refused.refusal == receipt::Refusal(receipt::SaleRefusal::PermissionMissing)) {
    return {ErrorCode::PermissionDenied, "'" + std::string(resolution.by.view()) +
                                             "' may not decide what became of an attempt" + std::string(kUnchanged)};
  }
  const ErrorCode code = refused.cause ? refused.cause->code : ErrorCode::FailedPrecondition;
  switch (code) {
    case ErrorCode::NotFound:
      return {code, order + " is not an order of the terminal's name of today" + std::string(kUnchanged)};
    case ErrorCode::Exhausted: return {code, "there is no room to store it" + std::string(kUnchanged)};
    case ErrorCode::Timeout:
      return {code,
              "the medium failed while it was stored: restart the device, then look whether " + order + " still waits"};
    default: return {code, "the journal does not take it now" + std::string(kUnchanged)};
  }
}

std::string_view word_of(Decision decision) {
  const auto* const found = std::ranges::find(kDecisions, decision, &DecisionWord::decision);
  return found == kDecisions.end() ? "unknown" : found->word;
}

std::unique_ptr<Answer> tell_resolved(const journal::Journal& journal, const Resolution& resolution,
                                      journal::SaleId sale) {
  std::string text;
  core::JsonWriter json;
  begin_done(json, "attempt.resolve");
  json.name("order").text(resolution.attempt.order.view()).name("decision").text(word_of(resolution.decision));
  write_money(json, "amount", resolution.attempt.amount);
  json.name("by").text(resolution.by.view()).name("sale").integer(sale.value());
  if (const auto story = checkout::read_sale(journal, sale)) json.name("sale_state").text(to_string(story->state));
  write_journal(json, journal);
  add_line(text, json);
  return lines(std::move(text));
}

}  // namespace

std::optional<Decision> decision_of(std::string_view word) {
  const auto* const found = std::ranges::find(kDecisions, word, &DecisionWord::word);
  if (found == kDecisions.end()) return std::nullopt;
  return found->decision;
}

std::optional<journal::TerminalName> terminal_of(const core::OrderNumber& order, journal::Seq intended) {
  for (std::size_t length = 1; length <= journal::TerminalName::kLengthMax; ++length) {
    const auto name = journal::TerminalName::parse(order.view().substr(0, length));
    if (!name) return std::nullopt;
    const auto seq = journal::seq_of(order, *name);
    if (seq && *seq == intended) return *name;
  }
  return std::nullopt;
}

std::expected<Resolution, Objection> read_resolution(const journal::Tables& tables, std::string_view request) {
  const auto document = core::JsonDocument::parse(request);
  if (!document) return object(ErrorCode::InvalidArgument, "a request is a JSON object in one line");
  return read(tables, document->root());
}

std::unique_ptr<Answer> begin_resolve(const Tools& tools, const core::JsonValue& request) {
  const auto resolution = read(tools.journal.tables(), request);
  if (!resolution) return problem(resolution.error().code, resolution.error().what);
  if (tools.checkout == nullptr) {
    return problem(
        ErrorCode::FailedPrecondition,
        "this terminal's journal takes nothing now: look why with 'journal.verify'" + std::string(kUnchanged));
  }
  const Attempt& attempt = resolution->attempt;
  // A refund that waits belongs to the sale that gives back.
  const auto refund = payment::find_refund(tools.journal.tables(), attempt.id);
  const journal::SaleId sale = refund && *refund ? (*refund)->sale : attempt.sale;
  const auto done = tools.checkout->resolve(attempt.order, resolution->decision, resolution->by, resolution->reason);
  if (done) return tell_resolved(tools.journal, *resolution, sale);
  const Objection objection = objection_of(done.error(), *resolution);
  return problem(objection.code, objection.what);
}

}  // namespace tillkit::terminal
