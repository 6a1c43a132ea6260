// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contract.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/version.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/security/crypto.hpp"

/// How the program talks to the server under test: with the terminals' own TLS and HTTP, and without their tolerance.
namespace tillkit::conformance {

/// How a rule was broken: what was sent, what came, and what the contract has instead.
struct Finding {
  std::string sent{};
  std::string came{};
  std::string expected{};
};
using Verdict = std::expected<void, Finding>;
template <class T>
using Tried = std::expected<T, Finding>;

struct Answer {
  std::string sent{};  ///< the request, for people
  int status = 0;
  std::string content_type{};
  std::string retry_after{};
  std::string body{};
  std::shared_ptr<const core::JsonDocument> json{};  ///< none where the body is no JSON
  std::chrono::milliseconds took{};

  /// A member, as `signed_time/nonce`; empty where there is none, or another kind.
  [[nodiscard]] std::string text(std::string_view path) const;
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view path) const;
  [[nodiscard]] std::optional<core::JsonValue> find(std::string_view path) const;
  [[nodiscard]] std::string outcome() const { return text("outcome"); }
  /// `order-reversed`; empty where it is no problem document.
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] std::string came() const;
};

/// What the answer should have been.
[[nodiscard]] std::unexpected<Finding> broken(const Answer& answer, std::string expected);
[[nodiscard]] Verdict expect(bool good, const Answer& answer, std::string_view expected);
[[nodiscard]] Verdict expect_ok(const Answer& answer);
/// A 200 with one of these outcomes.
[[nodiscard]] Verdict expect_outcome(const Answer& answer, std::initializer_list<std::string_view> outcomes);
[[nodiscard]] Verdict expect_problem(const Answer& answer, std::initializer_list<std::string_view> names);

/// What there is for a device once: its own key, its certificate, and its connections.
struct Device {
  std::string label{};  ///< for people: `terminal A`
  std::string claim{};
  security::KeyId key{};
  std::string certificates{};  ///< PEM; empty: not enrolled
  std::string terminal{};
  std::string store{};
  std::string merchant_key{};
  Answer enrolment{};  ///< the first
  std::unique_ptr<hal_linux::HttpClient> http{};

  [[nodiscard]] bool enrolled() const { return !certificates.empty(); }
};

/// What must be so of every answer, whatever was asked. Each is a rule of its own (rules_answers.cpp).
enum class Watched : std::uint8_t { Form, Schema, Problem, RetryAfter, Size, Time, Secrets };

/// A request that need not be as terminals send it.
struct Ask {
  std::string method = "POST";
  std::string target{};
  std::string body{};
  std::string content_type = "application/json";
  /// The answer may take so long by the contract.
  std::chrono::milliseconds within{10'000};
};

class Wire {
 public:
  /// Keys are kept in `folder`.
  [[nodiscard]] static core::Result<std::unique_ptr<Wire>> open(const std::string& folder, std::string origin,
                                                                std::string trust);

  // --- keys ---
  [[nodiscard]] security::Crypto& crypto() { return *crypto_; }
  /// The key of this name, made if there is none. `was_there`: an earlier run made it.
  [[nodiscard]] core::Result<security::KeyId> key(std::uint8_t name, bool* was_there = nullptr);
  [[nodiscard]] std::string random_text(std::size_t count, std::string_view alphabet);
  [[nodiscard]] core::Bytes random_bytes(std::size_t count);

  // --- requests ---
  /// A new client for the device's certificate, or for none: connections begin anew.
  [[nodiscard]] core::Result<> connect(Device& device) const;
  /// Sends over a connection that has answered the session, as terminals do; waits, and once more after Retry-After
  /// where the answer is 429. Every answer is watched.
  [[nodiscard]] Tried<Answer> ask(Device& device, const Ask& ask);
  [[nodiscard]] Tried<Answer> post(Device& device, std::string_view path, std::string body);
  [[nodiscard]] Tried<Answer> get(Device& device, std::string target, std::string_view bearer = {});
  /// A session on a connection of its own.
  [[nodiscard]] Tried<Answer> session(Device& device, std::string_view query = {});
  /// Starts a request and returns; `wait` for it. The connection must be open.
  [[nodiscard]] std::shared_ptr<std::optional<Tried<Answer>>> begin(Device& device, const Ask& ask);
  [[nodiscard]] Tried<Answer> wait(const std::shared_ptr<std::optional<Tried<Answer>>>& begun);

  // --- watching ---
  /// A text that no answer may have, shown to people as `name`.
  void keep_secret(const std::string& text, const std::string& name) { secrets_[text] = name; }
  [[nodiscard]] const std::map<Watched, Finding>& watched() const { return watched_; }
  [[nodiscard]] std::size_t answers() const { return answers_; }
  /// Trusts other roots from now on.
  void believe(std::string trust) { trust_ = std::move(trust); }
  [[nodiscard]] const std::string& trust() const { return trust_; }
  [[nodiscard]] const Contract& contract() const { return contract_; }
  [[nodiscard]] const std::string& origin() const { return origin_; }
  /// Signing keys of the cloud, by name; from `enrol`.
  std::map<std::string, core::Bytes> cloud_keys{};

 private:
  explicit Wire(Contract contract) : contract_(std::move(contract)) {}

  hal::HttpResult exchange(Device& device, hal::HttpRequest request);
  [[nodiscard]] Tried<Answer> once(Device& device, const Ask& ask, std::string_view bearer);
  [[nodiscard]] hal::HttpRequest request_of(const Ask& ask, std::string_view bearer) const;
  [[nodiscard]] Answer answer_of(const Ask& ask, const hal::HttpResponse& response, std::chrono::milliseconds took);
  [[nodiscard]] Finding failure_of(const Ask& ask, const hal::HttpFailure& failure) const;
  [[nodiscard]] std::string shown(const Ask& ask) const;
  [[nodiscard]] std::string masked(std::string text) const;
  void watch(const Ask& ask, const Answer& answer);
  void note(Watched what, const Answer& answer, std::string expected);

  Contract contract_;
  std::string origin_{};
  std::string trust_{};
  hal_linux::Random random_{};
  hal_linux::Clock clock_{core::source_time()};
  std::unique_ptr<hal_linux::FileKeyStore> keys_{};
  std::unique_ptr<security::Crypto> crypto_{};
  std::unique_ptr<hal_linux::EventLoop> loop_{};
  std::map<std::string, std::string> secrets_{};
  std::map<Watched, Finding> watched_{};
  std::size_t answers_ = 0;
};

}  // namespace tillkit::conformance
