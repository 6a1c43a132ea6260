// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "tillkit/core/limits.hpp"

namespace tillkit::payment {

/// So many attempts may be unresolved (`is_unresolved`) at once; at that number wallets are refused. A terminal that
/// cannot learn what became of eight charges has lost its gateway, and each further one is a shopper who waits for a
/// refund.
inline constexpr std::size_t kUnresolvedMax = 8;

/// So many refunds may be open at once; one more is refused, and so is a wallet where goods may stay inside. Those that
/// nobody chose are made beyond it (`RefundRoom`): of late successes, of goods that stayed inside, of sales given up.
inline constexpr std::size_t kRefundsOpenMax = 64;

/// The limits of this module.
[[nodiscard]] std::span<const core::NamedLimit> payment_limits();

}  // namespace tillkit::payment
