// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tillkit/core/allocate.hpp"
#include "tillkit/core/currency.hpp"
#include "tillkit/core/id.hpp"
#include "tillkit/core/rate.hpp"
#include "tillkit/core/time.hpp"

/// What an offer is, as data. How a basket is priced by it: lib/offers/RULES.md, which this file's terms come from.
/// Amounts are in minor units (fen) of the rule set's one currency.
namespace tillkit::offers {

using OfferId = core::TextId<struct OfferIdTag, 48>;
using CouponId = core::TextId<struct CouponIdTag, 64>;
using FunderId = core::TextId<struct FunderIdTag, 32>;
/// Item, brand, category, tag, tier, store, channel, wallet: names that rules and goods share.
using Name = core::TextId<struct NameTag, 48>;

/// The phases of pricing, in order. Each sees what the one before left. Stored; never renumber.
enum class Lane : std::uint8_t {
  Price = 0,   ///< Flash and member prices: they make the price; the lowest one wins, line by line. No choice.
  Item = 1,    ///< Offers that take units; a unit is taken once.
  Brand = 2,   ///< Offers on part of the goods: brand, category, a list.
  Order = 3,   ///< Offers on the order.
  Tender = 4,  ///< Offers for paying with a certain wallet or card.
};
inline constexpr std::size_t kLanes = 5;

/// Which uses of offers in one lane go together.
enum class Stacking : std::uint8_t {
  Stack = 0,    ///< All.
  Compete = 1,  ///< One use at most.
  WeChat = 2,   ///< One, or several of which at least one is `combinable`.
  Strict = 3,   ///< One, or several that are all `combinable`.
};

struct LanePolicy {
  Stacking stacking = Stacking::Stack;
  std::uint16_t uses_per_order_max = 0;  ///< 0: no limit. WeChat Pay: 20 single-item, 8 store-wide.
  std::uint16_t uses_per_line_max = 0;   ///< 0: no limit. WeChat Pay, single-item: 1.
};

/// A set of goods. Empty lists say nothing; a line is in the set if it is in `any_of` the named sets (or all three
/// lists are empty), is not excluded, and its unit price is within the bounds.
struct Scope {
  std::vector<Name> items;
  std::vector<Name> brands;
  std::vector<Name> categories;
  std::vector<Name> tags;
  std::vector<Name> excluded_items;
  std::vector<Name> excluded_brands;
  std::vector<Name> excluded_categories;
  std::vector<Name> excluded_tags;
  std::int64_t unit_price_min = 0;  ///< Of the price after lane `Price`; weighed goods: of the whole line.
  std::int64_t unit_price_max = 0;  ///< 0: no bound.

  friend bool operator==(const Scope&, const Scope&) = default;
};

// Conditions. All look at the whole basket at the prices after lane `Price` (in lane `Price`: at list prices).

enum class ConditionKind : std::uint8_t {
  All,          ///< Every child holds; no children: holds.
  Any,          ///< At least one child holds.
  Not,          ///< The one child does not hold. (A clock that is unknown makes neither it nor its child hold.)
  Subtotal,     ///< Goods in `scope` cost at least `at_least`.
  Pieces,       ///< At least `at_least` pieces in `scope`; a weighed line is one.
  Coverage,     ///< At least `at_least` different items in `scope`.
  Member,       ///< The shopper is a known member.
  Tier,         ///< Member of one of the tiers `names`.
  MemberTag,    ///< Member with one of the tags `names`.
  OrderNumber,  ///< This is the member's order number `number`; with `every`, each `number`th.
  Birthday,     ///< Today is at most `days_before` days before or `days_after` after the member's birthday.
  Time,         ///< The window below, on the clock of the shop.
  Channel,      ///< One of `names`.
  Store,        ///< One of `names`.
  Tender,       ///< Paid with one of the wallets `names`, or a card whose number starts with one of `bins`.
  Code,         ///< The shopper gave one of the codes `names`.
};

/// Some hours on some weekdays between two moments. Parts that are not set do not bind.
struct TimeWindow {
  core::WallTime from = core::WallTime::min();
  core::WallTime until = core::WallTime::max();  ///< Not included.
  std::uint8_t weekdays = 0x7F;                  ///< Bit 0 Monday ... bit 6 Sunday.
  std::chrono::seconds day_from{0};
  std::chrono::seconds day_until{
      86'400};  ///< Not included; before `day_from`: past midnight, the day it starts counts.
};

struct Condition {
  ConditionKind kind = ConditionKind::All;
  std::vector<Condition> children;
  Scope scope;
  std::int64_t at_least = 0;
  std::vector<Name> names;
  std::vector<std::string> bins;  ///< 4 to 10 digits each
  std::uint32_t number = 0;
  bool every = false;
  std::uint16_t days_before = 0;
  std::uint16_t days_after = 0;
  TimeWindow window;
};

// Effects.

enum class Measure : std::uint8_t { Amount, Pieces };

/// What has to be there, of the goods taken (lane `Item`) or covered (later lanes). 0: nothing.
struct Threshold {
  Measure measure = Measure::Amount;
  std::int64_t at_least = 0;
};

/// Takes `amount` off; with `every`, once for each full `every` (每满减), at most `times_max` times (0: no limit).
struct AmountOff {
  std::int64_t amount = 0;
  Threshold threshold;  ///< Without `every`.
  Threshold every;      ///< 0: not repeated.
  std::uint32_t times_max = 0;
};

/// Takes `rate` off, one half-up rounding for the use, at most `cap` (0: none). With `units_max` (lane `Item`): off at
/// most that many units; with `pick`, off the cheapest or dearest units in the basket and no others.
enum class Pick : std::uint8_t { Free, Cheapest, Dearest };
struct PercentOff {
  core::BasisPoints rate;
  std::int64_t cap = 0;
  Threshold threshold;  ///< Not together with `units_max`.
  std::uint32_t units_max = 0;
  Pick pick = Pick::Free;
};

/// The last tier whose `at_least` is reached: `amount` off, or `rate` off (one of the two).
struct Tier {
  std::int64_t at_least = 0;
  std::int64_t amount = 0;
  core::BasisPoints rate;
};
struct Tiered {
  Measure measure = Measure::Amount;
  std::vector<Tier> tiers;  ///< `at_least` rising
  std::int64_t cap = 0;
};

/// A part of a bundle: `count` units from `scope`.
struct BundlePart {
  Scope scope;
  std::uint32_t count = 0;
};

/// The parts together for `price`; one part is 'any n for X'. At most `times_max` bundles (0: no limit).
struct FixedPrice {
  std::vector<BundlePart> parts;
  std::int64_t price = 0;
  std::uint32_t times_max = 0;
};

/// Brings the unit price down to `price` (减至) where it is above. `units_max` as in `PercentOff`. In lane `Price` for
/// weighed goods too: `price` per `per_grams` (0: per piece).
struct UnitPriceTo {
  std::int64_t price = 0;
  std::uint32_t per_grams = 0;
  std::uint32_t units_max = 0;
  Pick pick = Pick::Free;
};

/// Of each `buy + get` units `get` are `rate` off: the cheapest (or dearest) of each group; groups are made so that
/// the shopper saves most. `same_line`: a group lies within one line. With `get_scope` the `get` units come from there
/// and the `buy` units from the offer's scope. 'The nth at half price' is buy n-1, get 1.
struct BuyGet {
  std::uint32_t buy = 1;
  std::uint32_t get = 1;
  core::BasisPoints rate = core::kWhole;
  Pick pick = Pick::Cheapest;  ///< Cheapest or Dearest; not looked at with `get_scope` or `same_line`.
  bool same_line = false;
  bool has_get_scope = false;
  Scope get_scope;
  std::uint32_t times_max = 0;
};

/// Adds goods at no price; saves nothing off this sale. The next four likewise.
struct Gift {
  Name item;
  std::uint32_t count = 1;
};

/// The whole order at no price (免单). Lanes `Order` and `Tender`, scope: all.
struct FreeOrder {};

/// Takes off what was drawn for this sale (`Context::draws`), within the bounds (随机立减). Not in lane `Item`.
struct RandomOff {
  std::int64_t min = 1;
  std::int64_t max = 1;
};

/// `points` for each `per` of net amount, exactly: fractions add up over lines and offers before the one floor.
struct PointsEarn {
  std::int64_t points = 1;
  std::int64_t per = 100;
};

/// Multiplies what `PointsEarn` gives for goods in scope; of several the largest counts.
struct PointsMultiply {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
};

struct PointsGrant {
  std::int64_t points = 0;
};

/// Gives a coupon after the payment (pay-gift).
struct CouponGrant {
  OfferId coupon;
  std::uint32_t count = 1;
};

using Effect = std::variant<AmountOff, PercentOff, Tiered, FixedPrice, UnitPriceTo, BuyGet, FreeOrder, RandomOff, Gift,
                            PointsEarn, PointsMultiply, PointsGrant, CouponGrant>;

/// Whether an effect takes money off this sale.
[[nodiscard]] bool takes_money_off(const Effect& effect);

enum class Base : std::uint8_t {
  Discounted = 0,  ///< What earlier offers left.
  Initial = 1,     ///< The price after lane `Price`.
};

enum class FunderKind : std::uint8_t { Merchant = 0, Platform = 1, Brand = 2, Bank = 3 };

struct Funder {
  FunderId id;
  FunderKind kind = FunderKind::Merchant;
  core::BasisPoints share;
};

/// A promotion, or a coupon template.
struct Offer {
  OfferId id;
  std::string name;
  bool coupon = false;  ///< Applies only by a coupon in the basket; else to everybody who fulfils the condition.
  Lane lane = Lane::Order;
  std::int32_t priority = 0;             ///< Within the lane the smaller applies first; then the smaller id.
  Name group;                            ///< Of the offers of a group one is used at most. Empty: no group.
  bool combinable = true;                ///< See `Stacking`.
  std::uint16_t uses_per_order_max = 1;  ///< Coupons: how many of this template in one sale.
  /// A campaign with a budget: it applies only within what the context's budgets say, and not where they do not name
  /// it. The engine looks at the context alone; whoever fills that lists each of these offers.
  bool budgeted = false;
  Scope scope;  ///< What it discounts.
  Condition condition;
  Effect effect;
  Base base = Base::Discounted;         ///< Of percentages and of the shares of lines, in lanes after `Item`.
  Base threshold_base = Base::Initial;  ///< Of thresholds, `every` and tiers, in lanes after `Item`: `Discounted`
                                        ///< is what the lanes before this one left.
  core::AllocationRule allocation = core::AllocationRule::LargestRemainder;
  std::vector<Funder> funders;  ///< Shares sum to 10,000; empty: all the merchant's (`merchant`).
};

/// Everything that can discount in a store.
struct RuleDocument {
  std::string version;
  core::Currency currency = core::kCny;
  std::array<LanePolicy, kLanes> lanes{};
  std::vector<Offer> offers;
};

// What is bought, by whom, when.

using LineId = core::StrongId<struct LineIdTag, std::uint32_t>;

/// What the rules may ask about goods.
struct Goods {
  Name item;
  Name brand;  ///< may be empty
  std::vector<Name> categories;
  std::vector<Name> tags;
};

/// A set of offers that goods belong to, looked up once per item by `RuleSet::classify`.
using GoodsClass = core::StrongId<struct GoodsClassTag, std::uint32_t>;

/// One scan, or several of the same item. The id is given at the scan and kept.
struct Line {
  LineId id;
  GoodsClass goods;
  bool weighed = false;
  std::int64_t count = 1;        ///< Pieces; of weighed goods grams.
  std::int64_t unit_price = 0;   ///< Per piece; of weighed goods per `price_grams`.
  std::int64_t list_amount = 0;  ///< count * unit_price; of weighed goods what the scale said.
  core::BasisPoints tax_rate;
  bool tax_included = true;  ///< The price has the tax in it.
};

struct Coupon {
  CouponId id;
  OfferId offer;
  core::WallTime claimed_at;
  core::WallTime valid_from = core::WallTime::min();
  core::WallTime expires_at = core::WallTime::max();  ///< Not included.
  bool requested = false;  ///< The shopper asked for it. Coupons that take no money off apply only then.
};

struct Member {
  bool known = false;
  Name tier;
  std::vector<Name> tags;
  std::uint8_t birth_month = 0;  ///< 0: not known
  std::uint8_t birth_day = 0;
  std::uint32_t orders_before = 0;
};

/// A random draw, or what is left of a budget, of one offer.
struct OfferAmount {
  OfferId offer;
  std::int64_t amount = 0;
};

struct Context {
  core::WallReading now;
  std::chrono::minutes utc_offset{480};  ///< Of the shop's clock.
  Member member;
  Name channel;
  Name store;
  Name wallet;       ///< Empty while the tender is not known.
  std::string card;  ///< First digits of a card, or empty.
  std::vector<Name> codes;
  std::vector<OfferAmount> draws;
  std::vector<OfferAmount> budgets;  ///< Offers that are not listed have no budget; 0 or less: used up.
};

struct Basket {
  std::vector<Line> lines;
  std::vector<Coupon> coupons;
  Context context;
};

// Limits. Reaching one is `Exhausted`, and nothing was priced.
inline constexpr std::size_t kLinesMax = 500;
inline constexpr std::size_t kCouponsMax = 100;
inline constexpr std::size_t kOffersMax = 20'000;
inline constexpr std::size_t kOpenUsesMax = 2'000;      ///< Uses that one basket can choose from.
inline constexpr std::size_t kOpenGroupsMax = 64;       ///< Groups that they are in.
inline constexpr std::size_t kScopeNamesMax = 500'000;  ///< Names in all scopes of a rule set.
inline constexpr std::size_t kConditionDepthMax = 8;
inline constexpr std::size_t kPartsMax = 8;
inline constexpr std::size_t kTiersMax = 16;
inline constexpr std::size_t kFundersMax = 8;
inline constexpr std::int64_t kLineCountMax = 1'000'000;
/// Of a line and of the whole basket: 21 million yuan.
inline constexpr std::int64_t kAmountMax = core::kAllocationWeightMax;

}  // namespace tillkit::offers
