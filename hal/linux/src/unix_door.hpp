// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sys/stat.h>

#include "descriptor.hpp"
#include "tillkit/core/result.hpp"

namespace tillkit::hal_linux {

/// A Unix domain stream socket that listens at `path`, a file of mode `mode` from its first moment on. What a dead
/// process left there is replaced.
/// - InvalidArgument: a path that is empty or longer than 103 bytes. AlreadyExists: a living process listens there, or
///   it is a file of another kind. PermissionDenied, Unavailable: the system does not give it.
[[nodiscard]] core::Result<Descriptor> listen_at(const std::string& path, mode_t mode, int waiting_max);

}  // namespace tillkit::hal_linux
