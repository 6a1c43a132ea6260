// SPDX-License-Identifier: Apache-2.0
#include "psa_context.hpp"

namespace tillkit::security {
namespace {

/// The one global of this module. PSA keeps its state per process and calls psa_its_* and
/// mbedtls_psa_external_get_random by name and without a context; so what they need can only be found from here.
struct {
  PsaContext* context = nullptr;  // owned by the Crypto that lives
} process;

core::ErrorCode code_of(psa_status_t status) {
  switch (status) {
    case PSA_ERROR_DOES_NOT_EXIST:
    case PSA_ERROR_INVALID_HANDLE: return core::ErrorCode::NotFound;
    case PSA_ERROR_ALREADY_EXISTS: return core::ErrorCode::AlreadyExists;
    case PSA_ERROR_INSUFFICIENT_MEMORY:
    case PSA_ERROR_INSUFFICIENT_STORAGE: return core::ErrorCode::Exhausted;
    case PSA_ERROR_NOT_PERMITTED: return core::ErrorCode::PermissionDenied;
    case PSA_ERROR_NOT_SUPPORTED: return core::ErrorCode::Unsupported;
    case PSA_ERROR_INVALID_ARGUMENT: return core::ErrorCode::InvalidArgument;
    case PSA_ERROR_BAD_STATE: return core::ErrorCode::FailedPrecondition;
    case PSA_ERROR_INSUFFICIENT_ENTROPY: return core::ErrorCode::Unavailable;
    // What remains says that bytes, stored or in memory, are not what they were. Never Unavailable: a repetition does
    // not help, and whether something happened is not known.
    default: return core::ErrorCode::Corrupt;
  }
}

}  // namespace

PsaContext* active_context() {
  return process.context;
}

void set_active_context(PsaContext* context) {
  process.context = context;
}

void begin_call() {
  if (process.context == nullptr) return;
  process.context->error.reset();
  process.context->written.reset();
}

core::Error error_of(psa_status_t status) {
  return core::Error{code_of(status), core::ErrorSource::Mbedtls, status};
}

core::Result<> outcome(psa_status_t status) {
  if (status == PSA_SUCCESS) return {};
  if (const PsaContext* context = active_context(); context != nullptr && context->error) {
    return std::unexpected(*context->error);
  }
  return std::unexpected(error_of(status));
}

void remember(PsaContext& context, const core::Error& error) {
  if (!context.error) context.error = error;
}

}  // namespace tillkit::security
