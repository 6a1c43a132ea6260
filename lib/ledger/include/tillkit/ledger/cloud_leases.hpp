// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "tillkit/cloud/leases.hpp"
#include "tillkit/cloud/link.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/ledger/service.hpp"

namespace tillkit::ledger {

/// A lease as the cloud grants it. - InvalidArgument: an id has not its form.
[[nodiscard]] core::Result<LeaseGrant> grant_of(const cloud::Lease& lease);

/// Asks the cloud over the contract's `lease`.
class CloudLeases final : public LeaseService {
 public:
  /// `link` must outlive it and all questions that are under way.
  explicit CloudLeases(const cloud::Link& link, std::chrono::milliseconds timeout = std::chrono::seconds{5})
      : link_(link), timeout_(timeout) {}

 private:
  core::Result<> do_ask(const LeaseRequest& request, LeaseAnswer done) override;

  const cloud::Link& link_;
  std::chrono::milliseconds timeout_;
};

}  // namespace tillkit::ledger
