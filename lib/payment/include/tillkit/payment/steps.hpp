// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tillkit/cloud/gateway.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/journal/tx.hpp"
#include "tillkit/payment/answers.hpp"
#include "tillkit/payment/policy.hpp"
#include "tillkit/payment/tables.hpp"

/// The machines' steps in somebody's transaction: each writes the records of what changed, returns what is true once
/// the transaction is durable, and neither commits nor acts. What was returned is dropped where the commit fails.
///
/// All fail with FailedPrecondition where the machine has no such step (an answer that cannot be: change nothing), and
/// as `journal::Tx::append`.
namespace tillkit::payment {

struct AttemptRequest {
  journal::SaleId sale{};
  TenderKind tender = TenderKind::WalletCode;
  std::optional<codes::Wallet> wallet{};  ///< the likeliest; names the policy. None: not known
  core::Money amount{};
};

/// One step of an attempt, and of its refund where it has one.
struct Stepped {
  Attempt attempt{};  ///< after it
  std::optional<Refund>
      refund{};       ///< after it: open, refused, or just done; none: it never had one since it was loaded
  AttemptEvent on{};  ///< what happened to the attempt
  AttemptEffect then = AttemptEffect::None;
  bool recorded = false;  ///< the journal knows of it; else only memory does
};

/// Names an attempt in the journal, under a number of its own, before anything of it leaves.
/// - InvalidArgument: no external tender, or no sale. - OutOfRange: nothing to pay, or more than the contract allows.
/// - Exhausted: `kUnresolvedMax` attempts are unresolved. - FailedPrecondition: another attempt of this sale is.
/// - Unavailable: no random numbers now. Nothing was appended.
[[nodiscard]] core::Result<Attempt> intend(journal::Tx& tx, const journal::TerminalName& terminal,
                                           const AttemptRequest& request);

/// One event that no answer brings: `Deadline`, `WindowOver`, `Restarted`, `NotSent`, `NoAnswer`.
[[nodiscard]] core::Result<Stepped> step(journal::Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund,
                                         AttemptEvent event);

/// All that an answer to a charge, a query or a reversal means, in order; empty: nothing. A late success intends the
/// refund of all of it in the same transaction; a query that shows an open refund as given back ends that.
[[nodiscard]] core::Result<std::vector<Stepped>> hear(journal::Tx& tx, const journal::TerminalName& terminal,
                                                      const Attempt& attempt, const std::optional<Refund>& refund,
                                                      Question asked, const core::Result<cloud::AttemptAnswer>& answer);

/// Whether a refund may be refused because too many are open.
enum class RefundRoom : std::uint8_t {
  Limited = 1,  ///< Somebody asks for it, and can ask again later.
  Always = 2,   ///< It is owed, whoever asks: goods stayed inside, or the sale is given up.
};

/// Names a refund of a paid attempt, under a number of its own. `sale` is the one that gives back.
/// - as `check_refund`: what was given back and is under way counts. FailedPrecondition also: it is not `Paid`, or a
///   refund of it is under way. Exhausted also: `kRefundsOpenMax`, with `RefundRoom::Limited`. Unavailable: no random
///   numbers now. Nothing was appended.
[[nodiscard]] core::Result<Stepped> intend_refund(journal::Tx& tx, const journal::TerminalName& terminal,
                                                  const Attempt& attempt, journal::SaleId sale,
                                                  const core::Money& amount, RefundRoom room,
                                                  const ProviderPolicy& policy, const hal::Clock& clock);

/// What happened to a refund, and with it to its attempt. `answer` where one said so.
[[nodiscard]] core::Result<Stepped> step(journal::Tx& tx, const Attempt& attempt, const Refund& refund,
                                         RefundEvent event, const cloud::RefundAnswer* answer);

/// What a person can decide about an attempt that needs one. Stored as `AttemptEvent`.
enum class Decision : std::uint8_t {
  Paid = 1,       ///< The money was taken and stays; of an open refund: its amount stays, too.
  NotPaid = 2,    ///< Nothing was taken.
  GivenBack = 3,  ///< The payer has it back: an open or refused refund's amount, else all of it.
};

/// - FailedPrecondition: it does not need a person. - InvalidArgument: no `by`, or `why` is empty or longer than
///   `journal::kPersonalValueBytesMax`. Nothing was appended.
[[nodiscard]] core::Result<Stepped> decide(journal::Tx& tx, const Attempt& attempt, const std::optional<Refund>& refund,
                                           Decision decision, const journal::Operator& by, std::string_view why);

/// When something of the journal was, on this run's clock. None: one of the two wall times is not known, or they
/// contradict each other, so nobody knows how long ago it was.
[[nodiscard]] std::optional<core::MonotonicTime> moment_of(const core::WallReading& then, const hal::Clock& clock);

}  // namespace tillkit::payment
