// SPDX-License-Identifier: Apache-2.0
#include "sync_side.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "tillkit/catalog/replica.hpp"
#include "tillkit/core/json_members.hpp"
#include "tillkit/core/version.hpp"
#include "tillkit/payment/policy.hpp"
#include "tillkit/terminal/enroller.hpp"

namespace tillkit::terminal {
namespace {

using core::ErrorCode;
using core::Result;

static_assert(static_cast<int>(cloud::EnrolPolicy::Automatic) == static_cast<int>(members::EnrolPolicy::Automatic));

/// The cloud's settings over those of before. Its names have the form of ours, or `read_settings` refused them.
Result<checkout::MembershipSettings> membership_of(const cloud::Settings& settings,
                                                   checkout::MembershipSettings before) {
  checkout::MembershipSettings now = std::move(before);
  now.enrol = static_cast<members::EnrolPolicy>(settings.enrol);
  if (settings.points_worth) {
    now.points_rate = {.points = settings.points_worth->points, .minor = settings.points_worth->minor};
  }
  now.keys.clear();
  for (const cloud::CloudKey& key : settings.keys) {
    TILLKIT_TRY(const auto name, members::KeyName::parse(key.name.view()));
    now.keys.push_back({.name = name, .public_key = key.public_key});
  }
  TILLKIT_TRY(now.first_tier, core::parse_optional_id<offers::Name>(settings.first_tier.view()));
  now.tiers.clear();
  for (const cloud::TierStep& step : settings.tiers) {
    members::TierRule rule{.orders_at_least = step.orders_at_least, .spent_at_least_minor = step.spent_at_least_minor};
    TILLKIT_TRY(rule.from, core::parse_optional_id<offers::Name>(step.from.view()));
    TILLKIT_TRY(rule.to, offers::Name::parse(step.to.view()));
    now.tiers.push_back(rule);
  }
  return now;
}

Result<payment::PolicySet> policies_of(const std::string& json) {
  TILLKIT_TRY(const core::JsonDocument document, core::JsonDocument::parse(json));
  return payment::read_policies(document.root());
}

}  // namespace

sync::Cession Terminal::SyncSide::may_cede(journal::SaleId sale) {
  if (terminal_.checkout_ == nullptr) return sync::Cession::NotNow;
  const auto refunds = terminal_.checkout_->refunds_of(sale);
  if (!refunds) return refunds.error().code == ErrorCode::NotFound ? sync::Cession::Never : sync::Cession::NotNow;
  switch (*refunds) {
    case checkout::Refunds::None: return sync::Cession::Yes;
    case checkout::Refunds::UnderWay: return sync::Cession::NotNow;
    case checkout::Refunds::Begun: return sync::Cession::Never;
  }
  return sync::Cession::Never;
}

void Terminal::SyncSide::settings_changed(const cloud::Settings& settings) {
  if (terminal_.checkout_ == nullptr) return;
  if (auto membership = membership_of(settings, terminal_.config_.checkout.membership)) {
    terminal_.checkout_->set_membership(*std::move(membership));
  }
  policies_refused_ = false;
  if (settings.policies.empty()) {
    terminal_.checkout_->set_policies(terminal_.config_.policies);
  } else if (const auto policies = policies_of(settings.policies)) {
    terminal_.checkout_->set_policies(*policies);
  } else {
    policies_refused_ = true;
  }
}

std::optional<cloud::HealthReport> Terminal::SyncSide::health() {
  const Status status = terminal_.status();
  cloud::HealthReport report{
      .firmware = std::string(core::version()),
      .sells = !status.stopped,
      .unresolved = static_cast<std::int64_t>(status.backlog.unresolved + status.backlog.refunds)};
  if (status.stopped) {
    if (const auto why = cloud::Name::parse(to_string(*status.stopped))) report.stopped = *why;
  }
  for (const core::Money& sum : status.backlog.at_risk)
    report.at_risk_minor += sum.minor;
  if (terminal_.config_.journal.space != nullptr) {
    const auto free_bytes = terminal_.config_.journal.space->free_bytes();
    if (!free_bytes) return std::nullopt;
    report.free_bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(*free_bytes, cloud::kCountMax));
  }
  if (policies_refused_) {
    report.faults.push_back({.what = cloud::Name::parse("policies_not_understood").value(), .count = 1});
  }
  if (terminal_.cache_ != nullptr) {
    // The rule set's stands first.
    const auto refused = catalog::refused_copies(terminal_.cache_->tables(), 1);
    if (refused && !refused->empty() && refused->front().kind == catalog::CopyKind::RuleSet) {
      report.faults.push_back({.what = cloud::Name::parse("rule_set_refused").value(), .count = 1});
    }
  }
  return report;
}

std::optional<core::WallTime> Terminal::SyncSide::renew_at() {
  return renewal_due(terminal_.parts_.cloud->profile());
}

Result<std::string> Terminal::SyncSide::certificate_request() {
  return device_request(*terminal_.crypto_);
}

Result<> Terminal::SyncSide::renewed(const cloud::Credentials& credentials) {
  hal::KeyStore& store = *terminal_.parts_.board.key_store;
  TILLKIT_TRY(DeviceProfile profile, read_profile(store, *terminal_.crypto_));
  profile.enrolment.credentials = credentials;
  profile.certified_at = terminal_.parts_.board.clock.wall().at;
  TILLKIT_TRY_VOID(keep_profile(store, *terminal_.crypto_, profile));
  return terminal_.parts_.cloud->renew(std::move(profile));
}

}  // namespace tillkit::terminal
