// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/table_set.hpp"

namespace tillkit::journal {

inline constexpr std::int64_t kCacheRowsPerStepMax = 200;
inline constexpr std::size_t kCursorBytesMax = 256;

/// The replica tables of one module: copies of what the cloud has. Migrations as in `TableSet`.
struct ReplicaSet {
  std::string_view name;
  std::span<const Migration> migrations;
};

struct CacheSettings {
  std::string path;  ///< of `cache.db`
  std::string vfs;   ///< SQLite's name for the file system; empty: the platform's own
};

/// One step into the cache; lives inside `Cache::step`.
class CacheTx : public Tables {
 public:
  CacheTx(const CacheTx&) = delete;
  CacheTx& operator=(const CacheTx&) = delete;

  /// Changes rows. A failure makes the whole step fail.
  /// - Exhausted: more than `kCacheRowsPerStepMax` rows in this step.
  /// - AlreadyExists, InvalidArgument: as `Tx::run`. - PermissionDenied: a table of the cache's own.
  template <class... Arguments>
  [[nodiscard]] core::Result<std::int64_t> run(const Statement<void(Arguments...)>& statement,
                                               const std::type_identity_t<Arguments>&... arguments) {
    return change(statement.sql, {detail::to_value(arguments)...});
  }

  /// So many rows may still be changed in this step.
  [[nodiscard]] std::int64_t rows_left() const { return kCacheRowsPerStepMax - rows_; }

  /// Moves the feed's cursor with this step: the last part of a page. It is no row of the limit.
  /// - InvalidArgument: no feed, or a cursor longer than `kCursorBytesMax`.
  [[nodiscard]] core::Result<> move_cursor(std::string_view feed, std::string_view cursor);

 private:
  friend class Cache;
  explicit CacheTx(detail::Database& database) : Tables(database) {}

  [[nodiscard]] core::Result<std::int64_t> change(const char* sql, std::initializer_list<detail::Value> arguments);

  std::int64_t rows_ = 0;
  core::Result<> outcome_;
};

/// Copies of what the cloud has (items, rule sets, member cache, revoked ids), in a file of their own, so that news
/// never make a sale wait for a flush.
///
/// A step is a transaction without a flush. After a power cut the newest steps may be gone, each with its cursor: what
/// is missing is asked for again. A page of more than `kCacheRowsPerStepMax` rows is several steps, the cursor goes
/// with the last; so a page must be able to come twice. What decides money does not belong here.
class Cache {
 public:
  /// Opens `cache.db`, or makes it, and migrates it.
  /// - Unsupported: a newer program wrote it. - Corrupt: it cannot be read. Then `discard` it and begin anew.
  /// - Unavailable: another process has it, or the medium cannot be reached. - Exhausted: no room.
  [[nodiscard]] static core::Result<std::unique_ptr<Cache>> open(const CacheSettings& settings,
                                                                 std::span<const ReplicaSet> sets);
  /// Deletes the file; nobody may have it open.
  [[nodiscard]] static core::Result<> discard(const CacheSettings& settings);
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  [[nodiscard]] const Tables& tables() const;

  /// How far the feed has come; empty: ask from the beginning.
  [[nodiscard]] core::Result<std::string> cursor(std::string_view feed) const;

  /// Calls `change(CacheTx&) -> core::Result<>` in one transaction: a part of a page. Where it fails nothing happened.
  template <class Change>
  [[nodiscard]] core::Result<> step(Change&& change) {
    using Function = std::remove_reference_t<Change>;
    return run([](void* function, CacheTx& tx) -> core::Result<> { return (*static_cast<Function*>(function))(tx); },
               const_cast<void*>(static_cast<const void*>(std::addressof(change))));
  }

  /// The same, and moves the feed's cursor in the same transaction, as `CacheTx::move_cursor`.
  template <class Change>
  [[nodiscard]] core::Result<> step(std::string_view feed, std::string_view cursor, Change&& change) {
    return step([&](CacheTx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(change(tx));
      return tx.move_cursor(feed, cursor);
    });
  }

  /// Whether a quiet moment should be used for a checkpoint, and the checkpoint: two flushes.
  [[nodiscard]] bool checkpoint_due() const;
  [[nodiscard]] core::Result<> checkpoint();

 private:
  class Impl;
  explicit Cache(std::unique_ptr<Impl> impl);
  using StepFunction = core::Result<> (*)(void* change, CacheTx& tx);
  [[nodiscard]] core::Result<> run(StepFunction function, void* change);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::journal
