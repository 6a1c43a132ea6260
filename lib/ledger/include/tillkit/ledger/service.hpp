// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "tillkit/core/assert.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/ledger/tables.hpp"

namespace tillkit::ledger {

/// Called once, later, from the loop; never from inside the call that took it. None: they grant nothing.
using LeaseAnswer = std::move_only_function<void(core::Result<std::optional<LeaseGrant>>)>;

/// Who grants leases: the cloud. The same request again gets the same answer.
class LeaseService {
 public:
  virtual ~LeaseService() = default;

  /// Asks for a lease whose request is durable. A call that returns an error did nothing, and `done` is not called. An
  /// error in `done`: nobody knows whether it was granted; ask again.
  [[nodiscard]] core::Result<> ask(const LeaseRequest& request, LeaseAnswer done) {
    TILLKIT_ASSERT(done != nullptr);
    return do_ask(request, std::move(done));
  }

 private:
  virtual core::Result<> do_ask(const LeaseRequest& request, LeaseAnswer done) = 0;
};

}  // namespace tillkit::ledger
