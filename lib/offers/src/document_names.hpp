// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "tillkit/offers/model.hpp"

/// Every name that stands in a rule file or a basket. The schemas have the same (tests/unit/documents).
namespace tillkit::offers::detail {

using Names = std::span<const std::string_view>;

template <std::size_t Count>
constexpr std::array<std::string_view, Count> names(const std::string_view (&list)[Count]) {
  return std::to_array(list);
}

// Rule files.
inline constexpr auto kRulesMembers = names({"$schema", "version", "currency", "lanes", "offers"});
inline constexpr auto kLanePolicyMembers = names({"stacking", "uses_per_order_max", "uses_per_line_max"});
inline constexpr auto kOfferMembers =
    names({"id", "name", "coupon", "lane", "priority", "group", "combinable", "uses_per_order_max", "budgeted", "scope",
           "condition", "effect", "base", "threshold_base", "allocation", "funders"});
inline constexpr auto kFunderMembers = names({"id", "kind", "share"});
inline constexpr auto kScopeMembers =
    names({"items", "brands", "categories", "tags", "excluded_items", "excluded_brands", "excluded_categories",
           "excluded_tags", "unit_price_min", "unit_price_max"});

/// In the order of `ConditionKind`.
inline constexpr auto kConditions =
    names({"all", "any", "not", "subtotal", "pieces", "coverage", "member", "tier", "member_tag", "order_number",
           "birthday", "time", "channel", "store", "tender", "code"});
inline constexpr auto kReachMembers = names({"at_least", "scope"});
inline constexpr auto kOrderNumberMembers = names({"number", "every"});
inline constexpr auto kBirthdayMembers = names({"days_before", "days_after"});
inline constexpr auto kTimeMembers = names({"from", "until", "weekdays", "day_from", "day_until"});
inline constexpr auto kTenderMembers = names({"names", "bins"});

/// In the order of `Effect`.
inline constexpr auto kEffects =
    names({"amount_off", "percent_off", "tiered", "fixed_price", "unit_price_to", "buy_get", "free_order", "random_off",
           "gift", "points_earn", "points_multiply", "points_grant", "coupon_grant"});
inline constexpr auto kAmountOffMembers =
    names({"amount", "at_least", "at_least_pieces", "every", "every_pieces", "times_max"});
inline constexpr auto kPercentOffMembers = names({"rate", "cap", "at_least", "at_least_pieces", "units_max", "pick"});
inline constexpr auto kTieredMembers = names({"tiers", "cap"});
inline constexpr auto kTierMembers = names({"at_least", "at_least_pieces", "amount", "rate"});
inline constexpr auto kFixedPriceMembers = names({"price", "count", "parts", "times_max"});
inline constexpr auto kPartMembers = names({"count", "scope"});
inline constexpr auto kUnitPriceToMembers = names({"price", "per_grams", "units_max", "pick"});
inline constexpr auto kBuyGetMembers =
    names({"buy", "get", "nth", "rate", "pick", "same_line", "get_scope", "times_max"});
inline constexpr auto kRandomOffMembers = names({"min", "max"});
inline constexpr auto kGiftMembers = names({"item", "count"});
inline constexpr auto kPointsEarnMembers = names({"points", "per"});
inline constexpr auto kPointsMultiplyMembers = names({"numerator", "denominator"});
inline constexpr auto kPointsGrantMembers = names({"points"});
inline constexpr auto kCouponGrantMembers = names({"coupon", "count"});

// Each in the order of its enumeration.
inline constexpr auto kLaneNames = names({"price", "item", "brand", "order", "tender"});
inline constexpr auto kStackingNames = names({"stack", "compete", "wechat", "strict"});
inline constexpr auto kBaseNames = names({"discounted", "initial"});
inline constexpr auto kPickNames = names({"free", "cheapest", "dearest"});
inline constexpr auto kFunderKindNames = names({"merchant", "platform", "brand", "bank"});
inline constexpr auto kAllocationNames = names({"largest_remainder", "first_lines", "last_line"});
inline constexpr auto kPolicyNames = names({"best", "wechat", "first", "single"});
inline constexpr auto kWeekdayNames = names({"mon", "tue", "wed", "thu", "fri", "sat", "sun"});

// Baskets.
inline constexpr auto kBasketMembers = names({"$schema", "currency", "lines", "coupons", "context"});
inline constexpr auto kLineMembers = names({"id", "code", "item", "name", "brand", "categories", "tags", "quantity",
                                            "grams", "unit_price", "per_grams", "amount", "tax_rate", "tax_included"});
inline constexpr auto kCouponMembers = names({"id", "offer", "claimed_at", "valid_from", "expires_at", "requested"});
inline constexpr auto kContextMembers = names({"now", "clock", "utc_offset_minutes", "member", "channel", "store",
                                               "wallet", "card", "codes", "draws", "budgets"});
inline constexpr auto kMemberMembers = names({"tier", "tags", "birthday", "orders_before"});
inline constexpr auto kClockNames = names({"unknown", "estimated", "trusted"});

// Proofs: members of the structures in proof.hpp.
inline constexpr auto kProofMembers =
    names({"rules_version", "currency", "priced_at", "lines", "uses", "gifts", "grants", "rejected", "list", "discount",
           "net", "tax", "payable", "points", "policy", "proven", "gap"});
inline constexpr auto kMomentMembers = names({"at", "quality"});
inline constexpr auto kFunderShareMembers = names({"funder", "kind", "amount"});
inline constexpr auto kProofUseMembers = names({"offer", "coupon", "name", "lane", "face", "discount", "funders"});
inline constexpr auto kProofLineMembers =
    names({"id", "item", "weighed", "count", "unit_price", "list", "discounts", "net", "tax_rate", "tax_included",
           "tax", "bands", "points", "points_numerator", "points_denominator"});
inline constexpr auto kLineDiscountMembers = names({"use", "amount", "funders"});
inline constexpr auto kBandMembers = names({"first", "count", "list", "net", "discounts"});
inline constexpr auto kProofGiftMembers = names({"offer", "coupon", "item", "count"});
inline constexpr auto kProofGrantMembers = names({"offer", "coupon", "points", "coupon_template", "count"});
inline constexpr auto kRejectionMembers =
    names({"offer", "coupon", "reason", "missing", "other", "other_coupon", "names", "at", "text"});

/// A definition in a schema, and the names that it has: members of an object, or the values of an enumeration.
struct NamedTable {
  std::string_view definition;
  Names members;
};

// The first of each is the document itself.
inline constexpr auto kRulesObjects = std::to_array<NamedTable>({
    {"", kRulesMembers},
    {"lanes", kLaneNames},
    {"lane_policy", kLanePolicyMembers},
    {"offer", kOfferMembers},
    {"funder", kFunderMembers},
    {"scope", kScopeMembers},
    {"condition", kConditions},
    {"subtotal", kReachMembers},
    {"count_of_goods", kReachMembers},
    {"order_number", kOrderNumberMembers},
    {"birthday", kBirthdayMembers},
    {"time", kTimeMembers},
    {"tender", kTenderMembers},
    {"effect", kEffects},
    {"amount_off", kAmountOffMembers},
    {"percent_off", kPercentOffMembers},
    {"tiered", kTieredMembers},
    {"tier", kTierMembers},
    {"fixed_price", kFixedPriceMembers},
    {"part", kPartMembers},
    {"unit_price_to", kUnitPriceToMembers},
    {"buy_get", kBuyGetMembers},
    {"random_off", kRandomOffMembers},
    {"gift", kGiftMembers},
    {"points_earn", kPointsEarnMembers},
    {"points_multiply", kPointsMultiplyMembers},
    {"points_grant", kPointsGrantMembers},
    {"coupon_grant", kCouponGrantMembers},
});
inline constexpr auto kRulesChoices = std::to_array<NamedTable>({
    {"lane", kLaneNames},
    {"stacking", kStackingNames},
    {"base", kBaseNames},
    {"pick", kPickNames},
    {"funder_kind", kFunderKindNames},
    {"allocation", kAllocationNames},
    {"weekday", kWeekdayNames},
});
inline constexpr auto kBasketObjects = std::to_array<NamedTable>({
    {"", kBasketMembers},
    {"line", kLineMembers},
    {"coupon", kCouponMembers},
    {"context", kContextMembers},
    {"member", kMemberMembers},
});
inline constexpr auto kBasketChoices = std::to_array<NamedTable>({
    {"clock", kClockNames},
});

}  // namespace tillkit::offers::detail
