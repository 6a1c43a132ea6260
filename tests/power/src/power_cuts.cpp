// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/power_cuts.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace tillkit::test {
namespace {

constexpr std::size_t index_of(Damage damage) {
  return static_cast<std::size_t>(std::to_underlying(damage));
}

/// Spreads a seed and a place in the plan over all 64 bits (the finalizer of MurmurHash3).
std::uint64_t mixed(std::uint64_t seed, std::uint64_t place) {
  std::uint64_t hash = seed + place * 0x9E37'79B9'7F4A'7C15;
  hash = (hash ^ (hash >> 33U)) * 0xFF51'AFD7'ED55'8CCD;
  hash = (hash ^ (hash >> 33U)) * 0xC4CE'B9FE'1A85'EC53;
  return hash ^ (hash >> 33U);
}

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

std::string words_of(const Operation& operation) {
  return std::string(name_of(operation.call)) + " of " + operation.file;
}

/// Which of the operations 1 to `count` something is done at: the last, the first, and evenly spaced ones between.
std::vector<std::uint64_t> chosen(std::uint64_t count, std::uint32_t max) {
  std::vector<std::uint64_t> places;
  if (count == 0 || max == 0) return places;
  const std::uint64_t wanted = std::min<std::uint64_t>(count, max);
  if (wanted == 1) return {count};
  for (std::uint64_t i = 0; i < wanted; ++i)
    places.push_back(1 + i * (count - 1) / (wanted - 1));
  return places;
}

/// The same for second cuts; a single one is drawn, so that not all of them are at the end of a recovery.
std::vector<std::uint64_t> second_places(std::uint64_t count, std::uint32_t max, std::uint64_t seed) {
  if (count == 0 || max != 1) return chosen(count, max);
  return {1 + mixed(seed, count) % count};
}

/// The same for first cuts, of `PowerPlan::cuts_max`; those between are drawn, each from the stretch before it.
std::vector<std::uint64_t> first_places(std::uint64_t count, std::uint32_t max, std::uint64_t seed) {
  std::vector<std::uint64_t> places = chosen(count, max == 0 ? std::numeric_limits<std::uint32_t>::max() : max);
  for (std::size_t i = 1; i + 1 < places.size(); ++i)
    places[i] -= mixed(seed, i) % ((count - 1) / (places.size() - 1));
  return places;
}

/// A second cut, during the recovery from the first.
struct SecondCut {
  std::uint64_t operation;
  Damage damage;
};

class Runner {
 public:
  Runner(const Scenario& scenario, const PowerPlan& plan) : scenario_(scenario), plan_(plan) {
    report_.scenario = scenario.name;
  }

  /// Runs undisturbed and remembers what a run looks like. False: there is nothing to try.
  bool rehearse() {
    Disk disk;
    const auto subject = scenario_.begin(disk);
    subject->run();
    undisturbed_ = disk.trace();
    report_.operations = undisturbed_.size();
    judge(*subject, Damage::KeepAll, "undisturbed");
    disk.cut();
    subject->lose_power();
    if (undisturbed_.empty()) note({}, "the scenario did nothing on the disk: that proves nothing");
    return !undisturbed_.empty();
  }

  void cut_at(std::uint64_t operation) {
    ++report_.places;
    for (const Damage damage : plan_.damages) {
      const std::uint64_t seed = mixed(mixed(plan_.seed, operation), index_of(damage));
      const std::uint64_t recovery = cut_once(operation, damage, seed, std::nullopt);
      report_.recovery_operations += recovery;
      for (const std::uint64_t place : second_places(recovery, plan_.recovery_cuts_max, seed)) {
        const Damage second = kDamages[mixed(seed, place) % kDamages.size()];
        static_cast<void>(cut_once(operation, damage, seed, SecondCut{place, second}));
        ++report_.recovery_cuts;
      }
    }
  }

  /// An error at the n-th operation of the scenario (no call named), or at its n-th call of one kind. False: it was
  /// over by then.
  bool fail_at(std::optional<Call> call, std::uint64_t nth, Disk::Lasting lasting) {
    Disk disk;
    const auto subject = scenario_.begin(disk);
    disk.fail_call(call, nth, lasting);
    subject->run();
    const bool struck = disk.faults_struck() > 0;
    ++report_.places;
    finish_after_fault(disk, *subject, words_of_fault(call, nth, lasting));
    return struck;
  }

  /// The same during the recovery from a cut.
  bool fail_recovery_at(std::uint64_t operation, std::optional<Call> call, std::uint64_t nth, Disk::Lasting lasting) {
    const Damage damage = kDamages[mixed(mixed(plan_.seed, operation), nth) % kDamages.size()];
    const std::uint64_t seed = mixed(mixed(plan_.seed, operation), index_of(damage));
    Disk disk;
    const auto subject = scenario_.begin(disk);
    disk.cut_at(operation);
    subject->run();
    disk.cut();
    subject->lose_power();
    disk.restart(damage, seed);
    disk.fail_call(call, nth, lasting);
    subject->recover();
    const bool struck = disk.faults_struck() > 0;
    ++report_.places;
    finish_after_fault(
        disk, *subject,
        place_of(operation, damage, seed, std::nullopt) + ", recovery with " + words_of_fault(call, nth, lasting));
    return struck;
  }

  /// False: the disk was never full.
  bool fill_at(std::uint64_t bytes) {
    Disk disk;
    const auto subject = scenario_.begin(disk);
    disk.limit_space(bytes);
    subject->run();
    const bool was_full = disk.faults_struck() > 0;
    ++report_.places;
    finish_after_fault(disk, *subject, "disk of " + number(bytes) + " bytes");
    return was_full;
  }

  [[nodiscard]] std::uint64_t operations() const { return undisturbed_.size(); }
  Report take() { return std::move(report_); }

 private:
  /// Returns how many operations the last recovery took.
  std::uint64_t cut_once(std::uint64_t operation, Damage damage, std::uint64_t seed, std::optional<SecondCut> second) {
    Disk disk;
    const auto subject = scenario_.begin(disk);
    disk.cut_at(operation);
    subject->run();
    const std::string where = place_of(operation, damage, seed, second);
    if (!same_as_undisturbed(disk, operation)) note(where, "the scenario is not the same in each run");
    disk.cut();
    subject->lose_power();
    disk.restart(damage, seed);
    if (second) {
      disk.cut_at(second->operation);
      subject->recover();
      if (disk.has_power()) note(where, "recovery is not the same in each run");
      disk.cut();
      subject->lose_power();
      disk.restart(second->damage, mixed(seed, second->operation));
    }
    subject->recover();
    const std::uint64_t recovery = disk.operations();
    judge(*subject, damage, where);
    subject->lose_power();
    return recovery;
  }

  static std::string words_of_fault(std::optional<Call> call, std::uint64_t nth, Disk::Lasting lasting) {
    const std::string place = (call ? std::string(name_of(*call)) : "operation") + " " + number(nth);
    return lasting == Disk::Lasting::Once ? "an I/O error at " + place : "I/O errors from " + place + " on";
  }

  void finish_after_fault(Disk& disk, Subject& subject, const std::string& where) {
    disk.cut();
    subject.lose_power();
    disk.repair();
    disk.restart(Damage::LoseUnsynced, plan_.seed);
    subject.recover();
    report_.recovery_operations += disk.operations();
    judge(subject, Damage::LoseUnsynced, where + ", seed " + number(plan_.seed));
    subject.lose_power();
  }

  /// Operation number `number` (1 is the first) of the undisturbed run.
  [[nodiscard]] const Operation& undisturbed(std::uint64_t number) const {
    return undisturbed_[static_cast<std::size_t>(number - 1)];
  }

  /// Whether the run went as the undisturbed one did, up to where power went.
  [[nodiscard]] bool same_as_undisturbed(const Disk& disk, std::uint64_t operation) const {
    const auto expected = std::span(undisturbed_)
                              .first(static_cast<std::size_t>(std::min<std::uint64_t>(operation, undisturbed_.size())));
    return std::ranges::equal(disk.trace(), expected);
  }

  void judge(Subject& subject, Damage damage, const std::string& where) {
    const Verdict verdict = subject.judge();
    Tally& tally = report_.by_damage[index_of(damage)];
    ++tally.runs;
    if (verdict.lost > 0) {
      ++tally.losing;
      tally.lost += verdict.lost;
      keep(where, number(verdict.lost) + " acknowledged are lost");
    }
    if (!verdict.broken.empty()) {
      ++tally.broken;
      keep(where, verdict.broken);
    }
  }

  /// For what makes a run worthless whatever the judge says.
  void note(const std::string& where, const std::string& what) {
    ++report_.by_damage[0].broken;
    keep(where, what);
  }

  void keep(const std::string& where, const std::string& what) {
    if (report_.breaches.size() >= kBreachesKept) return;
    report_.breaches.push_back({"scenario '" + scenario_.name + "'" + (where.empty() ? "" : ", ") + where, what});
  }

  [[nodiscard]] std::string place_of(std::uint64_t operation, Damage damage, std::uint64_t seed,
                                     std::optional<SecondCut> second) const {
    std::string where = "cut at operation " + number(operation) + " of " + number(undisturbed_.size());
    if (operation > undisturbed_.size()) {
      where += " (after the end)";
    } else {
      where += " (" + words_of(undisturbed(operation)) + ")";
    }
    where += ", damage '" + std::string(name_of(damage)) + "', damage seed " + number(seed);
    if (second) {
      where += ", then at operation " + number(second->operation) + " of the recovery, damage '" +
               std::string(name_of(second->damage)) + "'";
    }
    return where + ", seed " + number(plan_.seed);
  }

  const Scenario& scenario_;
  const PowerPlan& plan_;
  std::vector<Operation> undisturbed_;
  Report report_;
};

/// Calls `fail(call, nth, lasting)` for the first, second, ... operation and then read, once and for ever, until there
/// are no more.
template <class Fail>
void each_fault(Fail fail) {
  for (const std::optional<Call> call : {std::optional<Call>{}, std::optional(Call::Read)}) {
    for (const Disk::Lasting lasting : {Disk::Lasting::Once, Disk::Lasting::ForEver}) {
      for (std::uint64_t nth = 1; fail(call, nth, lasting); ++nth) {
      }
    }
  }
}

std::string row(std::string_view name, std::string_view kind, std::string_view places, const Tally& tally) {
  std::string line;
  const auto left = [&](std::string_view text, std::size_t width) {
    line.append(text).append(width > text.size() ? width - text.size() : 1, ' ');
  };
  const auto right = [&](std::string_view text) {
    constexpr std::size_t kWidth = 9;
    line.append(kWidth > text.size() ? kWidth - text.size() : 1, ' ').append(text);
  };
  left(name, 36);
  left(kind, 14);
  right(places);
  for (const std::uint64_t count : {tally.runs, tally.losing, tally.lost, tally.broken})
    right(number(count));
  return line + '\n';
}

}  // namespace

const Tally& Report::of(Damage damage) const {
  return by_damage[index_of(damage)];
}

Tally Report::sum() const {
  Tally sum;
  for (const Tally& tally : by_damage) {
    sum.runs += tally.runs;
    sum.losing += tally.losing;
    sum.lost += tally.lost;
    sum.broken += tally.broken;
  }
  return sum;
}

bool Report::lawful() const {
  const Tally all = sum();
  return all.runs > 0 && all.losing == 0 && all.broken == 0;
}

std::string Report::text() const {
  const Tally all = sum();
  std::string text = "scenario '" + scenario + "': " + number(all.runs) + " runs, " + number(all.losing) + " lost " +
                     number(all.lost) + " acknowledged, " + number(all.broken) + " broke a law\n";
  for (const Breach& breach : breaches)
    text += "  " + breach.where + ":\n    " + breach.what + "\n";
  if (all.losing + all.broken > breaches.size()) text += "  and so on\n";
  return text;
}

Report cut_everywhere(const Scenario& scenario, const PowerPlan& plan) {
  Runner runner(scenario, plan);
  if (!runner.rehearse()) return runner.take();
  for (const std::uint64_t operation : first_places(runner.operations() + 1, plan.cuts_max, plan.seed))
    runner.cut_at(operation);
  return runner.take();
}

Report fail_everywhere(const Scenario& scenario, const PowerPlan& plan) {
  Runner runner(scenario, plan);
  if (!runner.rehearse()) return runner.take();
  each_fault([&](auto... fault) { return runner.fail_at(fault...); });
  return runner.take();
}

Report fail_recovery_everywhere(const Scenario& scenario, const PowerPlan& plan) {
  Runner runner(scenario, plan);
  if (!runner.rehearse()) return runner.take();
  for (const std::uint64_t operation : chosen(runner.operations() + 1, plan.recovery_cuts_max)) {
    each_fault([&](auto... fault) { return runner.fail_recovery_at(operation, fault...); });
  }
  return runner.take();
}

Report fill_everywhere(const Scenario& scenario, const PowerPlan& plan) {
  Runner runner(scenario, plan);
  if (!runner.rehearse()) return runner.take();
  std::uint64_t bytes = 0;
  while (runner.fill_at(bytes))
    bytes += kSectorBytes;
  return runner.take();
}

std::string table(std::span<const Report> reports) {
  std::string text =
      "scenario                            damage           places     runs   losing     lost   broken\n";
  for (const Report& report : reports) {
    std::string_view name = report.scenario;
    for (const Damage damage : kDamages) {
      const Tally& tally = report.of(damage);
      if (tally.runs == 0) continue;
      text += row(name, name_of(damage), number(report.places), tally);
      name = "";
    }
    text += row("", "all", "", report.sum());
    text += "  " + number(report.recovery_cuts) + " of the " + number(report.recovery_operations) +
            " operations of its recoveries were cut, too\n";
  }
  return text;
}

}  // namespace tillkit::test
