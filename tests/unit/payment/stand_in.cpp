// SPDX-License-Identifier: Apache-2.0
#include "stand_in.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/json.hpp"

namespace tillkit::payment {
namespace {

using hal_virtual::VirtualAnswer;

std::string text(const core::JsonValue& value, std::string_view name) {
  const auto member = value.find(name);
  return member && member->text() ? std::string(*member->text()) : std::string();
}

std::int64_t minor(const core::JsonValue& value) {
  const auto amount = value.find("amount");
  return amount ? amount->member("minor").value().integer().value() : 0;
}

std::string money(std::int64_t minor) {
  return R"({"minor":)" + std::to_string(minor) + R"(,"currency":"CNY"})";
}

std::string about(const std::string& number, std::string_view outcome, const std::string& more = {}) {
  return R"({"outcome":")" + std::string(outcome) + R"(","order":")" + number + "\"" + more + "}";
}

VirtualAnswer reply(int status, std::string body, std::string_view type = {}) {
  auto answer = VirtualAnswer::reply(status, std::move(body));
  const std::string_view usual = status == 200 ? "application/json" : "application/problem+json";
  answer.response.headers = {{"Content-Type", std::string(type.empty() ? usual : type)}};
  return answer;
}

std::string problem(std::string_view type, int status) {
  return R"({"type":"urn:tillkit:problem:)" + std::string(type) + R"(","status":)" + std::to_string(status) +
         R"(,"title":"No"})";
}

}  // namespace

StandIn::StandIn(hal_virtual::VirtualBoard& board) : board_(board) {
  board.http.serve([this](const hal::HttpRequest& request) { return serve(request); });
}

int StandIn::calls(std::string_view operation) const {
  const auto found = calls_.find(std::string(operation));
  return found == calls_.end() ? 0 : found->second;
}

void StandIn::deliver_held() {
  for (const auto& [operation, body] : held_)
    act(operation, body);
  held_.clear();
}

int StandIn::charges(const std::string& order) const {
  const auto found = orders_.find(order);
  return found == orders_.end() ? 0 : found->second.charges;
}

std::int64_t StandIn::given_back_minor(const std::string& order) const {
  const auto found = orders_.find(order);
  return found == orders_.end() ? 0 : found->second.given_back;
}

std::int64_t StandIn::kept_minor(const std::string& order) const {
  const auto found = orders_.find(order);
  return found == orders_.end() ? 0 : found->second.charges * found->second.amount - found->second.given_back;
}

std::int64_t StandIn::kept_minor() const {
  std::int64_t sum = 0;
  for (const auto& [number, order] : orders_)
    sum += kept_minor(number);
  return sum;
}

void StandIn::pay(const std::string& order) {
  orders_.at(order).pays_at = board_.world.now();
  catch_up(orders_.at(order));
}

/// What the payer has done by now.
void StandIn::catch_up(Order& order) {
  const bool due = order.pays_at && board_.world.now() >= *order.pays_at;
  if (due && order.charges == 0 && !order.reversed && !order.declined) order.charges = 1;
}

hal_virtual::VirtualAnswer StandIn::serve(const hal::HttpRequest& request) {
  requests_.push_back(request);
  const auto slash = request.url.rfind('/');
  const std::string operation = request.url.substr(slash + 1);
  const int call = ++calls_[operation];
  const auto planned = mishaps_.find({operation, call});
  const auto constant = always_.find(operation);
  const Mishap mishap = planned != mishaps_.end()   ? planned->second
                        : constant != always_.end() ? constant->second
                                                    : Mishap::None;
  if (mishap == Mishap::Held) {
    held_.emplace_back(operation, request.body);
    return VirtualAnswer::of(VirtualAnswer::Kind::Silence);
  }
  const Said said = act(operation, request.body);
  if (mishap == Mishap::Twice) {
    const Said again = act(operation, request.body);
    CHECK(again.status == said.status);
  }
  switch (mishap) {
    case Mishap::Silence: return VirtualAnswer::of(VirtualAnswer::Kind::Silence);
    case Mishap::Close: return VirtualAnswer::of(VirtualAnswer::Kind::Close);
    case Mishap::CutShort: return VirtualAnswer::of(VirtualAnswer::Kind::CutShort);
    case Mishap::NotHttp: return VirtualAnswer::of(VirtualAnswer::Kind::Malformed);
    case Mishap::NotJson: return reply(200, "<html>It works</html>");
    case Mishap::HalfBody: return reply(200, said.body.substr(0, said.body.size() / 2));
    case Mishap::WrongType: return reply(200, said.body, "text/html");
    case Mishap::TooLong: return reply(200, said.body + std::string(20'000, ' '));
    case Mishap::MissingMember: return reply(200, R"({"order":"X"})");
    case Mishap::OtherOrder: return reply(200, about("OTHER", "declined", R"(,"reason":"over_limit")"));
    case Mishap::Conflict: return reply(409, problem("order-busy", 409));
    case Mishap::ServerError: return reply(500, problem("internal-error", 500));
    case Mishap::BusyPage: {
      auto answer = reply(503, problem("unavailable", 503));
      answer.response.headers.push_back({"Retry-After", "7"});
      return answer;
    }
    case Mishap::Late: {
      auto answer = reply(said.status, said.body);
      answer.delay = std::chrono::minutes{1};
      return answer;
    }
    case Mishap::None:
    case Mishap::Twice:
    case Mishap::Held: break;
  }
  return reply(said.status, said.body);
}

StandIn::Said StandIn::act(const std::string& operation, const std::string& body) {
  if (operation == "session") {
    const bool good = session_body.empty();
    return {session_status, good ? R"({"contract":"1.0","server_time":"2026-06-21T04:00:00Z"})" : session_body};
  }
  const auto document = core::JsonDocument::parse(body).value();
  if (operation == "identify") return {200, R"({"outcome":"identified","payer":{"wallet":"alipay","reference":"p1"}})"};
  const std::string number = text(document.root(), "order");
  if (operation == "authorise") return begin(number, body, false);
  if (operation == "qr") return begin(number, body, true);
  if (operation == "reverse") return reverse(number);
  if (operation == "refund") return refund(number, body);
  CHECK(operation == "query");
  return known(number);
}

StandIn::Said StandIn::begin(const std::string& number, const std::string& body, bool shown) {
  Order& order = orders_[number];
  if (order.reversed) return {410, problem("order-reversed", 410)};
  if (order.seen && order.body != body) return {422, problem("key-reused", 422)};
  if (!order.seen) {
    const auto document = core::JsonDocument::parse(body).value();
    order.seen = true;
    order.body = body;
    order.amount = minor(document.root());
    order.shown = shown;
    order.declined = declines;
    order.password = needs_password;
    if (!shown && !needs_password) order.pays_at = board_.world.now();
    if (pays_after) order.pays_at = board_.world.now() + *pays_after;
  }
  return known(number);
}

StandIn::Said StandIn::known(const std::string& number) {
  const auto found = orders_.find(number);
  if (found == orders_.end()) return {200, about(number, "not_found")};
  Order& order = found->second;
  catch_up(order);
  if (order.charges > 0 && order.given_back == order.amount) {
    return {200, about(number, "refunded",
                       ",\"amount\":" + money(order.amount) + ",\"refunded\":" + money(order.amount) +
                           R"(,"transaction":"42")")};
  }
  if (order.charges > 0) {
    std::string more = ",\"amount\":" + money(order.amount) + ",\"paid\":" + money(order.amount) +
                       R"(,"transaction":"42","payer":{"wallet":"alipay","reference":"p1"})";
    if (order.given_back > 0) more += ",\"refunded\":" + money(order.given_back);
    return {200, about(number, "paid", more)};
  }
  if (order.reversed) return {200, about(number, "reversed")};
  if (order.declined) return {200, about(number, "declined", R"(,"reason":"not_enough_money")")};
  if (order.shown) {
    return {200, about(number, "pending", R"(,"why":"scan","qr":{"text":"https://qr.example/1","valid_for_s":60})")};
  }
  return {200, about(number, "pending", R"(,"why":"password")")};
}

StandIn::Said StandIn::reverse(const std::string& number) {
  Order& order = orders_[number];
  catch_up(order);
  if (reversal_window_over && order.charges > 0) return {422, problem("reversal-window-over", 422)};
  if (reversals_unconfirmed > 0) {
    --reversals_unconfirmed;
    return {200, about(number, "pending", R"(,"why":"reversing")")};
  }
  order.reversed = true;
  if (order.charges > 0) order.given_back = order.amount;
  if (order.charges > 0) return known(number);
  return {200, about(number, "reversed")};
}

StandIn::Said StandIn::refund(const std::string& number, const std::string& body) {
  const auto document = core::JsonDocument::parse(body).value();
  const std::string key = text(document.root(), "refund");
  const std::int64_t amount = minor(document.root());
  const auto about_refund = [&](std::string_view outcome) {
    return R"({"outcome":")" + std::string(outcome) + R"(","order":")" + number + R"(","refund":")" + key +
           R"(","reason":"payer_account_closed","amount":)" + money(amount) + "}";
  };
  const auto found = orders_.find(number);
  if (found == orders_.end()) return {404, problem("order-not-found", 404)};
  Order& order = found->second;
  catch_up(order);
  const auto before = order.refunds.find(key);
  if (before != order.refunds.end() && before->second != body) return {422, problem("key-reused", 422)};
  if (before == order.refunds.end()) {
    if (order.charges == 0) return {422, problem("order-not-paid", 422)};
    if (order.given_back == order.amount) return {422, problem("nothing-left", 422)};
    if (order.given_back + amount > order.amount) return {422, problem("refund-too-large", 422)};
    if (refuses_refunds) return {200, about_refund("refused")};
    order.refunds[key] = body;
  }
  if (refunds_accepted > 0) {
    --refunds_accepted;
    return {200, about_refund("accepted")};
  }
  if (!order.done.contains(key)) {
    order.done[key] = amount;
    order.given_back += amount;
  }
  return {200, about_refund("refunded")};
}

}  // namespace tillkit::payment
