// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/cloud/enrolment.hpp"
#include "tillkit/hal_virtual/board.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::sync {

/// Keys of terminal and cloud; a process has one such thing, however many of both it plays.
struct Keys {
  Keys();

  hal_virtual::World world;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  std::unique_ptr<security::Crypto> crypto;
  security::KeyId terminal;
  security::KeyId cloud;
  security::KeyId stranger;

  [[nodiscard]] cloud::CloudKey cloud_key(std::string_view name = "cloud-2026") const;
};

/// What happens to one request on its way.
enum class Mishap : std::uint8_t {
  None,
  Lost,      ///< never arrives
  Silence,   ///< acted on; no answer
  Close,     ///< acted on; the connection is closed instead of an answer
  CutShort,  ///< acted on; closed in the middle of the answer
  Twice,     ///< arrives a second time
  Error,     ///< acted on; 500
  NotJson,   ///< acted on; the answer is a page of a login
  Busy,      ///< not acted on; 503, later
};
inline constexpr int kMishaps = 9;

/// A cloud that keeps the contract, with books of its own. It reads records by itself and computes their chain.
class ModelCloud {
 public:
  ModelCloud(hal_virtual::VirtualBoard& board, const Keys& keys);

  // The books.
  struct Kept {
    std::string kind;
    std::string body;
    std::string personal;  ///< as it came, or empty
    std::string all;       ///< canonical bytes
  };
  std::map<std::int64_t, Kept> records;
  std::int64_t acknowledged = 0;
  std::string broken;  ///< what a terminal must never do, and did

  /// A decision or copy that is to come down; JSON.
  void tell(std::string_view feed, std::string change) { feeds_[std::string(feed)].push_back(std::move(change)); }

  // What it does otherwise.
  std::function<Mishap(const std::string& path)> mishap;
  std::function<std::string(const Kept&)> refuses;  ///< a reason; empty: not at all
  std::string problem;                              ///< answers uploads with this, as `422 journal-forked`
  std::size_t takes_bytes = 1'000'000;              ///< a longer upload is 413
  std::size_t page_changes = 200;
  std::function<std::string(std::string page)> damage_page;      ///< before it is signed
  std::function<std::string(std::string answer)> damage_answer;  ///< after
  bool signs_as_stranger = false;
  bool forgets_cursors = false;
  std::chrono::milliseconds clock_off{0};

  [[nodiscard]] int calls(const std::string& path) const;
  std::vector<std::string> seen;  ///< paths, in order
  std::size_t longest_upload = 0;
  int heads = 0;  ///< different ones
  std::string health;

 private:
  hal_virtual::VirtualAnswer serve(const hal::HttpRequest& request);
  hal_virtual::VirtualAnswer act(const std::string& path, const std::string& query, const std::string& body);
  hal_virtual::VirtualAnswer session(const std::string& query);
  hal_virtual::VirtualAnswer upload(const std::string& body);
  hal_virtual::VirtualAnswer news(const std::string& query);
  [[nodiscard]] std::string sign(std::string_view message) const;

  hal_virtual::VirtualBoard& board_;
  const Keys& keys_;
  std::map<std::string, std::vector<std::string>> feeds_;
  std::map<std::uint64_t, std::pair<std::int64_t, std::string>> heads_;  // counter: seq and chain
  std::map<std::int64_t, journal::Chain> chains_;
};

}  // namespace tillkit::sync
