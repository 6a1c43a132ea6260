// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "http.hpp"
#include "mailbox.hpp"
#include "stage.hpp"

namespace tillkit::sandbox {

/// Whom an act may have to be told.
struct ActPeers {
  std::string wallet;  ///< its origin
  std::string till;    ///< the terminal's socket for the technician
};

/// The page, and what it asks for: `GET /`, `/state`, `/backstage`, `/events`, `/qr?text=`, `POST /act`.
class PageServer {
 public:
  /// Mailbox and stage must outlive it.
  /// - Unavailable: the port is not free.
  [[nodiscard]] static core::Result<std::unique_ptr<PageServer>> bind(int port, Mailbox& mailbox, Stage& stage,
                                                                      ActPeers peers);
  void start() { server_->start(); }
  [[nodiscard]] int port() const { return server_->port(); }
  /// Lets go of all who listen; called once, while the loop still empties the mailbox or has ended for good.
  void stop();

  /// Shows this from now on. From the loop.
  void publish(std::string state, std::string backstage);

 private:
  PageServer(Mailbox& mailbox, Stage& stage, ActPeers peers);

  struct Seen {
    std::uint64_t state = 0;
    std::uint64_t backstage = 0;
  };

  [[nodiscard]] HttpAnswer answer(const HttpRequest& request);
  [[nodiscard]] HttpAnswer act(const HttpRequest& request);
  [[nodiscard]] HttpAnswer events();
  [[nodiscard]] std::optional<std::string> next_event(Seen& seen);

  Mailbox& mailbox_;
  Stage& stage_;
  const ActPeers peers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string state_ = "{}";
  std::string backstage_ = "{}";
  std::uint64_t state_version_ = 0;
  std::uint64_t backstage_version_ = 0;
  bool stopping_ = false;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace tillkit::sandbox
