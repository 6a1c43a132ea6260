// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "config.hpp"
#include "machine.hpp"

namespace tillkit::vending {

/// The configuration, and the one that last brought the machine up: a mistake in a new one does not stop a machine that
/// sells.
class ConfigFile {
 public:
  /// `path` is the file that people write, `kept_path` is where the last good one is kept.
  ConfigFile(std::string path, std::string kept_path) : path_(std::move(path)), kept_path_(std::move(kept_path)) {}

  /// The file, or where that cannot be used the kept one; `log` says what is wrong with the file. None: neither can.
  [[nodiscard]] std::optional<Config> read(Log& log);
  /// The file alone. Used by who only wants to know whether it is right.
  [[nodiscard]] std::optional<Config> read_new(Log& log);
  /// The machine came up with what was read last: keeps it. What cannot be kept is told; it changes nothing now.
  void keep(Log& log);

 private:
  std::string path_;
  std::string kept_path_;
  std::string text_;  // of what was read last
  bool is_kept_ = false;
};

}  // namespace tillkit::vending
