// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tillkit::test {

/// What a disk writes in one piece; a write of several sectors can survive in parts.
inline constexpr std::size_t kSectorBytes = 512;

/// How the disk's only directory is called in traces and counts.
inline constexpr std::string_view kDirectoryName = "(directory)";

/// What can be asked of a disk. All but `Read` are *operations*: they change something, and power can go during them.
enum class Call : std::uint8_t { Read, Write, Sync, SyncDirectory, Truncate, Remove, Create };

[[nodiscard]] std::string_view name_of(Call call);

/// What a power cut does to everything that no sync has made durable.
enum class Damage : std::uint8_t {
  /// All of it is gone.
  LoseUnsynced,
  /// All of it had reached the disk by chance.
  KeepAll,
  /// Each sector is, on its own, as some write left it (or as before all of them): any subset, in any order. Some
  /// sectors are torn inside. What a file grew by without being written holds zeros or leftovers.
  Scatter,
  /// It went to the disk in the order of the calls, up to somewhere in the middle of one write, mostly the last.
  Tear,
};

inline constexpr std::array kDamages = {Damage::LoseUnsynced, Damage::KeepAll, Damage::Scatter, Damage::Tear};

[[nodiscard]] std::string_view name_of(Damage damage);

enum class DiskError : std::uint8_t { NoPower, NoSpace, Io, NotFound };

template <class T = void>
using DiskResult = std::expected<T, DiskError>;

/// What was asked of the disk for one file, or for all.
struct DiskCounts {
  std::uint64_t flushes = 0;  ///< Syncs, of files and of the directory.
  std::uint64_t writes = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t truncations = 0;
  std::uint64_t removals = 0;
  std::uint64_t creations = 0;

  friend bool operator==(const DiskCounts&, const DiskCounts&) = default;
};

/// One operation, as the trace remembers it.
struct Operation {
  Call call;
  std::string file;

  friend bool operator==(const Operation&, const Operation&) = default;
};

/// A file that somebody holds open. Worthless after a restart: every call with it fails with NoPower then.
struct DiskFile {
  std::uint32_t inode = 0;
  std::uint32_t boot = 0;
};

/// A disk with a file system, in memory, whose power can be cut at any operation.
///
/// Each file has what programs see (the page cache) and what is durable. A sync makes a file's writes durable.
/// Creation, removal and truncation go through the file system's log, in order: any sync, of any file or of the
/// directory, makes all earlier ones durable (as ext4 does); the data of *other* files stays at risk. A failed sync
/// forgets: programs go on seeing what they wrote, but no later sync brings it to the disk (as Linux does).
///
/// The same calls and the same seeds give the same bytes. Not for several threads.
class Disk {
 public:
  // --- what programs call; each fails with NoPower once power is gone ---

  /// Opens a file. `create` makes it if it is not there, which is an operation; else NotFound.
  DiskResult<DiskFile> open(std::string_view name, bool create);
  /// A file without a name, gone when it is closed.
  DiskResult<DiskFile> open_nameless();
  /// Never fails, so that a program can let go of everything after a cut.
  void close(DiskFile file);
  /// The number of bytes read; fewer than asked for at the end of the file.
  DiskResult<std::size_t> read(DiskFile file, std::uint64_t offset, std::span<std::byte> into);
  /// Io and NoSpace leave a part of the bytes behind: as many sectors as fitted, or half of them.
  DiskResult<> write(DiskFile file, std::uint64_t offset, std::span<const std::byte> bytes);
  /// Shortens the file, or lengthens it with zeros.
  DiskResult<> truncate(DiskFile file, std::uint64_t size);
  DiskResult<std::uint64_t> size(DiskFile file) const;
  DiskResult<> sync(DiskFile file);
  DiskResult<> sync_directory();
  DiskResult<> remove(std::string_view name);
  DiskResult<bool> exists(std::string_view name) const;
  /// The size of a file that need not be open; NotFound.
  DiskResult<std::uint64_t> size_of(std::string_view name) const;

  // --- power ---

  /// Power goes during the n-th operation (the first is 1) since the disk was started. 0: never.
  void cut_at(std::uint64_t operation) { cut_at_ = operation; }
  void cut() { powered_ = false; }
  [[nodiscard]] bool has_power() const { return powered_; }
  /// Cuts power unless that has happened, then starts the disk with what survives. Counts operations from 0 again and
  /// forgets `cut_at`; faults, the space limit and the lie stay.
  void restart(Damage damage, std::uint64_t seed);
  [[nodiscard]] std::uint64_t operations() const { return trace_.size(); }
  /// All operations since the disk was started; the last may be the one during which power went.
  [[nodiscard]] const std::vector<Operation>& trace() const { return trace_; }

  // --- faults ---

  enum class Lasting : std::uint8_t { Once, ForEver };

  /// The n-th such call from now (the first is 1) fails with Io. No call named: the n-th operation.
  void fail_call(std::optional<Call> call, std::uint64_t nth, Lasting lasting);
  /// How often a fault or a lack of space has struck since the beginning or `repair`.
  [[nodiscard]] std::uint64_t faults_struck() const { return faults_struck_; }
  /// All files together hold at most so many bytes; growing beyond that fails with NoSpace.
  void limit_space(std::uint64_t bytes) { space_limit_ = bytes; }
  [[nodiscard]] std::uint64_t used_bytes() const;
  /// Syncs succeed and do nothing, as some flash does. No program can survive that: it is there to be reported.
  void lie_about_flushes() { lying_ = true; }
  /// Ends all faults, the space limit and the lie.
  void repair();

  // --- counting ---

  /// Of all files and the directory, since the beginning or `reset_counts`. Calls that failed count, too.
  [[nodiscard]] DiskCounts counts() const;
  [[nodiscard]] DiskCounts counts(std::string_view file) const;
  [[nodiscard]] const std::map<std::string, DiskCounts, std::less<>>& counts_by_file() const { return counts_; }
  void reset_counts() { counts_.clear(); }

 private:
  using Bytes = std::vector<std::byte>;
  using Directory = std::map<std::string, std::uint32_t, std::less<>>;

  /// `order` numbers all changes of the disk, in the order of the calls.
  struct Write {
    std::uint64_t order;
    std::uint64_t offset;
    Bytes bytes;
  };
  struct Shorten {
    std::uint64_t order;
    std::uint64_t size;
  };
  struct Inode {
    std::string name;                                   ///< As first opened; empty if nameless.
    Bytes content;                                      ///< What programs see.
    Bytes durable;                                      ///< What the last sync left.
    std::vector<std::variant<Write, Shorten>> changes;  ///< Since then.
    std::uint32_t open_count = 0;
  };
  struct DirectoryChange {
    std::uint64_t order;
    std::string name;
    std::optional<std::uint32_t> inode;  ///< Nothing: the name was removed.
  };
  struct Fault {
    std::optional<Call> call;
    std::uint64_t remaining;
    Lasting lasting;
  };
  /// What a cut decided for all files together.
  struct Survival {
    Damage damage;
    std::uint64_t log_order;    ///< Creations, removals, truncations up to this one survive.
    std::uint64_t write_order;  ///< Tear: writes before this one survive, and a part of this one.
    bool leftovers;             ///< Scatter: unwritten sectors hold leftovers and not zeros.
  };

  Inode* inode_of(DiskFile file);
  const Inode* inode_of(DiskFile file) const;
  DiskFile hold(std::uint32_t number);
  bool fault_strikes(Call call);
  /// Counts and traces an operation. Io: a fault struck.
  DiskResult<> begin(Call call, std::string_view file);
  /// Ends an operation with its outcome, or with NoPower if this is the one at which power goes.
  DiskResult<> end(DiskResult<> outcome);
  void put(Inode& inode, std::uint64_t offset, std::span<const std::byte> bytes);
  void make_log_durable();
  void forget_unused();
  Survival decide(Damage damage, std::mt19937_64& random) const;
  static Bytes surviving(const Inode& inode, const Survival& survival, std::mt19937_64& random);
  static Bytes scattered(const Inode& inode, const Survival& survival, std::mt19937_64& random);
  static Bytes torn(const Inode& inode, const Survival& survival, std::mt19937_64& random);

  std::map<std::uint32_t, Inode> inodes_;
  Directory directory_;
  Directory durable_directory_;
  std::vector<DirectoryChange> directory_changes_;  ///< Not durable yet.
  std::uint32_t last_inode_ = 0;
  std::uint32_t boot_ = 1;
  std::uint64_t last_order_ = 0;
  std::uint64_t durable_log_order_ = 0;
  bool powered_ = true;
  std::uint64_t cut_at_ = 0;
  std::vector<Operation> trace_;
  std::vector<Fault> faults_;
  std::uint64_t faults_struck_ = 0;
  std::optional<std::uint64_t> space_limit_;
  bool lying_ = false;
  std::map<std::string, DiskCounts, std::less<>> counts_;
};

}  // namespace tillkit::test
