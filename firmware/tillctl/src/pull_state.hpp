// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "device_access.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/terminal/data_folder.hpp"
#include "tillkit/terminal/device_profile.hpp"
#include "tillkit/terminal/state_pull.hpp"

namespace tillctl {

/// What came of it, and what is to be sold now.
struct Pulled {
  tillkit::terminal::PullStatus status{};
  std::int64_t items = 0;
  std::string rules{};  ///< the version of the rule set; empty: none

  /// The terminal has all that its cloud has.
  [[nodiscard]] bool done() const { return status.state == tillkit::terminal::PullStatus::State::Done; }
};

/// Brings the stopped terminal in a data folder up to date with its cloud, in both directions. Says how far it is on
/// standard error, once a second, where `aloud`. Each step is durable: what is here stays, and whoever comes next (this
/// again, or the terminal) goes on behind it.
/// None: it was not begun; `why` says what is in the way.
[[nodiscard]] std::optional<Pulled> pull_state(const tillkit::terminal::DataFolder& data, DeviceAccess& access,
                                               const tillkit::terminal::DeviceProfile& profile, bool aloud,
                                               std::string& why);

/// `12 changes came, ...`: for people.
[[nodiscard]] std::string words_of(const Pulled& pulled);
/// `"up_to_date":true,"taken":12,...`: members of the object that is open.
void write_pulled(tillkit::core::JsonWriter& json, const Pulled& pulled);

}  // namespace tillctl
