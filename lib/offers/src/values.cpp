// SPDX-License-Identifier: Apache-2.0
#include "values.hpp"

#include <algorithm>

#include "tillkit/core/assert.hpp"

namespace tillkit::offers::detail {
namespace {

std::int64_t measured(const Threshold& threshold, std::int64_t amount, std::int64_t units) {
  return threshold.measure == Measure::Amount ? amount : units;
}

std::int64_t capped(std::int64_t value, std::int64_t cap) {
  return cap == 0 ? value : std::min(value, cap);
}

std::int64_t cap_of(const Effect& effect) {
  if (const auto* percent = std::get_if<PercentOff>(&effect)) return percent->cap;
  const auto* tiered = std::get_if<Tiered>(&effect);
  return tiered == nullptr ? 0 : tiered->cap;
}

std::int64_t value(const AmountOff& effect, std::int64_t amount, std::int64_t units) {
  if (effect.every.at_least == 0) {
    return measured(effect.threshold, amount, units) >= effect.threshold.at_least ? effect.amount : 0;
  }
  std::int64_t times = measured(effect.every, amount, units) / effect.every.at_least;
  if (effect.times_max != 0) times = std::min<std::int64_t>(times, effect.times_max);
  return times * effect.amount;  // 2^31 * 2^31 at most
}

const Tier* tier_at(const Tiered& effect, std::int64_t amount, std::int64_t units) {
  const std::int64_t reached = effect.measure == Measure::Amount ? amount : units;
  const Tier* tier = nullptr;
  for (const Tier& next : effect.tiers) {
    if (reached >= next.at_least) tier = &next;
  }
  return tier;
}

/// Of the first `count` units from dear to cheap, how many are the cheapest of their group.
std::int64_t cheap_ones(std::int64_t count, const BuyGet& effect) {
  const std::int64_t group = std::int64_t{effect.buy} + effect.get;
  return count / group * effect.get + std::max<std::int64_t>(0, count % group - effect.buy);
}

std::int64_t value(const BuyGet& effect, std::span<const WorkLine> lines, std::span<const Slot> slots,
                   std::span<const std::uint32_t> dear_first, std::span<const std::int64_t> counts) {
  const std::int64_t group = std::int64_t{effect.buy} + effect.get;
  std::int64_t got = 0;
  if (effect.has_get_scope) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i].part == 1) got += counts[i] * lines[slots[i].line].price;
    }
  } else if (effect.same_line) {
    for (std::size_t i = 0; i < slots.size(); ++i)
      got += counts[i] / group * effect.get * lines[slots[i].line].price;
  } else {
    std::int64_t total = 0;
    for (const std::int64_t count : counts)
      total += count;
    std::int64_t position = 0;
    const std::int64_t dear = total / group * effect.get;
    for (const std::uint32_t i : dear_first) {
      const std::int64_t next = position + counts[i];
      const std::int64_t units = effect.pick == Pick::Dearest ? std::min(next, dear) - std::min(position, dear)
                                                              : cheap_ones(next, effect) - cheap_ones(position, effect);
      got += units * lines[slots[i].line].price;
      position = next;
    }
  }
  return percent_of(got, effect.rate);
}

}  // namespace

std::int64_t value_of(const Effect& effect, std::int64_t measured_amount, std::int64_t measured_units,
                      std::int64_t base, std::int64_t draw) {
  if (const auto* amount_off = std::get_if<AmountOff>(&effect)) {
    return value(*amount_off, measured_amount, measured_units);
  }
  if (std::holds_alternative<RandomOff>(effect)) return draw;
  if (std::holds_alternative<FreeOrder>(effect)) return base;
  if (const auto* tiered = std::get_if<Tiered>(&effect)) {
    const Tier* tier = tier_at(*tiered, measured_amount, measured_units);
    if (tier == nullptr) return 0;
    if (tier->amount != 0) return capped(tier->amount, tiered->cap);
  }
  return capped(percent_of(base, rate_of(effect, measured_amount, measured_units)), cap_of(effect));
}

core::BasisPoints rate_of(const Effect& effect, std::int64_t measured_amount, std::int64_t measured_units) {
  if (const auto* percent = std::get_if<PercentOff>(&effect)) {
    const bool reached = measured(percent->threshold, measured_amount, measured_units) >= percent->threshold.at_least;
    return reached ? percent->rate : core::BasisPoints{};
  }
  const auto* tiered = std::get_if<Tiered>(&effect);
  const Tier* tier = tiered == nullptr ? nullptr : tier_at(*tiered, measured_amount, measured_units);
  return tier == nullptr ? core::BasisPoints{} : tier->rate;
}

core::BasisPoints line_rate(const Effect& effect, std::int64_t taken_amount, std::int64_t taken_units) {
  const auto* percent = std::get_if<PercentOff>(&effect);
  if (percent != nullptr && percent->units_max != 0) return {};
  return rate_of(effect, taken_amount, taken_units);
}

std::int64_t value_of_units(const Offer& offer, std::span<const WorkLine> lines, std::span<const Slot> slots,
                            std::span<const std::uint32_t> dear_first, std::span<const std::int64_t> counts) {
  std::int64_t amount = 0;
  std::int64_t units = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    amount += counts[i] * lines[slots[i].line].price;
    units += counts[i];
  }
  if (units == 0) return 0;
  if (const auto* price = std::get_if<UnitPriceTo>(&offer.effect)) return amount - units * price->price;
  if (const auto* bundle = std::get_if<FixedPrice>(&offer.effect)) {
    std::int64_t size = 0;
    for (const BundlePart& part : bundle->parts)
      size += part.count;
    return std::max<std::int64_t>(0, amount - units / size * bundle->price);
  }
  if (const auto* deal = std::get_if<BuyGet>(&offer.effect)) return value(*deal, lines, slots, dear_first, counts);
  const core::BasisPoints rate = line_rate(offer.effect, amount, units);
  if (rate.value() == 0) return value_of(offer.effect, amount, units, amount, 0);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < slots.size(); ++i)
    sum += percent_of(counts[i] * lines[slots[i].line].price, rate);
  return capped(sum, cap_of(offer.effect));
}

}  // namespace tillkit::offers::detail
