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

// Of the home of members and journals.
inline constexpr Table kTokens{"tokens"};       ///< by the SHA-256 of a token of a merchant's own systems
inline constexpr Table kJournals{"journals"};   ///< journal; one row: whose it is, how far it has come
inline constexpr Table kHeads{"heads"};         ///< journal; by counter: the signed heads that came
inline constexpr Table kRecords{"records"};     ///< journal; by seq: chain value and record, as it came
inline constexpr Table kPersonal{"personal"};   ///< journal; by seq: the values that travelled beside the record
inline constexpr Table kParked{"parked"};       ///< journal; by seq: why the record cannot be used
inline constexpr Table kHomeLog{"home_log"};    ///< merchant; by number: what the books are made of, in order
inline constexpr Table kEvents{"events"};       ///< merchant; by number
inline constexpr Table kNews{"news"};           ///< stream; by number: a change
inline constexpr Table kNewsKeys{"news_keys"};  ///< stream; by what it is about: the number of the newest change
inline constexpr Table kNewsLast{"news_last"};  ///< stream; one row: the highest number that was given

inline constexpr std::array kCloudTables{kCloud,  kMerchants, kStores,     kClaims,  kTerminals, kCertificates,
                                         kHealth, kOrders,    kOpenOrders, kRefunds, kTokens,    kJournals,
                                         kHeads,  kRecords,   kPersonal,   kParked,  kHomeLog,   kEvents,
                                         kNews,   kNewsKeys,  kNewsLast};

/// The key of the one row that an owner has in a table for one row.
inline constexpr std::string_view kOnly = "only";

}  // namespace tillkit::sandbox
