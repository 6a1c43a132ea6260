// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tillkit/core/id.hpp"

namespace tillkit::core {

/// What a payment provider knows an attempt or a refund by: made here, stored before it is sent, never given twice.
using OrderNumber = TextId<struct OrderNumberTag, 32, is_order_char>;

/// What the provider itself calls it, as it stands in its bill.
using TransactionNumber = TextId<struct TransactionNumberTag, 64>;

}  // namespace tillkit::core
