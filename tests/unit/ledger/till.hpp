// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/ledger/steps.hpp"
#include "tillkit/ledger/tables.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/disk.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::ledger {

using core::ErrorCode;
using core::failed_with;
using core::must;
using core::WallReading;
using core::WallTime;
using journal::SaleId;

template <class Id>
Id id(std::string_view text) {
  return must(Id::parse(text));
}
inline LeaseId lease_id(std::string_view text) {
  return id<LeaseId>(text);
}
inline LotId lot_id(std::string_view text) {
  return id<LotId>(text);
}
inline Owner owner(std::string_view text) {
  return id<Owner>(text);
}
inline Hold hold(std::string_view lease, std::string_view lot, std::int64_t amount) {
  return {lease_id(lease), lot.empty() ? LotId{} : lot_id(lot), amount};
}

inline const journal::TerminalName kTerminal = *journal::TerminalName::parse("T1");
/// When the virtual world begins.
inline constexpr WallTime kBegin = hal_virtual::VirtualClockSettings{}.wall;
inline constexpr WallTime days_on(int days) {
  return kBegin + std::chrono::days{days};
}
inline constexpr WallReading known(WallTime at) {
  return {at, core::WallQuality::Trusted};
}
inline constexpr WallReading kNow = known(kBegin);

/// A lease of points of the member `m`, in lots that expire after so many days.
inline LeaseGrant points(std::string_view lease, const std::vector<std::pair<std::int64_t, int>>& lots,
                         int until_days = 30) {
  LeaseGrant grant{.id = lease_id(lease), .unit = Unit::Points, .of = owner("m"), .until = days_on(until_days)};
  for (const auto& [amount, days] : lots) {
    grant.amount += amount;
    const std::string lot = std::string(lease) + "-" + std::to_string(grant.lots.size() + 1);
    grant.lots.push_back({lot_id(lot), amount, days_on(days)});
  }
  return grant;
}

/// A lease of an offer's budget.
inline LeaseGrant budget(std::string_view lease, std::int64_t amount, std::string_view offer = "o") {
  return {.id = lease_id(lease), .unit = Unit::Budget, .of = owner(offer), .amount = amount, .until = days_on(30)};
}

inline Reservation points_of(std::vector<Hold> holds, std::int64_t settles = 10) {
  return {.unit = Unit::Points, .of = owner("m"), .settles_minor = settles, .holds = std::move(holds)};
}
inline Reservation budget_of(std::vector<Hold> holds, std::optional<std::uint64_t> draw = std::nullopt) {
  return {.unit = Unit::Budget, .of = owner("o"), .holds = std::move(holds), .draw = draw};
}

/// Keys; a process has one such thing, however many terminals it plays.
struct Keys {
  Keys() : store(world, 1), random(test::seed()) {
    crypto = must(security::Crypto::start(store, random));
    signing_key = must(crypto->create_signing_key(1));
  }

  hal_virtual::World world;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  std::unique_ptr<security::Crypto> crypto;
  security::KeyId signing_key;
};

/// A terminal with nothing but a journal, on a disk in memory.
struct Till {
  explicit Till(std::uint64_t device = 1, std::shared_ptr<Keys> shared = std::make_shared<Keys>())
      : keys(std::move(shared)), vfs(disk), clock(world), store(world, device), random(test::seed() + device) {
    start();
  }

  void start() {
    opened = must(journal::Journal::open({.path = "till.db", .vfs = vfs.name()},
                                         {clock, store, random, *keys->crypto, keys->signing_key}, sets));
    REQUIRE(opened->state() == journal::State::Running);
    REQUIRE(opened->start_succeeded());
  }
  void restart() {
    opened.reset();
    start();
  }

  /// Runs a step in a commit of its own; says what went wrong, if anything did.
  template <class Step>
  core::Result<> commit(Step&& step) {
    const auto committed = opened->commit([&](journal::Tx& tx) -> core::Result<> { return step(tx); });
    if (!committed) return std::unexpected(committed.error());
    return {};
  }
  /// Appends a record of which no step knows.
  core::Result<> append(journal::Kind kind, SaleId sale, const std::string& body) {
    return commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(tx.append({.kind = kind, .sale = sale, .body = body}));
      return {};
    });
  }

  core::Result<> place(const LeaseGrant& grant, const RequestKey& request = {}) {
    return commit([&](journal::Tx& tx) { return place_lease(tx, grant, request); });
  }
  core::Result<> give(const LeaseId& lease) {
    return commit([&](journal::Tx& tx) { return return_lease(tx, lease); });
  }
  core::Result<LeaseRequest> request(Unit unit, const Owner& of, std::int64_t amount) {
    LeaseRequest made;
    const auto done = commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY(made, request_lease(tx, kTerminal, unit, of, amount));
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return made;
  }
  core::Result<> reserve(std::int64_t sale, const Reservation& reservation) {
    return commit([&](journal::Tx& tx) { return ledger::reserve(tx, SaleId(sale), reservation); });
  }
  core::Result<> take(std::int64_t sale) {
    return commit([&](journal::Tx& tx) { return ledger::take(tx, SaleId(sale)); });
  }
  core::Result<> release(std::int64_t sale) {
    return commit([&](journal::Tx& tx) { return ledger::release(tx, SaleId(sale)); });
  }

  [[nodiscard]] const journal::Tables& tables() const { return opened->tables(); }
  [[nodiscard]] std::optional<Lease> lease(std::string_view name) const {
    return must(find_lease(tables(), lease_id(name)));
  }
  [[nodiscard]] std::int64_t spendable(Unit unit, std::string_view of, const WallReading& now = kNow) const {
    return must(available(tables(), unit, of.empty() ? Owner{} : owner(of), now));
  }
  [[nodiscard]] std::uint64_t draw() const { return must(next_draw(tables(), id<offers::OfferId>("o"))); }
  [[nodiscard]] std::int64_t records() const { return opened->last_seq().value(); }
  /// Live and rebuilt are the same, and nobody changed anything.
  [[nodiscard]] bool sound() const { return opened->verify().sound(); }

  std::shared_ptr<Keys> keys;
  test::Disk disk;
  test::DiskVfs vfs;
  hal_virtual::World world;
  hal_virtual::VirtualClock clock;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  std::vector<journal::TableSet> sets{kLedgerTables};
  std::unique_ptr<journal::Journal> opened;
};

}  // namespace tillkit::ledger
