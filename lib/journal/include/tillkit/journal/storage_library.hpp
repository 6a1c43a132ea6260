// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tillkit/core/result.hpp"

namespace tillkit::journal {

/// The version of the SQLite that this program carries, e.g. `3.46.1`.
[[nodiscard]] std::string_view storage_library_version();

/// Says whether that SQLite keeps what a journal needs: it is 3.46 or newer, header and library are of one version, it
/// was built with locks, and a connection that sets nothing flushes every commit (`synchronous` FULL or EXTRA, in WAL
/// too). A program with a library of its own should ask once, at start.
/// - Unsupported: it does not; rebuild it with the options of toolchain/dependencies/sqlite.options.
[[nodiscard]] core::Result<> check_storage_library();

}  // namespace tillkit::journal
