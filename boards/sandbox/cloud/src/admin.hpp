// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cloud.hpp"

namespace tillkit::sandbox {

/// What a command says that cannot do what it was asked: 409 with the text.
struct AdminRefusal {
  std::string why;
};

/// One command: reads its body, a JSON object, and answers a JSON text. Errors are as an operation's.
using AdminCommand = std::function<core::Result<std::expected<std::string, AdminRefusal>>(const core::JsonValue&)>;

/// The commands of whoever runs the cloud: `POST /admin/<command>` with the token from the data folder, on a port of
/// their own. They hold the cloud's lock.
class Admin {
 public:
  Admin(Cloud& cloud, std::string token) : cloud_(cloud), token_(std::move(token)) {}

  void add(std::string_view name, AdminCommand command) { commands_.emplace(name, std::move(command)); }

  [[nodiscard]] HttpAnswer answer(const HttpRequest& request);

 private:
  Cloud& cloud_;
  std::string token_;
  std::map<std::string, AdminCommand, std::less<>> commands_;
};

/// merchant, store, claim, revoke, terminals, orders.
void add_admin_commands(Admin& admin, Cloud& cloud);

}  // namespace tillkit::sandbox
