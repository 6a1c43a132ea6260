// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/journal/statement.hpp"
#include "tillkit/terminal/resolution.hpp"

/// What a technician says of a machine's slots.
namespace tillkit::terminal {

struct SlotSetting {
  std::vector<fulfilment::Slot> slots;  ///< as they are then
  bool all = false;                     ///< there are no others
  journal::Operator by{};
};

/// Reads what a `planogram.set` asks for, against the slots that there are. Changes nothing.
[[nodiscard]] std::expected<SlotSetting, Objection> read_slot_setting(const journal::Tables& tables,
                                                                      std::string_view request);

}  // namespace tillkit::terminal
