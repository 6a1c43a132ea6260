// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace tillkit::boards::sandbox {

/// Where a stream socket listens: `127.0.0.1:7070`, or a path with a slash.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }

  [[nodiscard]] static std::optional<SocketAddress> parse(std::string_view text) {
    return text.contains('/') ? parse_path(text) : parse_port(text);
  }

 private:
  [[nodiscard]] static std::optional<SocketAddress> parse_path(std::string_view path) {
    sockaddr_un unix_address{};
    if (path.size() >= sizeof unix_address.sun_path) return std::nullopt;
    unix_address.sun_family = AF_UNIX;
    std::memcpy(unix_address.sun_path, path.data(), path.size());
    return of(unix_address);
  }

  [[nodiscard]] static std::optional<SocketAddress> parse_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string host(text.substr(0, colon));
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    sockaddr_in internet_address{};
    internet_address.sin_family = AF_INET;
    internet_address.sin_port = htons(port);
    if (inet_pton(AF_INET, host.c_str(), &internet_address.sin_addr) != 1) return std::nullopt;
    return of(internet_address);
  }

  template <class Address>
  [[nodiscard]] static SocketAddress of(const Address& address) {
    SocketAddress made;
    std::memcpy(&made.storage, &address, sizeof address);
    made.size = sizeof address;
    return made;
  }
};

}  // namespace tillkit::boards::sandbox
