// SPDX-License-Identifier: Apache-2.0
#include "books.hpp"

#include <algorithm>
#include <array>

#include "tillkit/checkout/records.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/members/records.hpp"
#include "tillkit/payment/records.hpp"

namespace tillkit::sandbox {

using core::Result;

namespace {

constexpr std::string_view kNotUnderstood = "body_not_understood";
constexpr std::string_view kNotKnown = "kind_not_known";
constexpr std::string_view kContradicts = "contradicts_the_books";
constexpr journal::Kind kRefundCeded = journal::kind("sync.refund_ceded");

/// What the books hang on: here a kind that nobody knows may be money. Other modules, and whoever builds on the
/// library, may write what they like.
bool must_be_known(std::string_view kind) {
  constexpr std::array<std::string_view, 4> kModules{"checkout.", "ledger.", "members.", "payment."};
  return std::ranges::any_of(kModules, [&](std::string_view module) { return kind.starts_with(module); });
}

}  // namespace

const std::vector<Books::Taker>& Books::takers() {
  // clang-format off
  static const std::vector<Taker> all{
      {checkout::kSalePriced,          &Books::take_priced},
      {checkout::kSaleLines,           &Books::take_nothing},
      {checkout::kPriceProof,          &Books::take_nothing},
      {checkout::kPriceProofPart,      &Books::take_nothing},
      {checkout::kSaleBenefits,        &Books::take_nothing},
      {checkout::kTenderUnmet,         &Books::take_nothing},
      {checkout::kSaleSuspended,       &Books::take_priced},
      {checkout::kCashTaken,           &Books::take_nothing},
      {checkout::kCashReturned,        &Books::take_nothing},
      {checkout::kSaleReopened,        &Books::take_nothing},
      {checkout::kSaleUndoing,         &Books::take_nothing},
      {checkout::kReturnStarted,       &Books::take_return},
      {checkout::kReprinted,           &Books::take_nothing},
      {checkout::kShiftStarted,        &Books::take_nothing},
      {checkout::kShiftEnded,          &Books::take_nothing},
      {checkout::kSaleClosed,          &Books::take_closed},
      {payment::kAttemptIntended,      &Books::take_nothing},
      {payment::kAttemptPaid,          &Books::take_nothing},
      {payment::kAttemptDeclined,      &Books::take_nothing},
      {payment::kAttemptNotSent,       &Books::take_nothing},
      {payment::kAttemptReversing,     &Books::take_nothing},
      {payment::kAttemptReversed,      &Books::take_nothing},
      {payment::kAttemptGivenBack,     &Books::take_nothing},
      {payment::kRefundIntended,       &Books::take_nothing},
      {payment::kRefundDone,           &Books::take_nothing},
      {payment::kRefundRefused,        &Books::take_nothing},
      {payment::kNeedsPerson,          &Books::take_nothing},
      {payment::kPersonDecided,        &Books::take_nothing},
      {members::kRecognised,           &Books::take_recognised},
      {members::kEnrolled,             &Books::take_enrolled},
      {members::kMerged,               &Books::take_merged},
      {members::kConsented,            &Books::take_consented},
      {members::kRefusedConsent,       &Books::take_refused},
      {members::kTierReached,          &Books::take_tier},
      {members::kCouponPlaced,         &Books::take_placed},
      {members::kCouponGivenUp,        &Books::take_given_up},
      {members::kCouponsReserved,      &Books::take_nothing},
      {members::kCouponsRedeemed,      &Books::take_redeemed},
      {members::kCouponsReleased,      &Books::take_nothing},
      {members::kCouponsReturned,      &Books::take_returned},
      {members::kCouponGranted,        &Books::take_granted},
      {members::kGrantVoided,          &Books::take_voided},
      {members::kCouponsShown,         &Books::take_nothing},
      {members::kDoubleRedemption,     &Books::take_double},
      {members::kNotice,               &Books::take_notice},
      {ledger::kLeaseRequested,        &Books::take_nothing},
      {ledger::kLeasePlaced,           &Books::take_lease_placed},
      {ledger::kLeaseRefused,          &Books::take_nothing},
      {ledger::kLeaseReturned,         &Books::take_lease_returned},
      {ledger::kReserved,              &Books::take_nothing},
      {ledger::kTaken,                 &Books::take_taken},
      {ledger::kReleased,              &Books::take_nothing},
      {ledger::kGivenBack,             &Books::take_given_back},
      {ledger::kEarned,                &Books::take_earned},
      {ledger::kTakenBack,             &Books::take_taken_back},
      {kRefundCeded,                   &Books::take_ceded},
  };
  // clang-format on
  return all;
}

std::expected<void, RecordRefusal> Books::take(const Heard& heard, Effects& effects) {
  vouchers_.reached(heard.terminal, heard.wall());
  auto& journals = journals_[heard.terminal];
  if (journals.empty() || journals.back() != heard.journal) {
    std::erase(journals, heard.journal);
    journals.push_back(heard.journal);
  }
  const auto document = core::JsonDocument::parse(heard.record.body);
  if (!document || document->root().kind() != core::JsonKind::Object) {
    return std::unexpected(RecordRefusal{kNotUnderstood, "no JSON object"});
  }
  const auto taker = std::ranges::find(takers(), heard.record.kind, &Taker::kind);
  if (taker == takers().end()) {
    if (!must_be_known(heard.record.kind.view())) return {};
    return std::unexpected(RecordRefusal{kNotKnown, std::string(heard.record.kind.view())});
  }
  why_.clear();
  if (heard.record.sale != journal::SaleId()) sale_of(heard).last_seq = heard.record.seq.value();
  const Result<> taken = (this->*taker->take)(heard, document->root(), effects);
  if (taken) return {};
  if (!why_.empty()) return std::unexpected(RecordRefusal{kContradicts, why_});
  const auto path = document->path_of(taken.error());
  return std::unexpected(RecordRefusal{kNotUnderstood, path ? "wrong: " + *path : std::string("wrong")});
}

std::unexpected<core::Error> Books::contradicts(std::string_view why) {
  why_ = why;
  return core::fail(core::ErrorCode::Rejected);
}

// --- what others ask ---

const BookRequest* Books::find_request(const std::string& request) const {
  const auto found = requests_.find(request);
  return found == requests_.end() ? nullptr : &found->second;
}

const BookClaim* Books::find_claim(const std::string& claim) const {
  const auto found = claims_.find(claim);
  return found == claims_.end() ? nullptr : &found->second;
}

const BookRight* Books::find_right(const SaleKey& sale) const {
  const auto found = rights_.find(sale);
  return found == rights_.end() ? nullptr : &found->second;
}

std::optional<SaleKey> Books::find_sale(const std::string& terminal, std::int64_t sale) const {
  const auto journals = journals_.find(terminal);
  if (journals == journals_.end()) return std::nullopt;
  for (auto journal = journals->second.rbegin(); journal != journals->second.rend(); ++journal) {
    const auto found = sales_.find({*journal, sale});
    const bool closed = found != sales_.end() && found->second.state == checkout::SaleState::Closed;
    if (closed) return found->first;
  }
  return std::nullopt;
}

bool Books::is_visible(const std::string& member, const std::string& store) const {
  if (shared_) return true;
  const std::set<std::string> stores = people_.stores_of(member);
  return stores.empty() || stores.contains(store);
}

ledger::Balance Books::balance(ledger::Unit unit, const std::string& of, core::WallTime now) const {
  const auto owner = ledger::Owner::parse(of);
  return owner ? ledger_.balance(unit, *owner, now) : ledger::Balance{};
}

std::int64_t Books::risk_left(const std::string& terminal, core::WallTime now) const {
  const std::int64_t leased = balance(ledger::Unit::Risk, terminal, now).leased;
  return std::max<std::int64_t>(0, settings_.risk_per_terminal_minor - leased - vouchers_.lost_at(terminal));
}

// --- streams ---

std::string decisions_of_terminal(std::string_view terminal) {
  return "td:" + std::string(terminal);
}
std::string decisions_of_merchant(std::string_view merchant) {
  return "md:" + std::string(merchant);
}
std::string copies_of_merchant(std::string_view merchant) {
  return "mc:" + std::string(merchant);
}
std::string copies_of_store(std::string_view store) {
  return "sc:" + std::string(store);
}

}  // namespace tillkit::sandbox
