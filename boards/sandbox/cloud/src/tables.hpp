// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "storage.hpp"

namespace tillkit::sandbox {

// The cloud's tables. To add one: a constant with a word on owner and key, and its place in `kCloudTables`.

inline constexpr Table kCloud{"cloud"};                ///< of the cloud itself, by name
inline constexpr Table kMerchants{"merchants"};        ///< by id
inline constexpr Table kStores{"stores"};              ///< by id
inline constexpr Table kClaims{"claims"};              ///< by the claim code's SHA-256
inline constexpr Table kTerminals{"terminals"};        ///< terminal; one row
inline constexpr Table kCertificates{"certificates"};  ///< terminal; by serial
inline constexpr Table kHealth{"health"};              ///< terminal; one row, the newest report
inline constexpr Table kOrders{"orders"};              ///< merchant; by order number; tombstones, too
inline constexpr Table kOpenOrders{"open_orders"};     ///< merchant; by order number: what the wallet is asked about
inline constexpr Table kRefunds{"refunds"};            ///< merchant; by refund number

inline constexpr std::array kCloudTables{kCloud,        kMerchants, kStores, kClaims,     kTerminals,
                                         kCertificates, kHealth,    kOrders, kOpenOrders, kRefunds};

/// The key of the one row that an owner has in a table for one row.
inline constexpr std::string_view kOnly = "only";

}  // namespace tillkit::sandbox
