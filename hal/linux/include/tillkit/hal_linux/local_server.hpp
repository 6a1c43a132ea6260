// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/local_server.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::hal_linux {

/// `hal::LocalServer` on a Unix domain stream socket, a file of mode 0600 that is there while it is open.
///
/// What a dead process left at the path is replaced; a living one's socket, and a file that is no socket, are
/// `AlreadyExists`. Clients of another user are let go without an answer (`SO_PEERCRED`), root's are not.
class LocalServer final : public hal::LocalServer {
 public:
  /// `loop` must outlive the server. `path` has at most 103 bytes; its folder must be there. The end of the server
  /// drops listener and completions without calling them.
  LocalServer(EventLoop& loop, std::string path);
  ~LocalServer() override;
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

 private:
  class Impl;
  void do_listen(hal::LocalListener listener) override;
  [[nodiscard]] core::Result<> do_open() override;
  void do_close() override;
  [[nodiscard]] core::Result<> do_write(hal::LocalRequestId request, std::string piece,
                                        core::Completion<> done) override;
  [[nodiscard]] core::Result<> do_end(hal::LocalRequestId request) override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
