// SPDX-License-Identifier: Apache-2.0
#include "tillkit/core/error.hpp"

#include "tillkit/core/assert.hpp"

namespace tillkit::core {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument: return "invalid_argument";
    case ErrorCode::FailedPrecondition: return "failed_precondition";
    case ErrorCode::NotFound: return "not_found";
    case ErrorCode::AlreadyExists: return "already_exists";
    case ErrorCode::OutOfRange: return "out_of_range";
    case ErrorCode::Exhausted: return "exhausted";
    case ErrorCode::Unavailable: return "unavailable";
    case ErrorCode::Timeout: return "timeout";
    case ErrorCode::Rejected: return "rejected";
    case ErrorCode::Corrupt: return "corrupt";
    case ErrorCode::PermissionDenied: return "permission_denied";
    case ErrorCode::Unsupported: return "unsupported";
    case ErrorCode::Cancelled: return "cancelled";
  }
  TILLKIT_ASSERT(false && "an ErrorCode outside the enumeration");
  return {};
}

std::string_view to_string(ErrorSource source) {
  switch (source) {
    case ErrorSource::Tillkit: return "tillkit";
    case ErrorSource::Input: return "input";
    case ErrorSource::System: return "system";
    case ErrorSource::Curl: return "curl";
    case ErrorSource::Sqlite: return "sqlite";
    case ErrorSource::Mbedtls: return "mbedtls";
    case ErrorSource::Http: return "http";
    case ErrorSource::Provider: return "provider";
    case ErrorSource::Device: return "device";
  }
  TILLKIT_ASSERT(false && "an ErrorSource outside the enumeration");
  return {};
}

}  // namespace tillkit::core
