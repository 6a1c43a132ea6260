// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"

/// What terminals' own TLS cannot do, because it must not: OpenSSL's part.
namespace tillkit::conformance {

/// Whether the server of `https://host:port` speaks a version before TLS 1.2 with somebody. None: it cannot be reached.
[[nodiscard]] std::optional<bool> speaks_old_tls(std::string_view origin);

/// A certificate request (PEM) of a key that is not P-256.
[[nodiscard]] std::string p384_request();

/// A certificate for this request and name, of an authority that nobody knows; `folder` takes its files.
[[nodiscard]] core::Result<std::string> foreign_certificate(const std::string& folder, std::string_view request,
                                                            std::string_view name);

/// What is wrong with a device's certificate, or none: that it is for this key (65 bytes), signed up to one of the
/// roots, good for clients, and ends at `valid_until` (RFC 3339).
[[nodiscard]] std::optional<std::string> wrong_with_certificate(std::string_view certificates, std::string_view roots,
                                                                std::string_view public_key,
                                                                std::string_view valid_until);

}  // namespace tillkit::conformance
