// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"

namespace tillkit::journal {

/// A report names so many findings, and counts them all.
inline constexpr std::size_t kFindingsMax = 100;

/// What is wrong. Written into reports; never renumber.
enum class Flaw : std::uint8_t {
  Changed = 1,         ///< the record is not the one that was written here: edited, or another in its place
  Missing = 2,         ///< records are gone
  Unproven = 3,        ///< the record before it is flawed, so its own chain cannot be checked
  SealWrong = 4,       ///< a record of this commit was changed, and the chain was computed anew
  SealMissing = 5,     ///< a commit's end without a seal
  Unreadable = 6,      ///< the file does not give the record back
  StateWrong = 7,      ///< what the file says about itself (`first` to `last` is what it spans) is not sealed so
  HeadMissing = 8,     ///< the record that the last head was sealed over is not there, or is another
  RolledBack = 9,      ///< an older copy of the file was put back
  PersonalWrong = 10,  ///< a personal value is not the one that the body was given, or cannot be decrypted
  SnapshotWrong = 11,  ///< the rows beside the newest snapshot are not those of its digest
  TableWrong = 12,     ///< a derived table (`what`) is not what the records add up to
  RebuildFailed = 13,  ///< a module's `apply` refused a record that it once took
};
[[nodiscard]] std::string_view to_string(Flaw flaw);

struct Finding {
  Flaw flaw;
  Seq first;  ///< 0 where no record is meant
  Seq last;
  std::string what;  ///< a table, a field, or empty
};

struct VerifyReport {
  std::int64_t records = 0;      ///< looked at
  std::int64_t seals = 0;        ///< of commits, that hold
  bool tables_compared = false;  ///< not where an older program's tables were not brought forward yet
  std::size_t flaws = 0;         ///< all of them; `findings` has the first `kFindingsMax`
  std::vector<Finding> findings;

  [[nodiscard]] bool sound() const { return flaws == 0; }
};

/// `Journal::verify` in steps: records may be appended between two, and are checked, too. A snapshot or a drop between
/// two begins it anew. Must not outlive its journal.
class Verification {
 public:
  virtual ~Verification() = default;

  /// Looks at up to `at_most` records or personal values (at least 1). The report, once all is done; then no further
  /// call. Blocks for these; one step also for loading the newest snapshot, and the last for comparing the derived
  /// tables, which hold what is open.
  [[nodiscard]] std::optional<VerifyReport> step(std::int64_t at_most) { return do_step(at_most); }

 private:
  [[nodiscard]] virtual std::optional<VerifyReport> do_step(std::int64_t at_most) = 0;
};

/// Records that cannot be read. `last` is 0 where the end of the file is among them, so that nobody knows how far it
/// went.
struct Gap {
  Seq first;
  Seq last;
};

/// What a reader comes upon that goes on behind damage: a record, or places that the file does not give back.
struct Found {
  std::optional<Record> record;
  Gap gap{};  ///< where there is no record
};
using FoundSink = std::function<core::Result<>(const Found& found)>;

/// The line of an export, without a line break: `{"journal":..,"seq":..,"kind":..}`, without personal values, or
/// `{"unreadable":[first,last]}`. It has at most `kExportLineBytesMax` bytes; what cannot be written as JSON is
/// unreadable, too.
[[nodiscard]] core::Result<std::string> export_line(const Found& found);
inline constexpr std::size_t kExportLineBytesMax = 4 * kBodyBytesMax;

/// Takes one line of JSON, without a line break; an error ends the export.
using ExportSink = std::function<core::Result<>(std::string_view line)>;

struct ExportReport {
  std::int64_t records = 0;     ///< handed out
  bool whole = false;           ///< nothing was unreadable
  std::vector<Gap> unreadable;  ///< at most `kFindingsMax`
  core::Result<> opened;        ///< why nothing at all could be read
};

/// Hands out what can still be read of a file that no journal has open: one line per record, `{"seq":..,"kind":..}`,
/// without personal values, and a line `{"unreadable":[first,last]}` (`last` as in `Gap`) for what cannot. A damaged
/// file does not make it fail; it changes nothing in it.
/// - only what `sink` returns.
[[nodiscard]] core::Result<ExportReport> export_file(const std::string& path, const std::string& vfs,
                                                     const ExportSink& sink);

}  // namespace tillkit::journal
