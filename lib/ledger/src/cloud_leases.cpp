// SPDX-License-Identifier: Apache-2.0
#include "tillkit/ledger/cloud_leases.hpp"

#include <string>
#include <utility>

#include "tillkit/core/json_members.hpp"

namespace tillkit::ledger {

using core::Result;

// The numbers of both units are those of records.
static_assert(static_cast<int>(cloud::LeaseUnit::Points) == static_cast<int>(Unit::Points));
static_assert(static_cast<int>(cloud::LeaseUnit::Risk) == static_cast<int>(Unit::Risk));

Result<LeaseGrant> grant_of(const cloud::Lease& lease) {
  LeaseGrant grant{
      .unit = static_cast<Unit>(lease.unit), .amount = lease.amount, .until = lease.until, .draw_key = lease.draw_key};
  TILLKIT_TRY(grant.id, LeaseId::parse(lease.id.view()));
  TILLKIT_TRY(grant.of, core::parse_optional_id<Owner>(lease.of.view()));
  for (const cloud::LeaseLot& lot : lease.lots) {
    TILLKIT_TRY(const auto id, LotId::parse(lot.lot.view()));
    grant.lots.push_back(
        {.lot = id, .amount = lot.amount, .expires_at = lot.expires_at.value_or(core::WallTime::max())});
  }
  return grant;
}

Result<> CloudLeases::do_ask(const LeaseRequest& request, LeaseAnswer done) {
  cloud::LeaseRequest asked{
      .request = request.key, .unit = static_cast<cloud::LeaseUnit>(request.unit), .amount = request.amount};
  TILLKIT_TRY(asked.of, core::parse_optional_id<cloud::LeaseOwner>(request.of.view()));
  TILLKIT_TRY(std::string body, cloud::lease_body(asked));
  cloud::LinkRequest question = cloud::post(cloud::kLeasePath, std::move(body));
  question.timeout = timeout_;
  link_.send(std::move(question), [done = std::move(done), asked](cloud::LinkResult result) mutable {
    if (!result) return done(std::unexpected(result.error().error));
    const auto answer = cloud::read_lease(cloud::reply_of(*result), asked);
    if (!answer) return done(std::unexpected(answer.error()));
    if (!answer->granted) return done(std::nullopt);
    auto grant = grant_of(*answer->granted);
    if (!grant) return done(std::unexpected(grant.error()));
    done(*std::move(grant));
  });
  return {};
}

}  // namespace tillkit::ledger
