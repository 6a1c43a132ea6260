// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/stand_in_home.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "tillkit/core/json.hpp"
#include "tillkit/ledger/history.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/members/history.hpp"
#include "tillkit/members/records.hpp"

namespace tillkit::test {
namespace {

using core::ErrorCode;
using core::Result;

template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error("the members' home does not work: " + std::string(core::to_string(result.error().code)));
  }
  return *std::move(result);
}

constexpr std::chrono::hours kPlacementValid{24};

std::pair<ledger::LeaseId, std::int64_t> returned_lease(const journal::Record& record) {
  const core::JsonDocument document = must(core::JsonDocument::parse(record.body));
  const core::JsonValue root = document.root();
  const std::string_view lease = must(must(root.member("lease")).text());
  return {must(ledger::LeaseId::parse(lease)), must(must(root.member("unused")).integer())};
}

}  // namespace

void StandInHome::add(const members::Profile& profile, std::vector<members::Identity> identities) {
  people_[profile.id] = {profile, std::move(identities)};
}

members::Profile& StandInHome::profile_of(const members::MemberId& member) {
  return people_.at(member).profile;
}

void StandInHome::issue(const members::MemberId& member, const members::HeldCoupon& coupon) {
  coupons[coupon.id] = {.member = member, .held = coupon};
}

void StandInHome::give(ledger::Unit unit, std::string_view of, std::string_view lot, std::int64_t amount,
                       core::WallTime expires_at) {
  // Entries of the home itself have a journal of their own.
  journal::JournalId own;
  own.bytes.fill(std::byte{0xFF});
  static std::int64_t seq = 0;
  const ledger::Owner owner = of.empty() ? ledger::Owner{} : must(ledger::Owner::parse(of));
  static_cast<void>(
      must(book.post_earned({own, journal::Seq(++seq)}, unit, owner,
                            {must(ledger::LotId::parse(lot)), amount, expires_at}, core::WallTime::min())));
}

ledger::LeaseGrant StandInHome::lease(std::string_view id, ledger::Unit unit, std::string_view of, std::int64_t amount,
                                      std::chrono::hours valid) {
  const core::WallTime now = clock_.wall().at;
  const ledger::Owner owner = of.empty() ? ledger::Owner{} : must(ledger::Owner::parse(of));
  return must(book.grant(must(ledger::LeaseId::parse(id)), must(ledger::TerminalId::parse(terminal)), unit, owner,
                         amount, now, now + valid));
}

void StandInHome::merge(const members::MemberId& from, const members::MemberId& into) {
  book.merge(must(ledger::Owner::parse(from.view())), must(ledger::Owner::parse(into.view())));
}

// --- what it is asked ---

Result<members::Found> StandInHome::found(const members::MemberId& member) {
  const auto person = people_.find(member);
  if (person == people_.end()) return core::fail(ErrorCode::NotFound);
  members::Found found{.profile = person->second.profile, .may_spend = may_spend};
  const core::WallReading now = clock_.wall();
  found.profile.as_of = now;
  const auto balance = book.balance(ledger::Unit::Points, must(ledger::Owner::parse(member.view())), now.at);
  found.profile.points = balance.active;
  found.profile.debt_points = balance.debt;
  for (auto& [id, coupon] : coupons) {
    const bool free = coupon.redeemed_by.size() < coupon.held.uses;
    if (coupon.member != member || !free || !sets_apart) continue;
    coupon.placed = true;
    found.coupons.push_back({.coupon = coupon.held, .until = now.at + kPlacementValid});
  }
  return found;
}

Result<> StandInHome::do_identify(const codes::PaymentCode& /*code*/, members::Answer<members::Found> done) {
  ++identified;
  if (!answers) return {};
  auto answer = std::make_shared<members::Answer<members::Found>>(std::move(done));
  const auto timer = scheduler_.call_after(answers_after, [this, answer] { (*answer)(found(payer)); });
  return timer ? Result<>{} : std::unexpected(timer.error());
}

Result<> StandInHome::do_find(const std::variant<members::Identity, members::MemberId>& who,
                              members::Answer<members::Found> done) {
  if (!answers) return {};
  auto answer = std::make_shared<members::Answer<members::Found>>(std::move(done));
  const auto timer = scheduler_.call_after(answers_after, [this, who, answer] {
    if (const auto* const member = std::get_if<members::MemberId>(&who)) return (*answer)(found(*member));
    for (const auto& [id, person] : people_) {
      const auto& known = person.identities;
      if (std::ranges::find(known, std::get<members::Identity>(who)) != known.end()) return (*answer)(found(id));
    }
    (*answer)(core::fail(ErrorCode::NotFound));
  });
  return timer ? Result<>{} : std::unexpected(timer.error());
}

Result<> StandInHome::do_claim(const offers::CouponId& id, members::Answer<members::CouponPlacement> done) {
  if (!answers) return {};
  auto answer = std::make_shared<members::Answer<members::CouponPlacement>>(std::move(done));
  const auto timer = scheduler_.call_after(answers_after, [this, id, answer] {
    const auto coupon = coupons.find(id);
    if (coupon == coupons.end()) return (*answer)(core::fail(ErrorCode::NotFound));
    if (!coupon->second.redeemed_by.empty()) return (*answer)(core::fail(ErrorCode::AlreadyExists));
    coupon->second.placed = true;
    (*answer)(members::CouponPlacement{.coupon = coupon->second.held, .until = clock_.wall().at + kPlacementValid});
  });
  return timer ? Result<>{} : std::unexpected(timer.error());
}

Result<> StandInHome::do_ask(const ledger::LeaseRequest& request, ledger::LeaseAnswer done) {
  ++asked_for_leases;
  if (!answers) return {};
  auto answer = std::make_shared<ledger::LeaseAnswer>(std::move(done));
  const auto timer = scheduler_.call_after(answers_after, [this, request, answer] {
    const core::WallTime now = clock_.wall().at;
    // The request names the lease: asked again, the same is granted.
    const auto lease =
        book.grant(must(ledger::LeaseId::parse(request.key.view())), must(ledger::TerminalId::parse(terminal)),
                   request.unit, request.of, request.amount, now, now + kPlacementValid);
    (*answer)(lease ? std::optional(*lease) : std::nullopt);
  });
  return timer ? Result<>{} : std::unexpected(timer.error());
}

// --- what it hears ---

void StandInHome::hear_ledger(const journal::JournalId& journal, const journal::Record& record) {
  const ledger::EntryKey key{journal, record.seq};
  const auto sale_of = [&](journal::SaleId of) { return Sale{journal::to_string(journal), of.value()}; };
  ledger::LedgerHistory& sale = reserved_[sale_of(record.sale)];
  if (!ledger::tell(sale, record)) throw std::runtime_error("a ledger record cannot be read");
  if (record.kind == ledger::kTaken) {
    std::vector<ledger::Hold> holds;
    for (const ledger::Spent& spent : sale.spent) {
      if (spent.state == ledger::SpentState::Taken) {
        holds.insert(holds.end(), spent.part.holds.begin(), spent.part.holds.end());
      }
    }
    static_cast<void>(must(book.post_taken(key, holds)));
  }
  if (record.kind == ledger::kLeaseReturned) {
    const auto [lease, unused] = returned_lease(record);
    if (unused > 0) static_cast<void>(must(book.post_returned(key, lease, unused)));
  }
  ledger::LedgerHistory history;
  if (!ledger::tell(history, record)) throw std::runtime_error("a ledger record cannot be read");
  for (const ledger::Earned& earned : history.earned) {
    const ledger::LotId lot =
        must(ledger::LotId::parse(journal::to_string(journal).substr(0, 8) + '-' + std::to_string(record.seq.value())));
    if (earned.why == ledger::EarnWhy::Goods) lots_of_sales_[{sale_of(record.sale), earned.member}] = lot;
    lots_of_sales_.try_emplace({sale_of(record.sale), earned.member}, lot);
    static_cast<void>(
        must(book.post_earned(key, ledger::Unit::Points, earned.member, {lot, earned.points}, core::WallTime::min())));
  }
  for (const ledger::GivenBack& back : history.given_back) {
    if (!back.part.holds.empty()) {
      static_cast<void>(must(book.post_given_back(key, back.part.unit, back.part.of, back.part.holds)));
    }
  }
  for (const ledger::TakenBack& back : history.taken_back) {
    ledger::LotId lot;
    for (const auto& [sold, earned] : lots_of_sales_) {
      if (sold.first == sale_of(back.sold)) lot = earned;
    }
    static_cast<void>(
        must(book.post_taken_back(key, ledger::Unit::Points, back.member, lot, back.points, clock_.wall().at)));
  }
}

void StandInHome::hear_members(const journal::Record& record) {
  members::MembersHistory history;
  if (!members::tell(history, record)) throw std::runtime_error("a member record cannot be read");
  if (history.coupons_state == members::CouponsState::Redeemed) {
    for (const members::CouponUse& use : history.coupons) {
      Coupon& coupon = coupons[use.coupon];
      coupon.redeemed_by.push_back(record.sale);
      if (coupon.redeemed_by.size() > std::max<std::size_t>(coupon.held.uses, 1)) ++double_redemptions;
    }
  }
  for (const offers::CouponId& returned : history.returned)
    coupons[returned].redeemed_by.clear();
  for (const members::Grant& grant : history.granted)
    granted[grant.coupon] += grant.count;
  for (const members::Grant& grant : history.voided)
    granted[grant.coupon] -= grant.count;
  notices += record.kind == members::kNotice ? 1U : 0U;
}

void StandInHome::hear(const journal::Journal& journal, const journal::Record& record) {
  if (record.kind.view().starts_with("ledger.")) hear_ledger(journal.id(), record);
  if (record.kind.view().starts_with("members.")) hear_members(record);
}

void StandInHome::upload(const journal::Journal& journal) {
  const auto id = static_cast<std::int64_t>(std::hash<std::string>{}(journal::to_string(journal.id())));
  const auto read = journal.each({}, [&](const journal::Record& record) -> Result<> {
    if (heard_.try_emplace({id, record.seq.value()}, 1).second) hear(journal, record);
    return {};
  });
  if (!read) throw std::runtime_error("the journal cannot be read");
}

std::string StandInHome::disagreement() const {
  if (!book.check()) return "the home's book does not add up";
  if (book.waiting() != 0) return "the home waits for what never comes";
  if (!book.losses().empty()) return "something was spent beyond its lease";
  if (double_redemptions != 0) return "a coupon was redeemed twice";
  return "";
}

}  // namespace tillkit::test
