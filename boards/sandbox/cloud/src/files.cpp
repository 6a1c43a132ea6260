// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <array>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tillkit::sandbox {
namespace {

using core::ErrorCode;
using core::ErrorSource;
using core::Result;

std::unexpected<core::Error> system_failure() {
  return core::fail(ErrorCode::Unavailable, ErrorSource::System, errno);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }

 private:
  int number_;
};

Result<> write_all(const Descriptor& file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file.number(), content.data(), content.size());
    if (written < 0) return system_failure();
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(file.number()) != 0) return system_failure();
  return {};
}

}  // namespace

Result<> make_folder(const std::string& path) {
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_failure();
  return {};
}

Result<std::optional<std::string>> read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() && errno == ENOENT) return std::optional<std::string>();
  if (!file.open()) return system_failure();
  std::string content;
  std::array<char, 4'096> block{};
  while (true) {
    const ssize_t count = read(file.number(), block.data(), block.size());
    if (count < 0) return system_failure();
    if (count == 0) return std::optional(std::move(content));
    content.append(block.data(), static_cast<std::size_t>(count));
  }
}

Result<> write_file(const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  {
    const Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file.open()) return system_failure();
    TILLKIT_TRY_VOID(write_all(file, content));
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return system_failure();
  const std::size_t slash = path.rfind('/');
  const Descriptor folder(
      open(slash == std::string::npos ? "." : path.substr(0, slash).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || fsync(folder.number()) != 0) return system_failure();
  return {};
}

}  // namespace tillkit::sandbox
