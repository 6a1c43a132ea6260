// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tillkit::terminal {

inline constexpr std::string_view kJournalName = "till.db";   ///< the journal; `-wal` lies beside it
inline constexpr std::string_view kCacheName = "cache.db";    ///< copies of what the cloud has
inline constexpr std::string_view kKeysName = "keys";         ///< folder of a key store that lies in files
inline constexpr std::string_view kSocketName = "till.sock";  ///< there while a terminal runs

/// Where a terminal keeps what is its own, as the firmware makes it and the technician's tool finds it.
struct DataFolder {
  std::string path;

  [[nodiscard]] std::string journal() const { return in(kJournalName); }
  [[nodiscard]] std::string cache() const { return in(kCacheName); }
  [[nodiscard]] std::string keys() const { return in(kKeysName); }
  [[nodiscard]] std::string local_socket() const { return in(kSocketName); }

 private:
  [[nodiscard]] std::string in(std::string_view name) const {
    const bool slash = path.empty() || path.back() == '/';
    return path + (slash ? "" : "/") + std::string(name);
  }
};

}  // namespace tillkit::terminal
