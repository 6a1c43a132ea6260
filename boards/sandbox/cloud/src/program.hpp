// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/core/error.hpp"

/// What the sandbox's two servers have in common as programs.
namespace tillkit::sandbox {

/// `DATA [--name value]... [--flag]...`
class Arguments {
 public:
  /// None: a word that is not among `names` and `flags`, a value that is missing, or no DATA.
  [[nodiscard]] static std::optional<Arguments> parse(int count, char** words,
                                                      std::initializer_list<std::string_view> names,
                                                      std::initializer_list<std::string_view> flags = {});

  [[nodiscard]] const std::string& data() const { return data_; }
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  /// The last value that was given.
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  /// None: no whole number from `min` to `max`.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                                   std::int64_t max) const;

 private:
  std::string data_;
  std::multimap<std::string, std::string, std::less<>> values_;
};

/// Files are for their owner alone, a broken connection is an error and no signal, and SIGTERM and SIGINT wait for
/// `wait_for_end`. Called first, before there is a second thread.
void begin_program();

/// Returns at SIGTERM or SIGINT.
void wait_for_end();

/// Says on the error output what could not be done, and returns the exit status for it.
[[nodiscard]] int give_up(std::string_view program, std::string_view what, const core::Error& error);

}  // namespace tillkit::sandbox
