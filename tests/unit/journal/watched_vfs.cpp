// SPDX-License-Identifier: Apache-2.0
#include "watched_vfs.hpp"

#include <new>

#include <sqlite3.h>

namespace tillkit::journal {
namespace {

constexpr std::int64_t kDevicePageBytes = 4096;

/// SQLite allocates it, with the platform's file right behind.
struct WatchedFile {
  sqlite3_file base;  // first: SQLite sees this
  WatchedVfs* vfs;
  std::string* path;

  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WatchedFile* watched(sqlite3_file* file) {
  return reinterpret_cast<WatchedFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return watched(file)->real();
}

int close_file(sqlite3_file* file) {
  const int code = real(file)->pMethods->xClose(real(file));
  delete watched(file)->path;
  return code;
}
int read_file(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), out, bytes, offset);
}
int write_file(sqlite3_file* file, const void* in, int bytes, sqlite3_int64 offset) {
  if (const int code = watched(file)->vfs->before_write(*watched(file)->path, offset, bytes); code != SQLITE_OK) {
    return code;
  }
  return real(file)->pMethods->xWrite(real(file), in, bytes, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (watched(file)->vfs->died()) return SQLITE_IOERR_TRUNCATE;
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  if (const int code = watched(file)->vfs->before_flush(*watched(file)->path); code != SQLITE_OK) return code;
  return watched(file)->vfs->flushes() ? real(file)->pMethods->xSync(real(file), flags) : SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* reserved) {
  return real(file)->pMethods->xCheckReservedLock(real(file), reserved);
}
int control_file(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
  const int all = real(file)->pMethods->xDeviceCharacteristics(real(file));
  return watched(file)->vfs->powersafe_overwrite() ? all : all & ~SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods kMethods{
    1,         close_file,  read_file,  write_file,   truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_lock, control_file, sector_size,   characteristics, nullptr,
    nullptr,   nullptr,     nullptr,    nullptr,      nullptr};

sqlite3_vfs* platform() {
  return sqlite3_vfs_find("unix");
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* const opened = new (file) WatchedFile{};
  const int code = platform()->xOpen(platform(), name, opened->real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  opened->vfs = static_cast<WatchedVfs*>(vfs->pAppData);
  opened->path = new std::string(name == nullptr ? "" : name);
  opened->base.pMethods = &kMethods;
  return SQLITE_OK;
}
int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  if (static_cast<WatchedVfs*>(vfs->pAppData)->died()) return SQLITE_IOERR_DELETE;
  return platform()->xDelete(platform(), name, sync_directory);
}

}  // namespace

struct WatchedVfs::Registration {
  sqlite3_vfs vfs;
};

WatchedVfs::WatchedVfs(Flushes flushes) : registration_(std::make_unique<Registration>()), flushes_(flushes) {
  static int number = 0;
  name_ = "watched-" + std::to_string(++number);
  sqlite3_initialize();
  sqlite3_vfs& vfs = registration_->vfs;
  vfs = *platform();  // whatever has no file in it is the platform's
  vfs.pNext = nullptr;
  vfs.iVersion = 1;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.szOsFile = static_cast<int>(sizeof(WatchedFile)) + platform()->szOsFile;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  sqlite3_vfs_register(&vfs, 0);
}

WatchedVfs::~WatchedVfs() {
  sqlite3_vfs_unregister(&registration_->vfs);
}

void WatchedVfs::fail(Fault fault, std::uint64_t n) {
  switch (fault) {
    case Fault::DiskFull: full_at_ = counts_.writes + n; break;
    case Fault::WriteFails: write_fails_at_ = counts_.writes + n; break;
    case Fault::FlushFails: flush_fails_at_ = counts_.flushes + n; break;
  }
}

void WatchedVfs::die_at(std::uint64_t n) {
  die_at_ = steps_ + n;
}

void WatchedVfs::heal() {
  die_at_ = full_at_ = write_fails_at_ = flush_fails_at_ = 0;
}

bool WatchedVfs::step() {
  if (died()) return false;
  ++steps_;
  return !died();
}

int WatchedVfs::before_write(const std::string& path, std::int64_t offset, int bytes) {
  if (!step()) return SQLITE_IOERR_WRITE;
  ++counts_.writes;
  if (full_at_ != 0 && counts_.writes >= full_at_) return SQLITE_FULL;
  if (counts_.writes == write_fails_at_) return SQLITE_IOERR_WRITE;
  counts_.bytes += static_cast<std::uint64_t>(bytes);
  auto& pages = touched_[path];
  for (std::int64_t page = offset / kDevicePageBytes; page <= (offset + bytes - 1) / kDevicePageBytes; ++page)
    pages.insert(page);
  return SQLITE_OK;
}

int WatchedVfs::before_flush(const std::string& path) {
  if (!step()) return SQLITE_IOERR_FSYNC;
  ++counts_.flushes;
  if (counts_.flushes == flush_fails_at_) return SQLITE_IOERR_FSYNC;
  auto& pages = touched_[path];
  counts_.device_bytes += pages.size() * static_cast<std::uint64_t>(kDevicePageBytes);
  pages.clear();
  return SQLITE_OK;
}

}  // namespace tillkit::journal
