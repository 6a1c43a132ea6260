// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"

/// What the machine holds and who stands before it, as the files of `--planogram` and `--people` say
/// (boards/sandbox/README.md).
namespace tillkit::sandbox {

inline constexpr std::size_t kPlacesMax = 60;
inline constexpr std::size_t kShoppersMax = 12;
inline constexpr std::size_t kShopperCouponsMax = 12;

/// One slot and what is sold from it.
struct Place {
  std::uint16_t slot = 0;
  std::uint16_t mdb = 0;  ///< the number of its key on a controller's bus; where the file has none, the slot's
  std::string item;
  std::string name;
  std::string name_zh;  ///< empty: as `name`
  std::int64_t price_minor = 0;
  std::uint32_t capacity = 0;
  std::uint32_t stock = 0;
};

struct ShopperCoupon {
  std::string code;  ///< as it is scanned
  std::string name;
  std::string name_zh;
};

struct Shopper {
  std::string id;
  std::string name;
  std::string name_zh;
  std::string wallet;  ///< `wechat_pay`, `alipay`, `unionpay`
  std::string user;    ///< at the wallet
  std::int64_t balance_minor = 0;
  std::string member;  ///< at the cloud; empty: a stranger
  std::string card;    ///< the member code as it is scanned; empty: none
  std::string phone;   ///< to type at the machine; empty: none
  std::vector<ShopperCoupon> coupons;
};

struct Shop {
  std::vector<Place> places;
  std::vector<Shopper> shoppers;
};

/// Fail as `JsonDocument::parse` and its readers do; `Exhausted` where there are more than the limits allow.
[[nodiscard]] core::Result<std::vector<Place>> read_planogram(std::string_view text);
[[nodiscard]] core::Result<std::vector<Shopper>> read_people(std::string_view text);

void write_people(core::JsonWriter& json, const std::vector<Shopper>& shoppers);

/// A payment code as the wallet makes them: its digits begin with what says whose it is. `random` are at least 17
/// bytes.
[[nodiscard]] std::string payment_code(std::string_view wallet, std::string_view random);

}  // namespace tillkit::sandbox
