// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <expected>
#include <string_view>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tillkit/core/bytes.hpp"

namespace tillkit::vending {
namespace {

/// Or the errno.
std::expected<std::string, int> read_text(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected(errno);
  std::string text;
  std::array<char, 4'096> block;
  // One byte more than is taken is enough to see that it is too long.
  while (text.size() <= kConfigJsonLimits.bytes_max) {
    const auto size = ::read(file, block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      const int error = errno;
      static_cast<void>(::close(file));
      return std::unexpected(error);
    }
    if (size == 0) break;
    text.append(block.data(), static_cast<std::size_t>(size));
  }
  static_cast<void>(::close(file));
  return text;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

/// In one step: after a power cut the file is the one before or this one. 0, or the errno.
int replace(const std::string& path, std::string_view text) {
  const std::string next = path + ".new";
  const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  const bool written = write_all(file, text) && ::fsync(file) == 0;
  const int error = errno;
  static_cast<void>(::close(file));
  if (!written) return error;
  if (::rename(next.c_str(), path.c_str()) != 0) return errno;
  const std::string folder = path.substr(0, path.find_last_of('/') + 1);
  const int directory = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return errno;
  const int synced = ::fsync(directory) == 0 ? 0 : errno;
  static_cast<void>(::close(directory));
  return synced;
}

}  // namespace

std::optional<Config> ConfigFile::understand(std::string_view text, const std::string& path, Log& log) const {
  ConfigMistake mistake;
  auto config = read_config(text, mistake);
  if (!config) {
    log.note(path + ": " + to_string(mistake));
    return std::nullopt;
  }
  if (const auto unfit = mistake_on(board_, *config)) {
    log.note(path + ": " + to_string(*unfit));
    return std::nullopt;
  }
  return *std::move(config);
}

std::optional<Config> ConfigFile::read_new(Log& log) {
  is_kept_ = false;
  text_.clear();
  auto text = read_text(path_);
  if (!text) {
    log.note("the configuration " + path_ + " cannot be read: " + std::strerror(text.error()));
    return std::nullopt;
  }
  auto config = understand(*text, path_, log);
  if (config) text_ = *std::move(text);
  return config;
}

std::optional<Config> ConfigFile::read(Log& log) {
  if (auto config = read_new(log)) return config;
  return read_kept(log);
}

std::optional<Config> ConfigFile::read_kept(Log& log) {
  if (is_kept_) return std::nullopt;
  auto text = read_text(kept_path_);
  if (!text || *text == text_) return std::nullopt;
  auto config = understand(*text, kept_path_, log);
  if (!config) return std::nullopt;
  log.note("it goes on with the configuration that it last came up with, " + kept_path_);
  text_ = *std::move(text);
  is_kept_ = true;
  return config;
}

void ConfigFile::keep(Log& log) {
  if (is_kept_) return;
  if (const auto kept = read_text(kept_path_); kept && *kept == text_) return;
  if (const int error = replace(kept_path_, text_); error != 0) {
    log.note("the configuration cannot be kept in " + kept_path_ + ": " + std::strerror(error));
  }
}

}  // namespace tillkit::vending
