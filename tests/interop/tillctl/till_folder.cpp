// SPDX-License-Identifier: Apache-2.0

// Makes a terminal's data folder for tests of tillctl, on a real disk with a key store in files.
//
// usage: till_folder DIR RECORDS [--serve | --fail]      --serve answers on the socket until standard input ends;
//                                                        --fail is a start that never gets to work

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <unistd.h>

#include "tillkit/core/version.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/local_server.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/terminal/data_folder.hpp"
#include "tillkit/terminal/table_sets.hpp"
#include "tillkit/terminal/technician_service.hpp"

namespace {

namespace core = tillkit::core;
namespace hal_linux = tillkit::hal_linux;
namespace journal = tillkit::journal;
namespace security = tillkit::security;
namespace terminal = tillkit::terminal;

constexpr std::string_view kServe = "--serve";
constexpr std::string_view kFail = "--fail";

core::Result<> fill(journal::Journal& journal, int records) {
  for (int i = 0; i < records; ++i) {
    const journal::SaleId sale(2 + i / 10 * 10);
    const std::string body =
        R"({"note":"note )" + std::to_string(i + 1) + R"( 面包 )" + std::string(200, '.') + R"("})";
    const auto committed = journal.commit([&](journal::Tx& tx) -> core::Result<> {
      TILLKIT_TRY_VOID(tx.append({.kind = journal::kind("test.note"), .sale = sale, .body = body}));
      return {};
    });
    if (!committed) return std::unexpected(committed.error());
  }
  return journal.checkpoint();
}

core::Result<> serve(journal::Journal& journal, const terminal::DataFolder& data, const hal_linux::Clock& clock) {
  TILLKIT_TRY(const auto loop, hal_linux::EventLoop::create(clock));
  hal_linux::LocalServer server(*loop, data.local_socket());
  terminal::Technician technician(journal, clock);
  terminal::TechnicianService service(server, *loop, technician);
  TILLKIT_TRY_VOID(service.start());
  TILLKIT_TRY_VOID(loop->watch(STDIN_FILENO, {.readable = true}, [&](hal_linux::Readiness) { loop->stop(); }));
  std::puts("serving");
  std::fflush(stdout);
  loop->run();
  return {};
}

core::Result<> run(const terminal::DataFolder& data, int records, std::string_view how) {
  hal_linux::Random random;
  hal_linux::Clock clock(core::source_time());
  TILLKIT_TRY(const auto keys, hal_linux::FileKeyStore::open(data.keys(), random));
  TILLKIT_TRY(const auto crypto, security::Crypto::start(*keys, random));
  auto key = crypto->open_signing_key(1);
  if (!key) key = crypto->create_signing_key(1);
  TILLKIT_TRY_VOID(key);
  TILLKIT_TRY(const auto opened, journal::Journal::open({.path = data.journal(), .vfs = {}},
                                                        {clock, *keys, random, *crypto, *key}, terminal::table_sets()));
  if (how == kFail) return {};
  if (opened->state() == journal::State::Running) {
    TILLKIT_TRY_VOID(opened->start_succeeded());
    TILLKIT_TRY_VOID(fill(*opened, records));
  } else {
    std::printf("%s\n", std::string(to_string(opened->safe_reason())).c_str());
  }
  return how == kServe ? serve(*opened, data, clock) : core::Result<>();
}

}  // namespace

int main(int count, char** values) {
  int records = 0;
  const std::string_view how = count == 4 ? values[3] : "";
  if (count < 3 || count > 4 || (count == 4 && how != kServe && how != kFail)) return 2;
  const std::string_view number(values[2]);
  if (std::from_chars(number.data(), number.data() + number.size(), records).ec != std::errc{}) return 2;
  const auto done = run({values[1]}, records, how);
  if (done) return 0;
  std::fprintf(stderr, "till_folder: %s %d\n", std::string(to_string(done.error().code)).c_str(), done.error().foreign);
  return 1;
}
