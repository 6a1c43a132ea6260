// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tillkit/hal_virtual/fault_plan.hpp"
#include "tillkit/hal_virtual/network_status.hpp"
#include "tillkit/hal_virtual/world.hpp"

namespace tillkit::hal_virtual {

/// What a virtual server does with a request that arrived. It has acted on it in each case.
struct VirtualAnswer {
  enum class Kind : std::uint8_t {
    Reply,
    Silence,    ///< the answer never comes, the connection stays open
    Close,      ///< closes the connection unanswered
    CutShort,   ///< closes it in the middle of the answer
    Malformed,  ///< what comes is no HTTP
  };

  Kind kind = Kind::Reply;
  hal::HttpResponse response;          ///< of a reply; `new_connection` does not count
  std::chrono::milliseconds delay{0};  ///< from the arrival of the request until the answer leaves
  bool keeps_connection = true;        ///< false: the server closes it after a reply

  [[nodiscard]] static VirtualAnswer reply(int status, std::string body = {}, std::chrono::milliseconds delay = {});
  [[nodiscard]] static VirtualAnswer of(Kind kind, std::chrono::milliseconds delay = {}) {
    return {.kind = kind, .response = {}, .delay = delay};
  }
};

/// All servers of the world at once; they tell by the URL who was asked. Must not touch the client.
using VirtualServer = std::move_only_function<VirtualAnswer(const hal::HttpRequest&)>;

struct VirtualHttpSettings {
  bool plain_http_allowed = false;
  std::size_t kept_connections_max = 3;
  std::chrono::milliseconds connect_time{50};  ///< name look-up, TCP and TLS together
  std::chrono::milliseconds transit_time{10};  ///< one way
};

/// An HTTP client, the network before it, and the servers behind it.
///
/// A power cut ends what is under way without completions; a request that had left arrives all the same. The end of the
/// client does the same: whoever destroys the board has destroyed the program before.
class VirtualHttpClient final : public hal::HttpClient, private Part {
 public:
  /// `clock` and `network` must outlive it.
  VirtualHttpClient(World& world, const hal::Clock& clock, const VirtualNetwork& network,
                    const VirtualHttpSettings& settings = {});

  /// Without a server each request that arrives meets silence.
  void serve(VirtualServer server) { server_ = std::move(server); }

  /// New connections end with `fault`, NameNotResolved to TlsFailed; kept ones go on.
  void refuse_connections(hal::HttpFault fault);
  void accept_connections() { trouble_.reset(); }

  /// The servers close the connections that nobody uses.
  void close_kept_connections() { kept_.clear(); }
  /// Something on the way forgets them, and nobody here notices: the next request on each leaves, does not arrive, and
  /// meets a reset.
  void forget_kept_connections();
  [[nodiscard]] std::size_t kept_connections() const { return kept_.size(); }

  /// So many requests reached a server, whatever became of the answer.
  [[nodiscard]] std::uint64_t arrived() const { return arrived_; }
  [[nodiscard]] std::size_t under_way() const;

  /// Counts and fails calls of `send`. Faults from AnswerTimeout on come after the request arrived and was acted on,
  /// all others before a byte of it left. `Cancelled` cannot be planned.
  BasicFaultPlan<hal::HttpFault>& faults() { return faults_; }

 private:
  enum class Stage : std::uint8_t { Connecting, Sent, Over };

  struct Connection {
    std::string origin;
    bool forgotten = false;
  };

  struct Exchange {
    hal::HttpRequest request;
    hal::HttpCompletion done;
    Stage stage = Stage::Connecting;
    Connection connection;
    bool new_connection = false;
    bool keep = true;
    std::optional<hal::HttpFault> planned;
    std::vector<hal::TimerId> timers;
  };

  hal::HttpRequestId do_send(hal::HttpRequest request, hal::HttpCompletion done) override;
  void do_cancel(hal::HttpRequestId request) override;
  void power_lost() override;

  [[nodiscard]] std::optional<hal::HttpFailure> refused(const hal::HttpRequest& request,
                                                        std::optional<hal::HttpFault> planned) const;
  [[nodiscard]] std::vector<Connection>::const_iterator find_kept(const std::string& origin) const;
  void connect(std::uint64_t id, Exchange& exchange);
  void connected(std::uint64_t id);
  void leave(std::uint64_t id);
  void arrive(std::uint64_t id, const hal::HttpRequest& request, std::optional<hal::HttpFault> planned);
  void deliver(std::uint64_t id, VirtualAnswer answer);
  [[nodiscard]] hal::HttpResult read(const Exchange& exchange, VirtualAnswer&& answer) const;
  void keep(Connection connection);
  void fail(std::uint64_t id, hal::HttpFault fault);
  void finish(std::uint64_t id, hal::HttpResult result);
  /// Runs `step(id)` after `delay`, unless the request is over by then.
  void later(std::uint64_t id, World::Duration delay, std::move_only_function<void(std::uint64_t)> step);

  const hal::Clock& clock_;
  const VirtualNetwork& network_;
  const VirtualHttpSettings settings_;
  VirtualServer server_;
  BasicFaultPlan<hal::HttpFault> faults_;
  std::optional<hal::HttpFault> trouble_;
  std::vector<Connection> kept_;  // the one used last stands last
  std::map<std::uint64_t, Exchange> exchanges_;
  std::uint64_t last_id_ = 0;
  std::uint64_t arrived_ = 0;
};

}  // namespace tillkit::hal_virtual
