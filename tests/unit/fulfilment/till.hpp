// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/fulfilment/vend_book.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/disk.hpp"
#include "tillkit/test/disk_vfs.hpp"

namespace tillkit::fulfilment {

/// A terminal with nothing but a journal, on a disk in memory.
struct Till {
  Till() : vfs(disk), clock(world), store(world, 1), random(7) {
    crypto = core::must(security::Crypto::start(store, random));
    key = core::must(crypto->create_signing_key(1));
    start();
  }

  void start() {
    opened = core::must(
        journal::Journal::open({.path = "till.db", .vfs = vfs.name()}, {clock, store, random, *crypto, key}, sets));
    REQUIRE(opened->state() == journal::State::Running);
    REQUIRE(opened->start_succeeded());
  }
  void restart() {
    opened.reset();
    start();
  }

  template <class Step>
  core::Result<> commit(Step&& step) {
    const auto committed = opened->commit([&](journal::Tx& tx) -> core::Result<> { return step(tx); });
    if (!committed) return std::unexpected(committed.error());
    return {};
  }
  core::Result<> set(const std::vector<Slot>& slots, bool all = true) {
    return commit([&](journal::Tx& tx) { return set_slots(tx, slots, all, journal::kUnattended); });
  }
  [[nodiscard]] const journal::Tables& tables() const { return opened->tables(); }
  [[nodiscard]] Slot slot(std::uint16_t number) const {
    const auto found = core::must(find_slot(tables(), hal::SlotId(number)));
    REQUIRE(found);
    return *found;
  }
  /// The tables are what the records add up to.
  void check_rebuild() { CHECK(opened->verify().sound()); }

  std::vector<journal::TableSet> sets{kFulfilmentTables};
  test::Disk disk;
  test::DiskVfs vfs;
  hal_virtual::World world;
  hal_virtual::VirtualClock clock;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  std::unique_ptr<security::Crypto> crypto;
  security::KeyId key;
  std::unique_ptr<journal::Journal> opened;
};

inline Slot slot_with(std::uint16_t number, std::string_view item, std::uint32_t stock) {
  return {.slot = hal::SlotId(number),
          .item = item.empty() ? offers::Name{} : core::must(offers::Name::parse(item)),
          .capacity = 10,
          .stock = stock};
}

}  // namespace tillkit::fulfilment
