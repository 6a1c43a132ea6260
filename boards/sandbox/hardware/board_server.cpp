// SPDX-License-Identifier: Apache-2.0
#include "board_server.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <netinet/tcp.h>

#include "sockets.hpp"
#include "wire.hpp"

namespace tillkit::sandbox {

class BoardServer::Impl {
 public:
  Impl(hal_linux::EventLoop& loop, Machine& machine, OwnedDescriptor listening, std::string_view asked)
      : loop_(loop), machine_(machine), listening_(std::move(listening)), asked_(asked) {}
  ~Impl() {
    close();
    loop_.unwatch(listening_.get());
    if (asked_.contains('/')) static_cast<void>(::unlink(asked_.c_str()));
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] core::Result<> start() {
    return loop_.watch(listening_.get(), {.readable = true}, [this](hal_linux::Readiness) { accept(); });
  }
  [[nodiscard]] std::string address() const { return address_of(listening_, asked_); }

 private:
  void accept() {
    OwnedDescriptor board(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!board) return;
    close();
    const int yes = 1;
    // A Unix socket does not know the option and does not wait.
    static_cast<void>(setsockopt(board.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
    board_ = std::move(board);
    machine_.connect([this](const std::string& line) { send(line); });
    if (!watch()) close();
  }

  bool watch() {
    return loop_
        .watch(board_.get(), {.readable = true, .writable = !queue_.empty()},
               [this](hal_linux::Readiness readiness) { ready(readiness); })
        .has_value();
  }

  void close() {
    if (!board_) return;
    loop_.unwatch(board_.get());
    board_.reset();
    received_.clear();
    queue_.clear();
    machine_.disconnect();
  }

  void send(std::string_view line) {
    if (line.size() >= boards::sandbox::kQueueBytesMax - queue_.size()) {
      // It does not read: it is shut here, and the loop notices.
      static_cast<void>(::shutdown(board_.get(), SHUT_RDWR));
      return;
    }
    const bool idle = queue_.empty();
    queue_ += line;
    queue_ += '\n';
    if (idle && !watch()) static_cast<void>(::shutdown(board_.get(), SHUT_RDWR));
  }

  void ready(hal_linux::Readiness readiness) {
    if (readiness.writable && !write_some()) return close();
    if (readiness.readable || readiness.failed) receive();
  }

  bool write_some() {
    const auto size = ::send(board_.get(), queue_.data(), queue_.size(), MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    queue_.erase(0, static_cast<std::size_t>(size));
    return !queue_.empty() || watch();
  }

  void receive() {
    std::array<char, 16 * 1024> block;
    const auto size = ::read(board_.get(), block.data(), block.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return close();
    received_.add({block.data(), static_cast<std::size_t>(size)});
    while (const auto line = received_.take()) {
      if (!machine_.take_line(*line)) return close();
    }
    if (received_.too_long()) close();
  }

  hal_linux::EventLoop& loop_;
  Machine& machine_;
  OwnedDescriptor listening_;
  const std::string asked_;
  OwnedDescriptor board_;
  boards::sandbox::LineCutter received_;
  std::string queue_;
};

core::Result<std::unique_ptr<BoardServer>> BoardServer::listen(hal_linux::EventLoop& loop, Machine& machine,
                                                               std::string_view address) {
  TILLKIT_TRY(OwnedDescriptor listening, listen_at(address));
  auto impl = std::make_unique<Impl>(loop, machine, std::move(listening), address);
  TILLKIT_TRY_VOID(impl->start());
  return std::unique_ptr<BoardServer>(new BoardServer(std::move(impl)));
}

BoardServer::BoardServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BoardServer::~BoardServer() = default;

std::string BoardServer::address() const {
  return impl_->address();
}

}  // namespace tillkit::sandbox
