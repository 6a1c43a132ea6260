// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/history.hpp"

#include <algorithm>
#include <ranges>

#include "bodies.hpp"
#include "tillkit/ledger/records.hpp"

namespace tillkit::ledger {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;
using journal::Record;
using journal::SaleId;

Result<SaleId> read_sold(const JsonValue& body) {
  TILLKIT_TRY(const std::int64_t sold, read_integer(body, "sale"));
  if (sold <= 0) return fail(ErrorCode::Corrupt);
  return SaleId(sold);
}

Result<> tell_earned(LedgerHistory& history, const JsonValue& body) {
  Earned earned;
  TILLKIT_TRY(earned.member, read_optional_id<Owner>(body, "of"));
  TILLKIT_TRY(earned.points, read_amount(body, "points"));
  TILLKIT_TRY(const std::int64_t why, read_integer(body, "why"));
  if (why != static_cast<int>(EarnWhy::Goods) && why != static_cast<int>(EarnWhy::Grant)) {
    return fail(ErrorCode::Corrupt);
  }
  earned.why = static_cast<EarnWhy>(why);
  history.earned.push_back(earned);
  return {};
}

Result<> tell_given_back(LedgerHistory& history, const JsonValue& body) {
  GivenBack back;
  TILLKIT_TRY(back.sold, read_sold(body));
  TILLKIT_TRY(back.part, read_reservation(body));
  history.given_back.push_back(std::move(back));
  return {};
}

Result<> tell_taken_back(LedgerHistory& history, const JsonValue& body) {
  TakenBack back;
  TILLKIT_TRY(back.sold, read_sold(body));
  TILLKIT_TRY(back.member, read_optional_id<Owner>(body, "of"));
  TILLKIT_TRY(back.points, read_amount(body, "points"));
  history.taken_back.push_back(back);
  return {};
}

/// All that is still reserved comes to its end.
Result<> settle(LedgerHistory& history, SpentState state) {
  for (Spent& spent : history.spent) {
    if (spent.state == SpentState::Reserved) spent.state = state;
  }
  return {};
}

bool is_same_place(const Hold& a, const Hold& b) {
  return a.lease == b.lease && a.lot == b.lot;
}

}  // namespace

Result<> tell(LedgerHistory& history, const Record& record) {
  if (!record.kind.view().starts_with("ledger.")) return {};
  // Leases come and go beside the sales.
  if (record.kind.view().starts_with("ledger.lease_")) return {};
  if (record.kind == kTaken) return settle(history, SpentState::Taken);
  if (record.kind == kReleased) return settle(history, SpentState::Released);
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(record.body));
  const JsonValue body = document.root();
  if (record.kind == kReserved) {
    TILLKIT_TRY(Reservation part, read_reservation(body));
    history.spent.push_back({std::move(part), SpentState::Reserved});
    return {};
  }
  if (record.kind == kGivenBack) return tell_given_back(history, body);
  if (record.kind == kEarned) return tell_earned(history, body);
  if (record.kind == kTakenBack) return tell_taken_back(history, body);
  return fail(ErrorCode::Corrupt);
}

Result<std::vector<Hold>> choose_give_back(const Reservation& part, const std::vector<Hold>& before,
                                           std::int64_t amount) {
  if (amount < 0) return fail(ErrorCode::OutOfRange);
  std::vector<Hold> left = part.holds;
  for (const Hold& back : before) {
    std::int64_t gone = back.amount;
    for (Hold& hold : left | std::views::reverse) {
      if (!is_same_place(hold, back)) continue;
      const std::int64_t here = std::min(gone, hold.amount);
      hold.amount -= here;
      gone -= here;
    }
    if (gone != 0) return fail(ErrorCode::OutOfRange);
  }
  std::vector<Hold> chosen;
  for (Hold hold : left | std::views::reverse) {
    hold.amount = std::min(hold.amount, amount);
    if (hold.amount == 0) continue;
    amount -= hold.amount;
    chosen.push_back(hold);
  }
  if (amount != 0) return fail(ErrorCode::OutOfRange);
  return chosen;
}

}  // namespace tillkit::ledger
