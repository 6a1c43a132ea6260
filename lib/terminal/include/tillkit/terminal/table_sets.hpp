// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "tillkit/journal/table_set.hpp"

namespace tillkit::terminal {

/// The tables of all modules of this program, to be handed to `journal::Journal::open`. One list for all who open a
/// journal: with a module missing it would refuse the file.
[[nodiscard]] std::span<const journal::TableSet> table_sets();

}  // namespace tillkit::terminal
