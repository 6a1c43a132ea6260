// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/payment_world.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "tillkit/core/json.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::test {
namespace {

using core::Result;
using payment::Answer;
using std::chrono::milliseconds;

template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error("the world of this test does not work: " +
                             std::string(core::to_string(result.error().code)));
  }
  return *std::move(result);
}

std::string text_of(WalletOutcome outcome) {
  switch (outcome) {
    case WalletOutcome::None: return "unknown";
    case WalletOutcome::Paid: return "paid";
    case WalletOutcome::Declined: return "declined";
    case WalletOutcome::Pending: return "pending";
    case WalletOutcome::NotFound: return "not_found";
    case WalletOutcome::Reversed: return "reversed";
    case WalletOutcome::Refunded: return "refunded";
    case WalletOutcome::Accepted: return "accepted";
    case WalletOutcome::Refused: return "refused";
  }
  return "unknown";
}

std::string money(std::int64_t minor) {
  return R"({"minor":)" + std::to_string(minor) + R"(,"currency":"CNY"})";
}

/// What the gateway would write.
std::string body_of(const WalletAnswer& answer, const std::string& payer) {
  if (answer.status != 200) {
    return R"({"type":"urn:tillkit:problem:)" + answer.problem + R"(","status":)" + std::to_string(answer.status) +
           R"(,"title":"No"})";
  }
  std::string body = R"({"outcome":")" + text_of(answer.outcome) + R"(","order":")" + answer.order + "\"";
  const bool of_refund = !answer.refund.empty();
  if (of_refund) body += R"(,"refund":")" + answer.refund + R"(","amount":)" + money(answer.amount_minor);
  if (of_refund && answer.outcome == WalletOutcome::Refunded) body += ",\"to_payer\":" + money(answer.to_payer_minor);
  if (!answer.reason.empty()) body += R"(,"reason":")" + answer.reason + "\"";
  if (!of_refund && answer.outcome == WalletOutcome::Paid) {
    body += ",\"amount\":" + money(answer.amount_minor) + ",\"paid\":" + money(answer.paid_minor) +
            R"(,"transaction":"42","payer":)" + payer;
    const std::int64_t discount = answer.amount_minor - answer.paid_minor;
    if (discount > 0) body += R"(,"discounts":[{"funder":"provider","id":"d1","amount":)" + money(discount) + "}]";
    if (answer.refunded_minor > 0) body += ",\"refunded\":" + money(answer.refunded_minor);
  }
  if (!of_refund && answer.outcome == WalletOutcome::Refunded) {
    body += ",\"amount\":" + money(answer.amount_minor) + ",\"refunded\":" + money(answer.refunded_minor) +
            R"(,"transaction":"42")";
  }
  if (answer.outcome == WalletOutcome::Pending) body += R"(,"why":")" + answer.why + "\"";
  if (!answer.qr_text.empty()) body += R"(,"qr":{"text":")" + answer.qr_text + R"(","valid_for_s":60})";
  return body + "}";
}

milliseconds since_begin(const hal_virtual::World& world) {
  return std::chrono::floor<milliseconds>(world.now());
}

/// What the journal says of one attempt.
struct Belief {
  std::string order;
  std::int64_t amount = 0;
  bool taken = false;
  bool over = false;
  std::int64_t given_back = 0;
};

}  // namespace

// --- the wallet as a provider ---

WalletProvider::WalletProvider(hal_virtual::World& world, hal_virtual::VirtualClock&)
    : wallet([&world] { return since_begin(world); }), world_(world) {
  world.attach(*this);
}

WalletProvider::~WalletProvider() {
  world_.detach(*this);
}

bool WalletProvider::finish_turn() {
  const auto next = wallet.next();
  if (!next || *next > since_begin(world_)) return false;
  wallet.run();
  return true;
}

std::optional<std::chrono::microseconds> WalletProvider::next_due() const {
  return wallet.next();
}

template <class T, class Read>
Result<> WalletProvider::ask(const WalletRequest& request, Answer<T> done, Read read) {
  if (refuses) return core::fail(core::ErrorCode::InvalidArgument);
  // One answer reaches the caller, whatever the wallet does: the first, or the time-out.
  auto waiting = std::make_shared<Answer<T>>(std::move(done));
  wallet.send(request, [this, waiting, read](const WalletAnswer& answer) {
    if (!*waiting) return;
    const std::string body =
        !senseless.empty() && answer.order == senseless ? R"({"outcome":"perhaps"})" : body_of(answer, payer);
    const cloud::Reply reply{.status = answer.status,
                             .content_type = answer.status == 200 ? "application/json" : "application/problem+json",
                             .retry_after = {},
                             .body = body};
    auto told = std::exchange(*waiting, nullptr);
    if (answer.status == 0) return told({.result = core::fail(core::ErrorCode::Timeout)});
    told({.result = read(reply)});
  });
  world_.outside(kAnswerTimeout, [waiting] {
    if (*waiting) std::exchange(*waiting, nullptr)({.result = core::fail(core::ErrorCode::Timeout)});
  });
  return {};
}

Result<> WalletProvider::do_identify(const codes::PaymentCode&, Answer<cloud::IdentifyAnswer>) {
  return core::fail(core::ErrorCode::Unsupported);
}

Result<> WalletProvider::do_authorise(const cloud::Order& order, const codes::PaymentCode& code, std::string_view,
                                      Answer<cloud::AttemptAnswer> done) {
  return ask({.call = WalletCall::Authorise,
              .order = std::string(order.number.view()),
              .minor = order.amount.minor,
              .code = std::string(code.reveal())},
             std::move(done), [order](const cloud::Reply& reply) { return cloud::read_authorise(reply, order); });
}

Result<> WalletProvider::do_create_qr(const cloud::Order& order, std::span<const codes::Wallet>, std::string_view,
                                      std::chrono::seconds valid_for, Answer<cloud::QrAnswer> done) {
  return ask({.call = WalletCall::CreateQr,
              .order = std::string(order.number.view()),
              .minor = order.amount.minor,
              .valid_for = valid_for},
             std::move(done), [order](const cloud::Reply& reply) { return cloud::read_qr(reply, order); });
}

Result<> WalletProvider::do_query(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
  return ask({.call = WalletCall::Query, .order = std::string(order.number.view())}, std::move(done),
             [order](const cloud::Reply& reply) { return cloud::read_query(reply, order); });
}

Result<> WalletProvider::do_reverse(const cloud::Order& order, Answer<cloud::AttemptAnswer> done) {
  return ask({.call = WalletCall::Reverse, .order = std::string(order.number.view())}, std::move(done),
             [order](const cloud::Reply& reply) { return cloud::read_reverse(reply, order); });
}

Result<> WalletProvider::do_refund(const cloud::Refund& refund, Answer<cloud::RefundAnswer> done) {
  return ask({.call = WalletCall::Refund,
              .order = std::string(refund.order.view()),
              .refund = std::string(refund.number.view()),
              .minor = refund.amount.minor},
             std::move(done), [refund](const cloud::Reply& reply) { return cloud::read_refund(reply, refund); });
}

// --- the sale ---

Result<> PlayedSales::step(journal::Tx& tx, const payment::Stepped& stepped, const cloud::AttemptAnswer* said) {
  using payment::AttemptEffect;
  if (fails) return core::fail(core::ErrorCode::Exhausted);
  steps_.emplace_back(payment::to_string(stepped.attempt.state), stepped.then == AttemptEffect::Take);
  if (said != nullptr) answer = *said;
  const bool ends = stepped.then == AttemptEffect::Take || stepped.then == AttemptEffect::Release ||
                    stepped.then == AttemptEffect::Abandon;
  if (!close_sales || !ends) return {};
  TILLKIT_TRY_VOID(tx.append({.kind = payment::kSaleClosed, .sale = stepped.attempt.sale, .body = "{}"}));
  return {};
}

void PlayedSales::committed() {
  for (const auto& [word, take] : steps_) {
    told.push_back(word);
    goods += take ? 1 : 0;
  }
  steps_.clear();
  if (then) std::exchange(then, nullptr)();
}

void PlayedSales::taken_back() {
  steps_.clear();
  ++taken_backs;
}

// --- the terminal ---

PaymentWorld::PaymentWorld(Disk& its_disk, const hal_virtual::VirtualClockSettings& clock_settings)
    : disk(its_disk),
      clock(world, clock_settings),
      scheduler(world, clock),
      store(world, 1),
      random(7),
      provider(world, clock),
      wallet(provider.wallet),
      vfs_(its_disk) {
  crypto_ = must(security::Crypto::start(store, random));
  key_ = must(crypto_->create_signing_key(1));
  if (!start()) throw std::runtime_error("the terminal does not start");
  stop();
  disk.restart(Damage::KeepAll, 0);
  disk.reset_counts();
}

PaymentWorld::~PaymentWorld() {
  stop();
}

Result<> PaymentWorld::try_start() {
  TILLKIT_TRY(journal_, journal::Journal::open({.path = "till.db", .vfs = vfs_.name()},
                                               {clock, store, random, *crypto_, key_}, sets));
  if (journal_->state() != journal::State::Running) return core::fail(core::ErrorCode::FailedPrecondition);
  TILLKIT_TRY_VOID(journal_->start_succeeded());
  attempts_ = std::make_unique<payment::Attempts>(payment::AttemptsParts{*journal_, clock, scheduler, provider, sales},
                                                  terminal, policies);
  return attempts_->start();
}

void PaymentWorld::stop() {
  attempts_.reset();
  journal_.reset();
  wallet.hang_up();
}

std::optional<payment::Attempt> PaymentWorld::intend(payment::TenderKind tender, std::int64_t minor) {
  std::optional<payment::Attempt> intended;
  const auto committed = journal_->commit([&](journal::Tx& tx) -> Result<> {
    TILLKIT_TRY(intended, attempts_->intend(tx, {.sale = journal::SaleId(tx.next_seq().value()),
                                                 .tender = tender,
                                                 .wallet = codes::Wallet::WeChatPay,
                                                 .amount = {minor, core::kCny}}));
    return {};
  });
  if (!committed) return std::nullopt;
  return intended;
}

std::optional<payment::Attempt> PaymentWorld::charge(std::int64_t minor) {
  const auto attempt = intend(payment::TenderKind::WalletCode, minor);
  if (!attempt) return std::nullopt;
  codes::WalletRoute route;
  route.add(codes::Wallet::WeChatPay);
  const codes::PaymentCode code("1300000000000000" + std::to_string(10 + codes_++), route, false);
  if (!attempts_->charge(*attempt, code, "Cola")) return std::nullopt;
  return attempt;
}

std::optional<payment::Attempt> PaymentWorld::show_code() {
  const auto attempt = intend(payment::TenderKind::WalletQr);
  if (!attempt || !attempts_->show_code(*attempt, {}, "Cola")) return std::nullopt;
  return attempt;
}

Result<> PaymentWorld::refund(const journal::OrderNumber& order, std::int64_t minor) {
  TILLKIT_TRY(const payment::Attempt attempt, attempts_->find_paid(order));
  payment::Stepped intended;
  const auto committed = journal_->commit([&](journal::Tx& tx) -> Result<> {
    const journal::SaleId sale(tx.next_seq().value());
    TILLKIT_TRY(intended, attempts_->intend_refund(tx, attempt, sale, {minor, core::kCny}));
    return {};
  });
  if (!committed) return std::unexpected(committed.error());
  return attempts_->refund(intended);
}

Result<> PaymentWorld::close_sale(journal::SaleId sale) {
  const auto committed = journal_->commit([&](journal::Tx& tx) -> Result<> {
    TILLKIT_TRY_VOID(tx.append({.kind = payment::kSaleClosed, .sale = sale, .body = "{}"}));
    return {};
  });
  if (!committed) return std::unexpected(committed.error());
  return {};
}

bool PaymentWorld::settle(std::chrono::hours at_most) {
  const auto quiet = [this] {
    if (!disk.has_power() || journal_->state() != journal::State::Running) return true;
    return attempts_->open() == 0 && !wallet.next();
  };
  return world.advance_until(quiet, at_most);
}

std::optional<payment::AttemptState> PaymentWorld::state() {
  const auto found = must(payment::attempts(journal_->tables()));
  if (found.empty()) return std::nullopt;
  return found.back().state;
}

std::string PaymentWorld::records() {
  std::string kinds;
  const auto read = journal_->each({}, [&](const journal::Record& record) -> Result<> {
    constexpr std::string_view kOurs = "payment.";
    if (!record.kind.view().starts_with(kOurs)) return {};
    if (!kinds.empty()) kinds += ' ';
    kinds += record.kind.view().substr(kOurs.size());
    return {};
  });
  return read ? kinds : "unreadable";
}

std::uint64_t PaymentWorld::commits() const {
  std::uint64_t seals = 0;
  const auto read = journal_->each({}, [&](const journal::Record& record) -> Result<> {
    if (record.seal) ++seals;
    return {};
  });
  if (!read) throw std::runtime_error("the journal cannot be read");
  return seals;
}

std::string PaymentWorld::disagreement() {
  return test::disagreement(*journal_, wallet);
}

std::string disagreement(const journal::Journal& journal, const StandInWallet& wallet) {
  std::map<std::int64_t, Belief> beliefs;
  std::set<std::string> keys;
  std::set<std::string> refund_numbers;
  std::string broken;
  const auto number = [](const core::JsonValue& body, std::string_view name) {
    return must(must(body.member(name)).integer());
  };
  const auto minor = [](const core::JsonValue& body, std::string_view name) {
    return must(must(must(body.member(name)).member("minor")).integer());
  };
  const auto new_key = [&](const core::JsonValue& body, std::string_view name) {
    const std::string key(must(must(body.member(name)).text()));
    if (!keys.insert(key).second) broken = key + " was used twice";
    return key;
  };
  const auto read = journal.each({}, [&](const journal::Record& record) -> Result<> {
    const core::JsonDocument document = must(core::JsonDocument::parse(record.body));
    const core::JsonValue body = document.root();
    if (record.kind == payment::kAttemptIntended) {
      beliefs[record.seq.value()] = {.order = new_key(body, "order"), .amount = minor(body, "amount")};
      return {};
    }
    if (!record.kind.view().starts_with("payment.")) return {};
    Belief& belief = beliefs.at(number(body, "attempt"));
    if (record.kind == payment::kAttemptPaid) {
      if (belief.taken) broken = belief.order + " was paid twice";
      belief.taken = true;
    }
    const bool ends = record.kind == payment::kAttemptDeclined || record.kind == payment::kAttemptNotSent ||
                      record.kind == payment::kAttemptReversed;
    if (ends) belief.over = true;
    if (record.kind == payment::kRefundIntended) refund_numbers.insert(new_key(body, "number"));
    if (record.kind == payment::kRefundDone) belief.given_back += minor(body, "amount");
    if (record.kind == payment::kAttemptGivenBack) belief.given_back = belief.amount;
    if (record.kind == payment::kPersonDecided) belief.given_back += minor(body, "given_back");
    return {};
  });
  if (!read) return "the journal cannot be read";
  for (const auto& [seq, belief] : beliefs) {
    const auto books = wallet.books();
    const auto book = books.contains(belief.order) ? books.at(belief.order) : WalletBook{};
    const std::int64_t kept = belief.taken ? belief.amount - belief.given_back : 0;
    if (book.kept_minor() != kept) {
      broken = belief.order + ": the journal keeps " + std::to_string(kept) + ", the wallet " +
               std::to_string(book.kept_minor());
    }
    if (book.charges > 1) broken = belief.order + " was charged twice";
    if (!belief.taken && !belief.over) broken = belief.order + " has no end";
    const auto sent =
        wallet.arrivals(WalletCall::Authorise, belief.order) + wallet.arrivals(WalletCall::CreateQr, belief.order);
    if (sent > 1) broken = belief.order + " was sent twice";
  }
  for (const auto& [order, book] : wallet.books()) {
    const bool known = std::ranges::any_of(beliefs, [&](const auto& entry) { return entry.second.order == order; });
    if (!known) broken = order + " was charged, and the journal does not know of it";
  }
  for (const WalletEntry& entry : wallet.ledger()) {
    if (entry.kind == WalletEntry::Kind::Refund && !refund_numbers.contains(entry.key))
      broken = entry.key + " was given back, and the journal does not know of it";
  }
  const journal::VerifyReport report = journal.verify();
  if (!report.sound() || !report.tables_compared) broken = "the tables are not what the records add up to";
  return broken;
}

}  // namespace tillkit::test
