// SPDX-License-Identifier: Apache-2.0
#include "press.hpp"

#include <limits>

#include "tillkit/core/json.hpp"
#include "tillkit/hal/display.hpp"

namespace tillkit::vending {

using core::JsonValue;
using core::Result;

namespace {

constexpr core::JsonLimits kPressJsonLimits{
    .bytes_max = hal::kPressBytesMax, .depth_max = 2, .values_max = 8, .members_max = 4, .string_bytes_max = 64};

}  // namespace

Result<Press> read_press(std::string_view line) {
  TILLKIT_TRY(const auto document, core::JsonDocument::parse(line, kPressJsonLimits));
  const JsonValue root = document.root();
  TILLKIT_TRY(const JsonValue word, root.member("press"));
  TILLKIT_TRY(const std::string_view press, word.text());
  if (press == "pay_qr") return PayQr{};
  if (press == "pay_points") return PayPoints{};
  if (press == "pay_value") return PayValue{};
  if (press == "pay_nothing") return PayNothing{};
  if (press == "cancel") return Cancel{};
  if (press == "confirm") return Confirm{};
  if (press == "select") {
    TILLKIT_TRY(const JsonValue value, root.member("slot"));
    TILLKIT_TRY(const std::int64_t slot, value.integer_in(1, std::numeric_limits<std::uint16_t>::max()));
    return Select{hal::SlotId(static_cast<std::uint16_t>(slot))};
  }
  if (press == "consent") {
    TILLKIT_TRY(const JsonValue value, root.member("yes"));
    TILLKIT_TRY(const bool yes, value.boolean());
    return SayConsent{yes};
  }
  if (press == "language") {
    TILLKIT_TRY(const JsonValue value, root.member("to"));
    TILLKIT_TRY(const std::string_view language, value.text());
    if (language == "zh-CN") return SpeakLanguage{receipt::Language::ZhCn};
    if (language == "en") return SpeakLanguage{receipt::Language::En};
    return value.mistake();
  }
  if (press == "phone") {
    TILLKIT_TRY(const JsonValue value, root.member("number"));
    TILLKIT_TRY(const std::string_view number, value.text());
    return TypePhone{std::string(number)};
  }
  return word.mistake();
}

}  // namespace tillkit::vending
