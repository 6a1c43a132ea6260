// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tillkit/core/machine.hpp"
#include "tillkit/core/money.hpp"
#include "tillkit/journal/record.hpp"

namespace tillkit::checkout {

/// What not everybody may do. Stored in records; never renumber.
enum class Action : std::uint8_t {
  Void = 1,     ///< Take a line or a whole basket back after it was scanned.
  Refund = 2,   ///< Give money back, up to an amount.
  Reprint = 3,  ///< Print a receipt again.
  Resolve = 4,  ///< Decide what became of an attempt that nobody can find out.
  Age = 5,      ///< Say that a shopper is old enough.
  Slots = 6,    ///< Say what lies in a machine's slots, and which of them are used.
};

/// `void`, `refund`, ... as in records and settings.
[[nodiscard]] std::string_view to_string(Action action);

/// The one hook that checkout asks before such an action.
class Permissions {
 public:
  virtual ~Permissions() = default;
  /// `amount`: what a refund gives back; 0 of all else.
  [[nodiscard]] virtual bool is_permitted(const journal::Operator& by, Action action,
                                          const core::Money& amount) const = 0;
};

/// What one operator may do.
struct Permission {
  journal::Operator operator_id;
  core::EnumSet<Action> actions;
  std::int64_t refund_max_minor = 0;  ///< of one refund
};

/// Permissions as a table. Who is not in it may do nothing of the kind.
class PermissionTable final : public Permissions {
 public:
  explicit PermissionTable(std::vector<Permission> rows) : rows_(std::move(rows)) {}

  [[nodiscard]] bool is_permitted(const journal::Operator& by, Action action, const core::Money& amount) const override;

 private:
  std::vector<Permission> rows_;
};

}  // namespace tillkit::checkout
