// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/ledger/steps.hpp"

/// What the records of one sale say of points, value and budgets, also when the tables have forgotten it.
namespace tillkit::ledger {

enum class SpentState : std::uint8_t { Reserved, Taken, Released };

struct Spent {
  Reservation part{};
  SpentState state = SpentState::Reserved;
};

struct Earned {
  Owner member{};
  std::int64_t points = 0;
  EarnWhy why = EarnWhy::Goods;
};

/// By a refund, or an undone sale: of `sold`.
struct GivenBack {
  journal::SaleId sold{};
  Reservation part{};
};
struct TakenBack {
  journal::SaleId sold{};
  Owner member{};
  std::int64_t points = 0;
};

struct LedgerHistory {
  std::vector<Spent> spent;
  std::vector<Earned> earned;
  std::vector<GivenBack> given_back;
  std::vector<TakenBack> taken_back;
};

/// Adds what one record of the sale says, in their order. Other modules' records say nothing.
/// - Corrupt, or as reading JSON: the record is not what this module writes.
[[nodiscard]] core::Result<> tell(LedgerHistory& history, const journal::Record& record);

/// Chooses which holds of `part` go back for `amount` of its unit after `before` went back: the last first. In the
/// order of `choose_holds` that is what expires last, so that the shopper loses least.
/// - OutOfRange: more than is left, or below 0.
[[nodiscard]] core::Result<std::vector<Hold>> choose_give_back(const Reservation& part, const std::vector<Hold>& before,
                                                               std::int64_t amount);

}  // namespace tillkit::ledger
