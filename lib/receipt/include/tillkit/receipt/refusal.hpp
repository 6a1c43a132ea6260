// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "tillkit/payment/tender.hpp"

namespace tillkit::receipt {

/// Why checkout does not do what it was asked. It stands here and not in checkout because each one is shown, and a
/// refusal without a text must not exist. Stored in records; never renumber.
enum class SaleRefusal : std::uint8_t {
  UnknownItem = 1,        ///< No item of the catalog has this code.
  CodeNotUnderstood = 2,  ///< Scanned, and nobody knows what it is.
  NotForSale = 3,         ///< The item has no price now.
  AgeNotConfirmed = 4,    ///< Nobody confirmed that the shopper is old enough.
  QuantityOutOfRange = 5,
  WeightNeeded = 6,   ///< Sold by weight, and there is none.
  NotByWeight = 7,    ///< Sold by the piece, and a weight was given.
  BasketFull = 8,     ///< As many lines as a sale has.
  AmountTooHigh = 9,  ///< More than one sale may come to.
  NothingToRemove = 10,
  BasketEmpty = 11,
  CouponUnknown = 12,  ///< Neither held nor signed for us.
  CouponTaken = 13,    ///< In this sale already, or redeemed before.
  NoSale = 14,         ///< None is open.
  AlreadyPaying = 15,  ///< What is being paid does not change.
  HandingOver = 16,    ///< It is paid, and the goods are on their way.
  SaleOver = 17,
  PriceChanged = 18,         ///< Since it was shown, or suspended: the new total needs a yes.
  CodeExpired = 19,          ///< The payment code was held too long.
  CashInvalid = 20,          ///< Nothing, or no sum of coins and notes in use.
  SoldOut = 21,              ///< The slot is empty.
  HandoverUnavailable = 22,  ///< Door open, cabinet or gate not connected.
  StorageFull = 23,
  SafeMode = 24,
  PermissionMissing = 25,
  SuspendedTooMany = 26,
  SaleNotFound = 27,
  AttemptUnresolved = 28,  ///< It is not known yet whether this sale's money was taken.
  AlreadyRefunded = 29,    ///< These units were given back before.
  RefundTooMuch = 30,      ///< More than is left of what was paid.
  RefundWindowOver = 31,
  RefundUnderWay = 32,      ///< One refund of a sale at a time.
  RefundNeedsNetwork = 33,  ///< Another terminal sold it: the cloud must say that nobody refunded it yet.
  StorageFailed = 34,       ///< The journal does not take anything any more: what was last done shows the next start.
  SaleOpen = 35,            ///< Another sale is on the screen: finish it, put it aside, or void it.
  TokenNotValid = 36,       ///< A member code or coupon whose signature, time or store is not right.
  MemberUnknown = 37,       ///< Nobody of that name, or somebody who wants to be none.
  CouponNeedsNetwork = 38,  ///< It may be used only where somebody can be asked, or the risk budget is used up.
  CouponOfOther = 39,       ///< It is another member's.
  RefundCeded = 40,         ///< Another terminal has the right to refund this sale.
  SlotUnknown = 41,         ///< The machine has no such selection, or nothing is sold from it.
  SlotBlocked = 42,         ///< It jammed, or was taken out of use.
};
inline constexpr std::size_t kSaleRefusals = 42;

/// `unknown_item`, `code_not_understood`, ... as in records and screens.
[[nodiscard]] std::string_view to_string(SaleRefusal refusal);

/// All that checkout can say no with.
using Refusal = std::variant<SaleRefusal, payment::TenderRefusal>;

}  // namespace tillkit::receipt
