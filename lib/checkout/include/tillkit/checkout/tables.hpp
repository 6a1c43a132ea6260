// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tillkit/checkout/benefits.hpp"
#include "tillkit/checkout/sale.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/journal/table_set.hpp"
#include "tillkit/members/identity.hpp"

/// What is open, as the records add up to it. A closed sale lives in the journal alone (`read_sale`).
namespace tillkit::checkout {

/// Hand it to `journal::Journal::open`. Tables: `sales`, `benefits`, `returns`, `shifts`.
extern const journal::TableSet kCheckoutTables;

/// A sale that is not over.
struct OpenSale {
  journal::SaleId id{};
  SaleState state = SaleState::Open;
  core::Money total{};          ///< to pay; of a refund what goes back
  core::Money cash{};           ///< what of the total cash has paid so far
  core::WallReading changed{};  ///< when its state last changed
  members::MemberId member{};   ///< whose it is; empty: nobody knows yet

  friend bool operator==(const OpenSale&, const OpenSale&) = default;
};

[[nodiscard]] core::Result<std::vector<OpenSale>> open_sales(const journal::Tables& tables);
/// None: it is over, or never was.
[[nodiscard]] core::Result<std::optional<OpenSale>> find_sale(const journal::Tables& tables, journal::SaleId sale);
/// What its price brings its member. None: nothing.
[[nodiscard]] core::Result<std::optional<Benefits>> benefits_of(const journal::Tables& tables, journal::SaleId sale);
/// The refunds of a sale, open or over, in their order.
[[nodiscard]] core::Result<std::vector<journal::SaleId>> returns_of(const journal::Tables& tables,
                                                                    journal::SaleId sale);
/// The newest shift that began; 0: none did.
[[nodiscard]] core::Result<std::uint32_t> last_shift(const journal::Tables& tables);

}  // namespace tillkit::checkout
