// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/ids.hpp"
#include "tillkit/cloud/record.hpp"
#include "tillkit/cloud/reply.hpp"
#include "tillkit/core/order_number.hpp"
#include "tillkit/core/result.hpp"

/// The right to refund a sale of another terminal.
namespace tillkit::cloud {

inline constexpr std::string_view kClaimRefundPath = "/v1/refund-claims";

struct RefundClaim {
  core::OrderNumber claim{};  ///< the key: the same claim again gets the same answer, or what has become of it since
  TerminalId terminal{};      ///< that sold
  std::int64_t sale = 0;
};

/// - InvalidArgument: no key, no terminal. - OutOfRange: no sale.
[[nodiscard]] core::Result<std::string> claim_refund_body(const RefundClaim& claim);

/// Stored in records; never renumber.
enum class RefundClaimOutcome : std::uint8_t {
  Granted = 1,  ///< this terminal alone may refund the sale from now on
  Waiting = 2,  ///< the terminal that sold has not agreed yet: ask again
  Refused = 3,  ///< another terminal has the right
};
/// `granted`, `waiting`, `refused`
[[nodiscard]] std::string_view to_string(RefundClaimOutcome outcome);

struct RefundClaimAnswer {
  RefundClaimOutcome outcome = RefundClaimOutcome::Waiting;
  JournalId journal{};            ///< of Granted: where the sale is
  std::vector<Record> records{};  ///< of Granted: the sale's, in order; all of them are of the sale
};

/// A reply other than 200 fails as `error_of` says; a 200 that is not understood, or has records of another sale, is a
/// Timeout: ask again with the same key.
[[nodiscard]] core::Result<RefundClaimAnswer> read_claim_refund(const Reply& reply, const RefundClaim& asked);

}  // namespace tillkit::cloud
