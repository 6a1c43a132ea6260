// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/sync/sync.hpp"

namespace tillkit::terminal {

class ReceiptPrinter;

/// A piece of an answer is not begun beyond this; a single longer line is a piece by itself.
inline constexpr std::size_t kAnswerPieceBytes = 65'536;
/// One piece looks at so many records at most, whether they are asked for or not.
inline constexpr std::int64_t kRecordsPerPieceMax = 500;
/// `journal.verify` looks at so many records in one turn: each is hashed, and applied once more.
inline constexpr std::int64_t kVerifyStepRecords = 100;
/// `journal.show` gives so many records at most, and so many where nobody says how many.
inline constexpr std::int64_t kShowRecordsMax = 10'000;
inline constexpr std::int64_t kShowRecordsDefault = 100;
/// One piece reads so many sales at most. `sales` gives so many at most, and so many where nobody says how many.
inline constexpr std::int64_t kSalesPerPieceMax = 50;
inline constexpr std::int64_t kSalesMax = 10'000;
inline constexpr std::int64_t kSalesDefault = 50;

/// An answer on its way: lines of JSON, made when they are asked for. The last one is `{"done":...}` with a summary, or
/// `{"error":code,"what":words}`; an answer without such a line was cut off.
class Answer {
 public:
  virtual ~Answer() = default;

  /// Appends whole lines, each with its line break, to `piece`, which must be empty; perhaps none. False: that was all.
  /// Reads the journal as it then is; blocks for reading a piece, `journal.verify` for `kVerifyStepRecords`.
  [[nodiscard]] bool next(std::string& piece) { return do_next(piece); }

 private:
  [[nodiscard]] virtual bool do_next(std::string& piece) = 0;
};

/// Answers the service technician. A request is a line with a JSON object: `{"command":"journal.verify"}`.
///
/// - `journal.verify`: a line per finding: `flaw`, `first`, `last`, `part`, `what` in words; then what was checked.
///   Refused while a sale is on the screen.
/// - `journal.show` (`from`, `to`, `sale`, `kind`, `limit`): a line per record as exported; without `from`, `sale` and
///   `kind` the newest ones.
/// - `journal.export`: a line per record, and one per stretch that cannot be read.
/// - `journal.try_again`: always refused here: only a start leaves safe mode, and `tillctl` sees to it before.
/// - `sales` (`from`, `to`, `state`, `limit`): a line per sale, the newest first; `from` and `to` are their numbers.
/// - `outbox`: a line per attempt that is not resolved, refund under way and sale put aside; then what is at risk, what
///   is owed, and what the cloud has not acknowledged.
/// - `planogram.show`: a line per slot of a machine.
/// - `planogram.set` (`planogram` or `change`, `by`): all slots, as a planogram's file, or what is changed of one; a
///   `change` that says only `refill` is of all.
/// - `attempt.resolve` (`order`, `decision`, `by`, `reason`): what was decided, once it is durable.
///
/// - `sync.status`: a line per record that the cloud cannot use; then how far the cloud is, and what went wrong.
/// - `sync.now`: what waits for its time is tried at once.
/// - `sync.resume` (`by`): uploading goes on after it was stopped.
///
/// - `receipt.reprint` (`sale`, `by`): the receipt is on its way to the printer once more, as which copy.
///
/// `attempt.resolve`, `planogram.set`, `receipt.reprint` and `sync.resume` change something. The first decides what
/// became of an attempt that waits for a person (`paid`, `not-paid`, `given-back`), in one commit with the sale's own
/// step. It asks `checkout::Action::Resolve` of whoever `by` is. A request that is wrong, or that nobody here may do,
/// changes nothing and says so.
///
/// Personal values are never shown: records hold only their HMACs.
class Technician {
 public:
  /// `journal`, in whatever state, must outlive the technician and all answers, as must the others. Without `checkout`
  /// nothing is decided, without `sync` nothing is uploaded, without
  /// `permissions` nobody may make that go on, without `printer` nothing is printed again.
  Technician(journal::Journal& journal, const hal::Clock& clock, checkout::Checkout* checkout = nullptr,
             sync::Sync* sync = nullptr, const checkout::Permissions* permissions = nullptr,
             const journal::Tables* copies = nullptr, ReceiptPrinter* printer = nullptr)
      : journal_(journal),
        clock_(clock),
        checkout_(checkout),
        sync_(sync),
        permissions_(permissions),
        copies_(copies),
        printer_(printer) {}

  /// Begins to answer a request line. Never fails: what is wrong with it is the answer.
  [[nodiscard]] std::unique_ptr<Answer> answer(std::string_view line);

 private:
  journal::Journal& journal_;
  const hal::Clock& clock_;
  checkout::Checkout* checkout_;
  sync::Sync* sync_;
  const checkout::Permissions* permissions_;
  const journal::Tables* copies_;
  ReceiptPrinter* printer_;
};

/// The answer of one line that says what is wrong.
[[nodiscard]] std::unique_ptr<Answer> problem(core::ErrorCode code, std::string_view what);

/// What a finding means, in plain words: `record 3 is not the one that was written here`.
[[nodiscard]] std::string meaning_of(const journal::Finding& finding);
/// What is to be done, for a journal that is not sound; empty where nothing is.
[[nodiscard]] std::string_view advice_on(const journal::VerifyReport& report);

}  // namespace tillkit::terminal
