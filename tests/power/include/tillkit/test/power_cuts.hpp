// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tillkit/test/disk.hpp"

namespace tillkit::test {

/// What a judge found after everything had come up again.
struct Verdict {
  /// How many things that were acknowledged are not there any more.
  std::uint64_t lost = 0;
  /// Every other law that does not hold, in words; empty if all hold.
  std::string broken;
};

/// What a test does on a disk, and how it judges what a cut left of it. The object is the world: it knows what was
/// promised to whom, and lives through cuts; what it runs (connections, a terminal) dies with the power.
class Subject {
 public:
  virtual ~Subject() = default;

  /// Does its work; returns when it is done or when the disk has no power.
  virtual void run() = 0;
  /// Drops all that a dead process loses. The disk is still dark: connections are closed on it.
  virtual void lose_power() = 0;
  /// Starts again, as the firmware does; returns when it is up or when power has gone once more. Is called again then.
  virtual void recover() = 0;
  /// Says what is not as it must be. `run` or `recover` has come to its end, the disk has power and no faults.
  virtual Verdict judge() = 0;
};

/// A scenario by name. `begin` puts a subject on an empty disk; it is called for each run and must lead to the same
/// operations every time, or the runner says so and stops.
struct Scenario {
  std::string name;
  std::function<std::unique_ptr<Subject>(Disk&)> begin;
};

/// How many operations of each recovery power is cut at, unless a plan says otherwise: fewer on 32 bits, where the
/// emulator makes a run ten times as long.
inline constexpr std::uint32_t kRecoveryCutsMax = sizeof(void*) == 8 ? 8 : 1;

struct PowerPlan {
  /// Decides every damage; printed with every breach.
  std::uint64_t seed = 0;
  /// What a cut may do; each cut is tried with each.
  std::span<const Damage> damages = kDamages;
  /// How many operations of each recovery power is cut at in turn; 0: recovery is not cut. If a recovery has more, the
  /// last and the first are taken, and between them as many, evenly spaced, as are allowed; a single one is drawn. The
  /// damage of the second cut is drawn from all kinds.
  std::uint32_t recovery_cuts_max = kRecoveryCutsMax;
  /// How many of the scenario's operations power is cut at; 0: all of them. If there are more, the last and the first
  /// are taken, and as many between them as are allowed, evenly spaced; which, depends on the seed.
  std::uint32_t cuts_max = 0;
};

/// Where to look for something that went wrong.
struct Breach {
  std::string where;  ///< Scenario, cut or fault, damage, second cut, seed.
  std::string what;
};

/// How many breaches a report keeps in words; it counts all.
inline constexpr std::size_t kBreachesKept = 10;

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t losing = 0;  ///< Runs that lost something acknowledged.
  std::uint64_t lost = 0;    ///< How much they lost, all together.
  std::uint64_t broken = 0;  ///< Runs that broke another law.
};

struct Report {
  std::string scenario;
  std::uint64_t operations = 0;           ///< Of the run that nothing disturbed.
  std::uint64_t places = 0;               ///< How many cuts, faults or sizes of the disk were tried.
  std::uint64_t recovery_operations = 0;  ///< Of all recoveries that no second cut disturbed.
  std::uint64_t recovery_cuts = 0;        ///< At how many of them power was cut.
  std::array<Tally, kDamages.size()> by_damage{};
  std::vector<Breach> breaches;

  [[nodiscard]] const Tally& of(Damage damage) const;
  [[nodiscard]] Tally sum() const;
  /// Nothing was lost, no law was broken, and there was something to try.
  [[nodiscard]] bool lawful() const;
  /// Everything about what went wrong, for a test to fail with.
  [[nodiscard]] std::string text() const;
};

/// Runs the scenario once for each of its operations, cuts power during it, does each damage, recovers and judges; then
/// the same with a second cut at each operation of the recovery. The last cut is after the scenario's end.
[[nodiscard]] Report cut_everywhere(const Scenario& scenario, const PowerPlan& plan);

/// Runs the scenario once for each of its operations and lets it fail there with an I/O error: once, and from there on
/// for ever; then the same for each of its reads. Then power is lost with all unsynced data, the disk is repaired, and
/// the scenario recovers and is judged.
[[nodiscard]] Report fail_everywhere(const Scenario& scenario, const PowerPlan& plan);

/// Does the same to recoveries: from a cut after the end, from one at the first operation, and between them from as
/// many places, evenly spaced, as `recovery_cuts_max` allows.
[[nodiscard]] Report fail_recovery_everywhere(const Scenario& scenario, const PowerPlan& plan);

/// Runs the scenario with a disk that holds 0, 512, 1024, ... bytes, until it is never full; the rest as above.
[[nodiscard]] Report fill_everywhere(const Scenario& scenario, const PowerPlan& plan);

/// One line per report and damage: places tried, runs, runs that lost, how much, runs that broke a law; below, how many
/// of the recovery's operations were cut, too.
[[nodiscard]] std::string table(std::span<const Report> reports);

}  // namespace tillkit::test
