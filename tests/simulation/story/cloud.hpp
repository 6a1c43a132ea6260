// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/core/json.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/members/token.hpp"
#include "tillkit/test/stand_in_home.hpp"

namespace tillkit::story {

/// A coupon that was used more often than it may be: where it came to light, and who bears it.
struct DoubleRedemption {
  offers::CouponId coupon{};
  std::string terminal{};
  journal::SaleId sale{};
  std::int64_t minor = 0;
};

/// What it passes on to a member.
struct Notice {
  std::string terminal;
  std::int64_t of = 0;
  std::string member;
  std::int64_t what = 0;
  std::int64_t count = 0;
};

/// Who bears what was honoured unchecked: the risk budgets are the merchant's.
inline constexpr offers::FunderId kRiskBearer = *offers::FunderId::parse("our-shop");

/// The other end of the network: the members' home of the tests, and what a cloud makes of what it hears. Who was
/// enrolled is somebody, what was granted is a coupon, what was redeemed twice has its bearer. It knows the terminals
/// by their journals only, and writes books of its own.
class Cloud final : public ledger::LeaseService {
 public:
  /// Makes its signing key: no other `security::Crypto` may live.
  Cloud(hal_virtual::World& world, hal_virtual::VirtualScheduler& scheduler, hal_virtual::VirtualClock& clock);

  /// What is asked of it.
  [[nodiscard]] test::StandInHome& home() { return home_; }
  [[nodiscard]] const members::MerchantKey& key() const { return key_; }

  /// Codes on a phone: of a member for five minutes, of a coupon for a day. No other `security::Crypto` may live.
  [[nodiscard]] std::string member_code(const members::MemberId& member);
  [[nodiscard]] std::string coupon_code(std::string_view coupon, std::string_view offer, std::int64_t risk_minor);

  /// Whose wallet pays next, by the wallet's name for the payer.
  void payer_is(std::string_view reference);
  /// Empty: not a member.
  [[nodiscard]] members::MemberId member_of(std::string_view reference) const;
  /// The wallet's name for its payer, or of nobody's: the member's own.
  [[nodiscard]] std::string name_of(std::string_view member) const;
  void consents(const members::MemberId& member);

  void give(ledger::Unit unit, std::string_view of, std::string_view lot, std::int64_t amount);
  void issue(const members::MemberId& member, std::string_view coupon, std::string_view offer);
  [[nodiscard]] ledger::LeaseGrant lease(std::string_view id, std::string_view terminal, ledger::Unit unit,
                                         std::string_view of, std::int64_t amount);
  void merge(const members::MemberId& from, const members::MemberId& into);
  [[nodiscard]] const std::vector<std::pair<members::MemberId, members::MemberId>>& merges() const { return merges_; }

  /// Who talks to it from now on.
  void terminal_is(std::string_view name) { home_.terminal = name; }
  /// Takes over what is new in a journal. What came to light: news for that terminal.
  [[nodiscard]] std::vector<DoubleRedemption> hear(const journal::Journal& journal);

  [[nodiscard]] std::span<const Notice> notices() const { return notices_; }
  [[nodiscard]] ledger::Balance points_of(const members::MemberId& member) const;
  /// Its books, one JSON object a line.
  [[nodiscard]] std::string books() const;

 private:
  struct Lease {
    std::string terminal;
    ledger::LeaseGrant grant;
    std::string of;
  };
  struct Grant {
    std::string terminal;
    std::int64_t sale = 0;
    std::string member;
    std::string offer;
    std::vector<offers::CouponId> coupons{};
    bool voided = false;
  };
  struct Use {
    std::string terminal;
    std::int64_t sale = 0;
  };
  struct Gift {
    ledger::Unit unit;
    std::string of;
    std::string lot;
    std::int64_t amount;
  };

  core::Result<> do_ask(const ledger::LeaseRequest& request, ledger::LeaseAnswer done) override;

  void note(const ledger::LeaseGrant& grant, std::string_view of);
  void take(const journal::Record& record, std::vector<DoubleRedemption>& news);
  void take_redeemed(const journal::Record& record, const core::JsonValue& body, std::vector<DoubleRedemption>& news);
  void take_returned(const core::JsonValue& body);
  void take_granted(const journal::Record& record, const core::JsonValue& body);
  void take_voided(const core::JsonValue& body);
  void write_coupons(std::string& book) const;
  void write_changes(std::string& book) const;
  template <class Sign>
  [[nodiscard]] std::string signed_by_cloud(Sign sign);

  hal_virtual::VirtualClock& clock_;
  hal_virtual::VirtualKeyStore store_;
  hal_virtual::VirtualRandom random_;
  test::StandInHome home_;
  members::MerchantKey key_;

  std::string paying_;
  std::map<std::string, members::MemberId, std::less<>> payers_;
  std::set<std::pair<ledger::Unit, ledger::Owner>> accounts_;
  std::map<std::string, journal::Seq, std::less<>> heard_;
  std::vector<std::pair<members::MemberId, members::MemberId>> merges_;
  std::vector<Gift> gifts_;
  std::vector<Lease> leases_;
  std::vector<Grant> grants_;
  std::vector<Notice> notices_;
  std::map<offers::CouponId, std::vector<Use>> uses_;
  std::vector<DoubleRedemption> doubles_;
};

}  // namespace tillkit::story
