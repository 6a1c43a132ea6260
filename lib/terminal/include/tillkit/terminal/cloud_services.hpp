// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "tillkit/cloud/link.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/ledger/cloud_leases.hpp"
#include "tillkit/members/cloud_members.hpp"
#include "tillkit/payment/gateway.hpp"
#include "tillkit/terminal/device_profile.hpp"

namespace tillkit::terminal {

/// All that a terminal asks of its cloud, over one HTTP client.
class CloudServices {
 public:
  /// Takes a renewed certificate over: `hal_linux::HttpClient::replace_tls` with the profile's. An error: it is asked
  /// for once more, later.
  using Renewed = std::function<core::Result<>(const DeviceProfile&)>;

  /// `http` offers the profile's certificate and believes its trust anchors; it and `clock` must outlive this.
  CloudServices(hal::HttpClient& http, const hal::Clock& clock, DeviceProfile profile, Renewed renewed)
      : profile_(std::move(profile)),
        renewed_(std::move(renewed)),
        link_(http, {.origin = profile_.origin}),
        gateway_(http, {.origin = profile_.origin}),
        members_(link_, clock),
        leases_(link_) {}
  CloudServices(const CloudServices&) = delete;
  CloudServices& operator=(const CloudServices&) = delete;

  [[nodiscard]] const cloud::Link& link() const { return link_; }
  [[nodiscard]] payment::Gateway& gateway() { return gateway_; }
  [[nodiscard]] members::MemberService& members() { return members_; }
  [[nodiscard]] ledger::LeaseService& leases() { return leases_; }
  [[nodiscard]] const DeviceProfile& profile() const { return profile_; }

  /// The certificate is another one from now on.
  [[nodiscard]] core::Result<> renew(DeviceProfile profile) {
    TILLKIT_TRY_VOID(renewed_(profile));
    profile_ = std::move(profile);
    return {};
  }

 private:
  DeviceProfile profile_;
  Renewed renewed_;
  cloud::Link link_;
  payment::Gateway gateway_;
  members::CloudMembers members_;
  ledger::CloudLeases leases_;
};

}  // namespace tillkit::terminal
