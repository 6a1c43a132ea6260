// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tillkit/core/machine.hpp"

namespace tillkit::checkout {

/// Where a sale stands. Stored; never renumber. A sale that the journal does not know yet is `Open`.
enum class SaleState : std::uint8_t {
  Open = 1,        ///< Goods are scanned; nothing is taken and nothing can be.
  Suspended = 2,   ///< Put aside, with its goods.
  Paying = 3,      ///< Its price is fixed. Something is taken, or may be.
  Fulfilling = 4,  ///< Paid in full; the goods are on their way.
  Closed = 5,      ///< Final: paid and handed over.
  Undoing = 6,     ///< Given up, for good: no goods, and whatever was taken goes back.
  Undone = 7,      ///< Final: all of it is back with the payer, or a person decided about it.
  Voided = 8,      ///< Final: nothing was taken and nothing handed over.
  Returning = 9,   ///< A refund of another sale: what that one took goes back.
  Returned = 10,   ///< Final: it is back, or a person decided about it.
};
inline constexpr std::size_t kSaleStates = 10;

/// What can happen to a sale. Stored in records; never renumber.
enum class SaleEvent : std::uint8_t {
  Suspended = 1,      ///< The operator puts it aside.
  Pay = 2,            ///< A tender is intended, or taken here, or there is nothing to pay.
  TakenInPart = 3,    ///< A tender is taken, and something is left to pay.
  TakenInFull = 4,    ///< Nothing is left to pay.
  NotTaken = 5,       ///< A tender took nothing; another one took its part before.
  NothingTaken = 6,   ///< A tender took nothing, and no other one did.
  GivenUp = 7,        ///< Its attempt's deadline, or the shopper or cashier after a part was taken.
  HandedOver = 8,     ///< The shopper has the goods.
  NotHandedOver = 9,  ///< The goods did not come out.
  Settled = 10,       ///< Nothing of it is under way any more.
  Voided = 11,        ///< The operator or the shopper takes it back before anything was taken.
  Restarted = 12,     ///< A start of the program found it stored.
};
inline constexpr std::size_t kSaleEvents = 12;

/// What is to be done once the new state is durable.
enum class SaleEffect : std::uint8_t {
  None = 0,
  ShowBasket = 1,  ///< The goods can be changed, or paid otherwise.
  AskForMore = 2,  ///< Show what is left to pay, and with what.
  Wait = 3,        ///< A tender is under way.
  HandOver = 4,    ///< The goods.
  Unwind = 5,      ///< Give back what was taken; the terminal sells on.
  Finish = 6,      ///< It is over: forget it.
};

using SaleRow = core::Row<SaleState, SaleEvent, SaleEffect>;
using ImpossibleSale = core::ImpossiblePairs<SaleState, SaleEvent>;

/// The whole machine, one row per pair that can happen.
[[nodiscard]] std::span<const SaleRow> sale_rows();
/// Every other pair, each in one entry, with the reason why it cannot happen.
[[nodiscard]] std::span<const ImpossibleSale> impossible_sales();

/// What a start does with a sale that is found in this state. The attempts and refunds of it recover by themselves.
[[nodiscard]] core::Recovery recovery_of(SaleState state);
/// Nothing leaves it.
[[nodiscard]] bool is_final(SaleState state);

/// What follows. None: the pair is impossible, so one of the two is wrong; report it, change nothing.
[[nodiscard]] std::optional<core::Step<SaleState, SaleEffect>> next(SaleState state, SaleEvent event);

/// `open`, `suspended`, ... as in records, reports and on screens.
[[nodiscard]] std::string_view to_string(SaleState state);
[[nodiscard]] std::string_view to_string(SaleEvent event);

}  // namespace tillkit::checkout
