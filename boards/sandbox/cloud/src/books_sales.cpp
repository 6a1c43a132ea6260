// SPDX-License-Identifier: Apache-2.0
// What records say of sales, points, value, budgets and leases.
#include <algorithm>

#include "books.hpp"
#include "checks.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/ledger/steps.hpp"

namespace tillkit::sandbox {

using checkout::SaleState;
using core::JsonValue;
using core::Result;
using ledger::Unit;

namespace {

constexpr std::int64_t kSeqMax = 1'125'899'906'842'623;
constexpr std::size_t kOwnerMax = ledger::Owner::kLengthMax;

ledger::EntryKey entry_of(const Heard& heard) {
  return {heard.record.journal, heard.record.seq};
}

/// A lot of its own for each record; the name is the same wherever it is made.
std::string lot_of(const Heard& heard) {
  return core::encode_base64url(heard.record.journal.bytes) + '-' + std::to_string(heard.record.seq.value());
}

Result<Unit> read_unit(const JsonValue& body) {
  TILLKIT_TRY(const std::int64_t number, read_number(body, "unit", 1, static_cast<std::int64_t>(ledger::kUnits)));
  return static_cast<Unit>(number);
}

Result<std::string> read_owner(const JsonValue& body) {
  return read_pattern(body, "of", 0, kOwnerMax, core::is_id_char);
}

Result<std::int64_t> read_leased_amount(const JsonValue& body, std::string_view name, std::int64_t min) {
  return read_number(body, name, min, ledger::kLeaseAmountMax);
}

Result<std::vector<ledger::Hold>> read_holds(const JsonValue& body) {
  TILLKIT_TRY(const JsonValue list, body.member("holds"));
  TILLKIT_TRY(const auto elements, list.elements());
  std::vector<ledger::Hold> holds;
  for (const JsonValue element : elements) {
    ledger::Hold hold;
    TILLKIT_TRY(hold.lease, core::read_id<ledger::LeaseId>(element, "lease"));
    TILLKIT_TRY(hold.lot, core::read_optional_id<ledger::LotId>(element, "lot"));
    TILLKIT_TRY(hold.amount, read_leased_amount(element, "amount", 1));
    holds.push_back(hold);
  }
  return holds;
}

Result<std::int64_t> read_sold(const JsonValue& body, std::string_view name) {
  return read_number(body, name, 1, kSeqMax);
}

}  // namespace

BookSale& Books::sale_of(const Heard& heard) {
  BookSale& sale = sales_[heard.sale()];
  sale.terminal = heard.terminal;
  sale.store = heard.store;
  return sale;
}

/// What a sale adds to a member's orders and sums, in place of what it added before.
void Books::count(BookSale& sale, const std::string& member, std::int64_t orders, std::int64_t minor,
                  Effects& effects) {
  people_.count(sale.counted_for, -sale.counted_orders, -sale.counted_minor);
  if (!sale.counted_for.empty()) effects.members.insert(sale.counted_for);
  sale.counted_for = member;
  sale.counted_orders = member.empty() ? 0 : orders;
  sale.counted_minor = member.empty() ? 0 : minor;
  people_.count(member, sale.counted_orders, sale.counted_minor);
  if (!member.empty()) effects.members.insert(member);
}

Result<> Books::take_nothing(const Heard& /*heard*/, const JsonValue& /*body*/, Effects& /*effects*/) {
  return {};
}

Result<> Books::take_priced(const Heard& heard, const JsonValue& body, Effects& /*effects*/) {
  TILLKIT_TRY(const core::Money total, core::read_money(body, "total"));
  if (heard.record.sale == journal::SaleId()) return body.mistake();
  sale_of(heard).total_minor = total.minor;
  return {};
}

Result<> Books::take_return(const Heard& heard, const JsonValue& body, Effects& /*effects*/) {
  TILLKIT_TRY(const std::int64_t of, read_sold(body, "of"));
  TILLKIT_TRY(const core::Money amount, core::read_money(body, "amount"));
  TILLKIT_TRY(const bool whole, core::read_boolean(body, "whole"));
  if (heard.record.sale == journal::SaleId()) return body.mistake();
  BookSale& sale = sale_of(heard);
  sale.state = SaleState::Returning;
  sale.total_minor = amount.minor;
  sale.of = of;
  sale.whole = whole;
  return {};
}

Result<> Books::take_closed(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::int64_t how, read_number(body, "how", 1, static_cast<std::int64_t>(checkout::kSaleStates)));
  if (heard.record.sale == journal::SaleId()) return body.mistake();
  BookSale& sale = sale_of(heard);
  sale.state = static_cast<SaleState>(how);
  BookEvent event{.at = heard.wall(),
                  .terminal = heard.terminal,
                  .journal = heard.journal,
                  .sale = heard.record.sale.value(),
                  .amount_minor = sale.total_minor};
  if (sale.state == SaleState::Closed) {
    count(sale, sale.member, 1, sale.total_minor, effects);
    event.type = "sale";
    event.member = sale.member;
    effects.events.push_back(std::move(event));
  } else if (sale.state == SaleState::Returned) {
    const auto sold = sales_.find({heard.journal, sale.of});
    const std::string member = sold == sales_.end() ? std::string() : sold->second.member;
    count(sale, member, 0, -sale.total_minor, effects);
    if (sale.whole) refunded_.insert({heard.journal, sale.of});
    event.type = "refund";
    event.member = member;
    effects.events.push_back(std::move(event));
  }
  return {};
}

Result<> Books::take_recognised(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string member, read_pattern(body, "member", 1, 48, core::is_id_char));
  if (heard.record.sale == journal::SaleId()) return body.mistake();
  BookSale& sale = sale_of(heard);
  sale.member = member;
  // By the payment's outcome, it may be recognised after the sale is over.
  if (sale.state == SaleState::Closed) count(sale, member, 1, sale.total_minor, effects);
  return {};
}

Result<> Books::take_ceded(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string claim, read_order(body, "claim"));
  TILLKIT_TRY(const std::int64_t sale, read_sold(body, "sale"));
  const BookClaim* known = find_claim(claim);
  const SaleKey key{heard.journal, sale};
  if (known == nullptr || known->journal != heard.journal || known->sale != sale) {
    return contradicts("no such claim of this sale");
  }
  rights_[key].ceded = true;
  effects.news.push_back({decisions_of_terminal(heard.terminal), "claim:" + claim, ""});
  return {};
}

// --- points, value, budgets ---

Result<> Books::take_earned(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::string of, read_owner(body));
  TILLKIT_TRY(const auto owner, ledger::Owner::parse(of));
  TILLKIT_TRY(const std::int64_t points, read_leased_amount(body, "points", 1));
  TILLKIT_TRY(const std::int64_t why, read_number(body, "why", 1, 2));
  TILLKIT_TRY(const auto lot, ledger::LotId::parse(lot_of(heard)));
  const auto posted = ledger_.post_earned(entry_of(heard), Unit::Points, owner, {lot, points}, core::WallTime::min());
  if (!posted) return contradicts("the points cannot be posted");
  accounts_.insert({Unit::Points, of});
  effects.members.insert(of);
  if (heard.record.sale == journal::SaleId()) return {};
  auto& lots = sale_of(heard).lots;
  const bool goods = why == static_cast<int>(ledger::EarnWhy::Goods);
  lots.insert(goods ? lots.begin() : lots.end(), {of, std::string(lot.view())});
  return {};
}

/// Holds name leases that the cloud granted before anybody could spend of them.
Result<> Books::check_holds(const Heard& heard, const std::vector<ledger::Hold>& holds, bool own) {
  for (const ledger::Hold& hold : holds) {
    const auto lease = leases_.find(std::string(hold.lease.view()));
    if (lease == leases_.end()) return contradicts("a lease that was never granted");
    if (own && lease->second.terminal != heard.terminal) return contradicts("another terminal's lease");
  }
  return {};
}

Result<> Books::take_taken(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const JsonValue list, body.member("parts"));
  TILLKIT_TRY(const auto parts, list.elements());
  std::vector<ledger::Hold> holds;
  std::set<std::string> owners;
  for (const JsonValue part : parts) {
    TILLKIT_TRY_VOID(read_unit(part));
    TILLKIT_TRY(const std::string of, read_owner(part));
    TILLKIT_TRY(const std::vector<ledger::Hold> here, read_holds(part));
    holds.insert(holds.end(), here.begin(), here.end());
    owners.insert(of);
  }
  TILLKIT_TRY_VOID(check_holds(heard, holds, true));
  if (holds.empty()) return {};
  if (!ledger_.post_taken(entry_of(heard), holds)) return contradicts("what is taken cannot be posted");
  effects.members.insert(owners.begin(), owners.end());
  return {};
}

Result<> Books::take_given_back(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY_VOID(read_sold(body, "sale"));
  TILLKIT_TRY(const Unit unit, read_unit(body));
  TILLKIT_TRY(const std::string of, read_owner(body));
  TILLKIT_TRY(const auto owner, core::parse_optional_id<ledger::Owner>(of));
  TILLKIT_TRY(const std::vector<ledger::Hold> holds, read_holds(body));
  TILLKIT_TRY_VOID(check_holds(heard, holds, false));
  if (holds.empty()) return {};
  if (!ledger_.post_given_back(entry_of(heard), unit, owner, holds)) {
    return contradicts("what is given back cannot be posted");
  }
  effects.members.insert(of);
  return {};
}

Result<> Books::take_taken_back(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const std::int64_t sold, read_sold(body, "sale"));
  TILLKIT_TRY(const std::string of, read_owner(body));
  TILLKIT_TRY(const auto owner, ledger::Owner::parse(of));
  TILLKIT_TRY(const std::int64_t points, read_leased_amount(body, "points", 1));
  const auto sale = sales_.find({heard.journal, sold});
  if (sale == sales_.end() || sale->second.lots.empty()) return contradicts("the sale earned nothing");
  const auto& lots = sale->second.lots;
  const auto member = people_.resolve(of);
  const auto same = std::ranges::find_if(lots, [&](const auto& lot) { return people_.resolve(lot.first) == member; });
  if (same == lots.end()) return contradicts("the sale earned nothing for this member");
  TILLKIT_TRY(const auto lot, ledger::LotId::parse(same->second));
  if (!ledger_.post_taken_back(entry_of(heard), Unit::Points, owner, lot, points, heard.record.at.wall.at)) {
    return contradicts("what is taken back cannot be posted");
  }
  effects.members.insert(of);
  return {};
}

// --- leases ---

Result<> Books::take_lease_placed(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const auto id, core::read_id<ledger::LeaseId>(body, "lease"));
  const auto lease = leases_.find(std::string(id.view()));
  if (lease == leases_.end()) return contradicts("a lease that was never granted");
  if (lease->second.terminal != heard.terminal) return contradicts("another terminal's lease");
  // It is in its journal; should it be recalled, that is still to be told.
  if (!lease->second.recalled) {
    effects.news.push_back({decisions_of_terminal(heard.terminal), "lease:" + lease->first, ""});
  }
  return {};
}

Result<> Books::take_lease_returned(const Heard& heard, const JsonValue& body, Effects& effects) {
  TILLKIT_TRY(const auto id, core::read_id<ledger::LeaseId>(body, "lease"));
  TILLKIT_TRY(const std::int64_t unused, read_leased_amount(body, "unused", 0));
  const auto lease = leases_.find(std::string(id.view()));
  if (lease == leases_.end()) return contradicts("a lease that was never granted");
  if (lease->second.terminal != heard.terminal) return contradicts("another terminal's lease");
  if (!ledger_.post_returned(entry_of(heard), id, unused)) return contradicts("what is returned cannot be posted");
  lease->second.returned = true;
  effects.members.insert(lease->second.of);
  effects.news.push_back({decisions_of_terminal(heard.terminal), "lease:" + lease->first, ""});
  return {};
}

}  // namespace tillkit::sandbox
