// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "text_table.hpp"
#include "till_view.hpp"
#include "tillkit/core/json.hpp"

namespace tillctl {

/// Of `journal.verify` and `journal.show`.
class JournalView final : public TillView {
 public:
  /// `journal.verify` found nothing.
  [[nodiscard]] bool sound() const { return sound_; }

 private:
  void do_add(const tillkit::core::JsonValue& line) override;
  void do_end(const tillkit::core::JsonValue& done) override;
  [[nodiscard]] std::string do_text(const std::string& where) const override;

  TextTable records_{{TextTable::Align::Right, TextTable::Align::Left, TextTable::Align::Left, TextTable::Align::Right,
                      TextTable::Align::Left}};
  TextTable findings_{{TextTable::Align::Left, TextTable::Align::Left}};
  bool any_ = false;
  std::string journal_;  // its id
  std::string summary_;
  bool sound_ = false;
};

/// How much of an export could be read: one line, from its last one.
std::string export_summary(std::string_view done_line);

}  // namespace tillctl
