// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tillkit/test/disk.hpp"

namespace tillkit::test {

/// Lets SQLite keep its files on a `Disk`, under a VFS name of its own.
///
/// Behaves as SQLite's own VFS for Unix does: same sector size and promises, the first sync of a new journal syncs the
/// directory, an empty file does not exist. Locks and shared memory work between connections through the same object
/// (both WAL modes, normal and exclusive locking). After a cut every call fails but closing.
/// Time stands still and sleeping takes none. What SQLite itself draws at random (the salt of a WAL) comes from its own
/// generator, so bytes can differ from run to run; the operations do not.
///
/// SQLite's list of VFS is the only thing that is shared between objects. All connections must be closed before an
/// object goes.
class DiskVfs {
 public:
  explicit DiskVfs(Disk& disk);
  ~DiskVfs();
  DiskVfs(const DiskVfs&) = delete;
  DiskVfs& operator=(const DiskVfs&) = delete;

  /// For `sqlite3_open_v2`, or for whoever is told a VFS by name.
  [[nodiscard]] const std::string& name() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::test
