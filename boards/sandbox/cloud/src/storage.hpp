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

namespace tillkit::sandbox {

/// Names a table. All tables have one form: rows known by an owner (a terminal or a merchant, whoever the rows belong
/// to; empty for what belongs to nobody) and a key of the owner's, each with a value, a JSON text.
struct Table {
  std::string_view name;
};

/// Where a row stands; rows are in the order of owner, then key, byte by byte.
struct RowKey {
  std::string owner;
  std::string key;
};

struct Row {
  RowKey at;
  std::string value;
};

/// Writes a number of at least zero so that keys sort as numbers do: 19 digits.
[[nodiscard]] std::string number_key(std::int64_t number);

/// What is in storage, as one moment saw it.
class Reader {
 public:
  virtual ~Reader() = default;

  [[nodiscard]] virtual core::Result<std::optional<std::string>> get(Table table, std::string_view owner,
                                                                     std::string_view key) = 0;

  /// At most `limit` rows of one owner with keys behind `after`.
  [[nodiscard]] virtual core::Result<std::vector<Row>> list(Table table, std::string_view owner, std::string_view after,
                                                            std::size_t limit) = 0;

  /// At most `limit` rows of all owners behind `after`.
  [[nodiscard]] virtual core::Result<std::vector<Row>> list_all(Table table, const RowKey& after,
                                                                std::size_t limit) = 0;
};

/// One transaction: it sees its own writes.
class Tx : public Reader {
 public:
  /// Adds the row or replaces its value.
  [[nodiscard]] virtual core::Result<> put(Table table, std::string_view owner, std::string_view key,
                                           std::string_view value) = 0;
  /// Takes the row away, if there is one.
  [[nodiscard]] virtual core::Result<> erase(Table table, std::string_view owner, std::string_view key) = 0;
};

/// Where the cloud keeps everything that it must not forget. Calls come one at a time: the caller holds the lock of the
/// state. All fail with the storage's own error:
/// - Exhausted: the disk is full. Nothing changed.
/// - Unavailable, Corrupt: it cannot be written or read. Nothing changed.
class Storage {
 public:
  virtual ~Storage() = default;

  /// Runs `work` in one transaction. What it wrote is durable when this returns; if it fails, nothing is written and
  /// its error comes back.
  [[nodiscard]] virtual core::Result<> update(const std::function<core::Result<>(Tx&)>& work) = 0;

  /// Reads, and writes nothing.
  [[nodiscard]] virtual core::Result<> view(const std::function<core::Result<>(Reader&)>& work) = 0;
};

}  // namespace tillkit::sandbox
