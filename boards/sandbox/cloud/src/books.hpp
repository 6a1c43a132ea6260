// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "people.hpp"
#include "tillkit/checkout/sale.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/journal/record.hpp"
#include "tillkit/ledger/book.hpp"
#include "vouchers.hpp"

namespace tillkit::sandbox {

/// A record with who uploaded it.
struct Heard {
  const journal::Record& record;
  std::string journal{};  ///< 32 hexadecimal digits
  std::string terminal{};
  std::string store{};

  [[nodiscard]] std::int64_t wall() const { return record.at.wall.at.time_since_epoch().count(); }
  [[nodiscard]] When when() const { return {wall(), journal, record.seq.value()}; }
  [[nodiscard]] SaleKey sale() const { return {journal, record.sale.value()}; }
};

/// Why a record cannot be used: the contract's `RefusedReason`, and words for people.
struct RecordRefusal {
  std::string_view reason{};
  std::string detail{};
};

/// A change that terminals are told of (`Change`), in place of the one of the same key; without a text what the key
/// stands for counts no more, and whoever was not told yet never is.
struct NewsChange {
  std::string stream{};
  std::string key{};
  std::string json{};
};

/// What the merchant's own systems are told (`Event`); 0 and "" where it does not say.
struct BookEvent {
  std::string_view type{};
  std::int64_t at = 0;
  std::string terminal{};
  std::string journal{};
  std::int64_t sale = 0;
  std::string member{};
  std::string what{};
  std::optional<std::int64_t> count{};
  std::int64_t amount_minor = 0;
};

/// What follows from a change of the books, to be stored with it.
struct Effects {
  std::vector<NewsChange> news{};
  std::vector<BookEvent> events{};
  std::set<std::string> members{};  ///< whose copies are to be written again
};

struct BookSale {
  std::string terminal{};
  std::string store{};
  std::int64_t last_seq = 0;
  checkout::SaleState state = checkout::SaleState::Open;
  std::int64_t total_minor = 0;
  std::string member{};
  std::int64_t of = 0;                                      ///< of a refund: the sale that it gives back
  bool whole = false;                                       ///< of a refund
  std::vector<std::pair<std::string, std::string>> lots{};  ///< member and lot of what it earned; goods first
  std::string counted_for{};
  std::int64_t counted_orders = 0;
  std::int64_t counted_minor = 0;
};

struct BookLease {
  ledger::LeaseGrant grant{};
  std::string of{};
  std::string terminal{};
  bool returned = false;
  bool recalled = false;
};

/// A lease that was asked for; the key is the contract's `request`.
struct BookRequest {
  std::string terminal{};
  ledger::Unit unit = ledger::Unit::Points;
  std::string of{};
  std::int64_t amount = 0;
  std::string lease{};  ///< empty: refused
};

struct BookClaim {
  std::string by{};
  std::string terminal{};  ///< that sold
  std::int64_t sale = 0;
  std::string journal{};
};

/// Who may refund a sale of another terminal's.
struct BookRight {
  std::string by{};
  bool ceded = false;
};

/// How this merchant's cloud decides.
struct HomeSettings {
  std::int64_t risk_per_terminal_minor = 0;
  std::string risk_bearer = "merchant";
  std::int64_t lease_valid_s = 7L * 24 * 3600;
  std::int64_t placement_valid_s = 15L * 60;
};

/// Where a terminal reads what it, or everybody, is told; where copies are.
[[nodiscard]] std::string decisions_of_terminal(std::string_view terminal);
[[nodiscard]] std::string decisions_of_merchant(std::string_view merchant);
[[nodiscard]] std::string copies_of_merchant(std::string_view merchant);
[[nodiscard]] std::string copies_of_store(std::string_view store);

/// The books of one merchant, in memory: what the records of its terminals and its own decisions add up to. Whoever
/// owns them stores both, in the order in which they came, and makes the books again by telling them once more: the
/// same calls make the same books.
///
/// In which order the terminals' records come does not matter for what the books say in the end.
class Books {
 public:
  explicit Books(std::string merchant) : merchant_(std::move(merchant)) {}

  /// Takes a record, once and in the order of its journal. A record that cannot be used changed nothing.
  [[nodiscard]] std::expected<void, RecordRefusal> take(const Heard& heard, Effects& effects);

  /// Takes a decision of the cloud's own, the `number`-th entry of its log: a JSON object that one of the functions in
  /// decisions.hpp wrote. An error means that the log is damaged, and that the books are, too.
  [[nodiscard]] core::Result<> decide(std::int64_t number, const core::JsonValue& decision, Effects& effects);

  [[nodiscard]] const std::string& merchant() const { return merchant_; }
  [[nodiscard]] const HomeSettings& settings() const { return settings_; }
  /// All stores of the merchant know all its members.
  [[nodiscard]] bool shared() const { return shared_; }
  [[nodiscard]] const People& people() const { return people_; }
  [[nodiscard]] const Vouchers& vouchers() const { return vouchers_; }
  [[nodiscard]] const ledger::Book& ledger() const { return ledger_; }
  [[nodiscard]] const std::map<SaleKey, BookSale>& sales() const { return sales_; }
  [[nodiscard]] const std::map<std::string, BookLease>& leases() const { return leases_; }
  [[nodiscard]] const BookRequest* find_request(const std::string& request) const;
  [[nodiscard]] const BookClaim* find_claim(const std::string& claim) const;
  [[nodiscard]] const BookRight* find_right(const SaleKey& sale) const;
  [[nodiscard]] bool is_written_off(const std::string& terminal) const { return written_off_.contains(terminal); }
  /// The sale of this number in the newest journal of the terminal that has one, if it is closed.
  [[nodiscard]] std::optional<SaleKey> find_sale(const std::string& terminal, std::int64_t sale) const;
  /// A refund by the terminal that sold has given all of it back.
  [[nodiscard]] bool is_refunded(const SaleKey& sale) const { return refunded_.contains(sale); }
  [[nodiscard]] bool has_lot(const std::string& lot) const { return own_lots_.contains(lot); }
  /// Whether the store may know the member (resolved).
  [[nodiscard]] bool is_visible(const std::string& member, const std::string& store) const;
  [[nodiscard]] ledger::Balance balance(ledger::Unit unit, const std::string& of, core::WallTime now) const;
  /// What the terminal may still be leased of the risk budget.
  [[nodiscard]] std::int64_t risk_left(const std::string& terminal, core::WallTime now) const;

  /// All of it, for people and for whoever compares the four books: the members of a JSON object.
  void write(core::JsonWriter& json, core::WallTime now) const;

 private:
  using Taking = core::Result<> (Books::*)(const Heard&, const core::JsonValue&, Effects&);
  struct Taker {
    journal::Kind kind;
    Taking take;
  };
  using Deciding = core::Result<> (Books::*)(const When&, const core::JsonValue&, Effects&);
  struct Decider {
    std::string_view what;
    Deciding decide;
  };
  static const std::vector<Taker>& takers();
  static const std::vector<Decider>& deciders();

  /// Says why a record is refused though it can be read.
  std::unexpected<core::Error> contradicts(std::string_view why);

  // books_sales.cpp
  core::Result<> take_nothing(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_priced(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_return(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_closed(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_recognised(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_ceded(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_earned(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_taken(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_given_back(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_taken_back(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_lease_placed(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_lease_returned(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> check_holds(const Heard& heard, const std::vector<ledger::Hold>& holds, bool own);
  BookSale& sale_of(const Heard& heard);
  void count(BookSale& sale, const std::string& member, std::int64_t orders, std::int64_t minor, Effects& effects);

  // books_members.cpp
  core::Result<> take_enrolled(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_merged(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_consented(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_refused(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_tier(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_placed(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_given_up(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_redeemed(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_returned(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_granted(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_voided(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_double(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> take_notice(const Heard& heard, const core::JsonValue& body, Effects& effects);
  core::Result<> merge(const std::vector<Merge>& merges, Effects& effects);
  void tell_doubles(const std::string& coupon, std::int64_t at, Effects& effects);
  void touch_holder(const std::string& coupon, Effects& effects) const;

  // books_decisions.cpp
  core::Result<> decide_member(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_merge(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_give(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_issue(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_set_apart(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_lease(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_recall(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_revoke(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_claim(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_settings(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_share(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> decide_write_off(const When& when, const core::JsonValue& decision, Effects& effects);
  core::Result<> post_own(const When& when, ledger::Unit unit, const std::string& of, const ledger::LotPart& lot);

  // books_report.cpp
  void write_sales(core::JsonWriter& json) const;
  void write_ledger(core::JsonWriter& json, core::WallTime now) const;
  void write_coupons(core::JsonWriter& json) const;
  void write_people(core::JsonWriter& json) const;

  std::string merchant_;
  HomeSettings settings_{};
  bool shared_ = true;
  People people_;
  Vouchers vouchers_;
  ledger::Book ledger_;
  std::set<std::pair<ledger::Unit, std::string>> accounts_;
  std::set<std::string> own_lots_;  // that the cloud made
  std::map<SaleKey, BookSale> sales_;
  std::map<std::string, std::vector<std::string>> journals_;  // of each terminal, the newest last
  std::map<std::string, BookLease> leases_;
  std::map<std::string, BookRequest> requests_;
  std::map<std::string, BookClaim> claims_;
  std::map<SaleKey, BookRight> rights_;
  std::set<SaleKey> refunded_;
  std::set<std::string> written_off_;
  std::map<std::string, std::int64_t, std::less<>> notices_;
  std::string why_;  // the last contradiction
};

}  // namespace tillkit::sandbox
