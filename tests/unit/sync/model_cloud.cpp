// SPDX-License-Identifier: Apache-2.0
#include "model_cloud.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "must.hpp"
#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/core/time.hpp"

namespace tillkit::sync {
namespace {

using core::JsonDocument;
using core::JsonValue;
using core::must;
using hal_virtual::VirtualAnswer;

VirtualAnswer json_answer(std::string body, std::chrono::milliseconds delay = {}) {
  VirtualAnswer answer = VirtualAnswer::reply(200, std::move(body), delay);
  answer.response.headers = {{"content-type", "application/json"}};
  return answer;
}

VirtualAnswer problem_answer(int status, const std::string& type, std::string retry_after = {}) {
  VirtualAnswer answer = VirtualAnswer::reply(status, R"({"type":"urn:tillkit:problem:)" + type + R"(","status":)" +
                                                          std::to_string(status) + R"(,"title":"t"})");
  answer.response.headers = {{"content-type", "application/problem+json"}};
  if (!retry_after.empty()) answer.response.headers.push_back({"retry-after", std::move(retry_after)});
  return answer;
}

std::string parameter(const std::string& query, const std::string& name) {
  const auto at = query.find(name + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 1;
  return query.substr(begin, query.find('&', begin) - begin);
}

std::string text(const JsonValue& object, std::string_view name) {
  return std::string(must(must(object.member(name)).text()));
}
std::int64_t number(const JsonValue& object, std::string_view name) {
  return must(must(object.member(name)).integer());
}

/// Reads a list of records as the contract says: what is missing is as in the record before.
class Reader {
 public:
  explicit Reader(const journal::JournalId& journal) { record_.journal = journal; }

  const journal::Record& read(const JsonValue& object) {
    record_.seq = journal::Seq{number(object, "seq")};
    record_.kind = must(journal::Kind::parse(text(object, "kind")));
    if (object.find("version")) record_.version = static_cast<std::uint16_t>(number(object, "version"));
    record_.sale = journal::SaleId{object.find("sale") ? number(object, "sale") : 0};
    record_.at.wall.at = core::WallTime{std::chrono::milliseconds{number(object, "wall")}};
    if (object.find("quality")) record_.at.wall.quality = static_cast<core::WallQuality>(number(object, "quality"));
    if (object.find("boot")) record_.at.boot = static_cast<std::uint32_t>(number(object, "boot"));
    record_.at.since_boot = core::MonotonicTime{std::chrono::microseconds{number(object, "monotonic")}};
    if (object.find("operator")) record_.duty.operator_id = must(journal::Operator::parse(text(object, "operator")));
    if (object.find("shift")) record_.duty.shift = static_cast<std::uint32_t>(number(object, "shift"));
    if (object.find("day")) record_.duty.business_day = std::chrono::sys_days{std::chrono::days{number(object, "day")}};
    record_.body = text(object, "body");
    return record_;
  }

 private:
  journal::Record record_;
};

}  // namespace

Keys::Keys() : store(world, 1), random(test::seed()) {
  crypto = must(security::Crypto::start(store, random));
  terminal = must(crypto->create_signing_key(1));
  cloud = must(crypto->create_signing_key(2));
  stranger = must(crypto->create_signing_key(3));
}

cloud::CloudKey Keys::cloud_key(std::string_view name) const {
  return {.name = must(cloud::KeyName::parse(name)), .public_key = must(crypto->public_key(cloud))};
}

ModelCloud::ModelCloud(hal_virtual::VirtualBoard& board, const Keys& keys) : board_(board), keys_(keys) {
  board.http.serve([this](const hal::HttpRequest& request) { return serve(request); });
}

int ModelCloud::calls(const std::string& path) const {
  return static_cast<int>(std::ranges::count(seen, path));
}

std::string ModelCloud::sign(std::string_view message) const {
  const auto key = signs_as_stranger ? keys_.stranger : keys_.cloud;
  return core::encode_base64url(must(keys_.crypto->sign_es256(key, core::as_bytes(message))));
}

VirtualAnswer ModelCloud::serve(const hal::HttpRequest& request) {
  const std::string target = request.url.substr(std::string("https://cloud.example").size());
  const std::string path = target.substr(0, target.find('?'));
  const std::string query = target.substr(path.size());
  seen.push_back(path);
  const Mishap met = mishap ? mishap(path) : Mishap::None;
  if (met == Mishap::Lost) return VirtualAnswer::of(VirtualAnswer::Kind::Silence);
  if (met == Mishap::Busy) return problem_answer(503, "unavailable", "7");
  VirtualAnswer answer = act(path, query, request.body);
  switch (met) {
    case Mishap::Silence: return VirtualAnswer::of(VirtualAnswer::Kind::Silence);
    case Mishap::Close: return VirtualAnswer::of(VirtualAnswer::Kind::Close);
    case Mishap::CutShort: answer.kind = VirtualAnswer::Kind::CutShort; return answer;
    case Mishap::Twice: return act(path, query, request.body);
    case Mishap::Error: return problem_answer(500, "internal-error");
    case Mishap::NotJson: return VirtualAnswer::reply(200, "<html>log in</html>");
    default: return answer;
  }
}

VirtualAnswer ModelCloud::act(const std::string& path, const std::string& query, const std::string& body) {
  if (path == "/v1/session") return session(query);
  if (path == "/v1/journal") return upload(body);
  if (path == "/v1/news") return news(query);
  if (path == "/v1/health") {
    health = body;
    return json_answer(R"({"noted":true})");
  }
  if (path == "/v1/renew") {
    const std::string pem = R"("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")";
    return json_answer(R"({"certificates":)" + pem + R"(,"valid_until":"2028-01-01T00:00:00Z","trust_anchors":)" + pem +
                       R"(,"keys":[{"name":"cloud-2026","public_key":")" +
                       core::encode_base64url(keys_.cloud_key().public_key) + R"("}]})");
  }
  broken = "asked for " + path;
  return problem_answer(400, "invalid-request");
}

VirtualAnswer ModelCloud::session(const std::string& query) {
  const std::string at = must(core::format_rfc3339(board_.clock.true_wall() + clock_off));
  std::string answer = R"({"contract":"1.0","server_time":")" + at + "\"";
  if (const std::string nonce = parameter(query, "nonce"); !nonce.empty()) {
    answer += R"(,"signed_time":{"nonce":")" + nonce + R"(","at":")" + at + R"(","key":"cloud-2026","signature":")" +
              sign("tillkit-time-1\n" + nonce + "\n" + at) + "\"}";
  }
  return json_answer(answer + "}");
}

VirtualAnswer ModelCloud::upload(const std::string& body) {
  longest_upload = std::max(longest_upload, body.size());
  if (body.size() > takes_bytes) return problem_answer(413, "too-large");
  if (!problem.empty()) return problem_answer(std::stoi(problem), problem.substr(4));
  const JsonDocument document = must(JsonDocument::parse(body, {.values_max = 100'000}));
  const JsonValue root = document.root();

  const JsonValue head = must(root.member("head"));
  journal::SignedHead signed_head;
  signed_head.seq = journal::Seq{number(head, "seq")};
  signed_head.counter = static_cast<std::uint64_t>(number(head, "counter"));
  std::ranges::copy(must(core::decode_hex(text(root, "journal"))), signed_head.journal.bytes.begin());
  std::ranges::copy(must(core::decode_base64url(text(head, "chain"))), signed_head.chain.begin());
  std::ranges::copy(must(core::decode_base64url(text(head, "signature"))), signed_head.signature.begin());
  const auto public_key = must(keys_.crypto->public_key(keys_.terminal));
  if (!journal::verify_head(signed_head, public_key)) return problem_answer(422, "journal-broken");
  const auto told = std::pair(number(head, "seq"), text(head, "chain"));
  const auto [place, fresh] = heads_.emplace(signed_head.counter, told);
  if (fresh) ++heads;
  if (place->second != told) return problem_answer(422, "journal-forked");
  if (place != heads_.begin() && std::prev(place)->second.first > told.first)
    return problem_answer(422, "journal-forked");
  if (std::next(place) != heads_.end() && std::next(place)->second.first < told.first)
    return problem_answer(422, "journal-forked");

  Reader reader(signed_head.journal);
  std::string refused;
  for (const JsonValue object : must(must(root.member("records")).elements())) {
    const journal::Record record = reader.read(object);
    const std::int64_t seq = record.seq.value();
    if (seq > acknowledged + 1) break;
    Kept kept{.kind = std::string(record.kind.view()),
              .body = record.body,
              .personal = {},
              .all = std::string(core::as_text(journal::canonical_record(record)))};
    if (const auto personal = object.find("personal")) {
      core::JsonWriter json;
      kept.personal = must(json.value(*personal).finish());
    }
    const auto known = records.find(seq);
    if (known != records.end() && known->second.all != kept.all) return problem_answer(422, "journal-forked");
    if (known == records.end() && seq == acknowledged + 1) {
      chains_[seq] = must(journal::next_chain(seq == 1 ? journal::Chain{} : chains_[seq - 1], record));
      records[seq] = kept;
      acknowledged = seq;
    }
    if (seq == signed_head.seq.value() && chains_.contains(seq) && chains_[seq] != signed_head.chain)
      return problem_answer(422, "journal-broken");
    const std::string reason = refuses ? refuses(kept) : std::string{};
    if (reason.empty()) continue;
    if (!refused.empty()) refused += ',';
    refused += R"({"seq":)" + std::to_string(seq) + R"(,"reason":")" + reason + R"(","detail":"for people"})";
  }
  return json_answer(R"({"acknowledged":)" + std::to_string(acknowledged) + R"(,"refused":[)" + refused + "]}");
}

VirtualAnswer ModelCloud::news(const std::string& query) {
  const std::string feed = parameter(query, "feed");
  const std::string cursor = parameter(query, "cursor");
  const std::string wait = parameter(query, "wait_s");
  if (forgets_cursors && !cursor.empty()) return problem_answer(410, "cursor-unknown");
  const auto& changes = feeds_[feed];
  const std::size_t begin = cursor.empty() ? 0 : std::stoul(cursor);
  const std::size_t end = std::min(changes.size(), begin + page_changes);
  std::string list;
  for (std::size_t i = begin; i < end; ++i)
    list += (i == begin ? "" : ",") + changes[i];
  std::string page = R"({"terminal":"T07","feed":")" + feed + R"(","after":")" + cursor + R"(","cursor":")" +
                     std::to_string(end) + R"(","more":)" + (end < changes.size() ? "true" : "false") +
                     R"(,"changes":[)" + list + "]}";
  if (damage_page) page = damage_page(std::move(page));
  core::JsonWriter json({.values_max = 100'000, .string_bytes_max = 300'000});
  json.begin_object().name("page").text(page).name("key").text("cloud-2026");
  std::string answer = must(json.name("signature").text(sign("tillkit-news-1\n" + page)).end_object().finish());
  if (damage_answer) answer = damage_answer(std::move(answer));
  const bool waits = begin == end && !wait.empty();
  return json_answer(std::move(answer), std::chrono::seconds{waits ? std::stoi(wait) : 0});
}

}  // namespace tillkit::sync
