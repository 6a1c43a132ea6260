// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: an element string that is read can be put together again from its elements and reads as the same;
// its numbers are asked for without harm. A coupon has its serial.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tillkit/codes/code.hpp"
#include "tillkit/core/assert.hpp"

namespace codes = tillkit::codes;
namespace core = tillkit::core;

namespace {

/// Identifiers below 10 are written with two digits; all others as they are.
std::string written(const codes::Gs1Message& message) {
  std::string text;
  for (const codes::Gs1Element& element : message.elements()) {
    if (element.ai < 10) text += '0';
    text += std::to_string(element.ai);
    text += element.value;
    text += codes::kGroupSeparator;
  }
  return text;
}

void check_details(const codes::Gs1Message& message) {
  const codes::Gs1Details details = codes::details_of(message);
  if (details.weight) {
    if (const auto grams = details.weight->grams()) TILLKIT_ASSERT(*grams >= 0);
  }
  if (details.price) {
    if (const auto price = details.price->money(core::kCny)) TILLKIT_ASSERT(!price->is_negative());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  if (const auto message = codes::parse_gs1(text)) {
    TILLKIT_ASSERT(!message->elements().empty());
    const std::string again = written(*message);
    const auto read = codes::parse_gs1(again);
    TILLKIT_ASSERT(read.has_value() && std::ranges::equal(read->elements(), message->elements()));
    check_details(*message);
  }
  if (const auto coupon = codes::parse_positive_offer(text)) {
    TILLKIT_ASSERT(coupon->funder.view().size() >= 6 && coupon->serial.view().size() >= 6);
  }
  if (const auto gtin = codes::expand_upc_e(text)) TILLKIT_ASSERT(codes::has_gs1_check_digit(gtin->view()));
  static_cast<void>(codes::classify("]d2" + text));
  return 0;
}
