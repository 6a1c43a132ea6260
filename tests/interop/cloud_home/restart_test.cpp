// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "cloud_world.hpp"

using namespace tillkit;
using test::CloudWorld;

namespace {

/// A morning: each step is repeated until it is answered. A command that was done before its answer got lost says so.
std::vector<std::function<CloudWorld::Answer()>> morning(CloudWorld& world, test::UploadedJournal& one,
                                                         test::UploadedJournal& two) {
  const std::int64_t first = one.sell(1'000, "m-1");
  one.add("ledger.earned", first, R"({"of":"m-1","points":10,"why":1})");
  one.add("members.sneezed", 0, "{}");
  const std::int64_t second = two.sell(500, "m-1");
  two.add("ledger.taken", second,
          R"({"parts":[{"unit":1,"of":"m-1","settles":5,"holds":[{"lease":"R1","lot":"own-a","amount":5}]}]})");
  const std::string upload = one.upload_all();
  const std::string other = two.upload_all();
  return {
      [&world] { return world.admin("member", R"("member":"m-1","consented":true)"); },
      [&world] { return world.admin("give", R"("unit":"points","of":"m-1","amount":100,"lot":"a")"); },
      [&world] { return world.admin("issue", R"("coupon":"c-1","offer":"o","member":"m-1")"); },
      [&world, upload] { return world.upload("T1", upload); },
      [&world] { return world.post("T2", "/v1/members/find", R"({"member":"m-1"})"); },
      [&world] { return world.post("T2", "/v1/leases", R"({"request":"R1","unit":"points","of":"m-1","amount":40})"); },
      [&world, other] { return world.upload("T2", other); },
      [&world] { return world.post("T3", "/v1/refund-claims", R"({"claim":"C1","terminal":"T1","sale":1})"); },
  };
}

}  // namespace

TEST_CASE("a cloud that dies at any write loses nothing and does nothing twice", "[cloud_home][power]") {
  const bool restarts = GENERATE(true, false);
  std::string expected_books;
  std::string expected_events;
  bool cut = true;
  for (int point = 0; cut; ++point) {
    CAPTURE(restarts, point);
    CloudWorld world;
    const std::string token = world.admin("token", "").body.substr(10, 43);
    auto one = world.journal_of("T1", 1);
    auto two = world.journal_of("T2", 2);
    world.storage->point = 0;
    world.storage->cut_at = point;
    cut = point == 0;

    for (const auto& step : morning(world, one, two)) {
      auto answer = step();
      if (answer.status >= 500) {
        cut = true;
        if (restarts) world.restart();
        answer = step();
      }
      const bool done_before = answer.status == 409;
      CAPTURE(answer.body);
      CHECK((answer.status == 200 || (done_before && cut)));
    }

    world.restart();
    // The member was told twice where the first time was cut off; a number more in the log is no difference.
    const std::string books = world.books();
    const std::string events = world.get("", "/v1/events", {}, token).body;
    if (point == 0) {
      expected_books = books;
      expected_events = events;
    }
    CHECK(books == expected_books);
    CHECK(events == expected_events);
    CHECK(books.contains(R"("adds_up":true)"));
  }
}
