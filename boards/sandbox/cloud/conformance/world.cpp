// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tillkit/core/encoding.hpp"
#include "tillkit/core/json_writer.hpp"

namespace tillkit::conformance {
namespace {

using core::JsonWriter;

constexpr std::string_view kOrderCharacters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kRunCharacters = 8;
constexpr std::chrono::seconds kSettleMax{10};
constexpr std::chrono::milliseconds kBetweenQuestions{100};
enum KeyName : std::uint8_t { kKeyOfA = 1, kKeyOfB = 2, kKeyOfC = 3, kKeyOfOther = 4 };

Finding own_fault(std::string_view what) {
  return {.sent = "nothing", .came = std::string(what), .expected = "a machine that can try it"};
}

}  // namespace

std::string json_text(std::string_view value) {
  JsonWriter json;
  json.begin_array().text(value).end_array();
  const std::string list = json.finish().value_or("[\"\"]");
  return list.substr(1, list.size() - 2);
}

World::World(Options given, Wire& over, std::string keys)
    : options(std::move(given)), wire(over), folder(std::move(keys)) {
  const auto claim = [&](std::size_t index) { return index < options.claims.size() ? options.claims[index] : ""; };
  a.claim = claim(0);
  b.claim = claim(1);
  c.claim = claim(2);
  other.claim = options.other_claim;
  run_ = wire.random_text(kRunCharacters, kOrderCharacters);
  for (const Device* device : {&a, &b, &c, &other}) {
    if (!device->claim.empty()) wire.keep_secret(device->claim, "(claim of " + device->label + ")");
  }
  for (const std::string& code : options.paying)
    wire.keep_secret(code, "(a code that pays)");
  if (!options.declining.empty()) wire.keep_secret(options.declining, "(the code that is declined)");
  if (!options.silent.empty()) wire.keep_secret(options.silent, "(the code without an answer)");
  if (!options.waiting.empty()) wire.keep_secret(options.waiting, "(the code that waits)");
}

std::optional<std::string> World::why_not(std::uint32_t needs) {
  const std::array<std::pair<std::uint32_t, std::pair<bool, std::string_view>>, 13> given{{
      {kTerminal, {!a.claim.empty(), "--claim"}},
      {kClaim, {!a.claim.empty(), "--claim"}},
      {kSecondTerminal, {!b.claim.empty(), "a second --claim"}},
      {kThirdTerminal, {!c.claim.empty(), "a third --claim"}},
      {kOtherMerchant, {!other.claim.empty(), "--other-claim"}},
      {kPaying, {!options.paying.empty(), "--paying (one more)"}},
      {kDeclining, {!options.declining.empty(), "--declining"}},
      {kSilent, {!options.silent.empty(), "--silent"}},
      {kWaiting, {!options.waiting.empty(), "--waiting"}},
      {kMember, {!options.member.empty(), "--member"}},
      {kCoupon, {!options.coupon.empty(), "--coupon"}},
      {kEvents, {!options.events_token.empty(), "--events-token"}},
      {kRevoke, {!options.revoke.empty(), "--revoke"}},
  }};
  for (const auto& [need, option] : given) {
    if ((needs & need) != 0 && !option.first) return "needs " + std::string(option.second);
  }
  if ((needs & (kTerminal | kSecondTerminal | kThirdTerminal | kOtherMerchant)) != 0 && !enrol_all()) {
    const std::array<std::pair<std::uint32_t, const Device*>, 4> devices{
        {{kTerminal, &a}, {kSecondTerminal, &b}, {kThirdTerminal, &c}, {kOtherMerchant, &other}}};
    for (const auto& [need, device] : devices) {
      if ((needs & need) != 0 && !device->enrolled()) return device->label + " could not be enrolled";
    }
  }
  if ((needs & kAnAnswer) != 0 && wire.answers() == 0) return "no answer came";
  if ((needs & kPaidOrder) != 0) {
    if (!paid_ && options.paying.empty()) return "needs --paying (one more)";
    if (!paid_order()) return "no order could be paid";
  }
  return std::nullopt;
}

// --- enrolment ---

std::string World::enrol_body(std::string_view claim, std::string_view request) const {
  return R"({"claim":)" + json_text(claim) + R"(,"certificate_request":)" + json_text(request) +
         R"(,"firmware":"conformance"})";
}

std::string World::certificate_request(security::KeyId key) const {
  return wire.crypto().certificate_request(key, "conformance").value_or("");
}

Verdict World::enrol_all() {
  if (enrolled_) return *enrolled_;
  enrolled_ = Verdict();
  const std::array<std::pair<Device*, KeyName>, 4> devices{
      {{&a, kKeyOfA}, {&b, kKeyOfB}, {&c, kKeyOfC}, {&other, kKeyOfOther}}};
  for (const auto& [device, key] : devices) {
    if (device->claim.empty()) continue;
    const Verdict done = enrol(*device, key);
    if (!done && *enrolled_) enrolled_ = done;
  }
  return *enrolled_;
}

Verdict World::enrol(Device& device, std::uint8_t key_name) {
  const auto key = wire.key(key_name);
  if (!key) return std::unexpected(own_fault("no key can be made"));
  device.key = *key;
  TILLKIT_TRY(const Answer answer,
              wire.post(anonymous, "/v1/enrol", enrol_body(device.claim, certificate_request(device.key))));
  TILLKIT_TRY_VOID(expect_ok(answer));
  device.enrolment = answer;
  device.certificates = answer.text("certificates");
  device.terminal = answer.text("terminal");
  device.store = answer.text("store");
  device.merchant_key = answer.text("merchant_key");
  wire.keep_secret(device.claim, "(claim of " + device.label + ")");
  const auto keys = answer.find("keys");
  const auto elements =
      keys ? keys->elements() : core::Result<core::JsonElements>(core::fail(core::ErrorCode::NotFound));
  if (elements) {
    for (const core::JsonValue one : *elements) {
      const auto name = one.find("name");
      const auto point = one.find("public_key");
      const auto bytes = point ? core::decode_base64url(point->text().value_or("")) : core::Bytes();
      if (name && bytes) wire.cloud_keys[std::string(name->text().value_or(""))] = *bytes;
    }
  }
  const auto connected = wire.connect(device);
  if (connected) return {};
  device.certificates.clear();
  return broken(answer, "certificates of the key in the request, in PEM");
}

// --- money ---

std::string World::order(const Device& device) {
  std::string number = std::to_string(++numbers_);
  number.insert(0, 4 - std::min<std::size_t>(4, number.size()), '0');
  return device.terminal + "C" + run_ + number;
}

std::string World::take_code() {
  std::string code = options.paying.front();
  options.paying.erase(options.paying.begin());
  return code;
}

std::string World::amount(std::int64_t minor) const {
  return R"({"minor":)" + std::to_string(minor) + R"(,"currency":)" + json_text(options.currency) + "}";
}

std::string World::authorise_body(std::string_view order, std::int64_t minor, std::string_view code) const {
  return R"({"order":)" + json_text(order) + R"(,"amount":)" + amount(minor) + R"(,"code":)" + json_text(code) +
         R"(,"wallets":[],"description":"conformance"})";
}

Tried<Answer> World::open(std::string_view path, const std::string& body) {
  const auto until = std::chrono::steady_clock::now() + kSettleMax;
  while (true) {
    TILLKIT_TRY(Answer answer, wire.post(a, path, body));
    const bool open = answer.status == 409 || answer.outcome() == "unknown";
    if (!open || std::chrono::steady_clock::now() > until) return answer;
    std::this_thread::sleep_for(kBetweenQuestions);
  }
}

Tried<Answer> World::query(std::string_view order) {
  return wire.post(a, "/v1/gateway/query", R"({"order":)" + json_text(order) + "}");
}

Tried<Answer> World::settled(std::string_view order) {
  const auto until = std::chrono::steady_clock::now() + kSettleMax;
  while (true) {
    TILLKIT_TRY(Answer answer, query(order));
    const bool open = answer.status == 409 || answer.outcome() == "pending" || answer.outcome() == "unknown";
    if (!open || std::chrono::steady_clock::now() > until) return answer;
    std::this_thread::sleep_for(kBetweenQuestions);
  }
}

Tried<Answer> World::reversed(std::string_view order) {
  const auto until = std::chrono::steady_clock::now() + kSettleMax;
  while (true) {
    TILLKIT_TRY(Answer answer, wire.post(a, "/v1/gateway/reverse", R"({"order":)" + json_text(order) + "}"));
    const bool open = answer.status == 409 || answer.outcome() == "pending" || answer.outcome() == "unknown" ||
                      answer.problem() == "reversal-too-soon";
    if (!open || std::chrono::steady_clock::now() > until) return answer;
    std::this_thread::sleep_for(kBetweenQuestions);
  }
}

Tried<World::PaidOrder> World::paid_order() {
  if (paid_) return *paid_;
  PaidOrder made{.number = order(a)};
  made.body = authorise_body(made.number, kPaidMinor, take_code());
  const auto attempt = [&]() -> Tried<PaidOrder> {
    TILLKIT_TRY(const Answer first, wire.post(a, "/v1/gateway/authorise", made.body));
    TILLKIT_TRY_VOID(expect_outcome(first, {"paid", "pending", "unknown"}));
    TILLKIT_TRY(const Answer answer, settled(made.number));
    TILLKIT_TRY_VOID(expect_outcome(answer, {"paid"}));
    made.transaction = answer.text("transaction");
    return made;
  };
  paid_ = attempt();
  return *paid_;
}

// --- journals ---

UploadedJournal World::new_journal(const Device& device) const {
  journal::JournalId id;
  std::ranges::copy(wire.random_bytes(id.bytes.size()), id.bytes.begin());
  return {wire.crypto(), device.key, id};
}

Tried<std::int64_t> World::acknowledged(Device& device, UploadedJournal& journal) {
  TILLKIT_TRY(const Answer answer, wire.post(device, "/v1/journal", journal.upload(1, 0)));
  TILLKIT_TRY_VOID(expect_ok(answer));
  return answer.number("acknowledged").value_or(-1);
}

Tried<World::Sold*> World::sold() {
  if (sold_) return &*sold_;
  Sold made{.journal = new_journal(a)};
  made.sale = made.journal.sell(kPaidMinor);
  made.journal.sell(1);
  TILLKIT_TRY(const Answer answer, wire.post(a, "/v1/journal", made.journal.upload_all()));
  TILLKIT_TRY_VOID(expect(answer.number("acknowledged") == made.journal.size(), answer,
                          "acknowledged " + std::to_string(made.journal.size())));
  sold_.emplace(std::move(made));
  return &*sold_;
}

}  // namespace tillkit::conformance
