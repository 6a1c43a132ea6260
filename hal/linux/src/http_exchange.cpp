// SPDX-License-Identifier: Apache-2.0
#include "http_exchange.hpp"

#include <algorithm>
#include <charconv>
#include <climits>
#include <concepts>
#include <type_traits>
#include <utility>

#include <ares.h>
#include <sys/socket.h>

namespace tillkit::hal_linux {
namespace {

using core::ErrorCode;
using hal::HttpDelivery;
using hal::HttpFault;
using hal::HttpMethod;

// A dead connection is noticed while it idles and not by a request whose fate is then unknown: within a minute, and
// often enough for the address translators of mobile networks to remember it.
constexpr long kProbeAfterIdleSeconds = 30;
constexpr long kProbeEverySeconds = 10;
constexpr long kProbesUnanswered = 3;
// libcurl would drop a kept connection after two idle minutes, and a shopper then pays with a handshake's wait.
constexpr long kIdleSecondsMax = 24 * 3600;

long whole_milliseconds(std::chrono::milliseconds time) {
  // libcurl counts in `long`, which has 32 bits on ARM: 24 days are for ever.
  return static_cast<long>(std::min<std::chrono::milliseconds::rep>(time.count(), INT_MAX));
}

ErrorCode code_of_unsent(HttpFault fault) {
  switch (fault) {
    case HttpFault::ClockUnknown: return ErrorCode::FailedPrecondition;
    case HttpFault::Cancelled: return ErrorCode::Cancelled;
    default: return ErrorCode::Unavailable;
  }
}

}  // namespace

/// Sets options and remembers whether each was taken. libcurl's own function takes anything; here the type must be one
/// that it reads (`long`, never `int`).
class HttpExchange::Setter {
 public:
  explicit Setter(CURL* easy) : easy_(easy) {}

  template <class Value>
    requires std::same_as<Value, long> || std::is_pointer_v<Value>
  void operator()(CURLoption option, Value value) {
    if (const auto code = (curl_easy_setopt)(easy_, option, value); code != CURLE_OK) good_ = false;
  }
  /// For what a trimmed libcurl has not built in, so that it needs not be switched off.
  template <class Value>
    requires std::same_as<Value, long> || std::is_pointer_v<Value>
  void if_built_in(CURLoption option, Value value) {
    const auto code = (curl_easy_setopt)(easy_, option, value);
    if (code != CURLE_OK && code != CURLE_UNKNOWN_OPTION && code != CURLE_NOT_BUILT_IN) good_ = false;
  }
  void size(CURLoption option, std::size_t bytes) {
    if ((curl_easy_setopt)(easy_, option, static_cast<curl_off_t>(bytes)) != CURLE_OK) good_ = false;
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  CURL* easy_;
  bool good_ = true;
};

HttpExchange::HttpExchange(hal::HttpRequest request, hal::HttpCompletion done, const hal::Clock& clock, Options options)
    : request_(std::move(request)),
      done_(std::move(done)),
      options_(std::move(options)),
      clock_(clock),
      started_(clock.monotonic()),
      handshake_(clock, options_.dates_count),
      reader_(request_.response_body_bytes_max) {}

HttpExchange::~HttpExchange() = default;

bool HttpExchange::prepare() {
  easy_.reset(curl_easy_init());
  if (!easy_ || !build_headers()) return false;
  Setter set(easy_.get());
  set_request(set);
  set_connection(set);
  set_tls(set);
  return set.good();
}

bool HttpExchange::may_offer_less() const {
  return !sent_ && options_.offer == TlsOffer::Newest && handshake_.wants_tls12_only() &&
         clock_.monotonic() - started_ < std::min(request_.connect_timeout, request_.total_timeout);
}

bool HttpExchange::prepare_with(TlsOffer offer) {
  const auto passed = std::chrono::ceil<std::chrono::milliseconds>(clock_.monotonic() - started_);
  constexpr std::chrono::milliseconds kShortest{1};  // to libcurl 0 would mean 'no limit'
  request_.connect_timeout = std::max(request_.connect_timeout - passed, kShortest);
  request_.total_timeout = std::max(request_.total_timeout - passed, kShortest);
  options_.offer = offer;
  headers_.reset();
  return prepare();
}

bool HttpExchange::build_headers() {
  const auto add = [this](const char* line) {
    auto* const before = headers_.release();
    auto* const longer = curl_slist_append(before, line);
    headers_.reset(longer != nullptr ? longer : before);
    return longer != nullptr;
  };
  // A name without a value keeps libcurl's own header of that name out; one of the caller's is sent all the same.
  // `Expect` would cost a round trip, the others would say what the caller did not.
  for (const char* unwanted : {"Expect:", "Accept:", "Content-Type:"})
    if (!add(unwanted)) return false;
  return std::ranges::all_of(request_.headers, [&](const hal::HttpHeader& header) {
    // A semicolon is libcurl's way to write an empty value.
    const auto line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    return add(line.c_str());
  });
}

void HttpExchange::set_request(Setter& set) {
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);  // signatures are over what was written
  set(CURLOPT_PROTOCOLS_STR, options_.plain_http_allowed ? "https,http" : "https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_HTTPHEADER, headers_.get());

  switch (request_.method) {
    case HttpMethod::Get: set(CURLOPT_HTTPGET, 1L); break;
    case HttpMethod::Delete:
      set(CURLOPT_HTTPGET, 1L);
      set(CURLOPT_CUSTOMREQUEST, "DELETE");
      break;
    case HttpMethod::Post:
      set(CURLOPT_POST, 1L);
      set.size(CURLOPT_POSTFIELDSIZE_LARGE, request_.body.size());
      break;
    case HttpMethod::Put:
      set(CURLOPT_UPLOAD, 1L);
      set.size(CURLOPT_INFILESIZE_LARGE, request_.body.size());
      break;
  }
  // A body by callback, without one that seeks: libcurl cannot start it again.
  set(CURLOPT_READFUNCTION, &HttpExchange::on_read);
  set(CURLOPT_READDATA, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, &HttpExchange::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &HttpExchange::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_PREREQFUNCTION, &HttpExchange::on_ready_to_send);
  set(CURLOPT_PREREQDATA, static_cast<void*>(this));
}

void HttpExchange::set_connection(Setter& set) {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, whole_milliseconds(request_.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, whole_milliseconds(request_.total_timeout));
  set(CURLOPT_TCP_NODELAY, 1L);  // else the last flight of a handshake waits 40 ms for an acknowledgement
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_TCP_KEEPIDLE, kProbeAfterIdleSeconds);
  set(CURLOPT_TCP_KEEPINTVL, kProbeEverySeconds);
  set(CURLOPT_TCP_KEEPCNT, kProbesUnanswered);
  set(CURLOPT_MAXAGE_CONN, kIdleSecondsMax);
  set(CURLOPT_FRESH_CONNECT, options_.dates_count ? 0L : 1L);
  set(CURLOPT_FORBID_REUSE, may_be_kept() && request_.worth_keeping == nullptr ? 0L : 1L);
  set.if_built_in(CURLOPT_PROXY, "");  // not even from the environment
  set.if_built_in(CURLOPT_NOPROXY, "*");
  if (!options_.name_servers.empty()) set(CURLOPT_DNS_SERVERS, options_.name_servers.c_str());

  set(CURLOPT_RESOLVER_START_FUNCTION, &HttpExchange::on_look_up);
  set(CURLOPT_RESOLVER_START_DATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &HttpExchange::on_open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
}

void HttpExchange::set_tls(Setter& set) {
  const long newest =
      options_.offer == TlsOffer::Newest ? long{CURL_SSLVERSION_MAX_TLSv1_3} : long{CURL_SSLVERSION_MAX_TLSv1_2};
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2} | newest);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  // Only HTTP/1.1 is spoken. Besides, with ALPN libcurl puts a filter around the one that knows the TLS context, and
  // `heard` could not find it.
  set(CURLOPT_SSL_ENABLE_ALPN, 0L);
  set(CURLOPT_SSL_SESSIONID_CACHE, options_.dates_count ? 1L : 0L);
  set(CURLOPT_SSL_CTX_FUNCTION, &HttpExchange::on_tls);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  // Not for printing: it is called while the TLS context of a failed handshake still exists.
  set(CURLOPT_DEBUGFUNCTION, &HttpExchange::on_text);
  set(CURLOPT_DEBUGDATA, static_cast<void*>(this));
  set(CURLOPT_VERBOSE, 1L);
}

std::size_t HttpExchange::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& reader = static_cast<HttpExchange*>(self)->reader_;
  return reader.take_line({bytes, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
}

std::size_t HttpExchange::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (!exchange.reader_.take_body({bytes, size * count})) return CURL_WRITEFUNC_ERROR;
  return exchange.keep_if_worth() ? size * count : CURL_WRITEFUNC_ERROR;
}

/// libcurl looks at the option when the transfer ends, which is before anybody is told and before another request can
/// have the connection.
bool HttpExchange::keep_if_worth() {
  if (request_.worth_keeping == nullptr) return true;
  const bool keep = may_be_kept() && request_.worth_keeping(reader_.so_far());
  return curl_easy_setopt(easy_.get(), CURLOPT_FORBID_REUSE, keep ? 0L : 1L) == CURLE_OK;
}

std::size_t HttpExchange::on_read(char* into, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  const auto part = std::string_view(exchange.request_.body).substr(exchange.body_read_, size * count);
  std::ranges::copy(part, into);
  exchange.body_read_ += part.size();
  return part.size();
}

int HttpExchange::on_ready_to_send(void* self, char*, char*, int, int) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (exchange.sent_) return CURL_PREREQFUNC_ABORT;
  exchange.sent_ = true;
  exchange.handshake_.finished();
  return CURL_PREREQFUNC_OK;
}

int HttpExchange::on_look_up(void* resolver, void*, void* self) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (!exchange.may_connect()) {
    exchange.connection_refused_ = true;
    return 1;
  }
  // libcurl does not say why a look-up failed; c-ares does, server by server.
  ares_set_server_state_callback(
      static_cast<ares_channel_t*>(resolver),
      [](const char*, ares_bool_t good, int, void* context) {
        if (good == ARES_TRUE) static_cast<HttpExchange*>(context)->name_server_answered_ = true;
      },
      self);
  return 0;
}

curl_socket_t HttpExchange::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (!exchange.may_connect()) {
    exchange.connection_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  exchange.name_resolved_ = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURLcode HttpExchange::on_tls(CURL*, void* ssl_config, void* self) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  const auto& options = exchange.options_;
  return options.identity->configure(ssl_config, exchange.handshake_, options.offer) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

int HttpExchange::on_text(CURL*, curl_infotype type, char* bytes, std::size_t size, void* self) {
  if (type == CURLINFO_TEXT) static_cast<HttpExchange*>(self)->heard({bytes, size});
  return 0;
}

void HttpExchange::heard(std::string_view text) {
  // `ssl_handshake returned: (-0x7780)`: the only place where libcurl lets mbedTLS's number out.
  constexpr std::string_view kNumber = "(-0x";
  if (const auto at = text.find(kNumber); at != std::string_view::npos) {
    const auto digits = text.substr(at + kNumber.size());
    std::int32_t number = 0;
    curl_tlssessioninfo* tls = nullptr;
    const bool known = curl_easy_getinfo(easy_.get(), CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls != nullptr &&
                       tls->backend == CURLSSLBACKEND_MBEDTLS;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number, 16).ec == std::errc{})
      handshake_.failed(-number, known ? tls->internals : nullptr);
  }
  // It has the same code for a garbled chunk and for a lost connection.
  if (text.contains("chunk hex-length") || text.contains("chunk size") || text.contains("chunked-encod"))
    chunks_garbled_ = true;
}

HttpFault HttpExchange::fault_before_sending(CURLcode code) const {
  if (connection_refused_) return HttpFault::NoKeptConnection;
  if (const auto fault = handshake_.fault()) return *fault;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return name_server_answered_ ? HttpFault::NameNotResolved : HttpFault::NameTimeout;
    case CURLE_OPERATION_TIMEDOUT: return name_resolved_ ? HttpFault::ConnectTimeout : HttpFault::NameTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return HttpFault::TlsFailed;
    default: return HttpFault::ConnectFailed;
  }
}

HttpFault HttpExchange::fault_after_sending(CURLcode code) const {
  if (const auto fault = reader_.fault()) return *fault;
  if (handshake_.fault() == HttpFault::ClientCertificateRefused) return HttpFault::ClientCertificateRefused;
  if (chunks_garbled_) return HttpFault::AnswerMalformed;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return HttpFault::AnswerTimeout;
    case CURLE_TOO_LARGE: return HttpFault::AnswerTooLarge;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING: return HttpFault::AnswerMalformed;
    default: return reader_.anything_arrived() ? HttpFault::AnswerCutShort : HttpFault::ConnectionLost;
  }
}

hal::HttpFailure HttpExchange::failure(CURLcode code) const {
  const auto fault = sent_ ? fault_after_sending(code) : fault_before_sending(code);
  core::Error error{sent_ ? ErrorCode::Timeout : code_of_unsent(fault), core::ErrorSource::Curl,
                    static_cast<std::int32_t>(code)};
  if (const auto number = handshake_.foreign(); number != 0) {
    error.source = core::ErrorSource::Mbedtls;
    error.foreign = number;
  }
  return {sent_ ? HttpDelivery::SentUnanswered : HttpDelivery::NotSent, fault, error};
}

hal::HttpResult HttpExchange::finish(CURLcode code) {
  if (code != CURLE_OK) return std::unexpected(failure(code));
  // libcurl is content with a header that was cut off between two lines.
  if (!reader_.header_complete() || reader_.fault()) return std::unexpected(failure(CURLE_GOT_NOTHING));
  long connections_made = 0;
  static_cast<void>(curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &connections_made));
  auto response = reader_.take();
  response.new_connection = connections_made > 0;
  return response;
}

hal::HttpResult HttpExchange::cancelled() const {
  return std::unexpected(hal::HttpFailure{sent_ ? HttpDelivery::SentUnanswered : HttpDelivery::NotSent,
                                          HttpFault::Cancelled,
                                          {.code = sent_ ? ErrorCode::Timeout : ErrorCode::Cancelled}});
}

}  // namespace tillkit::hal_linux
