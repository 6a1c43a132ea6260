// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tillkit/codes/payment_code.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/scheduler.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/payment/planner.hpp"
#include "tillkit/payment/policy.hpp"
#include "tillkit/payment/provider.hpp"
#include "tillkit/payment/steps.hpp"
#include "tillkit/payment/tables.hpp"

namespace tillkit::payment {

/// After a commit that failed while nothing else would happen, so long until it is tried again.
inline constexpr std::chrono::seconds kStorePause{5};

/// The sale's side of an event that `Attempts` commits: implemented by whoever owns the sale.
class SaleSteps {
 public:
  virtual ~SaleSteps() = default;

  /// Called in the transaction of each recorded step, after its records: let the sale step, too. Effects wait for
  /// `committed`. `answer` is what the provider said, of `Paid` for example; null where nobody said anything.
  /// An error takes everything back, the payment's step included; that is tried again.
  [[nodiscard]] virtual core::Result<> step(journal::Tx& tx, const Stepped& stepped,
                                            const cloud::AttemptAnswer* answer) = 0;
  /// Whether the wallet's name for the payer may be stored with the payment; asked before it is.
  [[nodiscard]] virtual bool may_keep_payer(const Attempt& attempt, const cloud::Payer& payer) const = 0;
  /// All `step`s since the last call are durable: what follows from them goes out now, before anything of payment's.
  virtual void committed() = 0;
  /// They are not: drop what they left in memory.
  virtual void taken_back() = 0;

  /// Not decided yet, and on what it waits; for the screen. Stored nowhere.
  virtual void waiting(const Attempt& attempt, cloud::PendingWhy why) = 0;
  /// A code to show, and for how long it can be paid.
  virtual void code_to_show(const Attempt& attempt, std::string_view text, std::chrono::seconds valid_for) = 0;
};

/// All must outlive `Attempts`.
struct AttemptsParts {
  journal::Journal& journal;  ///< opened with `kPaymentTables`
  hal::Clock& clock;
  hal::Scheduler& scheduler;
  Provider& provider;
  SaleSteps& sales;
};

/// Brings every attempt and refund to its end, across restarts: the machines, the planner and the journal together.
///
/// Whoever owns a sale intends in a transaction of its own and, once that is durable, lets the attempt go. From there
/// on this object owns the loop: it asks, gives up, reverses and refunds as the policy says, one request about an
/// attempt at a time, and commits what it hears, together with the sale's own step (`SaleSteps`). A wallet that pays
/// costs 2 commits, intent included, however long a password takes; declined or not sent 2; reversed 3; a refund 2; a
/// late success 4 (3 where the reversal itself gave it back); a person called after a reversal 3, the decision 1 more.
///
/// What cannot be stored did not happen: its answer counts as none and is asked for again. Once the journal has failed
/// nothing goes out any more until a new start. A payment code lives in the call that charges it and nowhere else.
///
/// It may be destroyed at any time; answers that come later reach nobody, and the next start finds what is open.
class Attempts {
 public:
  Attempts(const AttemptsParts& parts, const journal::TerminalName& terminal, const PolicySet& policies);
  ~Attempts();
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  /// Finds what is open and goes on with it; commits nothing by itself. Once, before anything else.
  /// How old a thing is says wall time. Where that is not known (now or then, or they contradict each other), and until
  /// it is: an attempt counts from this start, so that it is neither given up nor reversed early, and the provider
  /// refuses what comes too late; a refund is asked about before it is repeated.
  /// - as reading the tables.
  [[nodiscard]] core::Result<> start();

  /// `payment::intend`, for this terminal.
  [[nodiscard]] core::Result<Attempt> intend(journal::Tx& tx, const AttemptRequest& request);
  /// Charges the code of an attempt whose intent is durable. The answer comes as `SaleSteps::step`.
  /// - FailedPrecondition: its intent is not in the journal, it was let go before, or a commit is under way. Nothing
  ///   left, and nothing will.
  [[nodiscard]] core::Result<> charge(const Attempt& attempt, const codes::PaymentCode& code,
                                      std::string_view description);
  /// Asks for a code to show (`SaleSteps::code_to_show`). Errors as `charge`.
  [[nodiscard]] core::Result<> show_code(const Attempt& attempt, std::span<const codes::Wallet> wallets,
                                         std::string_view description);
  /// Shopper or cashier give it up: asked once more, then reversed. Nothing where it is over or given up already.
  void give_up(AttemptId attempt);

  /// Finds a paid attempt by its number, of an open sale or of one that only the journal knows.
  /// - NotFound: not of this journal, or dropped from it. - FailedPrecondition: it is not paid.
  [[nodiscard]] core::Result<Attempt> find_paid(const journal::OrderNumber& order) const;
  /// `payment::intend_refund`, with this terminal's policies. `sale` gives back.
  [[nodiscard]] core::Result<Stepped> intend_refund(journal::Tx& tx, const Attempt& attempt, journal::SaleId sale,
                                                    const core::Money& amount, RefundRoom room = RefundRoom::Limited);
  /// Lets a refund go whose intent is durable. Errors as `charge`.
  [[nodiscard]] core::Result<> refund(const Stepped& intended);

  /// A person ends what the provider cannot: one commit.
  /// - NotFound: there is no such open attempt. - FailedPrecondition: it does not need a person.
  /// - InvalidArgument: as `decide`. - otherwise as `Journal::commit`.
  [[nodiscard]] core::Result<> resolve(const journal::OrderNumber& order, Decision decision,
                                       const journal::Operator& by, std::string_view why);

  /// Takes over other policies and plans everything anew.
  void set_policies(const PolicySet& policies);
  /// The network is back, as far as is known (`hal::NetworkStatus`): what waits at the end of a long pause tries soon.
  void link_is_back();

  /// So many attempts and refunds are on their way to an end.
  [[nodiscard]] std::size_t open() const { return running_.size(); }
  /// So many answers could not be: no machine has a step for them. They counted as no answer.
  [[nodiscard]] std::uint64_t impossible_answers() const { return impossible_answers_; }

 private:
  struct Running;
  struct RefundRequest {
    AttemptId attempt;
    core::MonotonicTime at;
    core::MonotonicTime forget;
  };

  [[nodiscard]] core::MonotonicTime now() const { return parts_.clock.monotonic(); }
  [[nodiscard]] const ProviderPolicy& policy_of(const Attempt& attempt) const { return policies_.of(attempt.wallet); }
  [[nodiscard]] Running* find(AttemptId attempt);
  [[nodiscard]] core::Result<> check_durable() const;
  [[nodiscard]] core::Result<> let_go(const Attempt& attempt);
  [[nodiscard]] core::Result<> load(const Attempt& attempt, const std::optional<Refund>& refund);
  void learn_age(Running& running) const;
  void begin_refund_facts(Running& running) const;
  void plan_all();

  template <class Step>
  bool commit(Running& running, const cloud::AttemptAnswer* answer, Step&& step);
  void adopt(Running& running, const Stepped& stepped) const;

  void go_on(AttemptId attempt);
  void perform(Running& running, Act act);
  void wait(Running& running, core::MonotonicTime until);
  void give_up_now(Running& running);
  void call_person(Running& running);
  void ask(Running& running);
  void reverse(Running& running);
  void send_refund(Running& running);
  void heard(AttemptId attempt, Question asked, const Answered<cloud::AttemptAnswer>& answered);
  void heard_refund(AttemptId attempt, const Answered<cloud::RefundAnswer>& answered);

  template <class T, class Then>
  [[nodiscard]] Answer<T> while_alive(Then then);
  template <class T, class Then>
  void or_refused(core::Result<> sent, Then then);

  AttemptsParts parts_;
  journal::TerminalName terminal_;
  PolicySet policies_;
  std::map<AttemptId, std::unique_ptr<Running>> running_;
  std::vector<RefundRequest> refund_requests_;  // the newest of an attempt, while its gap lasts
  std::uint64_t impossible_answers_ = 0;
  std::shared_ptr<int> alive_;  // answers and timers of an object that is gone find it expired
};

}  // namespace tillkit::payment
