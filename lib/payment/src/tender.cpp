// SPDX-License-Identifier: Apache-2.0
#include "tillkit/payment/tender.hpp"

#include "tillkit/payment/limits.hpp"

namespace tillkit::payment {
namespace {

using enum TenderKind;

std::optional<TenderRefusal> refusal_of_wallet(const TenderSituation& situation) {
  if (!situation.online) return TenderRefusal::Offline;
  if (situation.clock == core::WallQuality::Unknown) return TenderRefusal::ClockUnknown;
  if (situation.unresolved >= kUnresolvedMax) return TenderRefusal::TooManyUnresolved;
  if (situation.refunds_open >= kRefundsOpenMax) return TenderRefusal::TooManyRefunds;
  return std::nullopt;
}

std::optional<TenderRefusal> refusal_of_code(const TenderSituation& situation) {
  if (const auto refusal = refusal_of_wallet(situation)) return refusal;
  if (!situation.can_scan) return TenderRefusal::NoScanner;
  return std::nullopt;
}

std::optional<TenderRefusal> refusal_of_lease(std::int64_t leased_minor, const TenderSituation& situation) {
  if (!situation.member_may_spend) return TenderRefusal::NoMember;
  // Online, a lease is fetched for this sale.
  if (leased_minor <= 0 && !situation.online) return TenderRefusal::NotCovered;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(TenderKind kind) {
  switch (kind) {
    case WalletCode: return "wallet_code";
    case WalletQr: return "wallet_qr";
    case Cash: return "cash";
    case StoredValue: return "stored_value";
    case Points: return "points";
  }
  return "unknown";
}

bool is_external(TenderKind kind) {
  return kind == WalletCode || kind == WalletQr;
}

std::string_view to_string(TenderRefusal refusal) {
  switch (refusal) {
    case TenderRefusal::NothingToPay: return "nothing_to_pay";
    case TenderRefusal::Storage: return "storage";
    case TenderRefusal::NotOffered: return "not_offered";
    case TenderRefusal::Offline: return "offline";
    case TenderRefusal::ClockUnknown: return "clock_unknown";
    case TenderRefusal::TooManyUnresolved: return "too_many_unresolved";
    case TenderRefusal::NoMember: return "no_member";
    case TenderRefusal::NotCovered: return "not_covered";
    case TenderRefusal::NoScanner: return "no_scanner";
    case TenderRefusal::TooManyRefunds: return "too_many_refunds";
  }
  return "unknown";
}

std::optional<TenderRefusal> refusal_of(TenderKind kind, const TenderSituation& situation) {
  if (!situation.left_to_pay.is_positive()) return TenderRefusal::NothingToPay;
  if (!situation.can_store) return TenderRefusal::Storage;
  if (!situation.offered.has(kind)) return TenderRefusal::NotOffered;
  switch (kind) {
    case WalletCode: return refusal_of_code(situation);
    case WalletQr: return refusal_of_wallet(situation);
    case StoredValue: return refusal_of_lease(situation.value_leased_minor, situation);
    case Points: return refusal_of_lease(situation.points_leased_minor, situation);
    case Cash: return std::nullopt;
  }
  return TenderRefusal::NotOffered;
}

TenderSet what_works(const TenderSituation& situation) {
  TenderSet set;
  for (const TenderKind kind : {WalletCode, WalletQr, Cash, StoredValue, Points}) {
    if (!refusal_of(kind, situation)) set.add(kind);
  }
  return set;
}

}  // namespace tillkit::payment
