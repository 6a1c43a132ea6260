// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "authority.hpp"
#include "http.hpp"

namespace tillkit::test {

/// What a breakage remembers; requests come on several threads.
struct Memory {
  sandbox::Authority& authority;
  std::mutex mutex{};
  std::set<std::string> seen{};
  std::map<std::string, std::string> kept{};

  /// Whether it is asked for the first time with this key.
  bool first(const std::string& key) {
    const std::lock_guard lock(mutex);
    return seen.insert(key).second;
  }
  bool knows(const std::string& key) {
    const std::lock_guard lock(mutex);
    return seen.contains(key);
  }
  void keep(const std::string& key, const std::string& value) {
    const std::lock_guard lock(mutex);
    kept[key] = value;
  }
  std::string kept_under(const std::string& key) {
    const std::lock_guard lock(mutex);
    return kept[key];
  }
};

using Next = std::function<sandbox::HttpAnswer(const sandbox::HttpRequest&)>;
/// Answers in place of the honest cloud, which is `next`.
using Breakage = std::function<sandbox::HttpAnswer(Memory&, sandbox::HttpRequest, const Next&)>;

/// One broken rule each, by name.
[[nodiscard]] const std::map<std::string, Breakage, std::less<>>& breakages();

}  // namespace tillkit::test
