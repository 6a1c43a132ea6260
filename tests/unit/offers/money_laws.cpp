// SPDX-License-Identifier: Apache-2.0
#include "money_laws.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>
#include <variant>
#include <vector>

namespace tillkit::offers::oracle {
namespace {

using ByFunder = std::map<std::pair<FunderId, FunderKind>, std::int64_t>;

/// Collects what does not hold; the first one is told.
class Laws {
 public:
  void expect(bool holds, const std::string& law) {
    if (!holds && broken_.empty()) broken_ = law;
  }

  void expect_equal(std::int64_t is, std::int64_t should_be, const std::string& law) {
    expect(is == should_be, law + ": " + std::to_string(is) + " instead of " + std::to_string(should_be));
  }

  [[nodiscard]] const std::string& broken() const { return broken_; }

 private:
  std::string broken_;
};

std::string of_line(const ProofLine& line, const char* law) {
  return "line " + std::to_string(line.id.value()) + ", " + law;
}

void add_funders(ByFunder& sums, const std::vector<FunderShare>& funders) {
  for (const FunderShare& funder : funders)
    sums[{funder.funder, funder.kind}] += funder.amount;
}

std::int64_t sum(const std::vector<FunderShare>& funders) {
  std::int64_t all = 0;
  for (const FunderShare& funder : funders)
    all += funder.amount;
  return all;
}

bool has_negative(const std::vector<FunderShare>& funders) {
  return std::ranges::any_of(funders, [](const FunderShare& funder) { return funder.amount < 0; });
}

void check_use(const PriceProof& proof, std::uint32_t index, Laws& laws) {
  const ProofUse& use = proof.uses[index];
  const std::string who = "use " + std::to_string(index) + ", ";
  laws.expect(use.discount >= 1, who + "a use takes at least 1 fen");
  laws.expect(use.face >= use.discount, who + "a discount is at most the face");
  laws.expect_equal(sum(use.funders), use.discount, who + "funders add up to the discount");
  laws.expect(!has_negative(use.funders), who + "no funder gets money");
  std::int64_t discount = 0;
  ByFunder of_lines;
  for (const ProofLine& line : proof.lines) {
    for (const LineDiscount& share : line.discounts) {
      if (share.use != index) continue;
      discount += share.amount;
      add_funders(of_lines, share.funders);
    }
  }
  laws.expect_equal(discount, use.discount, who + "shares of lines add up to the discount");
  ByFunder of_use;
  add_funders(of_use, use.funders);
  std::erase_if(of_use, [](const auto& row) { return row.second == 0; });
  std::erase_if(of_lines, [](const auto& row) { return row.second == 0; });
  laws.expect(of_use == of_lines, who + "each funder's lines add up to what the funder pays");
}

void check_bands(const ProofLine& line, Laws& laws) {
  std::int64_t units = 0;
  std::int64_t list = 0;
  std::int64_t net = 0;
  std::vector<std::int64_t> discounts(line.discounts.size());
  for (const UnitBand& band : line.bands) {
    laws.expect_equal(band.first, units + 1, of_line(line, "bands follow each other"));
    laws.expect(band.count >= 1, of_line(line, "no band is empty"));
    laws.expect(band.net >= 0, of_line(line, "no unit is negative"));
    laws.expect(band.discounts.size() == discounts.size(), of_line(line, "a band knows all discounts"));
    if (band.discounts.size() != discounts.size()) return;
    std::int64_t off = 0;
    for (std::size_t i = 0; i < discounts.size(); ++i) {
      laws.expect(band.discounts[i] >= 0, of_line(line, "no unit gets dearer"));
      off += band.discounts[i];
      discounts[i] += band.count * band.discounts[i];
    }
    laws.expect_equal(band.list - off, band.net, of_line(line, "a unit's net is its list price less discounts"));
    units += band.count;
    list += band.count * band.list;
    net += band.count * band.net;
  }
  laws.expect_equal(units, line.weighed ? 1 : line.count, of_line(line, "bands add up to the units"));
  laws.expect_equal(list, line.list, of_line(line, "bands add up to the list amount"));
  laws.expect_equal(net, line.net, of_line(line, "bands add up to the net"));
  for (std::size_t i = 0; i < discounts.size(); ++i)
    laws.expect_equal(discounts[i], line.discounts[i].amount, of_line(line, "bands add up to a discount"));
}

std::int64_t tax_of(const ProofLine& line) {
  const std::int64_t rate = line.tax_rate.value();
  const std::int64_t whole = line.tax_included ? 10'000 + rate : 10'000;
  return (2 * rate * line.net + whole) / (2 * whole);
}

void check_line(const PriceProof& proof, const ProofLine& line, Laws& laws) {
  std::int64_t off = 0;
  for (std::size_t i = 0; i < line.discounts.size(); ++i) {
    const LineDiscount& share = line.discounts[i];
    laws.expect(share.use < proof.uses.size(), of_line(line, "a discount has its use"));
    laws.expect(share.amount >= 1, of_line(line, "no share is empty"));
    laws.expect(i == 0 || line.discounts[i - 1].use < share.use, of_line(line, "discounts are in the order of uses"));
    laws.expect_equal(sum(share.funders), share.amount, of_line(line, "funders add up to the share"));
    laws.expect(!has_negative(share.funders), of_line(line, "no funder gets money"));
    off += share.amount;
  }
  laws.expect_equal(line.net, line.list - off, of_line(line, "net is list less discounts"));
  laws.expect(line.net >= 0, of_line(line, "no line is negative"));
  laws.expect_equal(line.tax, tax_of(line), of_line(line, "tax is half-up of the net"));
  check_bands(line, laws);
}

void check_points(const PriceProof& proof, Laws& laws) {
  std::int64_t points = 0;
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  for (const ProofLine& line : proof.lines) {
    points += line.points;
    laws.expect(line.points >= 0, of_line(line, "no points are owed"));
    laws.expect(line.points_denominator >= 1, of_line(line, "points are a fraction"));
    const std::int64_t common = std::lcm(denominator, line.points_denominator);
    numerator =
        numerator * (common / denominator) + line.points_numerator * line.net * (common / line.points_denominator);
    denominator = common;
  }
  laws.expect_equal(points, proof.points, "points of lines add up");
  laws.expect_equal(proof.points, numerator / denominator, "points are floored once");
}

bool has_free_order(const PriceProof& proof, const RuleDocument& document) {
  return std::ranges::any_of(proof.uses, [&](const ProofUse& use) {
    const auto offer = std::ranges::find(document.offers, use.offer, &Offer::id);
    return offer != document.offers.end() && std::holds_alternative<FreeOrder>(offer->effect);
  });
}

}  // namespace

std::string broken_law(const PriceProof& proof, const RuleDocument& document) {
  Laws laws;
  std::int64_t list = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t tax_on_top = 0;
  for (const ProofLine& line : proof.lines) {
    check_line(proof, line, laws);
    list += line.list;
    net += line.net;
    tax += line.tax;
    tax_on_top += line.tax_included ? 0 : line.tax;
  }
  laws.expect_equal(list, proof.list, "lines add up to the list amount");
  laws.expect_equal(net, proof.net, "lines add up to the net");
  laws.expect_equal(tax, proof.tax, "lines add up to the tax");
  laws.expect_equal(proof.payable, net + tax_on_top, "payable is the net and the tax on top");
  laws.expect_equal(proof.net, proof.list - proof.discount, "net is list less discount");
  laws.expect(proof.payable >= 1 || has_free_order(proof, document), "at least 1 fen is to be paid");

  std::int64_t discount = 0;
  for (std::uint32_t use = 0; use < proof.uses.size(); ++use) {
    check_use(proof, use, laws);
    discount += proof.uses[use].discount;
  }
  laws.expect_equal(discount, proof.discount, "uses add up to the discount");
  check_points(proof, laws);
  return laws.broken();
}

}  // namespace tillkit::offers::oracle
