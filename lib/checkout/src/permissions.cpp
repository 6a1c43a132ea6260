// SPDX-License-Identifier: Apache-2.0
#include "tillkit/checkout/permissions.hpp"

#include <algorithm>

namespace tillkit::checkout {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::Void: return "void";
    case Action::Refund: return "refund";
    case Action::Reprint: return "reprint";
    case Action::Resolve: return "resolve";
    case Action::Age: return "age";
    case Action::Slots: return "slots";
  }
  return "?";
}

bool PermissionTable::is_permitted(const journal::Operator& by, Action action, const core::Money& amount) const {
  return std::ranges::any_of(rows_, [&](const Permission& row) {
    const bool covers = row.operator_id == by && row.actions.has(action);
    return covers && (action != Action::Refund || amount.minor <= row.refund_max_minor);
  });
}

}  // namespace tillkit::checkout
