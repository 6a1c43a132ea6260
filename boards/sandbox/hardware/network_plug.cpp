// SPDX-License-Identifier: Apache-2.0
#include "network_plug.hpp"

#include <array>
#include <cerrno>
#include <list>
#include <utility>

#include <netinet/tcp.h>

#include "sockets.hpp"

namespace tillkit::sandbox {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

/// Bytes on their way from one socket to another. What was read is written before more is read.
struct Direction {
  std::string waiting;
  bool ended = false;  // the reading side has sent all it had

  /// False: the connection is broken.
  bool move(int from, int to) {
    if (waiting.empty() && !ended) {
      std::array<char, kBlockBytes> block;
      const auto size = ::read(from, block.data(), block.size());
      if (size < 0 && errno != EAGAIN && errno != EINTR) return false;
      if (size == 0) {
        ended = true;
        static_cast<void>(::shutdown(to, SHUT_WR));
      }
      if (size > 0) waiting.assign(block.data(), static_cast<std::size_t>(size));
    }
    if (waiting.empty()) return true;
    const auto size = ::send(to, waiting.data(), waiting.size(), MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
    waiting.erase(0, static_cast<std::size_t>(size));
    return true;
  }
};

struct Relay {
  OwnedDescriptor near;
  OwnedDescriptor far;
  Direction out;
  Direction in;

  [[nodiscard]] bool is_over() const { return out.ended && in.ended && out.waiting.empty() && in.waiting.empty(); }
};

}  // namespace

class NetworkPlug::Impl {
 public:
  Impl(hal_linux::EventLoop& loop, OwnedDescriptor listening, std::string_view asked,
       const boards::sandbox::SocketAddress& target)
      : loop_(loop), listening_(std::move(listening)), asked_(asked), target_(target) {}
  ~Impl() { rest(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::string address() const { return address_of(listening_, asked_); }

  void pull() {
    in_ = false;
    rest();
  }

  void put() {
    in_ = true;
    watch_listener();
    for (Relay& relay : relays_)
      watch(relay);
  }

 private:
  using Place = std::list<Relay>::iterator;

  void rest() {
    loop_.unwatch(listening_.get());
    for (const Relay& relay : relays_) {
      loop_.unwatch(relay.near.get());
      loop_.unwatch(relay.far.get());
    }
  }

  void watch_listener() {
    const bool room = relays_.size() < kRelaysMax;
    loop_.unwatch(listening_.get());
    // What cannot be watched is not accepted; the firmware waits as on a slow network.
    if (in_ && room) {
      static_cast<void>(
          loop_.watch(listening_.get(), {.readable = true}, [this](hal_linux::Readiness) { accept(); }).has_value());
    }
  }

  void accept() {
    OwnedDescriptor near(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!near) return;
    OwnedDescriptor far(::socket(target_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!far) return;
    if (::connect(far.get(), target_.get(), target_.size) != 0 && errno != EINPROGRESS) return;
    const int yes = 1;
    for (const int socket : {near.get(), far.get()})
      static_cast<void>(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
    relays_.push_back({.near = std::move(near), .far = std::move(far), .out = {}, .in = {}});
    watch(relays_.back());
    watch_listener();
  }

  void watch(Relay& relay) {
    const auto watch_one = [&](const OwnedDescriptor& socket, const Direction& from_here, const Direction& to_here) {
      const hal_linux::Readiness interest{.readable = from_here.waiting.empty() && !from_here.ended,
                                          .writable = !to_here.waiting.empty()};
      loop_.unwatch(socket.get());
      if (!interest.readable && !interest.writable) return;
      static_cast<void>(
          loop_.watch(socket.get(), interest, [this, &relay](hal_linux::Readiness) { move(relay); }).has_value());
    };
    watch_one(relay.near, relay.out, relay.in);
    watch_one(relay.far, relay.in, relay.out);
  }

  void move(Relay& relay) {
    const bool whole =
        relay.out.move(relay.near.get(), relay.far.get()) && relay.in.move(relay.far.get(), relay.near.get());
    if (whole && !relay.is_over()) return watch(relay);
    loop_.unwatch(relay.near.get());
    loop_.unwatch(relay.far.get());
    // The callback that called this is the watch's, and was dropped with it: nothing of it is used behind here.
    relays_.remove_if([&](const Relay& other) { return &other == &relay; });
    watch_listener();
  }

  hal_linux::EventLoop& loop_;
  OwnedDescriptor listening_;
  const std::string asked_;
  const boards::sandbox::SocketAddress target_;
  std::list<Relay> relays_;
  bool in_ = true;
};

core::Result<std::unique_ptr<NetworkPlug>> NetworkPlug::open(hal_linux::EventLoop& loop, std::string_view listen,
                                                             std::string_view target) {
  const auto address = boards::sandbox::SocketAddress::parse(target);
  if (!address) return core::fail(core::ErrorCode::InvalidArgument);
  TILLKIT_TRY(OwnedDescriptor listening, listen_at(listen));
  auto impl = std::make_unique<Impl>(loop, std::move(listening), listen, *address);
  impl->put();
  return std::unique_ptr<NetworkPlug>(new NetworkPlug(std::move(impl)));
}

NetworkPlug::NetworkPlug(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
NetworkPlug::~NetworkPlug() = default;

void NetworkPlug::pull() {
  impl_->pull();
}
void NetworkPlug::put() {
  impl_->put();
}
std::string NetworkPlug::address() const {
  return impl_->address();
}

}  // namespace tillkit::sandbox
