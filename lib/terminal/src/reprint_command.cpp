// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"
#include "tillkit/terminal/receipt_printer.hpp"

namespace tillkit::terminal {
namespace {

using core::ErrorCode;

std::unique_ptr<Answer> tell_refused(const checkout::Refused& refused, journal::SaleId sale,
                                     const journal::Operator& by) {
  const std::string name = "sale " + std::to_string(sale.value());
  if (refused.refusal == receipt::Refusal(receipt::SaleRefusal::PermissionMissing)) {
    return problem(ErrorCode::PermissionDenied, "'" + std::string(by.view()) + "' may not print a receipt again");
  }
  const ErrorCode code = refused.cause ? refused.cause->code : ErrorCode::NotFound;
  switch (code) {
    case ErrorCode::NotFound: return problem(code, "there is no " + name + " in this journal");
    case ErrorCode::FailedPrecondition: return problem(code, name + " has no receipt: it is not over, or was voided");
    case ErrorCode::Exhausted:
      return problem(code, "no more can wait: as many receipts as may wait for the printer, or no room to store it");
    default: return problem(code, "it cannot be read or stored now; nothing is printed");
  }
}

}  // namespace

std::unique_ptr<Answer> begin_reprint(const Tools& tools, const core::JsonValue& request) {
  journal::SaleId sale;
  const auto take_sale = [&](std::int64_t number) { sale = journal::SaleId(number); };
  if (!read_number(request, "sale", INT64_MAX, take_sale) || sale.value() == 0) {
    return bad_member("sale", "the number of a sale, as 'sales' shows it");
  }
  const auto member = request.find("by");
  const auto by = journal::Operator::parse(member ? member->text().value_or("") : std::string_view());
  if (!by) return bad_member("by", "the name of whoever asks: 1 to 32 letters or digits");
  if (tools.printer == nullptr) {
    return problem(ErrorCode::FailedPrecondition, "no printer is fitted to a terminal that sells here");
  }
  const auto queued = tools.printer->reprint(sale, *by);
  if (!queued) return tell_refused(queued.error(), sale, *by);
  std::string text;
  core::JsonWriter json;
  begin_done(json, "receipt.reprint");
  json.name("sale").integer(sale.value()).name("copy").integer(queued->copy);
  json.name("before").integer(static_cast<std::int64_t>(queued->waiting)).name("by").text(by->view());
  add_line(text, json);
  return lines(std::move(text));
}

}  // namespace tillkit::terminal
