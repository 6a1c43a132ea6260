// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tillkit/core/id.hpp"

namespace tillkit::cloud {

/// A terminal's name: its order numbers begin with it.
using TerminalId = core::TextId<struct CloudTerminalIdTag, 12, core::is_order_char>;
/// What the contract calls a name: of a store, an offer, a coupon, a tier, a reason.
using Name = core::TextId<struct CloudNameTag, 64>;
using MemberId = core::TextId<struct CloudMemberIdTag, 48>;
using LeaseId = core::TextId<struct CloudLeaseIdTag, 32>;
using LotId = core::TextId<struct CloudLotIdTag, 48>;
/// A cloud's key, as signatures name it.
using KeyName = core::TextId<struct CloudKeyNameTag, 16>;

/// A journal's id.
using JournalId = std::array<std::byte, 16>;
using Sha256 = std::array<std::byte, 32>;
/// ES256: r and s.
using Signature = std::array<std::byte, 64>;

/// The highest number of a record, and of a sale, which is its first record's.
inline constexpr std::int64_t kSeqMax = 1'125'899'906'842'623;
/// The highest count and sum that all who read JSON can hold.
inline constexpr std::int64_t kCountMax = 9'007'199'254'740'991;

}  // namespace tillkit::cloud
