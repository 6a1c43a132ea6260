// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/core/money.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::payment {

/// What a sale can be paid with. Stored in records; never renumber.
enum class TenderKind : std::uint8_t {
  WalletCode = 1,   ///< The shopper shows a code, we charge it.
  WalletQr = 2,     ///< We show a code that expires, the shopper scans it.
  Cash = 3,         ///< With change.
  StoredValue = 4,  ///< A member's value, of a lease held here.
  Points = 5,       ///< A member's points, of a lease held here.
};
inline constexpr std::size_t kTenderKinds = 5;

/// `wallet_code`, `wallet_qr`, `cash`, `stored_value`, `points`
[[nodiscard]] std::string_view to_string(TenderKind kind);

/// An external tender is an attempt at a provider's; a local one is taken here, with the sale's own commit.
[[nodiscard]] bool is_external(TenderKind kind);

/// Why a tender cannot be taken now. Stored in records; never renumber.
enum class TenderRefusal : std::uint8_t {
  NothingToPay = 1,       ///< The total is 0: no tender at all.
  Storage = 2,            ///< There is no room to store a sale to its end: the terminal sells nothing until there is.
  NotOffered = 3,         ///< The merchant or the board does not have it.
  Offline = 4,            ///< Needs the network: a wallet's code cannot be charged without it.
  ClockUnknown = 5,       ///< The time is not known: connections and expiries cannot be checked.
  TooManyUnresolved = 6,  ///< `kUnresolvedMax` attempts are unresolved: no further wallet until some end.
  NoMember = 7,           ///< Nobody who may spend is known.
  NotCovered = 8,         ///< What is leased here does not cover anything of it, and more cannot be fetched.
  NoScanner = 9,          ///< The scanner that would read the shopper's code is gone.
  TooManyRefunds = 10,    ///< `kRefundsOpenMax` refunds are open: no wallet for goods that may stay inside.
};
inline constexpr std::size_t kTenderRefusals = 10;

/// `nothing_to_pay`, `storage`, ... as in records and screen models.
[[nodiscard]] std::string_view to_string(TenderRefusal refusal);

/// Kinds of tender, in the order of their numbers.
class TenderSet {
 public:
  constexpr void add(TenderKind kind) { bits_ = static_cast<std::uint8_t>(bits_ | bit(kind)); }
  [[nodiscard]] constexpr bool has(TenderKind kind) const { return (bits_ & bit(kind)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

  friend constexpr bool operator==(const TenderSet&, const TenderSet&) = default;

 private:
  static constexpr std::uint8_t bit(TenderKind kind) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
  }

  std::uint8_t bits_ = 0;
};

/// What the answer depends on, gathered by the caller.
struct TenderSituation {
  TenderSet offered;        ///< by the merchant, on this board
  core::Money left_to_pay;  ///< of the sale
  bool online = false;      ///< the gateway can be reached, as far as is known
  bool can_store = false;   ///< there is room to finish a sale
  core::WallQuality clock = core::WallQuality::Unknown;
  std::size_t unresolved = 0;            ///< attempts, see `is_unresolved`
  bool can_scan = true;                  ///< a code that a shopper shows can be read
  std::size_t refunds_open = 0;          ///< where the goods may stay inside, so that one more would be needed; else 0
  bool member_may_spend = false;         ///< a member's token was checked
  std::int64_t value_leased_minor = 0;   ///< stored value of that member that may be spent here, offline too
  std::int64_t points_leased_minor = 0;  ///< what that member's points here are worth
};

/// Says whether a tender can be taken now; none: it can. What stands first in `TenderRefusal` is said first.
[[nodiscard]] std::optional<TenderRefusal> refusal_of(TenderKind kind, const TenderSituation& situation);

/// What works now: for the shopper who is told that something does not.
[[nodiscard]] TenderSet what_works(const TenderSituation& situation);

}  // namespace tillkit::payment
