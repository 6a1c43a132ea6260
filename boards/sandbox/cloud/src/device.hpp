// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud.hpp"

namespace tillkit::sandbox {

/// The operations of a device's life: session, enrol, renew, health.
void add_device_operations(Router& router, Cloud& cloud);

/// What a claim is kept under; the code itself is not stored. People may type it in either case, with dashes or
/// without.
[[nodiscard]] std::string claim_key(std::string_view code);

/// Ends a terminal's certificates; `revoked` gets their serials, for `Authority::revoke` after the commit.
[[nodiscard]] core::Result<> revoke_certificates(Tx& tx, const std::string& terminal,
                                                 std::vector<std::string>& revoked);

/// Tells the authority, which forgets at each end of the process, what storage has as revoked.
[[nodiscard]] core::Result<> restore_revocations(Cloud& cloud);

}  // namespace tillkit::sandbox
