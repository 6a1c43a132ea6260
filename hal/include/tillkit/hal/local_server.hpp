// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "tillkit/core/result.hpp"

namespace tillkit::hal {

/// A request line, without its line break.
inline constexpr std::size_t kLocalRequestBytesMax = 65'536;
/// Clients at a time; one more is turned away.
inline constexpr std::size_t kLocalConnectionsMax = 4;
/// One piece of an answer: the longest line that the journal exports, and its line break, fit.
inline constexpr std::size_t kLocalPieceBytesMax = 262'145;

/// Names a request until its answer is ended. Never given to another; 0 names none.
struct LocalRequestId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const LocalRequestId&, const LocalRequestId&) = default;
};

/// What a client asked, valid during the call.
struct LocalRequest {
  LocalRequestId id;
  std::string_view line;  ///< without its line break, perhaps empty, any bytes
  /// The line had more than `kLocalRequestBytesMax` bytes: `line` is empty. After its answer the client is let go.
  bool too_long = false;
};
using LocalListener = std::move_only_function<void(LocalRequest)>;

/// Answers questions of other programs of this device (the technician's tool), and of nobody else.
///
/// A client sends a line, and gets lines, then an empty line: so it sees whether an answer is whole. It may ask again
/// on the same connection. One request of a connection is open at a time; what the client sends meanwhile waits with
/// it.
///
/// The owner writes an answer piece by piece and asks for leave each time: the next piece when the completion of the
/// one before comes. So a client that does not read costs one piece of memory, and a slow one makes nobody wait.
///
/// A driver MUST call listener and completions from the loop and never from inside a call of this interface (closing
/// from inside the listener is allowed); and MUST let in only who is the same user as the program, or the system's
/// administrator. Starts closed.
class LocalServer {
 public:
  virtual ~LocalServer() = default;

  /// Whom to tell; replaces the one before. An empty listener: nobody, requests are let go unanswered.
  void listen(LocalListener listener) { do_listen(std::move(listener)); }

  /// Begins to let clients in.
  /// - FailedPrecondition: it is open; close it first.
  /// - AlreadyExists: another program that lives answers there. It stays closed.
  /// - InvalidArgument, PermissionDenied, Unavailable: its place cannot be used. It stays closed.
  [[nodiscard]] core::Result<> open() { return do_open(); }

  /// Lets all clients go; closed already: nothing. A piece that waits completes at the loop's next turn: `Cancelled`.
  void close() { do_close(); }

  /// Writes the next piece of an answer: whole lines, each with its line break and none of them empty. Returns at once.
  /// If it returns an error, none of it was written and `done` is dropped:
  /// - InvalidArgument: not whole lines, longer than `kLocalPieceBytesMax`, or no completion.
  /// - FailedPrecondition: the piece before has not left yet.
  /// - NotFound: no such request (any more): it was ended, the client has gone, or the server was closed.
  ///
  /// Else `done` says that the piece left and the next one may come, or:
  /// - Unavailable: the client has gone. The request is over.
  /// - Cancelled: the server was closed. The request is over.
  [[nodiscard]] core::Result<> write(LocalRequestId request, std::string piece, core::Completion<> done) {
    const bool whole_lines = !piece.empty() && piece.front() != '\n' && piece.back() == '\n' && !piece.contains("\n\n");
    if (!whole_lines || piece.size() > kLocalPieceBytesMax || !done) {
      return core::fail(core::ErrorCode::InvalidArgument);
    }
    return do_write(request, std::move(piece), std::move(done));
  }

  /// Ends an answer; the client may ask again. An answer without a line is allowed.
  /// - FailedPrecondition: the last piece has not left yet. - NotFound: as `write`.
  [[nodiscard]] core::Result<> end(LocalRequestId request) { return do_end(request); }

 private:
  virtual void do_listen(LocalListener listener) = 0;
  [[nodiscard]] virtual core::Result<> do_open() = 0;
  virtual void do_close() = 0;
  [[nodiscard]] virtual core::Result<> do_write(LocalRequestId request, std::string piece, core::Completion<> done) = 0;
  [[nodiscard]] virtual core::Result<> do_end(LocalRequestId request) = 0;
};

}  // namespace tillkit::hal
