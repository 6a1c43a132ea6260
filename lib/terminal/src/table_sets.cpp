// SPDX-License-Identifier: Apache-2.0
#include "tillkit/terminal/table_sets.hpp"

#include <array>

#include "tillkit/checkout/tables.hpp"
#include "tillkit/fulfilment/vend_book.hpp"
#include "tillkit/ledger/tables.hpp"
#include "tillkit/members/tables.hpp"
#include "tillkit/payment/tables.hpp"
#include "tillkit/sync/tables.hpp"

namespace tillkit::terminal {

std::span<const journal::TableSet> table_sets() {
  // Lowest module first.
  static const std::array sets{members::kMemberTables,        ledger::kLedgerTables,     payment::kPaymentTables,
                               fulfilment::kFulfilmentTables, checkout::kCheckoutTables, sync::kSyncTables};
  return sets;
}

}  // namespace tillkit::terminal
