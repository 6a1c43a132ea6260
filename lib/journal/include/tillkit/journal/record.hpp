// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/security/digest.hpp"

namespace tillkit::journal {

inline constexpr std::size_t kBodyBytesMax = 65'536;
inline constexpr std::size_t kRecordsPerCommitMax = 64;
inline constexpr std::size_t kPersonalPerRecordMax = 16;
inline constexpr std::size_t kPersonalValueBytesMax = 4'096;

/// A record's place in its journal: 1, 2, 3 ... without gaps, never given twice. 0 names none.
using Seq = core::StrongId<struct SeqTag, std::int64_t>;

/// Names a sale within its journal: the seq of its first record (`Tx::next_seq`). 0 is no sale.
using SaleId = core::StrongId<struct SaleTag, std::int64_t>;

/// What happened, as module and event: `payment.attempt_intended`. Stored: never renamed.
using Kind = core::TextId<struct KindTag, 32>;

/// A kind known when the program is built; a mistake in it does not compile.
consteval Kind kind(std::string_view text) {
  return *Kind::parse(text);
}

/// Who serves.
using Operator = core::TextId<struct OperatorTag, 32>;
inline constexpr Operator kUnattended = *Operator::parse("unattended");

/// A personal value's name within its record, as the body shows it.
using Field = core::TextId<struct FieldTag, 32>;

/// 128 random bits, made with the file: a new file, after a repair or on another device, is another journal.
struct JournalId {
  std::array<std::byte, 16> bytes{};
  friend bool operator==(const JournalId&, const JournalId&) = default;
};
/// 32 hexadecimal digits.
[[nodiscard]] std::string to_string(const JournalId& journal);

/// Who is on duty, in which shift, and which day the shop counts it to.
struct Duty {
  Operator operator_id = kUnattended;
  std::uint32_t shift = 0;  ///< 0: none
  std::chrono::sys_days business_day{};
  friend bool operator==(const Duty&, const Duty&) = default;
};

/// When it happened. `wall` never runs backwards from record to record; where the clock showed less than the record
/// before, that record's time stands here, with quality `Unknown`.
struct RecordTime {
  core::WallReading wall;
  std::uint32_t boot = 0;          ///< starts of this journal, 1 for the first
  core::MonotonicTime since_boot;  ///< the device's monotonic time; means something within one `boot` only
  friend bool operator==(const RecordTime&, const RecordTime&) = default;
};

using Chain = security::Sha256;
/// The first 16 bytes of HMAC-SHA-256 over a chain value, under a key that only this device can derive.
using Seal = std::array<std::byte, 16>;

/// One entry, as it was stored.
struct Record {
  JournalId journal;
  Seq seq;
  Kind kind;
  std::uint16_t version = 1;  ///< of the body's form, per kind
  SaleId sale;                ///< 0: belongs to no sale
  RecordTime at;
  Duty duty;
  std::string body;          ///< a JSON object
  Chain chain{};             ///< `next_chain` of the record before and this one
  std::optional<Seal> seal;  ///< on the last record of each commit
};

/// A value about a person that the record needs and that can be deleted later.
struct PersonalValue {
  Field field;
  std::string_view value;  ///< 1 to `kPersonalValueBytesMax` bytes
};

/// What a caller hands in; the views are read before `append` returns.
struct NewRecord {
  Kind kind;
  std::uint16_t version = 1;
  SaleId sale{};
  /// What `JsonWriter` wrote: an object of at most `kBodyBytesMax` bytes, without personal data and payment codes.
  std::string_view body;
  /// Up to `kPersonalPerRecordMax`. They are stored encrypted beside the record; the body is given a last member
  /// `personal` with, per field, HMAC-SHA-256 of the value under a random salt, in base64url. The body must have no
  /// member of that name.
  std::span<const PersonalValue> personal = {};
};

/// The bytes that the chain stands for. Numbers are big endian; a text is its length in 16 bits (the body: 32) and its
/// bytes:
///
///     u8 1 (form) | 16 journal | i64 seq | text kind | u16 version | i64 sale | i64 wall, ms since 1970 |
///     u8 quality | u32 boot | i64 monotonic, us | text operator | u32 shift | i32 business day, days since 1970 |
///     body
///
/// Stored in chains: form 1 never changes.
[[nodiscard]] core::Bytes canonical_record(const Record& record);

/// SHA-256 of `previous` (zeros before the first record) and the canonical record.
[[nodiscard]] core::Result<Chain> next_chain(const Chain& previous, const Record& record);

}  // namespace tillkit::journal
