// SPDX-License-Identifier: Apache-2.0
#include "tillkit/offers/rule_set.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "compiled.hpp"

namespace tillkit::offers {
namespace detail {
namespace {

void sort_unique(std::vector<Name>& names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

void append_text(std::string& text, const std::vector<Name>& names, char separator) {
  text += separator;
  for (const Name& name : names) {
    text += name.view();
    text += ' ';
  }
}

/// Builds the indexes of one document.
class Compiler {
 public:
  explicit Compiler(Compiled& compiled) : compiled_(compiled) {}

  core::Result<> run(RuleMistake& mistake);

 private:
  ScopeIndex intern(const Scope& scope);
  CompiledCondition compile(const Condition& condition);
  void index_offers();

  Compiled& compiled_;
  std::unordered_map<std::string, ScopeIndex> known_;
};

ScopeIndex Compiler::intern(const Scope& given) {
  if (given == Scope{}) return kEverything;
  CompiledScope entry{given, false};
  Scope& scope = entry.scope;
  std::string text = std::to_string(scope.unit_price_min) + '-' + std::to_string(scope.unit_price_max);
  for (auto* names : {&scope.items, &scope.brands, &scope.categories, &scope.tags, &scope.excluded_items,
                      &scope.excluded_brands, &scope.excluded_categories, &scope.excluded_tags}) {
    sort_unique(*names);
    append_text(text, *names, '|');
  }
  const auto [known, added] = known_.try_emplace(std::move(text), static_cast<ScopeIndex>(compiled_.scopes.size()));
  if (!added) return known->second;

  const ScopeIndex index = known->second;
  const std::array<std::pair<std::vector<Name>*, NameIndex*>, 4> lists{{{&scope.items, &compiled_.items},
                                                                        {&scope.brands, &compiled_.brands},
                                                                        {&scope.categories, &compiled_.categories},
                                                                        {&scope.tags, &compiled_.tags}}};
  for (const auto& [names, by_name] : lists) {
    for (const Name& name : *names)
      (*by_name)[std::string(name.view())].push_back(index);
    entry.listed = entry.listed || !names->empty();
    *names = {};
  }
  if (!entry.listed) compiled_.unlisted.push_back(index);
  compiled_.scopes.push_back(std::move(entry));
  return index;
}

CompiledCondition Compiler::compile(const Condition& condition) {
  CompiledCondition out{&condition, intern(condition.scope), {}};
  out.children.reserve(condition.children.size());
  for (const Condition& child : condition.children)
    out.children.push_back(compile(child));
  return out;
}

void fill(IndexLists& lists, std::size_t count, std::vector<std::pair<ScopeIndex, OfferIndex>>& pairs) {
  std::ranges::sort(pairs);
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  lists.first.assign(count + 1, 0);
  for (const auto& [scope, offer] : pairs) {
    ++lists.first[scope + 1];
    lists.values.push_back(offer);
  }
  std::partial_sum(lists.first.begin(), lists.first.end(), lists.first.begin());
}

void Compiler::index_offers() {
  const std::vector<Offer>& offers = compiled_.document.offers;
  compiled_.by_rank.resize(offers.size());
  std::iota(compiled_.by_rank.begin(), compiled_.by_rank.end(), 0U);
  std::ranges::sort(compiled_.by_rank, {}, [&](OfferIndex index) {
    const Offer& offer = offers[index];
    return std::tuple(offer.lane, offer.priority, offer.id);
  });
  std::vector<std::pair<ScopeIndex, OfferIndex>> price;
  std::vector<std::pair<ScopeIndex, OfferIndex>> choice;
  for (std::uint32_t rank = 0; rank < compiled_.by_rank.size(); ++rank) {
    const OfferIndex index = compiled_.by_rank[rank];
    CompiledOffer& offer = compiled_.offers[index];
    offer.rank = rank;
    if (!offer.money || offers[index].coupon) continue;
    auto& pairs = offers[index].lane == Lane::Price ? price : choice;
    if (!std::holds_alternative<FixedPrice>(offers[index].effect)) pairs.emplace_back(offer.scope, index);
    for (const ScopeIndex part : offer.parts)
      pairs.emplace_back(part, index);
  }
  fill(compiled_.price_offers, compiled_.scopes.size(), price);
  fill(compiled_.choice_offers, compiled_.scopes.size(), choice);
}

core::BasisPoints highest_rate(const Effect& effect) {
  if (const auto* percent = std::get_if<PercentOff>(&effect)) return percent->rate;
  const auto* tiered = std::get_if<Tiered>(&effect);
  core::BasisPoints rate;
  for (std::size_t i = 0; tiered != nullptr && i < tiered->tiers.size(); ++i)
    rate = std::max(rate, tiered->tiers[i].rate);
  return rate;
}

core::Result<> Compiler::run(RuleMistake& mistake) {
  compiled_.scopes.emplace_back();  // kEverything
  std::unordered_map<std::string, std::uint32_t> groups;
  const std::vector<Offer>& offers = compiled_.document.offers;
  compiled_.offers.resize(offers.size());
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const Offer& offer = offers[i];
    CompiledOffer& out = compiled_.offers[i];
    if (!compiled_.by_id.try_emplace(std::string(offer.id.view()), static_cast<OfferIndex>(i)).second) {
      mistake = {i, "id", "each offer id once; this one is above already"};
      return core::fail(core::ErrorCode::InvalidArgument);
    }
    out.money = takes_money_off(offer.effect);
    out.lane = offer.lane;
    out.always = offer.condition.kind == ConditionKind::All && offer.condition.children.empty();
    out.group_free = offer.group.empty() && offer.combinable;
    out.rate = highest_rate(offer.effect);
    out.scope = intern(offer.scope);
    if (const auto* bundle = std::get_if<FixedPrice>(&offer.effect)) {
      for (const BundlePart& part : bundle->parts)
        out.parts.push_back(intern(part.scope));
    } else if (const auto* deal = std::get_if<BuyGet>(&offer.effect); deal != nullptr && deal->has_get_scope) {
      out.parts.push_back(intern(deal->get_scope));
    }
    if (!offer.group.empty()) {
      out.group =
          groups.try_emplace(std::string(offer.group.view()), static_cast<std::uint32_t>(groups.size())).first->second;
    }
    const auto* percent = std::get_if<PercentOff>(&offer.effect);
    if (percent != nullptr && offer.lane == Lane::Item && !offer.coupon && offer.combinable && offer.group.empty() &&
        percent->units_max == 0 && percent->cap == 0 && percent->threshold.at_least == 0) {
      out.unlimited = percent->rate;
    }
    out.condition = compile(offer.condition);
  }
  compiled_.groups = static_cast<std::uint32_t>(groups.size());
  index_offers();
  return {};
}

template <class Names, class Excluded>
bool has_excluded(const Names& names, const Excluded& excluded) {
  return std::ranges::any_of(names, [&](const Name& name) { return std::ranges::binary_search(excluded, name); });
}

bool is_excluded(const Goods& goods, const Scope& scope) {
  return std::ranges::binary_search(scope.excluded_items, goods.item) ||
         (!goods.brand.empty() && std::ranges::binary_search(scope.excluded_brands, goods.brand)) ||
         has_excluded(goods.categories, scope.excluded_categories) || has_excluded(goods.tags, scope.excluded_tags);
}

}  // namespace
}  // namespace detail

core::Result<RuleSet> RuleSet::compile(RuleDocument document, RuleMistake& mistake) {
  TILLKIT_TRY_VOID(detail::check_document(document, mistake));
  auto compiled = std::make_unique<detail::Compiled>();
  compiled->document = std::move(document);
  TILLKIT_TRY_VOID(detail::Compiler(*compiled).run(mistake));
  return RuleSet(std::move(compiled));
}

RuleSet::RuleSet(std::unique_ptr<detail::Compiled> compiled) : compiled_(std::move(compiled)) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

core::Result<GoodsClass> RuleSet::classify(const Goods& goods) {
  detail::Compiled& compiled = *compiled_;
  std::string text(goods.item.view());
  text += '|';
  text += goods.brand.view();
  detail::append_text(text, goods.categories, '|');
  detail::append_text(text, goods.tags, '|');
  if (const auto known = compiled.goods_by_text.find(text); known != compiled.goods_by_text.end()) {
    return GoodsClass(known->second);
  }
  if (compiled.goods.size() >= kGoodsClassesMax) return core::fail(core::ErrorCode::Exhausted);

  std::vector<detail::ScopeIndex> scopes = compiled.unlisted;
  const auto add = [&](const detail::NameIndex& index, const Name& name) {
    if (name.empty()) return;
    if (const auto found = index.find(name.view()); found != index.end()) {
      scopes.insert(scopes.end(), found->second.begin(), found->second.end());
    }
  };
  add(compiled.items, goods.item);
  add(compiled.brands, goods.brand);
  for (const Name& category : goods.categories)
    add(compiled.categories, category);
  for (const Name& tag : goods.tags)
    add(compiled.tags, tag);
  std::ranges::sort(scopes);
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  std::erase_if(scopes,
                [&](detail::ScopeIndex scope) { return detail::is_excluded(goods, compiled.scopes[scope].scope); });

  const auto index = static_cast<std::uint32_t>(compiled.goods.size());
  const auto item = compiled.item_numbers.try_emplace(std::string(goods.item.view()),
                                                      static_cast<std::uint32_t>(compiled.item_numbers.size()));
  compiled.goods.push_back({goods, item.first->second, static_cast<std::uint32_t>(compiled.goods_scopes.size()),
                            static_cast<std::uint32_t>(scopes.size())});
  compiled.goods_scopes.insert(compiled.goods_scopes.end(), scopes.begin(), scopes.end());
  compiled.goods_by_text.emplace(std::move(text), index);
  return GoodsClass(index);
}

const RuleDocument& RuleSet::document() const {
  return compiled_->document;
}

const Goods& RuleSet::goods(GoodsClass goods_class) const {
  return compiled_->goods[goods_class.value()].goods;
}

}  // namespace tillkit::offers
