// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "http_response.hpp"
#include "tillkit/hal/clock.hpp"
#include "tillkit/hal/http_client.hpp"
#include "tls.hpp"

namespace tillkit::hal_linux {

/// One request on its way through libcurl: what goes out, what came back, and how far it got.
///
/// libcurl sends a request again by itself when a kept connection dies before any answer, whatever the method: it takes
/// that for bad luck, but the server may have acted. Three things stand in the way, each enough alone where it applies:
/// the hook before the request is sent lets it pass once; once it has passed, no name is looked up and no socket opened
/// for it; and a body is read once, it cannot be rewound.
class HttpExchange {
 public:
  struct Options {
    std::shared_ptr<const TlsIdentity> identity;
    std::string name_servers;  ///< as CURLOPT_DNS_SERVERS; empty: the system's
    bool plain_http_allowed = false;
    bool dates_count = true;  ///< else: a connection of its own, without sessions, closed afterwards
    bool keep_connection = true;
    TlsOffer offer = TlsOffer::Newest;
  };

  /// `clock` must outlive it. It must not move: libcurl points into it.
  HttpExchange(hal::HttpRequest request, hal::HttpCompletion done, const hal::Clock& clock, Options options);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  /// Makes the libcurl handle. False: out of memory, or this libcurl lacks something that is needed.
  [[nodiscard]] bool prepare();
  /// Nothing was sent, and another connection with another offer may do: `prepare` anew, in the time that is left.
  [[nodiscard]] bool may_offer_less() const;
  [[nodiscard]] bool prepare_with(TlsOffer offer);
  [[nodiscard]] std::string_view url() const { return request_.url; }
  [[nodiscard]] CURL* handle() const { return easy_.get(); }

  /// What became of it, once libcurl says that it is over. Call one of the two, once.
  [[nodiscard]] hal::HttpResult finish(CURLcode code);
  [[nodiscard]] hal::HttpResult cancelled() const;
  [[nodiscard]] hal::HttpCompletion take_completion() { return std::move(done_); }
  [[nodiscard]] const TlsHandshake& handshake() const { return handshake_; }

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  class Setter;

  [[nodiscard]] bool build_headers();
  void set_request(Setter& set);
  void set_connection(Setter& set);
  void set_tls(Setter& set);
  [[nodiscard]] bool may_connect() const { return !sent_ && !request_.kept_connection_only; }
  [[nodiscard]] bool may_be_kept() const { return options_.dates_count && options_.keep_connection; }
  [[nodiscard]] bool keep_if_worth();
  [[nodiscard]] hal::HttpFault fault_before_sending(CURLcode code) const;
  [[nodiscard]] hal::HttpFault fault_after_sending(CURLcode code) const;
  [[nodiscard]] hal::HttpFailure failure(CURLcode code) const;
  void heard(std::string_view text);

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* into, std::size_t size, std::size_t count, void* self);
  static int on_ready_to_send(void* self, char*, char*, int, int);
  static int on_look_up(void* resolver, void*, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_text(CURL*, curl_infotype type, char* bytes, std::size_t size, void* self);
  static CURLcode on_tls(CURL*, void* ssl_config, void* self);

  hal::HttpRequest request_;
  hal::HttpCompletion done_;
  Options options_;
  const hal::Clock& clock_;
  const core::MonotonicTime started_;
  TlsHandshake handshake_;
  HttpResponseReader reader_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::size_t body_read_ = 0;
  bool sent_ = false;                  // bytes of it may have left
  bool name_server_answered_ = false;  // yes or no, but not nothing
  bool name_resolved_ = false;
  bool connection_refused_ = false;  // by ourselves: it was to go over a kept one
  bool chunks_garbled_ = false;
  std::unique_ptr<CURL, FreeEasy> easy_;  // last: it goes first, and points to all of the above
};

}  // namespace tillkit::hal_linux
