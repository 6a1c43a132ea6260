// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tillkit/core/json.hpp"

namespace tillkit::contract {

/// The servers of tests/interop/peers, which started this program, and what they saw.
///
/// Questions go over a socket of their own, so that no answer depends on the client under test.
class Peers {
 public:
  Peers();
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  /// A text of the description: `root`, `name_server`, ...
  [[nodiscard]] std::string text(std::string_view name) const;
  /// A revocation list in PEM: `good`, `stale`, ...
  [[nodiscard]] std::string revocation_list(std::string_view name) const;
  [[nodiscard]] int port(std::string_view server) const;

  /// An address that nobody else uses: `<origin>/act?n=<number><and>`.
  [[nodiscard]] std::string plain_url(std::string_view and_query = "") const;
  [[nodiscard]] std::string raw_url(std::string_view name) const;
  [[nodiscard]] std::string secure_url(std::string_view server, std::string_view host = "127.0.0.1",
                                       std::string_view and_query = "") const;

  /// How often a request for `url` arrived, and the last one's bytes.
  [[nodiscard]] int arrivals(std::string_view url) const;
  [[nodiscard]] std::string request(std::string_view url) const;
  /// `open`, `accepted` or `resumed` connections, or `lost` handshakes, of a server until now.
  [[nodiscard]] int count(std::string_view what, std::string_view server) const;
  /// Has `authority` sign a certificate request: a certificate chain in PEM.
  [[nodiscard]] std::string enrol(std::string_view authority, std::string_view request_pem) const;
  /// The last ClientHello at the server `hello`.
  [[nodiscard]] core::JsonDocument hello() const;
  [[nodiscard]] int names_asked() const;

 private:
  [[nodiscard]] std::string ask(const std::string& question) const;

  core::JsonDocument description_;
  int control_ = -1;
};

}  // namespace tillkit::contract
