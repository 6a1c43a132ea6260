// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/id.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"

/// Reads members of requests as strictly as the contract's schemas. Every mistake blames the member, so that the answer
/// is 400 with its path.
namespace tillkit::sandbox {

/// A text of `min` to `max` characters, each of them `allowed`.
[[nodiscard]] core::Result<std::string> read_pattern(const core::JsonValue& body, std::string_view name,
                                                     std::size_t min, std::size_t max, bool (*allowed)(char));

/// A text of `min` to `max` characters of Unicode.
[[nodiscard]] core::Result<std::string> read_words(const core::JsonValue& body, std::string_view name, std::size_t min,
                                                   std::size_t max);

[[nodiscard]] core::Result<std::int64_t> read_number(const core::JsonValue& body, std::string_view name,
                                                     std::int64_t min, std::int64_t max);

/// The contract's `Name`.
[[nodiscard]] core::Result<std::string> read_name(const core::JsonValue& body, std::string_view name);

/// The contract's `Order`, `RefundKey` and keys of the same form.
[[nodiscard]] core::Result<std::string> read_order(const core::JsonValue& body, std::string_view name);

/// The contract's `Terminal`.
[[nodiscard]] core::Result<std::string> read_terminal(const core::JsonValue& body, std::string_view name);

/// The contract's `Count`, and `Milliseconds`.
[[nodiscard]] core::Result<std::int64_t> read_count(const core::JsonValue& body, std::string_view name);
[[nodiscard]] core::Result<std::int64_t> read_milliseconds(const core::JsonValue& body, std::string_view name);

/// The contract's `Amount` where more than nothing is asked for.
struct Amount {
  std::int64_t minor = 0;
  std::string currency;

  friend bool operator==(const Amount&, const Amount&) = default;
};
[[nodiscard]] core::Result<Amount> read_amount(const core::JsonValue& body, std::string_view name);

void write_amount(core::JsonWriter& json, std::string_view name, const Amount& amount);

/// The contract's `PaymentCode`.
[[nodiscard]] core::Result<std::string> read_payment_code(const core::JsonValue& body, std::string_view name);

/// The contract's `Route`.
[[nodiscard]] core::Result<std::vector<std::string>> read_wallets(const core::JsonValue& body, std::string_view name);

/// The contract's `Wallet`.
[[nodiscard]] bool is_wallet(std::string_view name);

}  // namespace tillkit::sandbox
