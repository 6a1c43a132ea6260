// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/security/crypto.hpp"

namespace tillkit::terminal {

/// What a device was enrolled as, and how it proves that: the answer to `enrol`, and whose it was.
struct DeviceProfile {
  std::string origin{};  ///< of the cloud: `https://cloud.example`
  cloud::Enrolment enrolment{};
  core::WallTime certified_at{};  ///< when the certificate came, by this device's clock
};

/// Reads what is kept in the key store, encrypted under the device's own key.
/// - NotFound: the device was not enrolled. - Corrupt: it was changed, or is another device's: enrol again.
/// - otherwise as `security::KeptText::read`.
[[nodiscard]] core::Result<DeviceProfile> read_profile(hal::KeyStore& store, security::Crypto& crypto);

/// Keeps it in place of the one before; after a power cut it is that one or this one. Errors as
/// `security::KeptText::write`; Exhausted: the certificates and keys together are too long to be kept.
[[nodiscard]] core::Result<> keep_profile(hal::KeyStore& store, security::Crypto& crypto, const DeviceProfile& profile);

/// When a new certificate should be asked for: a third of its life is left.
[[nodiscard]] core::WallTime renewal_due(const DeviceProfile& profile);

}  // namespace tillkit::terminal
