// SPDX-License-Identifier: Apache-2.0
#include "unix_door.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tillkit::hal_linux {
namespace {

/// A socket gets its place by being renamed to it: it is never there half made, nor with other permissions.
constexpr std::string_view kBeside = ".new";

std::unexpected<core::Error> system_failure(int error) {
  const bool forbidden = error == EACCES || error == EPERM;
  return core::fail(forbidden ? core::ErrorCode::PermissionDenied : core::ErrorCode::Unavailable,
                    core::ErrorSource::System, error);
}

core::Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return core::fail(core::ErrorCode::InvalidArgument);
  std::ranges::copy(path, std::begin(address.sun_path));
  return address;
}

core::Result<Descriptor> make_socket() {
  Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket) return system_failure(errno);
  return socket;
}

/// Passes where nobody answers at `path`: nothing is there, or what a dead process left.
core::Result<> check_free(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_failure(errno);
  }
  if (!S_ISSOCK(status.st_mode)) return core::fail(core::ErrorCode::AlreadyExists);
  TILLKIT_TRY(const sockaddr_un address, address_of(path));
  TILLKIT_TRY(const Descriptor probe, make_socket());
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return core::fail(core::ErrorCode::AlreadyExists);
  }
  switch (errno) {
    case ECONNREFUSED:
    case ENOENT: return {};
    case EAGAIN: return core::fail(core::ErrorCode::AlreadyExists);  // it lives and has many clients
    default: return system_failure(errno);
  }
}

}  // namespace

core::Result<Descriptor> listen_at(const std::string& path, mode_t mode, int waiting_max) {
  if (path.empty()) return core::fail(core::ErrorCode::InvalidArgument);
  const std::string beside = path + std::string(kBeside);
  TILLKIT_TRY(const sockaddr_un address, address_of(beside));
  TILLKIT_TRY_VOID(check_free(path));
  TILLKIT_TRY(Descriptor socket, make_socket());
  // On Linux the file gets what the socket has, less what the umask takes; the rest is given before the rename.
  if (::fchmod(socket.get(), mode) != 0) return system_failure(errno);
  if (::unlink(beside.c_str()) != 0 && errno != ENOENT) return system_failure(errno);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(beside.c_str(), mode) != 0 || ::listen(socket.get(), waiting_max) != 0 ||
      ::rename(beside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    static_cast<void>(::unlink(beside.c_str()));
    return system_failure(error);
  }
  return socket;
}

}  // namespace tillkit::hal_linux
