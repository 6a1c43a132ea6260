// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ask_till.hpp"
#include "text_table.hpp"
#include "tillkit/core/json.hpp"

namespace tillctl {

/// Shows the lines of a technician's answer as a person reads them.
class TillView {
 public:
  virtual ~TillView() = default;

  /// Takes one line of the answer.
  void add(std::string_view line);

  /// All of it. `where` the journal is, in words.
  [[nodiscard]] std::string text(const std::string& where) const { return do_text(where); }
  /// What the answer says went wrong; empty: nothing.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// The answer came to its end.
  [[nodiscard]] bool whole() const { return whole_; }

 private:
  virtual void do_add(const tillkit::core::JsonValue& line) = 0;
  virtual void do_end(const tillkit::core::JsonValue& done) = 0;
  [[nodiscard]] virtual std::string do_text(const std::string& where) const = 0;

  std::string problem_;
  bool whole_ = false;
};

/// Of `sales`.
class SalesView final : public TillView {
  void do_add(const tillkit::core::JsonValue& line) override;
  void do_end(const tillkit::core::JsonValue& done) override;
  [[nodiscard]] std::string do_text(const std::string& where) const override;

  using enum TextTable::Align;
  TextTable sales_{{Right, Left, Left, Left, Right, Left, Left, Right, Left}};
  bool any_ = false;
  std::string journal_;
};

/// Of `outbox`.
class OutboxView final : public TillView {
  void do_add(const tillkit::core::JsonValue& line) override;
  void do_end(const tillkit::core::JsonValue& done) override;
  [[nodiscard]] std::string do_text(const std::string& where) const override;

  using enum TextTable::Align;
  TextTable open_{{Left, Left, Right, Left, Right, Right}};
  bool any_ = false;
  std::string summary_;
  std::string journal_;
  std::int64_t for_a_person_ = 0;
};

/// Of what is one line: what was done.
class OutcomeView : public TillView {
  void do_add(const tillkit::core::JsonValue& /*line*/) override {}
  void do_end(const tillkit::core::JsonValue& done) override { outcome_ = outcome_of(done); }
  [[nodiscard]] std::string do_text(const std::string& where) const override {
    return "  " + outcome_ + " (" + where + ")\n";
  }
  [[nodiscard]] virtual std::string outcome_of(const tillkit::core::JsonValue& done) const = 0;

  std::string outcome_;
};

/// Of `receipt.reprint`.
class ReprintView final : public OutcomeView {
  [[nodiscard]] std::string outcome_of(const tillkit::core::JsonValue& done) const override;
};

/// Of `journal.try_again`.
class TriedAgainView final : public OutcomeView {
  [[nodiscard]] std::string outcome_of(const tillkit::core::JsonValue& done) const override;
};

/// Of `attempt.resolve`.
class ResolvedView final : public OutcomeView {
  [[nodiscard]] std::string outcome_of(const tillkit::core::JsonValue& done) const override;
};

/// Of `planogram.show` and `planogram.set`.
class PlanogramView final : public TillView {
  void do_add(const tillkit::core::JsonValue& line) override;
  void do_end(const tillkit::core::JsonValue& done) override;
  [[nodiscard]] std::string do_text(const std::string& where) const override;

  using enum TextTable::Align;
  TextTable slots_{{Right, Left, Right, Right, Right, Left}};
  bool any_ = false;
  std::string summary_;
};

/// Of `sync.status`, `sync.now` and `sync.resume`.
class SyncView final : public TillView {
  void do_add(const tillkit::core::JsonValue& line) override;
  void do_end(const tillkit::core::JsonValue& done) override;
  [[nodiscard]] std::string do_text(const std::string& where) const override;

  using enum TextTable::Align;
  TextTable parked_{{Right, Left, Left, Left}};
  TextTable refused_{{Left, Left, Left}};
  bool any_ = false;
  bool any_refused_ = false;
  bool stopped_ = false;
  std::string journal_;
  std::string summary_;
};

/// Asks, and writes the answer to standard output: its lines, or what the view makes of them. The exit status.
int show_answer(const Question& question, bool json, TillView& view);

}  // namespace tillctl
