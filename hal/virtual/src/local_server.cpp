// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_virtual/local_server.hpp"

#include <algorithm>
#include <utility>

namespace tillkit::hal_virtual {

std::uint64_t VirtualLocalServer::connect(bool same_user) {
  const std::uint64_t number = ++newest_client_;
  if (!open_ || !same_user || clients_.size() >= hal::kLocalConnectionsMax) return number;
  clients_[number];
  return number;
}

void VirtualLocalServer::send(std::uint64_t client, std::string_view bytes) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  found->second.unread += bytes;
  serve_later(client);
}

std::string VirtualLocalServer::read(std::uint64_t client) {
  if (clients_.contains(client)) serve_later(client);
  return std::exchange(arrived_[client], {});
}

void VirtualLocalServer::hang_up(std::uint64_t client) {
  world().in_device({}, [this, client] {
    auto gone = clients_.extract(client);
    if (gone && gone.mapped().done) gone.mapped().done(core::fail(core::ErrorCode::Unavailable));
  });
}

void VirtualLocalServer::serve_later(std::uint64_t client) {
  world().in_device({}, [this, client] { serve(client); });
}

void VirtualLocalServer::serve(std::uint64_t number) {
  if (const auto found = clients_.find(number); found != clients_.end() && !found->second.out.empty()) {
    send_some(number, found->second);
  }
  if (const auto found = clients_.find(number); found != clients_.end()) next_request(number, found->second);
}

void VirtualLocalServer::send_some(std::uint64_t number, Client& client) {
  std::string& arrived = arrived_[number];
  const std::size_t some = std::min(client.out.size(), kVirtualSocketBytes - arrived.size());
  arrived += client.out.substr(0, some);
  client.out.erase(0, some);
  if (!client.out.empty()) return;
  if (client.ending) {
    client.ending = false;
    client.request = {};
    if (client.last) clients_.erase(number);
    return;
  }
  auto done = std::exchange(client.done, {});
  done({});
}

void VirtualLocalServer::next_request(std::uint64_t number, Client& client) {
  const std::size_t some = std::min(client.unread.size(), client.lines.room());
  client.lines.add(client.unread.substr(0, some));
  client.unread.erase(0, some);
  if (client.request != hal::LocalRequestId{}) return;
  const auto line = client.lines.take();
  if (!line) return;
  client.request = {++newest_request_};
  client.last = line->too_long;
  if (!listener_.tell({client.request, line->text, line->too_long})) clients_.erase(number);
}

std::map<std::uint64_t, VirtualLocalServer::Client>::iterator VirtualLocalServer::find(hal::LocalRequestId request) {
  if (request == hal::LocalRequestId{}) return clients_.end();
  return std::ranges::find_if(
      clients_, [request](const auto& entry) { return entry.second.request == request && !entry.second.ending; });
}

void VirtualLocalServer::do_listen(hal::LocalListener listener) {
  if (has_power()) listener_.set(std::move(listener));
}

core::Result<> VirtualLocalServer::do_open() {
  if (!has_power()) return core::fail(core::ErrorCode::Unavailable);
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  if (open_) return core::fail(core::ErrorCode::FailedPrecondition);
  open_ = true;
  return {};
}

void VirtualLocalServer::do_close() {
  open_ = false;
  for (auto& [number, client] : std::exchange(clients_, {})) {
    if (!client.done) continue;
    world().in_device({}, [done = std::move(client.done)]() mutable { done(core::fail(core::ErrorCode::Cancelled)); });
  }
}

core::Result<> VirtualLocalServer::do_write(hal::LocalRequestId request, std::string piece, core::Completion<> done) {
  if (!has_power()) return core::fail(core::ErrorCode::NotFound);
  if (const auto error = faults_.next_call()) return std::unexpected(*error);
  const auto found = find(request);
  if (found == clients_.end()) return core::fail(core::ErrorCode::NotFound);
  auto& [number, client] = *found;
  if (!client.out.empty()) return core::fail(core::ErrorCode::FailedPrecondition);
  client.out = std::move(piece);
  client.done = std::move(done);
  serve_later(number);
  return {};
}

core::Result<> VirtualLocalServer::do_end(hal::LocalRequestId request) {
  const auto found = find(request);
  if (found == clients_.end()) return core::fail(core::ErrorCode::NotFound);
  auto& [number, client] = *found;
  if (!client.out.empty()) return core::fail(core::ErrorCode::FailedPrecondition);
  client.ending = true;
  client.out = "\n";
  serve_later(number);
  return {};
}

void VirtualLocalServer::power_lost() {
  open_ = false;
  clients_.clear();
  listener_.set({});
}

}  // namespace tillkit::hal_virtual
