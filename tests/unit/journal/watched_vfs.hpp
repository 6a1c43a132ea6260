// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace tillkit::journal {

/// A file system for SQLite that counts what is written and flushed, and fails as planned. It stands in front of the
/// platform's own; everything lands in real files.
class WatchedVfs {
 public:
  /// Flushes are always counted; whether they are done matters only to whoever measures, or cuts this machine's power.
  enum class Flushes : std::uint8_t { Counted, Done };
  explicit WatchedVfs(Flushes flushes = Flushes::Counted);
  ~WatchedVfs();
  WatchedVfs(const WatchedVfs&) = delete;
  WatchedVfs& operator=(const WatchedVfs&) = delete;

  /// What `Settings::vfs` takes.
  [[nodiscard]] const std::string& name() const { return name_; }

  enum class Fault : std::uint8_t { DiskFull, WriteFails, FlushFails };

  /// The `n`-th write (or flush) from now fails; 1 is the next.
  void fail(Fault fault, std::uint64_t n);
  /// From the `n`-th write or flush on nothing is written any more and every call fails, as when the process is killed.
  void die_at(std::uint64_t n);
  void heal();
  /// From here on files are opened as on a medium where a write may spoil the bytes beside it: SQLite then repeats a
  /// commit's frame up to the end of the sector.
  void without_powersafe_overwrite() { powersafe_overwrite_ = false; }
  [[nodiscard]] bool died() const { return die_at_ != 0 && steps_ >= die_at_; }

  struct Counts {
    std::uint64_t writes = 0;
    std::uint64_t bytes = 0;
    std::uint64_t flushes = 0;
    /// What a file system with pages of 4 KiB hands to the device: the pages that were touched between two flushes of a
    /// file.
    std::uint64_t device_bytes = 0;
    friend Counts operator-(const Counts& a, const Counts& b) {
      return {a.writes - b.writes, a.bytes - b.bytes, a.flushes - b.flushes, a.device_bytes - b.device_bytes};
    }
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

  // For the files.
  [[nodiscard]] bool flushes() const { return flushes_ == Flushes::Done; }
  [[nodiscard]] bool powersafe_overwrite() const { return powersafe_overwrite_; }
  [[nodiscard]] int before_write(const std::string& path, std::int64_t offset, int bytes);
  [[nodiscard]] int before_flush(const std::string& path);

 private:
  [[nodiscard]] bool step();

  struct Registration;
  std::string name_;
  std::unique_ptr<Registration> registration_;
  Flushes flushes_;
  bool powersafe_overwrite_ = true;
  Counts counts_;
  std::map<std::string, std::set<std::int64_t>> touched_;
  std::uint64_t steps_ = 0;
  std::uint64_t die_at_ = 0;
  std::uint64_t full_at_ = 0;
  std::uint64_t write_fails_at_ = 0;
  std::uint64_t flush_fails_at_ = 0;
};

}  // namespace tillkit::journal
