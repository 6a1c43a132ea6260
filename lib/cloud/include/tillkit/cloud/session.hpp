// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::cloud {

/// The major version of cloud-api.yaml that this build speaks; its operations begin with `/v1/`.
inline constexpr int kContractMajor = 1;

inline constexpr std::size_t kNonceBytes = 16;
inline constexpr std::size_t kTimeSignatureBytes = 64;  ///< ES256: r and s

using TimeKeyId = core::TextId<struct TimeKeyIdTag, 64>;

/// A server time with a signature that nobody has checked yet.
struct SignedTime {
  core::WallTime at;
  TimeKeyId key;
  std::string message;  ///< what was signed
  core::Bytes signature;
};

/// What the cloud answers first on a new connection.
struct Session {
  int contract_major = 0;
  int contract_minor = 0;
  core::WallTime server_time;
  std::optional<SignedTime> signed_time;  ///< where a nonce was given
};

/// Path and query of the request; `nonce` has `kNonceBytes` random bytes, or none where the time need not be signed.
/// `InvalidArgument`: another length.
[[nodiscard]] core::Result<std::string> session_target(core::ByteView nonce = {});

/// Reads the answer to a request with this `nonce`. Nothing about money was asked, so no error says anything about it:
/// - Unsupported: the cloud speaks another major version.
/// - Timeout, Unavailable, Rejected: as `error_of`; Timeout also for a body that is not understood, and for a signed
///   time that is missing or for another nonce.
[[nodiscard]] core::Result<Session> read_session(const Reply& reply, core::ByteView nonce = {});

}  // namespace tillkit::cloud
