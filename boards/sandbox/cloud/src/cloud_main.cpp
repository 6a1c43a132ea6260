// SPDX-License-Identifier: Apache-2.0
// tillkit-cloud: a cloud that honours lib/cloud/cloud-api.yaml, for the sandbox and for tests.
#include <cstdio>

#include "admin.hpp"
#include "authority_digest.hpp"
#include "device.hpp"
#include "files.hpp"
#include "gateway.hpp"
#include "home.hpp"
#include "program.hpp"
#include "sqlite_storage.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"

namespace {

using namespace tillkit::sandbox;
using tillkit::core::Result;

constexpr const char* kProgram = "tillkit-cloud";
constexpr const char* kUsage =
    "usage: tillkit-cloud DATA [--port N] [--admin-port N] [--wallet URL] [--name HOST]... [--device-validity-s N]\n"
    "                     [--wallet-timeout-ms N] [--settle-every-ms N] [--connections N] [--requests-per-s N]\n";
constexpr int kUsageStatus = 2;

struct Settings {
  int port = 0;
  int admin_port = 0;
  AuthoritySettings authority{};
  std::size_t connections = 0;
  int requests_per_s = 0;
  std::string wallet{};
  std::chrono::milliseconds wallet_limit{};
  std::chrono::milliseconds settle_every{};
};

std::optional<Settings> settings_of(const Arguments& arguments) {
  constexpr std::int64_t kTenYears = 3'650L * 24 * 3600;
  const auto port = arguments.number("--port", 0, 0, 65'535);
  const auto admin_port = arguments.number("--admin-port", 0, 0, 65'535);
  const auto validity = arguments.number("--device-validity-s", 365L * 24 * 3600, 1, kTenYears);
  const auto connections = arguments.number("--connections", 64, 1, 2'000);
  const auto requests_per_s = arguments.number("--requests-per-s", 100, 1, 1'000'000);
  // The gateway answers within 10 s, and a request may wait for three questions: the worker's, and two of its own.
  const auto wallet_ms = arguments.number("--wallet-timeout-ms", 3'000, 1, 3'000);
  const auto settle_ms = arguments.number("--settle-every-ms", 1'000, 1, 600'000);
  if (!port || !admin_port || !validity || !connections || !requests_per_s || !wallet_ms || !settle_ms) {
    return std::nullopt;
  }
  Settings settings{.port = static_cast<int>(*port),
                    .admin_port = static_cast<int>(*admin_port),
                    .authority = {.folder = arguments.data(), .device_validity = std::chrono::seconds(*validity)},
                    .connections = static_cast<std::size_t>(*connections),
                    .requests_per_s = static_cast<int>(*requests_per_s),
                    .wallet = arguments.text("--wallet", "http://127.0.0.1:8081"),
                    .wallet_limit = std::chrono::milliseconds(*wallet_ms),
                    .settle_every = std::chrono::milliseconds(*settle_ms)};
  for (const std::string& name : arguments.all("--name"))
    settings.authority.names.push_back(name);
  return settings;
}

Result<std::string> admin_token(const std::string& folder) {
  constexpr std::size_t kTokenBytes = 24;
  const std::string path = folder + "/admin-token";
  TILLKIT_TRY(const auto known, read_file(path));
  if (known) return *known;
  std::string made = tillkit::core::encode_base64url(tillkit::core::as_bytes(random_bytes(kTokenBytes)));
  TILLKIT_TRY_VOID(write_file(path, made));
  return made;
}

HttpServerOptions device_options(const Settings& settings, Authority& authority) {
  return {.port = settings.port,
          .connections_max = settings.connections,
          .body_bytes_max = kBodyBytesMax,
          .body_too_large = problem(Problem::TooLarge),
          .not_understood = problem(Problem::InvalidRequest),
          .tls = [&authority](ssl_ctx_st& context) { return authority.set_up(context); }};
}

/// The gateway's wallet is who can say whose a payment code is.
class GatewayPayers final : public PayerFinder {
 public:
  explicit GatewayPayers(const Gateway& gateway) : gateway_(gateway) {}

  [[nodiscard]] Result<std::optional<FoundPayer>> find(const Caller& caller, const std::string& code,
                                                       const std::vector<std::string>& wallets, Lock& lock) override {
    TILLKIT_TRY(const auto known, gateway_.identify(caller.merchant, code, wallets, lock));
    if (!known) return std::optional<FoundPayer>();
    return FoundPayer{.wallet = known->wallet, .reference = known->reference};
  }

 private:
  const Gateway& gateway_;
};

Result<> run(const Settings& settings, const std::string& folder) {
  TILLKIT_TRY_VOID(make_folder(folder));
  TILLKIT_TRY(const auto storage,
              open_sqlite_storage(folder + "/cloud.db", kCloudTables, die_at_of_environment("TILLKIT_CLOUD_DIE_AT")));
  TILLKIT_TRY(const auto authority, Authority::open(settings.authority));
  TILLKIT_TRY(const std::string token, admin_token(folder));

  Cloud cloud{.storage = *storage, .authority = *authority};
  TILLKIT_TRY_VOID(restore_revocations(cloud));
  Router router(cloud, settings.requests_per_s);
  add_device_operations(router, cloud);
  Gateway gateway(cloud, WalletLink(settings.wallet, settings.wallet_limit), settings.settle_every);
  TILLKIT_TRY_VOID(gateway.prepare());
  gateway.add_operations(router);
  Admin admin(cloud, token);
  add_admin_commands(admin, cloud);
  GatewayPayers payers(gateway);
  Home home(cloud, payers);
  TILLKIT_TRY_VOID(home.ready());
  add_home_operations(router, home);
  add_home_commands(admin, home);

  TILLKIT_TRY(const auto devices,
              HttpServer::bind(device_options(settings, *authority),
                               [&router](const HttpRequest& request) { return router.answer(request); }));
  TILLKIT_TRY(const auto admins,
              HttpServer::bind({.port = settings.admin_port, .body_bytes_max = kBodyBytesMax},
                               [&admin](const HttpRequest& request) { return admin.answer(request); }));
  gateway.start();
  devices->start();
  admins->start();
  std::printf("{\"port\":%d,\"admin_port\":%d}\n", devices->port(), admins->port());
  std::fflush(stdout);

  wait_for_end();
  {
    const Lock lock(cloud.mutex);
    cloud.stopping = true;
  }
  cloud.changed.notify_all();
  devices->stop();
  admins->stop();
  gateway.stop();
  return {};
}

}  // namespace

int main(int count, char** words) {
  const auto arguments =
      Arguments::parse(count, words,
                       {"--port", "--admin-port", "--wallet", "--name", "--device-validity-s", "--wallet-timeout-ms",
                        "--settle-every-ms", "--connections", "--requests-per-s"});
  const auto settings = arguments ? settings_of(*arguments) : std::nullopt;
  if (!settings) {
    std::fputs(kUsage, stderr);
    return kUsageStatus;
  }
  begin_program();
  const auto outcome = run(*settings, arguments->data());
  return outcome ? 0 : give_up(kProgram, "cannot run", outcome.error());
}
