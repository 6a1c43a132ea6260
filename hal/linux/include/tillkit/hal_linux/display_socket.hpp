// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "tillkit/core/result.hpp"
#include "tillkit/hal/display.hpp"
#include "tillkit/hal_linux/event_loop.hpp"

namespace tillkit::hal_linux {

/// So many programs may draw the screen at once: a shopper's and an operator's, and one that starts anew while its old
/// connection is not gone.
inline constexpr std::size_t kDisplaysMax = 4;

/// Who may connect: the socket is a file, and these are its permissions.
enum class DisplayDoor : std::uint8_t {
  Owner = 1,  ///< 0600: the same user, and root
  Group = 2,  ///< 0660: also the file's group, so that a user interface can run as a user of its own
};

/// `hal::Display` for an integrator's own user interface: a Unix domain stream socket that programs connect to.
///
/// Each gets the latest screen when it connects and each one after, as a line of JSON (`receipt::to_json`); a line that
/// it sends is a press, whoever sends it. One that reads slowly skips screens; one that reads nothing holds up nobody,
/// and gives its place up when another one comes and all are taken.
class DisplaySocket final : public hal::Display {
 public:
  /// `loop` must outlive the display. `path` has at most 103 bytes; its folder must be there.
  DisplaySocket(EventLoop& loop, std::string path, DisplayDoor door);
  ~DisplaySocket() override;
  DisplaySocket(const DisplaySocket&) = delete;
  DisplaySocket& operator=(const DisplaySocket&) = delete;

  /// Lets programs connect; until then screens are kept. The end of the display closes it and removes the file.
  /// - FailedPrecondition: it is open. InvalidArgument: the path. AlreadyExists: another process that lives listens
  ///   there, or it is a file of another kind. PermissionDenied, Unavailable: the system does not give it.
  [[nodiscard]] core::Result<> open();

 private:
  class Impl;
  void do_show(std::string screen_json) override;
  void do_listen(hal::PressListener listener) override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace tillkit::hal_linux
