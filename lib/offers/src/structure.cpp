// SPDX-License-Identifier: Apache-2.0
#include "structure.hpp"

namespace tillkit::offers::detail {
namespace {

std::int64_t or_no_limit(std::uint32_t limit) {
  return limit == 0 ? kNoLimit : std::int64_t{limit};
}

}  // namespace

Structure structure_of(const Effect& effect) {
  Structure structure;
  if (const auto* percent = std::get_if<PercentOff>(&effect)) structure.units_max = or_no_limit(percent->units_max);
  if (const auto* price = std::get_if<UnitPriceTo>(&effect)) structure.units_max = or_no_limit(price->units_max);
  if (const auto* bundle = std::get_if<FixedPrice>(&effect)) {
    structure.times_max = or_no_limit(bundle->times_max);
    for (const BundlePart& part : bundle->parts) {
      structure.per_part[structure.parts++] = part.count;
      structure.size += part.count;
    }
  }
  if (const auto* deal = std::get_if<BuyGet>(&effect)) {
    structure.times_max = or_no_limit(deal->times_max);
    structure.size = std::int64_t{deal->buy} + deal->get;
    structure.same_line = deal->same_line;
    if (deal->has_get_scope) {
      structure.per_part[0] = deal->buy;
      structure.per_part[1] = deal->get;
      structure.parts = 2;
    } else if (!deal->same_line) {
      structure.per_part[0] = structure.size;
      structure.parts = 1;
    }
  }
  return structure;
}

std::int64_t group_size(const Effect& effect) {
  const Structure structure = structure_of(effect);
  return structure.parts < 2 ? structure.size : 0;
}

}  // namespace tillkit::offers::detail
