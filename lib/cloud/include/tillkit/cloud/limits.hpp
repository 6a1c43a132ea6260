// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::cloud {

// The limits of cloud-api.yaml (`x-limits`).

inline constexpr std::size_t kRequestBodyBytesMax = 4'096;
inline constexpr std::size_t kAnswerBodyBytesMax = 16'384;
inline constexpr std::size_t kOrderCharactersMax = 32;
/// 42 characters of three bytes stay below the 127 bytes that WeChat Pay takes.
inline constexpr std::size_t kDescriptionCharactersMax = 42;
inline constexpr std::int64_t kAmountMinorMax = 1'000'000'000'000;
inline constexpr std::size_t kDiscountsMax = 16;
inline constexpr std::size_t kQrTextBytesMax = 512;
inline constexpr std::chrono::seconds kQrValidMax{7'200};
inline constexpr std::chrono::seconds kRetryAfterMax{3'600};
/// Of enrol, renew, upload, news, members and refund claims.
inline constexpr std::size_t kLongAnswerBodyBytesMax = 1'048'576;
inline constexpr std::size_t kCertificateRequestBytesMax = 3'072;
inline constexpr std::size_t kCertificatesBytesMax = 16'384;
inline constexpr std::size_t kCloudKeysMax = 8;
inline constexpr std::size_t kUploadBodyBytesMax = 524'288;
inline constexpr std::size_t kUploadRecordsMax = 500;
inline constexpr std::size_t kNewsPageBytesMax = 262'144;
inline constexpr std::size_t kNewsChangesMax = 200;
inline constexpr std::chrono::seconds kNewsWaitMax{25};
inline constexpr std::size_t kCursorCharactersMax = 256;

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> cloud_limits();

}  // namespace tillkit::cloud
