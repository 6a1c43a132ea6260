// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stand_in.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/payment/gateway.hpp"
#include "tillkit/payment/planner.hpp"

namespace tillkit::payment {

/// One attempt at a till: machine, planner and gateway put together as the durable part will, with a journal that is a
/// struct. `stop` forgets all else, as a power cut does.
class Till {
 public:
  static constexpr std::int64_t kAmountMinor = 1'250;

  Till(hal_virtual::VirtualBoard& board, StandIn& gateway, const ProviderPolicy& policy = gateway_policy());

  // What people do.
  void charge();
  void show_code();
  void cancel();
  void refund(std::int64_t minor);

  /// The program is gone. Whatever it had under way answers nobody.
  void stop();
  /// It comes back and finds its journal.
  void start();

  /// Lets time pass until nothing more happens by itself; false: the power went, or it still does after `at_most`.
  bool settle(std::chrono::microseconds at_most = std::chrono::hours{24 * 20});

  [[nodiscard]] AttemptState state() const { return facts_.state; }
  [[nodiscard]] std::string order() const { return std::string(order_.number.view()); }
  /// All states so far, without repetitions.
  [[nodiscard]] const std::vector<AttemptState>& states() const { return states_; }
  [[nodiscard]] int count(AttemptEffect effect) const;
  [[nodiscard]] const std::vector<std::string>& shown_codes() const { return shown_codes_; }
  [[nodiscard]] std::int64_t refunded_minor() const { return journal_.refunded; }
  [[nodiscard]] std::optional<RefundState> refund_state() const;

  /// What the till believes is what the gateway's books say, and nothing was charged twice.
  void check_books() const;

 private:
  struct Journal {
    std::optional<AttemptState> state;  // Pending and Unknown are not stored
    core::WallTime began;
    std::optional<RefundState> refund;
    std::int64_t refund_amount = 0;
    std::int64_t refunded = 0;
    int refunds = 0;
    core::WallTime paid;
  };

  void intend();
  void apply(AttemptEvent event);
  void apply(RefundEvent event);
  void begin_refund(std::int64_t minor);
  void go_on();
  void perform(const NextStep& step, bool of_refund);
  void wait(std::optional<core::MonotonicTime> until);
  void ask(bool of_refund);
  void reverse();
  void send_refund();
  void heard(Question asked, const Answered<cloud::AttemptAnswer>& answered);
  [[nodiscard]] core::MonotonicTime now() const { return board_.clock.monotonic(); }

  template <class T, class Then>
  Answer<T> if_still_running(Then then);

  hal_virtual::VirtualBoard& board_;
  StandIn& stand_in_;
  const ProviderPolicy policy_;
  cloud::Order order_;
  Journal journal_;

  // Of one run.
  std::shared_ptr<int> run_;
  std::unique_ptr<Gateway> gateway_;
  AttemptFacts facts_;
  std::optional<RefundFacts> refund_;
  std::optional<core::MonotonicTime> refund_before_;
  hal::TimerId timer_;

  // For the test.
  std::vector<AttemptState> states_;
  std::vector<AttemptEffect> effects_;
  std::vector<std::string> shown_codes_;
};

}  // namespace tillkit::payment
