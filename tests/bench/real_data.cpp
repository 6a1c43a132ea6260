// SPDX-License-Identifier: Apache-2.0
#include "real_data.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "tillkit/catalog/csv_import.hpp"

namespace tillkit::real_data {
namespace {

using namespace offers;

constexpr std::int64_t kFenPerYuan = 100;

template <class Id>
Id id(std::string_view text) {
  const auto read = Id::parse(text);
  if (!read) throw std::runtime_error("no id: " + std::string(text));
  return *read;
}

std::string labelled(char label, std::string_view text) {
  std::string out(1, label);
  for (const char c : text)
    out.push_back(core::is_id_char(c) ? c : '_');  // the data writes one number as 9e+05
  return out;
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
    throw std::runtime_error("not a number: " + std::string(text));
  }
  return value;
}

/// Rows of a file without quotes.
std::vector<std::vector<std::string>> rows(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::vector<std::vector<std::string>> out;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string>& cells = out.emplace_back();
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t end = std::min(line.find(',', at), line.size());
      cells.push_back(line.substr(at, end - at));
      at = end + 1;
    }
  }
  return out;
}

/// The same on every machine, unlike std::hash.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 14'695'981'039'346'656'037U;
  for (const char c : text)
    value = (value ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  return value ^ (value >> 29U);
}

RuleSet compile(RuleDocument document) {
  RuleMistake mistake;
  auto rules = RuleSet::compile(std::move(document), mistake);
  if (!rules) throw std::runtime_error("rules: " + mistake.member + ": " + mistake.expected);
  return *std::move(rules);
}

constexpr std::uint64_t kCategories = 40;

Name category(std::uint64_t number) {
  return id<Name>(labelled('c', std::to_string(number % kCategories)));
}

Offer coupon_offer(const std::string& coupon, const std::string& face) {
  Offer offer;
  offer.id = id<OfferId>(labelled('t', coupon));
  offer.name = face;
  offer.coupon = true;
  const std::uint64_t draw = hash(coupon);
  constexpr std::uint64_t kTenths = 10;
  constexpr std::uint64_t kForCategory = 7;
  if (draw % kTenths < kForCategory) {
    offer.lane = Lane::Item;
    offer.scope.categories.push_back(category(draw / kTenths));
  } else {
    offer.lane = Lane::Order;
    offer.combinable = draw / kTenths % 3 != 0;
  }
  if (const std::size_t colon = face.find(':'); colon != std::string::npos) {
    AmountOff off;
    off.threshold.at_least = number(face.substr(0, colon)) * kFenPerYuan;
    off.amount = number(face.substr(colon + 1)) * kFenPerYuan;
    offer.effect = off;
  } else {
    std::string digits = face.substr(face.find('.') + 1);  // 0.95: "95"
    while (digits.size() < 4)
      digits += '0';
    PercentOff percent;
    percent.rate = core::BasisPoints{static_cast<std::int32_t>(core::kWhole.value() - number(digits))};
    offer.effect = percent;
  }
  return offer;
}

}  // namespace

std::optional<std::filesystem::path> folder() {
  const char* const named = std::getenv("TILLKIT_SHARED_DATA");
  std::filesystem::path path = named != nullptr && *named != '\0'
                                   ? std::filesystem::path(named)
                                   : std::filesystem::path(TILLKIT_SOURCE_DIR).parent_path() / "shared" / "data";
  if (!std::filesystem::exists(path / "catalog_cn.csv")) return std::nullopt;
  return path;
}

Shop chinese_shop(const std::filesystem::path& folder) {
  Shop shop;
  RuleDocument document;
  document.version = "coupons of July 2016";
  document.lanes[static_cast<std::size_t>(Lane::Item)] = {Stacking::Stack, 20, 1};
  document.lanes[static_cast<std::size_t>(Lane::Order)] = {Stacking::WeChat, 8, 0};
  std::map<std::string, std::uint32_t> known;
  std::map<std::string, std::vector<std::uint32_t>> by_user;
  for (const auto& row : rows(folder / "coupon_wallets_cn.csv")) {
    const auto [offer, added] = known.try_emplace(row.at(2), static_cast<std::uint32_t>(document.offers.size()));
    if (added) document.offers.push_back(coupon_offer(row.at(2), row.at(3)));
    by_user[row.at(0)].push_back(offer->second);
  }
  for (auto& [user, coupons] : by_user)
    shop.wallets.push_back(std::move(coupons));
  shop.rules = compile(std::move(document));

  std::ifstream file(folder / "catalog_cn.csv", std::ios::binary);
  catalog::CsvImport import{catalog::ImportOptions{}};
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!import.feed(text)) throw std::runtime_error("the catalog of the shop was refused");
  auto catalog = import.finish();
  if (!catalog) throw std::runtime_error("the catalog of the shop was refused");
  for (std::uint32_t i = 0; i < catalog->size(); ++i) {
    const auto item = catalog->item(catalog::ItemIndex(i));
    Goods goods;
    goods.item = id<Name>(item.id().substr(0, Name::kLengthMax));
    goods.categories.push_back(category(hash(item.id())));
    shop.items.push_back({shop.rules->classify(goods).value(), item.base_price().minor});
  }

  std::ifstream baskets(folder / "grocery_baskets.txt");
  for (std::string line; std::getline(baskets, line);)
    shop.basket_sizes.push_back(static_cast<std::size_t>(std::ranges::count(line, ',')) + 1);
  return shop;
}

Shop us_grocer(const std::filesystem::path& folder) {
  Shop shop;
  RuleDocument document;
  document.version = "coupons of 2017";
  document.currency = core::Currency::of("USD");
  std::map<std::string, std::size_t> known;
  for (const auto& row : rows(folder / "grocery_us_coupons.csv")) {
    const auto [coupon, added] = known.try_emplace(row.at(0), document.offers.size());
    if (added) {
      Offer& offer = document.offers.emplace_back();
      offer.id = id<OfferId>(labelled('u', row.at(0)));
      offer.lane = Lane::Item;
      constexpr std::uint64_t kSteps = 4;
      constexpr std::int64_t kStep = 50;
      AmountOff off;
      off.amount = kStep * static_cast<std::int64_t>(1 + hash(row.at(0)) % kSteps);
      offer.effect = off;
    }
    document.offers[coupon->second].scope.items.push_back(id<Name>(labelled('p', row.at(1))));
  }
  shop.rules = compile(std::move(document));

  std::map<std::string, std::vector<Line>> by_basket;
  for (const auto& row : rows(folder / "grocery_us_transactions.csv")) {
    Line line;
    const std::int64_t quantity = number(row.at(4));
    const std::int64_t sales = number(row.at(5));
    if (quantity < 1 || sales < quantity) continue;  // fuel by volume, returns
    line.count = quantity;
    line.unit_price = sales / quantity;
    line.list_amount = line.count * line.unit_price;
    Goods goods;
    goods.item = id<Name>(labelled('p', row.at(3)));
    line.goods = shop.rules->classify(goods).value();
    std::vector<Line>& lines = by_basket[row.at(2)];
    if (line.count > kLineCountMax) continue;
    line.id = LineId(static_cast<std::uint32_t>(lines.size() + 1));
    lines.push_back(line);
  }
  for (auto& [basket, lines] : by_basket)
    shop.baskets.push_back(std::move(lines));
  return shop;
}

std::vector<Line> draw_basket(const Shop& shop, std::size_t size, std::mt19937_64& random) {
  std::vector<Line> lines;
  for (std::uint32_t i = 0; i < size; ++i) {
    const Shop::Item& item = shop.items[static_cast<std::size_t>(random() % shop.items.size())];
    Line line;
    line.id = LineId(i + 1);
    line.goods = item.goods;
    line.count = static_cast<std::int64_t>(1 + random() % 3);
    line.unit_price = item.price;
    line.list_amount = line.count * line.unit_price;
    line.tax_rate = core::BasisPoints{1'300};
    lines.push_back(line);
  }
  return lines;
}

std::vector<Coupon> draw_wallet(const Shop& shop, std::size_t count, std::mt19937_64& random) {
  std::vector<Coupon> coupons;
  while (coupons.size() < count) {
    for (const std::uint32_t offer : shop.wallets[static_cast<std::size_t>(random() % shop.wallets.size())]) {
      if (coupons.size() == count) break;
      Coupon coupon;
      coupon.id = id<CouponId>(labelled('k', std::to_string(coupons.size())));
      coupon.offer = shop.rules->document().offers[offer].id;
      coupon.claimed_at = core::WallTime{std::chrono::hours{random() % 1'000}};
      coupons.push_back(coupon);
    }
  }
  return coupons;
}

}  // namespace tillkit::real_data
