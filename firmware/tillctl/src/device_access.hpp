// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tillkit/core/version.hpp"
#include "tillkit/hal_linux/clock.hpp"
#include "tillkit/hal_linux/file_key_store.hpp"
#include "tillkit/hal_linux/random.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/terminal/data_folder.hpp"

namespace tillctl {

/// What a device's files need beside them: its keys, and a clock.
struct DeviceAccess {
  tillkit::hal_linux::Random random{};
  tillkit::hal_linux::Clock clock{tillkit::core::source_time()};
  std::unique_ptr<tillkit::hal_linux::FileKeyStore> keys{};
  std::unique_ptr<tillkit::security::Crypto> crypto{};

  /// False: `why` says what is in the way.
  [[nodiscard]] bool open(const tillkit::terminal::DataFolder& data, tillkit::hal_linux::KeyFolderUse use,
                          std::string& why);
  [[nodiscard]] tillkit::journal::Parts parts(tillkit::security::KeyId key) {
    return {clock, *keys, random, *crypto, key};
  }
};

/// What the system said of an error, or what kind it is.
[[nodiscard]] std::string system_words(const tillkit::core::Error& error);

}  // namespace tillctl
