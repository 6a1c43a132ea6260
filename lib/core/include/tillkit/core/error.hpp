// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace tillkit::core {

/// Says what the caller can do about a failure. Closed: callers switch over it without a default.
/// The numbers are stored in records; never renumber.
enum class ErrorCode : std::uint8_t {
  InvalidArgument = 1,     ///< The call or the input is wrong; the same call fails again. Nothing happened.
  FailedPrecondition = 2,  ///< Right call, wrong moment: change the named state first. Nothing happened.
  NotFound = 3,            ///< There is no such thing. Nothing happened.
  AlreadyExists = 4,       ///< It is there already. Nothing changed.
  OutOfRange = 5,          ///< A number does not fit (overflow, past the end). Nothing happened.
  Exhausted = 6,           ///< A named limit or a budget is used up. Nothing happened.
  Unavailable = 7,         ///< Nothing happened, surely. The only failure that may be repeated blindly.
  Timeout = 8,             ///< The request left and no answer came: the outcome is unknown. Ask before repeating.
  Rejected = 9,            ///< The other side received it and answered no.
  Corrupt = 10,            ///< Stored or received bytes fail their own check.
  PermissionDenied = 11,   ///< The operating system or the policy forbids it. Nothing happened.
  Unsupported = 12,        ///< This build, board or device cannot do it. Nothing happened.
  Cancelled = 13,          ///< The caller took it back before anything left the terminal.
};

/// Names the numbering that `Error::foreign` is in.
enum class ErrorSource : std::uint8_t {
  Tillkit = 0,   ///< No foreign number; `foreign` is 0.
  Input = 1,     ///< `foreign` is the byte offset in the input where it stops being right.
  System = 2,    ///< errno
  Curl = 3,      ///< CURLcode
  Sqlite = 4,    ///< extended result code
  Mbedtls = 5,   ///< mbedTLS error number or psa_status_t
  Http = 6,      ///< HTTP status code
  Provider = 7,  ///< a provider's own number
  Device = 8,    ///< a device's own number
};

/// A failure: what to do about it, and the number that the layer below gave, kept and not translated.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): there is no code to start from; every error is made with one
struct Error {
  ErrorCode code;
  ErrorSource source = ErrorSource::Tillkit;
  std::int32_t foreign = 0;

  friend constexpr bool operator==(const Error&, const Error&) = default;
};

static_assert(std::is_trivially_copyable_v<Error> && sizeof(Error) == 8);

/// The name as it stands in records, logs and JSON: `invalid_argument`, `timeout`, ...
[[nodiscard]] std::string_view to_string(ErrorCode code);
[[nodiscard]] std::string_view to_string(ErrorSource source);

}  // namespace tillkit::core
