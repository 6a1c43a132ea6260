// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cloud.hpp"
#include "gateway_rows.hpp"
#include "wallet_link.hpp"

namespace tillkit::sandbox {

/// A payer, as a merchant may know it.
struct KnownPayer {
  std::string wallet{};
  std::string reference{};  ///< a pseudonym, the merchant's own; never the wallet's user id
};

/// The merchant's own name for a wallet's user, made of a key that only the cloud has: terminals see nobody's account.
[[nodiscard]] std::string payer_reference(const MerchantRow& merchant, std::string_view wallet, std::string_view user);

/// The payment gateway of the contract, in front of one wallet.
///
/// An order is stored before the wallet hears of it; a charge is sent once, and what became of it is learned by asking.
/// What is open (unknown, pending, being reversed or refunded) is asked about by whoever queries, and by a thread of
/// its own, also after a restart. Two requests about one order never run at the same time.
class Gateway {
 public:
  Gateway(Cloud& cloud, WalletLink wallet, std::chrono::milliseconds settle_every)
      : cloud_(cloud), wallet_(std::move(wallet)), settle_every_(settle_every) {}

  /// Reads or makes the key that bodies are compared under: payment codes are in them and are not stored.
  [[nodiscard]] core::Result<> prepare();

  void add_operations(Router& router);

  /// Whose code it is, as far as the wallet says and the merchant takes that wallet. The lock is let go of meanwhile.
  [[nodiscard]] core::Result<std::optional<KnownPayer>> identify(const std::string& merchant, std::string_view code,
                                                                 const std::vector<std::string>& wallets,
                                                                 Lock& lock) const;

  /// Begins to settle what is open. `stop` ends it, after `Cloud::stopping` was set.
  void start();
  void stop();

 private:
  struct OpenRequest;
  class Hold;
  enum class Holder : std::uint8_t { Request, Worker };
  struct Pause {
    std::chrono::steady_clock::time_point until{};
    std::chrono::milliseconds length{};
  };

  // The operations.
  [[nodiscard]] core::Result<HttpAnswer> identify_code(Call& call) const;
  [[nodiscard]] core::Result<HttpAnswer> open(Call& call, const OpenRequest& asked);
  [[nodiscard]] core::Result<HttpAnswer> open_anew(Call& call, const OpenRequest& asked, OrderRow row);
  [[nodiscard]] core::Result<HttpAnswer> query(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> reverse(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> refund(Call& call);
  [[nodiscard]] core::Result<HttpAnswer> refund_anew(Call& call, const std::string& order, const std::string& number,
                                                     const Amount& amount, OrderRow& row);

  // Orders; `gateway_orders.cpp`.
  [[nodiscard]] core::Result<MerchantRow> merchant_of(const std::string& id) const;
  [[nodiscard]] core::Result<std::optional<OrderRow>> find(const std::string& merchant, const std::string& order) const;
  [[nodiscard]] core::Result<std::optional<RefundRow>> find_refund(const std::string& merchant,
                                                                   const std::string& number) const;
  [[nodiscard]] core::Result<> save(const std::string& merchant, const std::string& order, const OrderRow& row,
                                    const std::string& refund_number = {}, const RefundRow* refund = nullptr);
  [[nodiscard]] core::Result<bool> apply(const std::string& merchant, const WalletAnswer& said, OrderRow& row) const;
  /// Asks the wallet, once, how an undecided order stands, and stores what it learned.
  [[nodiscard]] core::Result<> settle(const std::string& merchant, const std::string& order, OrderRow& row, Lock& lock);
  /// Repeats or begins a reversal that is stored. A problem: the wallet refused it, and it is taken back.
  [[nodiscard]] core::Result<std::optional<Problem>> ask_reversal(const std::string& merchant, const std::string& order,
                                                                  OrderRow& row, Lock& lock);
  /// The same for a refund. Problem: nothing is given back under this number, which is free again.
  [[nodiscard]] core::Result<std::optional<Problem>> ask_refund(const std::string& merchant, const std::string& number,
                                                                RefundRow& refund, OrderRow& row, Lock& lock);
  [[nodiscard]] core::Result<std::optional<KnownPayer>> known_payer(const std::string& merchant,
                                                                    std::string_view wallet,
                                                                    std::string_view user) const;

  // The thread.
  void work();
  [[nodiscard]] core::Result<> settle_open(Lock& lock);
  [[nodiscard]] core::Result<> settle_one(const RowKey& at, Lock& lock);

  Cloud& cloud_;
  WalletLink wallet_;
  std::chrono::milliseconds settle_every_;
  std::string fingerprint_key_{};
  std::map<std::string, Holder> held_{};  ///< by merchant and order
  std::map<std::string, Pause> pauses_{};
  std::thread worker_{};
};

}  // namespace tillkit::sandbox
