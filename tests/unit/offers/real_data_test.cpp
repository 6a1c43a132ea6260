// SPDX-License-Identifier: Apache-2.0
#include "../../bench/real_data.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "money_laws.hpp"
#include "tillkit/offers/evaluate.hpp"
#include "tillkit/offers/proof.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit;
using namespace tillkit::offers;

namespace {

constexpr Policy kSimple[] = {Policy::WeChat, Policy::First, Policy::Single};

struct Seen {
  std::uint64_t baskets = 0;
  std::uint64_t proven = 0;
  std::uint64_t nodes = 0;
  std::uint64_t better = 0;  // than every simple policy
};

/// All units of a sale back, one at a time in any order: what the shopper gets is what was paid.
bool returns_add_up(const PriceProof& proof, std::mt19937_64& random) {
  std::vector<UnitRange> units;
  for (const ProofLine& line : proof.lines) {
    for (std::int64_t unit = 1; unit <= (line.weighed ? 1 : line.count); ++unit)
      units.push_back({line.id, unit, 1});
  }
  for (std::size_t i = units.size(); i > 1; --i)
    std::swap(units[i - 1], units[static_cast<std::size_t>(random() % i)]);
  std::int64_t paid = 0;
  std::int64_t tax = 0;
  std::int64_t discount = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto piece = refund(proof, std::span(units).first(i), std::span(units).subspan(i, 1));
    if (!piece) return false;
    paid += piece->payable;
    tax += piece->tax;
    discount += piece->discount;
  }
  return paid == proof.payable && tax == proof.tax && discount == proof.discount;
}

/// Prices a basket by every policy; empty if all is as it must be.
std::string check(const RuleSet& rules, Evaluator& evaluator, const Basket& basket, std::mt19937_64& random,
                  Seen& seen) {
  Evaluation best;
  const SearchOptions options;
  if (!evaluator.evaluate(basket, options, best)) return "refused";
  ++seen.baskets;
  seen.proven += best.proven ? 1 : 0;
  seen.nodes += best.nodes;
  const auto proof = make_proof(rules, basket, options, best);
  if (!proof) return "no proof";
  if (std::string law = oracle::broken_law(*proof, rules.document()); !law.empty()) return law;
  if (!returns_add_up(*proof, random)) return "returns do not add up";
  bool better = true;
  for (const Policy policy : kSimple) {
    Evaluation simple;
    if (!evaluator.evaluate(basket, SearchOptions{policy}, simple)) return "refused by a simple policy";
    if (simple.saved > best.saved + best.gap) return "a simple policy saves more";
    better = better && simple.saved < best.saved;
  }
  seen.better += better ? 1 : 0;
  return {};
}

void report(const std::string& what, const Seen& seen) {
  WARN(what << ": " << seen.baskets << " baskets, " << seen.proven << " proven, " << seen.nodes / seen.baskets
            << " nodes each, better than every simple policy in " << seen.better);
}

}  // namespace

TEST_CASE("real wallets over a real shop's goods are priced best, provably, and add up", "[offers][slow]") {
  const auto folder = real_data::folder();
  if (!folder) SKIP("no real catalog and coupons on this machine");
  const real_data::Shop shop = real_data::chinese_shop(*folder);
  std::mt19937_64 random(test::seed());
  constexpr std::size_t kCoupons[] = {1, 8, 28};
  constexpr int kBaskets = 100;
  Seen seen;

  for (const std::size_t coupons : kCoupons) {
    Evaluator evaluator(*shop.rules);
    for (int i = 0; i < kBaskets; ++i) {
      Basket basket;
      const std::size_t size = shop.basket_sizes[static_cast<std::size_t>(random() % shop.basket_sizes.size())];
      basket.lines = real_data::draw_basket(shop, size, random);
      basket.coupons = real_data::draw_wallet(shop, coupons, random);
      const std::string broken = check(*shop.rules, evaluator, basket, random, seen);
      CAPTURE(coupons, i, broken);
      CHECK(broken.empty());
    }
  }

  CHECK(seen.proven == seen.baskets);
  report("real wallets", seen);
}

TEST_CASE("a grocer's real baskets are priced with all its 981 coupons loaded", "[offers][slow]") {
  const auto folder = real_data::folder();
  if (!folder) SKIP("no transactions of the grocer on this machine");
  const real_data::Shop shop = real_data::us_grocer(*folder);
  std::mt19937_64 random(test::seed());
  CHECK(shop.rules->document().offers.size() == 981);
  constexpr std::size_t kEach = 20;  // of them; bench_offers_real takes all
  Seen seen;

  Evaluator evaluator(*shop.rules);
  for (std::size_t i = 0; i < shop.baskets.size(); i += kEach) {
    Basket basket;
    basket.lines = shop.baskets[i];
    const std::string broken = check(*shop.rules, evaluator, basket, random, seen);
    CAPTURE(i, broken);
    CHECK(broken.empty());
  }

  CHECK(seen.proven == seen.baskets);
  report("the grocer's baskets", seen);
}
