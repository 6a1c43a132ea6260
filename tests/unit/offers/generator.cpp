// SPDX-License-Identifier: Apache-2.0
#include "generator.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <initializer_list>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>

#include "oracle.hpp"

namespace tillkit::offers::oracle {
namespace {

using namespace std::chrono_literals;

/// The same numbers on every machine.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t index) : engine_(mix(mix(seed) + index)) {}

  /// From 0 to below `bound`.
  template <std::integral Integer>
  Integer below(Integer bound) {
    return static_cast<Integer>(engine_() % static_cast<std::uint64_t>(bound));
  }

  /// From `first` to `last`, both included.
  std::int64_t between(std::int64_t first, std::int64_t last) { return first + below(last - first + 1); }

  bool percent(int chance) { return below(100) < chance; }

  template <class List>
  auto pick(const List& list) {
    return list[below(list.size())];
  }

  template <class Value>
  Value any(std::initializer_list<Value> list) {
    return list.begin()[below(list.size())];
  }

  /// An index, as often as its weight says.
  std::size_t weighted(std::initializer_list<int> weights) {
    int sum = 0;
    for (const int weight : weights)
      sum += weight;
    int left = below(sum);
    std::size_t index = 0;
    for (const int weight : weights) {
      left -= weight;
      if (left < 0) break;
      ++index;
    }
    return index;
  }

  template <class List>
  void shuffle(List& list) {
    for (std::size_t i = list.size(); i > 1; --i)
      std::swap(list[i - 1], list[below(i)]);
  }

 private:
  static std::uint64_t mix(std::uint64_t value) {  // splitmix64
    value += 0x9E37'79B9'7F4A'7C15;
    value = (value ^ (value >> 30)) * 0xBF58'476D'1CE4'E5B9;
    value = (value ^ (value >> 27)) * 0x94D0'49BB'1331'11EB;
    return value ^ (value >> 31);
  }

  std::mt19937_64 engine_;
};

Name numbered(const char* prefix, std::int64_t number) {
  return name(prefix + std::to_string(number));
}

constexpr core::WallTime kNoon{std::chrono::milliseconds{1'795'233'600'000}};  // 2026-11-21T04:00:00Z: noon of UTC+8

class Maker {
 public:
  Maker(std::uint64_t seed, std::uint64_t index) : dice_(seed, index) {}

  Case make() {
    made_.document.version = "v1";
    is_small_ = dice_.percent(60);
    is_crowded_ = dice_.percent(35);
    make_pool();
    make_context();
    make_lines();
    for (LanePolicy& lane : made_.document.lanes)
      make_policy(lane);
    made_.document.lanes[0] = {};
    std::vector<std::int64_t> numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    dice_.shuffle(numbers);
    const std::size_t offers = 1 + dice_.weighted({4, 8, 14, 18, 18, 16, 12, 10});
    for (std::size_t i = 0; i < offers; ++i)
      make_offer(numbers[i]);
    dice_.shuffle(made_.basket.coupons);
    shrink();
    return std::move(made_);
  }

 private:
  // What is bought, by whom, when.

  void make_pool() {
    const std::size_t goods = 1 + dice_.weighted({15, 35, 30, 20});
    for (std::size_t i = 0; i < goods; ++i) {
      Goods made;
      made.item = numbered("i", static_cast<std::int64_t>(i));
      if (dice_.percent(80)) made.brand = numbered("b", dice_.below(2));
      for (int category = 0; category < 3; ++category) {
        if (dice_.percent(40)) made.categories.push_back(numbered("k", category));
      }
      for (int tag = 0; tag < 2; ++tag) {
        if (dice_.percent(35)) made.tags.push_back(numbered("t", tag));
      }
      pool_.push_back(std::move(made));
    }
    const std::size_t prices = 1 + dice_.below(std::size_t{3});
    for (std::size_t i = 0; i < prices; ++i)
      prices_.push_back(is_small_ ? dice_.between(1, 30) : dice_.any<std::int64_t>({50, 100, 250, 399, 990, 1'280}));
  }

  std::int64_t price() {
    if (dice_.percent(60)) return dice_.pick(prices_);
    return is_small_ ? dice_.between(1, 30) : dice_.between(30, 3'000);
  }

  void make_lines() {
    const std::size_t lines = 1 + dice_.weighted({8, 26, 32, 21, 13});
    std::vector<std::uint32_t> ids{1, 2, 3, 5, 8, 13, 21, 34};
    dice_.shuffle(ids);
    for (std::size_t i = 0; i < lines; ++i) {
      Line line;
      line.id = LineId(ids[i]);
      line.weighed = dice_.percent(15);
      line.count = line.weighed ? dice_.between(50, 2'500) : 1 + dice_.below(6);
      line.unit_price = price();
      line.list_amount = line.weighed ? price() : line.count * line.unit_price;
      line.tax_rate = core::BasisPoints(dice_.any<std::int32_t>({0, 300, 900, 1'300, 2'500}));
      line.tax_included = dice_.percent(70);
      add_line(line);
    }
  }

  using Line = offers::Line;

  void add_line(const Line& line) {
    made_.basket.lines.push_back(line);
    made_.goods.push_back(dice_.pick(pool_));
    total_ += line.list_amount;
    units_ += line.weighed ? 1 : line.count;
  }

  void make_context() {
    Context& context = made_.basket.context;
    context.now.at = kNoon + std::chrono::minutes(dice_.between(-1'440, 1'440));
    context.now.quality = dice_.percent(80)   ? core::WallQuality::Trusted
                          : dice_.percent(60) ? core::WallQuality::Estimated
                                              : core::WallQuality::Unknown;
    context.utc_offset = dice_.percent(80) ? 480min : std::chrono::minutes(dice_.between(-720, 840));
    context.member.known = dice_.percent(70);
    if (context.member.known) {
      if (dice_.percent(70)) context.member.tier = dice_.percent(50) ? name("gold") : name("silver");
      if (dice_.percent(50)) context.member.tags.push_back(name("student"));
      if (dice_.percent(70)) {
        context.member.birth_month = static_cast<std::uint8_t>(dice_.percent(70) ? 11 : dice_.between(1, 12));
        context.member.birth_day =
            static_cast<std::uint8_t>(dice_.percent(70) ? 19 + dice_.below(6) : dice_.between(1, 28));
      }
      context.member.orders_before = static_cast<std::uint32_t>(dice_.below(6));
    }
    context.channel = dice_.percent(60) ? name("store") : name("kiosk");
    context.store = numbered("s", dice_.below(2));
    if (dice_.percent(60)) context.wallet = dice_.percent(60) ? name("wechat") : name("alipay");
    if (context.wallet.empty() && dice_.percent(60)) context.card = dice_.percent(50) ? "622848" : "436742";
    if (dice_.percent(40)) context.codes.push_back(numbered("code", dice_.below(2)));
  }

  void make_policy(LanePolicy& lane) {
    constexpr std::array kStackings{Stacking::Stack, Stacking::Compete, Stacking::WeChat, Stacking::Strict};
    lane.stacking = kStackings.at(dice_.weighted({45, 15, 25, 15}));
    if (dice_.percent(25)) lane.uses_per_order_max = static_cast<std::uint16_t>(dice_.between(1, 3));
    if (dice_.percent(30)) lane.uses_per_line_max = static_cast<std::uint16_t>(dice_.between(1, 2));
  }

  // Rules.

  void add_names(Scope& scope, std::size_t kind) {
    switch (kind) {
      case 0: break;
      case 1: scope.items.push_back(dice_.pick(pool_).item); break;
      case 2: scope.brands.push_back(numbered("b", dice_.below(2))); break;
      case 3: scope.categories.push_back(numbered("k", dice_.below(3))); break;
      case 4: scope.tags.push_back(numbered("t", dice_.below(2))); break;
      default:
        scope.items.push_back(dice_.pick(pool_).item);
        if (dice_.percent(50)) scope.tags.push_back(numbered("t", dice_.below(2)));
        if (dice_.percent(50)) scope.brands.push_back(numbered("b", dice_.below(2)));
        break;
    }
  }

  Scope make_scope() {
    Scope scope;
    add_names(scope, dice_.weighted({is_crowded_ ? 120 : 46, 17, 10, 10, 7, 10}));
    if (dice_.percent(12)) {
      switch (dice_.below(4)) {
        case 0: scope.excluded_items.push_back(dice_.pick(pool_).item); break;
        case 1: scope.excluded_brands.push_back(numbered("b", dice_.below(2))); break;
        case 2: scope.excluded_categories.push_back(numbered("k", dice_.below(3))); break;
        default: scope.excluded_tags.push_back(numbered("t", dice_.below(2))); break;
      }
    }
    if (dice_.percent(6)) scope.unit_price_min = price() / 2;
    if (dice_.percent(6)) scope.unit_price_max = std::max(scope.unit_price_min, price());
    return scope;
  }

  std::int64_t share_of_total(int percent_min, int percent_max) {
    return std::max<std::int64_t>(1, total_ * dice_.between(percent_min, percent_max) / 100);
  }

  std::int64_t amount() {
    if (dice_.percent(25)) return dice_.between(1, 3);
    return share_of_total(3, dice_.percent(85) ? 35 : 110);
  }

  std::int64_t at_least(Measure measure) {
    return measure == Measure::Amount ? share_of_total(3, dice_.percent(80) ? 45 : 120)
                                      : dice_.between(1, dice_.percent(80) ? 1 + units_ / 2 : units_ + 1);
  }

  Threshold make_threshold() {
    Threshold threshold;
    threshold.measure = dice_.percent(65) ? Measure::Amount : Measure::Pieces;
    threshold.at_least = at_least(threshold.measure);
    return threshold;
  }

  core::BasisPoints rate() {
    if (dice_.percent(20)) return core::BasisPoints(static_cast<std::int32_t>(dice_.between(1, 10'000)));
    return core::BasisPoints(dice_.any<std::int32_t>({500, 1'000, 1'500, 2'000, 3'333, 5'000, 8'000, 10'000}));
  }

  AmountOff make_amount_off() {
    AmountOff effect;
    effect.amount = amount();
    if (dice_.percent(35)) {
      effect.every.measure = dice_.percent(65) ? Measure::Amount : Measure::Pieces;
      effect.every.at_least = effect.every.measure == Measure::Amount ? share_of_total(10, 55) : dice_.between(1, 4);
      effect.times_max = static_cast<std::uint32_t>(dice_.below(4));
      effect.amount = std::max<std::int64_t>(1, effect.amount / 2);
    } else if (dice_.percent(60)) {
      effect.threshold = make_threshold();
    }
    return effect;
  }

  Pick make_pick() {
    constexpr std::array kPicks{Pick::Free, Pick::Cheapest, Pick::Dearest};
    return kPicks.at(dice_.below(kPicks.size()));
  }

  PercentOff make_percent_off(bool may_count_units) {
    PercentOff effect;
    effect.rate = rate();
    if (dice_.percent(30)) effect.cap = amount();
    if (may_count_units && dice_.percent(55)) {
      effect.units_max = static_cast<std::uint32_t>(dice_.between(1, 3));
      effect.pick = make_pick();
    } else if (dice_.percent(40)) {
      effect.threshold = make_threshold();
    }
    return effect;
  }

  Tiered make_tiered() {
    Tiered effect;
    effect.measure = dice_.percent(60) ? Measure::Amount : Measure::Pieces;
    std::int64_t reached = 0;
    const std::int64_t tiers = dice_.between(1, 3);
    for (std::int64_t i = 0; i < tiers; ++i) {
      Tier tier;
      reached += effect.measure == Measure::Amount ? share_of_total(5, 45) : dice_.between(1, 3);
      tier.at_least = reached;
      if (dice_.percent(50)) {
        tier.amount = amount();
      } else {
        tier.rate = rate();
      }
      effect.tiers.push_back(tier);
    }
    if (dice_.percent(20)) effect.cap = amount();
    return effect;
  }

  FixedPrice make_fixed_price() {
    FixedPrice effect;
    const std::size_t parts = 1 + dice_.weighted({55, 38, 7});
    std::int64_t units = 0;
    for (std::size_t i = 0; i < parts; ++i) {
      BundlePart part;
      part.scope = make_scope();
      part.count = static_cast<std::uint32_t>(parts == 1 ? dice_.between(2, 4) : dice_.between(1, 2));
      units += part.count;
      effect.parts.push_back(std::move(part));
    }
    effect.price = std::max<std::int64_t>(1, units * dice_.pick(prices_) * dice_.between(30, 100) / 100);
    effect.times_max = static_cast<std::uint32_t>(dice_.below(3));
    return effect;
  }

  UnitPriceTo make_unit_price_to() {
    UnitPriceTo effect;
    effect.price = std::max<std::int64_t>(1, price() * dice_.between(20, 90) / 100);
    if (dice_.percent(50)) {
      effect.units_max = static_cast<std::uint32_t>(dice_.between(1, 3));
      effect.pick = make_pick();
    }
    return effect;
  }

  BuyGet make_buy_get() {
    BuyGet effect;
    effect.buy = static_cast<std::uint32_t>(dice_.between(1, dice_.percent(75) ? 2 : 3));
    effect.get = dice_.percent(80) ? 1 : 2;
    effect.rate = dice_.percent(50) ? core::kWhole : rate();
    effect.pick = dice_.percent(70) ? Pick::Cheapest : Pick::Dearest;
    switch (dice_.weighted({55, 20, 25})) {
      case 1: effect.same_line = true; break;
      case 2:
        effect.has_get_scope = true;
        effect.get_scope = make_scope();
        break;
      default: break;
    }
    effect.times_max = static_cast<std::uint32_t>(dice_.below(3));
    return effect;
  }

  Effect make_item_effect() {
    switch (dice_.weighted({15, 18, 9, 21, 14, 23})) {
      case 0: return make_amount_off();
      case 1: return make_percent_off(true);
      case 2: return make_tiered();
      case 3: return make_fixed_price();
      case 4: return make_unit_price_to();
      default: return make_buy_get();
    }
  }

  Effect make_later_effect(Lane lane) {
    switch (dice_.weighted({40, 28, 16, 12, lane == Lane::Brand ? 0 : 4})) {
      case 0: return make_amount_off();
      case 1: return make_percent_off(false);
      case 2: return make_tiered();
      case 3: {
        RandomOff effect;
        effect.min = amount();
        effect.max = effect.min + dice_.below(5);
        return effect;
      }
      default: return FreeOrder{};
    }
  }

  Effect make_free_effect() {
    switch (dice_.below(5)) {
      case 0: return Gift{name("gift"), 1};
      case 1: return PointsEarn{dice_.between(1, 3), dice_.any<std::int64_t>({1, 10, 30, 100})};
      case 2: return PointsMultiply{dice_.between(1, 5), dice_.between(1, 2)};
      case 3: return PointsGrant{dice_.between(1, 100)};
      default: return PointsEarn{1, dice_.any<std::int64_t>({7, 10, 50})};
    }
  }

  // Conditions.

  std::vector<Name> one_of(std::initializer_list<const char*> names) {
    std::vector<Name> picked{name(dice_.any(names))};
    if (dice_.percent(35)) {
      const Name other = name(dice_.any(names));
      if (other != picked[0]) picked.push_back(other);
    }
    return picked;
  }

  void make_window(TimeWindow& window) {
    const core::WallTime now = made_.basket.context.now.at;
    switch (dice_.below(4)) {
      case 0:
        window.from = now + std::chrono::minutes(dice_.percent(70) ? -dice_.between(0, 500) : dice_.between(1, 90));
        break;
      case 1:
        window.until = now + std::chrono::minutes(dice_.percent(70) ? dice_.between(1, 500) : -dice_.between(0, 90));
        break;
      case 2: window.weekdays = static_cast<std::uint8_t>(dice_.between(1, 126)); break;
      default: {
        window.day_from = std::chrono::hours(dice_.between(0, 23));
        do {
          window.day_until = std::chrono::hours(dice_.between(1, 24));
        } while (window.day_until == window.day_from || (window.day_from == 0s && window.day_until == 24h));
        if (dice_.percent(40)) window.weekdays = static_cast<std::uint8_t>(dice_.between(1, 126));
        break;
      }
    }
  }

  void fill(Condition& condition) {
    switch (condition.kind) {
      case ConditionKind::All:
      case ConditionKind::Any:
      case ConditionKind::Not: break;
      case ConditionKind::Subtotal:
        condition.scope = make_scope();
        condition.at_least = share_of_total(5, dice_.percent(75) ? 60 : 130);
        break;
      case ConditionKind::Pieces:
        condition.scope = make_scope();
        condition.at_least = dice_.between(1, dice_.percent(75) ? 1 + units_ / 2 : units_ + 2);
        break;
      case ConditionKind::Coverage:
        condition.scope = make_scope();
        condition.at_least = dice_.between(1, 3);
        break;
      case ConditionKind::Member: break;
      case ConditionKind::Tier: condition.names = one_of({"gold", "silver"}); break;
      case ConditionKind::MemberTag: condition.names = one_of({"student", "staff"}); break;
      case ConditionKind::OrderNumber:
        condition.number = static_cast<std::uint32_t>(dice_.between(1, 4));
        condition.every = dice_.percent(50);
        break;
      case ConditionKind::Birthday:
        condition.days_before = static_cast<std::uint16_t>(dice_.below(8));
        condition.days_after = static_cast<std::uint16_t>(dice_.below(8));
        break;
      case ConditionKind::Time: make_window(condition.window); break;
      case ConditionKind::Channel: condition.names = one_of({"store", "kiosk"}); break;
      case ConditionKind::Store: condition.names = one_of({"s0", "s1"}); break;
      case ConditionKind::Tender:
        if (dice_.percent(70)) condition.names = one_of({"wechat", "alipay"});
        if (condition.names.empty() || dice_.percent(40))
          condition.bins.push_back(dice_.percent(50) ? "6228" : "436742");
        break;
      case ConditionKind::Code: condition.names = one_of({"code0", "code1"}); break;
    }
  }

  Condition make_leaf() {
    constexpr std::array kLeaves{ConditionKind::Subtotal,    ConditionKind::Pieces,   ConditionKind::Coverage,
                                 ConditionKind::Member,      ConditionKind::Tier,     ConditionKind::MemberTag,
                                 ConditionKind::OrderNumber, ConditionKind::Birthday, ConditionKind::Time,
                                 ConditionKind::Channel,     ConditionKind::Store,    ConditionKind::Tender,
                                 ConditionKind::Code,        ConditionKind::Subtotal, ConditionKind::Time};
    Condition condition;
    condition.kind = dice_.pick(kLeaves);
    fill(condition);
    return condition;
  }

  Condition make_condition(int depth) {
    const std::size_t kind = depth >= 3 ? 0 : dice_.weighted({60, 12, 18, 10});
    if (kind == 0) return make_leaf();
    Condition condition;
    condition.kind = kind == 1 ? ConditionKind::All : kind == 2 ? ConditionKind::Any : ConditionKind::Not;
    const std::int64_t children = condition.kind == ConditionKind::Not ? 1 : dice_.between(1, 3);
    for (std::int64_t i = 0; i < children; ++i)
      condition.children.push_back(make_condition(depth + 1));
    return condition;
  }

  void make_funders(Offer& offer) {
    std::int32_t left = 10'000;
    const std::int64_t funders = dice_.between(1, 3);
    constexpr std::array kKinds{FunderKind::Merchant, FunderKind::Platform, FunderKind::Brand, FunderKind::Bank};
    for (std::int64_t i = 0; i < funders; ++i) {
      const bool is_last = i + 1 == funders;
      const auto share = is_last ? left : static_cast<std::int32_t>(dice_.between(1, left - (funders - i - 1)));
      left -= share;
      const FunderId id = funder_id("f" + std::to_string(i));
      offer.funders.push_back({id, dice_.pick(kKinds), core::BasisPoints(share)});
    }
  }

  void make_coupons(const OfferId& offer) {
    const core::WallTime now = made_.basket.context.now.at;
    std::vector<Coupon>& coupons = made_.basket.coupons;
    const std::size_t wanted = coupons.size() + dice_.weighted({6, 46, 30, 18});
    while (coupons.size() < wanted) {
      Coupon coupon;
      coupon.id = coupon_id("c" + std::to_string(dice_.between(10, 99)));
      if (std::ranges::find(coupons, coupon.id, &Coupon::id) != coupons.end()) continue;
      coupon.offer = offer;
      coupon.claimed_at = now - 24h * dice_.between(1, 3);
      if (dice_.percent(70)) coupon.expires_at = now + 24h * dice_.between(1, 3);
      if (dice_.percent(4)) coupon.expires_at = now - std::chrono::minutes(dice_.below(100));
      if (dice_.percent(40)) coupon.valid_from = now - 1h;
      if (dice_.percent(4)) coupon.valid_from = now + std::chrono::minutes(dice_.between(1, 9));
      coupon.requested = dice_.percent(60);
      coupons.push_back(coupon);
    }
  }

  void make_offer(std::int64_t number) {
    Offer offer;
    offer.id = offer_id("o" + std::to_string(number));
    offer.name = "Offer " + std::to_string(number);
    offer.coupon = dice_.percent(45);
    offer.priority = static_cast<std::int32_t>(dice_.below(3));
    offer.combinable = dice_.percent(60);
    offer.uses_per_order_max = static_cast<std::uint16_t>(offer.coupon ? dice_.between(1, 3) : 1);
    offer.scope = make_scope();
    if (dice_.percent(22)) offer.condition = make_condition(1);
    if (dice_.percent(10)) {
      offer.lane = Lane::Order;
      offer.effect = make_free_effect();
    } else {
      make_money_offer(offer);
    }
    if (offer.lane > Lane::Item) {
      offer.base = dice_.percent(55) ? Base::Discounted : Base::Initial;
      offer.threshold_base = dice_.percent(60) ? Base::Initial : Base::Discounted;
    }
    if (offer.lane != Lane::Price) {
      constexpr std::array kRules{core::AllocationRule::LargestRemainder, core::AllocationRule::FirstLines,
                                  core::AllocationRule::LastLine};
      offer.allocation = kRules.at(dice_.weighted({50, 25, 25}));
      if (dice_.percent(25)) offer.group = numbered("g", dice_.below(2));
      if (dice_.percent(15)) {
        made_.basket.context.budgets.push_back({offer.id, dice_.percent(15) ? -dice_.below(2) : amount()});
      }
    }
    if (dice_.percent(50)) make_funders(offer);
    if (offer.coupon) make_coupons(offer.id);
    made_.document.offers.push_back(std::move(offer));
  }

  void make_money_offer(Offer& offer) {
    constexpr std::array kLanesOf{Lane::Price, Lane::Item, Lane::Brand, Lane::Order, Lane::Tender};
    offer.lane = kLanesOf.at(dice_.weighted({6, is_crowded_ ? 150 : 45, 12, 23, 11}));
    if (offer.lane == Lane::Price) {
      offer.coupon = false;
      offer.uses_per_order_max = 1;
      make_price(offer);
    } else if (offer.lane == Lane::Item) {
      offer.effect = make_item_effect();
      if (std::holds_alternative<FixedPrice>(offer.effect)) offer.scope = {};
    } else {
      offer.effect = make_later_effect(offer.lane);
    }
    if (std::holds_alternative<FreeOrder>(offer.effect)) offer.scope = {};
    if (const auto* random = std::get_if<RandomOff>(&offer.effect); random != nullptr && dice_.percent(85)) {
      made_.basket.context.draws.push_back({offer.id, dice_.between(random->min, random->max)});
    }
  }

  /// A price that leaves every line at least 1 fen.
  void make_price(Offer& offer) {
    UnitPriceTo effect;
    effect.price = std::max<std::int64_t>(1, price() * dice_.between(50, 100) / 100);
    if (dice_.percent(25)) {
      effect.per_grams = static_cast<std::uint32_t>(dice_.any({50, 100, 500}));
      effect.price = std::max<std::int64_t>(effect.price, effect.per_grams / 50);
    }
    offer.effect = effect;
  }

  // Size. Every allowed combination is one way to give each unit to a use or to none, and a set of later uses.

  [[nodiscard]] static std::vector<Scope> scopes_taken_from(const Offer& offer) {
    std::vector<Scope> scopes;
    if (const auto* fixed = std::get_if<FixedPrice>(&offer.effect)) {
      for (const BundlePart& part : fixed->parts)
        scopes.push_back(part.scope);
    } else {
      scopes.push_back(offer.scope);
      const auto* group = std::get_if<BuyGet>(&offer.effect);
      if (group != nullptr && group->has_get_scope) scopes.push_back(group->get_scope);
    }
    for (Scope& scope : scopes) {
      scope.unit_price_min = 0;
      scope.unit_price_max = 0;
    }
    return scopes;
  }

  [[nodiscard]] std::int64_t uses_of(const Offer& offer) const {
    if (!is_open(made_.document, made_.goods, made_.basket, offer)) return 0;
    if (!offer.coupon) return 1;
    return std::ranges::count(made_.basket.coupons, offer.id, &Coupon::offer);
  }

  /// Held at `kSizeMax`, so that nothing overflows.
  static constexpr std::int64_t kSizeMax = 1'000'000'000;

  [[nodiscard]] std::int64_t size() const {
    std::vector<std::int64_t> takers(made_.goods.size());
    std::int64_t size = 1;
    for (const Offer& offer : made_.document.offers) {
      const std::int64_t uses = uses_of(offer);
      if (offer.lane > Lane::Item) size = std::min(kSizeMax, size << std::min<std::int64_t>(uses, 20));
      if (offer.lane != Lane::Item) continue;
      for (const Scope& scope : scopes_taken_from(offer)) {
        for (std::size_t line = 0; line < takers.size(); ++line) {
          if (in_scope(scope, made_.goods[line], made_.basket.lines[line].unit_price)) takers[line] += uses;
        }
      }
    }
    for (std::size_t line = 0; line < takers.size(); ++line) {
      const offers::Line& of_basket = made_.basket.lines[line];
      const std::int64_t units = of_basket.weighed ? 1 : of_basket.count;
      std::int64_t ways = 1;  // (units + takers) over takers
      for (std::int64_t i = 1; i <= units && ways < kSizeMax; ++i)
        ways = ways * (takers[line] + i) / i;
      size = std::min(kSizeMax, size * std::min(ways, kSizeMax / size + 1));
    }
    return size;
  }

  /// Takes units, coupons and offers away until the oracle can try everything.
  void shrink() {
    const std::int64_t size_max = std::array{30'000, 300'000, 2'000'000, 8'000'000}.at(dice_.weighted({40, 35, 20, 5}));
    while (size() > size_max) {
      std::vector<offers::Line>& lines = made_.basket.lines;
      const std::size_t coupons = made_.basket.coupons.size();
      const std::size_t choice = dice_.weighted({55, coupons > 3 ? 20 : 0, 25});
      if (choice == 1) {
        made_.basket.coupons.erase(made_.basket.coupons.begin() + static_cast<std::ptrdiff_t>(dice_.below(coupons)));
      } else if (choice == 0) {
        offers::Line& line = lines[dice_.below(lines.size())];
        if (line.weighed || line.count == 1) continue;
        --line.count;
        line.list_amount = line.count * line.unit_price;
      } else if (made_.document.offers.size() > 3 || !has_counts()) {
        drop_last_offer();
      }
    }
  }

  [[nodiscard]] bool has_counts() const {
    return std::ranges::any_of(made_.basket.lines, [](const auto& line) { return !line.weighed && line.count > 1; });
  }

  void drop_last_offer() {
    const OfferId dropped = made_.document.offers.back().id;
    made_.document.offers.pop_back();
    const auto is_dropped = [&](const auto& of_offer) { return of_offer.offer == dropped; };
    std::erase_if(made_.basket.coupons, is_dropped);
    std::erase_if(made_.basket.context.draws, is_dropped);
    std::erase_if(made_.basket.context.budgets, is_dropped);
  }

  Dice dice_;
  Case made_;
  bool is_small_ = false;    ///< Prices of a few fen: ties and roundings are frequent.
  bool is_crowded_ = false;  ///< Most offers want the same units.
  std::vector<Goods> pool_;
  std::vector<std::int64_t> prices_;
  std::int64_t total_ = 0;
  std::int64_t units_ = 0;
};

// In words.

std::string text(std::int64_t number) {
  return std::to_string(number);
}

std::string text(const std::vector<Name>& names) {
  std::string all;
  for (const Name& one : names)
    all += std::string(all.empty() ? "" : ",") + std::string(one.view());
  return all;
}

std::string text(const Scope& scope) {
  std::string all = "{";
  const auto add = [&](const char* what, const std::vector<Name>& names) {
    if (!names.empty()) all += std::string(" ") + what + "=" + text(names);
  };
  add("items", scope.items);
  add("brands", scope.brands);
  add("categories", scope.categories);
  add("tags", scope.tags);
  add("not items", scope.excluded_items);
  add("not brands", scope.excluded_brands);
  add("not categories", scope.excluded_categories);
  add("not tags", scope.excluded_tags);
  if (scope.unit_price_min != 0) all += " from " + text(scope.unit_price_min);
  if (scope.unit_price_max != 0) all += " up to " + text(scope.unit_price_max);
  return all + " }";
}

std::string text(const Threshold& threshold) {
  return text(threshold.at_least) + (threshold.measure == Measure::Amount ? " fen" : " pieces");
}

const char* text(Pick pick) {
  switch (pick) {
    case Pick::Free: return "free";
    case Pick::Cheapest: return "cheapest";
    case Pick::Dearest: return "dearest";
  }
  return "?";
}

struct EffectText {
  std::string operator()(const AmountOff& effect) const {
    std::string all = "amount_off " + text(effect.amount);
    if (effect.threshold.at_least != 0) all += " threshold " + text(effect.threshold);
    if (effect.every.at_least != 0) all += " every " + text(effect.every) + " times_max " + text(effect.times_max);
    return all;
  }
  std::string operator()(const PercentOff& effect) const {
    std::string all = "percent_off " + text(effect.rate.value()) + " bp";
    if (effect.cap != 0) all += " cap " + text(effect.cap);
    if (effect.threshold.at_least != 0) all += " threshold " + text(effect.threshold);
    if (effect.units_max != 0) all += " units_max " + text(effect.units_max) + " pick " + text(effect.pick);
    return all;
  }
  std::string operator()(const Tiered& effect) const {
    std::string all = effect.measure == Measure::Amount ? "tiered fen" : "tiered pieces";
    for (const Tier& tier : effect.tiers) {
      all += " [" + text(tier.at_least) + ": ";
      all += tier.amount != 0 ? text(tier.amount) + " off]" : text(tier.rate.value()) + " bp off]";
    }
    if (effect.cap != 0) all += " cap " + text(effect.cap);
    return all;
  }
  std::string operator()(const FixedPrice& effect) const {
    std::string all = "fixed_price " + text(effect.price) + " times_max " + text(effect.times_max);
    for (const BundlePart& part : effect.parts)
      all += " part " + text(part.count) + " of " + text(part.scope);
    return all;
  }
  std::string operator()(const UnitPriceTo& effect) const {
    std::string all = "unit_price_to " + text(effect.price);
    if (effect.per_grams != 0) all += " per " + text(effect.per_grams) + " g";
    if (effect.units_max != 0) all += " units_max " + text(effect.units_max) + " pick " + text(effect.pick);
    return all;
  }
  std::string operator()(const BuyGet& effect) const {
    std::string all = "buy " + text(effect.buy) + " get " + text(effect.get) + " at " + text(effect.rate.value()) +
                      " bp off, " + text(effect.pick) + " times_max " + text(effect.times_max);
    if (effect.same_line) all += " same_line";
    if (effect.has_get_scope) all += " get_scope " + text(effect.get_scope);
    return all;
  }
  std::string operator()(const FreeOrder&) const { return "free_order"; }
  std::string operator()(const RandomOff& effect) const {
    return "random_off " + text(effect.min) + ".." + text(effect.max);
  }
  std::string operator()(const Gift& effect) const { return "gift " + text(effect.count); }
  std::string operator()(const PointsEarn& effect) const {
    return "points_earn " + text(effect.points) + " per " + text(effect.per);
  }
  std::string operator()(const PointsMultiply& effect) const {
    return "points_multiply " + text(effect.numerator) + "/" + text(effect.denominator);
  }
  std::string operator()(const PointsGrant& effect) const { return "points_grant " + text(effect.points); }
  std::string operator()(const CouponGrant& effect) const { return "coupon_grant " + text(effect.count); }
};

std::string minutes(core::WallTime at, core::WallTime now) {
  if (at == core::WallTime::min()) return "ever";
  if (at == core::WallTime::max()) return "never";
  return "now" + std::string(at < now ? "" : "+") +
         text(std::chrono::duration_cast<std::chrono::minutes>(at - now).count()) + "min";
}

void add_line(std::string& all, const offers::Line& line, const Goods& goods) {
  all += "  line " + text(line.id.value()) + ": " + std::string(goods.item.view()) +
         " brand=" + std::string(goods.brand.view()) + " categories=" + text(goods.categories) +
         " tags=" + text(goods.tags);
  all += line.weighed ? " weighed " + text(line.count) + " g for " + text(line.list_amount)
                      : " " + text(line.count) + " x " + text(line.unit_price);
  all += " tax " + text(line.tax_rate.value()) + (line.tax_included ? " included\n" : " on top\n");
}

void add_offer(std::string& all, const Offer& offer, bool is_open) {
  constexpr std::array kNames{"price", "item", "brand", "order", "tender"};
  all += std::string("  ") + (offer.coupon ? "template " : "offer ") + std::string(offer.id.view()) + " lane " +
         kNames.at(static_cast<std::size_t>(offer.lane)) + " priority " + text(offer.priority) + ": " +
         std::visit(EffectText{}, offer.effect) + " on " + text(offer.scope);
  if (!is_open) all += " CLOSED";
  if (offer.coupon) all += " uses_per_order_max " + text(offer.uses_per_order_max);
  if (!offer.group.empty()) all += " group " + std::string(offer.group.view());
  all += offer.combinable ? " combinable" : " not-combinable";
  if (offer.lane > Lane::Item) {
    all += offer.base == Base::Initial ? " base=initial" : " base=discounted";
    all += offer.threshold_base == Base::Initial ? " threshold_base=initial" : " threshold_base=discounted";
  }
  all += " " + std::string(core::to_string(offer.allocation)) + "\n";
}

}  // namespace

Case make_case(std::uint64_t seed, std::uint64_t index) {
  return Maker(seed, index).make();
}

std::string describe(const Case& made) {
  constexpr std::array kStackings{"stack", "compete", "wechat", "strict"};
  const Context& context = made.basket.context;
  std::string all;
  for (std::size_t i = 0; i < made.basket.lines.size(); ++i)
    add_line(all, made.basket.lines[i], made.goods[i]);
  for (std::size_t lane = 1; lane < kLanes; ++lane) {
    const LanePolicy& policy = made.document.lanes.at(lane);
    all += "  lane " + text(static_cast<std::int64_t>(lane)) + " " +
           kStackings.at(static_cast<std::size_t>(policy.stacking)) + " per order " + text(policy.uses_per_order_max) +
           " per line " + text(policy.uses_per_line_max) + "\n";
  }
  for (const Offer& offer : made.document.offers)
    add_offer(all, offer, is_open(made.document, made.goods, made.basket, offer));
  for (const Coupon& coupon : made.basket.coupons) {
    all += "  coupon " + std::string(coupon.id.view()) + " of " + std::string(coupon.offer.view()) + " from " +
           minutes(coupon.valid_from, context.now.at) + " expires " + minutes(coupon.expires_at, context.now.at) +
           " claimed " + minutes(coupon.claimed_at, context.now.at) + (coupon.requested ? " requested\n" : "\n");
  }
  for (const OfferAmount& budget : context.budgets)
    all += "  budget " + std::string(budget.offer.view()) + " " + text(budget.amount) + "\n";
  for (const OfferAmount& draw : context.draws)
    all += "  draw " + std::string(draw.offer.view()) + " " + text(draw.amount) + "\n";
  all += "  clock " + std::string(core::to_string(context.now.quality)) + "\n";
  return all;
}

OfferId offer_id(std::string_view text) {
  return OfferId::parse(text).value();
}

CouponId coupon_id(std::string_view text) {
  return CouponId::parse(text).value();
}

FunderId funder_id(std::string_view text) {
  return FunderId::parse(text).value();
}

Name name(std::string_view text) {
  return Name::parse(text).value();
}

}  // namespace tillkit::offers::oracle
