// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/order_number.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"

namespace tillkit::journal {

namespace detail {
class Transaction;
}

/// The one transaction of one event. Lives inside `Journal::commit`, or inside a rebuild, where it only replays.
///
/// A module reads tables with `find` and `each`, appends records, and in its `apply` changes its own tables.
class Tx : public Tables {
 public:
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  /// Appends a record and lets every module apply it. It can be read back after the commit, not before.
  /// - InvalidArgument: no kind, a body that is no object or not UTF-8, or already has `personal`, a field twice or too
  ///   long. Nothing was appended; the transaction can go on.
  /// - Exhausted: `kRecordsPerCommitMax`, `kBodyBytesMax` or `kPersonalPerRecordMax`. As above.
  /// - FailedPrecondition: inside `apply`. As above.
  /// - anything else comes from an `apply` or from the storage, and the commit will fail with it.
  [[nodiscard]] core::Result<Seq> append(const NewRecord& record);

  /// The seq that the next `append` gives.
  [[nodiscard]] Seq next_seq() const;

  /// The number for an attempt whose intent is the next record (`next_seq`).
  /// - Unavailable: no random numbers now.
  [[nodiscard]] core::Result<OrderNumber> make_order_number(const TerminalName& terminal);

  /// Deletes all personal values of one record, and appends a record `journal.forgotten` that says so. The chain still
  /// verifies; without the salt what the body holds tells nothing. After the commit no copy is left in the files
  /// (where a read of `Journal::tables` is under way: after the next checkpoint).
  /// - NotFound: that record has none (any more). Nothing changed.
  [[nodiscard]] core::Result<> forget(Seq seq);

  /// Changes rows; for `apply` only, and there only in the module's own tables. Returns how many changed. A failure
  /// makes the whole commit fail.
  /// - FailedPrecondition: outside of `apply`. - PermissionDenied: another module's table.
  /// - AlreadyExists: a key is there already. - InvalidArgument: the SQL is wrong, or a constraint forbids it.
  template <class... Arguments>
  [[nodiscard]] core::Result<std::int64_t> run(const Statement<void(Arguments...)>& statement,
                                               const std::type_identity_t<Arguments>&... arguments) {
    return change(statement.sql, {detail::to_value(arguments)...});
  }

 private:
  friend class detail::Transaction;
  Tx(detail::Transaction& transaction, detail::Database& database) : Tables(database), transaction_(transaction) {}

  [[nodiscard]] core::Result<std::int64_t> change(const char* sql, std::initializer_list<detail::Value> arguments);

  detail::Transaction& transaction_;
};

}  // namespace tillkit::journal
