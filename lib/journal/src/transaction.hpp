// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/random.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/table_set.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::journal {

/// Where the journal ends: what the next record follows.
struct Tail {
  Seq seq;
  Chain chain{};
  core::WallTime wall{core::WallTime::min()};
};

namespace detail {

/// What a live transaction takes from the journal. A replay has none of it.
struct Live {
  JournalId journal;
  Tail tail;
  Duty duty;
  std::uint32_t boot;
  hal::Clock& clock;
  hal::Random& random;
  security::Crypto& crypto;
  const security::EncryptionKey& personal_key;
};

/// What stands behind a `Tx`.
class Transaction {
 public:
  Transaction(Database& database, std::span<const TableSet> sets, const Live* live)
      : database_(database),
        sets_(sets),
        live_(live),
        tail_(live != nullptr ? live->tail : Tail{}),
        tx_(*this, database) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] Tx& tx() { return tx_; }

  [[nodiscard]] core::Result<Seq> append(const NewRecord& record);
  [[nodiscard]] core::Result<> forget(Seq seq);
  [[nodiscard]] core::Result<OrderNumber> make_order_number(const TerminalName& terminal);
  [[nodiscard]] core::Result<std::int64_t> change(std::string_view sql, std::initializer_list<Value> arguments);
  [[nodiscard]] Seq next_seq() const { return Seq(tail_.seq.value() + 1); }

  /// Lets every module apply a record.
  [[nodiscard]] core::Result<> apply(const Record& record);

  /// What was appended, in order; not yet inserted, because only the end of the commit shows which is the last.
  [[nodiscard]] std::vector<Record>& appended() { return appended_; }
  [[nodiscard]] const Tail& tail() const { return tail_; }
  /// The first failure after which what was done no longer is a whole.
  [[nodiscard]] const std::optional<core::Error>& broken() const { return broken_; }
  [[nodiscard]] bool forgot() const { return forgot_; }

 private:
  [[nodiscard]] core::Result<> check(const NewRecord& record) const;
  [[nodiscard]] core::Result<std::string> body_of(const NewRecord& record);
  [[nodiscard]] core::Result<> protect(const NewRecord& record, core::JsonWriter& json);
  [[nodiscard]] RecordTime now() const;
  template <class T>
  [[nodiscard]] core::Result<T> breaking(core::Result<T> result);

  Database& database_;
  std::span<const TableSet> sets_;
  const Live* live_;  // null: a replay
  Tail tail_;
  Tx tx_;
  std::vector<Record> appended_;
  const TableSet* applying_ = nullptr;
  std::optional<core::Error> broken_;
  bool forgot_ = false;
};

}  // namespace detail

/// Binds the ciphertext of a personal value to its place.
[[nodiscard]] core::Bytes personal_context(const JournalId& journal, Seq seq, std::string_view field,
                                           core::ByteView salt);

}  // namespace tillkit::journal
