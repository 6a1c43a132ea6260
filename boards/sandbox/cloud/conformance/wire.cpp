// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include "tillkit/core/bytes.hpp"

namespace tillkit::conformance {
namespace {

using core::JsonDocument;
using core::JsonValue;
using core::Result;
using std::chrono::milliseconds;

constexpr std::size_t kShownBytesMax = 400;
/// An answer that takes longer is none; longer than any time limit of the contract.
constexpr milliseconds kPatience{45'000};
/// A limit of the contract is the server's; the way there and back is not.
constexpr milliseconds kOnTheWay{700};
constexpr int kRepeatsMax = 20;
constexpr std::string_view kProblemUrn = "urn:tillkit:problem:";

std::string_view header(const hal::HttpResponse& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &hal::HttpHeader::name);
  return found == response.headers.end() ? std::string_view() : std::string_view(found->value);
}

std::string shortened(std::string text) {
  if (text.size() <= kShownBytesMax) return text;
  // Not in the middle of a character.
  std::size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  text.resize(end);
  return text + "...";
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string joined(std::initializer_list<std::string_view> words) {
  std::string all;
  for (const std::string_view word : words)
    all += (all.empty() ? "" : " or ") + std::string(word);
  return all;
}

bool is_long_answer(std::string_view path) {
  return path != "/v1/session" && path != "/v1/health" && path != "/v1/coupons/claim" && path != "/v1/leases" &&
         !path.starts_with("/v1/gateway/");
}

}  // namespace

// --- answers ---

std::optional<JsonValue> Answer::find(std::string_view path) const {
  if (!json) return std::nullopt;
  std::optional<JsonValue> value = json->root();
  while (value && !path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    value = value->find(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return value;
}

std::string Answer::text(std::string_view path) const {
  const auto value = find(path);
  if (!value) return {};
  const auto found = value->text();
  return found ? std::string(*found) : std::string();
}

std::optional<std::int64_t> Answer::number(std::string_view path) const {
  const auto value = find(path);
  if (!value) return std::nullopt;
  const auto found = value->integer();
  return found ? std::optional(*found) : std::nullopt;
}

std::string Answer::problem() const {
  const std::string type = text("type");
  if (status < 400 || !type.starts_with(kProblemUrn)) return {};
  return type.substr(kProblemUrn.size());
}

std::string Answer::came() const {
  return std::to_string(status) + " " + shortened(body);
}

std::unexpected<Finding> broken(const Answer& answer, std::string expected) {
  return std::unexpected(Finding{.sent = answer.sent, .came = answer.came(), .expected = std::move(expected)});
}

Verdict expect(bool good, const Answer& answer, std::string_view expected) {
  if (good) return {};
  return broken(answer, std::string(expected));
}

Verdict expect_ok(const Answer& answer) {
  return expect(answer.status == 200, answer, "200");
}

Verdict expect_outcome(const Answer& answer, std::initializer_list<std::string_view> outcomes) {
  const bool good = answer.status == 200 && std::ranges::find(outcomes, answer.outcome()) != outcomes.end();
  return expect(good, answer, "200 with outcome " + joined(outcomes));
}

Verdict expect_problem(const Answer& answer, std::initializer_list<std::string_view> names) {
  return expect(std::ranges::find(names, answer.problem()) != names.end(), answer, "the problem " + joined(names));
}

// --- the wire ---

Result<std::unique_ptr<Wire>> Wire::open(const std::string& folder, std::string origin, std::string trust) {
  TILLKIT_TRY(Contract contract, Contract::read());
  std::unique_ptr<Wire> wire(new Wire(std::move(contract)));
  wire->origin_ = std::move(origin);
  wire->trust_ = std::move(trust);
  TILLKIT_TRY(wire->keys_, hal_linux::FileKeyStore::open(folder, wire->random_));
  TILLKIT_TRY(wire->crypto_, security::Crypto::start(*wire->keys_, wire->random_));
  TILLKIT_TRY(wire->loop_, hal_linux::EventLoop::create(wire->clock_));
  return wire;
}

Result<security::KeyId> Wire::key(std::uint8_t name, bool* was_there) {
  auto known = crypto_->open_signing_key(name);
  if (was_there != nullptr) *was_there = known.has_value();
  if (known || known.error().code != core::ErrorCode::NotFound) return known;
  return crypto_->create_signing_key(name);
}

core::Bytes Wire::random_bytes(std::size_t count) {
  core::Bytes bytes(count);
  // Without randomness TLS has failed before.
  static_cast<void>(random_.fill(bytes));
  return bytes;
}

std::string Wire::random_text(std::size_t count, std::string_view alphabet) {
  std::string text;
  for (const std::byte one : random_bytes(count))
    text += alphabet[static_cast<std::size_t>(one) % alphabet.size()];
  return text;
}

Result<> Wire::connect(Device& device) const {
  hal_linux::HttpClientSettings settings;
  settings.tls.trust_anchors_pem = trust_;
  if (device.enrolled()) {
    settings.tls.client_chain_pem = device.certificates;
    settings.tls.client_key = device.key;
  }
  TILLKIT_TRY(device.http, hal_linux::HttpClient::create(*loop_, clock_, std::move(settings)));
  return {};
}

hal::HttpRequest Wire::request_of(const Ask& ask, std::string_view bearer) const {
  hal::HttpRequest request{.method = ask.method == "GET" ? hal::HttpMethod::Get : hal::HttpMethod::Post,
                           .url = origin_ + ask.target,
                           .headers = {{"Accept", "application/json, application/problem+json"}},
                           .body = ask.body,
                           .total_timeout = kPatience,
                           .response_body_bytes_max = hal::kHttpResponseBodyBytesMax};
  if (ask.method != "GET") request.headers.push_back({"Content-Type", ask.content_type});
  if (!bearer.empty()) request.headers.push_back({"Authorization", "Bearer " + std::string(bearer)});
  return request;
}

hal::HttpResult Wire::exchange(Device& device, hal::HttpRequest request) {
  std::optional<hal::HttpResult> result;
  device.http->send(std::move(request), [&](hal::HttpResult came) { result = std::move(came); });
  while (!result)
    loop_->turn(kPatience);
  return *std::move(result);
}

Tried<Answer> Wire::once(Device& device, const Ask& ask, std::string_view bearer) {
  const auto start = std::chrono::steady_clock::now();
  hal::HttpRequest request = request_of(ask, bearer);
  request.kept_connection_only = true;
  hal::HttpResult result = exchange(device, request);
  if (!result && result.error().delivery == hal::HttpDelivery::NotSent) {
    TILLKIT_TRY(Answer hello, session(device));
    if (hello.status != 200) return hello;
    result = exchange(device, std::move(request));
  }
  if (!result) return std::unexpected(failure_of(ask, result.error()));
  Answer answer = answer_of(ask, *result, std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - start));
  watch(ask, answer);
  return answer;
}

Tried<Answer> Wire::ask(Device& device, const Ask& ask) {
  for (int i = 0;; ++i) {
    TILLKIT_TRY(Answer answer, once(device, ask, {}));
    if (answer.status != 429 || i == kRepeatsMax) return answer;
    std::this_thread::sleep_for(
        std::chrono::seconds(std::clamp<std::int64_t>(whole_number(answer.retry_after).value_or(1), 1, 5)));
  }
}

Tried<Answer> Wire::post(Device& device, std::string_view path, std::string body) {
  return ask(device, {.target = std::string(path), .body = std::move(body)});
}

Tried<Answer> Wire::get(Device& device, std::string target, std::string_view bearer) {
  return once(device, {.method = "GET", .target = std::move(target)}, bearer);
}

Tried<Answer> Wire::session(Device& device, std::string_view query) {
  const Ask ask{.method = "GET", .target = "/v1/session" + std::string(query)};
  const auto start = std::chrono::steady_clock::now();
  const hal::HttpResult result = exchange(device, request_of(ask, {}));
  if (!result) return std::unexpected(failure_of(ask, result.error()));
  Answer answer = answer_of(ask, *result, std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - start));
  watch(ask, answer);
  return answer;
}

std::shared_ptr<std::optional<Tried<Answer>>> Wire::begin(Device& device, const Ask& ask) {
  auto begun = std::make_shared<std::optional<Tried<Answer>>>();
  const auto start = std::chrono::steady_clock::now();
  hal::HttpRequest request = request_of(ask, {});
  request.kept_connection_only = true;
  device.http->send(std::move(request), [this, ask, begun, start](hal::HttpResult result) {
    if (!result) {
      *begun = std::unexpected(failure_of(ask, result.error()));
      return;
    }
    Answer answer = answer_of(ask, *result, std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - start));
    watch(ask, answer);
    *begun = std::move(answer);
  });
  return begun;
}

Tried<Answer> Wire::wait(const std::shared_ptr<std::optional<Tried<Answer>>>& begun) {
  while (!*begun)
    loop_->turn(kPatience);
  return **begun;
}

// --- what is shown ---

std::string Wire::masked(std::string text) const {
  for (const auto& [secret, name] : secrets_) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + name.size()))
      text.replace(at, secret.size(), name);
  }
  return text;
}

std::string Wire::shown(const Ask& ask) const {
  return shortened(masked(ask.method + " " + ask.target + (ask.body.empty() ? "" : " " + ask.body)));
}

Finding Wire::failure_of(const Ask& ask, const hal::HttpFailure& failure) const {
  const std::string fault(hal::to_string(failure.fault));
  return {.sent = shown(ask),
          .came = "no answer: " + fault + " (" + std::to_string(failure.error.foreign) + ")",
          .expected = "an answer"};
}

Answer Wire::answer_of(const Ask& ask, const hal::HttpResponse& response, milliseconds took) {
  Answer answer{.sent = shown(ask),
                .status = response.status,
                .content_type = std::string(header(response, "content-type")),
                .retry_after = std::string(header(response, "retry-after")),
                .body = response.body,
                .took = took};
  const core::JsonLimits limits{.bytes_max = hal::kHttpResponseBodyBytesMax,
                                .values_max = 200'000,
                                .string_bytes_max = hal::kHttpResponseBodyBytesMax};
  auto document = JsonDocument::parse(response.body, limits);
  if (document) answer.json = std::make_shared<const JsonDocument>(*std::move(document));
  return answer;
}

// --- what is watched ---

void Wire::note(Watched what, const Answer& answer, std::string expected) {
  watched_.try_emplace(what, Finding{.sent = answer.sent, .came = answer.came(), .expected = std::move(expected)});
}

void Wire::watch(const Ask& ask, const Answer& answer) {
  ++answers_;
  const std::string_view path = path_of(ask.target);
  const std::string type = answer.content_type.substr(0, answer.content_type.find(';'));
  const std::string_view wanted = answer.status == 200 ? "application/json" : "application/problem+json";
  if (type != wanted) note(Watched::Form, answer, "Content-Type " + std::string(wanted) + ", not '" + type + "'");
  if (!answer.json) note(Watched::Form, answer, "a body of JSON (RFC 8259, no name twice)");

  const std::int64_t bytes_max =
      contract_.limit(is_long_answer(path) ? "long_answer_body_bytes_max" : "answer_body_bytes_max");
  if (static_cast<std::int64_t>(answer.body.size()) > bytes_max) {
    note(Watched::Size, answer, "at most " + std::to_string(bytes_max) + " bytes");
  }
  if (answer.took > ask.within + kOnTheWay) {
    note(Watched::Time, answer,
         "an answer within " + std::to_string(ask.within.count()) + " ms; it took " +
             std::to_string(answer.took.count()));
  }
  const bool may_say = answer.status == 429 || answer.status == 503;
  const auto seconds = whole_number(answer.retry_after);
  if (may_say != !answer.retry_after.empty() || (may_say && (!seconds || *seconds < 1 || *seconds > 3'600))) {
    note(Watched::RetryAfter, answer,
         "Retry-After of 1 to 3600 s with 429 and 503, and with nothing else; not '" + answer.retry_after + "'");
  }
  for (const auto& [secret, name] : secrets_) {
    if (!answer.body.contains(secret)) continue;
    Answer hidden = answer;
    hidden.body = masked(answer.body);
    note(Watched::Secrets, hidden, "no answer that holds " + name);
  }
  if (!answer.json) return;
  if (answer.status == 200) {
    const auto wrong = contract_.wrong_in_answer(ask.method + " " + std::string(path), answer.json->root());
    if (wrong) note(Watched::Schema, answer, "what the schema says: " + *wrong);
    return;
  }
  const auto wrong = contract_.wrong("Problem", answer.json->root());
  if (wrong) note(Watched::Problem, answer, "a problem document: " + *wrong);
  const auto listed = contract_.problem(answer.text("type"));
  if (!listed) {
    note(Watched::Problem, answer, "a type that stands under x-problems");
  } else if (listed->status != answer.status || answer.number("status") != answer.status) {
    note(Watched::Problem, answer, "status " + std::to_string(listed->status) + ", in HTTP and in the document");
  }
}

}  // namespace tillkit::conformance
