// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/local_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.hpp"
#include "tillkit/hal/driver/listener_slot.hpp"
#include "tillkit/hal/driver/request_lines.hpp"
#include "unix_door.hpp"

namespace tillkit::hal_linux {
namespace {

/// So long nobody is let in after the system had no descriptor for a client.
constexpr std::chrono::seconds kPauseWithoutDescriptors{1};

bool may_come_in(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

bool is_for_later(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

class LocalServer::Impl {
 public:
  Impl(EventLoop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}
  ~Impl() { shut(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void listen(hal::LocalListener listener) { listener_.set(std::move(listener)); }
  [[nodiscard]] core::Result<> open();
  void close();
  [[nodiscard]] core::Result<> write(hal::LocalRequestId request, std::string piece, core::Completion<> done);
  [[nodiscard]] core::Result<> end(hal::LocalRequestId request);

 private:
  using Number = std::uint64_t;

  struct Client {
    Descriptor socket;
    hal::driver::RequestLines lines;
    bool input_ended = false;
    hal::LocalRequestId request{};  // under way
    bool last = false;              // let the client go after this answer
    bool ending = false;            // `out` is the empty line behind the answer
    std::string out;
    std::size_t sent = 0;
    core::Completion<> done;
  };

  [[nodiscard]] core::Result<> watch_door();
  void let_in();
  [[nodiscard]] bool watch(Number number, const Client& client);
  void ready(Number number, Readiness readiness);
  void receive(Number number, Client& client);
  void send(Number number, Client& client);
  void next_request(Number number);
  void gone(Number number, int error);
  void let_go(Number number);
  void shut();
  [[nodiscard]] Client* find(Number number);
  [[nodiscard]] std::map<Number, Client>::iterator find(hal::LocalRequestId request);

  EventLoop& loop_;
  const std::string path_;
  Descriptor door_;
  hal::TimerId pause_;
  hal::driver::ListenerSlot<hal::LocalRequest> listener_;
  std::map<Number, Client> clients_;  // by numbers that are never given twice: a callback may let one go
  Number newest_client_ = 0;
  std::uint64_t newest_request_ = 0;
};

core::Result<> LocalServer::Impl::open() {
  if (door_) return core::fail(core::ErrorCode::FailedPrecondition);
  TILLKIT_TRY(door_, listen_at(path_, S_IRUSR | S_IWUSR, static_cast<int>(hal::kLocalConnectionsMax)));
  const auto watched = watch_door();
  if (!watched) shut();
  return watched;
}

core::Result<> LocalServer::Impl::watch_door() {
  const auto watched = loop_.watch(door_.get(), {.readable = true}, [this](Readiness) { let_in(); });
  if (watched) return {};
  return core::fail(core::ErrorCode::Unavailable, watched.error().source, watched.error().foreign);
}

void LocalServer::Impl::let_in() {
  Descriptor socket{::accept4(door_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!socket) {
    if (errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS) return;
    // The client still waits at the door and would wake the loop all the time.
    const auto pause = loop_.call_after(kPauseWithoutDescriptors, [this] { static_cast<void>(watch_door()); });
    if (!pause) return;
    pause_ = *pause;
    loop_.unwatch(door_.get());
    return;
  }
  if (clients_.size() >= hal::kLocalConnectionsMax || !may_come_in(socket.get())) return;
  const Number number = ++newest_client_;
  Client& client = clients_[number];
  client.socket = std::move(socket);
  if (!watch(number, client)) let_go(number);
}

bool LocalServer::Impl::watch(Number number, const Client& client) {
  const Readiness interest{.readable = !client.input_ended && client.lines.room() > 0, .writable = !client.out.empty()};
  if (!interest.readable && !interest.writable) {
    loop_.unwatch(client.socket.get());
    return true;
  }
  return loop_.watch(client.socket.get(), interest, [this, number](Readiness readiness) { ready(number, readiness); })
      .has_value();
}

LocalServer::Impl::Client* LocalServer::Impl::find(Number number) {
  const auto found = clients_.find(number);
  return found == clients_.end() ? nullptr : &found->second;
}

std::map<LocalServer::Impl::Number, LocalServer::Impl::Client>::iterator LocalServer::Impl::find(
    hal::LocalRequestId request) {
  if (request == hal::LocalRequestId{}) return clients_.end();
  return std::ranges::find_if(
      clients_, [request](const auto& entry) { return entry.second.request == request && !entry.second.ending; });
}

void LocalServer::Impl::ready(Number number, Readiness readiness) {
  if (Client* const client = find(number); client != nullptr && readiness.writable && !client->out.empty()) {
    send(number, *client);
  }
  Client* const client = find(number);
  if (client != nullptr && !client->input_ended && (readiness.readable || readiness.failed)) receive(number, *client);
}

void LocalServer::Impl::receive(Number number, Client& client) {
  std::array<char, hal::kLocalRequestBytesMax + 1> read;
  const std::size_t room = client.lines.room();
  if (room == 0) return;
  const auto size = ::recv(client.socket.get(), read.data(), room, 0);
  if (size < 0 && is_for_later(errno)) return;
  if (size < 0) return gone(number, errno);
  if (size == 0) {
    client.input_ended = true;
  } else {
    client.lines.add({read.data(), static_cast<std::size_t>(size)});
  }
  next_request(number);
}

/// Hands over the next line, if it is there and nothing is under way.
void LocalServer::Impl::next_request(Number number) {
  Client* client = find(number);
  if (client->request == hal::LocalRequestId{}) {
    if (const auto line = client->lines.take()) {
      client->request = {++newest_request_};
      client->last = line->too_long;
      const bool heard = listener_.tell({client->request, line->text, line->too_long});
      client = find(number);
      if (client == nullptr) return;
      if (!heard) return let_go(number);
    } else if (client->input_ended) {
      return let_go(number);
    }
  }
  if (!watch(number, *client)) gone(number, 0);
}

void LocalServer::Impl::send(Number number, Client& client) {
  const auto size = ::send(client.socket.get(), client.out.data() + client.sent, client.out.size() - client.sent,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
  if (size < 0 && is_for_later(errno)) return;
  if (size < 0) return gone(number, errno);
  client.sent += static_cast<std::size_t>(size);
  if (client.sent < client.out.size()) return;

  client.out = {};
  client.sent = 0;
  if (client.ending) {
    client.ending = false;
    client.request = {};
    if (client.last) return let_go(number);
    return next_request(number);
  }
  auto done = std::move(client.done);
  if (!watch(number, client)) let_go(number);
  done({});
}

void LocalServer::Impl::gone(Number number, int error) {
  auto done = std::move(find(number)->done);
  let_go(number);
  const auto source = error == 0 ? core::ErrorSource::Tillkit : core::ErrorSource::System;
  if (done) done(core::fail(core::ErrorCode::Unavailable, source, error));
}

void LocalServer::Impl::let_go(Number number) {
  auto client = clients_.extract(number);  // what its completion owns may call back: it dies last
  loop_.unwatch(client.mapped().socket.get());
}

core::Result<> LocalServer::Impl::write(hal::LocalRequestId request, std::string piece, core::Completion<> done) {
  const auto found = find(request);
  if (found == clients_.end()) return core::fail(core::ErrorCode::NotFound);
  auto& [number, client] = *found;
  if (!client.out.empty()) return core::fail(core::ErrorCode::FailedPrecondition);
  client.out = std::move(piece);
  if (!watch(number, client)) {
    let_go(number);
    return core::fail(core::ErrorCode::NotFound);
  }
  client.done = std::move(done);
  return {};
}

core::Result<> LocalServer::Impl::end(hal::LocalRequestId request) {
  const auto found = find(request);
  if (found == clients_.end()) return core::fail(core::ErrorCode::NotFound);
  auto& [number, client] = *found;
  if (!client.out.empty()) return core::fail(core::ErrorCode::FailedPrecondition);
  client.ending = true;
  client.out = "\n";
  if (!watch(number, client)) let_go(number);
  return {};
}

void LocalServer::Impl::close() {
  for (auto& [number, client] : clients_) {
    if (!client.done) continue;
    loop_.post([done = std::move(client.done)]() mutable { done(core::fail(core::ErrorCode::Cancelled)); });
  }
  shut();
}

void LocalServer::Impl::shut() {
  if (!door_) return;
  loop_.cancel(pause_);
  for (const auto& [number, client] : clients_)
    loop_.unwatch(client.socket.get());
  const auto dropped = std::exchange(clients_, {});
  loop_.unwatch(door_.get());
  // Before the door is closed: so it is ours, and not that of who found it closed and took its place.
  static_cast<void>(::unlink(path_.c_str()));
  door_.reset();
}

LocalServer::LocalServer(EventLoop& loop, std::string path) : impl_(std::make_unique<Impl>(loop, std::move(path))) {}
LocalServer::~LocalServer() = default;

void LocalServer::do_listen(hal::LocalListener listener) {
  impl_->listen(std::move(listener));
}
core::Result<> LocalServer::do_open() {
  return impl_->open();
}
void LocalServer::do_close() {
  impl_->close();
}
core::Result<> LocalServer::do_write(hal::LocalRequestId request, std::string piece, core::Completion<> done) {
  return impl_->write(request, std::move(piece), std::move(done));
}
core::Result<> LocalServer::do_end(hal::LocalRequestId request) {
  return impl_->end(request);
}

}  // namespace tillkit::hal_linux
