// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/disk.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

constexpr std::uint64_t kDraws = 500;

std::string filled(std::size_t size, char with) {
  return std::string(size, with);
}

DiskResult<> write(Disk& disk, DiskFile file, std::uint64_t offset, const std::string& bytes) {
  return disk.write(file, offset, std::as_bytes(std::span(bytes)));
}

DiskResult<std::size_t> read(Disk& disk, DiskFile file, std::uint64_t offset, std::string& into) {
  return disk.read(file, offset, std::as_writable_bytes(std::span(into)));
}

DiskFile opened(Disk& disk, std::string_view name) {
  const auto file = disk.open(name, true);
  REQUIRE(file);
  return *file;
}

/// A file with this content, durable.
DiskFile synced(Disk& disk, std::string_view name, const std::string& content) {
  const DiskFile file = opened(disk, name);
  REQUIRE(write(disk, file, 0, content));
  REQUIRE(disk.sync(file));
  return file;
}

/// All of a file, or nothing if there is none.
std::optional<std::string> content(Disk& disk, std::string_view name) {
  const auto file = disk.open(name, false);
  if (!file) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(disk.size(*file).value()), ' ');
  CHECK(read(disk, *file, 0, bytes) == bytes.size());
  disk.close(*file);
  return bytes;
}

/// What each sector begins with and whether it says the same all over.
std::string sectors_of(const std::string& bytes) {
  std::string letters;
  for (std::size_t at = 0; at < bytes.size(); at += kSectorBytes) {
    const std::string sector = bytes.substr(at, kSectorBytes);
    letters += sector.find_first_not_of(sector.front()) == std::string::npos ? sector.front() : '?';
  }
  return letters;
}

/// All that can become of a disk, over many seeds: `prepare` sets it up, `look` says what is left.
template <class Prepare, class Look>
auto all_fates(Damage damage, Prepare prepare, Look look) {
  std::set<decltype(look(std::declval<Disk&>()))> fates;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    Disk disk;
    prepare(disk);
    disk.restart(damage, seed() + draw);
    fates.insert(look(disk));
  }
  return fates;
}

TEST_CASE("what was synced survives every damage", "[power]") {
  for (const Damage damage : kDamages) {
    CAPTURE(name_of(damage));
    const auto fates = all_fates(
        damage, [](Disk& disk) { synced(disk, "a", filled(2'000, 'a')); },
        [](Disk& disk) { return content(disk, "a"); });
    CHECK(fates == std::set{std::optional(filled(2'000, 'a'))});
  }
}

TEST_CASE("what was not synced is lost or kept as the damage says", "[power]") {
  const auto prepare = [](Disk& disk) {
    const DiskFile file = synced(disk, "a", filled(1'024, 'a'));
    REQUIRE(write(disk, file, 512, filled(1'024, 'b')));
  };
  const auto look = [](Disk& disk) { return sectors_of(*content(disk, "a")); };

  CHECK(all_fates(Damage::LoseUnsynced, prepare, look) == std::set<std::string>{"aa"});
  CHECK(all_fates(Damage::KeepAll, prepare, look) == std::set<std::string>{"abb"});
}

TEST_CASE("a write of several sectors is torn between them and inside one", "[power]") {
  const auto prepare = [](Disk& disk) {
    const DiskFile file = synced(disk, "a", filled(2'048, 'a'));
    REQUIRE(write(disk, file, 0, filled(2'048, 'b')));
  };
  const auto look = [](Disk& disk) { return sectors_of(*content(disk, "a")); };

  const auto torn = all_fates(Damage::Tear, prepare, look);
  CHECK(torn == std::set<std::string>{"?aaa", "aaaa", "b?aa", "baaa", "bb?a", "bbaa", "bbb?", "bbba", "bbbb"});
  const auto scattered = all_fates(Damage::Scatter, prepare, look);
  CHECK(scattered.contains("abab"));
  CHECK(scattered.contains("baab"));
  CHECK(std::ranges::any_of(scattered, [](const std::string& sectors) { return sectors.contains('?'); }));
}

TEST_CASE("a tear leaves the front of a write, and inside a sector it stops anywhere", "[power]") {
  const auto stops = all_fates(
      Damage::Tear,
      [](Disk& disk) {
        const DiskFile file = synced(disk, "a", filled(1'024, 'a'));
        REQUIRE(write(disk, file, 0, filled(1'024, 'b')));
      },
      [](Disk& disk) {
        const std::string bytes = *content(disk, "a");
        const std::size_t stop = std::min(bytes.find('a'), bytes.size());
        CHECK(bytes == filled(stop, 'b') + filled(1'024 - stop, 'a'));
        return stop;
      });
  CHECK(stops.size() > 50);
  CHECK(stops.contains(0));
  CHECK(stops.contains(512));
}

TEST_CASE("bytes beside an unsynced write never change", "[power]") {
  for (const Damage damage : kDamages) {
    CAPTURE(name_of(damage));
    const auto fates = all_fates(
        damage,
        [](Disk& disk) {
          const DiskFile file = synced(disk, "a", filled(2'048, 'a'));
          REQUIRE(write(disk, file, 700, filled(900, 'b')));
        },
        [](Disk& disk) {
          std::string bytes = *content(disk, "a");
          CHECK(bytes.size() == 2'048);
          return bytes.erase(700, 900);
        });
    CHECK(fates == std::set{filled(1'148, 'a')});
  }
}

TEST_CASE("a sector survives as some write left it, never with a later write but without an earlier one", "[power]") {
  const auto fates = all_fates(
      Damage::Scatter,
      [](Disk& disk) {
        const DiskFile file = synced(disk, "a", filled(512, '-'));
        REQUIRE(write(disk, file, 0, filled(1, '1')));
        REQUIRE(write(disk, file, 1, filled(1, '2')));
        REQUIRE(write(disk, file, 2, filled(1, '3')));
      },
      [](Disk& disk) { return content(disk, "a")->substr(0, 3); });
  CHECK(fates == std::set<std::string>{"---", "1--", "12-", "123"});
}

TEST_CASE("writes to two files survive in any combination, and in the order of the calls when torn", "[power]") {
  const auto prepare = [](Disk& disk) {
    const DiskFile first = synced(disk, "a", filled(512, '-'));
    const DiskFile second = synced(disk, "b", filled(512, '-'));
    REQUIRE(write(disk, first, 0, filled(512, 'x')));
    REQUIRE(write(disk, second, 0, filled(512, 'x')));
  };
  const auto look = [](Disk& disk) { return sectors_of(*content(disk, "a")) + sectors_of(*content(disk, "b")); };

  const auto scattered = all_fates(Damage::Scatter, prepare, look);
  for (const char* const fate : {"--", "x-", "-x", "xx"})
    CHECK(scattered.contains(fate));
  const auto torn = all_fates(Damage::Tear, prepare, look);
  CHECK(torn == std::set<std::string>{"--", "?-", "x-", "x?", "xx"});
}

TEST_CASE("a sector that a file grew over without its write holds zeros or leftovers", "[power]") {
  const auto fates = all_fates(
      Damage::Scatter,
      [](Disk& disk) {
        const DiskFile file = synced(disk, "a", "");
        REQUIRE(write(disk, file, 0, filled(512, 'x')));
        REQUIRE(write(disk, file, 512, filled(512, 'x')));
      },
      [](Disk& disk) {
        const std::string bytes = *content(disk, "a");
        if (bytes.size() < 1'024) return std::string("short");
        if (bytes.find_first_not_of(std::string("x\0", 2)) != std::string::npos) return std::string("leftovers");
        return std::string(bytes.contains('\0') ? "zeros" : "whole");
      });
  for (const char* const fate : {"short", "leftovers", "zeros", "whole"})
    CHECK(fates.contains(fate));
}

TEST_CASE("a removed file comes back unless something was synced since", "[power]") {
  const auto gone = [](auto sync) {
    Disk disk;
    const DiskFile other = synced(disk, "other", "");
    synced(disk, "a", filled(10, 'a'));
    REQUIRE(disk.remove("a"));
    sync(disk, other);
    disk.restart(Damage::LoseUnsynced, seed());
    const auto left = content(disk, "a");
    if (left) CHECK(*left == filled(10, 'a'));
    return !left.has_value();
  };

  CHECK_FALSE(gone([](Disk&, DiskFile) {}));
  CHECK(gone([](Disk& disk, DiskFile) { REQUIRE(disk.sync_directory()); }));
  CHECK(gone([](Disk& disk, DiskFile other) { REQUIRE(disk.sync(other)); }));
}

TEST_CASE("a new file is there only after a sync of any file or the directory", "[power]") {
  const auto there = [](auto sync) {
    Disk disk;
    const DiskFile other = synced(disk, "other", "");
    opened(disk, "a");
    sync(disk, other);
    disk.restart(Damage::LoseUnsynced, seed());
    return content(disk, "a").has_value();
  };

  CHECK_FALSE(there([](Disk&, DiskFile) {}));
  CHECK(there([](Disk& disk, DiskFile) { REQUIRE(disk.sync_directory()); }));
  CHECK(there([](Disk& disk, DiskFile other) { REQUIRE(disk.sync(other)); }));
}

TEST_CASE("syncing one file leaves the data of another at risk", "[power]") {
  Disk disk;
  const DiskFile first = synced(disk, "a", "");
  const DiskFile second = synced(disk, "b", "");
  REQUIRE(write(disk, first, 0, filled(10, 'x')));
  REQUIRE(disk.sync(second));

  disk.restart(Damage::LoseUnsynced, seed());

  CHECK(content(disk, "a") == "");
}

TEST_CASE("a truncation is durable after a sync of any file", "[power]") {
  const auto size_after = [](bool sync) {
    Disk disk;
    const DiskFile other = synced(disk, "other", "");
    const DiskFile file = synced(disk, "a", filled(1'000, 'a'));
    REQUIRE(disk.truncate(file, 100));
    if (sync) REQUIRE(disk.sync(other));
    disk.restart(Damage::LoseUnsynced, seed());
    return content(disk, "a")->size();
  };

  CHECK(size_after(false) == 1'000);
  CHECK(size_after(true) == 100);
}

TEST_CASE("what was written behind a truncation survives only with it", "[power]") {
  const auto fates = all_fates(
      Damage::Scatter,
      [](Disk& disk) {
        const DiskFile file = synced(disk, "a", filled(1'536, 'a'));
        REQUIRE(disk.truncate(file, 512));
        REQUIRE(write(disk, file, 512, filled(512, 'b')));
      },
      [](Disk& disk) {
        const std::string sectors = sectors_of(*content(disk, "a"));
        return sectors.size() == 2 && sectors.contains('?') ? "a?" : sectors;
      });
  CHECK(fates == std::set<std::string>{"aaa", "a", "ab", "a?"});
}

TEST_CASE("lengthening fills with zeros", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(2, 'a'));

  REQUIRE(disk.truncate(file, 4));

  CHECK(content(disk, "a") == std::string("aa\0\0", 4));
}

TEST_CASE("the directory's changes survive in their order", "[power]") {
  for (const Damage damage : {Damage::Scatter, Damage::Tear}) {
    CAPTURE(name_of(damage));
    const auto fates = all_fates(
        damage,
        [](Disk& disk) {
          synced(disk, "old", "");
          opened(disk, "new");
          REQUIRE(disk.remove("old"));
        },
        [](Disk& disk) {
          return std::string(disk.exists("new").value() ? "new " : "") + (disk.exists("old").value() ? "old" : "");
        });
    CHECK(fates.contains("old"));
    CHECK(fates.contains("new old"));
    CHECK_FALSE(fates.contains(""));
  }
}

TEST_CASE("a file that was removed and made again can be the old one again", "[power]") {
  const auto fates = all_fates(
      Damage::Scatter,
      [](Disk& disk) {
        synced(disk, "a", filled(512, 'o'));
        REQUIRE(disk.remove("a"));
        REQUIRE(write(disk, opened(disk, "a"), 0, filled(512, 'n')));
      },
      [](Disk& disk) {
        const auto left = content(disk, "a");
        if (!left) return std::string("none");
        return sectors_of(*left).contains('?') ? "torn" : sectors_of(*left);
      });
  CHECK(fates.contains("o"));
  CHECK(fates.contains("none"));
  CHECK(fates.contains("n"));
  CHECK(fates.contains(""));
}

TEST_CASE("after a cut every call fails but closing, and old files stay dead after the restart", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(10, 'a'));
  std::string into(10, ' ');

  disk.cut();

  CHECK_FALSE(disk.has_power());
  CHECK(disk.open("a", false).error() == DiskError::NoPower);
  CHECK(disk.open_nameless().error() == DiskError::NoPower);
  CHECK(read(disk, file, 0, into).error() == DiskError::NoPower);
  CHECK(write(disk, file, 0, into).error() == DiskError::NoPower);
  CHECK(disk.truncate(file, 0).error() == DiskError::NoPower);
  CHECK(disk.size(file).error() == DiskError::NoPower);
  CHECK(disk.sync(file).error() == DiskError::NoPower);
  CHECK(disk.sync_directory().error() == DiskError::NoPower);
  CHECK(disk.remove("a").error() == DiskError::NoPower);
  CHECK(disk.exists("a").error() == DiskError::NoPower);
  CHECK(disk.size_of("a").error() == DiskError::NoPower);
  disk.close(file);
  disk.restart(Damage::LoseUnsynced, seed());
  CHECK(write(disk, file, 0, into).error() == DiskError::NoPower);
  disk.close(file);
  CHECK(content(disk, "a") == filled(10, 'a'));
}

TEST_CASE("power goes during the n-th operation, whose effect is at risk", "[power]") {
  Disk disk;
  disk.cut_at(3);
  const DiskFile file = opened(disk, "a");
  REQUIRE(disk.sync(file));
  CHECK(write(disk, file, 0, filled(10, 'x')).error() == DiskError::NoPower);
  CHECK(disk.trace() == std::vector<Operation>{{Call::Create, "a"}, {Call::Sync, "a"}, {Call::Write, "a"}});

  Disk twin = disk;
  disk.restart(Damage::KeepAll, seed());
  twin.restart(Damage::LoseUnsynced, seed());

  CHECK(content(disk, "a") == filled(10, 'x'));
  CHECK(content(twin, "a") == "");
  CHECK(disk.operations() == 0);
}

TEST_CASE("a sync during which power goes promises nothing", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", "");
  REQUIRE(write(disk, file, 0, filled(10, 'x')));
  disk.cut_at(disk.operations() + 1);
  CHECK_FALSE(disk.sync(file));

  disk.restart(Damage::LoseUnsynced, seed());

  CHECK(content(disk, "a") == "");
}

TEST_CASE("reading is no operation", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(10, 'a'));
  const std::uint64_t before = disk.operations();
  std::string into(4, ' ');

  CHECK(read(disk, file, 8, into) == 2);
  CHECK(read(disk, file, 20, into) == 0);

  CHECK(disk.operations() == before);
}

TEST_CASE("the same seed does the same damage, another seed another", "[power]") {
  std::set<std::string> fates;
  for (const std::uint64_t draw : {seed(), seed(), seed() + 1}) {
    Disk disk;
    REQUIRE(write(disk, synced(disk, "a", ""), 0, filled(20'000, 'x')));
    disk.restart(Damage::Scatter, draw);
    fates.insert(*content(disk, "a"));
  }
  CHECK(fates.size() == 2);
}

TEST_CASE("an I/O error comes once or from then on", "[power]") {
  Disk disk;
  const DiskFile file = opened(disk, "a");
  const auto outcomes = [&](Disk::Lasting lasting) {
    disk.fail_call(Call::Truncate, 2, lasting);
    std::string text;
    for (int i = 0; i < 4; ++i)
      text += disk.truncate(file, 0) ? 'y' : 'n';
    return text;
  };

  CHECK(outcomes(Disk::Lasting::Once) == "ynyy");
  CHECK(disk.faults_struck() == 1);
  CHECK(outcomes(Disk::Lasting::ForEver) == "ynnn");
  CHECK(disk.sync(file));
  disk.repair();
  CHECK(disk.truncate(file, 0));
  CHECK(disk.faults_struck() == 0);
}

TEST_CASE("a fault can strike each kind of call, or any operation", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(10, 'a'));
  std::string into(10, ' ');
  const auto fails = [&](std::optional<Call> call, auto action) {
    disk.fail_call(call, 1, Disk::Lasting::Once);
    return action() == DiskError::Io;
  };

  CHECK(fails(Call::Read, [&] { return read(disk, file, 0, into).error(); }));
  CHECK(fails(Call::Write, [&] { return write(disk, file, 0, into).error(); }));
  CHECK(fails(Call::Sync, [&] { return disk.sync(file).error(); }));
  CHECK(fails(Call::SyncDirectory, [&] { return disk.sync_directory().error(); }));
  CHECK(fails(Call::Truncate, [&] { return disk.truncate(file, 0).error(); }));
  CHECK(fails(Call::Remove, [&] { return disk.remove("a").error(); }));
  CHECK(fails(Call::Create, [&] { return disk.open("b", true).error(); }));
  disk.fail_call(std::nullopt, 1, Disk::Lasting::Once);
  CHECK(read(disk, file, 0, into).has_value());
  CHECK(disk.sync(file).error() == DiskError::Io);
}

TEST_CASE("a write that fails leaves half of its sectors behind", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(2'048, 'a'));
  disk.fail_call(Call::Write, 1, Disk::Lasting::Once);

  CHECK(write(disk, file, 0, filled(2'048, 'b')).error() == DiskError::Io);

  CHECK(sectors_of(*content(disk, "a")) == "bbaa");
}

TEST_CASE("a failed sync forgets: programs still see the data, no later sync saves it", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(10, 'a'));
  REQUIRE(write(disk, file, 0, filled(10, 'b')));
  disk.fail_call(Call::Sync, 1, Disk::Lasting::Once);

  CHECK(disk.sync(file).error() == DiskError::Io);
  CHECK(disk.sync(file));

  CHECK(content(disk, "a") == filled(10, 'b'));
  disk.restart(Damage::LoseUnsynced, seed());
  CHECK(content(disk, "a") == filled(10, 'a'));
}

TEST_CASE("a full disk takes the sectors that fit, and overwrites as before", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(512, 'a'));
  synced(disk, "other", filled(100, 'o'));
  disk.limit_space(1'300);

  CHECK(write(disk, file, 512, filled(1'024, 'b')).error() == DiskError::NoSpace);

  CHECK(sectors_of(*content(disk, "a")) == "ab");
  CHECK(disk.used_bytes() == 1'124);
  CHECK(write(disk, file, 0, filled(1'024, 'c')));
  CHECK(disk.faults_struck() == 1);
  disk.repair();
  CHECK(write(disk, file, 512, filled(1'024, 'b')));
}

TEST_CASE("a lying disk says yes to every sync and keeps nothing", "[power]") {
  Disk disk;
  disk.lie_about_flushes();
  const DiskFile file = opened(disk, "a");
  CHECK(write(disk, file, 0, filled(10, 'x')));
  CHECK(disk.sync(file));
  CHECK(disk.sync_directory());

  disk.restart(Damage::LoseUnsynced, seed());

  CHECK_FALSE(content(disk, "a").has_value());
  CHECK(disk.counts().flushes == 2);
}

TEST_CASE("calls and bytes are counted for each file", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(10, 'a'));
  REQUIRE(write(disk, file, 10, filled(5, 'b')));
  REQUIRE(disk.truncate(file, 3));
  opened(disk, "b");
  REQUIRE(disk.remove("b"));
  REQUIRE(disk.sync_directory());

  CHECK(disk.counts("a") ==
        DiskCounts{.flushes = 1, .writes = 2, .bytes_written = 15, .truncations = 1, .removals = 0, .creations = 1});
  CHECK(disk.counts("b") ==
        DiskCounts{.flushes = 0, .writes = 0, .bytes_written = 0, .truncations = 0, .removals = 1, .creations = 1});
  CHECK(disk.counts(kDirectoryName).flushes == 1);
  CHECK(disk.counts() ==
        DiskCounts{.flushes = 2, .writes = 2, .bytes_written = 15, .truncations = 1, .removals = 1, .creations = 2});
  disk.reset_counts();
  CHECK(disk.counts() == DiskCounts{});
  CHECK(disk.counts("a") == DiskCounts{});
}

TEST_CASE("a removed file's bytes are free once nobody needs them", "[power]") {
  Disk disk;
  const DiskFile file = synced(disk, "a", filled(100, 'a'));
  REQUIRE(disk.remove("a"));
  CHECK(disk.used_bytes() == 100);
  disk.close(file);
  REQUIRE(disk.sync_directory());
  CHECK(disk.used_bytes() == 0);

  const DiskFile nameless = disk.open_nameless().value();
  REQUIRE(write(disk, nameless, 0, filled(7, 'n')));
  CHECK(disk.used_bytes() == 7);
  disk.close(nameless);
  CHECK(disk.used_bytes() == 0);
}

}  // namespace
}  // namespace tillkit::test
