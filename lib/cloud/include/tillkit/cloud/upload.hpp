// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/ids.hpp"
#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/record.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/result.hpp"

/// How a terminal's journal comes to the cloud.
namespace tillkit::cloud {

inline constexpr std::string_view kUploadPath = "/v1/journal";

/// How far the journal has come, signed by the device.
struct Head {
  JournalId journal{};
  std::int64_t seq = 0;
  Sha256 chain{};
  std::uint64_t counter = 0;
  Signature signature{};
};

/// Puts a batch together, record by record.
///
///     UploadBatch batch(head, 65'536);
///     while (...) { TILLKIT_TRY(const bool fits, batch.add(record)); if (!fits) break; }
///     TILLKIT_TRY(std::string body, batch.finish());
class UploadBatch {
 public:
  /// The whole body has at most `bytes_max` bytes, and never more than `kUploadBodyBytesMax`.
  UploadBatch(const Head& head, std::size_t bytes_max);

  /// Adds the next record. False: it does not fit behind those that are there; nothing changed. The first one only has
  /// to keep within `kUploadBodyBytesMax`, else nothing would ever go.
  /// - InvalidArgument: it does not follow the record before, or the contract does not allow it. - Exhausted: it alone
  ///   is more than `kUploadBodyBytesMax`. Nothing changed.
  [[nodiscard]] core::Result<bool> add(const Record& record);

  [[nodiscard]] std::size_t records() const { return records_; }

  /// Takes the body; without records it asks how far the cloud has come. It holds personal values: send it, wipe it.
  /// - InvalidArgument: the head is not one that the contract allows.
  [[nodiscard]] core::Result<std::string> finish();

 private:
  core::Result<std::string> begin_;
  std::size_t bytes_max_;
  std::string list_;
  std::size_t records_ = 0;
  Record last_;  // without texts and personal values: what the next record need not repeat
};

/// Why the cloud could not use a record. Stored in records; never renumber.
enum class RefusedWhy : std::uint8_t {
  Other = 0,
  BodyNotUnderstood = 1,
  KindNotKnown = 2,
  ContradictsTheBooks = 3,
  PersonalNotMatching = 4,
};
/// `body_not_understood`, ...
[[nodiscard]] std::string_view to_string(RefusedWhy why);

/// A record that the cloud keeps and cannot use.
struct RefusedRecord {
  std::int64_t seq = 0;
  RefusedWhy why = RefusedWhy::Other;
  std::string detail{};  ///< for people
};

struct UploadAnswer {
  std::int64_t acknowledged = 0;  ///< everything up to this record is there for good; 0: nothing
  std::vector<RefusedRecord> refused{};
};

/// A reply other than 200 fails as `error_of` says; a 200 that is not understood is a Timeout: send the same again.
[[nodiscard]] core::Result<UploadAnswer> read_upload(const Reply& reply);

}  // namespace tillkit::cloud
