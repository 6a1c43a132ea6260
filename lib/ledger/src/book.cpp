// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/book.hpp"

#include <algorithm>
#include <tuple>

#include "bodies.hpp"

namespace tillkit::ledger {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::WallTime;

bool are_holds(std::span<const Hold> holds) {
  return !holds.empty() &&
         std::ranges::all_of(holds, [](const Hold& hold) { return !hold.lease.empty() && is_amount(hold.amount); });
}

/// Whether a hold means this lot; a hold without one means all of them.
bool means(const Hold& hold, const LotId& lot) {
  return hold.lot.empty() || hold.lot == lot;
}

}  // namespace

bool Book::KeyOrder::operator()(const EntryKey& a, const EntryKey& b) const {
  return std::tie(a.journal.bytes, a.seq) < std::tie(b.journal.bytes, b.seq);
}

std::int64_t Book::Leased::outstanding() const {
  std::int64_t sum = 0;
  for (const Part& part : parts)
    sum += part.outstanding();
  return sum;
}

// --- entries ---

Result<bool> Book::post_earned(const EntryKey& key, Unit unit, const Owner& of, const LotPart& lot,
                               WallTime active_from) {
  if (!is_unit(unit) || lot.lot.empty() || !is_amount(lot.amount)) return fail(ErrorCode::InvalidArgument);
  if (posted_.contains(key)) return false;
  if (lots_.contains(lot.lot)) return fail(ErrorCode::AlreadyExists);
  posted_.insert(key);
  sums(unit).earned += lot.amount;

  Account& account = accounts_[{unit, resolve(of)}];
  const std::int64_t owed = std::min(account.debt, lot.amount);
  account.debt -= owed;
  account.lots.push_back(lot.lot);
  lots_[lot.lot] = {.unit = unit,
                    .of = of,
                    .earned = lot.amount,
                    .free = lot.amount - owed,
                    .taken_back = owed,
                    .active_from = active_from,
                    .expires_at = lot.expires_at};
  enter_waiting();
  return true;
}

Result<bool> Book::post_taken(const EntryKey& key, std::span<const Hold> holds) {
  if (!are_holds(holds)) return fail(ErrorCode::InvalidArgument);
  return post({.key = key, .what = Entered::Taken, .holds = {holds.begin(), holds.end()}});
}

Result<bool> Book::post_given_back(const EntryKey& key, Unit unit, const Owner& of, std::span<const Hold> holds) {
  if (!is_unit(unit) || !are_holds(holds)) return fail(ErrorCode::InvalidArgument);
  return post({.key = key, .what = Entered::GivenBack, .unit = unit, .of = of, .holds = {holds.begin(), holds.end()}});
}

Result<bool> Book::post_taken_back(const EntryKey& key, Unit unit, const Owner& of, const LotId& lot,
                                   std::int64_t amount, WallTime now) {
  if (!is_unit(unit) || lot.empty() || !is_amount(amount)) return fail(ErrorCode::InvalidArgument);
  return post(
      {.key = key, .what = Entered::TakenBack, .unit = unit, .of = of, .lot = lot, .amount = amount, .now = now});
}

Result<bool> Book::post_returned(const EntryKey& key, const LeaseId& lease, std::int64_t unused) {
  if (lease.empty() || unused < 0 || unused > kLeaseAmountMax) return fail(ErrorCode::InvalidArgument);
  return post({.key = key, .what = Entered::Returned, .lease = lease, .amount = unused});
}

Result<bool> Book::post(Entry entry) {
  if (!posted_.insert(entry.key).second) return false;
  if (enter(entry)) {
    enter_waiting();
  } else {
    waiting_.push_back(std::move(entry));
  }
  return true;
}

/// False: what it refers to is not known yet, and nothing changed.
bool Book::enter(const Entry& entry) {
  switch (entry.what) {
    case Entered::Taken: return enter_taken(entry);
    case Entered::GivenBack: return enter_given_back(entry);
    case Entered::TakenBack: return enter_taken_back(entry);
    case Entered::Returned: return enter_returned(entry);
  }
  return false;
}

/// Each that can be entered may be what another waits for.
void Book::enter_waiting() {
  while (std::erase_if(waiting_, [this](const Entry& entry) { return enter(entry); }) > 0) {
  }
}

bool Book::enter_taken(const Entry& entry) {
  const auto known = [this](const Hold& hold) { return leases_.contains(hold.lease); };
  if (!std::ranges::all_of(entry.holds, known)) return false;
  for (const Hold& hold : entry.holds) {
    Leased& lease = leases_[hold.lease];
    sums(lease.grant.unit).taken += hold.amount;
    spend(lease, hold, entry.key);
  }
  return true;
}

void Book::spend(Leased& lease, const Hold& hold, const EntryKey& key) {
  std::int64_t rest = hold.amount;
  const auto spend = [&](Part& part, std::int64_t at_most) {
    if (!means(hold, part.lot)) return;
    const std::int64_t here = std::min({rest, at_most, part.outstanding()});
    part.spent += here;
    rest -= here;
  };
  // What was given back before its terminal said so was spent, too.
  for (Part& part : lease.parts)
    spend(part, std::max<std::int64_t>(0, part.given_back - part.spent));
  for (Part& part : lease.parts)
    spend(part, rest);
  if (rest == 0) return;
  lease.lost += rest;
  losses_.push_back({.lease = hold.lease, .entry = key, .amount = rest});
}

bool Book::enter_given_back(const Entry& entry) {
  // On copies: it counts as a whole or not at all.
  std::map<LeaseId, Leased> changed;
  std::map<LotId, std::int64_t> to_lots;
  std::vector<Loss> healed;
  for (const Hold& hold : entry.holds) {
    const auto known = leases_.find(hold.lease);
    if (known == leases_.end() || known->second.grant.unit != entry.unit) return false;
    Leased& lease = changed.try_emplace(hold.lease, known->second).first->second;
    const std::int64_t rest = give_back(lease, hold, to_lots);
    if (rest > lease.lost - lease.lost_given_back) return false;
    if (rest == 0) continue;
    lease.lost_given_back += rest;
    healed.push_back({.lease = hold.lease, .entry = entry.key, .amount = -rest});
  }
  for (auto& [id, lease] : changed)
    leases_[id] = std::move(lease);
  for (const auto& [lot, amount] : to_lots)
    lots_[lot].free += amount;
  losses_.insert(losses_.end(), healed.begin(), healed.end());
  for (const Hold& hold : entry.holds)
    sums(entry.unit).given_back += hold.amount;
  return true;
}

/// Returns what was not spent of these lots by the rules.
std::int64_t Book::give_back(Leased& lease, const Hold& hold, std::map<LotId, std::int64_t>& to_lots) {
  std::int64_t rest = hold.amount;
  const auto give = [&](Part& part, std::int64_t of) {
    if (!means(hold, part.lot)) return;
    const std::int64_t here = std::clamp<std::int64_t>(of - part.given_back, 0, rest);
    part.given_back += here;
    to_lots[part.lot] += here;
    rest -= here;
  };
  for (auto part = lease.parts.rbegin(); part != lease.parts.rend(); ++part)
    give(*part, part->spent);
  if (lease.end != End::CountsAsSpent) return rest;
  for (auto part = lease.parts.rbegin(); part != lease.parts.rend(); ++part)
    give(*part, part->spent + part->outstanding());
  return rest;
}

bool Book::enter_taken_back(const Entry& entry) {
  const auto known = lots_.find(entry.lot);
  if (known == lots_.end() || known->second.unit != entry.unit) return false;
  sums(entry.unit).taken_back += entry.amount;
  std::int64_t rest = entry.amount;
  const auto take = [&rest](Lot& lot) {
    const std::int64_t here = std::min(rest, lot.free);
    lot.free -= here;
    lot.taken_back += here;
    rest -= here;
  };
  take(known->second);
  Account& account = accounts_[{entry.unit, resolve(entry.of)}];
  for (const LotId& lot : usable_lots(account, entry.now))
    take(lots_[lot]);
  account.debt += rest;
  return true;
}

bool Book::enter_returned(const Entry& entry) {
  const auto known = leases_.find(entry.lease);
  if (known == leases_.end() || known->second.outstanding() > entry.amount) return false;
  give_up_outstanding(known->second);
  known->second.end = End::Returned;
  return true;
}

void Book::give_up_outstanding(Leased& lease) {
  for (Part& part : lease.parts) {
    // What was given back of it was spent, also where its terminal has not said so yet.
    const std::int64_t unused = part.amount - part.unused - std::max(part.spent, part.given_back);
    part.unused += unused;
    lots_[part.lot].free += unused;
  }
}

// --- leases ---

Result<LeaseGrant> Book::grant(const LeaseId& id, const TerminalId& terminal, Unit unit, const Owner& of,
                               std::int64_t amount, WallTime now, WallTime until) {
  if (id.empty() || terminal.empty() || !is_unit(unit)) return fail(ErrorCode::InvalidArgument);
  if (!is_amount(amount)) return fail(ErrorCode::OutOfRange);
  if (const auto known = leases_.find(id); known != leases_.end()) {
    const Leased& lease = known->second;
    const bool same = lease.terminal == terminal && lease.grant.unit == unit && resolve(lease.of) == resolve(of);
    if (!same) return fail(ErrorCode::AlreadyExists);
    return lease.grant;
  }
  const auto found = accounts_.find({unit, resolve(of)});
  if (found == accounts_.end()) return fail(ErrorCode::Exhausted);
  Account& account = found->second;
  // A debt that stays has left nothing that could be leased.
  settle(account, now);

  Leased lease{.grant = {.id = id, .unit = unit, .until = until}, .terminal = terminal, .of = of};
  if (unit != Unit::Risk) lease.grant.of = of;
  std::int64_t rest = amount;
  for (const LotId& lot_id : usable_lots(account, now)) {
    Lot& lot = lots_[lot_id];
    if (lot.active_from > now || rest == 0 || lease.parts.size() == kLotsPerLeaseMax) continue;
    const std::int64_t here = std::min(rest, lot.free);
    lot.free -= here;
    rest -= here;
    lease.parts.push_back({.lot = lot_id, .amount = here});
    if (has_lots(unit)) lease.grant.lots.push_back({lot_id, here, lot.expires_at});
  }
  lease.grant.amount = amount - rest;
  if (lease.parts.empty()) return fail(ErrorCode::Exhausted);
  LeaseGrant granted = lease.grant;
  leases_[id] = std::move(lease);
  enter_waiting();
  return granted;
}

void Book::write_off(const TerminalId& terminal, bool as_spent) {
  for (auto& [id, lease] : leases_) {
    if (lease.terminal != terminal || lease.end != End::None) continue;
    lease.end = as_spent ? End::CountsAsSpent : End::GivenBack;
    if (!as_spent) give_up_outstanding(lease);
  }
  enter_waiting();
}

void Book::merge(const Owner& from, const Owner& into) {
  const Owner one = resolve(from);
  const Owner other = resolve(into);
  if (one == other) return;
  merged_[one] = other;
  for (std::size_t i = 1; i <= kUnits; ++i) {
    const auto unit = static_cast<Unit>(i);
    const auto found = accounts_.find({unit, one});
    if (found == accounts_.end()) continue;
    const Account moved = std::move(found->second);
    accounts_.erase(found);
    Account& account = accounts_[{unit, other}];
    account.lots.insert(account.lots.end(), moved.lots.begin(), moved.lots.end());
    account.debt += moved.debt;
  }
}

Owner Book::resolve(const Owner& of) const {
  Owner owner = of;
  for (auto next = merged_.find(owner); next != merged_.end(); next = merged_.find(owner))
    owner = next->second;
  return owner;
}

// --- accounts ---

/// Those with something free that are not over, first expiring first, then by id.
std::vector<LotId> Book::usable_lots(const Account& account, WallTime now) const {
  std::vector<std::pair<WallTime, LotId>> usable;
  for (const LotId& id : account.lots) {
    const Lot& lot = lots_.at(id);
    if (lot.free > 0 && lot.expires_at > now) usable.emplace_back(lot.expires_at, id);
  }
  std::ranges::sort(usable);
  std::vector<LotId> ids;
  ids.reserve(usable.size());
  for (const auto& [expires, id] : usable)
    ids.push_back(id);
  return ids;
}

/// Pays the debt, as far as there is something to pay it with.
void Book::settle(Account& account, WallTime now) {
  if (account.debt == 0) return;
  for (const LotId& id : usable_lots(account, now)) {
    Lot& lot = lots_[id];
    const std::int64_t paid = std::min(account.debt, lot.free);
    lot.free -= paid;
    lot.taken_back += paid;
    account.debt -= paid;
  }
}

Balance Book::balance(Unit unit, const Owner& of, WallTime now) const {
  Balance balance;
  const AccountKey key{unit, resolve(of)};
  const auto found = accounts_.find(key);
  if (found == accounts_.end()) return balance;
  balance.debt = found->second.debt;
  for (const LotId& id : usable_lots(found->second, now)) {
    const Lot& lot = lots_.at(id);
    const std::int64_t paid = std::min(balance.debt, lot.free);
    balance.debt -= paid;
    (lot.active_from > now ? balance.pending : balance.active) += lot.free - paid;
  }
  for (const auto& [id, lease] : leases_) {
    if (lease.end == End::None && lease.grant.unit == unit && resolve(lease.of) == key.second) {
      balance.leased += lease.outstanding();
    }
  }
  return balance;
}

// --- check ---

bool Book::check() const {
  return check_lots() && check_accounts() && check_leases();
}

bool Book::check_lots() const {
  std::map<LotId, std::int64_t> out;
  for (const auto& [id, lease] : leases_) {
    for (const Part& part : lease.parts)
      out[part.lot] += part.amount - part.unused - part.given_back;
  }
  std::array<std::int64_t, kUnits> earned{};
  for (const auto& [id, lot] : lots_) {
    const auto found = out.find(id);
    const std::int64_t outside = found == out.end() ? 0 : found->second;
    if (lot.free < 0 || lot.taken_back < 0 || outside < 0) return false;
    if (lot.earned != lot.free + lot.taken_back + outside) return false;
    earned[static_cast<std::size_t>(lot.unit) - 1] += lot.earned;
  }
  for (std::size_t i = 0; i < kUnits; ++i) {
    if (earned[i] != sums_[i].earned) return false;
  }
  return std::ranges::all_of(out, [this](const auto& one) { return lots_.contains(one.first); });
}

bool Book::check_accounts() const {
  std::array<std::int64_t, kUnits> taken_back{};
  std::size_t lots = 0;
  for (const auto& [key, account] : accounts_) {
    const auto& [unit, owner] = key;
    if (account.debt < 0 || resolve(owner) != owner) return false;
    std::int64_t& sum = taken_back[static_cast<std::size_t>(unit) - 1];
    sum += account.debt;
    for (const LotId& id : account.lots) {
      const auto lot = lots_.find(id);
      if (lot == lots_.end() || lot->second.unit != unit || resolve(lot->second.of) != owner) return false;
      sum += lot->second.taken_back;
      ++lots;
    }
  }
  for (std::size_t i = 0; i < kUnits; ++i) {
    if (taken_back[i] != sums_[i].taken_back) return false;
  }
  return lots == lots_.size();
}

bool Book::check_leases() const {
  std::array<std::int64_t, kUnits> taken{};
  std::array<std::int64_t, kUnits> given_back{};
  std::int64_t lost = 0;
  for (const auto& [id, lease] : leases_) {
    const std::size_t unit = static_cast<std::size_t>(lease.grant.unit) - 1;
    std::int64_t amount = 0;
    for (const Part& part : lease.parts) {
      if (part.spent < 0 || part.unused < 0 || part.given_back < 0 || part.outstanding() < 0) return false;
      amount += part.amount;
      taken[unit] += part.spent;
      given_back[unit] += part.given_back;
    }
    if (amount != lease.grant.amount || lease.lost_given_back > lease.lost) return false;
    taken[unit] += lease.lost;
    given_back[unit] += lease.lost_given_back;
    lost += lease.lost - lease.lost_given_back;
  }
  for (const Loss& loss : losses_)
    lost -= loss.amount;
  for (std::size_t i = 0; i < kUnits; ++i) {
    if (taken[i] != sums_[i].taken || given_back[i] != sums_[i].given_back) return false;
  }
  return lost == 0;
}

}  // namespace tillkit::ledger
