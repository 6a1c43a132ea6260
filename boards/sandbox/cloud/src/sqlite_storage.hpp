// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "storage.hpp"

namespace tillkit::sandbox {

/// Makes a program die in tests, with `_exit`, at a storage write: 2k-1 is just before the k-th transaction that writes
/// commits, 2k just after. 0: never.
struct DieAt {
  std::int64_t point = 0;
};

/// Reads a program's `DieAt` from an environment variable; 0 where it is not set or no number.
[[nodiscard]] DieAt die_at_of_environment(const char* name);

/// Opens or makes `path`, one SQLite file (WAL, flushed at each commit), held for this process alone, and makes the
/// tables that are not there yet. Their names are letters and `_`.
/// - FailedPrecondition: another process has it open.
/// - as `Storage`
[[nodiscard]] core::Result<std::unique_ptr<Storage>> open_sqlite_storage(const std::string& path,
                                                                         std::span<const Table> tables, DieAt die_at);

}  // namespace tillkit::sandbox
