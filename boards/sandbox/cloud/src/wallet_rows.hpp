// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rows.hpp"
#include "storage.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

/// The stand-in wallet's own file. Owners are merchants where not said otherwise.
namespace tillkit::sandbox {

inline constexpr Table kWalletOrders{"wallet_orders"};       ///< by order number; tombstones, too
inline constexpr Table kWalletRefunds{"wallet_refunds"};     ///< by refund number
inline constexpr Table kWalletCodes{"wallet_codes"};         ///< nobody; by the code's SHA-256
inline constexpr Table kWalletQrs{"wallet_qrs"};             ///< nobody; by the text of a code that a terminal shows
inline constexpr Table kWalletPayers{"wallet_payers"};       ///< nobody; by user id
inline constexpr Table kWalletBook{"wallet_book"};           ///< nobody; every movement of money, by number
inline constexpr Table kWalletScripts{"wallet_behaviours"};  ///< what it does with; by whom a call is about

inline constexpr std::array kWalletTables{kWalletOrders, kWalletRefunds, kWalletCodes,  kWalletQrs,
                                          kWalletPayers, kWalletBook,    kWalletScripts};

/// What the wallet decides, and how its answer travels. Words as in tests/power's stand-in wallet.
struct WalletScript {
  bool yes = true;
  std::string reason{};               ///< of a no
  std::string problem{};              ///< instead of deciding: a problem of the contract (`refund-window-over`)
  std::vector<Discount> discounts{};  ///< of a charge
  std::int64_t thinks_ms = 0;         ///< pending so long: a password; a reversal or refund that takes its time
  std::int64_t travels_ms = 0;        ///< the request is so long on its way
  std::int64_t answers_after_ms = 0;  ///< the answer is so long on its way
  bool arrives = true;                ///< false: the request is lost
  bool answers = true;                ///< false: the answer is lost, the connection stays open
  bool closes = false;                ///< the connection is closed instead of an answer
  bool twice = false;                 ///< the answer comes twice
  std::int64_t status = 200;          ///< another: said instead of the answer
  std::int64_t times = -1;            ///< for so many calls; below zero: for all

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<WalletScript> read(const core::JsonValue& row);
};

enum class WalletState : std::uint8_t { Tombstone, WaitsForScan, Thinks, Paid, Declined, Reversing, Reversed };

struct WalletOrder {
  std::string number{};
  std::string fingerprint{};  ///< of the request that opened it; none of a tombstone
  std::int64_t minor = 0;
  std::string currency{};
  std::string wallet{};
  std::string user{};  ///< who pays
  WalletState state = WalletState::Tombstone;
  std::int64_t until_ms = 0;  ///< of WaitsForScan, Thinks, Reversing: when that ends
  WalletScript script{};      ///< of Thinks: what it will decide
  std::string qr_text{};
  std::string reason{};  ///< of Declined
  bool taken = false;
  std::int64_t paid_minor = 0;
  std::vector<Discount> discounts{};
  std::string transaction{};
  std::int64_t refunded_minor = 0;
  std::int64_t accepted_minor = 0;             ///< refunds that are not done
  std::vector<std::string> refunds_waiting{};  ///< their numbers

  [[nodiscard]] std::int64_t left_minor() const { return minor - refunded_minor - accepted_minor; }

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<WalletOrder> read(const core::JsonValue& row);
};

struct WalletRefund {
  std::string number{};
  std::string order{};
  std::int64_t minor = 0;
  std::string currency{};
  std::string outcome = "accepted";
  bool yes = true;
  std::string reason{};
  std::int64_t until_ms = 0;
  std::int64_t to_payer_minor = 0;

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<WalletRefund> read(const core::JsonValue& row);
};

/// A payment code that the wallet made, or has seen.
struct WalletCode {
  std::string user{};
  std::string used_for{};  ///< merchant and order

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<WalletCode> read(const core::JsonValue& row);
};

/// Where a shown code leads.
struct WalletQr {
  std::string merchant{};
  std::string order{};

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<WalletQr> read(const core::JsonValue& row);
};

struct WalletPayer {
  std::string wallet{};
  std::int64_t balance_minor = 0;

  [[nodiscard]] core::Result<std::string> write() const;
  [[nodiscard]] static core::Result<WalletPayer> read(const core::JsonValue& row);
};

}  // namespace tillkit::sandbox
