// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "tillkit/core/json.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/terminal/technician.hpp"

namespace tillkit::terminal {

/// What commands work with.
struct Tools {
  journal::Journal& journal;
};

/// One thing that a technician can ask for. `request` has the members of `members`, any of them or none.
struct Command {
  std::string_view name;
  std::span<const std::string_view> members;
  std::unique_ptr<Answer> (*begin)(const Tools& tools, const core::JsonValue& request);
};

/// An answer whose lines are few and known.
[[nodiscard]] std::unique_ptr<Answer> lines(std::string text);

[[nodiscard]] std::unique_ptr<Answer> begin_verify(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_show(const Tools& tools, const core::JsonValue& request);
[[nodiscard]] std::unique_ptr<Answer> begin_export(const Tools& tools, const core::JsonValue& request);

}  // namespace tillkit::terminal
