// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config.hpp"
#include "machine.hpp"

namespace tillkit::vending {

/// The configuration, and the one that last brought the machine up: a mistake in a new one does not stop a machine that
/// sells.
class ConfigFile {
 public:
  /// `path` is the file that people write, `kept_path` is where the last good one is kept. What `board` cannot do is a
  /// mistake.
  ConfigFile(std::string path, std::string kept_path, const BoardParts& board)
      : path_(std::move(path)), kept_path_(std::move(kept_path)), board_(board) {}

  /// The file, or where that cannot be used the kept one; `log` says what is wrong with the file. None: neither can.
  [[nodiscard]] std::optional<Config> read(Log& log);
  /// The file alone. Used by who only wants to know whether it is right.
  [[nodiscard]] std::optional<Config> read_new(Log& log);
  /// The machine did not come up with what was read last: the kept one, to try it once. None: it was that already, or
  /// there is no other that can be used; `log` says which one it is, or what is wrong with it.
  [[nodiscard]] std::optional<Config> read_kept(Log& log);
  /// The machine came up with what was read last: keeps it. What cannot be kept is told; it changes nothing now.
  void keep(Log& log);

 private:
  [[nodiscard]] std::optional<Config> understand(std::string_view text, const std::string& path, Log& log) const;

  std::string path_;
  std::string kept_path_;
  BoardParts board_;
  std::string text_;  // of what was read last
  bool is_kept_ = false;
};

}  // namespace tillkit::vending
