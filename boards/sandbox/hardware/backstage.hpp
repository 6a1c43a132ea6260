// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "options.hpp"
#include "shop.hpp"

namespace tillkit::sandbox {

/// What is written behind the scenes, as its owners tell it: texts that nobody has looked into yet.
struct BackstageNews {
  enum class What : std::uint8_t { Journal, Outbox, Slots, Wallet, Cloud, Members, Books };

  What what;
  std::string text;  ///< lines of the firmware's socket, or one JSON text; empty: no answer
};

/// Looks behind the scenes, on a thread of its own: the journal and the outbox of the firmware, the wallet's and the
/// cloud's books, and the program that compares all. Whoever does not answer holds up nothing but this.
class Backstage {
 public:
  using Tell = std::function<void(BackstageNews)>;

  /// `tell` is called on the thread. `shoppers` get a purse at the wallet where they have none.
  Backstage(Options options, std::vector<Shopper> shoppers, Tell tell);
  ~Backstage();
  Backstage(const Backstage&) = delete;
  Backstage& operator=(const Backstage&) = delete;

  void start();
  /// Something has happened: the books may not be as they were.
  void stir() { ++stirred_; }
  /// The journal is shown up to here.
  void set_next_seq(std::uint64_t seq) { next_seq_ = seq; }

 private:
  void run();
  [[nodiscard]] bool wait();
  void look_at_wallet();
  void look_at_till();
  void look_at_cloud();
  [[nodiscard]] std::string ask_cloud(const std::string& command, const std::string& body) const;
  void compare();
  void open_purses(const std::string& books);
  void tell(BackstageNews::What what, std::string text, std::string& before);

  const Options options_;
  const std::vector<Shopper> shoppers_;
  const Tell tell_;
  std::atomic<std::uint64_t> stirred_{1};
  std::atomic<std::uint64_t> next_seq_{1};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;

  // Of the thread alone.
  bool purses_ = false;
  std::uint64_t compared_ = 0;
  bool settled_ = false;  // the last comparison found nothing that will change by itself
  std::uint64_t asked_cloud_ = 0;
  std::string wallet_;
  std::string outbox_;
  std::string slots_;
  std::string cloud_;
  std::string members_;
};

}  // namespace tillkit::sandbox
