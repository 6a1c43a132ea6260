// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/limits.hpp"

#include <array>

#include "tillkit/codes/code.hpp"

namespace tillkit::codes {
namespace {

constexpr auto number(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

// clang-format off
constexpr std::array kLimits{
    core::NamedLimit{"codes.code_bytes_max",              number(kCodeBytesMax),             "bytes"},
    core::NamedLimit{"codes.cpm_applications_max",        number(kCpmApplicationsMax),       "applications"},
    core::NamedLimit{"codes.cpm_bytes_max",               number(kCpmBytesMax),              "bytes"},
    core::NamedLimit{"codes.cpm_objects_max",             number(kCpmObjectsMax),            "objects"},
    core::NamedLimit{"codes.gs1_elements_max",            number(kGs1ElementsMax),           "elements"},
    core::NamedLimit{"codes.in_store_digits_max",         number(kInStoreDigitsMax),         "digits"},
    core::NamedLimit{"codes.in_store_item_digits_max",    number(kInStoreItemDigitsMax),     "digits"},
    core::NamedLimit{"codes.in_store_rules_max",          number(kInStoreRulesMax),          "rows"},
    core::NamedLimit{"codes.in_store_value_digits_max",   number(kInStoreValueDigitsMax),    "digits"},
    core::NamedLimit{"codes.link_rules_max",              number(kLinkRulesMax),             "rows"},
    core::NamedLimit{"codes.member_card_characters_max",  number(kMemberCardCharactersMax),  "characters"},
    core::NamedLimit{"codes.member_rules_max",            number(kMemberRulesMax),           "rows"},
    core::NamedLimit{"codes.mpm_bytes_max",               number(kMpmBytesMax),              "bytes"},
    core::NamedLimit{"codes.payment_code_characters_max", number(kPaymentCodeCharactersMax), "characters"},
    core::NamedLimit{"codes.payment_rules_max",           number(kPaymentRulesMax),          "rows"},
    core::NamedLimit{"codes.token_bytes_max",             number(kTokenBytesMax),            "bytes"},
};
// clang-format on

}  // namespace

std::span<const core::NamedLimit> codes_limits() {
  return kLimits;
}

}  // namespace tillkit::codes
