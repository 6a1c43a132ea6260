// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace {

using tillkit::sandbox::Options;

std::optional<Options> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "tillkit-sandbox");
  std::vector<char*> pointers;
  pointers.reserve(words.size());
  for (std::string& word : words)
    pointers.push_back(word.data());
  return Options::parse(static_cast<int>(pointers.size()), pointers.data());
}

TEST_CASE("what stands behind two dashes is the firmware's, whatever it looks like", "[sandbox]") {
  const auto options =
      parse({"--page-port", "8080", "--plug", "127.0.0.1:1=127.0.0.1:2", "--", "till", "--page-port", "x"});

  REQUIRE(options);
  CHECK(options->page_port == 8080);
  CHECK(options->plug_listen == "127.0.0.1:1");
  CHECK(options->plug_target == "127.0.0.1:2");
  CHECK(options->firmware == std::vector<std::string>{"till", "--page-port", "x"});
}

TEST_CASE("what a machine has is said by words that need no value", "[sandbox]") {
  const auto plain = parse({});
  const auto full = parse({"--off", "--cash", "--controller"});

  REQUIRE((plain && full));
  CHECK_FALSE((plain->off || plain->cash || plain->controller));
  CHECK((full->off && full->cash && full->controller));
}

TEST_CASE("an option that nobody knows, or that lacks its value, is refused", "[sandbox]") {
  CHECK(parse({}));
  CHECK_FALSE(parse({"--colour", "green"}));
  CHECK_FALSE(parse({"--planogram"}));
  CHECK_FALSE(parse({"--page-port", "65536"}));
  CHECK_FALSE(parse({"--page-port", "80x"}));
  CHECK_FALSE(parse({"--plug", "127.0.0.1:1"}));
  CHECK_FALSE(parse({"till"}));
}

}  // namespace
