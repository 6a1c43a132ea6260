// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "commands.hpp"

namespace tillctl {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace

int failed(std::string_view command, std::string_view what) {
  std::fprintf(stderr, "tillctl %.*s: %.*s\n", static_cast<int>(command.size()), command.data(),
               static_cast<int>(what.size()), what.data());
  return kFailed;
}

std::optional<std::string> read_file(std::string_view command, std::string_view path, std::size_t bytes_max) {
  const std::string name(path);
  const File file(name == "-" ? stdin : std::fopen(name.c_str(), "rb"));
  if (!file) {
    failed(command, name + ": " + std::strerror(errno));
    return std::nullopt;
  }
  std::string text;
  std::array<char, 65'536> block;
  while (std::feof(file.get()) == 0 && std::ferror(file.get()) == 0 && text.size() <= bytes_max)
    text.append(block.data(), std::fread(block.data(), 1, block.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    failed(command, name + ": " + std::strerror(errno));
    return std::nullopt;
  }
  if (text.size() > bytes_max) {
    failed(command, name + ": more than " + std::to_string(bytes_max) + " bytes");
    return std::nullopt;
  }
  return text;
}

}  // namespace tillctl
