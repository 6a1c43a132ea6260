// SPDX-License-Identifier: Apache-2.0
#include "wallet_server.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "authority_digest.hpp"
#include "checks.hpp"
#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::sandbox {
namespace {

using core::JsonDocument;
using core::JsonValue;
using core::Result;

/// Whoever waits longer for an answer that does not come has given up.
constexpr std::int64_t kUnansweredMs = 60'000;
constexpr std::array<std::string_view, 7> kCalls{"charge", "qr", "query", "reverse", "refund", "identify", "pay"};

std::int64_t now_ms() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string code_key(std::string_view code) {
  return core::encode_hex(core::as_bytes(sha256(code)));
}

HttpAnswer http_answer(const Result<WalletReply>& reply) {
  if (reply) return {.status = reply->status, .body = reply->body};
  if (reply.error().source == core::ErrorSource::Input) {
    return {.status = 400, .body = R"({"problem":"invalid-request"})"};
  }
  return {.status = 500, .body = R"({"problem":"internal-error"})"};
}

}  // namespace

/// A call, whichever it is; what does not belong to it is empty.
struct WalletServer::Asked {
  std::string call{};
  WalletCharge charge{};
  WalletGiveBack back{};
  std::string merchant{};
  std::string order{};
  std::string code{};
  std::string qr_text{};
  std::string user{};
};

HttpAnswer WalletServer::answer(const HttpRequest& request) {
  const std::string_view path = request.path.empty() ? "" : std::string_view(request.path).substr(1);
  Lock lock(mutex_);
  if (path == "books") {
    Result<WalletReply> reply = core::fail(core::ErrorCode::Unavailable);
    const Result<> stored = storage_.update([&](Tx& tx) -> Result<> {
      TILLKIT_TRY(reply, Wallet(tx, now_ms()).books());
      return {};
    });
    return stored ? http_answer(reply) : http_answer(Result<WalletReply>(std::unexpected(stored.error())));
  }
  if (path == "control" || path == "payer" || path == "code" || path == "password") {
    return http_answer(set_up(path, request.body));
  }
  const auto asked = read(path, request.body);
  if (!asked) return http_answer(Result<WalletReply>(std::unexpected(asked.error())));
  const auto script = take_script(*asked);
  if (!script) return http_answer(Result<WalletReply>(std::unexpected(script.error())));
  return travel(*asked, *script, lock);
}

void WalletServer::stop() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
}

HttpAnswer WalletServer::travel(const Asked& asked, const WalletScript& script, Lock& lock) {
  wait(lock, script.travels_ms);
  HttpAnswer answer;
  if (script.arrives) answer = http_answer(perform(asked, script));
  wait(lock, script.answers_after_ms);
  if (!script.arrives || !script.answers) {
    wait(lock, kUnansweredMs);
    answer.misbehaviour = Misbehaviour::HangsUp;
  } else if (script.closes) {
    answer.misbehaviour = Misbehaviour::HangsUp;
  } else if (script.status != 200) {
    answer = {.status = static_cast<int>(script.status), .body = R"({"problem":"internal-error"})"};
  } else if (script.twice) {
    answer.misbehaviour = Misbehaviour::AnswersTwice;
  }
  return answer;
}

void WalletServer::wait(Lock& lock, std::int64_t milliseconds) {
  if (milliseconds <= 0) return;
  stopped_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return stopping_; });
}

// --- what is asked ---

Result<WalletServer::Asked> WalletServer::read(std::string_view path, std::string_view body) {
  constexpr std::int64_t kValidMax = 7'200;
  TILLKIT_TRY(const JsonDocument document, JsonDocument::parse(body));
  const JsonValue root = document.root();
  Asked asked{.call = std::string(path)};
  if (path == "identify") {
    TILLKIT_TRY(asked.code, read_payment_code(root, "code"));
    return asked;
  }
  if (path == "pay") {
    TILLKIT_TRY(asked.qr_text, read_words(root, "qr_text", 1, 512));
    TILLKIT_TRY(asked.user, read_name(root, "user"));
    return asked;
  }
  TILLKIT_TRY(asked.merchant, read_name(root, "merchant"));
  TILLKIT_TRY(asked.order, read_order(root, "order"));
  if (path == "query" || path == "reverse") return asked;
  TILLKIT_TRY(const Amount amount, read_amount(root, "amount"));
  if (path == "refund") {
    TILLKIT_TRY(const std::string refund, read_order(root, "refund"));
    asked.back = {asked.merchant, asked.order, refund, amount.minor, amount.currency};
    return asked;
  }
  if (path != "charge" && path != "qr") return root.mistake();
  asked.charge = {.merchant = asked.merchant, .order = asked.order, .minor = amount.minor, .currency = amount.currency};
  TILLKIT_TRY(asked.charge.wallets, read_wallets(root, "wallets"));
  if (path == "charge") {
    TILLKIT_TRY(asked.code, read_payment_code(root, "code"));
    asked.charge.code = asked.code;
  } else {
    TILLKIT_TRY(asked.charge.valid_for_s, read_number(root, "valid_for_s", 1, kValidMax));
  }
  return asked;
}

Result<WalletReply> WalletServer::perform(const Asked& asked, const WalletScript& script) {
  Result<WalletReply> reply = core::fail(core::ErrorCode::Unavailable);
  const Result<> stored = storage_.update([&](Tx& tx) -> Result<> {
    Wallet wallet(tx, now_ms());
    if (asked.call == "charge" || asked.call == "qr") reply = wallet.open(asked.charge, script);
    if (asked.call == "query") reply = wallet.query(asked.merchant, asked.order);
    if (asked.call == "reverse") reply = wallet.reverse(asked.merchant, asked.order, script);
    if (asked.call == "refund") reply = wallet.refund(asked.back, script);
    if (asked.call == "identify") reply = wallet.identify(asked.code, script);
    if (asked.call == "pay") reply = wallet.pay(asked.qr_text, asked.user, script);
    if (!reply) return std::unexpected(reply.error());
    return {};
  });
  // What is not durable was not done.
  if (!stored) return std::unexpected(stored.error());
  return reply;
}

// --- control ---

Result<WalletScript> WalletServer::take_script(const Asked& asked) {
  std::vector<std::string> subjects;
  if (!asked.order.empty()) subjects.push_back("order " + asked.order);
  if (!asked.code.empty()) subjects.push_back("code " + code_key(asked.code));
  subjects.emplace_back("any");
  WalletScript taken;
  const Result<> stored = storage_.update([&](Tx& tx) -> Result<> {
    for (const std::string& subject : subjects) {
      TILLKIT_TRY(auto script, find_row<WalletScript>(tx, kWalletScripts, asked.call, subject));
      if (!script) continue;
      taken = *script;
      if (script->times < 0) return {};
      --script->times;
      return script->times > 0 ? put_row(tx, kWalletScripts, asked.call, subject, *script)
                               : tx.erase(kWalletScripts, asked.call, subject);
    }
    return {};
  });
  TILLKIT_TRY_VOID(stored);
  return taken;
}

Result<WalletReply> WalletServer::set_up(std::string_view path, std::string_view body) {
  TILLKIT_TRY(const JsonDocument document, JsonDocument::parse(body));
  const JsonValue root = document.root();
  const auto stored = storage_.update([&](Tx& tx) -> Result<> {
    if (path == "payer") {
      TILLKIT_TRY_VOID(root.only({"user", "wallet", "balance_minor"}));
      TILLKIT_TRY(const std::string user, read_name(root, "user"));
      WalletPayer payer;
      TILLKIT_TRY(payer.wallet, read_name(root, "wallet"));
      TILLKIT_TRY(payer.balance_minor, read_count(root, "balance_minor"));
      return put_row(tx, kWalletPayers, "", user, payer);
    }
    if (path == "code") {
      TILLKIT_TRY_VOID(root.only({"code", "user"}));
      TILLKIT_TRY(const std::string code, read_payment_code(root, "code"));
      TILLKIT_TRY(const std::string user, read_name(root, "user"));
      return put_row(tx, kWalletCodes, "", code_key(code), WalletCode{.user = user});
    }
    if (path == "password") {
      TILLKIT_TRY_VOID(root.only({"user", "yes"}));
      TILLKIT_TRY(const std::string user, read_name(root, "user"));
      TILLKIT_TRY(const JsonValue yes, root.member("yes"));
      TILLKIT_TRY(const bool typed, yes.boolean());
      return Wallet(tx, now_ms()).take_password(user, typed);
    }
    TILLKIT_TRY_VOID(root.only({"call", "order", "code", "script"}));
    TILLKIT_TRY(const JsonValue call, root.member("call"));
    TILLKIT_TRY(const std::string_view name, call.text());
    if (std::ranges::find(kCalls, name) == kCalls.end()) return call.mistake();
    std::string subject = "any";
    if (root.find("order")) {
      TILLKIT_TRY(const std::string order, read_order(root, "order"));
      subject = "order " + order;
    } else if (root.find("code")) {
      TILLKIT_TRY(const std::string code, read_payment_code(root, "code"));
      subject = "code " + code_key(code);
    }
    TILLKIT_TRY(const JsonValue script_value, root.member("script"));
    TILLKIT_TRY(const WalletScript script, WalletScript::read(script_value));
    return put_row(tx, kWalletScripts, name, subject, script);
  });
  TILLKIT_TRY_VOID(stored);
  return WalletReply{.body = "{}"};
}

}  // namespace tillkit::sandbox
