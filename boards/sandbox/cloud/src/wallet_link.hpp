// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checks.hpp"
#include "cloud.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::sandbox {

enum class Said : std::uint8_t {
  Answer,       ///< an outcome
  Problem,      ///< No, for a reason; nothing happened.
  Nothing,      ///< No answer, or none that can be understood. Anything may have happened.
  Unreachable,  ///< The request never left.
};

/// What the wallet said. Beyond `said`, what it did not say is as constructed.
struct WalletAnswer {
  Said said = Said::Nothing;
  std::string problem{};
  std::string outcome{};
  std::string why{};
  std::string reason{};
  std::int64_t minor = 0;
  std::string currency{};
  std::int64_t paid_minor = 0;
  std::vector<Discount> discounts{};
  std::string transaction{};
  std::string wallet{};
  std::string user{};
  std::int64_t refunded_minor = 0;
  std::int64_t to_payer_minor = 0;
  std::string qr_text{};
  std::int64_t qr_valid_ms = 0;
};

/// Asks the wallet. Each call lets go of the cloud's lock while it waits. It sends a request once and never again by
/// itself: the wallet's keys would bear it, and a real one's may not.
class WalletLink {
 public:
  WalletLink(std::string origin, std::chrono::milliseconds limit) : origin_(std::move(origin)), limit_(limit) {}

  [[nodiscard]] WalletAnswer charge(std::string_view merchant, std::string_view order, const Amount& amount,
                                    std::string_view code, const std::vector<std::string>& wallets, Lock& lock) const;
  [[nodiscard]] WalletAnswer create_qr(std::string_view merchant, std::string_view order, const Amount& amount,
                                       const std::vector<std::string>& wallets, std::int64_t valid_for_s,
                                       Lock& lock) const;
  [[nodiscard]] WalletAnswer query(std::string_view merchant, std::string_view order, Lock& lock) const;
  [[nodiscard]] WalletAnswer reverse(std::string_view merchant, std::string_view order, Lock& lock) const;
  [[nodiscard]] WalletAnswer refund(std::string_view merchant, std::string_view order, std::string_view refund,
                                    const Amount& amount, Lock& lock) const;
  /// Answers within 800 ms, whatever the wallet does: the contract's limit.
  [[nodiscard]] WalletAnswer identify(std::string_view code, const std::vector<std::string>& wallets, Lock& lock) const;

 private:
  [[nodiscard]] WalletAnswer ask(const std::string& path, core::Result<std::string> body, std::string_view order,
                                 std::chrono::milliseconds limit, Lock& lock) const;

  std::string origin_;
  std::chrono::milliseconds limit_;
};

}  // namespace tillkit::sandbox
