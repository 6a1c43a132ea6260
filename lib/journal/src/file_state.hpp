// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "database.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/security/mac.hpp"

namespace tillkit::journal {

/// The one row that says what the file is and how far it has come, sealed as a whole.
struct FileState {
  JournalId journal;
  Seq acknowledged;
  std::uint64_t counter = 0;  ///< what the key store's counter was, or was about to become, at `head_seq`
  Seq head_seq;
  Chain head_chain{};
  Seq base_seq;  ///< the last record that was dropped
  Chain base_chain{};
  Seq snapshot_seq;
  std::int64_t checkpoints = 0;
};

struct StoredState {
  FileState state;
  bool sealed = false;  ///< the row carries the right seal
};

[[nodiscard]] core::Result<Seal> seal_of(const security::MacKey& key, core::ByteView bytes);

/// Corrupt: there is no such row, or it is of another form.
[[nodiscard]] core::Result<StoredState> load_state(detail::Database& database, const security::MacKey& key);

/// Seals and writes the row, in the transaction that is open.
[[nodiscard]] core::Result<> store_state(detail::Database& database, const security::MacKey& key,
                                         const FileState& state);

}  // namespace tillkit::journal
