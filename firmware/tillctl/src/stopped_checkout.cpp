// SPDX-License-Identifier: Apache-2.0
#include "stopped_checkout.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "tillkit/catalog/catalog.hpp"
#include "tillkit/codes/code_table.hpp"
#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/offers/rule_set.hpp"

namespace tillctl {
namespace {

namespace catalog = tillkit::catalog;
namespace checkout = tillkit::checkout;
namespace cloud = tillkit::cloud;
namespace codes = tillkit::codes;
namespace core = tillkit::core;
namespace fulfilment = tillkit::fulfilment;
namespace hal = tillkit::hal;
namespace hal_linux = tillkit::hal_linux;
namespace journal = tillkit::journal;
namespace offers = tillkit::offers;
namespace payment = tillkit::payment;
namespace receipt = tillkit::receipt;

/// Sends nothing: surely nothing happened.
class NoProvider final : public payment::Provider {
  static core::Result<> nothing() { return core::fail(core::ErrorCode::Unavailable); }

  core::Result<> do_identify(const codes::PaymentCode& /*code*/,
                             payment::Answer<cloud::IdentifyAnswer> /*done*/) override {
    return nothing();
  }
  core::Result<> do_authorise(const cloud::Order& /*order*/, const codes::PaymentCode& /*code*/,
                              std::string_view /*description*/,
                              payment::Answer<cloud::AttemptAnswer> /*done*/) override {
    return nothing();
  }
  core::Result<> do_create_qr(const cloud::Order& /*order*/, std::span<const codes::Wallet> /*wallets*/,
                              std::string_view /*description*/, std::chrono::seconds /*valid_for*/,
                              payment::Answer<cloud::QrAnswer> /*done*/) override {
    return nothing();
  }
  core::Result<> do_query(const cloud::Order& /*order*/, payment::Answer<cloud::AttemptAnswer> /*done*/) override {
    return nothing();
  }
  core::Result<> do_reverse(const cloud::Order& /*order*/, payment::Answer<cloud::AttemptAnswer> /*done*/) override {
    return nothing();
  }
  core::Result<> do_refund(const cloud::Refund& /*refund*/, payment::Answer<cloud::RefundAnswer> /*done*/) override {
    return nothing();
  }
};

class NoNetwork final : public hal::NetworkStatus {
  [[nodiscard]] hal::LinkState do_link() const override { return hal::LinkState::Offline; }
  void do_listen(hal::LinkListener /*listener*/) override {}
};

class NobodyWatches final : public checkout::Observer {
  void show(const receipt::ScreenModel& /*screen*/) override {}
  void sale_ended(journal::SaleId /*sale*/, checkout::SaleState /*how*/) override {}
  void hand_out(journal::SaleId /*sale*/, const core::Money& /*cash*/) override {}
  void attention(receipt::Attention /*attention*/, const receipt::TextValues& /*values*/) override {}
  void check_age(int /*minimum_age*/) override {}
  void check_member(const tillkit::members::Hint& /*hint*/) override {}
};

class WhoeverHasTheDevice final : public checkout::Permissions {
  [[nodiscard]] bool is_permitted(const journal::Operator& /*by*/, checkout::Action action,
                                  const core::Money& /*amount*/) const override {
    return action == checkout::Action::Resolve;
  }
};

core::Result<std::unique_ptr<checkout::Shelf>> empty_shelf(core::Currency currency) {
  offers::RuleMistake mistake;
  offers::RuleDocument document;
  document.version = "none";
  document.currency = currency;
  TILLKIT_TRY(auto rules, offers::RuleSet::compile(std::move(document), mistake));
  return std::make_unique<checkout::Shelf>(catalog::CatalogBuilder(currency).finish(), std::move(rules));
}

class Parts final : public StoppedCheckout {
 public:
  Parts(journal::Journal& journal, hal::Clock& clock, std::unique_ptr<hal_linux::EventLoop> loop,
        checkout::CheckoutSettings settings, std::unique_ptr<checkout::Shelf> shelf)
      : loop_(std::move(loop)),
        checkout_({journal, clock, *loop_, network_, provider_, counter_, permissions_, observer_,
                   codes::default_code_table()},
                  std::move(settings), std::move(shelf), payment::PolicySet{}) {}

  checkout::Checkout& checkout() override { return checkout_; }

 private:
  std::unique_ptr<hal_linux::EventLoop> loop_;  // never turned
  NoNetwork network_;
  NoProvider provider_;
  fulfilment::CounterFulfilment counter_;
  WhoeverHasTheDevice permissions_;
  NobodyWatches observer_;
  checkout::Checkout checkout_;
};

}  // namespace

core::Result<std::unique_ptr<StoppedCheckout>> StoppedCheckout::make(journal::Journal& journal, hal::Clock& clock,
                                                                     const journal::TerminalName& terminal,
                                                                     core::Currency currency) {
  TILLKIT_TRY(auto loop, hal_linux::EventLoop::create(clock));
  TILLKIT_TRY(auto shelf, empty_shelf(currency));
  checkout::CheckoutSettings settings;
  settings.terminal = terminal;
  return std::make_unique<Parts>(journal, clock, std::move(loop), std::move(settings), std::move(shelf));
}

}  // namespace tillctl
