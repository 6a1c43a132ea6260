// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string_view>

#include "http.hpp"
#include "storage.hpp"
#include "tillkit/core/json.hpp"
#include "wallet.hpp"

namespace tillkit::sandbox {

/// The wallet's HTTP side: plain JSON on loopback, and what becomes of requests and answers on their way. README.md has
/// the protocol.
class WalletServer {
 public:
  explicit WalletServer(Storage& storage) : storage_(storage) {}

  [[nodiscard]] HttpAnswer answer(const HttpRequest& request);

  /// Lets go of all that wait.
  void stop();

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Asked;

  [[nodiscard]] core::Result<Asked> read(std::string_view path, std::string_view body);
  [[nodiscard]] core::Result<WalletScript> take_script(const Asked& asked);
  [[nodiscard]] core::Result<WalletReply> perform(const Asked& asked, const WalletScript& script);
  [[nodiscard]] core::Result<WalletReply> set_up(std::string_view path, std::string_view body);
  [[nodiscard]] HttpAnswer travel(const Asked& asked, const WalletScript& script, Lock& lock);
  void wait(Lock& lock, std::int64_t milliseconds);

  Storage& storage_;
  std::mutex mutex_{};
  std::condition_variable stopped_{};
  bool stopping_ = false;
};

}  // namespace tillkit::sandbox
