// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tillctl {

/// Takes one line, without its line break. False: it could not be used, and no more is wanted.
using LineSink = std::function<bool(std::string_view line)>;

enum class Asked {
  Answered,     ///< the whole answer came
  NobodyThere,  ///< no terminal runs here
  Stopped,      ///< `sink` wanted no more
  Failed,       ///< `why` says what; some lines may have come
};

/// Asks the terminal whose socket is at `path`, and waits for its answer: at most a minute without a byte of it.
Asked ask_terminal(const std::string& path, std::string_view request, const LineSink& sink, std::string& why);

}  // namespace tillctl
