// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tillkit/ledger/book.hpp"
#include "tillkit/ledger/tables.hpp"

// What leases mean, written down once more, as plainly as it goes: every point that is leased is a coin that lies
// somewhere. Slow, and shares nothing with the library but its types.
namespace tillkit::ledger::plain {

using core::ErrorCode;
using core::WallTime;

enum class What : std::uint8_t { Earned, Taken, GivenBack, TakenBack, Returned, Coupon };

/// What a terminal, or the cloud itself, did. Names no more than its record does.
struct Entry {
  What what = What::Taken;
  Unit unit = Unit::Points;
  Owner of{};
  std::vector<Hold> holds{};
  LeaseId lease{};
  LotId lot{};
  std::int64_t amount = 0;
  WallTime from{};  ///< earned: active from; taken back: when it was heard of
  WallTime expires{};
  std::string coupon{};
};

struct Coin {
  LotId lot{};
  bool taken = false;
  bool given_back = false;
  bool unused = false;
};

struct Lot {
  Unit unit = Unit::Points;
  Owner of{};
  std::int64_t earned = 0;
  std::int64_t free = 0;
  WallTime from{};
  WallTime expires{};
};

struct Lease {
  LeaseGrant grant{};
  TerminalId terminal{};
  Owner of{};
  std::vector<Coin> coins{};
  bool decided = false;   ///< returned or written off
  bool assumed = false;   ///< written off as spent
  std::int64_t gone = 0;  ///< coins that a person gave back to the owner
  std::int64_t lost = 0;
  std::int64_t lost_back = 0;
};

/// The cloud's accounts.
class Cloud {
 public:
  using Key = std::pair<std::string, std::int64_t>;

  bool post(const Key& key, const Entry& entry) {
    if (!posted.insert(key).second) return false;
    waiting.push_back(entry);
    enter_waiting();
    return true;
  }

  /// What the cloud must grant; none: nothing.
  std::optional<LeaseGrant> grant(const LeaseId& id, const TerminalId& terminal, Unit unit, const Owner& of,
                                  std::int64_t amount, WallTime now, WallTime until) {
    if (leases.contains(id)) return leases[id].grant;
    pay_debt(unit, of, now);
    if (debts[{unit, leader(of)}] > 0) return std::nullopt;
    Lease lease{.grant = {.id = id, .unit = unit, .until = until}, .terminal = terminal, .of = of};
    if (unit != Unit::Risk) lease.grant.of = of;
    for (const LotId& name : usable(unit, of, now)) {
      Lot& lot = lots[name];
      if (lot.from > now || lease.grant.amount == amount) continue;
      const auto here = std::min(lot.free, amount - lease.grant.amount);
      for (std::int64_t i = 0; i < here; ++i)
        lease.coins.push_back({.lot = name});
      lot.free -= here;
      lease.grant.amount += here;
      if (unit == Unit::Points || unit == Unit::Value) lease.grant.lots.push_back({name, here, lot.expires});
    }
    if (lease.coins.empty()) return std::nullopt;
    leases[id] = lease;
    enter_waiting();
    return lease.grant;
  }

  void write_off(const TerminalId& terminal, bool as_spent) {
    for (auto& [id, lease] : leases) {
      if (lease.terminal != terminal || lease.decided) continue;
      lease.decided = true;
      lease.assumed = as_spent;
      if (!as_spent) lease.gone = put_back(lease);
    }
    enter_waiting();
  }

  void merge(const Owner& from, const Owner& into) {
    const Owner one = leader(from);
    const Owner other = leader(into);
    if (one == other) return;
    leaders[one] = one;
    for (auto& [owner, led_by] : leaders) {
      if (led_by == one) led_by = other;
    }
    for (const Unit unit : {Unit::Points, Unit::Value, Unit::Budget, Unit::Risk}) {
      debts[{unit, other}] += debts[{unit, one}];
      debts.erase({unit, one});
    }
  }

  [[nodiscard]] Owner leader(const Owner& of) const {
    const auto found = leaders.find(of);
    return found == leaders.end() ? of : found->second;
  }

  [[nodiscard]] Balance balance(Unit unit, const Owner& of, WallTime now) const {
    Balance sum;
    const auto owed = debts.find({unit, leader(of)});
    if (owed != debts.end()) sum.debt = owed->second;
    for (const LotId& name : usable(unit, of, now)) {
      const Lot& lot = lots.at(name);
      const auto paid = std::min(sum.debt, lot.free);
      sum.debt -= paid;
      (lot.from <= now ? sum.active : sum.pending) += lot.free - paid;
    }
    for (const auto& [id, lease] : leases) {
      if (lease.decided || lease.grant.unit != unit || leader(lease.of) != leader(of)) continue;
      sum.leased += std::ranges::count_if(lease.coins, [](const Coin& c) { return !c.taken && !c.unused; });
    }
    return sum;
  }

  std::map<LotId, Lot> lots;
  std::map<LeaseId, Lease> leases;
  std::map<std::pair<Unit, Owner>, std::int64_t> debts;
  std::map<Owner, Owner> leaders;
  std::set<Key> posted;
  std::vector<Entry> waiting;

 private:
  [[nodiscard]] std::vector<LotId> usable(Unit unit, const Owner& of, WallTime now) const {
    std::vector<std::pair<WallTime, LotId>> found;
    for (const auto& [name, lot] : lots) {
      if (lot.unit == unit && leader(lot.of) == leader(of) && lot.free > 0 && lot.expires > now)
        found.emplace_back(lot.expires, name);
    }
    std::ranges::sort(found);
    std::vector<LotId> names;
    names.reserve(found.size());
    for (const auto& [expires, name] : found)
      names.push_back(name);
    return names;
  }

  void pay_debt(Unit unit, const Owner& of, WallTime now) {
    std::int64_t& debt = debts[{unit, leader(of)}];
    for (const LotId& name : usable(unit, of, now))
      take_free(lots[name], debt);
  }

  static void take_free(Lot& lot, std::int64_t& wanted) {
    const auto here = std::min(lot.free, wanted);
    lot.free -= here;
    wanted -= here;
  }

  std::int64_t put_back(Lease& lease) {
    std::int64_t count = 0;
    for (Coin& coin : lease.coins) {
      if (coin.taken || coin.given_back || coin.unused) continue;
      coin.unused = true;
      ++lots[coin.lot].free;
      ++count;
    }
    return count;
  }

  void enter_waiting() {
    for (bool again = true; again;) {
      again = false;
      for (auto entry = waiting.begin(); entry != waiting.end(); ++entry) {
        if (!enter(*entry)) continue;
        waiting.erase(entry);
        again = true;
        break;
      }
    }
  }

  bool enter(const Entry& entry) {
    switch (entry.what) {
      case What::Earned: return earned(entry);
      case What::Taken: return taken(entry);
      case What::GivenBack: return given_back(entry);
      case What::TakenBack: return taken_back(entry);
      case What::Returned: return returned(entry);
      case What::Coupon: return true;
    }
    return true;
  }

  bool earned(const Entry& entry) {
    Lot lot{entry.unit, entry.of, entry.amount, entry.amount, entry.from, entry.expires};
    take_free(lot, debts[{entry.unit, leader(entry.of)}]);
    lots[entry.lot] = lot;
    return true;
  }

  bool taken(const Entry& entry) {
    for (const Hold& hold : entry.holds) {
      if (!leases.contains(hold.lease)) return false;
    }
    for (const Hold& hold : entry.holds) {
      Lease& lease = leases[hold.lease];
      std::int64_t rest = hold.amount;
      // What came back was spent.
      for (const bool came_back : {true, false}) {
        for (Coin& coin : lease.coins) {
          const bool meant = hold.lot.empty() || coin.lot == hold.lot;
          if (rest == 0 || !meant || coin.taken || coin.unused || coin.given_back != came_back) continue;
          coin.taken = true;
          --rest;
        }
      }
      lease.lost += rest;
    }
    return true;
  }

  bool given_back(const Entry& entry) {
    auto after = leases;
    auto lots_after = lots;
    for (const Hold& hold : entry.holds) {
      if (!after.contains(hold.lease)) return false;
      Lease& lease = after[hold.lease];
      std::int64_t rest = hold.amount;
      // Those of which their terminal said that they were spent go first.
      for (const bool said : {true, false}) {
        for (auto coin = lease.coins.rbegin(); coin != lease.coins.rend(); ++coin) {
          const bool meant = hold.lot.empty() || coin->lot == hold.lot;
          const bool spent = said ? coin->taken : !coin->taken && lease.assumed;
          if (rest == 0 || !meant || coin->given_back || coin->unused || !spent) continue;
          coin->given_back = true;
          ++lots_after[coin->lot].free;
          --rest;
        }
      }
      lease.lost_back += rest;
      if (lease.lost_back > lease.lost) return false;
    }
    leases = std::move(after);
    lots = std::move(lots_after);
    return true;
  }

  bool taken_back(const Entry& entry) {
    if (!lots.contains(entry.lot)) return false;
    std::int64_t rest = entry.amount;
    take_free(lots[entry.lot], rest);
    for (const LotId& name : usable(entry.unit, entry.of, entry.from))
      take_free(lots[name], rest);
    debts[{entry.unit, leader(entry.of)}] += rest;
    return true;
  }

  bool returned(const Entry& entry) {
    if (!leases.contains(entry.lease)) return false;
    Lease& lease = leases[entry.lease];
    const auto out = std::ranges::count_if(lease.coins, [](const Coin& c) { return !c.taken && !c.unused; });
    if (out > entry.amount) return false;
    put_back(lease);
    lease.decided = true;
    lease.assumed = false;
    return true;
  }
};

/// A terminal's leases and sales.
class Till {
 public:
  struct Part {
    LotId lot{};
    std::int64_t amount = 0;
    WallTime expires{};
    std::int64_t reserved = 0;
    std::int64_t taken = 0;
    [[nodiscard]] std::int64_t left() const { return amount - reserved - taken; }
  };
  struct Held {
    LeaseGrant grant{};
    std::vector<Part> parts{};
  };

  /// Whether a lease is placed now. A year after its time an id may be forgotten, and then nothing as old comes in.
  bool place(const LeaseGrant& grant) {
    if (ever.contains(grant.id) || (forgotten && grant.until <= *forgotten)) return false;
    ever.insert(grant.id);
    Held lease{.grant = grant};
    for (const LotPart& lot : grant.lots)
      lease.parts.push_back({.lot = lot.lot, .amount = lot.amount, .expires = lot.expires_at});
    if (lease.parts.empty()) lease.parts.push_back({.amount = grant.amount, .expires = WallTime::max()});
    held[grant.id] = lease;
    return true;
  }
  void forget(const core::WallReading& recorded) {
    if (recorded.quality != core::WallQuality::Trusted) return;
    std::erase_if(over, [&](const auto& one) {
      if (one.second > recorded.at - std::chrono::days{365}) return false;
      forgotten = std::max(forgotten.value_or(one.second), one.second);
      return true;
    });
  }
  std::int64_t give(const LeaseId& id) {
    std::int64_t unused = 0;
    for (const Part& part : held[id].parts)
      unused += part.left();
    end(id);
    return unused;
  }

  [[nodiscard]] std::int64_t reserved_of(const LeaseId& id) const {
    std::int64_t sum = 0;
    for (const Part& part : held.at(id).parts)
      sum += part.reserved;
    return sum;
  }

  [[nodiscard]] std::vector<Hold> spendable(Unit unit, const Owner& of, const core::WallReading& now) const {
    std::vector<std::tuple<WallTime, WallTime, LeaseId, LotId, std::int64_t>> found;
    for (const auto& [id, lease] : held) {
      if (lease.grant.unit != unit || lease.grant.of != of || lease.grant.until <= now.at) continue;
      for (const Part& part : lease.parts) {
        if (part.expires > now.at && part.left() > 0)
          found.emplace_back(part.expires, lease.grant.until, id, part.lot, part.left());
      }
    }
    std::vector<Hold> holds;
    if (now.quality == core::WallQuality::Unknown) return holds;
    std::ranges::sort(found);
    for (const auto& [expires, until, id, lot, left] : found)
      holds.push_back({id, lot, left});
    return holds;
  }

  /// Why it may not be reserved; none: it may.
  [[nodiscard]] std::optional<ErrorCode> refusal(const Reservation& reservation) {
    std::map<std::pair<LeaseId, LotId>, std::int64_t> wanted;
    for (const Hold& hold : reservation.holds)
      wanted[{hold.lease, hold.lot}] += hold.amount;
    for (const Hold& hold : reservation.holds) {
      const Part* const part = find(hold);
      if (part == nullptr) return ErrorCode::NotFound;
      const LeaseGrant& grant = held[hold.lease].grant;
      if (grant.unit != reservation.unit || grant.of != reservation.of) return ErrorCode::InvalidArgument;
      if (wanted[{hold.lease, hold.lot}] > part->left()) return ErrorCode::Exhausted;
    }
    if (reservation.draw && *reservation.draw != next_draw(reservation.of)) return ErrorCode::InvalidArgument;
    return std::nullopt;
  }

  void reserve(std::int64_t sale, const Reservation& reservation) {
    for (const Hold& hold : reservation.holds)
      find(hold)->reserved += hold.amount;
    if (reservation.draw) draws[reservation.of].insert(*reservation.draw);
    open[sale].push_back(reservation);
  }
  void release(std::int64_t sale) {
    for (const Reservation& reservation : open[sale]) {
      for (const Hold& hold : reservation.holds)
        find(hold)->reserved -= hold.amount;
      if (reservation.draw) draws[reservation.of].erase(*reservation.draw);
    }
    open.erase(sale);
  }
  std::vector<Reservation> take(std::int64_t sale) {
    const auto parts = open[sale];
    open.erase(sale);
    for (const Reservation& reservation : parts) {
      for (const Hold& hold : reservation.holds) {
        find(hold)->reserved -= hold.amount;
        find(hold)->taken += hold.amount;
        const bool used_up =
            std::ranges::all_of(held[hold.lease].parts, [](const Part& part) { return part.taken == part.amount; });
        if (used_up) end(hold.lease);
      }
    }
    return parts;
  }

  /// The lowest number that no sale has.
  [[nodiscard]] std::uint64_t next_draw(const Owner& offer) {
    std::uint64_t number = 0;
    while (draws[offer].contains(number))
      ++number;
    return number;
  }

  std::map<LeaseId, Held> held;
  std::set<LeaseId> ever;
  std::map<LeaseId, WallTime> over;
  std::optional<WallTime> forgotten;
  std::map<std::int64_t, std::vector<Reservation>> open;
  std::map<Owner, std::set<std::uint64_t>> draws;

 private:
  Part* find(const Hold& hold) {
    const auto lease = held.find(hold.lease);
    if (lease == held.end()) return nullptr;
    const auto part = std::ranges::find(lease->second.parts, hold.lot, &Part::lot);
    return part == lease->second.parts.end() ? nullptr : &*part;
  }
  void end(const LeaseId& id) {
    over[id] = held[id].grant.until;
    held.erase(id);
  }
};

}  // namespace tillkit::ledger::plain
