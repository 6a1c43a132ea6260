// SPDX-License-Identifier: Apache-2.0
#include "device_access.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace tillctl {
namespace {

namespace core = tillkit::core;
namespace hal_linux = tillkit::hal_linux;
namespace security = tillkit::security;
namespace terminal = tillkit::terminal;
using hal_linux::KeyFolderFault;

std::string_view words_of(KeyFolderFault fault) {
  switch (fault) {
    case KeyFolderFault::OpenToOthers:
      return "others than its owner may read it, so its keys are no secret; if that is an accident: chmod 700, and 600 "
             "for the files in it";
    case KeyFolderFault::OtherOwner: return "it belongs to another user: run tillctl as that user or as root";
    case KeyFolderFault::NoFolder: return "it is no folder";
    case KeyFolderFault::SecretMissing: return "the device's secret was removed, and what it protects is still there";
    case KeyFolderFault::SecretDamaged: return "the device's secret is damaged";
    case KeyFolderFault::CounterMissing: return "the counter was removed";
    case KeyFolderFault::CounterDamaged: return "the counter is damaged";
  }
  return "unknown";
}

std::string words_of_keys(const std::string& folder, const core::Error& error) {
  const auto fault = hal_linux::key_folder_fault(error);
  std::string text = folder + ": ";
  if (fault) {
    text += words_of(*fault);
  } else if (error.code == core::ErrorCode::NotFound) {
    text += "there are no keys, so the seals cannot be checked";
  } else if (error.code == core::ErrorCode::Unavailable && error.foreign == EWOULDBLOCK) {
    text += "another program has them: a terminal that runs? End it first";
  } else {
    text += system_words(error);
  }
  return text;
}

}  // namespace

std::string system_words(const core::Error& error) {
  if (error.source == core::ErrorSource::System) return std::strerror(error.foreign);
  return std::string(to_string(error.code));
}

bool DeviceAccess::open(const terminal::DataFolder& data, hal_linux::KeyFolderUse use, std::string& why) {
  auto opened = hal_linux::FileKeyStore::open(data.keys(), random, use);
  if (!opened) {
    why = words_of_keys(data.keys(), opened.error());
    return false;
  }
  keys = *std::move(opened);
  auto started = security::Crypto::start(*keys, random);
  if (!started) {
    why = "the cryptography does not start: " + system_words(started.error());
    return false;
  }
  crypto = *std::move(started);
  return true;
}

}  // namespace tillctl
