// SPDX-License-Identifier: Apache-2.0
// What five real vending machines sold from January to April 2022, sold again: each with its own till, cabinet and
// wallet, a fault in one sale of twenty, and a network that is down a third of the time.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "../../bench/real_data.hpp"
#include "tillkit/catalog/catalog.hpp"
#include "tillkit/test/seed.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kStock = 900;
constexpr unsigned kFaultOneIn = 20;
constexpr std::int64_t kCoin = 10;  // the smallest; prices of the log are in cents
/// So many shoppers in a row meet a network, or none.
constexpr unsigned kStretchMax = 12;

/// One line of the log.
struct Vended {
  std::string machine;
  std::string transaction;
  std::string coil;
  std::int64_t price = 0;
  bool cash = false;
};

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
    throw std::runtime_error("no number in the log: " + std::string(text));
  }
  return value;
}

/// The product's name may hold commas, and is not needed: the other columns are counted from both ends.
Vended parse(std::string_view line) {
  std::vector<std::string_view> columns;
  for (int i = 0; i < 6; ++i) {
    const std::size_t comma = line.rfind(',');
    if (comma == std::string_view::npos) throw std::runtime_error("a short line in the log");
    columns.push_back(line.substr(comma + 1));
    line.remove_suffix(line.size() - comma);
  }
  // From the end: quantity, price, coil, tender, date, transaction.
  return {.machine = std::string(line.substr(0, line.find(','))),
          .transaction = std::string(columns[5]),
          .coil = std::string(columns[2]),
          .price = number(columns[1]),
          .cash = columns[3] == "Cash"};
}

/// By machine, its shoppers in their order: each with the products of one transaction.
using Shoppers = std::vector<std::vector<Vended>>;
std::map<std::string, Shoppers> read_log(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::map<std::string, Shoppers> machines;
  while (std::getline(file, line)) {
    if (line.ends_with('\r')) line.pop_back();
    Vended vended = parse(line);
    Shoppers& shoppers = machines[vended.machine];
    if (shoppers.empty() || shoppers.back().front().transaction != vended.transaction) shoppers.emplace_back();
    shoppers.back().push_back(std::move(vended));
  }
  return machines;
}

/// A coil of the log holds one thing at a time; what it sold at another price is a slot of its own here.
class Planogram {
 public:
  explicit Planogram(const Shoppers& shoppers) {
    for (const auto& shopper : shoppers) {
      for (const Vended& vended : shopper)
        slots_.try_emplace({vended.coil, vended.price}, static_cast<std::uint16_t>(slots_.size() + 1));
    }
  }
  [[nodiscard]] hal::SlotId slot(const Vended& vended) const {
    return hal::SlotId(slots_.at({vended.coil, vended.price}));
  }
  [[nodiscard]] std::vector<fulfilment::Slot> filled() const {
    std::vector<fulfilment::Slot> all;
    all.reserve(slots_.size());
    for (const auto& [key, slot] : slots_)
      all.push_back(slot_of(slot, item(slot), kStock));
    return all;
  }
  [[nodiscard]] std::unique_ptr<checkout::Shelf> shelf() const {
    catalog::CatalogBuilder builder(core::kCny);
    for (const auto& [key, slot] : slots_) {
      const std::string id = item(slot);
      const std::array<std::string_view, 1> codes{id};
      const auto added = builder.add({.id = id,
                                      .codes = codes,
                                      .name = id,
                                      .price = {key.second, core::kCny},
                                      .tax_rate = core::BasisPoints(1'300)});
      if (!added) throw std::runtime_error("the log's goods are refused");
    }
    offers::RuleDocument no_offers;
    no_offers.version = "none";
    offers::RuleMistake mistake;
    auto rules = offers::RuleSet::compile(std::move(no_offers), mistake);
    return std::make_unique<checkout::Shelf>(std::move(builder).finish(), *std::move(rules));
  }

 private:
  static std::string item(std::uint16_t slot) { return "item-" + std::to_string(slot); }

  std::map<std::pair<std::string, std::int64_t>, std::uint16_t> slots_;
};

struct Counts {
  int shoppers = 0, products = 0, offline = 0, faults = 0, cuts = 0, left = 0;
  std::uint64_t flushes = 0, bytes = 0;
};

/// One machine and the people before it.
class Replay {
 public:
  Replay(const Shoppers& shoppers, std::uint64_t seed) : shoppers_(shoppers), planogram_(shoppers), random_(seed) {
    world_.shelf = [this] { return planogram_.shelf(); };
    world_.stock_cabinet(planogram_.filled());
    if (!world_.start()) throw std::runtime_error("the till does not start");
    disk_.reset_counts();
  }

  Counts run() {
    for (const auto& shopper : shoppers_) {
      plug();
      world_.advance(10min);
      ++counts_.shoppers;
      buy(shopper);
      if (!world_.settle()) throw std::runtime_error("something stays open");
      repair();
    }
    counts_.flushes = disk_.counts().flushes;
    counts_.bytes = disk_.counts().bytes_written;
    return counts_;
  }
  [[nodiscard]] std::string disagreement() {
    const std::string money = world_.disagreement();
    return money.empty() ? world_.goods_disagreement() : money;
  }
  [[nodiscard]] int products_out() const { return static_cast<int>(world_.cabinet.fallen()); }

 private:
  enum class Fault { None, Declined, AnswerLost, Jam, PowerWhilePaid, PowerWhileFalling, CabinetSilent };

  /// Two stretches with a network, one without.
  void plug() {
    if (stretch_left_-- > 0) return;
    stretch_left_ = static_cast<int>(random_() % kStretchMax);
    online_ = random_() % 3 != 0;
    world_.network.set_hint(online_ ? hal::LinkState::Online : hal::LinkState::Offline);
    world_.till().link_is_back();
  }

  void buy(const std::vector<Vended>& shopper) {
    for (const Vended& vended : shopper) {
      if (!world_.till().add_from(planogram_.slot(vended))) throw std::runtime_error("a slot does not sell");
    }
    const auto price = world_.till().left_to_pay().minor;
    const bool by_cash = shopper.front().cash;
    const bool pays = online_ || by_cash;
    const Fault fault = pays && random_() % kFaultOneIn == 0 ? Fault(1 + random_() % 6) : Fault::None;
    counts_.faults += fault != Fault::None ? 1 : 0;
    if (fault == Fault::Jam) {
      jammed_ = planogram_.slot(shopper.front());
      world_.cabinet.jam(jammed_);
    }
    if (fault == Fault::CabinetSilent) world_.cabinet.stop_answering();
    if (fault == Fault::Declined && !by_cash) world_.wallet.script(WalletCall::Authorise, declines());
    if (fault == Fault::AnswerLost && !by_cash) world_.wallet.script(WalletCall::Authorise, approves().unanswered());
    const bool paid = by_cash ? world_.pay_cash((price + kCoin - 1) / kCoin * kCoin) : world_.pay_by_code();
    CHECK(paid == pays);
    if (!pays) {
      // Nothing was taken: the shopper is told at once, and goes.
      ++counts_.offline;
      return leave();
    }
    if (fault == Fault::PowerWhilePaid) cut_after(static_cast<int>(random_() % 400));
    if (fault == Fault::PowerWhileFalling) cut_after(500 + static_cast<int>(random_() % 2'500));
    world_.advance(20s);
    world_.cabinet.answer_again();
    // One that the wallet refused; goods that are still on their way are settled.
    if (!world_.till().basket().empty() && world_.till().state() == checkout::SaleState::Open) leave();
  }

  void leave() {
    ++counts_.left;
    [[maybe_unused]] const auto left = world_.till().give_up(journal::kUnattended);
  }

  void cut_after(int ms) {
    ++counts_.cuts;
    world_.advance(std::chrono::milliseconds(ms));
    world_.stop();
    disk_.restart(Damage::LoseUnsynced, random_());
    if (!world_.start()) throw std::runtime_error("the till does not come back");
  }

  /// The technician comes by.
  void repair() {
    if (jammed_ == hal::SlotId{}) return;
    world_.cabinet.unjam(jammed_);
    auto slot = fulfilment::find_slot(world_.journal().tables(), jammed_).value();
    slot->block = fulfilment::SlotBlock::None;
    const std::vector<fulfilment::Slot> now{*slot};
    REQUIRE(world_.journal().commit([&](journal::Tx& tx) { return fulfilment::set_slots(tx, now, false, kLead); }));
    jammed_ = {};
  }

  const Shoppers& shoppers_;
  Planogram planogram_;
  std::mt19937_64 random_;
  Disk disk_;
  TillWorld world_{disk_};
  Counts counts_;
  hal::SlotId jammed_{};
  int stretch_left_ = 0;
  bool online_ = true;
};

TEST_CASE("what real vending machines sold is sold again, with faults and a bad network, and the books are equal",
          "[simulation][vending][slow]") {
  const auto folder = real_data::folder();
  if (!folder) SKIP("no log of vending machines on this machine");
  const auto machines = read_log(*folder / "vending_log_us.csv");
  REQUIRE(machines.size() == 5);
  std::uint64_t machine_seed = seed();
  CAPTURE(machine_seed);

  for (const auto& [name, shoppers] : machines) {
    CAPTURE(name);
    Replay replay(shoppers, machine_seed++);
    const Counts counts = replay.run();

    const std::string broken = replay.disagreement();
    CAPTURE(broken);
    CHECK(broken.empty());
    std::printf(
        "%s: %d shoppers, %d found no network, %d left, %d faults, %d power cuts, %d products out; "
        "%.2f flushes and %.0f bytes a shopper\n",
        name.c_str(), counts.shoppers, counts.offline, counts.left, counts.faults, counts.cuts, replay.products_out(),
        static_cast<double>(counts.flushes) / counts.shoppers, static_cast<double>(counts.bytes) / counts.shoppers);
    CHECK(replay.products_out() > 0);
  }
}

}  // namespace
}  // namespace tillkit::test
