// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/product_dispenser.hpp"
#include "tillkit/receipt/texts.hpp"

/// What a shopper can choose on the machine's screen. The lines are described in `firmware/vending/README.md`.
namespace tillkit::vending {

struct Select {
  hal::SlotId slot;
};
struct PayQr {};
struct PayPoints {};
struct PayValue {};
struct PayNothing {};
struct Cancel {};
struct Confirm {};
struct SayConsent {
  bool yes = false;
};
struct SpeakLanguage {
  receipt::Language language = receipt::Language::ZhCn;
};
struct TypePhone {
  std::string number;
};

using Press =
    std::variant<Select, PayQr, PayPoints, PayValue, PayNothing, Cancel, Confirm, SayConsent, SpeakLanguage, TypePhone>;

/// Reads a line of `hal::Display`.
/// - InvalidArgument, NotFound, OutOfRange: no press of these, or one without what it needs. Nothing happens.
[[nodiscard]] core::Result<Press> read_press(std::string_view line);

}  // namespace tillkit::vending
