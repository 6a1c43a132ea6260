// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::checkout {

/// So many sales may be put aside at once.
inline constexpr std::size_t kSuspendedMax = 50;
/// Tenders of one sale, taken ones and others, so that its receipt can name them all.
inline constexpr std::size_t kTendersMax = 16;
/// A price proof is stored in pieces of so many bytes where it does not fit one record, and in so many at most.
inline constexpr std::size_t kProofPartBytes = 24'576;
inline constexpr std::size_t kProofPartsMax = 40;
/// Lines of a sale: what a proof of that many pieces surely holds.
inline constexpr std::size_t kSaleLinesMax = 300;
/// A code that was shown is kept in memory at most so long before it is charged (WeChat's and Alipay's live 60 s).
inline constexpr std::chrono::seconds kCodeHeldMax{50};
/// A shopper waits at most so long for a lease; what comes later is kept for the next time.
inline constexpr std::chrono::seconds kLeaseWaitMax{5};
/// A refund reads the records of the sale's earlier refunds: so many are looked at.
inline constexpr std::size_t kReturnsMax = 500;

/// Coupons and points that one sale gives to its member, by offers. (Each is two records of the sale's commit.)
inline constexpr std::size_t kGrantsMax = 12;
/// How often one of them is given.
inline constexpr std::uint32_t kGiftCountMax = 1'000;
/// Records of a sale's commit besides its proof, coupons, budgets and grants, at most.
inline constexpr std::size_t kRecordsBesides = 19;
/// Records of the commit that undoes a vend besides budgets and grants, at most: a refund of each tender among them.
inline constexpr std::size_t kRecordsOfUndoing = 18 + kTendersMax;
/// Who was recognised and scans nothing is forgotten after so long.
inline constexpr std::chrono::seconds kShopperIdleMax{60};
/// A lease request that nobody answered is asked again after so long.
inline constexpr std::chrono::seconds kLeaseRetryPause{30};
/// Leases that one commit gives back.
inline constexpr std::size_t kLeasesReturnedMax = 32;
/// Coupon tokens that are shown for one sale.
inline constexpr std::size_t kTokensMax = 20;

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> checkout_limits();

}  // namespace tillkit::checkout
