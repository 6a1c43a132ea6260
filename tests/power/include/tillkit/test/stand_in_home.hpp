// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/scheduler.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/ledger/book.hpp"
#include "tillkit/ledger/history.hpp"
#include "tillkit/ledger/service.hpp"
#include "tillkit/members/service.hpp"

namespace tillkit::test {

/// The members' home: who is a member, who holds which coupon, whose points are where. It keeps books of its own, hears
/// of a terminal by its journal only, and lives through the terminal's power cuts.
class StandInHome final : public members::MemberService, public ledger::LeaseService {
 public:
  StandInHome(hal_virtual::VirtualScheduler& scheduler, hal_virtual::VirtualClock& clock)
      : scheduler_(scheduler), clock_(clock) {}

  // How it answers.
  std::chrono::milliseconds answers_after{20};
  bool answers = true;     ///< else nobody hears anything
  bool may_spend = true;   ///< that a payment code proves its member
  bool sets_apart = true;  ///< its answers place coupons
  std::string terminal = "T1";
  int identified = 0;  ///< so many questions whose code it is
  int asked_for_leases = 0;

  // Who and what there is.
  void add(const members::Profile& profile, std::vector<members::Identity> identities = {});
  [[nodiscard]] members::Profile& profile_of(const members::MemberId& member);
  /// Whose the payment codes are; empty: nobody's.
  members::MemberId payer{};
  void issue(const members::MemberId& member, const members::HeldCoupon& coupon);
  void give(ledger::Unit unit, std::string_view of, std::string_view lot, std::int64_t amount,
            core::WallTime expires_at = core::WallTime::max());
  /// A lease for the terminal, as its news bring it.
  [[nodiscard]] ledger::LeaseGrant lease(std::string_view id, ledger::Unit unit, std::string_view of,
                                         std::int64_t amount, std::chrono::hours valid = std::chrono::hours{24 * 30});
  void merge(const members::MemberId& from, const members::MemberId& into);

  /// Takes all records of a journal over. What it has taken before counts once.
  void upload(const journal::Journal& journal);
  /// What does not add up, in words; empty: nothing.
  [[nodiscard]] std::string disagreement() const;

  ledger::Book book;
  struct Coupon {
    members::MemberId member{};
    members::HeldCoupon held{};
    bool placed = false;
    std::vector<journal::SaleId> redeemed_by{};
  };
  std::map<offers::CouponId, Coupon> coupons;
  /// By a terminal's word: coupons granted and voided, notices, tiers.
  std::map<offers::OfferId, std::int64_t> granted;
  std::size_t notices = 0;
  std::size_t double_redemptions = 0;

 private:
  core::Result<> do_identify(const codes::PaymentCode& code, members::Answer<members::Found> done) override;
  core::Result<> do_find(const std::variant<members::Identity, members::MemberId>& who,
                         members::Answer<members::Found> done) override;
  core::Result<> do_claim(const offers::CouponId& coupon, members::Answer<members::CouponPlacement> done) override;
  core::Result<> do_ask(const ledger::LeaseRequest& request, ledger::LeaseAnswer done) override;

  [[nodiscard]] core::Result<members::Found> found(const members::MemberId& member);
  void hear(const journal::Journal& journal, const journal::Record& record);
  void hear_ledger(const journal::JournalId& journal, const journal::Record& record);
  void hear_members(const journal::Record& record);

  /// A sale of one journal: the numbers of another's are the same ones.
  using Sale = std::pair<std::string, std::int64_t>;
  struct Person {
    members::Profile profile{};
    std::vector<members::Identity> identities{};
  };

  hal_virtual::VirtualScheduler& scheduler_;
  hal_virtual::VirtualClock& clock_;
  std::map<members::MemberId, Person> people_;
  std::map<std::pair<std::int64_t, std::int64_t>, int> heard_;  // journal's first bytes and seq
  std::map<std::pair<Sale, ledger::Owner>, ledger::LotId> lots_of_sales_;
  std::map<Sale, ledger::LedgerHistory> reserved_;
};

}  // namespace tillkit::test
