// SPDX-License-Identifier: Apache-2.0
#include "tillkit/hal_linux/random.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/random.h>

namespace tillkit::hal_linux {

core::Result<> Random::do_fill(std::span<std::byte> out) {
  for (auto rest = out; !rest.empty();) {
    const auto got = getrandom(rest.data(), rest.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      std::ranges::fill(out, std::byte{});
      return core::fail(core::ErrorCode::Unavailable, core::ErrorSource::System, error);
    }
    rest = rest.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace tillkit::hal_linux
