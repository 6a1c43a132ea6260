// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "till.hpp"
#include "tillkit/ledger/records.hpp"
#include "tillkit/test/power_cuts.hpp"

namespace tillkit::sync {
namespace {

constexpr int kSales = 4;

/// A till that sells, uploads, and takes a lease, a recall and a member from the cloud, whatever happens to its power.
class Day final : public test::Subject {
 public:
  Day(test::Disk& disk, std::shared_ptr<Keys> keys) : till_({}, &disk, std::move(keys)) {
    till_.cloud.tell("decisions", lease("l-1"));
    till_.cloud.tell("decisions", lease("l-2"));
    till_.cloud.tell("decisions", R"({"type":"lease_recalled","lease":"l-2"})");
    till_.cloud.tell("copies", R"({"type":"revoked","id":"c-1"})");
    till_.cloud.refuses = [](const ModelCloud::Kept& record) {
      return record.body == R"({"total":2})" ? std::string("contradicts_the_books") : std::string{};
    };
  }

  void run() override {
    if (!till_.start()) return;
    for (int i = 1; i <= kSales && till_.disk->has_power(); ++i) {
      if (till_.sell(R"({"total":)" + std::to_string(i) + "}")) ++sold_;
      till_.advance(10s);
    }
  }
  void lose_power() override {
    till_.board.world.power().cut();
    till_.stop();
    till_.board.world.power().restore();
  }
  void recover() override {
    if (till_.start()) till_.advance(2min);
  }
  test::Verdict judge() override {
    if (!till_.journal) return {.lost = 0, .broken = "does not start"};
    till_.advance(2min);
    test::Verdict verdict;
    const int there = till_.records_of(kSold);
    if (there < sold_) verdict.lost = static_cast<std::uint64_t>(sold_ - there);
    verdict.broken = wrong();
    return verdict;
  }

 private:
  static std::string lease(const std::string& id) {
    return R"({"type":"lease_granted","lease":{"id":")" + id +
           R"(","unit":"budget","of":"autumn","amount":5,"until":2000000000000}})";
  }
  std::string wrong() {
    if (!till_.journal->verify().sound()) return "not sound";
    if (const auto difference = till_.difference(); !difference.empty()) return difference;
    if (till_.backlog() != 0) return "not uploaded";
    if (till_.status().stopped) return "stopped";
    if (till_.records_of(ledger::kLeasePlaced) != 2 || till_.records_of(ledger::kLeaseReturned) != 1) return "leases";
    if (till_.records_of(kDecisionRefused) != 0) return "a decision was refused";
    if (till_.records_of(kRecordRefused) != static_cast<int>(till_.status().parked)) return "parked";
    if (!must(members::is_revoked(till_.cache->tables(), "c-1"))) return "no copies";
    return {};
  }

  Till till_;
  int sold_ = 0;
};

TEST_CASE("power may go at any moment: what is sold comes to the cloud once, what it decides is taken once",
          "[sync][power]") {
  const auto keys = std::make_shared<Keys>();
  const test::Scenario scenario{"a day of sync", [&](test::Disk& disk) { return std::make_unique<Day>(disk, keys); }};

  // On 32 bits the emulator makes a run ten times as long.
  constexpr std::uint32_t kCuts = sizeof(void*) == 8 ? 30 : 4;
  const test::Report report =
      test::cut_everywhere(scenario, {.seed = test::seed(), .recovery_cuts_max = 1, .cuts_max = kCuts});

  INFO(report.text());
  CHECK(report.lawful());
  CHECK(report.places >= kCuts);
}

}  // namespace
}  // namespace tillkit::sync
