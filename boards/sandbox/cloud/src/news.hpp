// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage.hpp"

namespace tillkit::sandbox {

/// Changes that terminals are told of, in streams with numbers that only rise. A stream keeps one change per key, the
/// newest: whoever reads it from the beginning gets all that still counts and nothing else.
class News {
 public:
  /// Reads how far the streams have come. Forgets what it knew.
  [[nodiscard]] core::Result<> load(Reader& reader);

  /// Adds a change in place of the one of this key.
  [[nodiscard]] core::Result<> put(Tx& tx, const std::string& stream, const std::string& key, std::string_view change);
  /// Takes the change of this key away, if there is one: who has not read it needs it no more.
  [[nodiscard]] core::Result<> drop(Tx& tx, const std::string& stream, const std::string& key);
  /// The change of this key.
  [[nodiscard]] static core::Result<std::optional<std::string>> find(Reader& reader, const std::string& stream,
                                                                     const std::string& key);

  /// The highest number that was given in a stream; 0: none.
  [[nodiscard]] std::int64_t last(const std::string& stream) const;

  struct Page {
    std::vector<std::string> changes{};
    std::vector<std::int64_t> after{};  ///< of each stream: go on behind it
    bool more = false;
  };
  /// What is behind `after`, one stream after the other, within the bounds of a page.
  [[nodiscard]] core::Result<Page> read(Reader& reader, const std::vector<std::string>& streams,
                                        std::vector<std::int64_t> after) const;

 private:
  std::map<std::string, std::int64_t> last_;
};

/// What one change may cost: a page with it alone is still one that terminals read.
inline constexpr std::size_t kChangeBytesMax = 200'000;
inline constexpr std::size_t kChangeValuesMax = 30'000;
/// At least as many as there are JSON values in the text.
[[nodiscard]] std::size_t values_in(std::string_view json);

}  // namespace tillkit::sandbox
