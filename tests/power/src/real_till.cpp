// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/real_till.hpp"

#include <algorithm>
#include <stdexcept>

#include "tillkit/core/version.hpp"

namespace tillkit::test {
namespace {

using core::Result;
using payment::AttemptState;

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) {
    throw std::runtime_error(std::string(what) + ": " + std::string(core::to_string(result.error().code)) + ' ' +
                             std::to_string(result.error().foreign));
  }
  return *std::move(result);
}

/// As impatient as a policy may be: the processes here live for a moment.
payment::PolicySet quick_policies() {
  using namespace std::chrono_literals;
  payment::ProviderPolicy policy = payment::gateway_policy();
  policy.ask_first_after = 200ms;
  policy.ask_unknown_after = 200ms;
  policy.ask_every = 1s;
  policy.give_up_after = 5s;
  policy.reverse_earliest = 0ms;
  policy.reverse_retry_first = 500ms;
  policy.refund_gap = 0ms;
  policy.refund_retry_first = 500ms;
  const std::string text = must(payment::write_policies(policy), "policies");
  return must(payment::read_policies(must(core::JsonDocument::parse(text), "policies").root()), "policies");
}

/// What the journal says that the wallet kept of an attempt.
std::int64_t kept_of(const payment::PastAttempt& attempt, std::int64_t given_back) {
  const bool was_paid = attempt.state == AttemptState::Paid;
  return was_paid ? attempt.amount.minor - given_back : 0;
}

}  // namespace

RealTill::RealTill(const std::string& folder, terminal::Observer& observer, std::uint32_t seed, bool serves,
                   const std::string& printer)
    : data_{folder},
      clock_(core::source_time()),
      loop_(must(hal_linux::EventLoop::create(clock_), "loop")),
      keys_(must(hal_linux::FileKeyStore::open(data_.keys(), random_), "keys")),
      server_(*loop_, data_.local_socket()),
      printer_(*loop_, printer),
      wallet_(folder + "/wallet", *loop_, seed),
      permissions_(test::staff()),
      board_{.clock = clock_, .scheduler = *loop_, .random = random_} {
  board_.key_store = keys_.get();
  board_.network_status = &network_;
  if (serves) board_.local_server = &server_;
  if (!printer.empty()) board_.printer = &printer_;
  terminal::Config config{
      .journal = {.path = data_.journal(), .vfs = {}}, .checkout = test::shop_settings(), .policies = quick_policies()};
  terminal_ = must(terminal::Terminal::open(config, {board_, wallet_, counter_, permissions_, observer}, make_shelf()),
                   "terminal");
  if (terminal_->stopped()) {
    throw std::runtime_error("it sells nothing: " + std::to_string(static_cast<int>(*terminal_->stopped())));
  }
}

bool RealTill::pay_by_code(CodeSays says) {
  codes::WalletRoute route;
  route.add(codes::Wallet::WeChatPay);
  return checkout().pay_code({"13000000000000000" + std::to_string(static_cast<int>(says)), route, false}).has_value();
}

bool RealTill::settle(std::chrono::seconds at_most) {
  const auto end = clock_.monotonic() + at_most;
  while (checkout().under_way() != 0) {
    if (clock_.monotonic() > end) return false;
    loop_->turn(std::chrono::milliseconds(100));
  }
  return true;
}

std::string RealTill::disagreement() {
  std::map<std::string, std::int64_t, std::less<>> given_back;
  std::map<std::string, payment::PastAttempt, std::less<>> attempts;
  for (const checkout::SaleStory& sale : stories_of(journal())) {
    if (std::string broken = sums_of(sale); !broken.empty()) {
      return "sale " + std::to_string(sale.id.value()) + ": " + broken;
    }
    for (const payment::PastAttempt& attempt : sale.payments.attempts)
      attempts[std::string(attempt.order.view())] = attempt;
    for (const payment::PastRefund& refund : sale.payments.refunds) {
      if (refund.state == payment::RefundState::Refunded)
        given_back[std::string(refund.order.view())] += refund.amount.minor;
    }
  }
  for (const auto& [order, book] : wallet_.books()) {
    if (book.charges > 1) return order + " was charged " + std::to_string(book.charges) + " times";
    const auto attempt = attempts.find(order);
    if (attempt == attempts.end()) return order + " is in the wallet's books and not in the journal";
    if (book.charges == 1 && book.minor != attempt->second.amount.minor) return order + " took another amount";
  }
  for (const auto& [order, attempt] : attempts) {
    const auto book = wallet_.books().find(order);
    const std::int64_t kept = book == wallet_.books().end() ? 0 : book->second.kept();
    const std::int64_t known = kept_of(attempt, given_back[order]);
    if (kept != known) {
      return order + " is " + std::string(to_string(attempt.state)) + " in the journal, which makes " +
             std::to_string(known) + ", and the wallet keeps " + std::to_string(kept);
    }
  }
  return "";
}

}  // namespace tillkit::test
