// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tillkit/hal/http_client.hpp"

namespace tillkit::hal_linux {

/// Puts one answer together from the header lines and the body bytes that libcurl delivers, and holds them to the
/// limits.
///
/// libcurl is generous with what it takes for HTTP; here a doubt about where an answer ends makes it no answer, because
/// the rest would be taken for the answer to the next request of the connection.
class HttpResponseReader {
 public:
  explicit HttpResponseReader(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  /// Takes a line with its line end. False: this is no answer, `fault` says why.
  [[nodiscard]] bool take_line(std::string_view line);
  /// Takes bytes of the body, already without chunk marks. False: this is no answer, `fault` says why.
  [[nodiscard]] bool take_body(std::string_view bytes);

  [[nodiscard]] std::optional<hal::HttpFault> fault() const { return fault_; }
  [[nodiscard]] bool anything_arrived() const { return header_bytes_ > 0; }
  /// The header of the final answer is complete.
  [[nodiscard]] bool header_complete() const { return part_ == Part::Body; }
  /// As much of the answer as is here.
  [[nodiscard]] const hal::HttpResponse& so_far() const { return response_; }
  /// The answer; nothing is left here.
  [[nodiscard]] hal::HttpResponse take();

 private:
  enum class Part : std::uint8_t { StatusLine, Header, Body };  // lines in `Body` are trailers: counted and dropped

  [[nodiscard]] bool take_status_line(std::string_view line);
  [[nodiscard]] bool take_field(std::string_view line);
  [[nodiscard]] bool take_content_length(std::string_view value);
  [[nodiscard]] bool end_header();
  [[nodiscard]] bool refuse(hal::HttpFault fault);

  const std::size_t body_bytes_max_;
  hal::HttpResponse response_;
  std::optional<hal::HttpFault> fault_;
  std::optional<std::uint64_t> content_length_;
  bool transfer_encoding_ = false;
  std::size_t header_bytes_ = 0;  // of all answers, interim ones too: an endless row of them has an end here
  Part part_ = Part::StatusLine;
};

}  // namespace tillkit::hal_linux
