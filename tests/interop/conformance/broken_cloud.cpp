// SPDX-License-Identifier: Apache-2.0
// The sandbox's cloud with one rule broken, for the test of tillkit-conformance. What is broken lies around the honest
// cloud: in its answers and requests (breakages.cpp), in its storage, in its handshakes.
#include <cstdio>

#include <openssl/ssl.h>

#include "admin.hpp"
#include "authority_digest.hpp"
#include "breakages.hpp"
#include "device.hpp"
#include "files.hpp"
#include "gateway.hpp"
#include "gateway_rows.hpp"
#include "home.hpp"
#include "program.hpp"
#include "sqlite_storage.hpp"
#include "tillkit/core/encoding.hpp"

namespace {

using namespace tillkit::sandbox;
using namespace tillkit::test;
using tillkit::core::Result;

constexpr const char* kProgram = "broken-cloud";

/// Forgets some rows while it says that they are stored.
class ForgetfulStorage final : public Storage {
 public:
  ForgetfulStorage(Storage& storage, std::string_view broken) : storage_(storage), broken_(broken) {}

  Result<> update(const std::function<Result<>(Tx&)>& work) override {
    return storage_.update([&](Tx& tx) {
      ForgetfulTx forgetful(tx, broken_);
      return work(forgetful);
    });
  }
  Result<> view(const std::function<Result<>(Reader&)>& work) override { return storage_.view(work); }

 private:
  class ForgetfulTx final : public Tx {
   public:
    ForgetfulTx(Tx& tx, std::string_view broken) : tx_(tx), broken_(broken) {}
    Result<std::optional<std::string>> get(Table table, std::string_view owner, std::string_view key) override {
      return tx_.get(table, owner, key);
    }
    Result<std::vector<Row>> list(Table table, std::string_view owner, std::string_view after,
                                  std::size_t limit) override {
      return tx_.list(table, owner, after, limit);
    }
    Result<std::vector<Row>> list_all(Table table, const RowKey& after, std::size_t limit) override {
      return tx_.list_all(table, after, limit);
    }
    Result<> put(Table table, std::string_view owner, std::string_view key, std::string_view value) override {
      return is_forgotten(table, value) ? Result<>() : tx_.put(table, owner, key, value);
    }
    Result<> erase(Table table, std::string_view owner, std::string_view key) override {
      return tx_.erase(table, owner, key);
    }

   private:
    bool is_forgotten(Table table, std::string_view value) const {
      if (broken_ == "tombstones-not-stored")
        return table.name == kOrders.name && value.contains(R"("fingerprint":"")");
      if (broken_ == "refunds-not-stored") return table.name == kRefunds.name;
      return false;
    }

    Tx& tx_;
    std::string_view broken_;
  };

  Storage& storage_;
  std::string_view broken_;
};

int take_all(int /*good*/, X509_STORE_CTX* /*store*/) {
  return 1;
}

/// Shakes hands with whoever should be refused.
class LaxAuthority final : public Authority {
 public:
  LaxAuthority(Authority& honest, std::string_view broken) : honest_(honest), broken_(broken) {}

  Result<std::string> requested_key(std::string_view request) const override { return honest_.requested_key(request); }
  Result<DeviceCertificate> issue(std::string_view request, std::string_view terminal) override {
    return honest_.issue(request, terminal);
  }
  Result<CertificateHolder> holder(std::string_view der) const override { return honest_.holder(der); }
  void revoke(const std::string& serial) override { honest_.revoke(serial); }
  const std::string& root_pem() const override { return honest_.root_pem(); }
  const std::string& signing_key_name() const override { return honest_.signing_key_name(); }
  const std::string& signing_public_key() const override { return honest_.signing_public_key(); }
  Result<std::string> sign(std::string_view message) const override { return honest_.sign(message); }
  bool set_up(ssl_ctx_st& context) override {
    if (!honest_.set_up(context)) return false;
    if (broken_ == "old-tls") {
      SSL_CTX_set_security_level(&context, 0);
      SSL_CTX_set_cipher_list(&context, "ALL:@SECLEVEL=0");
      SSL_CTX_set_min_proto_version(&context, TLS1_VERSION);
    }
    if (broken_ == "foreign-certificates") SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, &take_all);
    return true;
  }

 private:
  Authority& honest_;
  std::string_view broken_;
};

class GatewayPayers final : public PayerFinder {
 public:
  explicit GatewayPayers(const Gateway& gateway) : gateway_(gateway) {}
  Result<std::optional<FoundPayer>> find(const Caller& caller, const std::string& code,
                                         const std::vector<std::string>& wallets, Lock& lock) override {
    TILLKIT_TRY(const auto known, gateway_.identify(caller.merchant, code, wallets, lock));
    if (!known) return std::optional<FoundPayer>();
    return FoundPayer{.wallet = known->wallet, .reference = known->reference};
  }

 private:
  const Gateway& gateway_;
};

Result<> run(const Arguments& arguments, const std::string& broken) {
  constexpr std::size_t kBodyBytesMax = 524'288;
  constexpr std::chrono::milliseconds kWalletLimit{1'000};
  constexpr std::chrono::milliseconds kSettleEvery{50};
  constexpr int kManyRequests = 100'000;
  const std::string& folder = arguments.data();
  TILLKIT_TRY_VOID(make_folder(folder));
  TILLKIT_TRY(const auto sqlite, open_sqlite_storage(folder + "/cloud.db", kCloudTables, {}));
  ForgetfulStorage storage(*sqlite, broken);
  TILLKIT_TRY(const auto honest, Authority::open({.folder = folder}));
  LaxAuthority authority(*honest, broken);
  const std::string token = tillkit::core::encode_hex(tillkit::core::as_bytes(random_bytes(24)));
  TILLKIT_TRY_VOID(write_file(folder + "/admin-token", token));

  Cloud cloud{.storage = storage, .authority = authority};
  Router router(cloud, kManyRequests);
  add_device_operations(router, cloud);
  Gateway gateway(cloud, WalletLink(arguments.text("--wallet", ""), kWalletLimit), kSettleEvery);
  TILLKIT_TRY_VOID(gateway.prepare());
  gateway.add_operations(router);
  Admin admin(cloud, token);
  add_admin_commands(admin, cloud);
  GatewayPayers payers(gateway);
  Home home(cloud, payers);
  TILLKIT_TRY_VOID(home.ready());
  add_home_operations(router, home);
  add_home_commands(admin, home);

  Memory memory{.authority = authority};
  const Next next = [&router](const HttpRequest& request) { return router.answer(request); };
  const auto breakage = breakages().find(broken);
  TILLKIT_TRY(const auto devices,
              HttpServer::bind({.connections_max = 64,
                                .body_bytes_max = kBodyBytesMax,
                                .body_too_large = problem(Problem::TooLarge),
                                .not_understood = problem(Problem::InvalidRequest),
                                .tls = [&](ssl_ctx_st& context) { return authority.set_up(context); }},
                               [&](const HttpRequest& request) {
                                 return breakage == breakages().end() ? next(request)
                                                                      : breakage->second(memory, request, next);
                               }));
  TILLKIT_TRY(const auto admins, HttpServer::bind({.body_bytes_max = kBodyBytesMax}, [&](const HttpRequest& request) {
                if (broken == "revocation-is-forgotten" && request.path == "/admin/revoke") {
                  return HttpAnswer{.body = R"({"certificates":1})"};
                }
                return admin.answer(request);
              }));
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
  const auto arguments = Arguments::parse(
      count, words, {"--port", "--wallet", "--break", "--wallet-timeout-ms", "--settle-every-ms", "--requests-per-s"});
  if (!arguments) return 2;
  begin_program();
  const std::string broken = arguments->text("--break", "");
  const auto outcome = run(*arguments, broken);
  return outcome ? 0 : give_up(kProgram, "cannot run", outcome.error());
}
