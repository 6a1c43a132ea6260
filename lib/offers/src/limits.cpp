// SPDX-License-Identifier: Apache-2.0
#include "tillkit/offers/limits.hpp"

#include <array>

#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillkit::offers {

std::span<const core::NamedLimit> offers_limits() {
  static constexpr std::array kLimits{
      core::NamedLimit{"offers.amount_max", kAmountMax, "minor units"},
      core::NamedLimit{"offers.condition_depth_max", kConditionDepthMax, "conditions"},
      core::NamedLimit{"offers.coupons_max", kCouponsMax, "coupons"},
      core::NamedLimit{"offers.funders_max", kFundersMax, "funders"},
      core::NamedLimit{"offers.goods_classes_max", kGoodsClassesMax, "goods"},
      core::NamedLimit{"offers.line_count_max", kLineCountMax, "pieces"},
      core::NamedLimit{"offers.lines_max", kLinesMax, "lines"},
      core::NamedLimit{"offers.nodes_max", SearchOptions{}.nodes_max, "search steps, unless asked otherwise"},
      core::NamedLimit{"offers.offers_max", kOffersMax, "offers"},
      core::NamedLimit{"offers.open_groups_max", kOpenGroupsMax, "groups"},
      core::NamedLimit{"offers.open_uses_max", kOpenUsesMax, "uses"},
      core::NamedLimit{"offers.parts_max", kPartsMax, "parts"},
      core::NamedLimit{"offers.scope_names_max", kScopeNamesMax, "names"},
      core::NamedLimit{"offers.tiers_max", kTiersMax, "tiers"},
  };
  return kLimits;
}

}  // namespace tillkit::offers
