// SPDX-License-Identifier: Apache-2.0
#include "local_client.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace tillctl {
namespace {

/// A look at all records of a long journal takes so long.
constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};

class Socket {
 public:
  /// None: -1, and errno says why.
  Socket() : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) return;
    // Without the limits one would wait longer; that is all.
    static_cast<void>(::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience));
    static_cast<void>(::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience));
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Asked failed_with(std::string& why, const char* what, int error) {
  why = what;
  if (error != 0) why += std::string(" (") + std::strerror(error) + ')';
  return Asked::Failed;
}

Asked receive(int socket, const LineSink& sink, std::string& why) {
  std::string held;
  std::array<char, 65'536> block;
  for (;;) {
    const auto size = ::recv(socket, block.data(), block.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == ETIMEDOUT)) {
      return failed_with(why, "the running terminal does not answer", 0);
    }
    if (size < 0 && errno != ECONNRESET) return failed_with(why, "the answer broke off", errno);
    if (size <= 0) {
      return failed_with(why,
                         "the running terminal ended the connection: its answer is not whole, or it has too many "
                         "clients",
                         0);
    }
    held.append(block.data(), static_cast<std::size_t>(size));
    std::size_t begin = 0;
    for (std::size_t end = held.find('\n'); end != std::string::npos; end = held.find('\n', begin)) {
      if (end == begin) return Asked::Answered;
      if (!sink(std::string_view(held).substr(begin, end - begin))) return Asked::Stopped;
      begin = end + 1;
    }
    held.erase(0, begin);
  }
}

}  // namespace

Asked ask_terminal(const std::string& path, std::string_view request, const LineSink& sink, std::string& why) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // A terminal cannot have its socket there either.
  if (path.size() >= sizeof address.sun_path) return Asked::NobodyThere;
  path.copy(address.sun_path, path.size());
  const Socket socket;
  if (socket.get() < 0) return failed_with(why, "no socket can be had", errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return Asked::NobodyThere;
    return failed_with(why, "the running terminal cannot be asked", errno);
  }
  // What cannot be sent is said best by what comes back.
  static_cast<void>(send_all(socket.get(), std::string(request) + "\n"));
  return receive(socket.get(), sink, why);
}

}  // namespace tillctl
