// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "generator.hpp"
#include "pricing.hpp"
#include "tillkit/test/seed.hpp"

using namespace tillkit::offers;
using namespace tillkit::offers::oracle;
using tillkit::core::ErrorCode;

namespace {

constexpr int kBrokenMax = 5;  // enough to read

using Random = std::mt19937_64;
using Unit = std::pair<LineId, std::int64_t>;
using Piece = std::vector<UnitRange>;
using ByFunder = std::map<std::pair<std::uint32_t, FunderId>, std::int64_t>;

std::size_t below(Random& random, std::size_t bound) {
  return static_cast<std::size_t>(random() % bound);
}

std::int64_t units_of(const ProofLine& line) {
  return line.weighed ? 1 : line.count;
}

std::vector<Unit> all_units(const PriceProof& proof) {
  std::vector<Unit> units;
  for (const ProofLine& line : proof.lines) {
    for (std::int64_t unit = 1; unit <= units_of(line); ++unit)
      units.emplace_back(line.id, unit);
  }
  return units;
}

/// All units of a sale in pieces, in any order; neighbours within a piece as one range or as two.
std::vector<Piece> cut(const PriceProof& proof, Random& random) {
  std::vector<Unit> units = all_units(proof);
  if (random() % 3 != 0) {
    for (std::size_t i = units.size(); i > 1; --i)
      std::swap(units[i - 1], units[below(random, i)]);
  }
  std::vector<Piece> pieces;
  for (const auto& [line, unit] : units) {
    if (pieces.empty() || random() % 3 == 0) pieces.emplace_back();
    Piece& piece = pieces.back();
    const bool follows = !piece.empty() && piece.back().line == line && piece.back().first + piece.back().count == unit;
    if (follows && random() % 4 != 0) {
      ++piece.back().count;
    } else {
      piece.push_back({line, unit, 1});
    }
  }
  return pieces;
}

/// What all refunds gave back so far.
struct Sums {
  std::int64_t list = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t payable = 0;
  std::int64_t points = 0;
  std::int64_t discount = 0;
  std::map<std::uint32_t, std::int64_t> uses;
  ByFunder funders;
  std::vector<CouponId> coupons;

  friend bool operator==(const Sums&, const Sums&) = default;
};

/// Coupons for a gift, points or another coupon: they come back with the last unit.
std::vector<CouponId> coupons_of_extras(const PriceProof& proof) {
  std::vector<CouponId> coupons;
  for (const ProofGift& gift : proof.gifts) {
    if (!gift.coupon.empty()) coupons.push_back(gift.coupon);
  }
  for (const ProofGrant& grant : proof.grants) {
    if (!grant.coupon.empty()) coupons.push_back(grant.coupon);
  }
  return coupons;
}

Sums sums_of(const PriceProof& proof) {
  Sums sums{proof.list, proof.net, proof.tax, proof.payable, proof.points, proof.discount, {}, {}, {}};
  for (std::uint32_t use = 0; use < proof.uses.size(); ++use) {
    sums.uses[use] = proof.uses[use].discount;
    for (const FunderShare& funder : proof.uses[use].funders) {
      if (funder.amount != 0) sums.funders[{use, funder.funder}] += funder.amount;
    }
    if (!proof.uses[use].coupon.empty()) sums.coupons.push_back(proof.uses[use].coupon);
  }
  for (const CouponId& coupon : coupons_of_extras(proof))
    sums.coupons.push_back(coupon);
  std::ranges::sort(sums.coupons);
  return sums;
}

/// Adds a refund; names what does not add up in itself, or nothing.
const char* add(const Refund& refund, Sums& sums) {
  std::int64_t net = 0;
  std::int64_t list = 0;
  std::int64_t tax = 0;
  std::int64_t payable = 0;
  std::int64_t discount = 0;
  for (const RefundLine& line : refund.lines) {
    std::int64_t of_line = 0;
    for (const RefundDiscount& part : line.discounts) {
      std::int64_t funded = 0;
      for (const FunderShare& funder : part.funders) {
        funded += funder.amount;
        if (funder.amount < 0) return "a funder pays for a refund";
        if (funder.amount != 0) sums.funders[{part.use, funder.funder}] += funder.amount;
      }
      if (funded != part.amount) return "funders of a refunded discount";
      of_line += part.amount;
      sums.uses[part.use] += part.amount;
    }
    if (line.list - of_line != line.net || line.net < 0 || line.tax < 0) return "a refunded line";
    list += line.list;
    net += line.net;
    tax += line.tax;
    payable += line.payable;
    discount += of_line;
  }
  if (list != refund.list || net != refund.net || tax != refund.tax || payable != refund.payable ||
      discount != refund.discount) {
    return "lines of a refund";
  }
  if (refund.points < 0) return "a refund gives points";
  sums.list += list;
  sums.net += net;
  sums.tax += tax;
  sums.payable += payable;
  sums.discount += discount;
  sums.points += refund.points;
  sums.coupons.insert(sums.coupons.end(), refund.coupons_back.begin(), refund.coupons_back.end());
  std::ranges::sort(sums.coupons);
  return nullptr;
}

/// Whether a refund gives back the net and the discounts of its units, as the bands of the proof have them.
bool is_of_units(const PriceProof& proof, const Piece& piece, const Refund& refund) {
  std::map<LineId, std::int64_t> nets;
  std::map<std::pair<LineId, std::uint32_t>, std::int64_t> discounts;
  for (const UnitRange& range : piece) {
    const auto line = std::ranges::find(proof.lines, range.line, &ProofLine::id);
    for (const UnitBand& band : line->bands) {
      const std::int64_t first = std::max(band.first, range.first);
      const std::int64_t last = std::min(band.first + band.count, range.first + range.count);
      const std::int64_t units = std::max<std::int64_t>(0, last - first);
      nets[range.line] += units * band.net;
      for (std::size_t i = 0; i < line->discounts.size(); ++i)
        discounts[{range.line, line->discounts[i].use}] += units * band.discounts.at(i);
    }
  }
  for (const RefundLine& line : refund.lines) {
    nets[line.line] -= line.net;
    for (const RefundDiscount& discount : line.discounts)
      discounts[{line.line, discount.use}] -= discount.amount;
  }
  const auto is_zero = [](const auto& row) { return row.second == 0; };
  return std::ranges::all_of(nets, is_zero) && std::ranges::all_of(discounts, is_zero);
}

/// The units that each coupon made cheaper.
std::map<CouponId, std::set<Unit>> units_of_coupons(const PriceProof& proof) {
  std::map<CouponId, std::set<Unit>> units;
  for (const ProofLine& line : proof.lines) {
    for (const UnitBand& band : line.bands) {
      for (std::size_t i = 0; i < line.discounts.size(); ++i) {
        const CouponId& coupon = proof.uses.at(line.discounts[i].use).coupon;
        if (coupon.empty() || band.discounts.at(i) == 0) continue;
        for (std::int64_t unit = band.first; unit < band.first + band.count; ++unit)
          units[coupon].emplace(line.id, unit);
      }
    }
  }
  return units;
}

/// What a refund of these units must say of coupons, gifts and grants.
class Returns {
 public:
  explicit Returns(const PriceProof& proof) : proof_(proof), left_(all_units(proof).size()) {
    of_coupons_ = units_of_coupons(proof);
  }

  const char* check(const Piece& piece, const Refund& refund) {
    std::vector<CouponId> back;
    for (const UnitRange& range : piece) {
      left_ -= static_cast<std::size_t>(range.count);
      for (std::int64_t unit = range.first; unit < range.first + range.count; ++unit) {
        for (auto& [coupon, units] : of_coupons_) {
          if (units.erase({range.line, unit}) != 0 && units.empty()) back.push_back(coupon);
        }
      }
    }
    if (left_ == 0) {
      for (const CouponId& coupon : coupons_of_extras(proof_))
        back.push_back(coupon);
    }
    std::vector<CouponId> given = refund.coupons_back;
    std::ranges::sort(given);
    std::ranges::sort(back);
    if (given != back) return "coupons_back";
    if (refund.whole != (left_ == 0)) return "whole";
    if (refund.grants_void.size() != (left_ == 0 ? proof_.grants.size() : 0)) return "grants_void";
    if (refund.gifts_back.size() != (left_ == 0 ? proof_.gifts.size() : 0)) return "gifts_back";
    return nullptr;
  }

 private:
  const PriceProof& proof_;
  std::size_t left_;
  std::map<CouponId, std::set<Unit>> of_coupons_;
};

bool refused(const PriceProof& proof, const Piece& before, const Piece& now, ErrorCode code) {
  const auto outcome = refund(proof, before, now);
  return !outcome.has_value() && outcome.error().code == code;
}

/// Returns all units of a sale. Names what is wrong, or nothing.
const char* return_all(const PriceProof& proof, Random& random) {
  Sums sums;
  Returns returns(proof);
  Piece before;
  for (const Piece& piece : cut(proof, random)) {
    const auto outcome = refund(proof, before, piece);
    if (!outcome) return "a refund was refused";
    if (const char* wrong = add(*outcome, sums)) return wrong;
    if (!is_of_units(proof, piece, *outcome)) return "a refund is not that of its units";
    if (const char* wrong = returns.check(piece, *outcome)) return wrong;
    before.insert(before.end(), piece.begin(), piece.end());
    if (!refused(proof, before, {piece.front()}, ErrorCode::AlreadyExists)) return "a unit was returned twice";
  }
  std::erase_if(sums.uses, [](const auto& row) { return row.second == 0; });
  if (sums != sums_of(proof)) return "the refunds together are not the sale";
  return nullptr;
}

Case two_lines() {
  Case made;
  made.document.version = "example";
  for (std::uint32_t id = 1; id <= 2; ++id) {
    Line line;
    line.id = LineId(id);
    line.count = 3;
    line.unit_price = 100;
    line.list_amount = 300;
    made.basket.lines.push_back(line);
    made.goods.push_back({name("item" + std::to_string(id)), {}, {}, {}});
  }
  return made;
}

}  // namespace

TEST_CASE("a sale that goes back in pieces gives back what was paid, to the fen", "[offers]") {
  const CaseRange range = case_range(2'000);
  Random random(tillkit::test::seed());
  int broken = 0;
  for (std::uint64_t index = range.first; index < range.last && broken < kBrokenMax; ++index) {
    const Case made = make_case(tillkit::test::seed(), index);
    Till till(made);
    for (const Policy policy : {Policy::Best, Policy::WeChat}) {
      const PriceProof proof = till.prove(policy);
      const char* wrong = return_all(proof, random);
      if (wrong == nullptr) continue;
      ++broken;
      FAIL_CHECK(wrong << "\n" << till.json(policy) << "\n" << describe(index, made));
    }
  }
}

TEST_CASE("a unit goes back once", "[offers]") {
  Till till(two_lines());
  const PriceProof proof = till.prove();
  const LineId line(1);

  CHECK(refund(proof, {}, Piece{{line, 1, 2}, {line, 3, 1}}).has_value());
  CHECK(refused(proof, {}, {{line, 1, 2}, {line, 2, 1}}, ErrorCode::AlreadyExists));
  CHECK(refused(proof, {{line, 2, 1}}, {{line, 1, 3}}, ErrorCode::AlreadyExists));
  CHECK(refused(proof, {{line, 1, 3}}, {{line, 3, 1}}, ErrorCode::AlreadyExists));
  CHECK(refund(proof, Piece{{line, 1, 3}}, Piece{{LineId(2), 3, 1}}).has_value());
}

TEST_CASE("what was not sold does not go back", "[offers]") {
  Till till(two_lines());
  const PriceProof proof = till.prove();

  CHECK(refused(proof, {}, {{LineId(3), 1, 1}}, ErrorCode::InvalidArgument));
  CHECK(refused(proof, {}, {{LineId(1), 0, 1}}, ErrorCode::InvalidArgument));
  CHECK(refused(proof, {}, {{LineId(1), 1, 4}}, ErrorCode::InvalidArgument));
  CHECK(refused(proof, {}, {{LineId(1), 4, 1}}, ErrorCode::InvalidArgument));
  CHECK(refused(proof, {}, {{LineId(1), 1, -1}}, ErrorCode::InvalidArgument));
  CHECK(refused(proof, {}, {{LineId(1), 2, INT64_MAX}}, ErrorCode::InvalidArgument));
}

TEST_CASE("a refund written out: 0.10 off six units of 1.00 is 0.02 or 0.01 a unit", "[offers]") {
  // 10 fen off two lines of 300: 5 fen each. Within a line of three units: 2, 2, 1. Net of units: 98, 98, 99.
  Case made = two_lines();
  Offer offer;
  offer.id = offer_id("ten");
  offer.coupon = true;
  offer.effect = AmountOff{10, {}, {}, 0};
  offer.funders = {{funder_id("shop"), FunderKind::Merchant, tillkit::core::BasisPoints(5'000)},
                   {funder_id("brand"), FunderKind::Brand, tillkit::core::BasisPoints(5'000)}};
  made.document.offers.push_back(offer);
  Coupon coupon;
  coupon.id = coupon_id("c");
  coupon.offer = offer.id;
  made.basket.coupons.push_back(coupon);
  made.basket.context.now.quality = tillkit::core::WallQuality::Trusted;
  Till till(made);
  const PriceProof proof = till.prove();
  REQUIRE(proof.net == 590);

  const auto first = refund(proof, {}, Piece{{LineId(1), 1, 1}});
  REQUIRE(first.has_value());
  CHECK(first->net == 98);
  CHECK(first->payable == 98);
  CHECK(first->discount == 2);
  CHECK(first->coupons_back.empty());
  CHECK_FALSE(first->whole);

  const auto rest = refund(proof, Piece{{LineId(1), 1, 1}}, Piece{{LineId(1), 2, 2}, {LineId(2), 1, 3}});
  REQUIRE(rest.has_value());
  CHECK(rest->net == 98 + 99 + 295);
  CHECK(rest->discount == 8);
  CHECK(rest->coupons_back == std::vector<CouponId>{coupon.id});
  CHECK(rest->whole);
}
