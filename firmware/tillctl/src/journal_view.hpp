// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "text_table.hpp"

namespace tillctl {

/// Shows the lines of a technician's answer as a person reads them.
class JournalView {
 public:
  /// Takes one line of the answer.
  void add(std::string_view line);

  /// All of it. `where` the journal is, in words.
  [[nodiscard]] std::string text(const std::string& where) const;
  /// What the answer says went wrong; empty: nothing.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// The answer came to its end.
  [[nodiscard]] bool whole() const { return done_; }
  /// `journal.verify` found nothing.
  [[nodiscard]] bool sound() const { return sound_; }

 private:
  TextTable records_{{TextTable::Align::Right, TextTable::Align::Left, TextTable::Align::Left, TextTable::Align::Right,
                      TextTable::Align::Left}};
  TextTable findings_{{TextTable::Align::Left, TextTable::Align::Left}};
  bool any_ = false;
  std::string journal_;  // its id
  std::string summary_;
  std::string problem_;
  bool done_ = false;
  bool sound_ = false;
};

/// How much of an export could be read: one line, from its last one.
std::string export_summary(std::string_view done_line);

}  // namespace tillctl
