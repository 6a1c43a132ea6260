// SPDX-License-Identifier: Apache-2.0
#include "vouchers.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace tillkit::sandbox {
namespace {

/// The uses beyond what the coupon allows.
template <class VoucherType>
auto doubles_in(VoucherType& voucher) {
  std::vector<decltype(&voucher.uses.front())> uses;
  for (auto& use : voucher.uses) {
    if (!use.returned) uses.push_back(&use);
  }
  std::ranges::sort(uses, {}, [](const VoucherUse* use) {
    return std::tuple(use->by_token, use->wall, std::string_view(use->sale.journal), use->seq);
  });
  const auto allowed = std::min(uses.size(), static_cast<std::size_t>(voucher.uses_max));
  uses.erase(uses.begin(), uses.begin() + static_cast<std::ptrdiff_t>(allowed));
  return uses;
}

}  // namespace

std::int64_t Voucher::used() const {
  return std::ranges::count(uses, false, &VoucherUse::returned);
}

const Voucher* Vouchers::find(const std::string& coupon) const {
  const auto found = vouchers_.find(coupon);
  return found == vouchers_.end() ? nullptr : &found->second;
}

void Vouchers::issue(const std::string& coupon, Voucher voucher) {
  Voucher& known = vouchers_[coupon];
  // A terminal may have named it before.
  voucher.uses = std::move(known.uses);
  voucher.holder = std::move(known.holder);
  voucher.revoked = known.revoked;
  voucher.issued = true;
  if (!voucher.member.empty()) held_[voucher.member].insert(coupon);
  known = std::move(voucher);
}

void Vouchers::grant(VoucherGrant grant, std::int64_t claimed_at) {
  for (const std::string& coupon : grant.coupons) {
    issue(coupon, {.offer = grant.offer, .member = grant.member, .claimed_at = claimed_at, .granted_by = grant.sale});
    grant_of_[coupon] = grants_.size();
  }
  grants_.push_back(std::move(grant));
}

std::vector<std::string> Vouchers::void_grant(const SaleKey& sale, const std::string& offer, const std::string& by,
                                              std::int64_t count) {
  std::vector<std::string> concerned;
  for (VoucherGrant& grant : grants_) {
    if (grant.sale != sale || grant.offer != offer || grant.by != by) continue;
    const auto left = static_cast<std::int64_t>(grant.coupons.size()) - grant.voided;
    const std::int64_t here = std::min(left, count);
    grant.voided += here;
    count -= here;
    concerned.insert(concerned.end(), grant.coupons.begin(), grant.coupons.end());
  }
  return concerned;
}

void Vouchers::revoke(const std::string& coupon) {
  const auto found = vouchers_.find(coupon);
  if (found != vouchers_.end()) found->second.revoked = true;
}

bool Vouchers::is_void(const std::string& coupon, const Voucher& voucher) const {
  if (voucher.revoked) return true;
  const auto found = grant_of_.find(coupon);
  if (found == grant_of_.end()) return false;
  const VoucherGrant& grant = grants_[found->second];
  // The last that nobody used; what is used stays.
  std::int64_t left = grant.voided;
  for (auto other = grant.coupons.rbegin(); other != grant.coupons.rend() && left > 0; ++other) {
    if (vouchers_.at(*other).used() > 0) continue;
    if (*other == coupon) return true;
    --left;
  }
  return false;
}

VoucherState Vouchers::state(const std::string& coupon, const std::string& terminal, std::int64_t now) const {
  const Voucher* voucher = find(coupon);
  if (voucher == nullptr || !voucher->issued) return VoucherState::NotFound;
  if (is_void(coupon, *voucher)) return VoucherState::Void;
  if (voucher->used() >= voucher->uses_max) return VoucherState::Used;
  if (voucher->expires_at && *voucher->expires_at <= now) return VoucherState::Void;
  if (voucher->holder && voucher->holder->terminal != terminal) return VoucherState::Elsewhere;
  return VoucherState::Free;
}

std::vector<std::string> Vouchers::held_by(const std::set<std::string>& names, std::int64_t now) const {
  std::vector<std::string> held;
  for (const std::string& name : names) {
    const auto found = held_.find(name);
    if (found == held_.end()) continue;
    for (const std::string& coupon : found->second) {
      const Voucher& voucher = vouchers_.at(coupon);
      const bool over = voucher.expires_at && *voucher.expires_at <= now;
      if (!over && !is_void(coupon, voucher) && voucher.used() < voucher.uses_max) held.push_back(coupon);
    }
  }
  std::ranges::sort(held, {}, [this](const std::string& coupon) {
    const auto never = std::numeric_limits<std::int64_t>::max();
    return std::tuple(vouchers_.at(coupon).expires_at.value_or(never), std::string_view(coupon));
  });
  return held;
}

void Vouchers::set_apart(const std::string& coupon, const std::string& terminal, std::int64_t until) {
  auto& holder = vouchers_.at(coupon).holder;
  if (!holder) holder = VoucherHolder{.terminal = terminal};
  holder->until = std::max(holder->until, until);
  if (!holder->placed) set_apart_[terminal].insert(coupon);
}

void Vouchers::placed(const std::string& coupon, const std::string& terminal, std::int64_t until) {
  auto& holder = vouchers_[coupon].holder;
  if (!holder) holder = VoucherHolder{.terminal = terminal};
  if (holder->terminal != terminal) return;
  holder->until = std::max(holder->until, until);
  holder->placed = true;
  set_apart_[terminal].erase(coupon);
}

void Vouchers::given_up(const std::string& coupon, const std::string& terminal) {
  const auto found = vouchers_.find(coupon);
  if (found == vouchers_.end() || !found->second.holder || found->second.holder->terminal != terminal) return;
  found->second.holder.reset();
  set_apart_[terminal].erase(coupon);
}

void Vouchers::reached(const std::string& terminal, std::int64_t wall) {
  const auto found = set_apart_.find(terminal);
  if (found == set_apart_.end()) return;
  std::erase_if(found->second, [&](const std::string& coupon) {
    auto& holder = vouchers_.at(coupon).holder;
    if (!holder || holder->until >= wall) return false;
    holder.reset();
    return true;
  });
}

void Vouchers::free_all_of(const std::string& terminal) {
  for (auto& [id, voucher] : vouchers_) {
    if (voucher.holder && voucher.holder->terminal == terminal) voucher.holder.reset();
  }
  set_apart_.erase(terminal);
}

void Vouchers::use(const std::string& coupon, VoucherUse use) {
  vouchers_[coupon].uses.push_back(std::move(use));
}

void Vouchers::give_back(const std::string& coupon, const SaleKey& sale) {
  const auto found = vouchers_.find(coupon);
  if (found == vouchers_.end()) return;
  const auto used = std::ranges::find_if(found->second.uses,
                                         [&](const VoucherUse& use) { return use.sale == sale && !use.returned; });
  if (used != found->second.uses.end()) used->returned = true;
}

std::vector<VoucherUse*> Vouchers::doubles_of(const std::string& coupon) {
  const auto found = vouchers_.find(coupon);
  if (found == vouchers_.end()) return {};
  auto doubles = doubles_in(found->second);
  if (!doubles.empty()) doubled_.insert(coupon);
  return doubles;
}

std::vector<const VoucherUse*> Vouchers::doubles_of(const std::string& coupon) const {
  const Voucher* voucher = find(coupon);
  return voucher == nullptr ? std::vector<const VoucherUse*>() : doubles_in(*voucher);
}

std::int64_t Vouchers::lost_at(const std::string& terminal) const {
  std::int64_t lost = 0;
  for (const std::string& coupon : doubled_) {
    for (const VoucherUse* use : doubles_in(vouchers_.at(coupon)))
      lost += use->terminal == terminal ? use->risk_minor : 0;
  }
  return lost;
}

}  // namespace tillkit::sandbox
