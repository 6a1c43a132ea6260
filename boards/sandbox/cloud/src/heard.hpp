// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"

/// Records as terminals upload them and as they are kept.
namespace tillkit::sandbox {

inline constexpr std::size_t kRecordsMax = 500;

struct PersonalPart {
  std::string field{};
  std::string salt{};  ///< bytes
  std::string value{};
};

struct UploadedRecord {
  journal::Record record{};
  std::vector<PersonalPart> personal{};
};

/// The contract's list of records, each as strictly as its schema and in order without gaps; a mistake blames its
/// place. What a record does not say is that of the record before.
[[nodiscard]] core::Result<std::vector<UploadedRecord>> read_uploaded(const core::JsonValue& list,
                                                                      const journal::JournalId& journal);

/// A record as it is stored: its chain value (base64url), then itself as the contract has it, nothing left out, without
/// personal values.
[[nodiscard]] core::Result<std::string> write_stored(const journal::Record& record, std::string_view chain);
[[nodiscard]] std::string_view chain_of_stored(std::string_view stored);
[[nodiscard]] std::string_view record_of_stored(std::string_view stored);
/// - Corrupt: it is none.
[[nodiscard]] core::Result<journal::Record> stored_record(std::string_view stored, const journal::JournalId& journal);

[[nodiscard]] core::Result<std::string> write_personal(const std::vector<PersonalPart>& personal);

/// Whether the body has, for each of these values, what the value makes under its salt.
[[nodiscard]] bool personal_matches(const core::JsonValue& body, const std::vector<PersonalPart>& personal);

}  // namespace tillkit::sandbox
