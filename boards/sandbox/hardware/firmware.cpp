// SPDX-License-Identifier: Apache-2.0
#include "firmware.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigprocmask is POSIX's
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace tillkit::sandbox {
namespace {

/// In the new process: nothing here may allocate or lock.
[[noreturn]] void become(char* const* words, pid_t parent) {
  constexpr int kCannotStart = 127;
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // What it prints is not this program's answer.
  dup2(STDERR_FILENO, STDOUT_FILENO);
  if (getppid() == parent) execvp(words[0], words);
  _exit(kCannotStart);
}

}  // namespace

Firmware::Firmware(hal_linux::EventLoop& loop, std::vector<std::string> command)
    : loop_(loop), command_(std::move(command)) {}

Firmware::~Firmware() {
  kill();
}

core::Result<> Firmware::start() {
  loop_.cancel(restart_);
  if (!is_managed() || is_running()) return {};
  std::vector<char*> words;
  words.reserve(command_.size() + 1);
  for (const std::string& word : command_)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become(words.data(), parent);
  if (child < 0) return core::fail(core::ErrorCode::Unavailable, core::ErrorSource::System, errno);
  process_ = child;
  ++starts_;
  process_end_ = OwnedDescriptor(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  if (!process_end_) {
    kill();
    return core::fail(core::ErrorCode::Unavailable, core::ErrorSource::System, errno);
  }
  const auto watched = loop_.watch(process_end_.get(), {.readable = true}, [this](hal_linux::Readiness) { ended(); });
  if (!watched) kill();
  return watched;
}

void Firmware::reap() {
  if (process_end_) loop_.unwatch(process_end_.get());
  process_end_.reset();
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

void Firmware::kill() {
  loop_.cancel(restart_);
  if (!is_running()) return;
  ::kill(process_, SIGKILL);
  reap();
}

void Firmware::ended() {
  reap();
  // Before the timer: whoever is told may end it for good.
  if (told_) told_();
  const auto set = loop_.call_after(kRestartPause, [this] {
    if (!start()) std::fputs("tillkit-sandbox: the firmware cannot be started\n", stderr);
  });
  if (set) restart_ = *set;
}

}  // namespace tillkit::sandbox
