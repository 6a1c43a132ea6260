// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "uploaded_journal.hpp"
#include "wire.hpp"

namespace tillkit::conformance {

/// What the operator of the server gave, as on the command line.
struct Options {
  std::string origin{};
  std::string trust{};                ///< path of a PEM file
  std::string data{};                 ///< folder of keys; empty: one for this run
  std::vector<std::string> claims{};  ///< of up to three terminals of one merchant
  std::string other_claim{};          ///< of a terminal of another merchant
  std::string currency = "CNY";       ///< the merchant's
  std::vector<std::string> paying{};  ///< codes that pay, each once
  std::string declining{};
  std::string silent{};   ///< its wallet never answers the charge
  std::string waiting{};  ///< its payer is asked for a password, and takes a minute
  std::string member{};
  std::string coupon{};
  std::string events_token{};
  std::string revoke{};  ///< a command of the shell; $1 is the terminal
  std::vector<std::string> only{};
  bool allow_untried = false;
  bool as_json = false;
};

/// What a rule needs to be tried.
enum Need : std::uint32_t {
  kNothing = 0,
  kTerminal = 1U << 0U,        ///< the first claim
  kSecondTerminal = 1U << 1U,  ///< of the same merchant
  kThirdTerminal = 1U << 2U,
  kOtherMerchant = 1U << 3U,
  kPaying = 1U << 4U,  ///< one code that pays, used up
  kDeclining = 1U << 5U,
  kSilent = 1U << 6U,
  kWaiting = 1U << 7U,
  kMember = 1U << 8U,
  kCoupon = 1U << 9U,
  kEvents = 1U << 10U,
  kRevoke = 1U << 11U,
  kPaidOrder = 1U << 12U,  ///< the order that `World::paid_order` made
  kAnAnswer = 1U << 13U,   ///< any at all
  kClaim = 1U << 14U,      ///< the first one, whatever becomes of it
};

class World;

/// One promise of the contract.
struct Rule {
  std::string_view name;
  std::string_view where;    ///< in cloud-api.yaml
  std::string_view promise;  ///< what has to be so
  std::string_view money;    ///< what becomes of money where it is not
  std::uint32_t needs;
  Verdict (*attempt)(World&);
};

[[nodiscard]] std::span<const Rule> device_rules();
[[nodiscard]] std::span<const Rule> request_rules();
[[nodiscard]] std::span<const Rule> journal_rules();
[[nodiscard]] std::span<const Rule> news_rules();
[[nodiscard]] std::span<const Rule> gateway_rules();
[[nodiscard]] std::span<const Rule> refund_rules();
[[nodiscard]] std::span<const Rule> member_rules();
/// They end a terminal.
[[nodiscard]] std::span<const Rule> last_rules();
/// They look back on all answers.
[[nodiscard]] std::span<const Rule> answer_rules();

/// What the rules work with: the wire, the terminals, and what earlier rules made.
class World {
 public:
  World(Options options, Wire& wire, std::string folder);

  /// Why a rule with these needs cannot be tried, or none.
  [[nodiscard]] std::optional<std::string> why_not(std::uint32_t needs);

  Options options;
  Wire& wire;
  const std::string folder;
  Device a{.label = "terminal A"};
  Device b{.label = "terminal B"};
  Device c{.label = "terminal C"};
  Device other{.label = "a terminal of another merchant"};
  Device anonymous{.label = "a device without a certificate"};
  bool claim_was_used = false;  ///< by an earlier run with the same folder

  // --- enrolment ---
  [[nodiscard]] std::string enrol_body(std::string_view claim, std::string_view request) const;
  [[nodiscard]] std::string certificate_request(security::KeyId key) const;
  /// Enrols all devices that have a claim, once; says how it went each time.
  [[nodiscard]] Verdict enrol_all();

  // --- money ---
  /// A number that was never used, of this terminal.
  [[nodiscard]] std::string order(const Device& device);
  [[nodiscard]] std::string take_code();
  [[nodiscard]] std::string amount(std::int64_t minor) const;
  [[nodiscard]] std::string authorise_body(std::string_view order, std::int64_t minor, std::string_view code) const;
  /// Opens an order, and asks the same again while the wallet has not answered in time, at most ten seconds.
  [[nodiscard]] Tried<Answer> open(std::string_view path, const std::string& body);
  [[nodiscard]] Tried<Answer> query(std::string_view order);
  /// Asks until it is none of pending and unknown, at most ten seconds.
  [[nodiscard]] Tried<Answer> settled(std::string_view order);
  /// Reverses until that ends.
  [[nodiscard]] Tried<Answer> reversed(std::string_view order);

  static constexpr std::int64_t kPaidMinor = 1'250;
  struct PaidOrder {
    std::string number{};
    std::string body{};
    std::string transaction{};
  };
  /// One paid order for several rules; made by whichever comes first.
  [[nodiscard]] Tried<PaidOrder> paid_order();
  std::string part_refund{};  ///< the number of its first refund

  // --- journals ---
  [[nodiscard]] UploadedJournal new_journal(const Device& device) const;
  /// Where the cloud says the journal has come.
  [[nodiscard]] Tried<std::int64_t> acknowledged(Device& device, UploadedJournal& journal);
  /// A sale of terminal A that was uploaded; the journal goes on.
  struct Sold {
    UploadedJournal journal;
    std::int64_t sale = 0;
  };
  [[nodiscard]] Tried<Sold*> sold();
  /// A claim of terminal B for that sale.
  std::string refund_claim{};
  std::string news_before_claim{};  ///< the cursor of terminal A

 private:
  [[nodiscard]] Verdict enrol(Device& device, std::uint8_t key_name);

  std::string run_{};
  int numbers_ = 0;
  std::optional<Verdict> enrolled_{};
  std::optional<Tried<PaidOrder>> paid_{};
  std::optional<Sold> sold_{};
};

/// `{"name":"value",...}` of texts and of values that are JSON already.
[[nodiscard]] std::string json_text(std::string_view value);

}  // namespace tillkit::conformance
