// SPDX-License-Identifier: Apache-2.0
#include "file_state.hpp"

#include <algorithm>
#include <string_view>

#include "big_endian.hpp"

namespace tillkit::journal {
namespace {

constexpr const char* kLoad =
    "SELECT journal, acknowledged, counter, head_seq, head_chain, base_seq, base_chain, snapshot_seq, checkpoints, "
    "seal "
    "FROM state WHERE one = 1";
constexpr const char* kStore =
    "INSERT INTO state VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET "
    "journal = excluded.journal, acknowledged = excluded.acknowledged, counter = excluded.counter, "
    "head_seq = excluded.head_seq, head_chain = excluded.head_chain, base_seq = excluded.base_seq, "
    "base_chain = excluded.base_chain, snapshot_seq = excluded.snapshot_seq, checkpoints = excluded.checkpoints, "
    "seal = excluded.seal";

/// Longer than a chain value, so that this seal is never one of a record.
core::Bytes sealed_bytes(const FileState& state) {
  constexpr std::string_view kForm("tillkit journal state 1\0", 24);
  BigEndian out;
  out.raw(core::as_bytes(kForm)).raw(state.journal.bytes).number(state.acknowledged.value()).number(state.counter);
  out.number(state.head_seq.value()).raw(state.head_chain).number(state.base_seq.value()).raw(state.base_chain);
  out.number(state.snapshot_seq.value()).number(state.checkpoints);
  return out.take();
}

template <std::size_t Size>
core::Result<> read_bytes(const detail::Cursor& cursor, int column, std::array<std::byte, Size>& bytes) {
  TILLKIT_TRY(const core::ByteView stored, cursor.bytes(column));
  if (stored.size() != Size) return core::fail(core::ErrorCode::Corrupt);
  std::ranges::copy(stored, bytes.begin());
  return {};
}

core::Result<> read_seq(const detail::Cursor& cursor, int column, Seq& seq) {
  TILLKIT_TRY(const std::int64_t stored, cursor.integer(column));
  if (stored < 0) return core::fail(core::ErrorCode::Corrupt);
  seq = Seq(stored);
  return {};
}

}  // namespace

core::Result<Seal> seal_of(const security::MacKey& key, core::ByteView bytes) {
  TILLKIT_TRY(const security::Sha256 mac, key.mac(bytes));
  Seal seal;
  std::copy_n(mac.begin(), seal.size(), seal.begin());
  return seal;
}

core::Result<StoredState> load_state(detail::Database& database, const security::MacKey& key) {
  TILLKIT_TRY(detail::PreparedStatement* const statement, database.prepare(kLoad));
  TILLKIT_TRY_VOID(statement->begin({}));
  detail::Cursor row(*statement);
  TILLKIT_TRY(const bool any, row.next());
  if (!any) return core::fail(core::ErrorCode::Corrupt);

  FileState state;
  Seal seal;
  TILLKIT_TRY_VOID(read_bytes(row, 0, state.journal.bytes));
  TILLKIT_TRY_VOID(read_seq(row, 1, state.acknowledged));
  TILLKIT_TRY(const std::int64_t counter, row.integer(2));
  state.counter = static_cast<std::uint64_t>(counter);
  TILLKIT_TRY_VOID(read_seq(row, 3, state.head_seq));
  TILLKIT_TRY_VOID(read_bytes(row, 4, state.head_chain));
  TILLKIT_TRY_VOID(read_seq(row, 5, state.base_seq));
  TILLKIT_TRY_VOID(read_bytes(row, 6, state.base_chain));
  TILLKIT_TRY_VOID(read_seq(row, 7, state.snapshot_seq));
  TILLKIT_TRY(state.checkpoints, row.integer(8));
  TILLKIT_TRY_VOID(read_bytes(row, 9, seal));
  TILLKIT_TRY(const Seal expected, seal_of(key, sealed_bytes(state)));
  return StoredState{state, core::equal_constant_time(seal, expected)};
}

core::Result<> store_state(detail::Database& database, const security::MacKey& key, const FileState& state) {
  TILLKIT_TRY(const Seal seal, seal_of(key, sealed_bytes(state)));
  TILLKIT_TRY_VOID(database.run(
      kStore,
      {core::ByteView(state.journal.bytes), state.acknowledged.value(), static_cast<std::int64_t>(state.counter),
       state.head_seq.value(), core::ByteView(state.head_chain), state.base_seq.value(),
       core::ByteView(state.base_chain), state.snapshot_seq.value(), state.checkpoints, core::ByteView(seal)}));
  return {};
}

}  // namespace tillkit::journal
