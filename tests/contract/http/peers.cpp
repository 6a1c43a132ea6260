// SPDX-License-Identifier: Apache-2.0
#include "peers.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "tillkit/core/bytes.hpp"
#include "tillkit/core/encoding.hpp"

namespace tillkit::contract {
namespace {

core::JsonDocument read_description() {
  const char* path = std::getenv("TILLKIT_PEERS");
  if (path == nullptr) throw std::runtime_error("start this program with tests/interop/peers/peers.py -- <program>");
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto document = core::JsonDocument::parse(text);
  if (!document) throw std::runtime_error("the peers' description cannot be read");
  return *std::move(document);
}

template <class T>
T must(core::Result<T> result) {
  if (!result) throw std::runtime_error("the peers' description lacks something that a test asks for");
  return *std::move(result);
}

int connect_to(int port) {
  const int link = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (link < 0 || ::connect(link, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("the peers' control port cannot be reached");
  return link;
}

std::string fresh_number() {
  static int last = 0;
  return std::to_string(::getpid()) + "." + std::to_string(++last);  // several programs may ask the same peers
}

/// What the peers count a request under: its number, or its path.
std::string key_of(std::string_view url) {
  const auto path = url.substr(url.find('/', url.find("://") + 3));
  const auto at = path.find("n=");
  if (at == std::string_view::npos) return std::string(path);
  return std::string(path.substr(at + 2, path.find('&', at) - at - 2));
}

std::string decoded(const std::string& base64) {
  const auto bytes = must(core::decode_base64(base64));
  return std::string(core::as_text(bytes));
}

}  // namespace

Peers::Peers()
    : description_(read_description()),
      control_(connect_to(static_cast<int>(must(must(description_.root().member("control")).integer())))) {}

Peers::~Peers() {
  ::close(control_);
}

std::string Peers::text(std::string_view name) const {
  return std::string(must(must(description_.root().member(name)).text()));
}

std::string Peers::revocation_list(std::string_view name) const {
  return std::string(must(must(must(description_.root().member("lists")).member(name)).text()));
}

int Peers::port(std::string_view server) const {
  return static_cast<int>(must(must(must(description_.root().member("ports")).member(server)).integer()));
}

std::string Peers::plain_url(std::string_view and_query) const {
  return "http://127.0.0.1:" + std::to_string(port("plain")) + "/act?n=" + fresh_number() + std::string(and_query);
}

std::string Peers::raw_url(std::string_view name) const {
  return "http://127.0.0.1:" + std::to_string(port("plain")) + "/raw/" + std::string(name) + "?n=" + fresh_number();
}

std::string Peers::secure_url(std::string_view server, std::string_view host, std::string_view and_query) const {
  return "https://" + std::string(host) + ":" + std::to_string(port(server)) + "/act?n=" + fresh_number() +
         std::string(and_query);
}

std::string Peers::ask(const std::string& question) const {
  const auto line = question + "\n";
  if (::send(control_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("the peers are gone");
  std::string answer;
  std::array<char, 4096> part{};
  while (!answer.ends_with('\n')) {
    const auto count = ::recv(control_, part.data(), part.size(), 0);
    if (count <= 0) throw std::runtime_error("the peers are gone: " + question);
    answer.append(part.data(), static_cast<std::size_t>(count));
  }
  answer.pop_back();
  return answer;
}

int Peers::arrivals(std::string_view url) const {
  return std::stoi(ask("arrivals " + key_of(url)));
}

std::string Peers::request(std::string_view url) const {
  return decoded(ask("request " + key_of(url)));
}

int Peers::count(std::string_view what, std::string_view server) const {
  return std::stoi(ask(std::string(what) + " " + std::string(server)));
}

std::string Peers::enrol(std::string_view authority, std::string_view request_pem) const {
  return decoded(ask("enrol " + std::string(authority) + " " + core::encode_base64(core::as_bytes(request_pem))));
}

core::JsonDocument Peers::hello() const {
  return must(core::JsonDocument::parse(ask("hello")));
}

int Peers::names_asked() const {
  return std::stoi(ask("names_asked"));
}

}  // namespace tillkit::contract
