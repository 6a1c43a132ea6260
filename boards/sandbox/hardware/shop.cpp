// SPDX-License-Identifier: Apache-2.0
#include "shop.hpp"

#include <algorithm>

#include "tillkit/core/json.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonValue;
using core::JsonWriter;
using core::Result;

Result<std::string> read_text(const JsonValue& body, std::string_view name) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  TILLKIT_TRY(const std::string_view text, value.text());
  return std::string(text);
}

/// Empty where it is missing.
Result<std::string> read_optional(const JsonValue& body, std::string_view name) {
  if (!body.find(name)) return std::string();
  return read_text(body, name);
}

Result<std::int64_t> read_count(const JsonValue& body, std::string_view name, std::int64_t min, std::int64_t max) {
  TILLKIT_TRY(const JsonValue value, body.member(name));
  return value.integer_in(min, max);
}

Result<Place> read_place(const JsonValue& body) {
  constexpr std::int64_t kProductsMax = 99;
  constexpr std::int64_t kPriceMax = 100'000'000;
  Place place;
  TILLKIT_TRY(const std::int64_t slot, read_count(body, "slot", 1, 0xFFFF));
  place.slot = static_cast<std::uint16_t>(slot);
  place.mdb = place.slot;
  if (body.find("mdb")) {
    TILLKIT_TRY(const std::int64_t mdb, read_count(body, "mdb", 0, 0xFFFE));
    place.mdb = static_cast<std::uint16_t>(mdb);
  }
  TILLKIT_TRY(place.item, read_text(body, "item"));
  TILLKIT_TRY(place.name, read_text(body, "name"));
  TILLKIT_TRY(place.name_zh, read_optional(body, "name_zh"));
  TILLKIT_TRY(place.price_minor, read_count(body, "price", 0, kPriceMax));
  TILLKIT_TRY(const std::int64_t capacity, read_count(body, "capacity", 1, kProductsMax));
  TILLKIT_TRY(const std::int64_t stock, read_count(body, "stock", 0, capacity));
  place.capacity = static_cast<std::uint32_t>(capacity);
  place.stock = static_cast<std::uint32_t>(stock);
  return place;
}

Result<ShopperCoupon> read_coupon(const JsonValue& body) {
  ShopperCoupon coupon;
  TILLKIT_TRY(coupon.code, read_text(body, "code"));
  TILLKIT_TRY(coupon.name, read_text(body, "name"));
  TILLKIT_TRY(coupon.name_zh, read_optional(body, "name_zh"));
  return coupon;
}

Result<Shopper> read_shopper(const JsonValue& body) {
  constexpr std::int64_t kBalanceMax = 1'000'000'000;
  Shopper shopper;
  TILLKIT_TRY(shopper.id, read_text(body, "id"));
  TILLKIT_TRY(shopper.name, read_text(body, "name"));
  TILLKIT_TRY(shopper.name_zh, read_optional(body, "name_zh"));
  TILLKIT_TRY(shopper.wallet, read_text(body, "wallet"));
  TILLKIT_TRY(shopper.user, read_text(body, "user"));
  TILLKIT_TRY(shopper.balance_minor, read_count(body, "balance_minor", 0, kBalanceMax));
  TILLKIT_TRY(shopper.member, read_optional(body, "member"));
  TILLKIT_TRY(shopper.card, read_optional(body, "card"));
  TILLKIT_TRY(shopper.phone, read_optional(body, "phone"));
  if (const auto coupons = body.find("coupons")) {
    TILLKIT_TRY(const core::JsonElements elements, coupons->elements());
    for (const JsonValue element : elements) {
      if (shopper.coupons.size() == kShopperCouponsMax) return element.mistake(core::ErrorCode::Exhausted);
      TILLKIT_TRY(ShopperCoupon coupon, read_coupon(element));
      shopper.coupons.push_back(std::move(coupon));
    }
  }
  return shopper;
}

bool clash(const Place& one, const Place& other) {
  return one.slot == other.slot || one.mdb == other.mdb;
}

bool clash(const Shopper& one, const Shopper& other) {
  return one.id == other.id;
}

/// The elements of the one list that a file holds.
template <class Element>
Result<std::vector<Element>> read_list(std::string_view text, std::string_view name, std::size_t count_max,
                                       Result<Element> (*read)(const JsonValue&)) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(text));
  TILLKIT_TRY(const JsonValue list, document.root().member(name));
  TILLKIT_TRY(const core::JsonElements elements, list.elements());
  std::vector<Element> read_so_far;
  for (const JsonValue element : elements) {
    if (read_so_far.size() == count_max) return element.mistake(core::ErrorCode::Exhausted);
    TILLKIT_TRY(Element next, read(element));
    if (std::ranges::any_of(read_so_far, [&next](const Element& other) { return clash(other, next); })) {
      return element.mistake(core::ErrorCode::AlreadyExists);
    }
    read_so_far.push_back(std::move(next));
  }
  return read_so_far;
}

}  // namespace

Result<std::vector<Place>> read_planogram(std::string_view text) {
  return read_list<Place>(text, "slots", kPlacesMax, read_place);
}

Result<std::vector<Shopper>> read_people(std::string_view text) {
  return read_list<Shopper>(text, "people", kShoppersMax, read_shopper);
}

void write_people(JsonWriter& json, const std::vector<Shopper>& shoppers) {
  json.name("people").begin_array();
  for (const Shopper& shopper : shoppers) {
    json.begin_object().name("id").text(shopper.id).name("name").text(shopper.name);
    json.name("name_zh").text(shopper.name_zh).name("wallet").text(shopper.wallet).name("user").text(shopper.user);
    json.name("member").text(shopper.member).name("card").text(shopper.card).name("phone").text(shopper.phone);
    json.name("coupons").begin_array();
    for (const ShopperCoupon& coupon : shopper.coupons) {
      json.begin_object().name("code").text(coupon.code).name("name").text(coupon.name);
      json.name("name_zh").text(coupon.name_zh).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

std::string payment_code(std::string_view wallet, std::string_view random) {
  // WeChat Pay: 18 digits from 10 to 15; Alipay: 16 to 24 digits from 25 to 30; UnionPay: 19 digits, 62.
  std::string code = wallet == "alipay" ? "28" : wallet == "unionpay" ? "62" : "13";
  const std::size_t size = wallet == "unionpay" ? 19 : 18;
  for (std::size_t i = 0; code.size() < size; ++i)
    code += static_cast<char>('0' + static_cast<unsigned char>(random[i % random.size()]) % 10);
  return code;
}

}  // namespace tillkit::sandbox
