// SPDX-License-Identifier: Apache-2.0
// drain_bare QUEUE ORIGIN TRUST IDENTITY KEYS
//
// What somebody would write who has only SQLite and libcurl: read rows, POST them as one request, delete them once the
// answer is 200, one flush a request. No chain, no proof, no pages of news, no backoff. The rows are those that
// `drain_sink --keep` stored, so that each request is as long as the terminal's. Prints what it did as JSON.
// KEYS is a folder: our build of mbedTLS gets its random numbers from where the product gets them.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <curl/curl.h>
#include <sqlite3.h>

#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/security/crypto.hpp"

namespace {

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

std::size_t take(char* data, std::size_t size, std::size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

sqlite3_stmt* prepare(sqlite3* connection, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  must(sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr) == SQLITE_OK, sql);
  return statement;
}

std::string text_of(sqlite3_stmt* statement, int column) {
  return {reinterpret_cast<const char*>(sqlite3_column_text(statement, column)),
          static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

/// Keeps its connection from one request to the next.
class Sender {
 public:
  Sender(const std::string& origin, const char* trust, const char* identity) : url_(origin + "/v1/journal") {
    must(easy_ != nullptr, "curl");
    headers_ = curl_slist_append(nullptr, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Expect:");
    curl_easy_setopt(easy_, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    set_file(CURLOPT_CAINFO_BLOB, trust);
    set_file(CURLOPT_SSLCERT_BLOB, identity);
    set_file(CURLOPT_SSLKEY_BLOB, identity);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &take);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer_);
  }
  ~Sender() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  void post(const std::string& body) {
    answer_.clear();
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    const CURLcode sent = curl_easy_perform(easy_);
    must(sent == CURLE_OK, curl_easy_strerror(sent));
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    must(status == 200, answer_.c_str());
  }

 private:
  /// Our build of mbedTLS opens no files. curl wants the PEM with its final zero.
  void set_file(CURLoption option, const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::string pem{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    must(!pem.empty(), path);
    curl_blob blob{.data = pem.data(), .len = pem.size() + 1, .flags = CURL_BLOB_COPY};
    must(curl_easy_setopt(easy_, option, &blob) == CURLE_OK, "curl");
  }

  std::string url_;
  CURL* easy_ = curl_easy_init();
  curl_slist* headers_ = nullptr;
  std::string answer_;
};

/// At its most. Not `ru_maxrss`: that remembers the program that started this one.
long resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtol(line.c_str() + sizeof "VmHWM:", nullptr, 10);
  }
  return 0;
}

void drain(const char* queue, Sender& sender) {
  sqlite3* connection = nullptr;
  must(sqlite3_open(queue, &connection) == SQLITE_OK, "the queue");
  must(sqlite3_exec(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", nullptr, nullptr, nullptr) ==
           SQLITE_OK,
       "the queue");
  sqlite3_stmt* const envelope = prepare(connection, "SELECT text FROM envelope");
  must(sqlite3_step(envelope) == SQLITE_ROW, "an envelope");
  const std::string begin = text_of(envelope, 0);
  sqlite3_finalize(envelope);
  sqlite3_stmt* const read = prepare(connection, "SELECT id, record, last FROM queue ORDER BY id");
  sqlite3_stmt* const erase = prepare(connection, "DELETE FROM queue WHERE id<=?1");

  const auto started = std::chrono::steady_clock::now();
  long records = 0;
  long requests = 0;
  long bytes = 0;
  for (bool more = true; more;) {
    std::string body = begin;
    sqlite3_int64 last = 0;
    more = false;
    while (!more && sqlite3_step(read) == SQLITE_ROW) {
      if (last != 0) body += ',';
      body += text_of(read, 1);
      last = sqlite3_column_int64(read, 0);
      more = sqlite3_column_int(read, 2) != 0;
      ++records;
    }
    sqlite3_reset(read);
    if (last == 0) break;
    sender.post(body += "]}");
    ++requests;
    bytes += static_cast<long>(body.size());
    sqlite3_bind_int64(erase, 1, last);
    must(sqlite3_step(erase) == SQLITE_DONE, "delete");
    sqlite3_reset(erase);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  sqlite3_finalize(read);
  sqlite3_finalize(erase);
  sqlite3_close(connection);
  std::printf("{\"records\":%ld,\"requests\":%ld,\"body_bytes\":%ld,\"seconds\":%.4f,\"rss_kb\":%ld}\n", records,
              requests, bytes, took.count(), resident_kb());
}

}  // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::fputs("usage: drain_bare QUEUE ORIGIN TRUST IDENTITY KEYS\n", stderr);
    return 2;
  }
  try {
    tillkit::hal_linux::Random random;
    const auto store = tillkit::hal_linux::FileKeyStore::open(words[5], random);
    must(store.has_value(), "the keys");
    const auto crypto = tillkit::security::Crypto::start(**store, random);
    must(crypto.has_value(), "the cryptography");
    sqlite3_initialize();  // our build does not do it by itself
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Sender sender(words[2], words[3], words[4]);
    drain(words[1], sender);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "drain_bare: %s\n", exception.what());
    return 1;
  }
  return 0;
}
