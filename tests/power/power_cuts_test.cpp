// SPDX-License-Identifier: Apache-2.0
// The runner itself: it finds what is wrong, says where, and does not call wrong what is right.
#include "tillkit/test/power_cuts.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tillkit/test/seed.hpp"

namespace tillkit::test {
namespace {

using Catch::Matchers::ContainsSubstring;

/// How somebody appends to a plain file, without SQLite and without checksums.
struct Habits {
  bool syncs = true;
  bool minds_errors = true;
  bool tries_again = false;             ///< After an error, once, and then believes itself.
  bool cuts_torn_end = false;           ///< When it starts: a last record that is not whole goes.
  bool unreadable_is_empty = false;     ///< When it starts and cannot read the file.
  bool rewrites_when_starting = false;  ///< Empties the file and writes everything again, then syncs.
  int records = 5;
};

/// What a plain file's subjects tell the test.
struct Notes {
  std::vector<std::uint64_t> recovery_operations;  ///< Of each recovery that ended or was cut.
  std::vector<std::size_t> acknowledged;           ///< When the power first went, in each run.
};

class PlainFile final : public Subject {
 public:
  static constexpr std::size_t kRecordBytes = 700;

  PlainFile(Disk& disk, Habits habits, Notes* notes = nullptr) : disk_(disk), habits_(habits), notes_(notes) {}

  void run() override {
    auto file = disk_.open("records", true);
    if (!file) return;
    for (int i = 0; i < habits_.records; ++i) {
      const std::string record(kRecordBytes, static_cast<char>('a' + i));
      const std::size_t offset = static_cast<std::size_t>(i) * kRecordBytes;
      bool stored = store(*file, offset, record);
      if (!stored && habits_.tries_again) {
        store(*file, offset, record);
        stored = true;
      }
      if (!disk_.has_power()) break;
      if (!stored && habits_.minds_errors) break;
      ++acknowledged_;
    }
    disk_.close(*file);
  }

  void lose_power() override {
    if (notes_ != nullptr && !dark_) notes_->acknowledged.push_back(acknowledged_);
    dark_ = true;
  }

  void recover() override {
    if (auto file = disk_.open("records", true)) {
      start_with(*file);
      disk_.close(*file);
    }
    if (notes_ != nullptr) notes_->recovery_operations.push_back(disk_.operations());
  }

  Verdict judge() override {
    Verdict verdict;
    auto file = disk_.open("records", true);
    const std::string bytes = file ? read(*file).value_or("") : "";
    if (file) disk_.close(*file);
    for (std::size_t i = 0; i < acknowledged_ || i * kRecordBytes < bytes.size(); ++i) {
      const std::string record(kRecordBytes, static_cast<char>('a' + i));
      if (i * kRecordBytes < bytes.size() && bytes.substr(i * kRecordBytes, kRecordBytes) == record) continue;
      if (i < acknowledged_) {
        ++verdict.lost;
      } else {
        verdict.broken = "the last record is torn";
      }
    }
    return verdict;
  }

 private:
  bool start_with(DiskFile file) {
    std::optional<std::string> readable = read(file);
    if (!readable && !habits_.unreadable_is_empty) return false;
    std::string bytes = readable.value_or("");
    if (habits_.cuts_torn_end) {
      bytes.resize(bytes.size() / kRecordBytes * kRecordBytes);
      if (!disk_.truncate(file, bytes.size())) return false;
    }
    if (habits_.rewrites_when_starting) {
      if (!disk_.truncate(file, 0)) return false;
      for (std::size_t at = 0; at < bytes.size(); at += kRecordBytes) {
        if (!write(file, at, bytes.substr(at, kRecordBytes))) return false;
      }
    }
    return disk_.sync(file).has_value();
  }

  bool store(DiskFile file, std::size_t offset, const std::string& record) {
    const bool written = write(file, offset, record);
    return (!habits_.syncs || disk_.sync(file)) && written;
  }

  bool write(DiskFile file, std::size_t offset, const std::string& record) {
    return disk_.write(file, offset, std::as_bytes(std::span(record))).has_value();
  }

  std::optional<std::string> read(DiskFile file) {
    std::string bytes(static_cast<std::size_t>(disk_.size(file).value_or(0)), '\0');
    if (!disk_.read(file, 0, std::as_writable_bytes(std::span(bytes)))) return std::nullopt;
    return bytes;
  }

  Disk& disk_;
  Habits habits_;
  Notes* notes_;
  std::size_t acknowledged_ = 0;
  bool dark_ = false;
};

Scenario plain_file(Habits habits, Notes* notes = nullptr) {
  return {"plain file", [=](Disk& disk) { return std::make_unique<PlainFile>(disk, habits, notes); }};
}

TEST_CASE("a plain file keeps what it synced and shows its torn end", "[power]") {
  const Report report = cut_everywhere(plain_file({}), {.seed = seed()});

  INFO(report.text());
  CHECK(report.sum().losing == 0);
  CHECK(report.of(Damage::Scatter).broken > 0);
  CHECK(report.of(Damage::Tear).broken > 0);
  CHECK(report.of(Damage::LoseUnsynced).broken == 0);
  CHECK_THAT(report.text(), ContainsSubstring("the last record is torn"));
}

TEST_CASE("a file without syncs loses what it acknowledged", "[power]") {
  const Report report = cut_everywhere(plain_file({.syncs = false}), {.seed = seed(), .recovery_cuts_max = 0});

  CHECK(report.of(Damage::LoseUnsynced).losing == 5);
  CHECK(report.of(Damage::LoseUnsynced).lost == 1 + 2 + 3 + 4 + 5);
  CHECK(report.of(Damage::KeepAll).losing == 0);
}

TEST_CASE("a recovery that is only wrong when it is cut itself is found", "[power]") {
  const Habits habits{.cuts_torn_end = true, .rewrites_when_starting = true};

  const Report once = cut_everywhere(plain_file(habits), {.seed = seed(), .recovery_cuts_max = 0});
  const Report twice = cut_everywhere(plain_file(habits), {.seed = seed(), .recovery_cuts_max = 8});

  CHECK(once.sum().losing == 0);
  CHECK(twice.sum().losing > 0);
  CHECK_THAT(twice.text(), ContainsSubstring("of the recovery"));
}

TEST_CASE("second cuts do different damage, too", "[power]") {
  // After this first damage only a second cut can break anything.
  const std::array first{Damage::LoseUnsynced};
  const Habits habits{.cuts_torn_end = true, .rewrites_when_starting = true};
  const std::string mark = " of the recovery, damage ";
  std::set<std::string> damages;
  for (std::uint64_t draw = 0; draw < 20; ++draw) {
    const Report report =
        cut_everywhere(plain_file(habits), {.seed = seed() + draw, .damages = first, .recovery_cuts_max = 8});
    for (const Breach& breach : report.breaches) {
      REQUIRE(breach.where.contains(mark));
      damages.insert(breach.where.substr(breach.where.find(mark) + mark.size(), 5));
    }
  }
  CHECK(damages.size() > 1);
}

TEST_CASE("every operation is cut, and the moment after the last", "[power]") {
  const Report report = cut_everywhere(plain_file({}), {.seed = seed(), .recovery_cuts_max = 0});

  CHECK(report.operations == 1 + 2 * 5);
  CHECK(report.places == report.operations + 1);
  // Each with each damage, and once undisturbed.
  CHECK(report.sum().runs == kDamages.size() * report.places + 1);
}

TEST_CASE("of a long scenario the first, the last and some between can be cut", "[power]") {
  const std::array only_kept{Damage::KeepAll};
  const auto cut = [&](std::uint64_t chosen_seed) {
    Notes notes;
    const PowerPlan plan{.seed = chosen_seed, .damages = only_kept, .recovery_cuts_max = 0, .cuts_max = 4};
    const Report report = cut_everywhere(plain_file({.records = 20}, &notes), plan);
    CHECK(report.operations == 1 + 2 * 20);
    CHECK(report.places == 4);
    return std::vector(notes.acknowledged.begin() + 1, notes.acknowledged.end());  // the first run is not cut
  };

  const std::vector<std::size_t> places = cut(seed());

  REQUIRE(places.size() == 4);
  CHECK(places.front() == 0);
  CHECK(places.back() == 20);
  CHECK(std::ranges::is_sorted(places));
  CHECK(cut(seed()) == places);
  bool others = false;
  for (std::uint64_t more = 1; more <= 5; ++more)
    others = others || cut(seed() + more) != places;
  CHECK(others);
}

TEST_CASE("of a long recovery the first, the last and some between are cut", "[power]") {
  Notes notes;
  const std::array only_kept{Damage::KeepAll};
  const Habits habits{.rewrites_when_starting = true, .records = 7};

  const Report report =
      cut_everywhere(plain_file(habits, &notes), {.seed = seed(), .damages = only_kept, .recovery_cuts_max = 3});

  // After the last cut: one truncation, seven writes, one sync; recovered once, then cut at three places in turn.
  const std::vector<std::uint64_t> last(notes.recovery_operations.end() - 7, notes.recovery_operations.end());
  CHECK(last[0] == 9);
  CHECK(std::vector{last[1], last[3], last[5]} == std::vector<std::uint64_t>{1, 5, 9});
  CHECK(report.recovery_cuts < report.recovery_operations);
}

TEST_CASE("a breach says scenario, operation, damage, second cut and seed", "[power]") {
  const Report report = cut_everywhere(plain_file({.syncs = false}), {.seed = 77});

  CHECK_THAT(
      report.breaches.front().where,
      ContainsSubstring("scenario 'plain file', cut at operation 3 of 6 (write of records), damage 'lose unsynced', "
                        "damage seed ") &&
          ContainsSubstring(", seed 77"));
  CHECK(report.breaches.front().what == "1 acknowledged are lost");
  CHECK(report.breaches.size() == kBreachesKept);
  CHECK_THAT(report.text(), ContainsSubstring("and so on"));
  CHECK_FALSE(report.lawful());
}

TEST_CASE("the same seed finds the same, another seed another", "[power]") {
  const auto text = [](std::uint64_t with) { return cut_everywhere(plain_file({}), {.seed = with}).text(); };

  CHECK(text(1) == text(1));
  CHECK(text(1) != text(2));
}

class Idle final : public Subject {
 public:
  void run() override {}
  void lose_power() override {}
  void recover() override {}
  Verdict judge() override { return {}; }
};

TEST_CASE("a scenario that does nothing on the disk proves nothing", "[power]") {
  const Scenario idle{"idle", [](Disk&) { return std::make_unique<Idle>(); }};

  for (const auto everywhere : {cut_everywhere, fail_everywhere, fill_everywhere}) {
    const Report report = everywhere(idle, {.seed = seed()});
    CHECK_FALSE(report.lawful());
    CHECK_THAT(report.text(), ContainsSubstring("proves nothing"));
  }
}

TEST_CASE("a run that goes wrong although nothing disturbs it is a breach", "[power]") {
  class Forgetful final : public Subject {
   public:
    explicit Forgetful(Disk& disk) : disk_(disk) {}
    void run() override { done_ = disk_.sync_directory().has_value(); }
    void lose_power() override { cut_ = true; }
    void recover() override {}
    Verdict judge() override { return {.lost = done_ && !cut_ ? 1U : 0U, .broken = ""}; }

   private:
    Disk& disk_;
    bool done_ = false;
    bool cut_ = false;
  };
  const Scenario forgetful{"forgetful", [](Disk& disk) { return std::make_unique<Forgetful>(disk); }};

  const Report report = cut_everywhere(forgetful, {.seed = seed()});

  CHECK(report.sum().losing == 1);
  CHECK_THAT(report.text(), ContainsSubstring("undisturbed"));
}

TEST_CASE("a scenario that is not the same in each run is found out", "[power]") {
  int runs = 0;
  const Scenario restless{"restless", [&](Disk& disk) {
                            return std::make_unique<PlainFile>(
                                disk, Habits{.cuts_torn_end = true, .records = 2 + ++runs % 2});
                          }};

  const Report report = cut_everywhere(restless, {.seed = seed()});

  CHECK_FALSE(report.lawful());
  CHECK_THAT(report.text(), ContainsSubstring("not the same in each run"));
}

TEST_CASE("a recovery that is not the same in each run is found out", "[power]") {
  class Moody final : public Subject {
   public:
    Moody(Disk& disk, int& recoveries) : disk_(disk), recoveries_(recoveries) {}
    void run() override { work(1); }
    void lose_power() override {}
    void recover() override { work(1 + ++recoveries_ % 2); }
    Verdict judge() override { return {}; }

   private:
    void work(int syncs) {
      for (int i = 0; i < syncs && disk_.sync_directory(); ++i) {
      }
    }
    Disk& disk_;
    int& recoveries_;
  };
  int recoveries = 0;
  const Scenario moody{"moody", [&](Disk& disk) { return std::make_unique<Moody>(disk, recoveries); }};

  const Report report = cut_everywhere(moody, {.seed = seed(), .recovery_cuts_max = 1});

  CHECK_THAT(report.text(), ContainsSubstring("recovery is not the same in each run"));
}

TEST_CASE("who minds errors keeps all on a failing disk, who does not is found out", "[power]") {
  const PowerPlan plan{.seed = seed()};

  CHECK(fail_everywhere(plain_file({.cuts_torn_end = true}), plan).lawful());
  const Report careless = fail_everywhere(plain_file({.minds_errors = false, .cuts_torn_end = true}), plan);
  CHECK(careless.sum().losing > 0);
  // Each operation fails once and for ever, and each time there is one try too many; it reads nothing.
  CHECK(careless.places == 2 * (careless.operations + 1) + 2);
  CHECK_THAT(careless.text(), ContainsSubstring("an I/O error at operation "));
}

TEST_CASE("an error that passes and errors that last are both tried", "[power]") {
  const Report report = fail_everywhere(plain_file({.tries_again = true, .cuts_torn_end = true}), {.seed = seed()});

  CHECK(report.sum().losing > 0);
  // Trying again helps against the first and not against the second.
  for (const Breach& breach : report.breaches)
    CHECK_THAT(breach.where, ContainsSubstring("I/O errors from "));
}

TEST_CASE("a recovery that takes an unreadable file for an empty one is found out", "[power]") {
  const PowerPlan plan{.seed = seed(), .recovery_cuts_max = 3};

  const Report careful = fail_recovery_everywhere(plain_file({.cuts_torn_end = true}), plan);
  INFO(careful.text());
  CHECK(careful.sum().losing == 0);
  const Report careless =
      fail_recovery_everywhere(plain_file({.cuts_torn_end = true, .unreadable_is_empty = true}), plan);
  CHECK(careless.sum().losing > 0);
  CHECK_THAT(careless.text(), ContainsSubstring("recovery with an I/O error at read 1"));
}

TEST_CASE("after an error all that was not synced is lost", "[power]") {
  const Report report = fail_everywhere(plain_file({.syncs = false, .cuts_torn_end = true}), {.seed = seed()});

  CHECK(report.of(Damage::LoseUnsynced).losing > 0);
}

TEST_CASE("who minds errors keeps all on a full disk, who does not is found out", "[power]") {
  const PowerPlan plan{.seed = seed()};

  const Report careful = fill_everywhere(plain_file({.cuts_torn_end = true}), plan);
  CHECK(careful.lawful());
  // 0, 512, ... up to where five records of 700 bytes fit.
  CHECK(careful.places == 8);
  CHECK(fill_everywhere(plain_file({.minds_errors = false, .cuts_torn_end = true}), plan).sum().losing > 0);
}

TEST_CASE("the table has a line per damage and says how far recoveries were cut", "[power]") {
  const Report report =
      cut_everywhere(plain_file({.syncs = false, .records = 1}), {.seed = seed(), .recovery_cuts_max = 1});

  const std::string text = table(std::span(&report, 1));

  INFO(text);
  CHECK_THAT(text, ContainsSubstring("plain file"));
  for (const Damage damage : kDamages)
    CHECK_THAT(text, ContainsSubstring(std::string(name_of(damage))));
  CHECK_THAT(text, ContainsSubstring(std::to_string(report.recovery_cuts) + " of the " +
                                     std::to_string(report.recovery_operations) + " operations"));
}

}  // namespace
}  // namespace tillkit::test
