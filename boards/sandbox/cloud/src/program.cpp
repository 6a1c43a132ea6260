// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigwait is POSIX's
#include <sys/stat.h>

namespace tillkit::sandbox {
namespace {

sigset_t end_signals() {
  sigset_t signals{};
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

std::optional<Arguments> Arguments::parse(int count, char** words, std::initializer_list<std::string_view> names,
                                          std::initializer_list<std::string_view> flags) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with("--")) {
      if (!arguments.data_.empty()) return std::nullopt;
      arguments.data_ = word;
      continue;
    }
    if (std::ranges::find(flags, word) != flags.end()) {
      arguments.values_.emplace(word, "");
      continue;
    }
    if (std::ranges::find(names, word) == names.end() || i + 1 == count) return std::nullopt;
    arguments.values_.emplace(word, words[++i]);
  }
  if (arguments.data_.empty()) return std::nullopt;
  return arguments;
}

std::string Arguments::text(std::string_view name, std::string_view otherwise) const {
  const std::vector<std::string> given = all(name);
  return given.empty() ? std::string(otherwise) : given.back();
}

std::vector<std::string> Arguments::all(std::string_view name) const {
  std::vector<std::string> given;
  const auto [first, last] = values_.equal_range(name);
  for (auto at = first; at != last; ++at)
    given.push_back(at->second);
  return given;
}

std::optional<std::int64_t> Arguments::number(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                              std::int64_t max) const {
  const std::string digits = text(name, std::to_string(otherwise));
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || value < min || value > max) return std::nullopt;
  return value;
}

void begin_program() {
  umask(S_IRWXG | S_IRWXO);
  signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = end_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_end() {
  const sigset_t signals = end_signals();
  int signal_number = 0;
  sigwait(&signals, &signal_number);
}

int give_up(std::string_view program, std::string_view what, const core::Error& error) {
  std::fprintf(stderr, "%.*s: %.*s: %s (%s %d)\n", static_cast<int>(program.size()), program.data(),
               static_cast<int>(what.size()), what.data(), std::string(core::to_string(error.code)).c_str(),
               std::string(core::to_string(error.source)).c_str(), error.foreign);
  return 1;
}

}  // namespace tillkit::sandbox
