// SPDX-License-Identifier: Apache-2.0
// drain_sink CLOUD [--port N] [--keep FILE]
//
// The reference cloud in the folder CLOUD with one thing left out: it acknowledges journals without looking at them, so
// that what a client costs is not hidden behind what a server costs. With `--keep` it stores in a SQLite file what
// drain_bare sends: each record as it came, and where a request ended. Other uploads than one terminal's mix there.
#include <charconv>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "authority_digest.hpp"
#include "device.hpp"
#include "program.hpp"
#include "sqlite_storage.hpp"

namespace {

using namespace tillkit::sandbox;
using tillkit::core::ErrorCode;
using tillkit::core::fail;
using tillkit::core::Result;

constexpr std::string_view kRecord = "{\"seq\":";  // no text can hold it: its quotes would be escaped
constexpr std::size_t kConnections = 16;
constexpr int kNoRate = 1'000'000;

/// The records of the requests, in a table that drain_bare empties.
class Kept {
 public:
  [[nodiscard]] Result<> open(const std::string& path) {
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open(path.c_str(), &raw);
    connection_.reset(raw);
    const char* const tables =
        "CREATE TABLE queue(id INTEGER PRIMARY KEY, record TEXT NOT NULL, last INTEGER NOT NULL);"
        "CREATE TABLE envelope(text TEXT NOT NULL)";
    if (opened != SQLITE_OK || sqlite3_exec(raw, tables, nullptr, nullptr, nullptr) != SQLITE_OK) {
      return fail(ErrorCode::Unavailable);
    }
    const char* const insert = "INSERT INTO queue(record, last) VALUES(?1, ?2)";
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(raw, insert, -1, &statement, nullptr) != SQLITE_OK) return fail(ErrorCode::Unavailable);
    insert_.reset(statement);
    return {};
  }

  void keep(std::string_view body) {
    if (!connection_) return;
    auto begin = body.find(kRecord);
    if (begin == std::string_view::npos) return;
    run("BEGIN");
    if (first_) add_envelope(body.substr(0, begin));
    first_ = false;
    const auto end = body.rfind(']');
    while (begin < end) {
      auto next = body.find(kRecord, begin + 1);
      const bool last = next == std::string_view::npos;
      const std::string_view record = body.substr(begin, (last ? end : next - 1) - begin);
      sqlite3_bind_text(insert_.get(), 1, record.data(), static_cast<int>(record.size()), SQLITE_STATIC);
      sqlite3_bind_int(insert_.get(), 2, last ? 1 : 0);
      sqlite3_step(insert_.get());
      sqlite3_reset(insert_.get());
      begin = last ? end : next;
    }
    run("COMMIT");
  }

 private:
  void run(const char* sql) { sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr); }
  void add_envelope(std::string_view text) {
    char* const sql = sqlite3_mprintf("INSERT INTO envelope VALUES(%Q)", std::string(text).c_str());
    run(sql);
    sqlite3_free(sql);
  }

  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close(connection); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3, Close> connection_;
  std::unique_ptr<sqlite3_stmt, Close> insert_;
  bool first_ = true;
};

HttpAnswer acknowledge(std::string_view body) {
  long long seq = 0;
  if (const auto last = body.rfind(kRecord); last != std::string_view::npos) {
    const std::string_view number = body.substr(last + kRecord.size());
    std::from_chars(number.data(), number.data() + number.size(), seq);
  }
  return {.body = "{\"acknowledged\":" + std::to_string(seq) + ",\"refused\":[]}"};
}

Result<> run(const std::string& folder, int port, const std::string& keep) {
  TILLKIT_TRY(const auto storage, open_sqlite_storage(folder + "/cloud.db", kCloudTables, DieAt{}));
  TILLKIT_TRY(const auto authority, Authority::open({.folder = folder}));
  Cloud cloud{.storage = *storage, .authority = *authority};
  Router router(cloud, kNoRate);
  add_device_operations(router, cloud);
  Kept kept;
  std::mutex keeping;
  if (!keep.empty()) TILLKIT_TRY_VOID(kept.open(keep));
  TILLKIT_TRY(const auto server,
              HttpServer::bind({.port = port,
                                .connections_max = kConnections,
                                .body_bytes_max = kBodyBytesMax,
                                .body_too_large = problem(Problem::TooLarge),
                                .not_understood = problem(Problem::InvalidRequest),
                                .tls = [&](ssl_ctx_st& context) { return authority->set_up(context); }},
                               [&](const HttpRequest& request) {
                                 if (request.path != "/v1/journal") return router.answer(request);
                                 const std::lock_guard lock(keeping);
                                 kept.keep(request.body);
                                 return acknowledge(request.body);
                               }));
  server->start();
  std::printf("{\"port\":%d}\n", server->port());
  std::fflush(stdout);
  wait_for_end();
  server->stop();
  return {};
}

}  // namespace

int main(int count, char** words) {
  const auto arguments = Arguments::parse(count, words, {"--port", "--keep"});
  const auto port = arguments ? arguments->number("--port", 0, 0, 65'535) : std::nullopt;
  if (!port) {
    std::fputs("usage: drain_sink CLOUD [--port N] [--keep FILE]\n", stderr);
    return 2;
  }
  begin_program();
  const auto outcome = run(arguments->data(), static_cast<int>(*port), arguments->text("--keep", ""));
  return outcome ? 0 : give_up("drain_sink", "cannot run", outcome.error());
}
