// SPDX-License-Identifier: Apache-2.0
#include "sockets.hpp"

#include <cerrno>
#include <string>

#include <sys/stat.h>

namespace tillkit::sandbox {
namespace {

using boards::sandbox::SocketAddress;

/// True: what lay there is a socket that nobody answers at, and is gone now.
bool remove_dead_socket(const std::string& path, const SocketAddress& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return false;
  const OwnedDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe) return false;
  const bool alive = ::connect(probe.get(), address.get(), address.size) == 0;
  return !alive && ::unlink(path.c_str()) == 0;
}

}  // namespace

core::Result<OwnedDescriptor> listen_at(std::string_view text) {
  constexpr int kBacklog = 64;
  const auto address = SocketAddress::parse(text);
  if (!address) return core::fail(core::ErrorCode::InvalidArgument);
  OwnedDescriptor listening(::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto unavailable = [] { return core::fail(core::ErrorCode::Unavailable, core::ErrorSource::System, errno); };
  if (!listening) return unavailable();
  if (address->family() == AF_UNIX) {
    static_cast<void>(remove_dead_socket(std::string(text), *address));
  } else {
    const int yes = 1;
    static_cast<void>(setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  }
  if (::bind(listening.get(), address->get(), address->size) != 0) return unavailable();
  if (::listen(listening.get(), kBacklog) != 0) return unavailable();
  return listening;
}

std::string address_of(const OwnedDescriptor& listening, std::string_view asked) {
  if (asked.contains('/')) return std::string(asked);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (getsockname(listening.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return std::string(asked);
  return std::string(asked.substr(0, asked.rfind(':'))) + ':' + std::to_string(ntohs(bound.sin_port));
}

}  // namespace tillkit::sandbox
