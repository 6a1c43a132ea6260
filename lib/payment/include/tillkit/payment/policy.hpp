// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::payment {

/// When a provider is asked, given up, reversed and refunded. Data: it comes from the cloud, and the defaults are
/// below.
///
/// Times of an attempt count from when its charge went out, those of a refund from when the order was paid.
struct ProviderPolicy {
  std::chrono::milliseconds ask_first_after{};    ///< From an answer 'not decided' to the first query.
  std::chrono::milliseconds ask_unknown_after{};  ///< From a charge without an answer to the first query.
  std::chrono::milliseconds ask_every{};          ///< From the end of one query to the next.
  std::chrono::milliseconds give_up_after{};      ///< Then a last query, then the reversal.
  std::chrono::milliseconds shown_code_for{};     ///< So long a code on the screen can be paid; given up then.

  std::chrono::milliseconds reverse_earliest{};     ///< The provider refuses a reversal before.
  std::chrono::milliseconds reverse_window{};       ///< And after.
  std::chrono::milliseconds reverse_retry_first{};  ///< From the end of one reversal to the next; doubled each time ...
  std::chrono::milliseconds reverse_retry_max{};    ///< ... up to this.

  std::chrono::milliseconds refund_window{};
  std::chrono::milliseconds refund_gap{};  ///< Between two refund requests for one order, repetitions included.
  std::chrono::milliseconds refund_retry_first{};
  std::chrono::milliseconds refund_retry_max{};
  std::uint32_t refunds_max = 0;  ///< Of one order.

  /// A reversal or refund that is older is asked about before it is repeated: a provider forgets keys.
  std::chrono::milliseconds ask_before_replay_after{};

  friend bool operator==(const ProviderPolicy&, const ProviderPolicy&) = default;
};

[[nodiscard]] const ProviderPolicy& wechat_pay_policy();
[[nodiscard]] const ProviderPolicy& alipay_policy();
/// For whatever else stands behind a gateway, UnionPay included: the careful side of each number above.
[[nodiscard]] const ProviderPolicy& gateway_policy();

/// The policies of one terminal.
class PolicySet {
 public:
  /// The defaults.
  PolicySet();

  /// Of the wallet that most likely holds the code; none: not known.
  [[nodiscard]] const ProviderPolicy& of(std::optional<codes::Wallet> wallet) const;

 private:
  friend core::Result<PolicySet> read_policies(const core::JsonValue& value);

  ProviderPolicy other_;
  std::array<ProviderPolicy, codes::kWalletCount> wallets_;
};

/// Version of the document that `read_policies` takes.
inline constexpr std::int64_t kPoliciesVersion = 1;

/// Reads policies from a JSON object, as `schema/policies.schema.json` describes it. `other` is mandatory; a wallet
/// without a policy of its own has that one. Every member of a policy is mandatory: half a policy is none.
/// Every error names the value's byte offset, which `JsonDocument::path_of` turns into a path; nothing is adopted:
/// - NotFound, InvalidArgument, OutOfRange: a member is missing, unknown, of another kind or not in its range.
/// - InvalidArgument also at the member that contradicts another: asking every 60 s and giving up after 30.
/// - Unsupported: another version.
[[nodiscard]] core::Result<PolicySet> read_policies(const core::JsonValue& value);

/// Writes the document that reads as this policy for everything.
[[nodiscard]] core::Result<std::string> write_policies(const ProviderPolicy& other);

}  // namespace tillkit::payment
