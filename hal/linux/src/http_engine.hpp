// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include "http_exchange.hpp"
#include "tillkit/core/result.hpp"
#include "tillkit/core/time.hpp"
#include "tillkit/hal_linux/event_loop.hpp"
#include "tls.hpp"

namespace tillkit::hal_linux {

/// Holds libcurl, and what it starts in the libraries below, for as long as somebody uses it.
class CurlLibrary {
 public:
  /// - Unsupported: this libcurl was built without mbedTLS or c-ares.
  [[nodiscard]] static core::Result<std::unique_ptr<CurlLibrary>> start();
  ~CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;

 private:
  CurlLibrary() = default;
};

/// A libcurl multi handle on the loop: one pool of connections and of TLS sessions, made with one identity.
///
/// libcurl keeps both and asks no certificate a second time, so that what they rest on must not change under them: for
/// a new identity, or when a certificate among them ends, a client takes a new engine and lets the old one run out.
class HttpEngine {
 public:
  /// Told, after each turn of libcurl, from the loop; the engine may be destroyed in it.
  using Turned = std::function<void()>;

  /// `loop` must outlive it. Null: out of memory.
  [[nodiscard]] static std::unique_ptr<HttpEngine> create(EventLoop& loop, const hal::Clock& clock,
                                                          std::shared_ptr<const TlsIdentity> identity,
                                                          std::size_t connections_max, Turned turned);
  ~HttpEngine();
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  /// Starts an exchange; it must stay until it is over or removed. False: out of memory.
  [[nodiscard]] bool add(HttpExchange& exchange);
  /// Takes an exchange out. One that is under way loses its connection.
  void remove(HttpExchange& exchange);
  /// Gives out what is over; it is still to be removed.
  struct Over {
    HttpExchange* exchange;
    CURLcode code;
  };
  [[nodiscard]] std::optional<Over> next_over();

  /// When libcurl wants `run_timer`; the loop's timer is its owner's.
  [[nodiscard]] std::optional<core::MonotonicTime> timer_due() const { return timer_due_; }
  void run_timer();

  [[nodiscard]] const std::shared_ptr<const TlsIdentity>& identity() const { return identity_; }
  /// The loop would not watch a descriptor: nothing here goes on.
  [[nodiscard]] bool stuck() const { return stuck_; }
  [[nodiscard]] bool usable_at(core::WallReading now) const;
  void rests_on(const TlsValidity& validity) { validity_.narrow(validity); }
  [[nodiscard]] std::size_t exchanges() const { return exchanges_; }

  /// What servers have taught: which of them is to be met with less than the newest offer. Forgotten with the engine.
  [[nodiscard]] TlsOffer offer_for(std::string_view url) const;
  void offer_tls12_only(std::string_view url);

 private:
  struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  HttpEngine(EventLoop& loop, const hal::Clock& clock, std::shared_ptr<const TlsIdentity> identity, Turned turned);
  [[nodiscard]] bool set_up(std::size_t connections_max);
  void ready(curl_socket_t descriptor, Readiness readiness);

  static int on_socket(CURL*, curl_socket_t descriptor, int what, void* self, void*);
  static int on_timer(CURLM*, long timeout_ms, void* self);

  EventLoop& loop_;
  const hal::Clock& clock_;
  const std::shared_ptr<const TlsIdentity> identity_;
  const Turned turned_;
  TlsValidity validity_;
  std::vector<std::string> tls12_only_;
  std::optional<core::MonotonicTime> timer_due_;
  std::size_t exchanges_ = 0;
  bool stuck_ = false;
  std::unique_ptr<CURLM, FreeMulti> multi_;  // last: it goes first, and calls back
};

}  // namespace tillkit::hal_linux
