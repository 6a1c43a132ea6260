// SPDX-License-Identifier: Apache-2.0
#include "http_response.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace tillkit::hal_linux {
namespace {

using hal::HttpFault;

constexpr int kFirstFinalStatus = 200;
constexpr int kSwitchingProtocols = 101;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_name_char(char c) {  // RFC 9110, section 5.6.2
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const char low = lower(c);
  return is_digit(c) || (low >= 'a' && low <= 'z') || kMarks.contains(c);
}

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

}  // namespace

bool HttpResponseReader::refuse(HttpFault fault) {
  if (!fault_) fault_ = fault;
  return false;
}

bool HttpResponseReader::take_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > hal::kHttpResponseHeaderBytesMax) return refuse(HttpFault::AnswerTooLarge);

  line = without_line_end(line);
  if (part_ == Part::Body) return true;
  if (part_ == Part::StatusLine) return take_status_line(line);
  if (line.empty()) return end_header();
  return take_field(line);
}

bool HttpResponseReader::take_status_line(std::string_view line) {
  // RFC 9112, section 4, to the letter: libcurl would also take `HTTP/2 200` and blanks before it.
  constexpr std::size_t kVersionChars = 8;
  const auto version = line.substr(0, std::min(line.size(), kVersionChars));
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(HttpFault::AnswerMalformed);
  line.remove_prefix(kVersionChars);
  if (line.size() < 4 || line[0] != ' ' || !std::ranges::all_of(line.substr(1, 3), is_digit))
    return refuse(HttpFault::AnswerMalformed);
  if (line.size() > 4 && line[4] != ' ') return refuse(HttpFault::AnswerMalformed);

  const int status = (line[1] - '0') * 100 + (line[2] - '0') * 10 + (line[3] - '0');
  // Nobody asked to switch protocols; what follows would not be HTTP.
  if (status < 100 || status > 599 || status == kSwitchingProtocols) return refuse(HttpFault::AnswerMalformed);

  response_ = {};
  response_.status = status;
  content_length_.reset();
  transfer_encoding_ = false;
  part_ = Part::Header;
  return true;
}

bool HttpResponseReader::take_field(std::string_view line) {
  if (is_blank(line.front())) {  // a folded line goes on with the value before it (RFC 9112, section 5.2)
    if (response_.headers.empty()) return refuse(HttpFault::AnswerMalformed);
    response_.headers.back().value.append(" ").append(trimmed(line));
    return true;
  }
  const auto colon = line.find(':');
  const auto name = line.substr(0, std::min(colon, line.size()));
  if (colon == std::string_view::npos || name.empty() || !std::ranges::all_of(name, is_name_char))
    return refuse(HttpFault::AnswerMalformed);

  hal::HttpHeader header{std::string(name), std::string(trimmed(line.substr(colon + 1)))};
  std::ranges::transform(header.name, header.name.begin(), lower);
  if (header.name == "content-length" && !take_content_length(header.value)) return false;
  if (header.name == "transfer-encoding") transfer_encoding_ = true;
  response_.headers.push_back(std::move(header));
  return true;
}

bool HttpResponseReader::take_content_length(std::string_view value) {
  if (value.empty() || !std::ranges::all_of(value, is_digit)) return refuse(HttpFault::AnswerMalformed);
  std::uint64_t length = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
  if (read.ec == std::errc::result_out_of_range) return refuse(HttpFault::AnswerTooLarge);
  if (content_length_ && *content_length_ != length) return refuse(HttpFault::AnswerMalformed);
  content_length_ = length;
  return true;
}

bool HttpResponseReader::end_header() {
  if (response_.status < kFirstFinalStatus) {  // 100, 103, ...: the real answer follows
    part_ = Part::StatusLine;
    return true;
  }
  if (content_length_ && transfer_encoding_) return refuse(HttpFault::AnswerMalformed);
  if (content_length_ > body_bytes_max_) return refuse(HttpFault::AnswerTooLarge);
  part_ = Part::Body;
  return true;
}

bool HttpResponseReader::take_body(std::string_view bytes) {
  if (part_ != Part::Body) return refuse(HttpFault::AnswerMalformed);
  if (bytes.size() > body_bytes_max_ - response_.body.size()) return refuse(HttpFault::AnswerTooLarge);
  response_.body.append(bytes);
  return true;
}

hal::HttpResponse HttpResponseReader::take() {
  return std::move(response_);
}

}  // namespace tillkit::hal_linux
