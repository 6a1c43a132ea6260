// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tillkit/offers/model.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillkit::offers::detail {

using ScopeIndex = std::uint32_t;
using OfferIndex = std::uint32_t;

/// Matched by every line; not listed in classes.
inline constexpr ScopeIndex kEverything = 0;
inline constexpr std::uint32_t kNone = 0xFFFF'FFFF;

struct CompiledScope {
  Scope scope;          // excluded lists sorted; the including lists are in the index and empty here
  bool listed = false;  // has an including list
};

/// A condition with its scope looked up. Children follow by index.
struct CompiledCondition {
  const Condition* condition = nullptr;
  ScopeIndex scope = kEverything;
  std::vector<CompiledCondition> children;
};

struct CompiledOffer {
  bool money = false;
  Lane lane = Lane::Price;
  bool always = false;     // it has no condition
  bool group_free = true;  // in no group and combinable
  core::BasisPoints rate;  // the highest that it takes
  ScopeIndex scope = kEverything;
  std::vector<ScopeIndex> parts;  // bundle parts, or the get scope
  std::uint32_t rank = 0;         // in the order of uses
  std::uint32_t group = kNone;
  /// Of an automatic percentage of lane Item that nothing but its scope and condition limits; else 0.
  core::BasisPoints unlimited;
  CompiledCondition condition;
};

/// Lists of small integers, one after another.
struct IndexLists {
  std::vector<std::uint32_t> first{0};
  std::vector<std::uint32_t> values;

  [[nodiscard]] std::span<const std::uint32_t> at(std::uint32_t list) const {
    return std::span(values).subspan(first[list], first[list + 1] - first[list]);
  }
};

struct TextHash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using NameIndex = std::unordered_map<std::string, std::vector<ScopeIndex>, TextHash, std::equal_to<>>;

struct GoodsEntry {
  Goods goods;
  std::uint32_t item = 0;  // same item, same number
  std::uint32_t first_scope = 0;
  std::uint32_t scopes = 0;
};

struct Compiled {
  RuleDocument document;
  std::vector<CompiledScope> scopes;
  std::vector<CompiledOffer> offers;
  std::vector<OfferIndex> by_rank;
  std::unordered_map<std::string, OfferIndex, TextHash, std::equal_to<>> by_id;
  std::uint32_t groups = 0;

  // Automatic offers that take money off, by the scopes they take it from: lane Price, and the others.
  IndexLists price_offers;
  IndexLists choice_offers;

  NameIndex items;
  NameIndex brands;
  NameIndex categories;
  NameIndex tags;
  std::vector<ScopeIndex> unlisted;  // scopes without an including list, `kEverything` not among them

  std::vector<GoodsEntry> goods;
  std::vector<ScopeIndex> goods_scopes;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> goods_by_text;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> item_numbers;

  [[nodiscard]] std::span<const ScopeIndex> scopes_of(GoodsClass goods_class) const {
    const GoodsEntry& entry = goods[goods_class.value()];
    return std::span(goods_scopes).subspan(entry.first_scope, entry.scopes);
  }
};

/// Says what is wrong with a document, if anything.
[[nodiscard]] core::Result<> check_document(const RuleDocument& document, RuleMistake& mistake);

}  // namespace tillkit::offers::detail
