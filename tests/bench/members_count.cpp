// SPDX-License-Identifier: Apache-2.0
// Looks members up by their identities so many times, for count_instructions.sh:
//   members_count MEMBERS TIMES
#include <cstdio>
#include <cstdlib>

#include "made_up_members.hpp"

int main(int argument_count, char** arguments) {
  if (argument_count != 3) {
    std::fputs("usage: members_count MEMBERS TIMES\n", stderr);
    return 2;
  }
  const auto number = [&](int index) { return static_cast<std::size_t>(std::atoll(arguments[index])); };
  const tillkit::bench::MemberCache cache(number(1));
  std::printf("%zu\n", tillkit::bench::look_up(cache.tables(), number(1), number(2)));
  return 0;
}
