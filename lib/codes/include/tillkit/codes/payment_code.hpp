// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tillkit/core/bytes.hpp"

namespace tillkit::codes {

/// Who can take the money that a payment code stands for. Stored in records; never renumber.
enum class Wallet : std::uint8_t {
  WeChatPay = 1,
  Alipay = 2,
  AlipayPlus = 3,
  UnionPay = 4,
};

/// `wechat_pay`, `alipay`, `alipay_plus`, `union_pay`
[[nodiscard]] std::string_view to_string(Wallet wallet);

inline constexpr std::size_t kWalletCount = 4;

/// The wallets that a payment code may belong to, the likeliest first: a route, because prefixes overlap and only the
/// acquirer knows. Each wallet stands in it once.
class WalletRoute {
 public:
  constexpr WalletRoute() = default;

  /// Adds a wallet behind the others; one that is there already stays where it is.
  constexpr void add(Wallet wallet) {
    for (const Wallet known : all()) {
      if (known == wallet) return;
    }
    wallets_[count_] = wallet;
    ++count_;
  }

  /// Valid as long as this object.
  [[nodiscard]] constexpr std::span<const Wallet> all() const { return std::span(wallets_).first(count_); }
  [[nodiscard]] constexpr bool empty() const { return count_ == 0; }

 private:
  std::array<Wallet, kWalletCount> wallets_{};
  std::uint8_t count_ = 0;
};

/// What a shopper's wallet shows to pay with: money for whoever holds it, for about a minute.
///
/// Never logged, stored or shown. It has no output operator and turns into no text by itself; `masked` is for people,
/// `reveal` for the request that charges it. Cannot be copied; its bytes are wiped when it goes. The text that it was
/// read from is the caller's to wipe.
class PaymentCode {
 public:
  /// Keeps a copy of `text`. `can_identify`: the wallet answers whose code it is without charging it.
  PaymentCode(std::string_view text, const WalletRoute& route, bool can_identify)
      : secret_(core::to_bytes(text)), route_(route), can_identify_(can_identify) {}
  PaymentCode(const PaymentCode&) = delete;
  PaymentCode& operator=(const PaymentCode&) = delete;
  PaymentCode(PaymentCode&&) noexcept = default;
  PaymentCode& operator=(PaymentCode&&) noexcept = default;
  ~PaymentCode() = default;

  /// Empty only for a consumer-presented EMV code of a scheme that is no wallet of ours.
  [[nodiscard]] std::span<const Wallet> wallets() const { return route_.all(); }
  [[nodiscard]] bool can_identify() const { return can_identify_; }
  [[nodiscard]] std::size_t size() const { return secret_.view().size(); }

  /// The first two characters, at most `kMaskStarsMax` stars for the rest, and the length: `28****************(18)`.
  [[nodiscard]] std::string masked() const;

  /// The code itself. Valid until this object is moved from or goes.
  [[nodiscard]] std::string_view reveal() const { return core::as_text(secret_.view()); }

 private:
  core::Secret secret_;
  WalletRoute route_;
  bool can_identify_;
};

inline constexpr std::size_t kMaskStarsMax = 16;

}  // namespace tillkit::codes
