// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "gateway.hpp"

namespace tillkit::sandbox {

/// Keeps everybody else from an order. Made and ended under the cloud's lock.
class Gateway::Hold {
 public:
  /// A request waits for the worker, which is soon done, and for no other request.
  Hold(Gateway& gateway, const std::string& merchant, const std::string& order, Holder holder, Lock& lock)
      : gateway_(gateway), key_(merchant + " " + order) {
    if (holder == Holder::Request) {
      gateway_.cloud_.changed.wait(lock, [this] {
        const auto found = gateway_.held_.find(key_);
        return found == gateway_.held_.end() || found->second == Holder::Request;
      });
    }
    held_ = gateway_.held_.emplace(key_, holder).second;
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() {
    if (!held_) return;
    gateway_.held_.erase(key_);
    gateway_.cloud_.changed.notify_all();
  }

  /// False: somebody else has it.
  [[nodiscard]] bool held() const { return held_; }

 private:
  Gateway& gateway_;
  std::string key_;
  bool held_ = false;
};

}  // namespace tillkit::sandbox
