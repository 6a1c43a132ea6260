// SPDX-License-Identifier: Apache-2.0
#include "backstage.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "command.hpp"
#include "files.hpp"
#include "http.hpp"
#include "tillkit/core/json_members.hpp"

namespace tillkit::sandbox {
namespace {

using namespace std::chrono_literals;
using What = BackstageNews::What;

constexpr auto kLookEvery = 700ms;
constexpr auto kAnswerPatience = 3s;
constexpr auto kBooksPatience = 20s;
constexpr core::JsonLimits kBooksLimits{.bytes_max = kCommandBytesMax, .values_max = 200'000, .members_max = 10'000};
constexpr int kLooksBetweenBooks = 3;  // at most every two seconds

std::string without_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  return text;
}

std::string body_of(const core::Result<HttpReply>& reply) {
  return reply && reply->status == 200 ? reply->body : std::string();
}

}  // namespace

Backstage::Backstage(Options options, std::vector<Shopper> shoppers, Tell tell)
    : options_(std::move(options)), shoppers_(std::move(shoppers)), tell_(std::move(tell)) {}

Backstage::~Backstage() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Backstage::start() {
  thread_ = std::thread([this] { run(); });
}

/// False: it is over.
bool Backstage::wait() {
  std::unique_lock lock(mutex_);
  return !ended_.wait_for(lock, kLookEvery, [this] { return over_; });
}

void Backstage::run() {
  int looks = 0;
  do {
    if (!options_.wallet_admin.empty()) look_at_wallet();
    if (!options_.till_socket.empty()) look_at_till();
    if (++looks % kLooksBetweenBooks != 0) continue;
    if (!options_.cloud_admin.empty()) look_at_cloud();
    if (!options_.books.empty()) compare();
  } while (wait());
}

void Backstage::tell(What what, std::string text, std::string& before) {
  if (text == before) return;
  before = text;
  stir();
  tell_({what, std::move(text)});
}

void Backstage::look_at_wallet() {
  const std::string books = body_of(http_post(options_.wallet_admin, "/books", "{}", kAnswerPatience));
  if (!books.empty() && !purses_) open_purses(books);
  tell(What::Wallet, books, wallet_);
}

/// Who has a purse keeps what is in it.
void Backstage::open_purses(const std::string& books) {
  purses_ = true;
  for (const Shopper& shopper : shoppers_) {
    if (books.contains("\"user\":\"" + shopper.user + "\",\"wallet\"")) continue;
    core::JsonWriter json;
    json.begin_object().name("user").text(shopper.user).name("wallet").text(shopper.wallet);
    json.name("balance_minor").integer(shopper.balance_minor).end_object();
    const auto body = json.finish();
    purses_ = body && http_post(options_.wallet_admin, "/payer", *body, kAnswerPatience) && purses_;
  }
}

void Backstage::look_at_till() {
  const std::string from = std::to_string(next_seq_);
  std::string records = ask_socket(options_.till_socket,
                                   R"({"command":"journal.show","from":)" + from + R"(,"limit":50})", kAnswerPatience);
  if (!records.empty()) tell_({What::Journal, std::move(records)});
  tell(What::Slots, ask_socket(options_.till_socket, R"({"command":"planogram.show"})", kAnswerPatience), slots_);
  tell(What::Outbox, ask_socket(options_.till_socket, R"({"command":"outbox"})", kAnswerPatience), outbox_);
}

void Backstage::look_at_cloud() {
  const std::uint64_t stirred = stirred_;
  if (stirred == asked_cloud_) return;
  asked_cloud_ = stirred;
  core::JsonWriter books;
  books.begin_object().name("merchant").text(options_.merchant).end_object();
  tell(What::Cloud, ask_cloud("books", books.finish().value_or("")), cloud_);
  core::JsonWriter payers;
  payers.begin_object().name("merchant").text(options_.merchant).name("payers").begin_array();
  for (const Shopper& shopper : shoppers_)
    payers.begin_object().name("wallet").text(shopper.wallet).name("user").text(shopper.user).end_object();
  tell(What::Members, ask_cloud("payers", payers.end_array().end_object().finish().value_or("")), members_);
}

std::string Backstage::ask_cloud(const std::string& command, const std::string& body) const {
  const auto token = read_file(options_.cloud_token);
  if (!token || !*token) return {};
  return body_of(
      http_post(options_.cloud_admin, "/admin/" + command, body, kAnswerPatience, "Bearer " + without_end(**token)));
}

void Backstage::compare() {
  const std::uint64_t stirred = stirred_;
  if (stirred == compared_ && settled_) return;
  compared_ = stirred;
  std::string said = without_end(run_command(options_.books, kBooksPatience));
  const auto document = core::JsonDocument::parse(said, kBooksLimits);
  settled_ = document && !core::read_boolean(document->root(), "under_way").value_or(false);
  tell_({What::Books, std::move(said)});
}

}  // namespace tillkit::sandbox
