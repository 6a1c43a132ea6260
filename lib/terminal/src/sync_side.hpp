// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/hal/key_store.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/sync/sync.hpp"
#include "tillkit/terminal/cloud_services.hpp"
#include "tillkit/terminal/terminal.hpp"

namespace tillkit::terminal {

/// What sync asks of the terminal around it, and tells it.
class Terminal::SyncSide final : public sync::SyncHost {
 public:
  explicit SyncSide(Terminal& terminal) : terminal_(terminal) {}

 private:
  [[nodiscard]] sync::Cession may_cede(journal::SaleId sale) override;
  void settings_changed(const cloud::Settings& settings) override;
  void decisions_taken() override { terminal_.tell_status(); }
  void copies_taken() override { terminal_.copies_came(); }
  void upload_stopped(sync::StopWhy /*why*/) override { terminal_.tell_status(); }
  [[nodiscard]] std::optional<cloud::HealthReport> health() override;
  [[nodiscard]] std::optional<core::WallTime> renew_at() override;
  [[nodiscard]] core::Result<std::string> certificate_request() override;
  [[nodiscard]] core::Result<> renewed(const cloud::Credentials& credentials) override;

  Terminal& terminal_;
  bool policies_refused_ = false;  // the cloud's cannot be read: those before hold
};

}  // namespace tillkit::terminal
