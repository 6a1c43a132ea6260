// SPDX-License-Identifier: Apache-2.0
#include "oracle.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <variant>

namespace tillkit::offers::oracle {
namespace {

constexpr std::size_t kLines = 8;
constexpr std::size_t kParts = 3;

using PerLine = std::array<std::int64_t, kLines>;
/// Units that a use takes, by line and part.
using Counts = std::array<std::array<std::int64_t, kParts>, kLines>;

// Amounts of the oracle are small: products of two of them, or of one and a rate, fit 64 bits.

std::int64_t half_up(std::int64_t numerator, std::int64_t denominator) {
  return (2 * numerator + denominator) / (2 * denominator);
}

std::int64_t rate_of(std::int64_t amount, core::BasisPoints rate) {
  return half_up(amount * rate.value(), 10'000);
}

template <class Effect>
const Effect* as(const Offer& offer) {
  return std::get_if<Effect>(&offer.effect);
}

bool takes_money(const Offer& offer) {
  return as<Gift>(offer) == nullptr && as<PointsEarn>(offer) == nullptr && as<PointsMultiply>(offer) == nullptr &&
         as<PointsGrant>(offer) == nullptr && as<CouponGrant>(offer) == nullptr;
}

// Lines and scopes.

/// A line of the basket as RULES.md sees it: units of one price. Those of a weighed line: one, of its whole amount.
struct Row {
  const offers::Line* line = nullptr;
  const Goods* goods = nullptr;
  std::int64_t units = 0;
  std::int64_t list_unit = 0;
  std::int64_t initial_unit = 0;
};

struct Shop {
  const RuleDocument* document = nullptr;
  const Basket* basket = nullptr;
  std::vector<Row> rows;
};

bool has(const std::vector<Name>& names, const Name& name) {
  return !name.empty() && std::ranges::find(names, name) != names.end();
}

bool has_any(const std::vector<Name>& names, const std::vector<Name>& wanted) {
  return std::ranges::any_of(wanted, [&](const Name& name) { return has(names, name); });
}

// Conditions. A clock that is unknown gives a third answer, which `not` leaves as it is.

enum class Truth : std::uint8_t { No, Unknown, Yes };

Truth truth(bool holds) {
  return holds ? Truth::Yes : Truth::No;
}

struct Moment {
  const Shop* shop = nullptr;
  bool at_list_prices = false;

  [[nodiscard]] std::int64_t unit_price(const Row& row) const {
    return at_list_prices ? row.list_unit : row.initial_unit;
  }
};

std::chrono::sys_time<core::WallTime::duration> shop_time(const Context& context) {
  return std::chrono::sys_time<core::WallTime::duration>(context.now.at.time_since_epoch() + context.utc_offset);
}

Truth in_window(const TimeWindow& window, const Context& context) {
  if (context.now.quality == core::WallQuality::Unknown) return Truth::Unknown;
  if (context.now.at < window.from || context.now.at >= window.until) return Truth::No;
  const auto local = shop_time(context);
  const auto today = std::chrono::floor<std::chrono::days>(local);
  const auto of_day = local - today;
  const auto is_on = [&](std::chrono::sys_days day) {
    const unsigned from_monday = std::chrono::weekday(day).iso_encoding() - 1;
    return (window.weekdays >> from_monday & 1U) != 0;
  };
  if (window.day_from <= window.day_until) {
    return truth(of_day >= window.day_from && of_day < window.day_until && is_on(today));
  }
  const bool started_today = of_day >= window.day_from && is_on(today);
  const bool started_yesterday = of_day < window.day_until && is_on(today - std::chrono::days(1));
  return truth(started_today || started_yesterday);
}

Truth near_birthday(const Condition& condition, const Context& context) {
  if (!context.member.known || context.member.birth_month == 0) return Truth::No;
  if (context.now.quality == core::WallQuality::Unknown) return Truth::Unknown;
  const auto today = std::chrono::floor<std::chrono::days>(shop_time(context));
  const auto year = std::chrono::year_month_day(today).year();
  for (int shift = -1; shift <= 1; ++shift) {
    const std::chrono::year_month_day birthday(year + std::chrono::years(shift),
                                               std::chrono::month(context.member.birth_month),
                                               std::chrono::day(context.member.birth_day));
    const auto day = std::chrono::sys_days(birthday);
    if (today >= day - std::chrono::days(condition.days_before) &&
        today <= day + std::chrono::days(condition.days_after)) {
      return Truth::Yes;
    }
  }
  return Truth::No;
}

bool has_tender(const Condition& condition, const Context& context) {
  return has(condition.names, context.wallet) ||
         std::ranges::any_of(condition.bins, [&](const std::string& bin) { return context.card.starts_with(bin); });
}

bool has_order_number(const Condition& condition, const Member& member) {
  if (!member.known) return false;
  const std::uint64_t number = std::uint64_t{member.orders_before} + 1;
  return condition.every ? number % condition.number == 0 : number == condition.number;
}

/// Subtotal, Pieces, Coverage: what the goods in the condition's scope come to.
bool has_goods(const Condition& condition, const Moment& moment) {
  std::int64_t amount = 0;
  std::int64_t pieces = 0;
  std::vector<Name> items;
  for (const Row& row : moment.shop->rows) {
    if (!in_scope(condition.scope, *row.goods, moment.unit_price(row))) continue;
    amount += row.units * moment.unit_price(row);
    pieces += row.units;
    if (!has(items, row.goods->item)) items.push_back(row.goods->item);
  }
  if (condition.kind == ConditionKind::Subtotal) return amount >= condition.at_least;
  if (condition.kind == ConditionKind::Pieces) return pieces >= condition.at_least;
  return static_cast<std::int64_t>(items.size()) >= condition.at_least;
}

Truth holds(const Condition& condition, const Moment& moment) {
  const Context& context = moment.shop->basket->context;
  const Member& member = context.member;
  switch (condition.kind) {
    case ConditionKind::All: {
      Truth all = Truth::Yes;
      for (const Condition& child : condition.children)
        all = std::min(all, holds(child, moment));
      return all;
    }
    case ConditionKind::Any: {
      Truth any = Truth::No;
      for (const Condition& child : condition.children)
        any = std::max(any, holds(child, moment));
      return any;
    }
    case ConditionKind::Not: {
      const Truth child = holds(condition.children.at(0), moment);
      return child == Truth::Unknown ? Truth::Unknown : truth(child == Truth::No);
    }
    case ConditionKind::Subtotal:
    case ConditionKind::Pieces:
    case ConditionKind::Coverage: return truth(has_goods(condition, moment));
    case ConditionKind::Member: return truth(member.known);
    case ConditionKind::Tier: return truth(member.known && has(condition.names, member.tier));
    case ConditionKind::MemberTag: return truth(member.known && has_any(condition.names, member.tags));
    case ConditionKind::OrderNumber: return truth(has_order_number(condition, member));
    case ConditionKind::Birthday: return near_birthday(condition, context);
    case ConditionKind::Time: return in_window(condition.window, context);
    case ConditionKind::Channel: return truth(has(condition.names, context.channel));
    case ConditionKind::Store: return truth(has(condition.names, context.store));
    case ConditionKind::Tender: return truth(has_tender(condition, context));
    case ConditionKind::Code: return truth(has_any(condition.names, context.codes));
  }
  throw std::logic_error("a kind of condition that nobody told the oracle about");
}

// Uses.

struct Candidate {
  const Offer* offer = nullptr;
  const Coupon* coupon = nullptr;
};

std::optional<std::int64_t> amount_of(const std::vector<OfferAmount>& amounts, const OfferId& offer) {
  for (const OfferAmount& amount : amounts) {
    if (amount.offer == offer) return amount.amount;
  }
  return std::nullopt;
}

bool is_before(const Candidate& a, const Candidate& b) {
  const auto key = [](const Candidate& use) { return std::tuple(use.offer->lane, use.offer->priority, use.offer->id); };
  if (key(a) != key(b)) return key(a) < key(b);
  if (a.coupon == nullptr || b.coupon == nullptr) return false;
  return std::tuple(a.coupon->expires_at, a.coupon->claimed_at, a.coupon->id) <
         std::tuple(b.coupon->expires_at, b.coupon->claimed_at, b.coupon->id);
}

bool is_valid_now(const Coupon& coupon, const Context& context) {
  const bool has_dates = coupon.valid_from != core::WallTime::min() || coupon.expires_at != core::WallTime::max();
  if (!has_dates) return true;
  return context.now.quality != core::WallQuality::Unknown && context.now.at >= coupon.valid_from &&
         context.now.at < coupon.expires_at;
}

bool offer_is_open(const Shop& shop, const Offer& offer) {
  const Context& context = shop.basket->context;
  if (amount_of(context.budgets, offer.id).value_or(1) <= 0) return false;
  if (as<RandomOff>(offer) != nullptr && !amount_of(context.draws, offer.id)) return false;
  return holds(offer.condition, Moment{&shop, offer.lane == Lane::Price}) == Truth::Yes;
}

/// Section 8: what takes no money off applies where something is in its scope.
bool has_goods_for(const Shop& shop, const Offer& offer) {
  return std::ranges::any_of(shop.rows,
                             [&](const Row& row) { return in_scope(offer.scope, *row.goods, row.initial_unit); });
}

/// Section 2: what is open, in the order of uses.
std::vector<Candidate> open_uses(const Shop& shop, bool (*wanted)(const Offer&)) {
  std::vector<Candidate> uses;
  for (const Offer& offer : shop.document->offers) {
    if (!wanted(offer) || !offer_is_open(shop, offer)) continue;
    if (!takes_money(offer) && !has_goods_for(shop, offer)) continue;
    if (!offer.coupon) uses.push_back({&offer, nullptr});
    for (const Coupon& coupon : shop.basket->coupons) {
      if (!offer.coupon || coupon.offer != offer.id || !is_valid_now(coupon, shop.basket->context)) continue;
      if (takes_money(offer) || coupon.requested) uses.push_back({&offer, &coupon});
    }
  }
  std::ranges::sort(uses, is_before);
  return uses;
}

/// Section 8: of a template the first `uses_per_order_max`.
std::vector<Candidate> extra_uses(const Shop& shop) {
  std::vector<Candidate> extras;
  for (const Candidate& use : open_uses(shop, [](const Offer& offer) { return !takes_money(offer); })) {
    const auto same = std::ranges::count(extras, use.offer, &Candidate::offer);
    if (use.coupon == nullptr || same < use.offer->uses_per_order_max) extras.push_back(use);
  }
  return extras;
}

Shop make_shop(const RuleDocument& document, const std::vector<Goods>& goods, const Basket& basket) {
  Shop shop{&document, &basket, {}};
  for (std::size_t i = 0; i < basket.lines.size(); ++i) {
    const offers::Line& line = basket.lines[i];
    const std::int64_t unit = line.weighed ? line.list_amount : line.unit_price;
    shop.rows.push_back({&line, &goods.at(i), line.weighed ? 1 : line.count, unit, unit});
  }
  std::ranges::sort(shop.rows, {}, [](const Row& row) { return row.line->id; });
  if (shop.rows.size() > kLines) throw std::logic_error("too many lines for the oracle");
  return shop;
}

Use blank_use(const Candidate& candidate) {
  Use use;
  use.offer = candidate.offer->id;
  if (candidate.coupon != nullptr) use.coupon = candidate.coupon->id;
  use.lane = candidate.offer->lane;
  return use;
}

/// The unit price (weighed goods: the amount) that an offer of lane `price` makes of a line, if it fits.
std::optional<std::int64_t> price_made(const Offer& offer, const Row& row) {
  const auto* effect = as<UnitPriceTo>(offer);
  if (effect == nullptr || !in_scope(offer.scope, *row.goods, row.list_unit)) return std::nullopt;
  if ((effect->per_grams != 0) != row.line->weighed) return std::nullopt;
  if (!row.line->weighed) return effect->price;
  return half_up(effect->price * row.line->count, effect->per_grams);
}

/// Lane `price`: changes `initial_unit` of the rows, and returns the uses that did it.
std::vector<Use> make_prices(Shop& shop) {
  const std::vector<Candidate> open =
      open_uses(shop, [](const Offer& offer) { return offer.lane == Lane::Price && takes_money(offer); });
  std::vector<Use> uses(open.size());
  std::ranges::transform(open, uses.begin(), blank_use);
  for (Row& row : shop.rows) {
    std::optional<std::size_t> lowest;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto price = price_made(*open[i].offer, row);
      if (!price || *price >= row.initial_unit) continue;
      row.initial_unit = *price;
      lowest = i;
    }
    if (!lowest) continue;
    const std::int64_t off = row.units * (row.list_unit - row.initial_unit);
    uses[*lowest].face += off;
    uses[*lowest].discount += off;
    uses[*lowest].shares.push_back({row.line->id, off});
  }
  std::erase_if(uses, [](const Use& use) { return use.discount == 0; });
  return uses;
}

// Lane `item`.

std::size_t parts_of(const Offer& offer) {
  if (const auto* effect = as<FixedPrice>(offer)) return effect->parts.size();
  if (const auto* effect = as<BuyGet>(offer)) return effect->has_get_scope ? 2 : 1;
  return 1;
}

/// Units of a part in one bundle; 0 for uses that have no bundles.
std::int64_t units_of_part(const Offer& offer, std::size_t part) {
  if (const auto* effect = as<FixedPrice>(offer)) return effect->parts.at(part).count;
  if (const auto* effect = as<BuyGet>(offer); effect != nullptr && effect->has_get_scope) {
    return part == 0 ? effect->buy : effect->get;
  }
  return 0;
}

/// Whether units of a line may be taken for a part; later lanes: whether the use covers the line.
bool fits(const Offer& offer, const Row& row, std::size_t part) {
  const auto* fixed = as<FixedPrice>(offer);
  const auto* reduce = as<UnitPriceTo>(offer);
  const auto* group = as<BuyGet>(offer);
  if (row.line->weighed && (fixed != nullptr || reduce != nullptr || group != nullptr)) return false;
  if (reduce != nullptr && row.initial_unit <= reduce->price) return false;
  const Scope* scope = &offer.scope;
  if (fixed != nullptr) scope = &fixed->parts.at(part).scope;
  if (group != nullptr && group->has_get_scope && part == 1) scope = &group->get_scope;
  return in_scope(*scope, *row.goods, row.initial_unit);
}

bool is_covering(const Offer& offer) {
  if (offer.lane != Lane::Item) return false;
  if (const auto* percent = as<PercentOff>(offer)) return percent->units_max == 0;
  if (const auto* reduce = as<UnitPriceTo>(offer)) return reduce->units_max == 0;
  return as<AmountOff>(offer) != nullptr || as<Tiered>(offer) != nullptr;
}

/// How many units of each line are among the `units_max` cheapest (dearest) that fit.
PerLine picked_units(const Shop& shop, const Offer& offer, Pick pick, std::uint32_t units_max) {
  std::vector<std::pair<std::int64_t, std::size_t>> units;  // price and line, one each
  for (std::size_t line = 0; line < shop.rows.size(); ++line) {
    if (!fits(offer, shop.rows[line], 0)) continue;
    for (std::int64_t i = 0; i < shop.rows[line].units; ++i) {
      const std::int64_t price = shop.rows[line].initial_unit;
      units.emplace_back(pick == Pick::Dearest ? -price : price, line);
    }
  }
  std::ranges::sort(units);
  PerLine picked{};
  for (std::size_t i = 0; i < units.size() && i < units_max; ++i)
    ++picked[units[i].second];
  return picked;
}

struct Taken {
  std::int64_t units = 0;
  std::array<std::int64_t, kParts> by_part{};
  std::int64_t value = 0;  ///< At initial prices.
};

Taken add_up(const Shop& shop, const Counts& counts) {
  Taken taken;
  for (std::size_t line = 0; line < shop.rows.size(); ++line) {
    for (std::size_t part = 0; part < kParts; ++part) {
      taken.units += counts[line][part];
      taken.by_part[part] += counts[line][part];
      taken.value += counts[line][part] * shop.rows[line].initial_unit;
    }
  }
  return taken;
}

bool within(std::int64_t times, std::uint32_t times_max) {
  return times >= 1 && (times_max == 0 || times <= times_max);
}

bool is_take_of_units_max(const Shop& shop, const Offer& offer, const Counts& counts, const Taken& taken, Pick pick,
                          std::uint32_t units_max) {
  if (taken.units > units_max) return false;
  if (pick == Pick::Free) return true;
  const PerLine picked = picked_units(shop, offer, pick, units_max);
  for (std::size_t line = 0; line < shop.rows.size(); ++line) {
    if (counts[line][0] > picked[line]) return false;
  }
  return true;
}

bool is_take_of_bundles(const FixedPrice& effect, const Taken& taken) {
  const std::int64_t times = taken.by_part[0] / effect.parts.at(0).count;
  if (!within(times, effect.times_max)) return false;
  for (std::size_t part = 0; part < effect.parts.size(); ++part) {
    if (taken.by_part[part] != times * effect.parts[part].count) return false;
  }
  return true;
}

bool is_take_of_groups(const BuyGet& effect, const Counts& counts, const Taken& taken) {
  if (effect.has_get_scope) {
    const std::int64_t times = taken.by_part[0] / effect.buy;
    return within(times, effect.times_max) && taken.by_part[0] == times * effect.buy &&
           taken.by_part[1] == times * effect.get;
  }
  const std::int64_t size = std::int64_t{effect.buy} + effect.get;
  if (taken.units % size != 0 || !within(taken.units / size, effect.times_max)) return false;
  return !effect.same_line || std::ranges::all_of(counts, [&](const auto& of_line) { return of_line[0] % size == 0; });
}

/// Section 3, what may be taken, but for what covering uses leave free.
bool may_take(const Shop& shop, const Offer& offer, const Counts& counts) {
  const Taken taken = add_up(shop, counts);
  if (taken.units == 0) return false;
  if (const auto* effect = as<PercentOff>(offer); effect != nullptr && effect->units_max != 0) {
    return is_take_of_units_max(shop, offer, counts, taken, effect->pick, effect->units_max);
  }
  if (const auto* effect = as<UnitPriceTo>(offer); effect != nullptr && effect->units_max != 0) {
    return is_take_of_units_max(shop, offer, counts, taken, effect->pick, effect->units_max);
  }
  if (const auto* effect = as<FixedPrice>(offer)) return is_take_of_bundles(*effect, taken);
  if (const auto* effect = as<BuyGet>(offer)) return is_take_of_groups(*effect, counts, taken);
  return true;
}

// What a use is worth.

/// What thresholds, `every` and tiers look at, and what percentages are taken of.
struct Measured {
  std::int64_t amount = 0;
  std::int64_t pieces = 0;
  std::vector<std::int64_t> rate_bases;  ///< Each is rounded by itself.

  [[nodiscard]] std::int64_t of(Measure measure) const { return measure == Measure::Amount ? amount : pieces; }
};

std::int64_t capped(std::int64_t value, std::int64_t cap) {
  return cap == 0 ? value : std::min(value, cap);
}

std::int64_t amount_off_value(const AmountOff& effect, const Measured& measured) {
  if (measured.of(effect.threshold.measure) < effect.threshold.at_least) return 0;
  if (effect.every.at_least == 0) return effect.amount;
  std::int64_t times = measured.of(effect.every.measure) / effect.every.at_least;
  if (effect.times_max != 0) times = std::min<std::int64_t>(times, effect.times_max);
  return times * effect.amount;
}

std::int64_t rate_of_all(const Measured& measured, core::BasisPoints rate) {
  std::int64_t sum = 0;
  for (const std::int64_t base : measured.rate_bases)
    sum += rate_of(base, rate);
  return sum;
}

std::int64_t percent_value(const PercentOff& effect, const Measured& measured) {
  if (measured.of(effect.threshold.measure) < effect.threshold.at_least) return 0;
  return capped(rate_of_all(measured, effect.rate), effect.cap);
}

const Tier* tier_reached(const Tiered& effect, const Measured& measured) {
  const Tier* reached = nullptr;
  for (const Tier& tier : effect.tiers) {
    if (measured.of(effect.measure) < tier.at_least) break;
    reached = &tier;
  }
  return reached;
}

std::int64_t tiered_value(const Tiered& effect, const Measured& measured) {
  const Tier* tier = tier_reached(effect, measured);
  if (tier == nullptr) return 0;
  return capped(tier->amount != 0 ? tier->amount : rate_of_all(measured, tier->rate), effect.cap);
}

std::int64_t buy_get_value(const Shop& shop, const BuyGet& effect, const Counts& counts) {
  std::int64_t given = 0;  // D
  std::vector<std::int64_t> units;
  const std::int64_t size = std::int64_t{effect.buy} + effect.get;
  for (std::size_t line = 0; line < shop.rows.size(); ++line) {
    const std::int64_t price = shop.rows[line].initial_unit;
    if (effect.has_get_scope) {
      given += counts[line][1] * price;
    } else if (effect.same_line) {
      given += counts[line][0] / size * effect.get * price;
    } else {
      units.insert(units.end(), static_cast<std::size_t>(counts[line][0]), price);
    }
  }
  std::ranges::sort(units, std::greater<>());
  const std::int64_t groups = static_cast<std::int64_t>(units.size()) / size;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(units.size()); ++i) {
    const bool is_given = effect.pick == Pick::Dearest ? i < groups * effect.get : i % size >= effect.buy;
    if (is_given) given += units[static_cast<std::size_t>(i)];
  }
  return rate_of(given, effect.rate);
}

/// What is taken of a line, at its initial price.
std::int64_t value_on_line(const Shop& shop, const Counts& counts, std::size_t line) {
  return std::accumulate(counts[line].begin(), counts[line].end(), std::int64_t{0}) * shop.rows[line].initial_unit;
}

Measured measure_take(const Shop& shop, const Offer& offer, const Counts& counts) {
  const Taken taken = add_up(shop, counts);
  Measured measured{taken.value, taken.units, {}};
  if (!is_covering(offer)) measured.rate_bases.push_back(taken.value);
  for (std::size_t line = 0; is_covering(offer) && line < shop.rows.size(); ++line)
    measured.rate_bases.push_back(value_on_line(shop, counts, line));
  return measured;
}

/// Section 5: by what a discount of lane `item` is shared.
std::vector<std::int64_t> take_weights(const Shop& shop, const Offer& offer, const Counts& counts) {
  const Measured measured = measure_take(shop, offer, counts);
  std::optional<core::BasisPoints> rate;
  if (const auto* percent = as<PercentOff>(offer); percent != nullptr && is_covering(offer)) rate = percent->rate;
  if (const auto* tiered = as<Tiered>(offer)) {
    const Tier* tier = tier_reached(*tiered, measured);
    if (tier != nullptr && tier->amount == 0) rate = tier->rate;
  }
  std::vector<std::int64_t> weights(shop.rows.size());
  for (std::size_t line = 0; line < weights.size(); ++line) {
    weights[line] = value_on_line(shop, counts, line);
    if (rate) weights[line] = rate_of(weights[line], *rate);
    if (const auto* reduce = as<UnitPriceTo>(offer)) weights[line] -= counts[line][0] * reduce->price;
  }
  return weights;
}

/// Section 3: the value of a use in lane `item`.
std::int64_t value_of_take(const Shop& shop, const Offer& offer, const Counts& counts) {
  const Taken taken = add_up(shop, counts);
  const Measured measured = measure_take(shop, offer, counts);
  if (const auto* effect = as<AmountOff>(offer)) return amount_off_value(*effect, measured);
  if (const auto* effect = as<PercentOff>(offer)) return percent_value(*effect, measured);
  if (const auto* effect = as<Tiered>(offer)) return tiered_value(*effect, measured);
  if (const auto* effect = as<FixedPrice>(offer)) {
    return taken.value - taken.by_part[0] / effect->parts.at(0).count * effect->price;
  }
  if (const auto* effect = as<UnitPriceTo>(offer)) return taken.value - taken.units * effect->price;
  if (const auto* effect = as<BuyGet>(offer)) return buy_get_value(shop, *effect, counts);
  throw std::logic_error("an effect that lane item does not have");
}

// The search.

struct Chosen {
  std::size_t candidate = 0;
  std::int64_t face = 0;
  std::int64_t discount = 0;
  Counts counts{};
  PerLine shares{};
};

struct Combination {
  std::int64_t saved = 0;
  std::vector<Chosen> uses;  ///< In the order of uses.
};

class Search {
 public:
  Search(const Shop& shop, std::vector<Candidate> candidates)
      : shop_(shop), candidates_(std::move(candidates)), seen_(candidates_.size(), false) {
    for (std::size_t line = 0; line < shop_.rows.size(); ++line) {
      free_[line] = shop_.rows[line].units;
      left_[line] = shop_.rows[line].units * shop_.rows[line].initial_unit;
    }
    initial_ = left_;
    for (const Candidate& candidate : candidates_) {
      std::array<PerLine, kParts> fitting{};
      if (parts_of(*candidate.offer) > kParts) throw std::logic_error("too many parts for the oracle");
      for (std::size_t part = 0; part < parts_of(*candidate.offer); ++part) {
        for (std::size_t line = 0; line < shop_.rows.size(); ++line)
          fitting[part][line] = fits(*candidate.offer, shop_.rows[line], part) ? 1 : 0;
      }
      fitting_.push_back(fitting);
    }
  }

  void run() { visit(0); }

  [[nodiscard]] const Combination& best() const { return *best_; }
  [[nodiscard]] const std::vector<Candidate>& candidates() const { return candidates_; }
  [[nodiscard]] std::uint64_t combinations() const { return combinations_; }
  [[nodiscard]] std::int64_t best_single() const { return best_single_; }
  [[nodiscard]] std::size_t seen() const { return static_cast<std::size_t>(std::ranges::count(seen_, true)); }

 private:
  [[nodiscard]] const Offer& offer(std::size_t candidate) const { return *candidates_[candidate].offer; }
  [[nodiscard]] const LanePolicy& policy(Lane lane) const {
    return shop_.document->lanes.at(static_cast<std::size_t>(lane));
  }

  void visit(std::size_t candidate) {
    const bool is_end = candidate == candidates_.size();
    if (candidate > 0 && (is_end || offer(candidate).lane != offer(candidate - 1).lane)) {
      if (!lane_is_allowed(offer(candidate - 1).lane)) return;
    }
    if (is_end) {
      judge();
      return;
    }
    if (candidate == 0 || offer(candidate).lane != offer(candidate - 1).lane) {
      at_lane_start_.at(static_cast<std::size_t>(offer(candidate).lane)) = left_;
    }
    visit(candidate + 1);
    if (!may_join(candidate)) return;
    if (offer(candidate).lane == Lane::Item) {
      try_takes(candidate);
    } else {
      try_cover(candidate);
    }
  }

  // Section 6.

  [[nodiscard]] bool may_join(std::size_t candidate) const {
    const Offer& joining = offer(candidate);
    const LanePolicy& lane = policy(joining.lane);
    std::size_t of_template = 1;
    std::size_t in_lane = 1;
    for (const Chosen& use : uses_) {
      const Offer& other = offer(use.candidate);
      if (&other == &joining) ++of_template;
      if (&other != &joining && !joining.group.empty() && joining.group == other.group) return false;
      if (other.lane == joining.lane) ++in_lane;
    }
    if (joining.coupon && of_template > joining.uses_per_order_max) return false;
    return lane.uses_per_order_max == 0 || in_lane <= lane.uses_per_order_max;
  }

  [[nodiscard]] bool lane_is_allowed(Lane lane) const {
    std::size_t uses = 0;
    std::size_t combinable = 0;
    for (const Chosen& use : uses_) {
      if (offer(use.candidate).lane != lane) continue;
      ++uses;
      if (offer(use.candidate).combinable) ++combinable;
    }
    if (lane == Lane::Item && !covers_all()) return false;
    if (uses <= 1) return true;
    switch (policy(lane).stacking) {
      case Stacking::Stack: return true;
      case Stacking::Compete: return false;
      case Stacking::WeChat: return combinable >= 1;
      case Stacking::Strict: return combinable == uses;
    }
    throw std::logic_error("a stacking that nobody told the oracle about");
  }

  [[nodiscard]] static bool takes_from(const Chosen& use, std::size_t line) {
    return std::ranges::any_of(use.counts[line], [](std::int64_t count) { return count != 0; });
  }

  [[nodiscard]] std::size_t uses_on_line(Lane lane, std::size_t line) const {
    std::size_t uses = 0;
    for (const Chosen& use : uses_) {
      if (offer(use.candidate).lane != lane) continue;
      const bool touches = lane == Lane::Item ? takes_from(use, line) : fitting_[use.candidate][0][line] != 0;
      if (touches) ++uses;
    }
    return uses;
  }

  [[nodiscard]] bool line_has_room(Lane lane, std::size_t line) const {
    const std::size_t uses_max = policy(lane).uses_per_line_max;
    return uses_max == 0 || uses_on_line(lane, line) < uses_max;
  }

  /// Section 3: what covering uses must not leave free.
  [[nodiscard]] bool covers_all() const {
    for (const Chosen& use : uses_) {
      if (!is_covering(offer(use.candidate))) continue;
      for (std::size_t line = 0; line < shop_.rows.size(); ++line) {
        if (takes_from(use, line) && (free_[line] != 0 || owners_of(line) > 1)) return false;
        if (free_[line] == 0 || fitting_[use.candidate][0][line] == 0) continue;
        if (line_has_room(Lane::Item, line)) return false;
      }
    }
    return true;
  }

  [[nodiscard]] std::int64_t owners_of(std::size_t line) const {
    return std::ranges::count_if(
        uses_, [&](const Chosen& use) { return is_covering(offer(use.candidate)) && takes_from(use, line); });
  }

  // Section 3: every way to give units to a use.

  void try_takes(std::size_t candidate) {
    Counts counts{};
    if (units_of_part(offer(candidate), 0) == 0) {
      try_counts(candidate, counts, 0);
      return;
    }
    for (std::int64_t times = 1; times <= units_in_basket(); ++times)
      try_parts(candidate, counts, times, 0, 0, times * units_of_part(offer(candidate), 0));
  }

  /// Uses of one part: any count of each line.
  void try_counts(std::size_t candidate, Counts& counts, std::size_t line) {
    if (line == shop_.rows.size()) {
      if (may_take(shop_, offer(candidate), counts)) take(candidate, counts);
      return;
    }
    const std::int64_t most = fitting_[candidate][0][line] != 0 ? free_[line] : 0;
    for (std::int64_t count = 0; count <= most; ++count) {
      counts[line][0] = count;
      free_[line] -= count;
      try_counts(candidate, counts, line + 1);
      free_[line] += count;
    }
    counts[line][0] = 0;
  }

  /// Bundles: `needed` more units of this part from this line on, then the next part.
  void try_parts(std::size_t candidate, Counts& counts, std::int64_t times, std::size_t part, std::size_t line,
                 std::int64_t needed) {
    if (line == shop_.rows.size()) {
      if (needed != 0) return;
      if (part + 1 < parts_of(offer(candidate))) {
        try_parts(candidate, counts, times, part + 1, 0, times * units_of_part(offer(candidate), part + 1));
      } else if (may_take(shop_, offer(candidate), counts)) {
        take(candidate, counts);
      }
      return;
    }
    const std::int64_t most = fitting_[candidate][part][line] != 0 ? std::min(free_[line], needed) : 0;
    for (std::int64_t count = 0; count <= most; ++count) {
      counts[line][part] = count;
      free_[line] -= count;
      try_parts(candidate, counts, times, part, line + 1, needed - count);
      free_[line] += count;
    }
    counts[line][part] = 0;
  }

  [[nodiscard]] std::int64_t units_in_basket() const {
    std::int64_t units = 0;
    for (const Row& row : shop_.rows)
      units += row.units;
    return units;
  }

  void take(std::size_t candidate, const Counts& counts) {
    Chosen use{candidate, value_of_take(shop_, offer(candidate), counts), 0, counts, {}};
    std::vector<std::int64_t> caps(shop_.rows.size());
    for (std::size_t line = 0; line < shop_.rows.size(); ++line) {
      if (takes_from(use, line) && !line_has_room(Lane::Item, line)) return;
      caps[line] = value_on_line(shop_, counts, line);
    }
    apply(use, take_weights(shop_, offer(candidate), counts), caps);
  }

  // Section 4.

  void try_cover(std::size_t candidate) {
    const Offer& covering = offer(candidate);
    const PerLine& at_start = at_lane_start_.at(static_cast<std::size_t>(covering.lane));
    Measured measured{0, 0, {0}};
    std::vector<std::int64_t> weights(shop_.rows.size());
    std::vector<std::int64_t> caps(shop_.rows.size());
    for (std::size_t line = 0; line < shop_.rows.size(); ++line) {
      if (fitting_[candidate][0][line] == 0) continue;
      if (!line_has_room(covering.lane, line)) return;
      caps[line] = left_[line];
      weights[line] = covering.base == Base::Initial ? initial_[line] : left_[line];
      measured.amount += covering.threshold_base == Base::Initial ? initial_[line] : at_start[line];
      measured.pieces += shop_.rows[line].units;
      measured.rate_bases.front() += weights[line];
    }
    apply(Chosen{candidate, value_of_cover(covering, measured), 0, {}, {}}, weights, caps);
  }

  [[nodiscard]] std::int64_t value_of_cover(const Offer& covering, const Measured& measured) const {
    if (const auto* effect = as<AmountOff>(covering)) return amount_off_value(*effect, measured);
    if (const auto* effect = as<PercentOff>(covering)) return percent_value(*effect, measured);
    if (const auto* effect = as<Tiered>(covering)) return tiered_value(*effect, measured);
    if (as<FreeOrder>(covering) != nullptr) return order_left();
    if (as<RandomOff>(covering) != nullptr) return *amount_of(shop_.basket->context.draws, covering.id);
    throw std::logic_error("an effect that this lane does not have");
  }

  [[nodiscard]] std::int64_t order_left() const { return std::accumulate(left_.begin(), left_.end(), std::int64_t{0}); }

  // Section 5.

  [[nodiscard]] std::int64_t limited(const Chosen& use, const std::vector<std::int64_t>& caps) const {
    const Offer& limiting = offer(use.candidate);
    std::int64_t discount = std::min(use.face, std::accumulate(caps.begin(), caps.end(), std::int64_t{0}));
    if (as<FreeOrder>(limiting) == nullptr) discount = std::min(discount, order_left() - 1);
    if (const auto budget = amount_of(shop_.basket->context.budgets, limiting.id)) {
      std::int64_t left = *budget;
      for (const Chosen& other : uses_) {
        if (&offer(other.candidate) == &limiting) left -= other.discount;
      }
      discount = std::min(discount, left);
    }
    return discount;
  }

  void apply(Chosen use, const std::vector<std::int64_t>& weights, const std::vector<std::int64_t>& caps) {
    use.discount = limited(use, caps);
    if (use.discount < 1) return;
    const std::vector<std::int64_t> shares = share_out(use.discount, weights, caps, offer(use.candidate).allocation);
    for (std::size_t line = 0; line < shop_.rows.size(); ++line) {
      use.shares[line] = shares[line];
      left_[line] -= shares[line];
    }
    uses_.push_back(use);
    visit(use.candidate + 1);
    uses_.pop_back();
    for (std::size_t line = 0; line < shop_.rows.size(); ++line)
      left_[line] += shares[line];
  }

  // Section 7.

  void judge() {
    ++combinations_;
    Combination found;
    for (const Chosen& use : uses_) {
      seen_[use.candidate] = true;
      found.saved += use.discount;
    }
    if (uses_.size() <= 1) best_single_ = std::max(best_single_, found.saved);
    if (best_ && found.saved < best_->saved) return;
    found.uses = uses_;
    if (!best_ || is_better(found, *best_)) best_ = std::move(found);
  }

  template <class Value>
  [[nodiscard]] std::vector<Value> sorted(const Combination& combination, Value Coupon::* member) const {
    std::vector<Value> values;
    for (const Chosen& use : combination.uses) {
      const Coupon* coupon = candidates_[use.candidate].coupon;
      if (coupon != nullptr) values.push_back(coupon->*member);
    }
    std::ranges::sort(values);
    return values;
  }

  [[nodiscard]] static const Chosen* find(const Combination& combination, std::size_t candidate) {
    const auto use = std::ranges::find(combination.uses, candidate, &Chosen::candidate);
    return use == combination.uses.end() ? nullptr : &*use;
  }

  [[nodiscard]] bool is_better(const Combination& a, const Combination& b) const {
    if (a.saved != b.saved) return a.saved > b.saved;

    const auto expiries_a = sorted(a, &Coupon::expires_at);
    const auto expiries_b = sorted(b, &Coupon::expires_at);
    if (expiries_a.size() != expiries_b.size()) return expiries_a.size() < expiries_b.size();

    const auto faces = [&](const Combination& combination) {
      std::int64_t sum = 0;
      for (const Chosen& use : combination.uses)
        sum += candidates_[use.candidate].coupon != nullptr ? use.face : 0;
      return sum;
    };
    if (faces(a) != faces(b)) return faces(a) < faces(b);

    if (expiries_a != expiries_b) return expiries_a < expiries_b;
    const auto claims_a = sorted(a, &Coupon::claimed_at);
    const auto claims_b = sorted(b, &Coupon::claimed_at);
    if (claims_a != claims_b) return claims_a < claims_b;
    const auto ids_a = sorted(a, &Coupon::id);
    const auto ids_b = sorted(b, &Coupon::id);
    if (ids_a != ids_b) return ids_a < ids_b;

    for (std::size_t candidate = 0; candidate < candidates_.size(); ++candidate) {
      const Chosen* in_a = find(a, candidate);
      const Chosen* in_b = find(b, candidate);
      if ((in_a != nullptr) != (in_b != nullptr)) return in_a != nullptr;
      if (in_a == nullptr) continue;
      for (std::size_t part = 0; part < kParts; ++part) {
        for (std::size_t line = 0; line < kLines; ++line) {
          const std::int64_t count_a = in_a->counts[line][part];
          const std::int64_t count_b = in_b->counts[line][part];
          if (count_a != count_b) return count_a > count_b;
        }
      }
    }
    return false;
  }

  const Shop& shop_;
  std::vector<Candidate> candidates_;
  std::vector<std::array<PerLine, kParts>> fitting_;  ///< By candidate, part and line: 1 where it fits.
  PerLine free_{};
  PerLine left_{};
  PerLine initial_{};
  std::array<PerLine, kLanes> at_lane_start_{};
  std::vector<Chosen> uses_;
  std::optional<Combination> best_;
  std::vector<bool> seen_;
  std::uint64_t combinations_ = 0;
  std::int64_t best_single_ = 0;
};

// The answer.

Use to_use(const Shop& shop, const Candidate& candidate, const Chosen& chosen) {
  Use use = blank_use(candidate);
  use.face = chosen.face;
  use.discount = chosen.discount;
  for (std::size_t line = 0; line < shop.rows.size(); ++line) {
    const LineId id = shop.rows[line].line->id;
    for (std::size_t part = 0; part < kParts; ++part) {
      if (chosen.counts[line][part] != 0) {
        use.takes.push_back({id, static_cast<std::uint32_t>(part), chosen.counts[line][part]});
      }
    }
    if (chosen.shares[line] != 0) use.shares.push_back({id, chosen.shares[line]});
  }
  return use;
}

/// Gives each unit of a line its part of each use's share.
void fill_units(const Row& row, const std::vector<Use>& uses, Line& line) {
  line.units.assign(static_cast<std::size_t>(row.units),
                    Unit{row.list_unit, row.list_unit, std::vector<std::int64_t>(uses.size())});
  std::size_t next_free = 0;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    std::int64_t share = 0;
    for (const Share& of_line : uses[i].shares)
      share += of_line.line == line.id ? of_line.amount : 0;
    std::size_t first = 0;
    std::size_t count = line.units.size();
    if (uses[i].lane == Lane::Item) {
      first = next_free;
      count = 0;
      for (const Take& take : uses[i].takes)
        count += take.line == line.id ? static_cast<std::size_t>(take.count) : 0;
      next_free += count;
    }
    std::vector<std::int64_t> left;
    for (std::size_t unit = first; unit < first + count; ++unit)
      left.push_back(line.units[unit].net);
    const auto parts = share_out(share, left, left, core::AllocationRule::LargestRemainder);
    for (std::size_t unit = 0; unit < count; ++unit) {
      line.units[first + unit].discounts[i] = parts[unit];
      line.units[first + unit].net -= parts[unit];
    }
  }
}

std::int64_t tax_of(const offers::Line& line, std::int64_t net) {
  const std::int64_t rate = line.tax_rate.value();
  return half_up(net * rate, line.tax_included ? 10'000 + rate : 10'000);
}

/// Section 8: a sum of fractions, exactly, and one floor.
class Fraction {
 public:
  void add(std::int64_t numerator, std::int64_t denominator) {
    numerator_ = numerator_ * denominator + numerator * denominator_;
    denominator_ *= denominator;
    reduce();
  }

  void multiply(std::int64_t numerator, std::int64_t denominator) {
    numerator_ *= numerator;
    denominator_ *= denominator;
    reduce();
  }

  [[nodiscard]] bool is_less(const Fraction& other) const {
    return numerator_ * other.denominator_ < other.numerator_ * denominator_;
  }
  [[nodiscard]] std::int64_t numerator() const { return numerator_; }
  [[nodiscard]] std::int64_t denominator() const { return denominator_; }
  [[nodiscard]] std::int64_t floor() const { return numerator_ / denominator_; }

 private:
  void reduce() {
    const std::int64_t common = std::gcd(numerator_, denominator_);
    numerator_ /= common;
    denominator_ /= common;
  }

  std::int64_t numerator_ = 0;
  std::int64_t denominator_ = 1;
};

std::int64_t points_of(const Shop& shop, const std::vector<Candidate>& extras, const std::vector<Line>& lines) {
  Fraction sum;
  for (std::size_t line = 0; line < shop.rows.size(); ++line) {
    Fraction points;
    std::optional<Fraction> largest;
    for (const Candidate& extra : extras) {
      if (!in_scope(extra.offer->scope, *shop.rows[line].goods, shop.rows[line].initial_unit)) continue;
      if (const auto* earn = as<PointsEarn>(*extra.offer)) points.add(earn->points, earn->per);
      if (const auto* multiply = as<PointsMultiply>(*extra.offer)) {
        Fraction factor;
        factor.add(multiply->numerator, multiply->denominator);
        if (!largest || largest->is_less(factor)) largest = factor;
      }
    }
    if (largest) points.multiply(largest->numerator(), largest->denominator());
    points.multiply(lines[line].net, 1);
    sum.add(points.numerator(), points.denominator());
  }
  return sum.floor();
}

}  // namespace

bool in_scope(const Scope& scope, const Goods& goods, std::int64_t unit_price) {
  const bool names_nothing =
      scope.items.empty() && scope.brands.empty() && scope.categories.empty() && scope.tags.empty();
  const bool named = has(scope.items, goods.item) || has(scope.brands, goods.brand) ||
                     has_any(scope.categories, goods.categories) || has_any(scope.tags, goods.tags);
  const bool excluded = has(scope.excluded_items, goods.item) || has(scope.excluded_brands, goods.brand) ||
                        has_any(scope.excluded_categories, goods.categories) ||
                        has_any(scope.excluded_tags, goods.tags);
  const bool in_bounds =
      unit_price >= scope.unit_price_min && (scope.unit_price_max == 0 || unit_price <= scope.unit_price_max);
  return (names_nothing || named) && !excluded && in_bounds;
}

std::vector<std::int64_t> share_out(std::int64_t amount, const std::vector<std::int64_t>& weights,
                                    const std::vector<std::int64_t>& caps, core::AllocationRule rule) {
  std::vector<std::int64_t> shares(weights.size(), 0);
  // Full lines leave with their cap until the exact shares of the others are all within theirs.
  std::vector<std::size_t> open;
  for (std::size_t line = 0; line < weights.size(); ++line) {
    if (weights[line] > 0) open.push_back(line);
  }
  std::int64_t rest = amount;
  std::vector<std::int64_t> lost(weights.size(), 0);
  std::int64_t weight_sum = 0;
  for (bool is_settled = false; !is_settled;) {
    is_settled = true;
    weight_sum = 0;
    for (const std::size_t line : open)
      weight_sum += weights[line];
    std::vector<std::size_t> still_open;
    std::int64_t still_rest = rest;
    for (const std::size_t line : open) {
      if (rest * weights[line] > caps[line] * weight_sum) {
        shares[line] = caps[line];
        still_rest -= caps[line];
        is_settled = false;
      } else {
        still_open.push_back(line);
      }
    }
    open = still_open;
    rest = still_rest;
  }
  std::int64_t over = rest;
  for (const std::size_t line : open) {
    shares[line] = rest * weights[line] / weight_sum;
    lost[line] = rest * weights[line] % weight_sum;
    over -= shares[line];
  }
  // What cutting left over, one by one.
  if (rule == core::AllocationRule::LargestRemainder) {
    std::ranges::sort(open,
                      [&](std::size_t a, std::size_t b) { return lost[a] != lost[b] ? lost[a] > lost[b] : a < b; });
  }
  if (rule == core::AllocationRule::LastLine) std::ranges::reverse(open);
  for (const std::size_t line : open) {
    const bool is_greedy = rule == core::AllocationRule::LastLine;
    for (std::int64_t given = 0; over > 0 && shares[line] < caps[line] && (given == 0 || is_greedy); ++given) {
      ++shares[line];
      --over;
    }
  }
  if (over != 0) throw std::logic_error("the oracle shared more than there is room for");
  return shares;
}

bool is_open(const RuleDocument& document, const std::vector<Goods>& goods, const Basket& basket, const Offer& offer) {
  Shop shop = make_shop(document, goods, basket);
  (void)make_prices(shop);
  return offer_is_open(shop, offer);
}

Answer ask(const RuleDocument& document, const std::vector<Goods>& goods, const Basket& basket) {
  Shop shop = make_shop(document, goods, basket);
  Answer answer;
  answer.uses = make_prices(shop);

  Search search(shop,
                open_uses(shop, [](const Offer& offer) { return offer.lane != Lane::Price && takes_money(offer); }));
  search.run();
  for (const Chosen& chosen : search.best().uses)
    answer.uses.push_back(to_use(shop, search.candidates()[chosen.candidate], chosen));
  answer.combinations = search.combinations();
  answer.choices = search.seen();
  answer.best_single = search.best_single();
  for (const Use& use : answer.uses) {
    answer.saved += use.discount;
    if (use.lane == Lane::Price) answer.best_single += use.discount;
  }

  for (const Row& row : shop.rows) {
    Line line;
    line.id = row.line->id;
    line.list = row.units * row.list_unit;
    line.initial = row.units * row.initial_unit;
    fill_units(row, answer.uses, line);
    for (const Unit& unit : line.units)
      line.net += unit.net;
    line.tax = tax_of(*row.line, line.net);
    answer.list += line.list;
    answer.payable += line.net + (row.line->tax_included ? 0 : line.tax);
    answer.lines.push_back(std::move(line));
  }

  const auto extras = extra_uses(shop);
  for (const Candidate& extra : extras)
    answer.extras.push_back({extra.offer->id, extra.coupon == nullptr ? CouponId() : extra.coupon->id});
  answer.points = points_of(shop, extras, answer.lines);
  return answer;
}

}  // namespace tillkit::offers::oracle
