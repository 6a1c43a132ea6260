// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/currency.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/model.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/offers/rule_set.hpp"

/// Rules, baskets and proofs as JSON. The forms for people are described in lib/offers/schema; amounts in them are
/// texts such as `"30.00"`, so that nobody takes fen for yuan.
namespace tillkit::offers {

/// Where a document is wrong, and what was expected there.
struct DocumentMistake {
  std::string path;          ///< JSON pointer: `/offers/3/effect/percent_off/rate`; empty: the document itself.
  std::string expected;      ///< In English: `a rate such as "10%"`.
  std::string found;         ///< What stands there, short; empty: nothing does.
  std::uint32_t line = 0;    ///< Where that is in the text, from 1; 0: not known.
  std::uint32_t column = 0;  ///< In bytes, from 1.

  friend bool operator==(const DocumentMistake&, const DocumentMistake&) = default;
};

/// `/offers/3/effect/percent_off/rate: expected a rate such as "10%", found 10`
[[nodiscard]] std::string to_string(const DocumentMistake& mistake);

/// What a rule file may cost: 500,000 names of items and 20,000 offers at once; about 150 MB while it is read.
inline constexpr core::JsonLimits kRulesJsonLimits{
    .bytes_max = 16'777'216, .values_max = 1'000'000, .members_max = 64, .string_bytes_max = 1'024};
/// 500 lines with 16 names each, and 100 coupons.
inline constexpr core::JsonLimits kBasketJsonLimits{.values_max = 30'000, .string_bytes_max = 1'024};
/// What `to_json` writes, and a little around it.
inline constexpr core::JsonLimits kProofJsonLimits{.bytes_max = kProofBytesMax + 1'024,
                                                   .values_max = kProofValuesMax + 16};

/// Of an offer, and of goods where people read them.
inline constexpr std::size_t kDisplayNameBytesMax = 128;
inline constexpr std::size_t kVersionBytesMax = 128;

/// Reads a rule file. What a member does not say is filled in: the lane from effect, condition and scope, the merchant
/// as funder. `mistake` says why not:
/// - InvalidArgument: not JSON, or not a rule file.
/// - Exhausted: beyond a limit.
/// What passes may still be refused by `RuleSet::compile`; `locate` says where that is in the file.
[[nodiscard]] core::Result<RuleDocument> read_rules(std::string_view json, DocumentMistake& mistake);

/// Finds what `RuleSet::compile` blames in the file that the rules came from.
[[nodiscard]] DocumentMistake locate(const RuleMistake& mistake, std::string_view json);

/// What a catalog knows about a code.
struct SourceItem {
  Goods goods;
  std::string name;             ///< For people; may be empty.
  std::int64_t unit_price = 0;  ///< Per piece, or per `per_grams`.
  std::int64_t per_grams = 0;   ///< 0: sold by the piece.
  core::BasisPoints tax_rate;
  bool tax_included = true;
};

/// Where lines that name only a code get their goods and price from.
class ItemSource {
 public:
  virtual ~ItemSource() = default;
  /// `now` is the basket's. `NotFound`: nobody knows this code. Any other error: it cannot be sold by these rules.
  [[nodiscard]] virtual core::Result<SourceItem> find(std::string_view code, const core::WallReading& now) const = 0;
};

/// A basket before its goods are looked up in a rule set.
struct BasketDocument {
  Basket basket;
  std::vector<Goods> goods;        ///< Of each line.
  std::vector<std::string> names;  ///< Of each line, for people; the item where nothing else is known.
};

/// Reads a basket whose amounts are in `currency`. `items` may be null: then no line may name only a code.
/// Fails as `read_rules` does.
[[nodiscard]] core::Result<BasketDocument> read_basket(std::string_view json, core::Currency currency,
                                                       const ItemSource* items, DocumentMistake& mistake);

/// Looks up goods, coupons and draws: the basket as `Evaluator::evaluate` takes it.
/// - InvalidArgument: a coupon of no template, or a draw that the rules do not allow; `mistake` says which.
/// - Exhausted: as `RuleSet::classify`.
[[nodiscard]] core::Result<Basket> classify(BasketDocument document, RuleSet& rules, DocumentMistake& mistake);

/// The words of the documents: `item`, `brand`, `wechat`.
[[nodiscard]] std::string_view to_string(Lane lane);
[[nodiscard]] std::string_view to_string(FunderKind kind);
[[nodiscard]] std::string_view to_string(Policy policy);
/// Reads `best`, `wechat`, `first` or `single`, or fails with `InvalidArgument`.
[[nodiscard]] core::Result<Policy> parse_policy(std::string_view name);

/// Reads what `to_json` wrote. A proof whose numbers do not add up is a mistake too; the number of nodes is not in it.
/// Fails as `read_rules` does.
[[nodiscard]] core::Result<PriceProof> read_proof(std::string_view json, DocumentMistake& mistake);

}  // namespace tillkit::offers
