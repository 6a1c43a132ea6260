// SPDX-License-Identifier: Apache-2.0
#include "tillkit/offers/proof.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "conditions.hpp"
#include "points.hpp"
#include "price_lane.hpp"
#include "reasons.hpp"
#include "running.hpp"
#include "tillkit/core/allocate.hpp"

namespace tillkit::offers {
namespace detail {
namespace {

constexpr std::int64_t kWhole = core::kWhole.value();

/// Writes one proof.
class Prover {
 public:
  Prover(const RuleSet& rules, const Basket& basket, const Evaluation& evaluation)
      : rules_(rules.compiled()), basket_(basket), evaluation_(evaluation) {}

  core::Result<PriceProof> run();

 private:
  core::Result<> match();
  core::Result<> add_uses();
  void add_lines();
  void add_tax(ProofLine& line);
  core::Result<> add_extras();
  core::Result<> add_points(const std::vector<OfferIndex>& earners, const std::vector<OfferIndex>& multipliers);
  [[nodiscard]] bool is_given(OfferIndex offer, const Coupon* coupon) const;

  const Compiled& rules_;
  const Basket& basket_;
  const Evaluation& evaluation_;
  BasketView view_;
  PriceLane prices_;
  UseList list_;
  Problem problem_;
  std::vector<Chosen> chosen_;
  std::vector<OfferIndex> price_offers_;
  std::vector<std::uint32_t> given_coupons_;
  PriceProof proof_;
};

/// Cuts bands so that one starts at unit `at`; its index.
std::size_t cut(std::vector<UnitBand>& bands, std::int64_t at) {
  for (std::size_t i = 0; i < bands.size(); ++i) {
    UnitBand& band = bands[i];
    if (band.first == at) return i;
    if (at < band.first + band.count) {
      UnitBand rest = band;
      rest.first = at;
      rest.count = band.first + band.count - at;
      band.count = at - band.first;
      bands.insert(bands.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(rest));
      return i + 1;
    }
  }
  return bands.size();
}

/// Takes the same off each unit of a band.
void take(UnitBand& band, std::int64_t amount) {
  band.net -= amount;
  band.discounts.back() += amount;
}

/// Shares a discount over the units from `first` on, by what is left on each: largest remainder, ties to the lower
/// unit.
void share_over_units(std::vector<UnitBand>& bands, std::int64_t first, std::int64_t count, std::int64_t amount) {
  for (UnitBand& band : bands)
    band.discounts.push_back(0);
  const std::size_t begin = cut(bands, first);
  const std::size_t end = cut(bands, first + count);
  std::int64_t weight = 0;
  for (std::size_t i = begin; i < end; ++i)
    weight += bands[i].net * bands[i].count;
  if (weight == 0) return;

  struct Rest {
    std::int64_t remainder;
    std::int64_t first;
    std::int64_t count;
  };
  std::vector<Rest> rests;
  std::int64_t left = amount;
  for (std::size_t i = begin; i < end; ++i) {
    const std::int64_t product = amount * bands[i].net;  // both below 2^31
    rests.push_back({product % weight, bands[i].first, bands[i].count});
    left -= product / weight * bands[i].count;
    take(bands[i], product / weight);
  }
  std::ranges::sort(rests, {}, [](const Rest& rest) { return std::pair(-rest.remainder, rest.first); });
  for (const Rest& rest : rests) {
    const std::int64_t units = std::min(left, rest.count);
    if (units == 0) break;
    const std::size_t from = cut(bands, rest.first);
    const std::size_t to = cut(bands, rest.first + units);
    for (std::size_t i = from; i < to; ++i)
      take(bands[i], 1);
    left -= units;
  }
}

/// Joins neighbours that are alike.
void join(std::vector<UnitBand>& bands) {
  std::vector<UnitBand> joined;
  for (UnitBand& band : bands) {
    if (!joined.empty() && joined.back().net == band.net && joined.back().discounts == band.discounts) {
      joined.back().count += band.count;
    } else {
      joined.push_back(std::move(band));
    }
  }
  bands = std::move(joined);
}

/// Prices the basket up to the choice again, and finds the evaluation's uses among the open ones.
core::Result<> Prover::match() {
  TILLKIT_TRY_VOID(view_.load(rules_, basket_));
  prices_.run(view_);
  view_.sum_scopes();
  TILLKIT_TRY_VOID(list_.collect(rules_, basket_, view_, Keep::All));
  const std::span<const OpenUse> uses = list_.uses();
  problem_ = {&rules_, &basket_, &view_, &list_, 0};
  if (evaluation_.lines.size() != basket_.lines.size()) return core::fail(core::ErrorCode::InvalidArgument);
  for (const Use& use : evaluation_.uses) {
    if (use.lane == Lane::Price) {
      price_offers_.push_back(use.offer);
      continue;
    }
    const auto open = std::ranges::find_if(
        uses, [&](const OpenUse& one) { return one.offer == use.offer && one.coupon == use.coupon; });
    if (open == uses.end()) return core::fail(core::ErrorCode::InvalidArgument);
    chosen_.push_back(
        {static_cast<std::uint32_t>(open - uses.begin()), use.face, use.discount, use.first_take, use.takes});
  }
  return {};
}

core::Result<> Prover::add_uses() {
  for (const Use& use : evaluation_.uses) {
    const Offer& offer = rules_.document.offers[use.offer];
    ProofUse out;
    out.offer = offer.id;
    if (use.coupon != kNoCoupon) out.coupon = basket_.coupons[use.coupon].id;
    out.name = offer.name;
    out.lane = use.lane;
    out.face = use.face;
    out.discount = use.discount;
    if (offer.funders.empty()) {
      TILLKIT_TRY(const FunderId merchant, FunderId::parse("merchant"));
      out.funders.push_back({merchant, FunderKind::Merchant, use.discount});
    } else {
      std::vector<std::int64_t> weights;
      weights.reserve(offer.funders.size());
      for (const Funder& funder : offer.funders)
        weights.push_back(funder.share.value());
      std::vector<std::int64_t> amounts(weights.size());
      TILLKIT_TRY_VOID(core::allocate(use.discount, weights, amounts));
      for (std::size_t i = 0; i < amounts.size(); ++i)
        out.funders.push_back({offer.funders[i].id, offer.funders[i].kind, amounts[i]});
    }
    proof_.uses.push_back(std::move(out));
  }
  return {};
}

void Prover::add_lines() {
  const std::span<const WorkLine> lines = std::as_const(view_).lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = basket_.lines[lines[i].basket_line];
    ProofLine out;
    out.id = line.id;
    out.item = rules_.goods[line.goods.value()].goods.item;
    out.weighed = line.weighed;
    out.count = line.count;
    out.unit_price = line.unit_price;
    out.list = out.net = line.list_amount;
    out.tax_rate = line.tax_rate;
    out.tax_included = line.tax_included;
    const std::int64_t unit = line.weighed ? line.list_amount : line.unit_price;
    out.bands.push_back({1, lines[i].units, unit, unit, {}});
    proof_.lines.push_back(std::move(out));
  }

  std::vector<std::int64_t> taken(lines.size(), 0);  // units of each line that are taken so far
  for (std::uint32_t index = 0; index < evaluation_.uses.size(); ++index) {
    const Use& use = evaluation_.uses[index];
    std::vector<std::int64_t> units(lines.size(), 0);
    for (const Take& one : std::span(evaluation_.takes).subspan(use.first_take, use.takes))
      units[one.line] += one.count;
    std::int64_t before = 0;  // of this use, on the lines above
    for (const LineShare& share : std::span(evaluation_.shares).subspan(use.first_share, use.shares)) {
      ProofLine& line = proof_.lines[share.line];
      const ProofUse& proof_use = proof_.uses[index];
      line.discounts.push_back(
          {index, share.amount, split_over_funders(proof_use.funders, use.discount, before, before + share.amount)});
      before += share.amount;
      line.net -= share.amount;
      const bool some = use.lane == Lane::Item;
      share_over_units(line.bands, some ? taken[share.line] + 1 : 1, some ? units[share.line] : lines[share.line].units,
                       share.amount);
    }
    for (std::size_t i = 0; i < lines.size(); ++i)
      taken[i] += units[i];
  }
  for (ProofLine& line : proof_.lines) {
    join(line.bands);
    add_tax(line);
    proof_.list += line.list;
    proof_.net += line.net;
    proof_.tax += line.tax;
    proof_.payable += line.tax_included ? line.net : line.net + line.tax;
  }
  proof_.discount = proof_.list - proof_.net;
}

void Prover::add_tax(ProofLine& line) {
  const std::int64_t rate = line.tax_rate.value();
  const std::int64_t of = line.tax_included ? kWhole + rate : kWhole;
  line.tax = (line.net * rate + of / 2) / of;
}

/// Whether an offer that takes no money off is given.
bool Prover::is_given(OfferIndex index, const Coupon* coupon) const {
  const CompiledOffer& compiled = rules_.offers[index];
  if (compiled.money) return false;
  if (coupon != nullptr && (!coupon->requested || state_of(*coupon, basket_.context.now) != CouponState::Valid)) {
    return false;
  }
  const bool has_goods = compiled.scope == kEverything || view_.sum(compiled.scope).units > 0;
  return has_goods && budget_of(basket_.context, rules_.document.offers[index].id) > 0 && is_met(compiled, view_);
}

core::Result<> Prover::add_extras() {
  std::vector<OfferIndex> earners;
  std::vector<OfferIndex> multipliers;
  const auto give = [&](OfferIndex index, const CouponId& coupon) {
    const Offer& offer = rules_.document.offers[index];
    if (const auto* gift = std::get_if<Gift>(&offer.effect)) {
      proof_.gifts.push_back({offer.id, coupon, gift->item, gift->count});
    } else if (const auto* points = std::get_if<PointsGrant>(&offer.effect)) {
      proof_.grants.push_back({offer.id, coupon, points->points, {}, 0});
    } else if (const auto* grant = std::get_if<CouponGrant>(&offer.effect)) {
      proof_.grants.push_back({offer.id, coupon, 0, grant->coupon, grant->count});
    } else if (std::holds_alternative<PointsEarn>(offer.effect)) {
      earners.push_back(index);
    } else {
      multipliers.push_back(index);
    }
  };
  std::vector<const Coupon*> coupons;
  for (const OfferIndex index : rules_.by_rank) {
    const Offer& offer = rules_.document.offers[index];
    if (rules_.offers[index].money) continue;
    if (!offer.coupon) {
      if (is_given(index, nullptr)) give(index, {});
      continue;
    }
    coupons.clear();
    for (const Coupon& coupon : basket_.coupons) {
      if (coupon.offer == offer.id && is_given(index, &coupon)) coupons.push_back(&coupon);
    }
    std::ranges::sort(coupons, {}, [](const Coupon* coupon) {
      return std::tuple(coupon->expires_at, coupon->claimed_at, coupon->id);
    });
    for (std::size_t i = 0; i < std::min<std::size_t>(coupons.size(), offer.uses_per_order_max); ++i) {
      give(index, coupons[i]->id);
      given_coupons_.push_back(static_cast<std::uint32_t>(coupons[i] - basket_.coupons.data()));
    }
  }
  return add_points(earners, multipliers);
}

core::Result<> Prover::add_points(const std::vector<OfferIndex>& earners, const std::vector<OfferIndex>& multipliers) {
  if (earners.empty()) return {};
  const std::span<const WorkLine> lines = std::as_const(view_).lines();
  std::vector<Earning> earnings;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Earning rate;
    for (const OfferIndex index : earners) {
      if (!view_.fits(lines[i], rules_.offers[index].scope)) continue;
      const auto& earn = std::get<PointsEarn>(rules_.document.offers[index].effect);
      TILLKIT_TRY(rate, add_rates(rate, {0, earn.points, earn.per}));
    }
    Earning factor{0, 1, 1};
    bool multiplied = false;
    for (const OfferIndex index : multipliers) {
      if (!view_.fits(lines[i], rules_.offers[index].scope)) continue;
      const auto& multiply = std::get<PointsMultiply>(rules_.document.offers[index].effect);
      if (multiplied && multiply.numerator * factor.denominator <= factor.numerator * multiply.denominator) continue;
      factor = {0, multiply.numerator, multiply.denominator};
      multiplied = true;
    }
    TILLKIT_TRY(rate, multiply_rates(rate, factor));
    proof_.lines[i].points_numerator = rate.numerator;
    proof_.lines[i].points_denominator = rate.denominator;
    rate.net = proof_.lines[i].net;
    earnings.push_back(rate);
  }
  TILLKIT_TRY(proof_.points, points_of(earnings));
  TILLKIT_TRY(const std::vector<std::int64_t> shares, share_points(earnings));
  for (std::size_t i = 0; i < shares.size(); ++i)
    proof_.lines[i].points = shares[i];
  return {};
}

core::Result<PriceProof> Prover::run() {
  TILLKIT_TRY_VOID(match());
  proof_.rules_version = rules_.document.version;
  proof_.currency = rules_.document.currency;
  proof_.priced_at = basket_.context.now;
  TILLKIT_TRY_VOID(add_uses());
  add_lines();
  TILLKIT_TRY_VOID(add_extras());
  proof_.rejected = Reasons(problem_, chosen_, evaluation_.takes, price_offers_, given_coupons_).list();
  proof_.proven = evaluation_.proven;
  proof_.gap = evaluation_.gap;
  proof_.nodes = evaluation_.nodes;
  return std::move(proof_);
}

}  // namespace
}  // namespace detail

core::Result<PriceProof> make_proof(const RuleSet& rules, const Basket& basket, const SearchOptions& options,
                                    const Evaluation& evaluation) {
  TILLKIT_TRY(PriceProof proof, detail::Prover(rules, basket, evaluation).run());
  proof.policy = options.policy;
  return proof;
}

}  // namespace tillkit::offers
