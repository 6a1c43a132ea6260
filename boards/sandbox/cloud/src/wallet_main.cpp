// SPDX-License-Identifier: Apache-2.0
// tillkit-wallet: a stand-in for a wallet provider, with payers, books and bad behaviour.
#include <cstdio>

#include "files.hpp"
#include "program.hpp"
#include "sqlite_storage.hpp"
#include "wallet_server.hpp"

namespace {

using namespace tillkit::sandbox;
using tillkit::core::Result;

constexpr int kUsageStatus = 2;
constexpr std::size_t kConnectionsMax = 64;
constexpr std::size_t kBodyBytesMax = 65'536;

Result<> run(const std::string& folder, int port) {
  TILLKIT_TRY_VOID(make_folder(folder));
  TILLKIT_TRY(const auto storage, open_sqlite_storage(folder + "/wallet.db", kWalletTables,
                                                      die_at_of_environment("TILLKIT_WALLET_DIE_AT")));
  WalletServer wallet(*storage);
  TILLKIT_TRY(const auto server,
              HttpServer::bind({.port = port, .connections_max = kConnectionsMax, .body_bytes_max = kBodyBytesMax},
                               [&wallet](const HttpRequest& request) { return wallet.answer(request); }));
  server->start();
  std::printf("{\"port\":%d}\n", server->port());
  std::fflush(stdout);
  wait_for_end();
  wallet.stop();
  server->stop();
  return {};
}

}  // namespace

int main(int count, char** words) {
  const auto arguments = Arguments::parse(count, words, {"--port"});
  const auto port = arguments ? arguments->number("--port", 0, 0, 65'535) : std::nullopt;
  if (!port) {
    std::fputs("usage: tillkit-wallet DATA [--port N]\n", stderr);
    return kUsageStatus;
  }
  begin_program();
  const auto outcome = run(arguments->data(), static_cast<int>(*port));
  return outcome ? 0 : give_up("tillkit-wallet", "cannot run", outcome.error());
}
