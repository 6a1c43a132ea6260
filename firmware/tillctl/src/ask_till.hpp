// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "local_client.hpp"
#include "tillkit/terminal/data_folder.hpp"

namespace tillctl {

/// What is done where no terminal runs.
enum class Stopped : std::uint8_t {
  Look = 1,      ///< its files answer; nothing is written
  Export = 2,    ///< the same, without keys and of a file in any state
  Resolve = 3,   ///< a decision is written into its journal
  Pull = 4,      ///< it is brought up to date with its cloud
  Slots = 5,     ///< what lies in its slots is written into its journal
  TryAgain = 6,  ///< it is let out of safe mode
  Refuse = 7,    ///< nothing: it needs the terminal's own devices
};

struct Question {
  std::string_view command;  ///< that standard error names
  tillkit::terminal::DataFolder data;
  std::string line;  ///< as the technician's interface takes it
  Stopped stopped = Stopped::Look;
};

/// Asks the terminal if it runs, else the files; `where` says which. Else the exit status, and standard error says why.
std::optional<int> ask_till(const Question& question, const LineSink& sink, std::string& where);

/// Writes a line to standard output.
bool put_line(std::string_view line);

/// A whole number from 1 on.
std::optional<std::int64_t> read_positive(std::string_view text);

}  // namespace tillctl
