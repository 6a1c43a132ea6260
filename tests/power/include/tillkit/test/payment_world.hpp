// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/scheduler.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/payment/attempts.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/disk.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/stand_in_wallet.hpp"

namespace tillkit::test {

/// The stand-in wallet as a provider: what it says goes through the contract's own readers, and what it does not say
/// within 15 s is a time-out. Lives as long as the world; a program that is gone is not called any more.
class WalletProvider final : public payment::Provider, private hal_virtual::Loop {
 public:
  static constexpr std::chrono::seconds kAnswerTimeout{15};

  WalletProvider(hal_virtual::World& world, hal_virtual::VirtualClock& clock);
  ~WalletProvider() override;

  StandInWallet wallet;
  bool refuses = false;  ///< every call fails at once, as one that can never be asked
  std::string payer = R"({"wallet":"alipay","reference":"p1"})";  ///< who pays, as the gateway says it
  std::string senseless;  ///< answers about this order arrive as something that is none

 private:
  core::Result<> do_identify(const codes::PaymentCode& code, payment::Answer<cloud::IdentifyAnswer> done) override;
  core::Result<> do_authorise(const cloud::Order& order, const codes::PaymentCode& code, std::string_view description,
                              payment::Answer<cloud::AttemptAnswer> done) override;
  core::Result<> do_create_qr(const cloud::Order& order, std::span<const codes::Wallet> wallets,
                              std::string_view description, std::chrono::seconds valid_for,
                              payment::Answer<cloud::QrAnswer> done) override;
  core::Result<> do_query(const cloud::Order& order, payment::Answer<cloud::AttemptAnswer> done) override;
  core::Result<> do_reverse(const cloud::Order& order, payment::Answer<cloud::AttemptAnswer> done) override;
  core::Result<> do_refund(const cloud::Refund& refund, payment::Answer<cloud::RefundAnswer> done) override;

  void begin_turn() override {}
  bool finish_turn() override;
  [[nodiscard]] std::optional<std::chrono::microseconds> next_due() const override;

  template <class T, class Read>
  core::Result<> ask(const WalletRequest& request, payment::Answer<T> done, Read read);

  hal_virtual::World& world_;
};

/// All that disagrees between a journal's payments and the wallet's books, in words; empty: nothing. Everything must
/// have come to its end.
[[nodiscard]] std::string disagreement(const journal::Journal& journal, const StandInWallet& wallet);

/// The sale that a test plays: counts, and closes a sale in the commit that ends its attempt, if it shall.
class PlayedSales final : public payment::SaleSteps {
 public:
  bool close_sales = false;
  bool fails = false;          ///< its step does not go
  std::function<void()> then;  ///< once, after the next commit

  std::vector<std::string> told;  ///< `paid`, `reversing`, ... in order, once durable
  std::vector<std::string> shown_codes;
  int waits = 0;
  int goods = 0;
  int taken_backs = 0;
  std::optional<cloud::AttemptAnswer> answer;

 private:
  core::Result<> step(journal::Tx& tx, const payment::Stepped& stepped, const cloud::AttemptAnswer* said) override;
  void committed() override;
  void taken_back() override;
  [[nodiscard]] bool may_keep_payer(const payment::Attempt&, const cloud::Payer&) const override { return true; }
  void waiting(const payment::Attempt&, cloud::PendingWhy) override { ++waits; }
  void code_to_show(const payment::Attempt&, std::string_view text, std::chrono::seconds) override {
    shown_codes.emplace_back(text);
  }

  std::vector<std::pair<std::string, bool>> steps_;
};

/// A terminal that only takes payments, on a disk whose power can go, against a wallet with books of its own.
class PaymentWorld {
 public:
  static constexpr std::int64_t kPrice = 1'250;

  /// Makes the files, so that what is counted and cut is a terminal's ordinary day.
  explicit PaymentWorld(Disk& disk, const hal_virtual::VirtualClockSettings& clock_settings = {});
  ~PaymentWorld();

  // The program.
  [[nodiscard]] bool start() { return try_start().has_value(); }
  /// What `Journal::open` says; FailedPrecondition: it is in safe mode.
  [[nodiscard]] core::Result<> try_start();
  void stop();
  [[nodiscard]] bool running() const { return attempts_ != nullptr; }
  [[nodiscard]] payment::Attempts& attempts() { return *attempts_; }
  [[nodiscard]] journal::Journal& journal() { return *journal_; }

  // What people do. None or false: it could not be stored.
  std::optional<payment::Attempt> intend(payment::TenderKind tender = payment::TenderKind::WalletCode,
                                         std::int64_t minor = kPrice);
  std::optional<payment::Attempt> charge(std::int64_t minor = kPrice);
  std::optional<payment::Attempt> show_code();
  [[nodiscard]] core::Result<> refund(const journal::OrderNumber& order, std::int64_t minor);
  [[nodiscard]] core::Result<> close_sale(journal::SaleId sale);

  /// Lets time pass until nothing is under way, here and in the wallet; false: it still is after `at_most`.
  bool settle(std::chrono::hours at_most = std::chrono::hours{24 * 40});
  void advance(std::chrono::milliseconds time) { world.advance(time); }

  /// All that disagrees between journal, tables and the wallet's books, in words; empty: nothing.
  [[nodiscard]] std::string disagreement();
  /// The kinds of payment's records, in order: `attempt_intended attempt_paid`.
  [[nodiscard]] std::string records();
  /// Of the newest attempt in the table; none: there is none.
  [[nodiscard]] std::optional<payment::AttemptState> state();
  [[nodiscard]] std::uint64_t commits() const;
  [[nodiscard]] std::uint64_t flushes() const { return disk.counts().flushes; }

  Disk& disk;
  hal_virtual::World world;
  hal_virtual::VirtualClock clock;
  hal_virtual::VirtualScheduler scheduler;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  WalletProvider provider;
  PlayedSales sales;
  StandInWallet& wallet;
  payment::PolicySet policies;
  std::vector<journal::TableSet> sets{payment::kPaymentTables};  ///< of the program that is started
  journal::TerminalName terminal = journal::TerminalName::parse("T1").value();

 private:
  DiskVfs vfs_;
  std::unique_ptr<security::Crypto> crypto_;
  security::KeyId key_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<payment::Attempts> attempts_;
  int codes_ = 0;
};

}  // namespace tillkit::test
