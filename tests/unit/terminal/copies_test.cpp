// SPDX-License-Identifier: Apache-2.0
// What the cloud sends to be sold: kept in the cache, looked up there, put on the shelf.
#include "tillkit/terminal/copies.hpp"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "../sync/till.hpp"
#include "tillkit/catalog/replica.hpp"
#include "tillkit/test/disk.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/power_cuts.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::terminal {
namespace {

using catalog::CopyKind;
using catalog::ItemReference;
using core::ErrorCode;
using core::must;

std::string item(std::string_view id, std::string_view codes, std::int64_t minor, std::string_view more = "") {
  return R"({"id":")" + std::string(id) + R"(","codes":[)" + std::string(codes) + R"(],"name":"N","price_minor":)" +
         std::to_string(minor) + std::string(more) + "}";
}

std::string rules(std::string_view version, std::string_view off = "1.00", std::string_view currency = "CNY") {
  return R"({"version":")" + std::string(version) + R"(","currency":")" + std::string(currency) +
         R"(","offers":[{"id":"off","name":"Off","effect":{"amount_off":{"amount":")" + std::string(off) +
         R"(","at_least":"2.00"}}}]})";
}

/// What reads, and a rule of which does not exist.
constexpr std::string_view kBroken =
    R"({"version":"v9","currency":"CNY","offers":[{"id":"off","name":"Off","effect":{"haggle":{}}}]})";

/// A cache on a disk in memory, and its keeper.
struct Copies {
  test::Disk disk;
  test::DiskVfs vfs{disk};
  CopyKeeper keeper{core::kCny};
  std::unique_ptr<journal::Cache> cache = open();

  [[nodiscard]] std::unique_ptr<journal::Cache> open() {
    return must(open_cache({.path = "cache.db", .vfs = vfs.name()}));
  }
  [[nodiscard]] const journal::Tables& tables() const { return cache->tables(); }

  /// Also of one that is refused, as sync does it.
  core::Result<> take(const std::function<core::Result<>(journal::CacheTx&)>& copy) {
    core::Result<> taken;
    must(cache->step([&](journal::CacheTx& tx) -> core::Result<> {
      taken = copy(tx);
      rows = journal::kCacheRowsPerStepMax - tx.rows_left();
      return {};
    }));
    return taken;
  }
  core::Result<> put(const std::string& json) {
    return take([&](journal::CacheTx& tx) { return keeper.put_item(tx, json); });
  }
  core::Result<> remove(std::string_view id) {
    return take([&](journal::CacheTx& tx) { return keeper.remove_item(tx, id); });
  }
  core::Result<> put_rules(std::string_view json) {
    return take([&](journal::CacheTx& tx) { return keeper.put_rule_set(tx, json); });
  }
  /// Its id and price; empty: nobody has this code.
  [[nodiscard]] std::string find(std::string_view code) const {
    catalog::ReplicaItems items(tables(), core::kCny);
    const auto found = items.find_code(code);
    return found ? std::string(found->id()) + ' ' + std::to_string(found->base_price().minor) : std::string{};
  }
  [[nodiscard]] std::string weighed(std::uint32_t reference) const {
    catalog::ReplicaItems items(tables(), core::kCny);
    const auto found = items.find_reference(ItemReference(reference));
    return found ? std::string(found->id()) : std::string{};
  }
  [[nodiscard]] std::vector<catalog::RefusedCopy> refused() const {
    return must(catalog::refused_copies(tables(), 1'000));
  }
  [[nodiscard]] std::string version() const { return must(catalog::replica_state(tables())).rules_version; }

  std::int64_t rows = 0;  // of the last step
};

TEST_CASE("an item of the cloud's is found by each of its codes, its id and its reference", "[terminal]") {
  Copies copies;
  must(copies.put(item("cola", R"("6900000000014","036000291452","bag")", 350, R"(,"plu":"00123")")));

  CHECK(copies.find("6900000000014") == "cola 350");
  CHECK(copies.find("0036000291452") == "cola 350");
  CHECK(copies.find("bag") == "cola 350");
  CHECK(copies.find("cola").empty());
  CHECK(copies.find("6900000000021").empty());
  CHECK(copies.weighed(123) == "cola");
  CHECK(copies.weighed(0).empty());
  CHECK(catalog::ReplicaItems(copies.tables(), core::kCny).find_id("cola")->codes().size() == 3);
}

TEST_CASE("an item that is put again is as it was put last, and so are its codes", "[terminal]") {
  Copies copies;
  must(copies.put(item("cola", R"("6900000000014","old")", 350, R"(,"plu":"1")")));
  must(copies.put(item("tea", R"("tea")", 400, R"(,"plu":"2")")));

  must(copies.put(item("cola", R"("6900000000014","new")", 380, R"(,"plu":"3")")));
  CHECK(copies.find("6900000000014") == "cola 380");
  CHECK(copies.find("new") == "cola 380");
  CHECK(copies.find("old").empty());
  CHECK(copies.weighed(1).empty());
  CHECK(copies.weighed(3) == "cola");

  // A code and a reference move to another item, whichever of the two comes first.
  must(copies.put(item("tea", R"("tea","new")", 400, R"(,"plu":"3")")));
  CHECK(copies.find("new") == "tea 400");
  must(copies.put(item("cola", R"("6900000000014")", 380)));
  CHECK(copies.find("new") == "tea 400");
  CHECK(copies.weighed(3) == "tea");

  must(copies.remove("tea"));
  must(copies.remove("tea"));
  CHECK(copies.find("tea").empty());
  CHECK(copies.find("new").empty());
  CHECK(copies.weighed(3).empty());
  CHECK(must(catalog::replica_state(copies.tables())).items == 1);

  copies.cache.reset();
  copies.cache = copies.open();
  CHECK(copies.find("6900000000014") == "cola 380");
}

TEST_CASE("an item with as many codes as can be takes no more of a step than a copy may", "[terminal]") {
  Copies copies;
  const auto codes = [](std::string_view prefix) {
    std::string list;
    for (std::size_t i = 0; i < catalog::kCodesPerItemMax; ++i)
      list += (i == 0 ? "\"" : ",\"") + std::string(prefix) + std::to_string(i) + '"';
    return list;
  };
  REQUIRE_FALSE(copies.put(R"({"id":"cola"})"));
  must(copies.put(item("cola", codes("a"), 350, R"(,"plu":"1")")));

  REQUIRE_FALSE(copies.put(R"({"id":"cola"})"));
  must(copies.put(item("cola", codes("b"), 350, R"(,"plu":"2")")));

  CHECK(copies.rows == catalog::kReplicaRowsMax);
  CHECK(copies.rows <= sync::kCopyRowsMax);
  must(copies.remove("cola"));
  CHECK(copies.rows <= sync::kCopyRowsMax);
}

TEST_CASE("what cannot be used leaves what was there, and is named with its reason until a good one comes",
          "[terminal]") {
  Copies copies;
  must(copies.put(item("cola", R"("cola")", 350)));
  must(copies.put_rules(rules("v1")));
  CHECK(copies.keeper.take_rules_changed());

  CHECK(copies.put(R"({"id":"cola","codes":["cola"],"name":"N","price":"3.505"})").error().code ==
        ErrorCode::InvalidArgument);
  CHECK(copies.put(R"({"codes":["tea"],"name":"N"})").error().code == ErrorCode::InvalidArgument);
  CHECK(copies.put("no JSON").error().code == ErrorCode::InvalidArgument);
  CHECK(copies.put_rules(kBroken).error().code == ErrorCode::InvalidArgument);
  CHECK(copies.put_rules(rules("v2", "1.00", "USD")).error().code == ErrorCode::InvalidArgument);
  CHECK(copies.put_rules("{}").error().code == ErrorCode::InvalidArgument);

  CHECK(copies.find("cola") == "cola 350");
  CHECK(copies.version() == "v1");
  CHECK_FALSE(copies.keeper.take_rules_changed());
  const auto refused = copies.refused();
  REQUIRE(refused.size() == 4);
  CHECK(refused[0].kind == CopyKind::RuleSet);
  INFO(refused[0].why);
  CHECK(refused[0].why.contains("version"));
  CHECK(refused[1].id.empty());
  CHECK(refused[2].id == "cola");
  CHECK(refused[2].why == "/price: invalid_argument");
  CHECK(refused[3].id == "tea");

  must(copies.put(item("cola", R"("cola")", 360)));
  must(copies.put_rules(rules("v3")));
  must(copies.remove("tea"));
  CHECK(copies.refused().size() == 1);
  CHECK(copies.version() == "v3");
}

TEST_CASE("of what is refused the first ones are kept, and the rule set always", "[terminal]") {
  Copies copies;
  for (std::int64_t i = 0; i < catalog::kRefusedCopiesKept + 10; ++i)
    REQUIRE_FALSE(copies.put(R"({"id":"i)" + std::to_string(i) + R"("})"));
  REQUIRE_FALSE(copies.put_rules(kBroken));

  CHECK(must(catalog::count_refused_copies(copies.tables())) == catalog::kRefusedCopiesKept + 1);
  CHECK(copies.refused().front().kind == CopyKind::RuleSet);
}

TEST_CASE("a cache from before items were kept asks for all of it again", "[terminal]") {
  test::Disk disk;
  test::DiskVfs vfs(disk);
  const journal::CacheSettings settings{.path = "cache.db", .vfs = vfs.name()};
  {
    const auto before = must(journal::Cache::open(settings, {&members::kMemberReplica, 1}));
    must(before->step("copies", "812", [](journal::CacheTx&) -> core::Result<> { return {}; }));
  }

  auto cache = must(open_cache(settings));
  CHECK(must(cache->cursor("copies")).empty());

  must(cache->step("copies", "813", [](journal::CacheTx&) -> core::Result<> { return {}; }));
  cache.reset();
  CHECK(must(must(open_cache(settings))->cursor("copies")) == "813");
}

TEST_CASE("a sale keeps the prices and rules that it has; the next one has what came", "[terminal]") {
  Copies copies;
  must(copies.put(item("cola", R"("6900000000014")", 350)));
  must(copies.put(item("tea", R"("6900000000038")", 400)));
  must(copies.put_rules(rules("v1", "1.00")));
  test::Disk disk;
  test::TillWorld world(disk);
  world.shelf = [&] { return must(shelf_of_copies(copies.tables(), core::kCny)); };
  REQUIRE(world.start());
  const auto payable = [&] { return world.till().basket().price().payable; };
  REQUIRE(world.scan("6900000000014"));
  REQUIRE(payable() == 250);

  must(copies.put(item("cola", R"("6900000000014")", 380)));
  must(copies.put(item("tea", R"("6900000000038")", 500)));
  must(copies.put_rules(rules("v2", "2.00")));
  world.till().set_shelf(world.shelf());
  REQUIRE(world.scan("6900000000014"));
  CHECK(payable() == 600);
  REQUIRE(world.scan("6900000000038"));
  CHECK(payable() == 1'100);  // new to this sale
  REQUIRE(world.pay_cash(1'100));

  REQUIRE(world.scan("6900000000014"));
  CHECK(payable() == 180);
  REQUIRE(world.pay_cash(180));
  std::vector<std::string> versions;
  must(world.journal().each({}, [&](const journal::Record& record) -> core::Result<> {
    if (const auto at = record.body.find("\"rules_version\":\""); at != std::string::npos) {
      versions.push_back(record.body.substr(at + 17, 2));
    }
    return {};
  }));
  CHECK(versions == std::vector<std::string>{"v1", "v2"});
}

TEST_CASE("what was looked up and not sold holds no price", "[terminal]") {
  Copies copies;
  must(copies.put(item("apples", R"("2100101")", 980, R"(,"unit":"500g")")));
  test::Disk disk;
  test::TillWorld world(disk);
  world.shelf = [&] { return must(shelf_of_copies(copies.tables(), core::kCny)); };
  REQUIRE(world.start());
  REQUIRE_FALSE(world.till().add("apples", *core::Quantity::pieces(1)));

  must(copies.put(item("apples", R"("2100101")", 500, R"(,"unit":"500g")")));
  REQUIRE(world.till().add("apples", *core::Quantity::grams(500)));

  CHECK(world.till().basket().price().payable == 500);
}

// --- through sync ---

/// A till whose cloud changes prices and offers, whatever happens to its power.
class Day final : public test::Subject {
 public:
  Day(test::Disk& disk, std::shared_ptr<sync::Keys> keys) : till_({}, &disk, std::move(keys)) {
    till_.copies = &keeper_;
    till_.replicas.push_back(catalog::kCatalogReplica);
    for (int i = 0; i < kItems; ++i)
      tell(R"({"type":"item","item":)" + item("i" + std::to_string(i), code(i), 100 + i) + "}");
    tell(R"({"type":"rule_set","rule_set":)" + rules("v1") + "}");
    for (int i = 0; i < kItems; i += 2)
      tell(R"({"type":"item","item":)" + item("i" + std::to_string(i), code(i), 900 + i) + "}");
    tell(R"({"type":"item_gone","item":"i1"})");
    tell(R"({"type":"rule_set","rule_set":)" + std::string(kBroken) + "}");
    tell(R"({"type":"rule_set","rule_set":)" + rules("v2") + "}");
    tell(R"({"type":"item","item":{"id":"i3"}})");
  }

  void run() override {
    if (!till_.start()) return;
    till_.advance(std::chrono::minutes(2));
  }
  void lose_power() override {
    till_.board.world.power().cut();
    till_.stop();
    till_.board.world.power().restore();
  }
  void recover() override {
    if (!till_.start()) return;
    // Whatever is here is good, before anything else comes.
    if (!shelf_of_copies(till_.cache->tables(), core::kCny)) bad_ = "a rule set that is none";
    till_.advance(std::chrono::minutes(2));
  }
  test::Verdict judge() override {
    if (!till_.cache) return {.lost = 0, .broken = "does not start"};
    till_.advance(std::chrono::minutes(2));
    return {.lost = 0, .broken = bad_.empty() ? wrong() : bad_};
  }

 private:
  static constexpr int kItems = 130;  // two steps of the cache, and a little

  static std::string code(int i) { return "\"c" + std::to_string(i) + '"'; }
  void tell(std::string change) { till_.cloud.tell("copies", std::move(change)); }

  std::string wrong() {
    catalog::ReplicaItems items(till_.cache->tables(), core::kCny);
    for (int i = 0; i < kItems; ++i) {
      const auto found = items.find_code("c" + std::to_string(i));
      if (found.has_value() != (i != 1)) return "item " + std::to_string(i);
      if (found && found->base_price().minor != (i % 2 == 0 ? 900 : 100) + i) return "price " + std::to_string(i);
    }
    const auto state = must(catalog::replica_state(till_.cache->tables()));
    if (state.rules_version != "v2") return "rules " + state.rules_version;
    return state.refused == 1 ? std::string{} : "refused " + std::to_string(state.refused);
  }

  sync::Till till_;
  CopyKeeper keeper_{core::kCny};
  std::string bad_;
};

TEST_CASE("power may go in the middle of a page of copies: what is there is good, and the rest comes",
          "[terminal][power]") {
  const auto keys = std::make_shared<sync::Keys>();
  const test::Scenario scenario{"a page of copies",
                                [&](test::Disk& disk) { return std::make_unique<Day>(disk, keys); }};

  // A run takes a second; on 32 bits the emulator makes it ten.
  constexpr std::uint32_t kCuts = sizeof(void*) == 8 ? 8 : 3;
  const test::Report report =
      test::cut_everywhere(scenario, {.seed = test::seed(), .recovery_cuts_max = 1, .cuts_max = kCuts});

  INFO(report.text());
  CHECK(report.lawful());
  CHECK(report.places >= kCuts);
}

}  // namespace
}  // namespace tillkit::terminal
