// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/disk_vfs.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include <sqlite3.h>

namespace tillkit::test {
namespace {

// As SQLite's own VFS for Unix.
constexpr int kSectorSizeTold = 4096;
constexpr int kPathMax = 512;
constexpr sqlite3_int64 kNow = 212'600'000'000'000;  // 2024, in milliseconds of the Julian calendar.

/// What the connections that have one file open share.
struct Shared {
  // The five locks of a database file.
  int readers = 0;
  const void* reserving = nullptr;
  const void* pending = nullptr;
  const void* writing = nullptr;
  // The shared memory of a WAL.
  std::vector<std::unique_ptr<std::vector<std::byte>>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shm_readers{};
  std::array<const void*, SQLITE_SHM_NLOCK> shm_writers{};
  int shm_users = 0;
};

struct Open {
  Disk* disk = nullptr;
  DiskFile file;
  std::shared_ptr<Shared> shared;
  bool sync_directory_first = false;
  int lock = SQLITE_LOCK_NONE;
  bool uses_shm = false;
  std::array<int, SQLITE_SHM_NLOCK> shm_locks{};
};

/// SQLite gives `szOsFile` raw bytes, of which this is the beginning.
struct File {
  sqlite3_file base;
  Open* open;
};

Open& open_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file)->open;
}

int code_of(DiskError error, int when_io) {
  return error == DiskError::NoSpace ? SQLITE_FULL : when_io;
}

template <class T>
int code_of(const DiskResult<T>& result, int when_io) {
  return result ? SQLITE_OK : code_of(result.error(), when_io);
}

std::span<std::byte> bytes_of(void* data, int count) {
  return {static_cast<std::byte*>(data), static_cast<std::size_t>(count)};
}

void give_back_locks(Open& open, int to) {
  Shared& shared = *open.shared;
  if (shared.writing == &open) shared.writing = nullptr;
  if (shared.pending == &open) shared.pending = nullptr;
  if (shared.reserving == &open) shared.reserving = nullptr;
  if (open.lock != SQLITE_LOCK_NONE && to == SQLITE_LOCK_NONE) --shared.readers;
  open.lock = to;
}

void give_back_shm(Open& open) {
  Shared& shared = *open.shared;
  for (std::size_t i = 0; i < open.shm_locks.size(); ++i) {
    if (shared.shm_writers[i] == &open) shared.shm_writers[i] = nullptr;
    if (open.shm_locks[i] == SQLITE_SHM_SHARED) --shared.shm_readers[i];
    open.shm_locks[i] = 0;
  }
  if (open.uses_shm) --shared.shm_users;
  open.uses_shm = false;
}

int vfs_close(sqlite3_file* file) {
  Open* const open = reinterpret_cast<File*>(file)->open;
  give_back_shm(*open);
  give_back_locks(*open, SQLITE_LOCK_NONE);
  open->disk->close(open->file);
  delete open;
  file->pMethods = nullptr;
  return SQLITE_OK;
}

int vfs_read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  const Open& open = open_of(file);
  const std::span<std::byte> bytes = bytes_of(into, count);
  const auto read = open.disk->read(open.file, static_cast<std::uint64_t>(offset), bytes);
  if (!read) return SQLITE_IOERR_READ;
  if (*read == bytes.size()) return SQLITE_OK;
  std::ranges::fill(bytes.subspan(*read), std::byte{0});
  return SQLITE_IOERR_SHORT_READ;
}

int vfs_write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  const Open& open = open_of(file);
  const std::span bytes(static_cast<const std::byte*>(from), static_cast<std::size_t>(count));
  return code_of(open.disk->write(open.file, static_cast<std::uint64_t>(offset), bytes), SQLITE_IOERR_WRITE);
}

int vfs_truncate(sqlite3_file* file, sqlite3_int64 size) {
  const Open& open = open_of(file);
  return code_of(open.disk->truncate(open.file, static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int vfs_sync(sqlite3_file* file, int) {
  Open& open = open_of(file);
  if (const auto synced = open.disk->sync(open.file); !synced) return code_of(synced, SQLITE_IOERR_FSYNC);
  if (!open.sync_directory_first) return SQLITE_OK;
  open.sync_directory_first = false;
  return code_of(open.disk->sync_directory(), SQLITE_IOERR_DIR_FSYNC);
}

int vfs_file_size(sqlite3_file* file, sqlite3_int64* size) {
  const Open& open = open_of(file);
  const auto known = open.disk->size(open.file);
  if (known) *size = static_cast<sqlite3_int64>(*known);
  return code_of(known, SQLITE_IOERR_FSTAT);
}

int vfs_lock(sqlite3_file* file, int wanted) {
  Open& open = open_of(file);
  Shared& shared = *open.shared;
  if (open.lock >= wanted) return SQLITE_OK;
  const auto others = [&](const void* holder) { return holder != nullptr && holder != &open; };
  if (wanted == SQLITE_LOCK_SHARED) {
    if (others(shared.pending) || others(shared.writing)) return SQLITE_BUSY;
    ++shared.readers;
  } else if (wanted == SQLITE_LOCK_RESERVED) {
    if (others(shared.reserving)) return SQLITE_BUSY;
    shared.reserving = &open;
  } else {
    if (others(shared.pending) || others(shared.reserving)) return SQLITE_BUSY;
    shared.pending = &open;
    if (shared.readers > 1) {
      open.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    shared.writing = &open;
  }
  open.lock = wanted;
  return SQLITE_OK;
}

int vfs_unlock(sqlite3_file* file, int to) {
  Open& open = open_of(file);
  if (open.lock > to) give_back_locks(open, to);
  return SQLITE_OK;
}

int vfs_check_reserved_lock(sqlite3_file* file, int* answer) {
  *answer = open_of(file).shared->reserving != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int vfs_file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int vfs_sector_size(sqlite3_file*) {
  return kSectorSizeTold;
}

int vfs_device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int vfs_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  Open& open = open_of(file);
  Shared& shared = *open.shared;
  if (!open.disk->has_power()) return SQLITE_IOERR_SHMMAP;
  if (!open.uses_shm) ++shared.shm_users;
  open.uses_shm = true;
  const auto index = static_cast<std::size_t>(region);
  *memory = nullptr;
  if (shared.regions.size() <= index && extend == 0) return SQLITE_OK;
  while (shared.regions.size() <= index) {
    shared.regions.push_back(std::make_unique<std::vector<std::byte>>(static_cast<std::size_t>(size)));
  }
  *memory = shared.regions[index]->data();
  return SQLITE_OK;
}

int vfs_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  Open& open = open_of(file);
  Shared& shared = *open.shared;
  const auto first = static_cast<std::size_t>(offset);
  const auto last = first + static_cast<std::size_t>(count);
  const int kind = flags & (SQLITE_SHM_SHARED | SQLITE_SHM_EXCLUSIVE);
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    for (std::size_t i = first; i < last; ++i) {
      const bool written = shared.shm_writers[i] != nullptr && shared.shm_writers[i] != &open;
      const int own_readers = open.shm_locks[i] == SQLITE_SHM_SHARED ? 1 : 0;
      const bool read = kind == SQLITE_SHM_EXCLUSIVE && shared.shm_readers[i] > own_readers;
      if (written || read) return SQLITE_BUSY;
    }
  }
  for (std::size_t i = first; i < last; ++i) {
    if (open.shm_locks[i] == SQLITE_SHM_SHARED) --shared.shm_readers[i];
    if (shared.shm_writers[i] == &open) shared.shm_writers[i] = nullptr;
    open.shm_locks[i] = 0;
    if ((flags & SQLITE_SHM_LOCK) == 0) continue;
    open.shm_locks[i] = kind;
    if (kind == SQLITE_SHM_SHARED) ++shared.shm_readers[i];
    if (kind == SQLITE_SHM_EXCLUSIVE) shared.shm_writers[i] = &open;
  }
  return SQLITE_OK;
}

void vfs_shm_barrier(sqlite3_file*) {}

int vfs_shm_unmap(sqlite3_file* file, int) {
  Open& open = open_of(file);
  give_back_shm(open);
  // As when the last program lets go of the memory file: the next one starts from nothing.
  if (open.shared->shm_users == 0) open.shared->regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_file_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_check_reserved_lock,
    .xFileControl = vfs_file_control,
    .xSectorSize = vfs_sector_size,
    .xDeviceCharacteristics = vfs_device_characteristics,
    .xShmMap = vfs_shm_map,
    .xShmLock = vfs_shm_lock,
    .xShmBarrier = vfs_shm_barrier,
    .xShmUnmap = vfs_shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int vfs_randomness(sqlite3_vfs*, int count, char* into) {
  std::ranges::fill(bytes_of(into, count), std::byte{0x5A});
  return count;
}

int vfs_sleep(sqlite3_vfs*, int microseconds) {
  return microseconds;
}

int vfs_current_time(sqlite3_vfs*, sqlite3_int64* now) {
  *now = kNow;
  return SQLITE_OK;
}

int vfs_last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

int vfs_full_pathname(sqlite3_vfs*, const char* name, int size, char* into) {
  const std::size_t length = std::strlen(name);
  if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(into, name, length + 1);
  return SQLITE_OK;
}

}  // namespace

class DiskVfs::Impl {
 public:
  explicit Impl(Disk& disk) : disk_(disk), name_("disk-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))) {
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(File);
    vfs_.mxPathname = kPathMax;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = access;
    vfs_.xFullPathname = vfs_full_pathname;
    vfs_.xRandomness = vfs_randomness;
    vfs_.xSleep = vfs_sleep;
    vfs_.xGetLastError = vfs_last_error;
    vfs_.xCurrentTimeInt64 = vfs_current_time;
    if (sqlite3_initialize() != SQLITE_OK || sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK) std::abort();
  }
  ~Impl() { sqlite3_vfs_unregister(&vfs_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  static Impl& self(sqlite3_vfs* vfs) { return *static_cast<Impl*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    Impl& impl = self(vfs);
    file->pMethods = nullptr;
    const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
    const auto opened = name == nullptr ? impl.disk_.open_nameless() : impl.disk_.open(name, create);
    if (!opened) return code_of(opened, SQLITE_CANTOPEN);
    auto state = std::make_unique<Open>();
    state->disk = &impl.disk_;
    state->file = *opened;
    state->shared = impl.shared(*opened);
    constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    state->sync_directory_first = create && (flags & kJournals) != 0;
    auto* const typed = reinterpret_cast<File*>(file);
    typed->open = state.release();
    typed->base.pMethods = &kMethods;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    Impl& impl = self(vfs);
    const auto removed = impl.disk_.remove(name);
    if (!removed) return removed.error() == DiskError::NotFound ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    if (sync_directory == 0) return SQLITE_OK;
    return code_of(impl.disk_.sync_directory(), SQLITE_IOERR_DIR_FSYNC);
  }

  static int access(sqlite3_vfs* vfs, const char* name, int flags, int* answer) {
    const auto size = self(vfs).disk_.size_of(name);
    if (!size && size.error() != DiskError::NotFound) return SQLITE_IOERR_ACCESS;
    *answer = size && (flags != SQLITE_ACCESS_EXISTS || *size > 0) ? 1 : 0;
    return SQLITE_OK;
  }

  /// What others who have the same file open hold already, or a new one.
  std::shared_ptr<Shared> shared(DiskFile file) {
    std::erase_if(shared_, [](const auto& entry) { return entry.second.expired(); });
    auto& known = shared_[{file.boot, file.inode}];
    std::shared_ptr<Shared> held = known.lock();
    if (!held) {
      held = std::make_shared<Shared>();
      known = held;
    }
    return held;
  }

  Disk& disk_;
  std::string name_;
  sqlite3_vfs vfs_{};
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::weak_ptr<Shared>> shared_;
};

DiskVfs::DiskVfs(Disk& disk) : impl_(std::make_unique<Impl>(disk)) {}
DiskVfs::~DiskVfs() = default;

const std::string& DiskVfs::name() const {
  return impl_->name();
}

}  // namespace tillkit::test
