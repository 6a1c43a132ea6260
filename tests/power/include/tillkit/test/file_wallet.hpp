// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "tillkit/hal/scheduler.hpp"
#include "tillkit/payment/provider.hpp"

namespace tillkit::test {

/// What will come of a charge: the last digit of the code that is shown.
enum class CodeSays : std::uint8_t {
  Pays = 0,
  Declines = 1,
  PaysInSilence = 2,  ///< the answer does not arrive
  GetsLost = 3,       ///< the charge does not arrive
  AsksPassword = 4,   ///< not decided; paid when it is asked about
  Thinks = 5,         ///< not decided, for ever
};

/// What a wallet knows of one order.
struct WalletOrder {
  int charges = 0;  ///< requests for it that arrived
  std::int64_t minor = 0;
  bool paid = false;
  bool declined = false;
  bool reversed = false;
  bool thinks = false;  ///< for ever
  std::int64_t given_back = 0;
  std::set<std::string> refunds;

  [[nodiscard]] std::int64_t kept() const { return paid ? minor - given_back : 0; }
};
using WalletBooks = std::map<std::string, WalletOrder, std::less<>>;

/// A wallet in the terminal's own process, whose books are a file: a line per event, on the medium before anything is
/// answered. It outlives the process; requests and answers that are under way do not.
class FileWallet final : public payment::Provider {
 public:
  /// Reads the books, or begins them. The scheduler must outlive the wallet. `seed`: of the delays, at most 2 ms each.
  FileWallet(std::string path, hal::Scheduler& scheduler, std::uint32_t seed);
  ~FileWallet() override;
  FileWallet(const FileWallet&) = delete;
  FileWallet& operator=(const FileWallet&) = delete;

  [[nodiscard]] const WalletBooks& books() const { return books_; }

  bool hears_twice = false;  ///< each charge arrives once more
  bool refuses_refunds = false;
  bool refuses_reversals = false;  ///< as one whose window is over

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

  void load();
  void enter(const std::string& lines);
  void apply(std::string_view line);
  void later(hal::Task task);
  template <class T>
  void answer(payment::Answer<T> done, core::Result<T> said);
  void charge(const std::string& order, std::int64_t minor, CodeSays says);
  [[nodiscard]] core::Result<cloud::AttemptAnswer> state_of(const std::string& order, const core::Money& asked) const;
  [[nodiscard]] core::Result<cloud::AttemptAnswer> reverse(const cloud::Order& order);
  [[nodiscard]] core::Result<cloud::RefundAnswer> give_back(const cloud::Refund& refund);

  std::string path_;
  hal::Scheduler& scheduler_;
  std::minstd_rand chance_;
  WalletBooks books_;
  int file_ = -1;
};

}  // namespace tillkit::test
