// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "till.hpp"

namespace tillkit::sync {
namespace {

struct Running : Till {
  Running() { REQUIRE(start()); }
};

TEST_CASE("what is sold comes to the cloud within a second, and the chain is what the device signed", "[sync]") {
  Running till;
  REQUIRE(till.advance_until_sent());

  REQUIRE(till.sell());
  till.advance(1s);

  CHECK(till.backlog() == 0);
  CHECK(till.difference().empty());
  CHECK(till.cloud.records.size() == static_cast<std::size_t>(till.journal->last_seq().value()));
  CHECK(till.status().backlog == 0);
  CHECK(till.status().uploaded_at.has_value());
}

TEST_CASE("a backlog goes up in batches under one head", "[sync]") {
  Running till;
  till.board.http.refuse_connections(hal::HttpFault::ConnectFailed);
  const std::string body = R"({"text":")" + std::string(2'000, 'x') + "\"}";
  for (int i = 0; i < 300; ++i)
    REQUIRE(till.sell(body));
  const auto status = till.status();
  CHECK(status.backlog >= 300);
  CHECK(status.oldest.has_value());
  till.board.http.accept_connections();

  till.sync->sync_now();
  REQUIRE(till.advance_until_sent());

  CHECK(till.difference().empty());
  CHECK(till.cloud.heads == 1);
  CHECK(till.cloud.calls("/v1/journal") > 2);
  CHECK(till.cloud.longest_upload > 2 * kBatchBytesFirst - 5'000);
  CHECK(till.cloud.longest_upload <= cloud::kUploadBodyBytesMax);
}

TEST_CASE("personal values travel beside their record", "[sync]") {
  Running till;
  const journal::PersonalValue phone{.field = *journal::Field::parse("phone"), .value = "13800138000"};

  REQUIRE(till.sell("{}", {&phone, 1}));
  REQUIRE(till.advance_until_sent());

  const auto& last = till.cloud.records.rbegin()->second;
  CHECK(last.personal.contains("13800138000"));
  CHECK_FALSE(last.body.contains("13800138000"));
  CHECK(till.difference().empty());
}

TEST_CASE("each mishap on the way leaves every record in the cloud once", "[sync]") {
  for (int mishap = 1; mishap < kMishaps; ++mishap) {
    CAPTURE(mishap);
    Running till;
    int times = 3;
    till.cloud.mishap = [&](const std::string& path) {
      return path == "/v1/journal" && times-- > 0 ? static_cast<Mishap>(mishap) : Mishap::None;
    };

    for (int i = 0; i < 5; ++i)
      REQUIRE(till.sell());
    CHECK(till.advance_until_sent());

    CHECK(till.difference().empty());
  }
}

TEST_CASE("a record that the cloud cannot use is parked once, and holds up nothing", "[sync]") {
  Running till;
  till.cloud.refuses = [](const ModelCloud::Kept& record) {
    return record.body == R"({"total":-1})" ? std::string("contradicts_the_books") : std::string{};
  };
  int silent = 1;
  till.cloud.mishap = [&](const std::string& path) {
    return path == "/v1/journal" && silent-- > 0 ? Mishap::Silence : Mishap::None;
  };

  REQUIRE(till.sell(R"({"total":-1})"));
  REQUIRE(till.sell());
  REQUIRE(till.advance_until_sent());
  till.advance(1min);

  CHECK(till.status().parked == 1);
  CHECK(till.records_of(kRecordRefused) == 1);
  CHECK(till.difference().empty());
  till.restart();
  till.advance(1min);
  CHECK(till.status().parked == 1);
  till.cloud.acknowledged = 1;
  till.cloud.records.erase(till.cloud.records.upper_bound(1), till.cloud.records.end());
  REQUIRE(till.sell());
  till.advance(1min);
  CHECK(till.cloud.acknowledged == till.journal->last_seq().value());
  CHECK(till.records_of(kRecordRefused) == 1);
  CHECK(till.fault("not_acknowledged_here") == 0);
  CHECK(till.journal->verify().sound());
}

TEST_CASE("a cloud that cannot use reports of refused records makes no endless list", "[sync]") {
  Running till;
  till.cloud.refuses = [](const ModelCloud::Kept&) { return "kind_not_known"; };

  REQUIRE(till.sell());
  till.advance(10min);

  CHECK(till.backlog() == 0);
  CHECK(till.journal->last_seq().value() < 12);
  CHECK(till.fault("report_refused") > 0);
}

TEST_CASE("a fork, a break or another's journal stops uploading for good, until a person decides", "[sync]") {
  const std::pair<const char*, StopWhy> cases[] = {{"422 journal-forked", StopWhy::Forked},
                                                   {"422 journal-broken", StopWhy::Broken},
                                                   {"403 journal-not-yours", StopWhy::NotYours}};
  for (const auto& [problem, why] : cases) {
    CAPTURE(problem);
    Running till;
    REQUIRE(till.advance_until_sent());
    till.cloud.problem = problem;

    REQUIRE(till.sell());
    till.advance(10min);
    CHECK(till.host.stopped == why);
    CHECK(till.status().stopped == why);
    const int calls = till.cloud.calls("/v1/journal");
    till.host.stopped.reset();
    till.restart();
    REQUIRE(till.sell());
    till.advance(1h);
    CHECK(till.cloud.calls("/v1/journal") == calls);
    CHECK(till.host.stopped == why);
    CHECK(till.records_of(kUploadStopped) == 1);
    CHECK(till.cloud.calls("/v1/news") > 10);

    till.cloud.problem.clear();
    CHECK(till.sync->resume_upload({}).error().code == core::ErrorCode::InvalidArgument);
    REQUIRE(till.sync->resume_upload(*journal::Operator::parse("anna")));
    CHECK(till.sync->resume_upload(*journal::Operator::parse("anna")).error().code ==
          core::ErrorCode::FailedPrecondition);
    REQUIRE(till.advance_until_sent());
    CHECK(till.difference().empty());
  }
}

TEST_CASE("a cloud that has more than this journal ever had knows another history", "[sync]") {
  Running till;
  REQUIRE(till.advance_until_sent());
  till.cloud.acknowledged = 1'000;

  REQUIRE(till.sell());
  till.advance(10s);

  CHECK(till.status().stopped == StopWhy::Forked);
  CHECK(till.journal->acknowledged().value() < 1'000);
}

TEST_CASE("a cloud that was put back gets its records again", "[sync]") {
  Running till;
  for (int i = 0; i < 10; ++i)
    REQUIRE(till.sell());
  REQUIRE(till.advance_until_sent());
  till.cloud.acknowledged = 4;
  till.cloud.records.erase(till.cloud.records.upper_bound(4), till.cloud.records.end());

  REQUIRE(till.sell());
  till.advance(1min);

  CHECK(till.cloud.acknowledged == till.journal->last_seq().value());
  CHECK(till.difference().empty());
  CHECK(till.status().backlog == 0);
}

TEST_CASE("batches shrink to what the cloud takes, and grow again", "[sync]") {
  Running till;
  till.cloud.takes_bytes = 10'000;
  const std::string body = R"({"text":")" + std::string(1'000, 'x') + "\"}";
  for (int i = 0; i < 100; ++i)
    REQUIRE(till.sell(body));

  REQUIRE(till.advance_until_sent());

  CHECK(till.difference().empty());
  CHECK(till.fault("too-large") > 2);
}

TEST_CASE("an answer shows that the cloud can be reached, until the network goes or it is long ago", "[sync]") {
  Running till;
  REQUIRE(till.sell());
  REQUIRE(till.advance_until_sent());
  CHECK(till.sync->has_answered());

  SECTION("the network goes: what answered before says nothing") {
    till.board.network.unplug();
    till.sync->network_changed();
    CHECK_FALSE(till.sync->has_answered());
    till.advance(5min);
    CHECK_FALSE(till.sync->has_answered());
  }
  SECTION("it only says so: the next answer shows that it is there") {
    till.board.network.set_hint(hal::LinkState::Offline);
    till.sync->network_changed();
    CHECK_FALSE(till.sync->has_answered());
    for (int minute = 0; minute < 10; ++minute) {
      till.advance(3min);
      CHECK(till.sync->has_answered());
    }
  }
  SECTION("nobody answers any more") {
    till.board.network.unplug();
    till.board.network.set_hint(hal::LinkState::Online);
    till.advance(30min);
    CHECK_FALSE(till.sync->has_answered());
  }
}

TEST_CASE("sync begins nothing while payment has the link", "[sync]") {
  Running till;
  REQUIRE(till.advance_until_sent());
  till.advance(26s);
  till.sync->set_payment_busy(true);
  till.advance(60s);
  const std::size_t before = till.cloud.seen.size();

  REQUIRE(till.sell());
  till.advance(5min);
  CHECK(till.cloud.seen.size() == before);
  till.sync->set_payment_busy(false);
  till.advance(1s);

  CHECK(till.backlog() == 0);
}

TEST_CASE("health is reported with what went wrong, each fault once", "[sync]") {
  Till till;
  till.host.report = cloud::HealthReport{.firmware = "0.1.0"};
  int bad = 2;
  till.cloud.mishap = [&](const std::string& path) {
    return path == "/v1/journal" && bad-- > 0 ? Mishap::NotJson : Mishap::None;
  };
  till.pace.health_every = 60s;
  REQUIRE(till.start());

  till.advance(10min);
  CHECK(till.cloud.calls("/v1/health") >= 10);
  CHECK(till.cloud.health.contains(R"("faults":[])"));
  CHECK(till.fault("not_understood") == 2);
}

TEST_CASE("a certificate is renewed when it is time", "[sync]") {
  Till till;
  till.host.renewal = till.board.clock.wall().at + std::chrono::hours{3};
  REQUIRE(till.start());

  till.advance(2h);
  CHECK(till.host.renewals == 0);
  till.advance(2h);

  CHECK(till.host.renewals == 1);
  CHECK(till.cloud.calls("/v1/renew") == 1);
}

}  // namespace
}  // namespace tillkit::sync
