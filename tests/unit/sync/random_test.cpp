// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "till.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::sync {
namespace {

/// A week with a nasty link: sales, leases, recalls, cuts of power and network, every mishap on the way.
class Week {
 public:
  Week(std::uint64_t seed, std::shared_ptr<Keys> keys)
      : random_(seed), till_({.seed = seed}, nullptr, std::move(keys)) {
    till_.cloud.page_changes = 1 + pick(40);
    till_.cloud.refuses = [](const ModelCloud::Kept& record) {
      return record.kind == "test.sold" && record.body.ends_with("7}") ? std::string("body_not_understood")
                                                                       : std::string{};
    };
    REQUIRE(till_.start());
  }

  void live() {
    till_.cloud.mishap = [this](const std::string&) {
      return pick(3) == 0 ? static_cast<Mishap>(pick(kMishaps)) : Mishap::None;
    };
    for (int i = 0; i < 150; ++i)
      step();
  }

  void heal() {
    till_.cloud.mishap = {};
    till_.cloud.forgets_cursors = false;
    till_.board.http.accept_connections();
    till_.board.network.plug();
    till_.sync->network_changed();
    till_.sync->set_payment_busy(false);
    till_.sync->sync_now();
    till_.advance(15min);
  }

  void check() {
    CHECK(till_.difference().empty());
    CHECK(till_.backlog() == 0);
    CHECK_FALSE(till_.status().stopped.has_value());
    CHECK(till_.records_of(kSold) == sold_);
    CHECK(till_.records_of(kRecordRefused) == poisoned_);
    CHECK(till_.status().parked == poisoned_);
    CHECK(till_.records_of(ledger::kLeasePlaced) == leases_);
    CHECK(till_.records_of(ledger::kLeaseReturned) == recalled_);
    CHECK(till_.records_of(kDecisionRefused) == 0);
    CHECK(till_.journal->verify().sound());
  }

 private:
  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  void step() {
    switch (pick(14)) {
      case 0:
      case 1:
      case 2: sell(); break;
      case 3: grant(); break;
      case 4: recall(); break;
      case 5: restart(); break;
      case 6: till_.board.http.refuse_connections(hal::HttpFault::ConnectTimeout); break;
      case 7: till_.board.http.accept_connections(); break;
      case 8: till_.sync->set_payment_busy(pick(2) == 0); break;
      case 9: till_.cloud.forgets_cursors = pick(4) == 0; break;
      case 11: till_.board.network.unplug(); break;
      case 12: {
        till_.board.network.plug();
        till_.sync->network_changed();
        break;
      }
      case 10: till_.board.http.forget_kept_connections(); break;
      default: till_.sync->sync_now(); break;
    }
    till_.advance(std::chrono::milliseconds{pick(20'000)});
  }

  void sell() {
    const std::size_t total = pick(40);
    REQUIRE(till_.sell(R"({"total":)" + std::to_string(total) + "}"));
    ++sold_;
    if (total % 10 == 7) ++poisoned_;
  }
  void grant() {
    ++leases_;
    till_.cloud.tell("decisions", R"({"type":"lease_granted","lease":{"id":"l-)" + std::to_string(leases_) +
                                      R"(","unit":"budget","of":"autumn","amount":5,"until":2000000000000}})");
  }
  void recall() {
    if (recalled_ == leases_) return;
    ++recalled_;
    till_.cloud.tell("decisions", R"({"type":"lease_recalled","lease":"l-)" + std::to_string(recalled_) + "\"}");
  }
  void restart() {
    till_.board.world.power().cut();
    till_.disk->cut();
    till_.stop();
    till_.disk->restart(test::kDamages[pick(test::kDamages.size())], random_());
    till_.board.world.power().restore();
    REQUIRE(till_.start());
  }

  std::mt19937_64 random_;
  Till till_;
  int sold_ = 0;
  int poisoned_ = 0;
  int leases_ = 0;
  int recalled_ = 0;
};

TEST_CASE("over a nasty link everything arrives exactly once, both ways", "[sync]") {
  const auto keys = std::make_shared<Keys>();
  constexpr std::uint64_t kWeeks = sizeof(void*) == 8 ? 15 : 2;
  for (std::uint64_t i = 0; i < kWeeks; ++i) {
    const std::uint64_t seed = test::seed() + i;
    CAPTURE(seed);
    Week week(seed, keys);

    week.live();
    week.heal();

    week.check();
  }
}

}  // namespace
}  // namespace tillkit::sync
