// SPDX-License-Identifier: Apache-2.0
#include "pull_state.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "tillkit/catalog/replica.hpp"
#include "tillkit/cloud/link.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tillkit/hal_linux/http_client.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/terminal/copies.hpp"
#include "tillkit/terminal/enroller.hpp"
#include "tillkit/terminal/table_sets.hpp"

namespace tillctl {
namespace {

namespace catalog = tillkit::catalog;
namespace cloud = tillkit::cloud;
namespace core = tillkit::core;
namespace hal = tillkit::hal;
namespace hal_linux = tillkit::hal_linux;
namespace journal = tillkit::journal;
namespace terminal = tillkit::terminal;
using State = terminal::PullStatus::State;
using std::chrono::milliseconds;

constexpr milliseconds kTurn{200};
constexpr std::chrono::seconds kSayEvery{1};

/// Whether anybody answers shows when somebody is asked.
class Network final : public hal::NetworkStatus {
  [[nodiscard]] hal::LinkState do_link() const override { return hal::LinkState::Online; }
  void do_listen(hal::LinkListener /*listener*/) override {}
};

/// The terminal's files and link, open for writing.
struct Opened {
  std::unique_ptr<journal::Journal> journal{};
  std::unique_ptr<journal::Cache> cache{};
  std::unique_ptr<hal_linux::EventLoop> loop{};
  std::unique_ptr<hal_linux::HttpClient> http{};
};

std::optional<Opened> open(const terminal::DataFolder& data, DeviceAccess& access,
                           const terminal::DeviceProfile& profile, std::string& why) {
  Opened opened;
  const auto refuse = [&](const std::string& what, const core::Error& error) {
    why = what + " (" + system_words(error) + ')';
    return std::nullopt;
  };
  const auto key = terminal::device_key(*access.crypto);
  if (!key) return refuse(data.keys() + ": the device's key cannot be used", key.error());
  auto kept = journal::Journal::open({.path = data.journal(), .vfs = {}}, access.parts(*key), terminal::table_sets());
  if (!kept) return refuse(data.journal() + ": it cannot be opened; does a terminal run with it?", kept.error());
  opened.journal = *std::move(kept);
  if (opened.journal->state() != journal::State::Running || !opened.journal->start_succeeded()) {
    why = data.journal() + ": nothing can be written into it; 'tillctl journal verify' says why";
    return std::nullopt;
  }
  auto cache = terminal::open_cache({.path = data.cache(), .vfs = {}});
  if (!cache) return refuse(data.cache() + ": it cannot be opened", cache.error());
  opened.cache = *std::move(cache);
  auto loop = hal_linux::EventLoop::create(access.clock);
  if (!loop) return refuse("the system gives no event loop", loop.error());
  opened.loop = *std::move(loop);
  const cloud::Credentials& credentials = profile.enrolment.credentials;
  hal_linux::HttpClientSettings settings;
  settings.tls = {.trust_anchors_pem = credentials.trust_anchors,
                  .revocation_lists_pem = {},
                  .client_chain_pem = credentials.certificates,
                  .client_key = *key};
  auto http = hal_linux::HttpClient::create(*opened.loop, access.clock, std::move(settings));
  if (!http) return refuse("what the device was enrolled with cannot be used; enrol it anew", http.error());
  opened.http = *std::move(http);
  return opened;
}

}  // namespace

std::optional<Pulled> pull_state(const terminal::DataFolder& data, DeviceAccess& access,
                                 const terminal::DeviceProfile& profile, bool aloud, std::string& why) {
  const auto opened = open(data, access, profile, why);
  if (!opened) return std::nullopt;
  const cloud::Link link(*opened->http, {.origin = profile.origin});
  Network network;
  terminal::StatePull pull({.journal = *opened->journal,
                            .cache = *opened->cache,
                            .link = link,
                            .clock = access.clock,
                            .scheduler = *opened->loop,
                            .random = access.random,
                            .network = network},
                           profile);
  auto status = core::Result<terminal::PullStatus>(core::fail(core::ErrorCode::FailedPrecondition));
  if (const auto started = pull.start(); started) status = pull.look();
  core::MonotonicTime said = access.clock.monotonic();
  while (status && status->state == State::UnderWay) {
    opened->loop->turn(kTurn);
    status = pull.look();
    if (!status || !aloud || access.clock.monotonic() - said < kSayEvery) continue;
    said = access.clock.monotonic();
    std::fprintf(stderr, "  %lld changes of the cloud's are here ...\n", static_cast<long long>(status->taken));
  }
  const auto copies = catalog::replica_state(opened->cache->tables());
  if (!status || !copies) {
    why = data.path + ": its tables cannot be read; 'tillctl journal verify' says what is damaged";
    return std::nullopt;
  }
  return Pulled{.status = *std::move(status), .items = copies->items, .rules = copies->rules_version};
}

std::string words_of(const Pulled& pulled) {
  const terminal::PullStatus& status = pulled.status;
  std::string text = std::to_string(status.taken) + " changes of the cloud's came";
  if (status.refused != 0) text += ", " + std::to_string(status.refused) + " of them cannot be used here";
  text += "; " + std::to_string(pulled.items) + " items, ";
  text += pulled.rules.empty() ? "no offers" : "offers " + pulled.rules;
  switch (status.state) {
    case State::Done: return text + ". It is up to date.";
    case State::Stopped:
      return text + ". The cloud takes nothing from this journal (" +
             (status.stopped ? std::string(to_string(*status.stopped)) : "stopped") + "): a person must decide.";
    case State::UnderWay:
    case State::Stuck: break;
  }
  return text + ". Then the link died (" + (status.fault.empty() ? "silence" : status.fault) +
         "): what is here stays; 'tillctl sync --now', or the terminal when it starts, goes on from there.";
}

void write_pulled(core::JsonWriter& json, const Pulled& pulled) {
  const terminal::PullStatus& status = pulled.status;
  json.name("up_to_date").boolean(pulled.done()).name("taken").integer(status.taken);
  json.name("refused").integer(status.refused).name("unsent").integer(status.unsent);
  json.name("items").integer(pulled.items);
  if (!pulled.rules.empty()) json.name("rules").text(pulled.rules);
  if (status.stopped) json.name("upload_stopped").text(to_string(*status.stopped));
  if (!pulled.done() && !status.fault.empty()) json.name("fault").text(status.fault);
}

}  // namespace tillctl
