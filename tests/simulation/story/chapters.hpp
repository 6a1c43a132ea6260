// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "shop_day.hpp"

namespace tillkit::story {

inline constexpr std::string_view kCola = "6900000000014";
inline constexpr std::string_view kTea = "6900000000038";
inline constexpr std::string_view kRiceCakes = "6900000000052";
inline constexpr std::string_view kNoodles = "6900000000069";
inline constexpr std::string_view kChocolate = "6900000000076";
inline constexpr std::string_view kUmbrella = "6900000000083";
inline constexpr std::string_view kBatteries = "6900000000090";
inline constexpr std::string_view kBeer = "6900000000106";

/// Members, coupons, points and leases, at two counters.
void play_members(ShopDay& day);

}  // namespace tillkit::story
