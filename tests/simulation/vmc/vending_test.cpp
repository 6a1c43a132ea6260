// SPDX-License-Identifier: Apache-2.0
// Thousands of vends over the virtual bus, with faults of the bus, restarts of the machine and power cuts of the
// terminal. Afterwards the cabinet's books and the journal are compared, sale by sale.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "machine_room.hpp"
#include "tillkit/test/seed.hpp"

namespace tillkit::fulfilment::vending {
namespace {

using namespace std::chrono_literals;
using hal_virtual::VirtualCabinet;
using hal_virtual::VirtualVmc;
using hal_virtual::VmcFault;
using hal_virtual::World;

constexpr std::uint16_t kItem = 5;
constexpr std::uint16_t kPrice = 250;

struct Counts {
  std::uint64_t vends = 0;
  std::uint64_t refunds = 0;
  std::uint64_t cuts = 0;
  std::uint64_t cuts_with_open_sale = 0;
  std::uint64_t unknown_by_cut = 0;
  std::uint64_t unknown_by_bus = 0;
  std::uint64_t disagree = 0;
  std::uint64_t credit_lost = 0;
};

struct Plan {
  std::uint64_t seed = 1;
  bool remembers = true;
  bool always_idle = true;
};

/// One machine and one terminal, over many sessions.
class Shop {
 public:
  explicit Shop(const Plan& plan)
      : plan_(plan),
        random_(plan.seed),
        cabinet_(board_.world),
        vmc_(board_.world, cabinet_, {.level = static_cast<std::uint8_t>(plan.always_idle ? 3 : 2)}),
        memory_(cabinet_, board_.scheduler),
        journal_(board_.world.power()) {
    cabinet_.put(kItem, kPrice, 1'000'000'000);
    cabinet_.set_motor_time(700ms);
    cabinet_.set_remembers(plan.remembers);
    vmc_.connect([this](std::uint16_t word, World::Duration later) {
      if (bus_ && board_.world.power().on()) bus_->receive(word, board_.clock.monotonic() + later);
    });
    boot();
    vmc_.start();
  }
  // Parts of the terminal before the board that they refer to.
  ~Shop() { shut_down(); }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  /// False: it did not come to rest.
  bool session() {
    if (!wait([this] { return rested() && (plan_.always_idle || vmc_.in_session()); }, 180s)) return false;
    plan_trouble();
    if (!vmc_.select(kItem)) return wait([this] { return rested(); }, 180s);
    if (percent(10)) {
      wait([] { return false; }, std::chrono::milliseconds{core::below(random_, 1'500)});
      vmc_.pull_lever();
    }
    return wait([this] { return rested(); }, 240s);
  }

  void compare(Counts& counts) const {
    CHECK(vmc_.surprises() == 0);
    CHECK_FALSE(cabinet_.record(0).has_value());  // an approval that no sale paid for
    std::uint32_t fallen = 0;
    for (const auto& [id, sale] : journal_.sales()) {
      CAPTURE(id, sale.cut, sale.released, sale.goods_unknown, static_cast<int>(sale.state));
      const auto record = cabinet_.record(id);
      const std::uint32_t goods = record ? record->fallen : 0;
      const bool charged = sale.state == Sale::State::Closed;
      CHECK(goods <= 1);
      CHECK(sale.state != Sale::State::Intended);
      if (record) CHECK(record->approved == sale.paid.minor);
      const bool agrees = (goods == 1) == charged;
      if (!agrees) CHECK((sale.goods_unknown || sale.credit_lost));
      if (!agrees && sale.goods_unknown) CHECK(record.has_value());  // after the approval, before the commit
      if (plan_.remembers) CHECK_FALSE(sale.goods_unknown);
      fallen += goods;
      counts.vends += goods;
      counts.refunds += charged ? 0 : 1;
      counts.unknown_by_cut += sale.goods_unknown && sale.cut ? 1 : 0;
      counts.unknown_by_bus += sale.goods_unknown && !sale.cut ? 1 : 0;
      counts.disagree += !agrees && sale.goods_unknown ? 1 : 0;
      counts.credit_lost += sale.credit_lost ? 1 : 0;
    }
    CHECK(fallen == cabinet_.fallen());
    counts.cuts += cuts_;
    counts.cuts_with_open_sale += cuts_with_open_sale_;
    CHECK(counts.unknown_by_cut <= counts.cuts_with_open_sale);
  }

 private:
  void boot() {
    auto bus = VmcBus::make(
        {.answer_within = 20s}, board_.clock, board_.scheduler, [this](std::span<const MdbWord> words) { send(words); },
        cabinet_.remembers() ? &memory_ : nullptr);
    REQUIRE(bus.has_value());
    bus_ = *std::move(bus);
    terminal_ = std::make_unique<Terminal>(
        board_, cabinet_, journal_, *bus_,
        Habits{.seed = random_(), .refund_lost_percent = 5, .begins_sessions = !plan_.always_idle});
  }

  void shut_down() {
    terminal_.reset();
    bus_.reset();
  }

  /// The power may go before the answer is on the bus, and right behind it.
  void send(std::span<const MdbWord> words) {
    if (!board_.world.power().step()) return;
    vmc_.answer(words);
    static_cast<void>(board_.world.power().step());
  }

  bool rested() const { return vmc_.idle() && journal_.settled() && !cabinet_.turning(); }
  bool percent(std::uint32_t n) { return core::below(random_, 100U) < n; }

  void plan_trouble() {
    if (percent(8)) cabinet_.jam_next(kItem);
    if (percent(40)) {
      for (std::uint32_t n = 1 + core::below(random_, 4U); n > 0; --n) {
        vmc_.faults().fail_call(1 + core::below(random_, 30U), static_cast<VmcFault>(core::below(random_, 6)));
      }
    }
    if (percent(20)) board_.world.power().cut_at_step(1 + core::below(random_, 80U));
  }

  bool wait(const std::function<bool()>& done, World::Duration at_most) {
    const auto until = board_.world.now() + at_most;
    while (!done() && board_.world.now() < until) {
      board_.world.advance(100ms);
      if (!board_.world.power().on()) restart();
    }
    return done();
  }

  void restart() {
    ++cuts_;
    const std::uint64_t open = journal_.mark_cut();
    CHECK(open <= 1);
    cuts_with_open_sale_ += open;
    shut_down();
    board_.world.advance(std::chrono::milliseconds{100 + core::below(random_, 12'000)});
    board_.world.power().restore();
    boot();
  }

  Plan plan_;
  core::Random random_;
  hal_virtual::VirtualBoard board_;
  VirtualCabinet cabinet_;
  VirtualVmc vmc_;
  Memory memory_;
  Journal journal_;
  std::unique_ptr<VmcBus> bus_;
  std::unique_ptr<Terminal> terminal_;
  std::uint64_t cuts_ = 0;
  std::uint64_t cuts_with_open_sale_ = 0;
};

/// TILLKIT_VMC_SESSIONS, or 100,000 over both tests: a few seconds.
std::uint64_t sessions() {
  const char* const text = std::getenv("TILLKIT_VMC_SESSIONS");
  return text == nullptr || *text == '\0' ? 50'000 : std::strtoull(text, nullptr, 0);
}

void run(bool remembers) {
  constexpr std::uint64_t kPerShop = 250;
  Counts counts;
  std::uint64_t done = 0;
  for (std::uint64_t shop = 0; done < sessions(); ++shop) {
    const Plan plan{test::seed() + shop, remembers, shop % 2 == 0};
    CAPTURE(plan.seed, plan.remembers, plan.always_idle);
    Shop room(plan);
    for (std::uint64_t i = 0; i < kPerShop; ++i, ++done) {
      CAPTURE(i);
      REQUIRE(room.session());
    }
    room.compare(counts);
  }
  const auto n = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
  std::printf(
      "%llu sessions, %s: %llu vends, %llu refunds, %llu power cuts (%llu with an open sale), goods unknown: "
      "%llu by a cut, %llu by the bus; of these %llu disagree; %llu refunds could not be stored\n",
      n(done), remembers ? "remembered" : "not remembered", n(counts.vends), n(counts.refunds), n(counts.cuts),
      n(counts.cuts_with_open_sale), n(counts.unknown_by_cut), n(counts.unknown_by_bus), n(counts.disagree),
      n(counts.credit_lost));
  CHECK(counts.vends > done / 3);
  CHECK(counts.cuts > done / 50);
}

TEST_CASE("goods and money agree after any trouble, where the machine's side remembers", "[mdb][simulation][power]") {
  run(true);
}

TEST_CASE("goods and money agree but for what a power cut hid, where nothing is remembered",
          "[mdb][simulation][power]") {
  run(false);
}

}  // namespace
}  // namespace tillkit::fulfilment::vending
