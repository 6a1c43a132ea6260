// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tillkit/cloud/ids.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::cloud {

using RecordKind = core::TextId<struct RecordKindTag, 32>;
using RecordOperator = core::TextId<struct RecordOperatorTag, 32>;
using RecordField = core::TextId<struct RecordFieldTag, 32>;

/// A value about a person, as it travels beside its record.
struct PersonalValue {
  RecordField field{};
  core::Bytes salt{};
  std::string value{};
};

/// One entry of a journal. All of it but `personal` is what the chain stands for.
struct Record {
  std::int64_t seq = 0;
  RecordKind kind{};
  std::uint16_t version = 1;
  std::int64_t sale = 0;  ///< 0: none
  core::WallTime wall{};
  std::uint8_t quality = 0;  ///< a `core::WallQuality`, or one that is newer
  std::uint32_t boot = 0;
  core::MonotonicTime monotonic{};
  RecordOperator operator_id{};
  std::uint32_t shift = 0;
  std::chrono::sys_days day{};
  std::string body{};  ///< a JSON object, as it stands in the journal
  std::vector<PersonalValue> personal{};
};

}  // namespace tillkit::cloud
