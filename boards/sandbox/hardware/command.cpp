// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX's
#include <sys/prctl.h>
#include <sys/wait.h>

#include "sockets.hpp"

namespace tillkit::sandbox {
namespace {

using Clock = std::chrono::steady_clock;

/// Adds to `text` what there is to read until `until`. False: nothing more comes, or not in time, or too much.
bool read_more(int descriptor, Clock::time_point until, std::string& text) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  if (left <= 0 || text.size() > kCommandBytesMax) return false;
  pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
  std::array<char, 16 * 1024> block;
  const auto size = ::read(descriptor, block.data(), block.size());
  if (size <= 0) return false;
  text.append(block.data(), static_cast<std::size_t>(size));
  return true;
}

/// In the new process: nothing here may allocate or lock.
[[noreturn]] void become_shell(const char* command, int output, pid_t parent) {
  constexpr int kCannotStart = 127;
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  if (getppid() == parent) execl("/bin/sh", "sh", "-c", command, static_cast<char*>(nullptr));
  _exit(kCannotStart);
}

/// An answer ends with an empty line (`hal::LocalServer`).
bool is_whole(const std::string& text) {
  return text.ends_with("\n\n");
}

}  // namespace

std::string run_command(const std::string& command, std::chrono::milliseconds limit) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const OwnedDescriptor output(ends[0]);
  OwnedDescriptor input(ends[1]);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become_shell(command.c_str(), input.get(), parent);
  input.reset();
  if (child < 0) return {};
  const auto until = Clock::now() + limit;
  std::string text;
  while (read_more(output.get(), until, text)) {
  }
  const bool in_time = Clock::now() < until && text.size() <= kCommandBytesMax;
  // The whole group: a shell's child must not outlive the shell.
  if (!in_time) ::kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return in_time ? text : std::string();
}

std::string ask_socket(const std::string& path, const std::string& line, std::chrono::milliseconds limit) {
  const auto address = boards::sandbox::SocketAddress::parse(path);
  const OwnedDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!address || !socket || ::connect(socket.get(), address->get(), address->size) != 0) return {};
  const std::string request = line + '\n';
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    return {};
  }
  const auto until = Clock::now() + limit;
  std::string text;
  while (!is_whole(text)) {
    if (!read_more(socket.get(), until, text)) return {};
  }
  return text;
}

}  // namespace tillkit::sandbox
