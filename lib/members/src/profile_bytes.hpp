// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/members/profile.hpp"

/// How a member lies in the cache: a few dozen bytes beside its ids. The cache is thrown away and fetched anew where a
/// build does not know the form, so there is one form.
namespace tillkit::members {

struct StoredProfile {
  Profile profile{};
  std::vector<Identity> identities{};
};

core::Bytes write_profile(const Profile& profile, std::span<const Identity> identities);
/// - Corrupt: these are not bytes that `write_profile` wrote.
core::Result<StoredProfile> read_profile(const MemberId& member, core::ByteView bytes);

}  // namespace tillkit::members
