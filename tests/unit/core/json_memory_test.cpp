// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <catch2/catch_test_macros.hpp>
#include <cjson/cJSON.h>

#include "must.hpp"
#include "tillkit/core/json.hpp"
#include "tillkit/core/json_writer.hpp"

using namespace tillkit::core;

namespace {

int allocations_left = 0;
int blocks_alive = 0;

void* allocate_until_none_left(std::size_t bytes) {
  if (allocations_left == 0) return nullptr;
  --allocations_left;
  ++blocks_alive;
  return std::malloc(bytes);
}

void count_free(void* block) {
  if (block != nullptr) --blocks_alive;
  std::free(block);
}

/// Makes cJSON's memory end after so many allocations, until the end of the scope.
class ScarceMemory {
 public:
  explicit ScarceMemory(int allocations) {
    allocations_left = allocations;
    cJSON_Hooks hooks{&allocate_until_none_left, &count_free};
    cJSON_InitHooks(&hooks);
  }
  ScarceMemory(const ScarceMemory&) = delete;
  ScarceMemory& operator=(const ScarceMemory&) = delete;
  ~ScarceMemory() { cJSON_InitHooks(nullptr); }
};

}  // namespace

TEST_CASE("a reader that runs out of memory at any point says so and leaks nothing", "[core]") {
  constexpr std::string_view kText = R"({"sale":"S-1","lines":[{"n":1,"price":12.50},{"n":2}],"paid":true,"x":null})";
  bool complete = false;
  int allocations = 0;
  for (; !complete; ++allocations) {
    CAPTURE(allocations);
    REQUIRE(allocations < 1'000);
    {
      const ScarceMemory memory(allocations);
      const auto document = JsonDocument::parse(kText);
      complete = document.has_value();
      if (!complete) CHECK(document.error() == Error{ErrorCode::Exhausted});
      if (complete) CHECK(must(JsonWriter().value(document->root()).finish()) == kText);
    }
    CHECK(blocks_alive == 0);
  }
  CHECK(allocations > 20);
}
