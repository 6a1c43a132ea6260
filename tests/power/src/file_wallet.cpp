// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/file_wallet.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "tillkit/cloud/problem.hpp"

namespace tillkit::test {

using cloud::AttemptAnswer;
using cloud::Outcome;
using core::ErrorCode;
using core::Result;

namespace {

std::unexpected<core::Error> refused_with(cloud::ProblemType problem) {
  return std::unexpected(core::Error{.code = ErrorCode::Rejected,
                                     .source = core::ErrorSource::Provider,
                                     .foreign = static_cast<std::int32_t>(problem)});
}

std::string order_of(const cloud::Order& order) {
  return std::string(order.number.view());
}

}  // namespace

FileWallet::FileWallet(std::string path, hal::Scheduler& scheduler, std::uint32_t seed)
    : path_(std::move(path)), scheduler_(scheduler), chance_(seed) {
  load();
}

FileWallet::~FileWallet() {
  ::close(file_);
}

// --- the books ---

/// A line that was not written to its end says nothing: nobody was told anything of it.
void FileWallet::load() {
  std::ifstream in(path_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::size_t whole = bytes.rfind('\n') == std::string::npos ? 0 : bytes.rfind('\n') + 1;
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(whole)) != 0) throw std::runtime_error("no books: " + path_);
  std::istringstream lines(bytes.substr(0, whole));
  for (std::string line; std::getline(lines, line);)
    apply(line);
}

void FileWallet::enter(const std::string& lines) {
  const auto written = ::write(file_, lines.data(), lines.size());
  if (written != static_cast<ssize_t>(lines.size()) || ::fdatasync(file_) != 0) {
    throw std::runtime_error("the wallet cannot write: " + path_);
  }
  std::istringstream each(lines);
  for (std::string line; std::getline(each, line);)
    apply(line);
}

void FileWallet::apply(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string what;
  std::string order;
  words >> what >> order;
  WalletOrder& book = books_[order];
  if (what == "charge") {
    ++book.charges;
    words >> book.minor;
  } else if (what == "paid") {
    book.paid = true;
  } else if (what == "declined") {
    book.declined = true;
  } else if (what == "thinks") {
    book.thinks = true;
  } else if (what == "reversed") {
    book.reversed = true;
  } else if (what == "refund") {
    std::string number;
    std::int64_t minor = 0;
    words >> number >> minor;
    book.refunds.insert(number);
    book.given_back += minor;
  } else {
    throw std::runtime_error("the books have a line that nobody wrote: " + std::string(line));
  }
}

/// One charge per number takes money, and none that was reversed before.
void FileWallet::charge(const std::string& order, std::int64_t minor, CodeSays says) {
  std::string lines = "charge " + order + ' ' + std::to_string(minor) + '\n';
  const auto before = books_.find(order);
  if (before == books_.end()) {
    const bool declines = says == CodeSays::Declines;
    if (declines) lines += "declined " + order + '\n';
    if (says == CodeSays::Thinks) lines += "thinks " + order + '\n';
    if (says == CodeSays::Pays || says == CodeSays::PaysInSilence) lines += "paid " + order + '\n';
  }
  enter(lines);
}

Result<AttemptAnswer> FileWallet::state_of(const std::string& order, const core::Money& asked) const {
  AttemptAnswer answer;
  const auto found = books_.find(order);
  if (found == books_.end()) {
    answer.outcome = Outcome::NotFound;
    return answer;
  }
  const WalletOrder& book = found->second;
  answer.outcome = Outcome::Pending;
  answer.why = cloud::PendingWhy::Password;
  if (book.reversed) answer.outcome = Outcome::Reversed;
  if (book.declined) answer.outcome = Outcome::Declined;
  if (!book.paid) return answer;
  answer.outcome = book.kept() == 0 ? Outcome::Refunded : Outcome::Paid;
  answer.paid = {book.minor, asked.currency};
  answer.refunded = {book.given_back, asked.currency};
  return answer;
}

Result<AttemptAnswer> FileWallet::reverse(const cloud::Order& order) {
  if (refuses_reversals) return refused_with(cloud::ProblemType::ReversalWindowOver);
  const std::string number = order_of(order);
  const auto found = books_.find(number);
  if (found != books_.end() && found->second.paid) {
    const std::int64_t kept = found->second.kept();
    if (kept > 0) enter("refund " + number + " reversal " + std::to_string(kept) + '\n');
  } else if (found == books_.end() || !(found->second.declined || found->second.reversed)) {
    enter("reversed " + number + '\n');
  }
  return state_of(number, order.amount);
}

Result<cloud::RefundAnswer> FileWallet::give_back(const cloud::Refund& refund) {
  cloud::RefundAnswer answer;
  if (refuses_refunds) {
    answer.outcome = cloud::RefundOutcome::Refused;
    answer.reason = cloud::DeclineReason::PayerAccountClosed;
    return answer;
  }
  answer.outcome = cloud::RefundOutcome::Refunded;
  answer.to_payer = refund.amount;
  const auto found = books_.find(refund.order.view());
  if (found == books_.end() || !found->second.paid) return refused_with(cloud::ProblemType::OrderNotPaid);
  if (found->second.refunds.contains(std::string(refund.number.view()))) return answer;
  if (refund.amount.minor > found->second.kept()) return refused_with(cloud::ProblemType::RefundTooLarge);
  enter("refund " + found->first + ' ' + std::string(refund.number.view()) + ' ' + std::to_string(refund.amount.minor) +
        '\n');
  return answer;
}

// --- on the way ---

void FileWallet::later(hal::Task task) {
  const std::chrono::microseconds delay(chance_() % 2'000);
  if (!scheduler_.call_after(delay, std::move(task))) throw std::runtime_error("no timer");
}

template <class T>
void FileWallet::answer(payment::Answer<T> done, Result<T> said) {
  later([done = std::move(done), said = std::move(said)]() mutable { done({.result = std::move(said)}); });
}

Result<> FileWallet::do_identify(const codes::PaymentCode& /*code*/, payment::Answer<cloud::IdentifyAnswer> /*done*/) {
  return core::fail(ErrorCode::Unsupported);
}

Result<> FileWallet::do_create_qr(const cloud::Order& /*order*/, std::span<const codes::Wallet> /*wallets*/,
                                  std::string_view /*description*/, std::chrono::seconds /*valid_for*/,
                                  payment::Answer<cloud::QrAnswer> /*done*/) {
  return core::fail(ErrorCode::Unsupported);
}

Result<> FileWallet::do_authorise(const cloud::Order& order, const codes::PaymentCode& code,
                                  std::string_view /*description*/, payment::Answer<AttemptAnswer> done) {
  const auto says = static_cast<CodeSays>(code.reveal().back() - '0');
  later([this, order, says, done = std::move(done)]() mutable {
    if (says != CodeSays::GetsLost) charge(order_of(order), order.amount.minor, says);
    if (hears_twice) charge(order_of(order), order.amount.minor, says);
    if (says == CodeSays::GetsLost || says == CodeSays::PaysInSilence) {
      return answer<AttemptAnswer>(std::move(done), core::fail(ErrorCode::Timeout));
    }
    answer(std::move(done), state_of(order_of(order), order.amount));
  });
  return {};
}

Result<> FileWallet::do_query(const cloud::Order& order, payment::Answer<AttemptAnswer> done) {
  later([this, order, done = std::move(done)]() mutable {
    const auto found = books_.find(order.number.view());
    const bool undecided = found != books_.end() && !found->second.paid && !found->second.declined &&
                           !found->second.reversed && !found->second.thinks;
    if (undecided) enter("paid " + order_of(order) + '\n');
    answer(std::move(done), state_of(order_of(order), order.amount));
  });
  return {};
}

Result<> FileWallet::do_reverse(const cloud::Order& order, payment::Answer<AttemptAnswer> done) {
  later([this, order, done = std::move(done)]() mutable { answer(std::move(done), reverse(order)); });
  return {};
}

Result<> FileWallet::do_refund(const cloud::Refund& refund, payment::Answer<cloud::RefundAnswer> done) {
  later([this, refund, done = std::move(done)]() mutable { answer(std::move(done), give_back(refund)); });
  return {};
}

}  // namespace tillkit::test
