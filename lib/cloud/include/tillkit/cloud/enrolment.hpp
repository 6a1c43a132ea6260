// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/ids.hpp"
#include "tillkit/cloud/limits.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"

/// How a device becomes a terminal, and stays one.
namespace tillkit::cloud {

inline constexpr std::string_view kEnrolPath = "/v1/enrol";
inline constexpr std::string_view kRenewPath = "/v1/renew";

/// What a person typed, and what the device made.
struct EnrolRequest {
  std::string_view claim;                ///< 8 to 64 letters, digits and hyphens
  std::string_view certificate_request;  ///< PKCS#10 in PEM
  std::string_view firmware;
};

/// The body holds the claim code. `InvalidArgument`: a text that the contract does not allow.
[[nodiscard]] core::Result<std::string> enrol_body(const EnrolRequest& request);
/// The same of a certificate request alone.
[[nodiscard]] core::Result<std::string> renew_body(std::string_view certificate_request);

/// A key that the cloud signs with: times, news, member and coupon tokens.
struct CloudKey {
  KeyName name{};
  std::array<std::byte, 65> public_key{};  ///< a P-256 point: 0x04, x, y. Nobody has looked whether it is one.

  friend bool operator==(const CloudKey&, const CloudKey&) = default;
};

/// What a terminal proves itself with, and whom it believes.
struct Credentials {
  std::string certificates{};  ///< PEM: the terminal's, then intermediates
  core::WallTime valid_until{};
  std::string trust_anchors{};  ///< PEM: the only roots to believe from now on
  std::vector<CloudKey> keys{};
};

struct Enrolment {
  TerminalId terminal{};
  Name store{};
  core::Currency currency = core::kCny;  ///< that the store sells in
  Credentials credentials{};
  core::Secret merchant_key{};  ///< 32 bytes, for blind indexes: into the key store, and nowhere else
};

// A reply other than 200 fails as `error_of` says; a 200 that is not understood is a Timeout: ask again with the same
// key, the answer is the same.

/// The reply holds the merchant's key: wipe it.
[[nodiscard]] core::Result<Enrolment> read_enrol(const Reply& reply);
[[nodiscard]] core::Result<Credentials> read_renew(const Reply& reply);

}  // namespace tillkit::cloud
