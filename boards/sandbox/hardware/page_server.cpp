// SPDX-License-Identifier: Apache-2.0
#include "page_server.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "command.hpp"
#include "page_files.hpp"
#include "qr.hpp"

namespace tillkit::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kConnectionsMax = 64;
constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr auto kStillHereEvery = 5s;
constexpr auto kWalletPatience = 5s;
constexpr auto kTillPatience = 5s;

HttpAnswer mistake(int status, std::string_view code, std::string_view why) {
  core::JsonWriter json;
  json.begin_object().name("error").text(why).name("code").text(code).end_object();
  return {.status = status, .body = json.finish().value_or("{}")};
}

HttpAnswer page_file(std::string_view path) {
  const auto files = page_files();
  const auto found = std::ranges::find(files, path == "/" ? "/index.html" : path, &PageFile::path);
  if (found == files.end()) return mistake(404, "not_understood", "there is no such page");
  return {.content_type = std::string(found->content_type), .body = std::string(found->content)};
}

}  // namespace

PageServer::PageServer(Mailbox& mailbox, Stage& stage, ActPeers peers)
    : mailbox_(mailbox), stage_(stage), peers_(std::move(peers)) {}

core::Result<std::unique_ptr<PageServer>> PageServer::bind(int port, Mailbox& mailbox, Stage& stage, ActPeers peers) {
  std::unique_ptr<PageServer> page(new PageServer(mailbox, stage, std::move(peers)));
  HttpServerOptions options{.port = port, .connections_max = kConnectionsMax, .body_bytes_max = kBodyBytesMax};
  options.body_too_large = mistake(413, "not_understood", "this is too long");
  options.not_understood = mistake(400, "not_understood", "this is no request");
  TILLKIT_TRY(page->server_, HttpServer::bind(std::move(options), [server = page.get()](const HttpRequest& request) {
                return server->answer(request);
              }));
  return page;
}

void PageServer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  server_->stop();
}

void PageServer::publish(std::string state, std::string backstage) {
  const std::lock_guard lock(mutex_);
  const bool new_state = state != state_;
  const bool new_backstage = backstage != backstage_;
  if (!new_state && !new_backstage) return;
  if (new_state) ++state_version_;
  if (new_backstage) ++backstage_version_;
  state_ = std::move(state);
  backstage_ = std::move(backstage);
  changed_.notify_all();
}

HttpAnswer PageServer::answer(const HttpRequest& request) {
  if (request.method == "POST") {
    return request.path == "/act" ? act(request) : mistake(404, "not_understood", "only /act is for this");
  }
  if (request.path == "/events") return events();
  if (request.path == "/qr") {
    const auto text = request.query.find("text");
    auto svg = text == request.query.end() ? std::nullopt : qr_svg(text->second);
    if (!svg) return mistake(400, "not_understood", "no text that a code holds");
    return {.content_type = "image/svg+xml", .body = *std::move(svg)};
  }
  const std::lock_guard lock(mutex_);
  if (request.path == "/state") return {.body = state_};
  if (request.path == "/backstage") return {.body = backstage_};
  return page_file(request.path);
}

HttpAnswer PageServer::act(const HttpRequest& request) {
  // A page of elsewhere cannot send this type without being asked whether it may.
  if (!request.content_type.starts_with("application/json")) return mistake(415, "not_understood", "JSON is wanted");
  auto promise = std::make_shared<std::promise<Acted>>();
  auto acting = promise->get_future();
  mailbox_.put([this, promise, text = request.body] { promise->set_value(stage_.act(text)); });
  while (acting.wait_for(200ms) != std::future_status::ready) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return mistake(503, "taken_away", "the machine is being taken away");
  }
  const Acted acted = acting.get();
  for (const WalletCall& call : acted.calls) {
    const auto reply = http_post(peers_.wallet, call.path, call.body, kWalletPatience);
    if (!reply) return mistake(502, "wallet_silent", "the wallet does not answer");
    if (reply->status != 200) return {.status = 409, .body = reply->body};
  }
  for (const std::string& line : acted.told) {
    const std::string said = ask_socket(peers_.till, line, kTillPatience);
    if (said.empty()) return mistake(502, "till_silent", "the terminal does not answer");
    if (!said.starts_with(R"({"done":)")) return mistake(409, "till_refuses", "the terminal does not take it: " + said);
  }
  return {.status = acted.status, .body = acted.body};
}

HttpAnswer PageServer::events() {
  return {.content_type = "text/event-stream",
          .stream = [this, seen = std::make_shared<Seen>()] { return next_event(*seen); }};
}

std::optional<std::string> PageServer::next_event(Seen& seen) {
  std::unique_lock lock(mutex_);
  const auto news = [&] { return stopping_ || seen.state != state_version_ || seen.backstage != backstage_version_; };
  if (!changed_.wait_for(lock, kStillHereEvery, news)) return ": still here\n\n";
  if (stopping_) return std::nullopt;
  std::string text;
  // The texts are compact JSON: no line breaks.
  if (std::exchange(seen.state, state_version_) != state_version_) text += "event: state\ndata: " + state_ + "\n\n";
  if (std::exchange(seen.backstage, backstage_version_) != backstage_version_) {
    text += "event: backstage\ndata: " + backstage_ + "\n\n";
  }
  return text;
}

}  // namespace tillkit::sandbox
