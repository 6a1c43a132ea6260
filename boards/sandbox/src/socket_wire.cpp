// SPDX-License-Identifier: Apache-2.0
#include "socket_wire.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket_address.hpp"
#include "tillkit/core/assert.hpp"

namespace tillkit::boards::sandbox {

class SocketWire::Impl {
 public:
  Impl(hal_linux::EventLoop& loop, const SocketAddress& address) : loop_(loop), address_(address) {}
  ~Impl() {
    loop_.cancel(look_again_);
    shut();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] core::Result<> start() { return look_after(std::chrono::milliseconds{0}); }
  void listen(WireListener& listener) { listener_ = &listener; }
  [[nodiscard]] bool is_connected() const { return connected_; }
  void send(std::string_view line);
  void hang_up();

 private:
  [[nodiscard]] core::Result<> look_after(std::chrono::milliseconds delay);
  void look();
  [[nodiscard]] bool watch();
  void ready(hal_linux::Readiness readiness);
  void finish_connecting();
  void receive();
  void send_some();
  void shut();
  void lose();

  hal_linux::EventLoop& loop_;
  const SocketAddress address_;
  WireListener* listener_ = nullptr;
  hal::TimerId look_again_;
  int socket_ = -1;
  bool connected_ = false;
  bool hung_up_ = false;
  LineCutter received_;
  std::string queue_;
};

core::Result<> SocketWire::Impl::look_after(std::chrono::milliseconds delay) {
  TILLKIT_TRY(look_again_, loop_.call_after(delay, [this] {
    // First of all: the place of this timer is free now, and must not go to another.
    const auto set_again = look_after(kReconnectEvery);
    TILLKIT_ASSERT(set_again.has_value());
    look();
  }));
  return {};
}

void SocketWire::Impl::look() {
  if (hung_up_) return lose();
  if (socket_ >= 0) return;
  socket_ = ::socket(address_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return;
  const int connecting = ::connect(socket_, address_.get(), address_.size);
  if (connecting != 0 && errno != EINPROGRESS) return shut();
  if (!watch()) shut();
}

/// False: the loop does not take it.
bool SocketWire::Impl::watch() {
  const bool writes = !connected_ || !queue_.empty();
  return loop_
      .watch(socket_, {.readable = true, .writable = writes},
             [this](hal_linux::Readiness readiness) { ready(readiness); })
      .has_value();
}

void SocketWire::Impl::ready(hal_linux::Readiness readiness) {
  if (hung_up_) return lose();
  if (!connected_) return finish_connecting();
  if (readiness.writable) send_some();
  if (connected_ && (readiness.readable || readiness.failed)) receive();
}

void SocketWire::Impl::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return shut();
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof peer;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) return;  // not yet
  // A press or a scan must not wait for more to come; a Unix socket does not know the option and does not wait.
  const int yes = 1;
  static_cast<void>(setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  connected_ = true;
  if (!watch()) return shut();
  listener_->connected();
}

void SocketWire::Impl::receive() {
  std::array<char, 16 * 1024> block;
  const auto size = ::read(socket_, block.data(), block.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) return lose();
  received_.add({block.data(), static_cast<std::size_t>(size)});
  while (connected_ && !hung_up_) {
    const auto line = received_.take();
    if (!line) break;
    listener_->take_line(*line);
  }
  if (received_.too_long()) lose();
}

void SocketWire::Impl::send(std::string_view line) {
  if (!connected_ || hung_up_) return;
  if (line.size() >= kQueueBytesMax - queue_.size()) return hang_up();
  const bool idle = queue_.empty();
  queue_ += line;
  queue_ += '\n';
  if (idle && !watch()) hang_up();
}

void SocketWire::Impl::send_some() {
  const auto size = ::send(socket_, queue_.data(), queue_.size(), MSG_NOSIGNAL);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) return lose();
  queue_.erase(0, static_cast<std::size_t>(size));
  if (queue_.empty() && !watch()) lose();
}

void SocketWire::Impl::hang_up() {
  if (!connected_ || hung_up_) return;
  hung_up_ = true;
  // The end wakes the watch; where it does not, the next look does.
  ::shutdown(socket_, SHUT_RDWR);
}

void SocketWire::Impl::shut() {
  if (socket_ < 0) return;
  loop_.unwatch(socket_);
  ::close(std::exchange(socket_, -1));
  connected_ = false;
  hung_up_ = false;
  received_.clear();
  queue_.clear();
}

void SocketWire::Impl::lose() {
  shut();
  listener_->disconnected();
}

core::Result<std::unique_ptr<SocketWire>> SocketWire::open(hal_linux::EventLoop& loop, std::string_view address) {
  const auto parsed = SocketAddress::parse(address);
  if (!parsed) return core::fail(core::ErrorCode::InvalidArgument);
  auto impl = std::make_unique<Impl>(loop, *parsed);
  TILLKIT_TRY_VOID(impl->start());
  return std::unique_ptr<SocketWire>(new SocketWire(std::move(impl)));
}

SocketWire::SocketWire(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SocketWire::~SocketWire() = default;

void SocketWire::listen(WireListener& listener) {
  impl_->listen(listener);
}
bool SocketWire::is_connected() const {
  return impl_->is_connected();
}
void SocketWire::send(std::string line) {
  impl_->send(line);
}
void SocketWire::hang_up() {
  impl_->hang_up();
}

}  // namespace tillkit::boards::sandbox
