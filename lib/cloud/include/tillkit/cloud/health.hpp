// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/ids.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::cloud {

inline constexpr std::string_view kHealthPath = "/v1/health";
inline constexpr std::size_t kHealthFaultsMax = 32;

/// How often something went wrong on the link.
struct FaultCount {
  Name what{};
  std::int64_t count = 0;
};

/// How a terminal is.
struct HealthReport {
  std::string firmware{};
  core::WallReading at{};
  std::uint32_t boot = 1;
  bool sells = true;
  Name stopped{};  ///< why it does not sell; empty: it does
  std::int64_t unsent_records = 0;
  std::optional<core::WallTime> oldest_unsent_at{};
  std::int64_t parked_records = 0;
  std::int64_t unresolved = 0;  ///< attempts and refunds that are not ended
  std::int64_t at_risk_minor = 0;
  std::int64_t free_bytes = 0;
  std::vector<FaultCount> faults{};  ///< since the last report
};

/// - InvalidArgument: a text that the contract does not allow, no boot. - OutOfRange: a negative number, a time before
///   1970. - Exhausted: more than `kHealthFaultsMax`.
[[nodiscard]] core::Result<std::string> health_body(const HealthReport& report);

/// A reply other than 200 fails as `error_of` says; a 200 that is not understood is a Timeout. Either way nothing
/// depends on it.
[[nodiscard]] core::Result<> read_health(const Reply& reply);

}  // namespace tillkit::cloud
