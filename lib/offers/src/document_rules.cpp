// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "document_conditions.hpp"
#include "document_effects.hpp"
#include "document_reader.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::offers {
namespace detail {
namespace {

using core::JsonValue;
using core::Result;

constexpr Range kUsesMax{0, 1'000};
constexpr Range kPriority{-1'000'000, 1'000'000};

bool asks_for_tender(const Condition& condition) {
  if (condition.kind == ConditionKind::Tender) return true;
  if (condition.kind == ConditionKind::Not) return false;
  return std::ranges::any_of(condition.children, asks_for_tender);
}

bool takes_units(const Effect& effect) {
  if (const auto* percent = std::get_if<PercentOff>(&effect)) return percent->units_max > 0;
  return std::holds_alternative<FixedPrice>(effect) || std::holds_alternative<BuyGet>(effect) ||
         std::holds_alternative<UnitPriceTo>(effect);
}

/// The lane that an offer belongs to by what it says; README.md has the table.
Lane natural_lane(const Offer& offer) {
  if (!takes_money_off(offer.effect)) return Lane::Order;
  if (const auto* price = std::get_if<UnitPriceTo>(&offer.effect)) {
    if (!offer.coupon && price->units_max == 0) return Lane::Price;
  }
  if (takes_units(offer.effect)) return Lane::Item;
  if (asks_for_tender(offer.condition)) return Lane::Tender;
  if (std::holds_alternative<FreeOrder>(offer.effect)) return Lane::Order;
  if (!offer.scope.brands.empty() || !offer.scope.categories.empty() || !offer.scope.tags.empty()) return Lane::Brand;
  if (offer.scope.items.empty()) return Lane::Order;
  return std::holds_alternative<RandomOff>(offer.effect) ? Lane::Brand : Lane::Item;
}

Result<> read_funder(DocumentReader& in, const JsonValue& value, bool only_one, Funder& funder) {
  TILLKIT_TRY_VOID(in.only(value, kFunderMembers));
  TILLKIT_TRY_VOID(in.required(value, "id"));
  TILLKIT_TRY_VOID(in.required(value, "kind"));
  if (!only_one) TILLKIT_TRY_VOID(in.required(value, "share"));
  funder.share = core::kWhole;
  TILLKIT_TRY_VOID(in.id(value, "id", funder.id));
  TILLKIT_TRY_VOID(in.choice(value, "kind", funder.kind, kFunderKindNames));
  return in.rate(value, "share", funder.share, kUpToWhole);
}

Result<> read_funders(DocumentReader& in, const JsonValue& object, std::vector<Funder>& funders) {
  const auto array = object.find("funders");
  if (!array) return {};
  TILLKIT_TRY(const core::JsonElements list, in.elements(*array, "funders", kFundersMax));
  const std::size_t count = array->size();
  if (count == 0) return in.wrong(*array, "at least one funder; without \"funders\" the merchant pays");
  std::int64_t whole = 0;
  for (const JsonValue value : list) {
    Funder funder;
    TILLKIT_TRY_VOID(read_funder(in, value, count == 1, funder));
    const auto same = [&](const Funder& other) { return other.id == funder.id; };
    if (std::ranges::any_of(funders, same)) return in.wrong(value, "a funder that is not in the list yet");
    whole += funder.share.value();
    funders.push_back(funder);
  }
  if (whole != core::kWhole.value()) return in.wrong(*array, "shares that add up to 100%");
  return {};
}

/// The goods of a bundle are those of its parts; the offer's scope stood for those that name none.
Result<> hand_scope_to_parts(DocumentReader& in, const JsonValue& value, Offer& offer) {
  const auto scope = value.find("scope");
  if (!scope) return {};
  const auto& parts = std::get<FixedPrice>(offer.effect).parts;
  const auto uses_it = [&](const BundlePart& part) { return part.scope == offer.scope; };
  if (std::ranges::none_of(parts, uses_it)) return in.wrong(*scope, "no scope: each part has its own");
  offer.scope = {};
  return {};
}

Result<> read_offer(DocumentReader& in, const JsonValue& value, Offer& offer) {
  TILLKIT_TRY_VOID(in.only(value, kOfferMembers));
  TILLKIT_TRY_VOID(in.required(value, "id"));
  TILLKIT_TRY_VOID(in.id(value, "id", offer.id));
  offer.name = offer.id.view();
  if (const auto name = value.find("name")) {
    TILLKIT_TRY(offer.name, in.text(*name, kDisplayNameBytesMax));
  }
  TILLKIT_TRY_VOID(in.boolean(value, "coupon", offer.coupon));
  TILLKIT_TRY_VOID(in.integer(value, "priority", offer.priority, kPriority));
  TILLKIT_TRY_VOID(in.id(value, "group", offer.group));
  TILLKIT_TRY_VOID(in.boolean(value, "combinable", offer.combinable));
  TILLKIT_TRY_VOID(in.boolean(value, "budgeted", offer.budgeted));
  TILLKIT_TRY_VOID(in.integer(value, "uses_per_order_max", offer.uses_per_order_max, Range{1, kCouponsMax}));
  if (const auto scope = value.find("scope")) TILLKIT_TRY_VOID(read_scope(in, *scope, offer.scope));
  if (const auto condition = value.find("condition")) {
    TILLKIT_TRY_VOID(read_condition(in, *condition, 1, offer.condition));
  }
  TILLKIT_TRY(const JsonValue effect, in.required(value, "effect"));
  TILLKIT_TRY_VOID(read_effect(in, effect, offer.scope, offer.effect));
  if (std::holds_alternative<FixedPrice>(offer.effect)) TILLKIT_TRY_VOID(hand_scope_to_parts(in, value, offer));
  TILLKIT_TRY_VOID(in.choice(value, "base", offer.base, kBaseNames));
  TILLKIT_TRY_VOID(in.choice(value, "threshold_base", offer.threshold_base, kBaseNames));
  TILLKIT_TRY_VOID(in.choice(value, "allocation", offer.allocation, kAllocationNames));
  TILLKIT_TRY_VOID(read_funders(in, value, offer.funders));
  offer.lane = natural_lane(offer);
  return in.choice(value, "lane", offer.lane, kLaneNames);
}

Result<> read_lane_policy(DocumentReader& in, const JsonValue& value, LanePolicy& policy) {
  TILLKIT_TRY_VOID(in.only(value, kLanePolicyMembers));
  TILLKIT_TRY_VOID(in.choice(value, "stacking", policy.stacking, kStackingNames));
  TILLKIT_TRY_VOID(in.integer(value, "uses_per_order_max", policy.uses_per_order_max, kUsesMax));
  return in.integer(value, "uses_per_line_max", policy.uses_per_line_max, kUsesMax);
}

Result<> read_lanes(DocumentReader& in, const JsonValue& object, std::array<LanePolicy, kLanes>& lanes) {
  const auto value = object.find("lanes");
  if (!value) return {};
  TILLKIT_TRY_VOID(in.only(*value, kLaneNames));
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (const auto policy = value->find(kLaneNames[lane])) TILLKIT_TRY_VOID(read_lane_policy(in, *policy, lanes[lane]));
  }
  return {};
}

Result<> read_offers(DocumentReader& in, const JsonValue& array, std::vector<Offer>& offers) {
  TILLKIT_TRY(const core::JsonElements list, in.elements(array, "offers", kOffersMax));
  offers.reserve(array.size());
  std::unordered_set<OfferId> ids;
  for (const JsonValue value : list) {
    Offer& offer = offers.emplace_back();
    TILLKIT_TRY_VOID(read_offer(in, value, offer));
    if (!ids.insert(offer.id).second) {
      TILLKIT_TRY(const JsonValue id, in.required(value, "id"));
      return in.wrong(id, "an id that no offer before it has");
    }
  }
  return {};
}

Result<RuleDocument> read_document(DocumentReader& in, const JsonValue& root) {
  RuleDocument rules;
  TILLKIT_TRY_VOID(in.only(root, kRulesMembers));
  TILLKIT_TRY(const JsonValue version, in.required(root, "version"));
  TILLKIT_TRY(rules.version, in.text(version, kVersionBytesMax));
  TILLKIT_TRY(const JsonValue currency, in.required(root, "currency"));
  TILLKIT_TRY(rules.currency, in.currency(currency));
  in.set_currency(rules.currency);
  TILLKIT_TRY_VOID(read_lanes(in, root, rules.lanes));
  TILLKIT_TRY(const JsonValue offers, in.required(root, "offers"));
  TILLKIT_TRY_VOID(read_offers(in, offers, rules.offers));
  return rules;
}

}  // namespace
}  // namespace detail

core::Result<RuleDocument> read_rules(std::string_view json, DocumentMistake& mistake) {
  TILLKIT_TRY(const core::JsonDocument document, detail::parse_document(json, kRulesJsonLimits, mistake));
  detail::DocumentReader in{core::Currency{}};
  auto rules = detail::read_document(in, document.root());
  if (!rules) mistake = in.mistake(json, document);
  return rules;
}

}  // namespace tillkit::offers
