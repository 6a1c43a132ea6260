// SPDX-License-Identifier: Apache-2.0
#include "device.hpp"

#include <utility>
#include <vector>

#include "tillkit/fulfilment/dispenser.hpp"
#include "tillkit/payment/cash.hpp"
#include "tillkit/terminal/device_profile.hpp"
#include "tillkit/terminal/enroller.hpp"

namespace tillkit::vending {

using core::ErrorCode;

namespace {

/// MDB/ICP 4.2, section 7: the first of two cashless devices.
constexpr std::int64_t kFirstCashlessAddress = 0x10;

hal_linux::TlsSettings tls_of(const terminal::DeviceProfile& profile, security::KeyId key) {
  const cloud::Credentials& credentials = profile.enrolment.credentials;
  return {.trust_anchors_pem = credentials.trust_anchors,
          .revocation_lists_pem = {},
          .client_chain_pem = credentials.certificates,
          .client_key = key};
}

/// Nobody stands beside it: a receipt that stopped in its middle is printed again by the machine itself.
std::vector<checkout::Permission> with_own(std::vector<checkout::Permission> operators) {
  operators.push_back({.operator_id = journal::kUnattended,
                       .actions = core::EnumSet<checkout::Action>{checkout::Action::Reprint},
                       .refund_max_minor = 0});
  return operators;
}

std::unexpected<Failure> failed(std::string what, const core::Error& error) {
  return std::unexpected(Failure{.what = std::move(what), .error = error});
}

}  // namespace

Device::Device(BoardAccess board, const terminal::DataFolder& data, const Config& config, Log& log)
    : access_(std::move(board)),
      board_(access_.parts),
      data_(data),
      config_(config),
      log_(log),
      permissions_(with_own(config.operators)),
      machine_(board_, config, log) {}

Device::~Device() = default;

std::expected<std::unique_ptr<Device>, Failure> Device::open(BoardAccess board, const terminal::DataFolder& data,
                                                             const Config& config, Log& log) {
  std::unique_ptr<Device> device(new Device(std::move(board), data, config, log));
  using Step = std::expected<void, Failure> (Device::*)();
  for (const Step step : {&Device::open_cloud, &Device::open_goods, &Device::open_terminal}) {
    if (auto done = (device.get()->*step)(); !done) return std::unexpected(std::move(done.error()));
  }
  device->start_watchdog();
  device->note_network();
  return device;
}

/// Who this device is, and whom it believes.
std::expected<void, Failure> Device::open_cloud() {
  auto crypto = security::Crypto::start(*board_.key_store, board_.random);
  if (!crypto) return failed("the cryptography does not start", crypto.error());
  crypto_ = *std::move(crypto);
  const auto key = terminal::device_key(*crypto_);
  if (!key) return failed("the device's key cannot be used", key.error());
  key_ = *key;
  auto profile = terminal::read_profile(*board_.key_store, *crypto_);
  if (!profile) {
    const bool none = profile.error().code == ErrorCode::NotFound;
    return std::unexpected(
        Failure{.what = none ? "this device was not enrolled; tillctl enrol makes it a terminal of a shop"
                             : "what this device was enrolled as cannot be read; enrol it again (tillctl enrol)",
                .error = profile.error(),
                .not_enrolled = none});
  }
  hal_linux::HttpClientSettings settings;
  settings.tls = tls_of(*profile, key_);
  auto http = access_.connect(std::move(settings));
  if (!http) return failed("the network cannot be used", http.error());
  board_.http_client = *http;
  cloud_ = std::make_unique<terminal::CloudServices>(
      **http, board_.clock, *std::move(profile), [http = *http, key = key_](const terminal::DeviceProfile& renewed) {
        return http->replace_tls(tls_of(renewed, key));
      });
  return {};
}

/// Who brings the goods out.
std::expected<void, Failure> Device::open_goods() {
  if (config_.goods.by == GoodsBy::Mdb) return open_bridge();
  if (board_.product_dispenser == nullptr) {
    return failed("/goods/by: this board has no motors of its own", {.code = ErrorCode::Unsupported});
  }
  goods_ = std::make_unique<fulfilment::DispenserFulfilment>(
      *board_.product_dispenser, true, fulfilment::DispenserSettings{.turn_limit = config_.goods.motor_max});
  return {};
}

std::expected<void, Failure> Device::open_bridge() {
  if (board_.serial_port == nullptr) {
    return failed("/devices/mdb_bridge: it is needed where goods come out by mdb", {.code = ErrorCode::Unsupported});
  }
  const bool first = config_.goods.mdb_address == kFirstCashlessAddress;
  fulfilment::BridgeSettings settings;
  settings.currency = cloud_->profile().enrolment.currency;
  settings.address = first ? fulfilment::MdbAddress::Cashless1 : fulfilment::MdbAddress::Cashless2;
  settings.always_idle = config_.goods.mdb_always_idle;
  auto bridge = fulfilment::VmcBridge::make(settings, *board_.serial_port, board_.scheduler);
  if (!bridge) return failed("the MDB bridge cannot be used", bridge.error());
  bridge_ = *std::move(bridge);
  auto vmc = std::make_unique<fulfilment::VmcFulfilment>(*bridge_, board_.scheduler, machine_);
  machine_.answer_requests_of(*vmc);
  goods_ = std::move(vmc);
  return {};
}

std::expected<void, Failure> Device::open_terminal() {
  const cloud::Enrolment& enrolment = cloud_->profile().enrolment;
  const auto name = journal::TerminalName::parse(enrolment.terminal.view());
  if (!name) return failed("the cloud gave this terminal a name that journals do not take", name.error());
  const core::ByteView merchant_key = enrolment.merchant_key.view();
  terminal::Config config{.journal = {.path = data_.journal(), .vfs = {}}, .checkout = {}, .policies = {}};
  config.checkout.terminal = *name;
  config.checkout.store = config_.store;
  config.checkout.store_id = config_.store_id;
  config.checkout.channel = config_.channel;
  config.checkout.utc_offset = config_.utc_offset;
  config.checkout.day_change = config_.day_change;
  config.checkout.tenders = config_.tenders;
  config.checkout.membership = config_.membership;
  config.checkout.handover = config_.goods.unknown;
  config.language = config_.language;
  config.paper = config_.paper;
  config.merchant_key.assign(merchant_key.begin(), merchant_key.end());
  config.cache = journal::CacheSettings{.path = data_.cache(), .vfs = {}};
  start_again_.emplace(board_.clock, *board_.key_store, log_);
  auto terminal = terminal::Terminal::open(config,
                                           {.board = board_,
                                            .provider = cloud_->gateway(),
                                            .fulfilment = *goods_,
                                            .permissions = permissions_,
                                            .observer = machine_,
                                            .members = &cloud_->members(),
                                            .leases = &cloud_->leases(),
                                            .cloud = cloud_.get(),
                                            .crypto = crypto_.get()},
                                           nullptr);
  if (!terminal) return failed("the terminal cannot be opened", terminal.error());
  terminal_ = *std::move(terminal);
  machine_.serve(*terminal_);
  return {};
}

/// From here on a program that hangs is started again.
void Device::start_watchdog() {
  if (board_.watchdog == nullptr) return;
  if (board_.watchdog->caused_last_reset()) log_.note("the watchdog had to reset this device");
  const auto started = board_.watchdog->start(config_.watchdog);
  watched_ = started.has_value();
  if (!watched_) log_.note("there is no watchdog: " + std::string(core::to_string(started.error().code)));
}

/// A name that is wrong, or another way out, makes shoppers hear of no network: so it stands in the log.
void Device::note_network() {
  const std::string& name = config_.devices.network_interface;
  const hal::LinkState link = board_.network_status->link();
  if (name.empty() || std::exchange(noted_link_, link) == link) return;
  const std::string what = "/devices/network_interface: " + name;
  switch (link) {
    case hal::LinkState::Offline: return log_.note(what + " is not there, or has no link");
    case hal::LinkState::Limited: return log_.note(what + " has no default route");
    case hal::LinkState::Online: return log_.note(what + " is up");
  }
}

void Device::still_alive() {
  note_network();
  // Each turn would be too often: feeding can itself be something to do at the next turn.
  constexpr int kFeedsPerTimeout = 4;
  const auto now = board_.clock.monotonic();
  if (!watched_ || now < feed_due_) return;
  feed_due_ = now + config_.watchdog / kFeedsPerTimeout;
  // One that takes nothing resets the device, and says so when it is up again.
  [[maybe_unused]] const auto fed = board_.watchdog->feed();
}

}  // namespace tillkit::vending
