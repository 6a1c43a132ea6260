// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/journal/record.hpp"
#include "tillkit/payment/records.hpp"

/// What sales leave in the journal. Bodies are JSON objects, all of version 1; a later version adds members and never
/// changes what these say. Money is `{"minor":1250,"currency":"CNY"}`. Numbers of enumerations are those of the
/// headers. The record's sale is meant, unless it says otherwise.
///
/// A sale begins with `sale_priced`, `sale_suspended` or `return_started`, and ends with `sale_closed`. An open basket
/// that never came to one of them leaves nothing.
namespace tillkit::checkout {

/// It is being paid at this price: `total`, `lines`, `removed` (lines taken back before), `age` (years that somebody
/// confirmed, 0: nobody was asked). A line: `line`, `item`, `name`, `per_grams` (0: by the piece), `count` (pieces or
/// grams), `unit_price`, `list`, `tax_rate` (basis points), `tax_included`, `age`, `slot` (where it was chosen from
/// one), `asked` (where a machine asked for it) and `mdb` (where it said by which number).
inline constexpr journal::Kind kSalePriced = journal::kind("checkout.sale_priced");
/// Further `lines` of the `sale_priced` or `sale_suspended` before it.
inline constexpr journal::Kind kSaleLines = journal::kind("checkout.sale_lines");
/// The price proof of the `sale_priced` before it, as `offers::to_json` writes it, without what was not used.
inline constexpr journal::Kind kPriceProof = journal::kind("checkout.price_proof");
/// The same where it is too long for one record: `part` of `parts`, from 1, and its `text`.
inline constexpr journal::Kind kPriceProofPart = journal::kind("checkout.price_proof_part");
/// What the price before it brings its member besides: `points` by the earning rule, `grants` (`by` the offer, `coupon`
/// a template or "", `points`, `count`), `shown` coupons that did not apply (`end` a `members::CouponEnd`, `reason`,
/// `count`), `wallet` (a `codes::Wallet`; 0: none) that the price counts on, and `depends` (minor units that hang on
/// that), `tier` that its member reaches by it ("": none) `tier_before`, `consent` (a
/// `members::Consent`), `enrol` (the kind of the identity that becomes a member when it is paid; 0: none), its `index`,
/// and `how` it was shown.
inline constexpr journal::Kind kSaleBenefits = journal::kind("checkout.sale_benefits");
/// The price counted on another wallet than the one that paid: `expected`, `paid_by` (`codes::Wallet`), `amount` that
/// was taken off for it. The shopper keeps it; the merchant bears it.
inline constexpr journal::Kind kTenderUnmet = journal::kind("checkout.tender_unmet");
/// It is put aside: `total`, `lines`, `removed`, `age`.
inline constexpr journal::Kind kSaleSuspended = journal::kind("checkout.sale_suspended");
/// `due`, `tendered`, `change`, `rounding` (what it spared the shopper), `settled` (what of the total it pays).
inline constexpr journal::Kind kCashTaken = journal::kind("checkout.cash_taken");
/// `amount` handed out, `settled` what of the total that undoes.
inline constexpr journal::Kind kCashReturned = journal::kind("checkout.cash_returned");
/// Nothing is taken and nothing can be: it is open again.
inline constexpr journal::Kind kSaleReopened = journal::kind("checkout.sale_reopened");
/// Given up, for good. `attempt` (0: none) that was under way.
inline constexpr journal::Kind kSaleUndoing = journal::kind("checkout.sale_undoing");
/// A refund of another sale: `of` (its SaleId), `units` (`line`, `first`, `count`), `amount`, `by`, and `whole`:
/// nothing of that sale is left.
inline constexpr journal::Kind kReturnStarted = journal::kind("checkout.return_started");
/// The receipt of `of` was printed again: `copy`, `by`.
inline constexpr journal::Kind kReprinted = journal::kind("checkout.reprinted");
/// A shift begins, or ends, of the operator on duty. Of no sale.
inline constexpr journal::Kind kShiftStarted = journal::kind("checkout.shift_started");
inline constexpr journal::Kind kShiftEnded = journal::kind("checkout.shift_ended");
/// It is over: `how`, the final `SaleState`; of a void: `total`, `lines` (how many), `by`.
using payment::kSaleClosed;

}  // namespace tillkit::checkout
