// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace tillctl {

/// How the program ends.
enum ExitStatus : int {
  kDone = 0,
  kFailed = 1,  ///< The request was understood and could not be done; standard error says why.
  kUsage = 2,   ///< The request was not understood; nothing was done.
};

using Arguments = std::span<const std::string_view>;

/// `tillctl version [--json]`: what this program is made of, and its compiled-in limits.
int run_version(Arguments arguments);

/// Says on standard error what is wrong with the command line and how to go on.
int usage_error(std::string_view command, std::string_view what, std::string_view argument);

}  // namespace tillctl
