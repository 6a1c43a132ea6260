// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/ledger/lease.hpp"

/// The other side of the leases: the accounts they come from. A cloud keeps one; so do tests. In memory: whoever owns
/// it stores what was posted, granted, written off and merged, and makes it again from that.
namespace tillkit::ledger {

/// Names an entry: the record that it comes from.
struct EntryKey {
  journal::JournalId journal{};
  journal::Seq seq{};

  friend bool operator==(const EntryKey&, const EntryKey&) = default;
};

using TerminalId = core::TextId<struct LedgerTerminalTag, 32>;

struct Balance {
  std::int64_t active = 0;   ///< may be spent or leased: not expired, not leased
  std::int64_t pending = 0;  ///< active later
  std::int64_t leased = 0;   ///< at terminals: spent there or not, they have not said yet
  std::int64_t debt = 0;     ///< taken back after it was spent: blocks spending until it is earned again

  friend bool operator==(const Balance&, const Balance&) = default;
};

/// What went out against the rules of the leases and is borne by somebody. An amount below zero is a part of such a
/// loss that a refund brought back.
struct Loss {
  LeaseId lease{};
  EntryKey entry{};
  std::int64_t amount = 0;
};

/// Accounts of one unit of members (`Points`, `Value`), of offers (`Budget`) and of terminals (`Risk`).
///
/// An entry counts once, however often and in whatever order they come: one that refers to what is not known yet waits
/// for it. A lease is given back by its terminal or written off by a person, never by time.
///
/// Sums, of each lot: earned = free (active, pending or expired) + leased + spent + taken back. Of each unit: what was
/// taken back = what it took from lots + debts. What went out beyond a lease is in `losses` and in no lot (`check`).
class Book {
 public:
  // Entries. Each returns false where its key was posted before: nothing changed. All fail with InvalidArgument where
  // an id is missing or an amount is not from 1 (`unused`: 0) to `kLeaseAmountMax`; the key counts as not posted.

  /// Points earned, value loaded, a budget granted: a lot of its own. A debt is paid from it at once.
  /// - AlreadyExists: another entry made a lot of this name.
  core::Result<bool> post_earned(const EntryKey& key, Unit unit, const Owner& of, const LotPart& lot,
                                 core::WallTime active_from);
  /// A terminal spent of a lease. What the lease does not have any more is a loss. Waits for its leases.
  core::Result<bool> post_taken(const EntryKey& key, std::span<const Hold> holds);
  /// A refund gave back to the lots; those that are over stay over. Waits until as much is taken of these leases.
  core::Result<bool> post_given_back(const EntryKey& key, Unit unit, const Owner& of, std::span<const Hold> holds);
  /// A refund took back `amount` of what `lot` earned: from that lot first, then of lots that are not over at `now`,
  /// first expiring first; what is missing becomes debt. Waits for the lot.
  core::Result<bool> post_taken_back(const EntryKey& key, Unit unit, const Owner& of, const LotId& lot,
                                     std::int64_t amount, core::WallTime now);
  /// A terminal returned what it did not spend. Waits until all else was taken.
  core::Result<bool> post_returned(const EntryKey& key, const LeaseId& lease, std::int64_t unused);

  // Leases.

  /// Sets `amount` apart for a terminal, first expiring first; less where there is less. The same id again: the same
  /// grant, whatever became of it. Of `Risk` the grant names no owner; a budget's `draw_key` is added by the caller.
  /// - Exhausted: nothing is there, or there is a debt. - AlreadyExists: the id was given to another terminal, unit or
  ///   owner. - InvalidArgument: no id, unit or terminal. - OutOfRange: the amount.
  core::Result<LeaseGrant> grant(const LeaseId& id, const TerminalId& terminal, Unit unit, const Owner& of,
                                 std::int64_t amount, core::WallTime now, core::WallTime until);
  /// A person decides that a terminal never comes back. What its leases still hold counts as spent (`as_spent`), until
  /// the terminal says otherwise after all; or it goes back to the owners, and whatever turns up later is a loss.
  /// Leases that were written off before stay as they are.
  void write_off(const TerminalId& terminal, bool as_spent);

  /// Two owners are one from now on: their lots stay where they are, their sums are one. Merging twice, or the other
  /// way round, changes nothing.
  void merge(const Owner& from, const Owner& into);
  /// Who it is now.
  [[nodiscard]] Owner resolve(const Owner& of) const;

  /// Of all that were merged. A debt is paid from what is active or pending, so never both are above zero.
  [[nodiscard]] Balance balance(Unit unit, const Owner& of, core::WallTime now) const;
  /// In the order in which they came to light.
  [[nodiscard]] const std::vector<Loss>& losses() const { return losses_; }
  /// Entries that wait for what they refer to.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  /// Whether everything adds up; for tests and for a nightly look.
  [[nodiscard]] bool check() const;

 private:
  struct KeyOrder {
    bool operator()(const EntryKey& a, const EntryKey& b) const;
  };
  struct Lot {
    Unit unit = Unit::Points;
    Owner of{};
    std::int64_t earned = 0;
    std::int64_t free = 0;
    std::int64_t taken_back = 0;
    core::WallTime active_from{};
    core::WallTime expires_at{};
  };
  struct Part {
    LotId lot{};
    std::int64_t amount = 0;
    std::int64_t spent = 0;
    std::int64_t given_back = 0;  // of what was spent
    std::int64_t unused = 0;      // back in the lot
    [[nodiscard]] std::int64_t outstanding() const { return amount - spent - unused; }
  };
  enum class End : std::uint8_t { None, Returned, CountsAsSpent, GivenBack };
  struct Leased {
    LeaseGrant grant{};
    TerminalId terminal{};
    Owner of{};
    std::vector<Part> parts{};
    End end = End::None;
    std::int64_t lost = 0;
    std::int64_t lost_given_back = 0;
    [[nodiscard]] std::int64_t outstanding() const;
  };
  using AccountKey = std::pair<Unit, Owner>;  // the owner is one that `resolve` gives
  struct Account {
    std::vector<LotId> lots{};
    std::int64_t debt = 0;
  };
  enum class Entered : std::uint8_t { Taken, GivenBack, TakenBack, Returned };
  struct Entry {
    EntryKey key{};
    Entered what = Entered::Taken;
    Unit unit = Unit::Points;
    Owner of{};
    std::vector<Hold> holds{};
    LeaseId lease{};
    LotId lot{};
    std::int64_t amount = 0;
    core::WallTime now{};
  };
  /// Per unit, what was posted; for `check`.
  struct Sums {
    std::int64_t earned = 0;
    std::int64_t taken = 0;
    std::int64_t given_back = 0;
    std::int64_t taken_back = 0;
  };

  core::Result<bool> post(Entry entry);
  bool enter(const Entry& entry);
  bool enter_taken(const Entry& entry);
  bool enter_given_back(const Entry& entry);
  bool enter_taken_back(const Entry& entry);
  bool enter_returned(const Entry& entry);
  void enter_waiting();
  void spend(Leased& lease, const Hold& hold, const EntryKey& key);
  [[nodiscard]] static std::int64_t give_back(Leased& lease, const Hold& hold, std::map<LotId, std::int64_t>& to_lots);
  void give_up_outstanding(Leased& lease);
  void settle(Account& account, core::WallTime now);
  [[nodiscard]] std::vector<LotId> usable_lots(const Account& account, core::WallTime now) const;
  [[nodiscard]] bool check_lots() const;
  [[nodiscard]] bool check_accounts() const;
  [[nodiscard]] bool check_leases() const;

  Sums& sums(Unit unit) { return sums_[static_cast<std::size_t>(unit) - 1]; }

  std::set<EntryKey, KeyOrder> posted_;
  std::map<LotId, Lot> lots_;
  std::map<LeaseId, Leased> leases_;
  std::map<AccountKey, Account> accounts_;
  std::map<Owner, Owner> merged_;
  std::vector<Entry> waiting_;
  std::vector<Loss> losses_;
  std::array<Sums, kUnits> sums_{};
};

}  // namespace tillkit::ledger
