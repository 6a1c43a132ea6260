// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "tillkit/cloud/link.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/terminal/device_profile.hpp"

namespace tillkit::terminal {

/// Why there is no new certificate: as the link says it, and as `keep_profile`.
using Enrolled = std::expected<DeviceProfile, cloud::LinkFailure>;
/// Called once, later, from the loop, when the profile is kept.
using EnrolDone = std::move_only_function<void(Enrolled)>;

struct EnrolAs {
  std::string origin{};  ///< of the link's cloud
  std::string claim{};   ///< the one-time code
  std::string firmware{};
  /// Whose journal lies here: as another terminal it could not be uploaded any more. Empty: any.
  cloud::TerminalId only{};
};

/// Makes a device a terminal. (Its certificate is renewed by sync, see `CloudServices`.)
///
/// The key is made here, before anything is sent, and never leaves the key store; it is the one that signs the
/// journal's heads. The same call again (after a power cut, after an answer that got lost) ends in the same terminal.
class Enroller {
 public:
  /// All must outlive it and what is under way. The link's HTTP client offers no certificate.
  Enroller(const cloud::Link& link, const hal::Clock& clock, hal::KeyStore& store, security::Crypto& crypto)
      : link_(link), clock_(clock), store_(store), crypto_(crypto) {}

  /// Enrols with a claim code, and keeps the profile in place of one before.
  ///
  /// Fails at once with InvalidArgument: what cannot be a claim code, or as `Crypto`: no key. `done` gets:
  /// - Rejected: the cloud refuses the code (`cloud::ProblemType::ClaimRefused`) or the request. Nothing changed.
  /// - FailedPrecondition: it is another terminal's code than `only`. Nothing changed here; the code is used.
  /// - Unavailable: nothing was sent. - Timeout: nobody knows; enrol again with the same code.
  /// - otherwise as `keep_profile`: enrol again with the same code.
  [[nodiscard]] core::Result<> enrol(const EnrolAs& as, EnrolDone done);

 private:
  const cloud::Link& link_;
  const hal::Clock& clock_;
  hal::KeyStore& store_;
  security::Crypto& crypto_;
};

/// The device's key: made at its first start. Errors as `security::Crypto`.
[[nodiscard]] core::Result<security::KeyId> device_key(security::Crypto& crypto);
/// The request for a certificate of that key.
[[nodiscard]] core::Result<std::string> device_request(security::Crypto& crypto);

}  // namespace tillkit::terminal
