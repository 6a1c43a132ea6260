// SPDX-License-Identifier: Apache-2.0
#include "pattern.hpp"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

namespace tillkit::conformance {
namespace {

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

struct Atom;
using Sequence = std::vector<Atom>;

/// A class of characters or a group, and how often it stands there.
struct Atom {
  std::bitset<256> characters{};
  std::vector<Sequence> alternatives{};  ///< of a group
  std::size_t min = 1;
  std::size_t max = 1;
};

class Parser {
 public:
  explicit Parser(std::string_view pattern) : rest_(pattern) {}

  std::vector<Sequence> alternatives() {
    std::vector<Sequence> all(1);
    while (!rest_.empty() && rest_.front() != ')') {
      const char c = take();
      if (c == '|') {
        all.emplace_back();
      } else if (c != '^' && c != '$') {
        // The whole text is compared: the anchors say nothing more.
        all.back().push_back(atom(c));
      }
    }
    return all;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  char escaped() {
    const char c = take();
    if (c == 'r') return '\r';
    return c == 'n' ? '\n' : c;
  }

  Atom atom(char c) {
    Atom made;
    if (c == '(') {
      made.alternatives = alternatives();
      take();
    } else if (c == '[') {
      character_class(made.characters);
    } else {
      set(made.characters, c == '\\' ? escaped() : c);
    }
    count(made);
    return made;
  }

  static void set(std::bitset<256>& characters, char c) { characters.set(static_cast<unsigned char>(c)); }

  void character_class(std::bitset<256>& characters) {
    while (rest_.front() != ']') {
      const char taken = take();
      const char from = taken == '\\' ? escaped() : taken;
      set(characters, from);
      if (rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') continue;
      take();
      const char to = take();
      for (auto between = static_cast<unsigned char>(from); between <= static_cast<unsigned char>(to); ++between)
        characters.set(between);
    }
    take();
  }

  std::size_t number() {
    std::size_t value = 0;
    while (rest_.front() >= '0' && rest_.front() <= '9')
      value = value * 10 + static_cast<std::size_t>(take() - '0');
    return value;
  }

  void count(Atom& made) {
    if (rest_.empty()) return;
    const char c = rest_.front();
    if (c != '?' && c != '*' && c != '+' && c != '{') return;
    take();
    made.min = c == '+' ? 1 : 0;
    made.max = c == '?' ? 1 : kUnlimited;
    if (c != '{') return;
    made.min = number();
    made.max = made.min;
    if (take() == '}') return;
    made.max = number();
    take();
  }

  std::string_view rest_;
};

class Matcher {
 public:
  using Then = std::function<bool(std::size_t)>;

  explicit Matcher(std::string_view text) : text_(text) {}

  bool sequence(const Sequence& all, std::size_t index, std::size_t at, const Then& then) const {
    if (index == all.size()) return then(at);
    const Atom& atom = all[index];
    const Then next = [&](std::size_t behind) { return sequence(all, index + 1, behind, then); };
    if (!atom.alternatives.empty()) return group(atom, 0, at, next);
    std::size_t count = 0;
    while (count < atom.max && at + count < text_.size() &&
           atom.characters.test(static_cast<unsigned char>(text_[at + count])))
      ++count;
    // The longest first.
    for (std::size_t n = count + 1; n-- > atom.min;) {
      if (next(at + n)) return true;
    }
    return false;
  }

 private:
  bool group(const Atom& atom, std::size_t count, std::size_t at, const Then& next) const {
    if (count < atom.max) {
      const Then again = [&](std::size_t behind) { return behind > at && group(atom, count + 1, behind, next); };
      for (const Sequence& alternative : atom.alternatives) {
        if (sequence(alternative, 0, at, again)) return true;
      }
    }
    return count >= atom.min && next(at);
  }

  std::string_view text_;
};

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  const std::vector<Sequence> alternatives = Parser(pattern).alternatives();
  const Matcher matcher(text);
  return std::ranges::any_of(alternatives, [&](const Sequence& alternative) {
    return matcher.sequence(alternative, 0, 0, [&](std::size_t behind) { return behind == text.size(); });
  });
}

}  // namespace tillkit::conformance
