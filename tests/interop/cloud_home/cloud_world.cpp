// SPDX-License-Identifier: Apache-2.0
#include "cloud_world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <catch2/catch_test_macros.hpp>

#include "authority_digest.hpp"
#include "authority_signature.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::test {
namespace {

using core::Result;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error("the world does not work: " + std::string(to_string(result.error().code)));
  return *std::move(result);
}

void must(const Result<>& result) {
  if (!result) throw std::runtime_error("the world does not work: " + std::string(to_string(result.error().code)));
}

constexpr std::int64_t kFarMs = 4'102'444'800'000;

/// The certificate of a test's terminal is its name; everything else is the real one's.
class NamedAuthority final : public sandbox::Authority {
 public:
  explicit NamedAuthority(std::unique_ptr<sandbox::Authority> real) : real_(std::move(real)) {}

  Result<std::string> requested_key(std::string_view request) const override { return real_->requested_key(request); }
  Result<sandbox::DeviceCertificate> issue(std::string_view request, std::string_view terminal) override {
    return real_->issue(request, terminal);
  }
  Result<sandbox::CertificateHolder> holder(std::string_view der) const override {
    return sandbox::CertificateHolder{.terminal = std::string(der), .serial = "01"};
  }
  void revoke(const std::string& serial) override { real_->revoke(serial); }
  const std::string& root_pem() const override { return real_->root_pem(); }
  const std::string& signing_key_name() const override { return real_->signing_key_name(); }
  const std::string& signing_public_key() const override { return real_->signing_public_key(); }
  Result<std::string> sign(std::string_view message) const override { return real_->sign(message); }
  bool set_up(ssl_ctx_st& context) override { return real_->set_up(context); }

 private:
  std::unique_ptr<sandbox::Authority> real_;
};

/// For the test that holds all answers against the contract.
void note(std::string_view method, std::string_view path, const std::string& request,
          const sandbox::HttpAnswer& answer) {
  static const char* const path_of_notes = std::getenv("TILLKIT_EXCHANGES");  // NOLINT(concurrency-mt-unsafe)
  if (path_of_notes == nullptr) return;
  core::JsonWriter json({.bytes_max = 4'194'304, .string_bytes_max = 1'048'576});
  json.begin_object().name("method").text(method).name("path").text(path).name("request").text(request);
  json.name("status").integer(answer.status).name("type").text(answer.content_type).name("body").text(answer.body);
  std::FILE* file = std::fopen(path_of_notes, "ae");
  std::fprintf(file, "%s\n", must(json.end_object().finish()).c_str());
  std::fclose(file);
}

}  // namespace

// --- a terminal's journal ---

UploadedJournal::UploadedJournal(security::Crypto& crypto, security::KeyId key, int id) : crypto_(crypto), key_(key) {
  id_.bytes.fill(static_cast<std::byte>(id));
}

std::int64_t UploadedJournal::add(std::string_view kind, std::int64_t sale, std::string body,
                                  std::vector<Personal> personal) {
  journal::Record record;
  record.journal = id_;
  record.seq = journal::Seq(size() + 1);
  record.kind = must(journal::Kind::parse(kind));
  record.sale = journal::SaleId(sale < 0 ? size() + 1 : sale);
  record.at.wall = {core::WallTime(std::chrono::milliseconds(wall)), core::WallQuality::Trusted};
  record.at.boot = 1;
  wall += 1'000;
  record.duty.business_day = std::chrono::sys_days(std::chrono::days(20'778));
  record.body = std::move(body);
  record.chain = must(journal::next_chain(records_.empty() ? journal::Chain{} : records_.back().chain, record));
  records_.push_back(std::move(record));
  personal_.push_back(std::move(personal));
  return size();
}

std::int64_t UploadedJournal::sell(std::int64_t total, std::string_view member) {
  const std::string money = R"({"minor":)" + std::to_string(total) + R"(,"currency":"CNY"})";
  const std::int64_t sale =
      add("checkout.sale_priced", -1, R"({"total":)" + money + R"(,"lines":[],"removed":0,"age":0})");
  if (!member.empty()) {
    add("members.recognised", sale, R"({"member":")" + std::string(member) + R"(","how":3})");
  }
  add("checkout.sale_closed", sale, R"({"how":5})");
  return sale;
}

cloud::Head UploadedJournal::head(std::int64_t seq, std::uint64_t with, std::optional<journal::Chain> chain) {
  journal::SignedHead head{.journal = id_, .seq = journal::Seq(seq), .counter = with};
  head.chain = chain ? *chain : records_.at(static_cast<std::size_t>(seq - 1)).chain;
  head.signature = must(crypto_.sign_es256(key_, journal::signed_bytes(head)));
  return {.journal = id_.bytes, .seq = seq, .chain = head.chain, .counter = with, .signature = head.signature};
}

std::string UploadedJournal::upload(std::int64_t first, std::int64_t last) {
  return upload_with(head(size(), ++counter), first, last);
}

std::string UploadedJournal::upload_with(const cloud::Head& head, std::int64_t first, std::int64_t last) {
  cloud::UploadBatch batch(head, cloud::kUploadBodyBytesMax);
  for (std::int64_t seq = first; seq <= last; ++seq) {
    const journal::Record& record = records_.at(static_cast<std::size_t>(seq - 1));
    cloud::Record copy{.seq = seq,
                       .kind = must(cloud::RecordKind::parse(record.kind.view())),
                       .version = record.version,
                       .sale = record.sale.value(),
                       .wall = record.at.wall.at,
                       .quality = static_cast<std::uint8_t>(record.at.wall.quality),
                       .boot = record.at.boot,
                       .monotonic = record.at.since_boot,
                       .operator_id = must(cloud::RecordOperator::parse(record.duty.operator_id.view())),
                       .shift = record.duty.shift,
                       .day = record.duty.business_day,
                       .body = record.body};
    for (const Personal& one : personal_.at(static_cast<std::size_t>(seq - 1))) {
      copy.personal.push_back({must(cloud::RecordField::parse(one.field)), core::to_bytes(one.salt), one.value});
    }
    if (!must(batch.add(copy))) throw std::runtime_error("the batch is full");
  }
  return must(batch.finish());
}

void UploadedJournal::cut(std::int64_t size) {
  records_.resize(static_cast<std::size_t>(size));
  personal_.resize(static_cast<std::size_t>(size));
}

// --- the cloud ---

Result<> CutStorage::update(const std::function<Result<>(sandbox::Tx&)>& work) {
  const auto dead = [] { return core::fail(core::ErrorCode::Unavailable, core::ErrorSource::Sqlite, 10); };
  const bool before = ++point == cut_at;
  auto outcome = storage_.update([&](sandbox::Tx& tx) -> Result<> {
    auto worked = work(tx);
    if (worked && before) return dead();
    return worked;
  });
  const bool after = ++point == cut_at;
  if (outcome && after) return dead();
  return outcome;
}

CloudWorld::CloudWorld() : crypto(must(security::Crypto::start(keys, random))) {
  sqlite = must(sandbox::open_sqlite_storage(folder.path("cloud.db"), sandbox::kCloudTables, {}));
  storage = std::make_unique<CutStorage>(*sqlite);
  authority = std::make_unique<NamedAuthority>(must(sandbox::Authority::open({.folder = folder.path()})));
  const std::string key(43, 'A');
  must(sqlite->update([&](sandbox::Tx& tx) -> Result<> {
    for (const std::string merchant : {"m", "other"}) {
      TILLKIT_TRY_VOID(put_row(tx, sandbox::kMerchants, "", merchant,
                               sandbox::MerchantRow{.currency = "CNY", .key = key, .pseudonym_key = key}));
    }
    return {};
  }));
  must(sqlite->update([&](sandbox::Tx& tx) -> Result<> {
    add_terminal(tx, "T1", "s1", "m");
    add_terminal(tx, "T2", "s1", "m");
    add_terminal(tx, "T3", "s2", "m");
    add_terminal(tx, "T9", "o1", "other");
    return {};
  }));
  restart();
}

void CloudWorld::add_terminal(sandbox::Tx& tx, const std::string& terminal, const std::string& store,
                              const std::string& merchant) {
  const auto key = must(crypto->create_signing_key(static_cast<std::uint8_t>(key_of.size() + 1)));
  key_of[terminal] = key;
  const std::string public_key = core::encode_base64url(must(crypto->public_key(key)));
  must(put_row(tx, sandbox::kStores, "", store, sandbox::StoreRow{.merchant = merchant}));
  must(put_row(tx, sandbox::kTerminals, terminal, sandbox::kOnly,
               sandbox::TerminalRow{.store = store, .merchant = merchant, .public_key = public_key}));
  must(put_row(tx, sandbox::kCertificates, terminal, "01", sandbox::CertificateRow{.until_ms = kFarMs}));
}

void CloudWorld::restart() {
  commands.reset();
  router.reset();
  home.reset();
  cloud.reset();
  cloud = std::make_unique<sandbox::Cloud>(*storage, *authority);
  home = std::make_unique<sandbox::Home>(*cloud, payers);
  router = std::make_unique<sandbox::Router>(*cloud, 1'000'000);
  commands = std::make_unique<sandbox::Admin>(*cloud, "secret");
  sandbox::add_home_operations(*router, *home);
  sandbox::add_home_commands(*commands, *home);
}

UploadedJournal CloudWorld::journal_of(std::string_view terminal, int id) {
  return {*crypto, key_of.find(terminal)->second, id};
}

CloudWorld::Answer CloudWorld::post(std::string_view terminal, std::string_view path, const std::string& body) {
  const auto answer = router->answer({.method = "POST",
                                      .path = std::string(path),
                                      .content_type = "application/json",
                                      .body = body,
                                      .client_certificate = std::string(terminal)});
  note("post", path, body, answer);
  return {answer.status, answer.body};
}

CloudWorld::Answer CloudWorld::get(std::string_view terminal, std::string_view path,
                                   std::multimap<std::string, std::string> query, std::string_view token) {
  const auto answer = router->answer({.method = "GET",
                                      .path = std::string(path),
                                      .query = std::move(query),
                                      .authorization = "Bearer " + std::string(token),
                                      .client_certificate = std::string(terminal)});
  note("get", path, "", answer);
  return {answer.status, answer.body};
}

CloudWorld::Answer CloudWorld::admin(std::string_view command, std::string members) {
  if (!members.empty()) members.insert(0, ",");
  const auto answer = commands->answer({.method = "POST",
                                        .path = "/admin/" + std::string(command),
                                        .authorization = "Bearer secret",
                                        .body = R"({"merchant":"m")" + members + "}"});
  return {answer.status, answer.body};
}

std::vector<cloud::Change> CloudWorld::news(std::string_view terminal, std::string_view feed, std::string& cursor,
                                            int wait_s) {
  std::vector<cloud::Change> changes;
  while (true) {
    std::multimap<std::string, std::string> query{{"feed", std::string(feed)}};
    if (!cursor.empty()) query.emplace("cursor", cursor);
    if (wait_s > 0) query.emplace("wait_s", std::to_string(wait_s));
    const Answer answer = get(terminal, "/v1/news", query);
    const auto page = must(cloud::read_news({answer.status, "application/json", "", answer.body}));
    CHECK(sandbox::is_signed_es256(authority->signing_public_key(), page.message,
                                   core::as_text(core::ByteView(page.signature))));
    const auto news = must(cloud::read_page(page.page()));
    CHECK(news.terminal.view() == terminal);
    CHECK(news.after == cursor);
    CHECK(news.passed_over == 0);
    changes.insert(changes.end(), news.changes.begin(), news.changes.end());
    cursor = news.cursor;
    if (!news.more) return changes;
  }
}

}  // namespace tillkit::test
