// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tillkit::sandbox {

/// What `tillkit-sandbox` was started with.
struct Options {
  int page_port = 0;
  std::string devices = "127.0.0.1:0";
  std::string planogram;    ///< file; empty: the cabinet is empty
  std::string people;       ///< file; empty: nobody stands there
  std::string plug_listen;  ///< empty: there is no network plug
  std::string plug_target;
  std::string cloud_admin;  ///< origin, `http://127.0.0.1:8444`; empty: the phone shows no points
  std::string cloud_token;  ///< file of the cloud's admin token
  std::string merchant;
  std::string wallet_admin;  ///< origin; empty: shoppers have no wallet
  std::string till_socket;   ///< path; empty: the journal is not shown
  std::string books;         ///< command; empty: books are not compared
  bool off = false;          ///< without power, until somebody gives it
  bool cash = false;         ///< it has a cash acceptor
  bool controller = false;   ///< it has a controller of its own
  std::vector<std::string> firmware;

  /// None: the words are wrong.
  [[nodiscard]] static std::optional<Options> parse(int count, char** words);
  static const char* usage();
};

}  // namespace tillkit::sandbox
