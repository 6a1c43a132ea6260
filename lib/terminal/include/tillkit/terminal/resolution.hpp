// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "tillkit/core/error.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/journal/order_number.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/payment/steps.hpp"
#include "tillkit/payment/tables.hpp"

/// What a person decides about an attempt that the provider cannot end.
namespace tillkit::terminal {

/// Why a request is not done, as its answer says it.
struct Objection {
  core::ErrorCode code = core::ErrorCode::InvalidArgument;
  std::string what;
};

struct Resolution {
  payment::Attempt attempt{};  ///< that waits for it
  payment::Decision decision = payment::Decision::Paid;
  journal::Operator by{};
  std::string reason;
};

/// Reads what an `attempt.resolve` asks for and finds its attempt; what it says against it, a decision would meet, too.
/// Changes nothing.
[[nodiscard]] std::expected<Resolution, Objection> read_resolution(const journal::Tables& tables,
                                                                   std::string_view request);

/// The decision that `paid`, `not-paid` or `given-back` names; none: no other word does.
[[nodiscard]] std::optional<payment::Decision> decision_of(std::string_view word);

/// The terminal that gave an order its number: what stands before the record that intended it. None: not this record.
[[nodiscard]] std::optional<journal::TerminalName> terminal_of(const core::OrderNumber& order, journal::Seq intended);

}  // namespace tillkit::terminal
