// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace tillkit::contract {

/// The ESC/POS printer at the far end of a line, as its manual has it: what is asked in real time is answered at once,
/// all else when its turn comes. It knows no layout; what is no query is paper.
class EscPosPrinter {
 public:
  static constexpr std::size_t kNewRoll = std::numeric_limits<std::size_t>::max();

  std::size_t paper_left = kNewRoll;
  bool cover_open = false;
  bool answering = true;
  bool drops = true;  ///< knows DLE DC4 8
  std::string paper;

  void receive(std::string_view bytes) {
    held_ += bytes;
    while (!held_.empty()) {
      if (std::string_view("\x10\x04").starts_with(std::string_view(held_).substr(0, 2)) && held_.size() < 3) return;
      if (held_.starts_with("\x10\x04")) {
        answer_status(held_[2]);
        held_.erase(0, 3);
      } else if (held_.starts_with(std::string_view("\x10\x14\x08", 3))) {
        if (held_.size() < kDrop) return;
        held_.erase(0, kDrop);
        if (!drops) continue;
        buffer_.clear();
        answer(std::string("\x37\x25\0", 3));
      } else if (held_ == "\x10\x14") {
        return;
      } else {
        buffer_ += held_[0];
        held_.erase(0, 1);
      }
    }
  }

  /// Prints so many bytes of what is its turn.
  void work(std::size_t bytes) {
    while (bytes-- > 0 && !buffer_.empty() && !cover_open) {
      constexpr std::string_view kQuery("\x1dr\x01");
      if (buffer_.size() < kQuery.size() && kQuery.starts_with(buffer_)) return;
      if (buffer_.starts_with(kQuery)) {
        answer(std::string(1, paper_left == 0 ? '\x0c' : '\0'));
        buffer_.erase(0, kQuery.size());
        continue;
      }
      if (paper_left == 0) return;
      if (paper_left != kNewRoll) --paper_left;
      paper += buffer_[0];
      buffer_.erase(0, 1);
    }
  }

  void power_off() {
    buffer_.clear();
    held_.clear();
    answers_.clear();
  }
  std::string take_answers() { return std::exchange(answers_, {}); }

 private:
  static constexpr std::size_t kDrop = 10;

  void answer(std::string_view bytes) {
    if (answering) answers_ += bytes;
  }
  void answer_status(char query) {
    const bool out = paper_left == 0;
    int bits = 0x12;
    if (query == 1) bits |= out || cover_open ? 0x08 : 0;
    if (query == 2) bits |= (cover_open ? 0x04 : 0) | (out ? 0x20 : 0);
    if (query == 4) bits |= out ? 0x6C : 0;
    answer(std::string(1, static_cast<char>(bits)));
  }

  std::string held_;
  std::string buffer_;
  std::string answers_;
};

}  // namespace tillkit::contract
