// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage.hpp"
#include "tillkit/core/result.hpp"
#include "wallet_rows.hpp"

namespace tillkit::sandbox {

/// What the wallet answers: JSON, or a problem (`{"problem":"key-reused"}`) with its status.
struct WalletReply {
  int status = 200;
  std::string body{};
};

struct WalletCharge {
  std::string merchant{};
  std::string order{};
  std::int64_t minor = 0;
  std::string currency{};
  std::string code{};                  ///< of the payer; empty: a code is made for the payer to scan
  std::vector<std::string> wallets{};  ///< the likeliest first; may be empty
  std::int64_t valid_for_s = 0;        ///< of a code that is made
};

struct WalletGiveBack {
  std::string merchant{};
  std::string order{};
  std::string refund{};
  std::int64_t minor = 0;
  std::string currency{};
};

/// A wallet provider, in one transaction and at one moment. Its keys are idempotent, it keeps tombstones, and it moves
/// money only with a movement in its book.
class Wallet {
 public:
  Wallet(Tx& tx, std::int64_t now_ms) : tx_(tx), now_ms_(now_ms) {}

  [[nodiscard]] core::Result<WalletReply> open(const WalletCharge& asked, const WalletScript& script);
  [[nodiscard]] core::Result<WalletReply> query(std::string_view merchant, const std::string& order);
  [[nodiscard]] core::Result<WalletReply> reverse(std::string_view merchant, const std::string& order,
                                                  const WalletScript& script);
  [[nodiscard]] core::Result<WalletReply> refund(const WalletGiveBack& asked, const WalletScript& script);
  /// Whose code it is, where the wallet says.
  [[nodiscard]] core::Result<WalletReply> identify(std::string_view code, const WalletScript& script);
  /// A payer pays the code that a terminal shows.
  [[nodiscard]] core::Result<WalletReply> pay(std::string_view qr_text, const std::string& user,
                                              const WalletScript& script);
  /// Every movement, every payer, every order.
  [[nodiscard]] core::Result<WalletReply> books();
  /// The payer types the password, or will not: what waits for it is decided now.
  [[nodiscard]] core::Result<> take_password(const std::string& user, bool typed);

 private:
  [[nodiscard]] core::Result<std::optional<WalletOrder>> find(std::string_view merchant, const std::string& order);
  [[nodiscard]] core::Result<> keep(std::string_view merchant, const WalletOrder& order);
  [[nodiscard]] core::Result<> bring_up_to_date(std::string_view merchant, WalletOrder& order);
  [[nodiscard]] core::Result<> decide(std::string_view merchant, WalletOrder& order, const WalletScript& script);
  [[nodiscard]] core::Result<> take(std::string_view merchant, WalletOrder& order, const WalletScript& script);
  [[nodiscard]] core::Result<> finish_reversal(std::string_view merchant, WalletOrder& order);
  [[nodiscard]] core::Result<> finish_refund(std::string_view merchant, WalletOrder& order, WalletRefund& refund);
  [[nodiscard]] core::Result<std::int64_t> give_back(std::string_view merchant, WalletOrder& order,
                                                     std::string_view kind, const std::string& key, std::int64_t minor);
  [[nodiscard]] core::Result<> take_code(const WalletCharge& asked, WalletOrder& order, bool& used_before);
  [[nodiscard]] core::Result<> move(std::string_view merchant, const WalletOrder& order, std::string_view kind,
                                    const std::string& key, std::int64_t minor, std::int64_t payer_minor);

  Tx& tx_;
  std::int64_t now_ms_;
};

}  // namespace tillkit::sandbox
