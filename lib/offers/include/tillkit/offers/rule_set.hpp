// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tillkit/core/result.hpp"
#include "tillkit/offers/model.hpp"

namespace tillkit::offers {

/// Where a rule document is wrong, and what was expected there.
struct RuleMistake {
  std::size_t offer = 0;  ///< Index in `RuleDocument::offers`; `kNoOffer`: the document itself.
  std::string member;     ///< Below the offer, as in a rule file: `effect/units_max`.
  std::string expected;   ///< A sentence in English.
};
inline constexpr std::size_t kNoOffer = static_cast<std::size_t>(-1);

namespace detail {
struct Compiled;
}

/// A rule document, checked and indexed. Pricing looks only at the offers that the goods in the basket belong to.
class RuleSet {
 public:
  /// - InvalidArgument: the document is wrong; `mistake` says where.
  /// - Exhausted: beyond a limit of model.hpp; `mistake` says which.
  [[nodiscard]] static core::Result<RuleSet> compile(RuleDocument document, RuleMistake& mistake);

  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();

  /// Looks up which offers goods belong to. The same goods get the same answer; callers keep it with the item.
  /// `Exhausted`: more than `kGoodsClassesMax` different goods.
  [[nodiscard]] core::Result<GoodsClass> classify(const Goods& goods);

  [[nodiscard]] const RuleDocument& document() const;
  [[nodiscard]] const Goods& goods(GoodsClass goods_class) const;

  /// For the other parts of this module.
  [[nodiscard]] const detail::Compiled& compiled() const { return *compiled_; }

 private:
  explicit RuleSet(std::unique_ptr<detail::Compiled> compiled);

  std::unique_ptr<detail::Compiled> compiled_;
};

inline constexpr std::size_t kGoodsClassesMax = 200'000;

}  // namespace tillkit::offers
