// SPDX-License-Identifier: Apache-2.0
// Receipts on paper: what a terminal prints by itself, and what a person is told.
#include "tillkit/terminal/receipt_printer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tillkit/core/bytes.hpp"
#include "tillkit/hal_virtual/local_server.hpp"
#include "tillkit/hal_virtual/printer.hpp"
#include "tillkit/hal_virtual/scanner.hpp"
#include "tillkit/terminal/terminal.hpp"
#include "tillkit/test/till_world.hpp"

namespace tillkit::test {
namespace {

using namespace std::chrono_literals;
using receipt::Attention;

struct Told {
  Attention attention;
  std::string sale;

  friend bool operator==(const Told&, const Told&) = default;
};

struct Watcher final : terminal::QuietObserver {
  std::vector<Told> told;
  std::vector<journal::SaleId> ended;

  void attention(Attention attention, const receipt::TextValues& values) override {
    told.push_back({attention, values.sale});
    CHECK(receipt::text_of(receipt::AttentionScreen{attention, values}, receipt::Language::En,
                           receipt::Audience::Operator));
  }
  void sale_ended(journal::SaleId sale, checkout::SaleState) override { ended.push_back(sale); }
};

/// A till with a printer.
struct Device {
  Device() {
    config.journal = {.path = "till.db", .vfs = vfs.name()};
    config.language = receipt::Language::En;
    config.checkout.terminal = journal::TerminalName::parse("T1").value();
    config.checkout.store = {
        .merchant = "Corner shop", .tax_number = {}, .store = "Station", .address = {}, .fapiao_link = {}};
    config.checkout.tenders.add(payment::TenderKind::Cash);
  }

  void open() {
    auto made = terminal::Terminal::open(config, {board, provider, counter, staff, watcher}, make_shelf());
    REQUIRE(made);
    till = *std::move(made);
  }
  journal::SaleId sell() {
    const auto before = watcher.ended.size();
    scanner.present(std::string(kCola));
    world.advance(10ms);
    REQUIRE(till->checkout().pay_cash({500, core::kCny}));
    world.advance(10ms);
    REQUIRE(watcher.ended.size() == before + 1);
    return watcher.ended.back();
  }
  [[nodiscard]] std::string paper() const { return std::string(core::as_text(printer.paper())); }
  [[nodiscard]] std::size_t count(std::string_view text) const {
    const std::string all = paper();
    std::size_t found = 0;
    for (std::size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
      ++found;
    return found;
  }
  [[nodiscard]] std::string number_of(journal::SaleId sale) const {
    return std::string(till->checkout().number_of(sale).view());
  }
  std::string ask(std::string_view line) {
    terminal::Technician technician(*till->journal(), clock, &till->checkout(), nullptr, &staff, nullptr,
                                    till->receipt_printer());
    const auto answer = technician.answer(line);
    std::string piece;
    CHECK_FALSE(answer->next(piece));
    return piece;
  }

  Disk disk;
  DiskVfs vfs{disk};
  hal_virtual::World world;
  hal_virtual::VirtualClock clock{world};
  hal_virtual::VirtualScheduler scheduler{world, clock};
  hal_virtual::VirtualKeyStore store{world, 1};
  hal_virtual::VirtualRandom random{7};
  hal_virtual::VirtualNetwork network{world};
  hal_virtual::VirtualScanner scanner{world};
  hal_virtual::VirtualPrinter printer{world};
  WalletProvider provider{world, clock};
  fulfilment::CounterFulfilment counter;
  checkout::PermissionTable staff{
      {{.operator_id = journal::kUnattended, .actions = core::EnumSet<checkout::Action>{checkout::Action::Reprint}},
       {.operator_id = journal::Operator::parse("anna").value(),
        .actions = core::EnumSet<checkout::Action>{checkout::Action::Reprint}}}};
  Watcher watcher;
  hal::Board board{.clock = clock,
                   .scheduler = scheduler,
                   .random = random,
                   .key_store = &store,
                   .network_status = &network,
                   .scanner = &scanner,
                   .printer = &printer};
  terminal::Config config;
  std::unique_ptr<terminal::Terminal> till;
};

TEST_CASE("each sale that is paid is printed once, in their order", "[terminal]") {
  Device device;
  device.open();

  const auto first = device.sell();
  const auto second = device.sell();
  device.world.advance(10s);

  CHECK(device.count("Corner shop") == 2);
  CHECK(device.count("COPY") == 0);
  CHECK(device.paper().find(device.number_of(first)) < device.paper().find(device.number_of(second)));
  CHECK(device.till->receipt_printer()->waiting() == 0);
  CHECK(device.watcher.told.empty());
}

TEST_CASE("a till without paper sells on, tells once, and prints all of it when there is paper", "[terminal]") {
  Device device;
  device.printer.set_paper_left(0);
  device.open();

  for (int i = 0; i < 5; ++i)
    device.sell();
  device.world.advance(1min);
  CHECK(device.paper().empty());
  CHECK(device.watcher.told == std::vector{Told{Attention::PaperOut, ""}});
  CHECK(device.till->status().receipts_waiting == 5);
  device.printer.load_paper();
  device.world.advance(1min);

  CHECK(device.count("Corner shop") == 5);
  CHECK(device.count("COPY") == 0);
  CHECK(device.till->status().receipts_waiting == 0);
}

TEST_CASE("a receipt that stopped inside is printed again as a copy that is counted", "[terminal]") {
  Device device;
  device.open();
  device.printer.set_paper_left(200);
  const auto sale = device.sell();
  device.world.advance(10s);
  CHECK(device.watcher.told == std::vector{Told{Attention::PaperOut, ""}});
  CHECK(device.count("COPY") == 0);

  device.printer.load_paper();
  device.world.advance(10s);

  CHECK(device.count("*** COPY 1 ***") == 1);
  CHECK(device.count("Thank you") == 1);
  const auto story = checkout::read_sale(*device.till->journal(), sale);
  REQUIRE(story);
  CHECK(story->copies == 1);
}

TEST_CASE("a receipt that stops inside again and again is given up and told, and the next one is printed",
          "[terminal]") {
  Device device;
  device.open();
  device.printer.set_paper_left(50);
  const auto sale = device.sell();
  const auto next = device.sell();
  for (int i = 0; i < terminal::kReceiptTriesMax; ++i) {
    device.world.advance(10s);
    device.printer.set_paper_left(50);
  }

  device.printer.load_paper();
  device.world.advance(10s);

  CHECK(std::ranges::count(device.watcher.told, Told{Attention::ReceiptNotPrinted, device.number_of(sale)}) == 1);
  CHECK(device.paper().find(device.number_of(next)) != std::string::npos);
  CHECK(device.till->receipt_printer()->waiting() == 0);
}

TEST_CASE("a copy that nobody may print is told instead", "[terminal]") {
  Device device;
  device.staff = checkout::PermissionTable{{}};
  device.open();
  device.printer.set_paper_left(50);
  const auto sale = device.sell();
  device.world.advance(10s);
  device.printer.load_paper();
  device.world.advance(10s);

  CHECK(device.watcher.told.back() == Told{Attention::ReceiptNotPrinted, device.number_of(sale)});
  CHECK(device.paper().size() == 50);
}

TEST_CASE("a printer that takes a receipt and says no more is not given it again", "[terminal]") {
  Device device;
  device.open();
  device.printer.stop_answering();
  const auto sale = device.sell();

  device.world.advance(5min);
  CHECK(device.count("Corner shop") == 1);
  CHECK(device.watcher.told ==
        std::vector{Told{Attention::ReceiptNotPrinted, device.number_of(sale)}, Told{Attention::PrinterFault, ""}});
  device.printer.answer_again();
  device.sell();
  device.world.advance(10s);
  CHECK(device.count("Corner shop") == 2);
}

TEST_CASE("a printer that is not there is told once and gets what waited when it comes", "[terminal]") {
  Device device;
  device.printer.unplug();
  device.open();
  device.sell();
  device.sell();
  device.world.advance(1min);
  CHECK(device.watcher.told == std::vector{Told{Attention::PrinterFault, ""}});

  device.printer.plug();
  device.world.advance(1min);

  CHECK(device.count("Corner shop") == 2);
}

TEST_CASE("more receipts than may wait are told, each with its sale", "[terminal]") {
  Device device;
  device.printer.set_paper_left(0);
  device.open();
  for (std::size_t i = 0; i < terminal::kReceiptsWaitingMax; ++i)
    device.sell();
  CHECK(device.till->receipt_printer()->waiting() == terminal::kReceiptsWaitingMax);

  const auto sale = device.sell();

  CHECK(device.till->receipt_printer()->waiting() == terminal::kReceiptsWaitingMax);
  CHECK(device.watcher.told.back() == Told{Attention::ReceiptNotPrinted, device.number_of(sale)});
  const auto refused = device.till->receipt_printer()->reprint(sale, journal::kUnattended);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause->code == core::ErrorCode::Exhausted);
  CHECK(checkout::read_sale(*device.till->journal(), sale)->copies == 0);
}

TEST_CASE("a shop that the layout refuses sells, and hears of each sale that its receipt is not printed",
          "[terminal]") {
  Device device;
  device.config.checkout.store.merchant = std::string(receipt::kTextBytesMax + 1, 'm');
  device.open();

  const auto sale = device.sell();
  device.world.advance(5s);

  CHECK(device.paper().empty());
  CHECK(device.watcher.told == std::vector{Told{Attention::ReceiptNotPrinted, device.number_of(sale)}});
  CHECK(device.till->receipt_printer()->waiting() == 0);
}

TEST_CASE("a technician prints a receipt again, and is told why where it cannot be", "[terminal]") {
  Device device;
  device.open();
  const auto sale = device.sell();
  device.world.advance(10s);

  CHECK(device.ask(R"({"command":"receipt.reprint","sale":)" + std::to_string(sale.value()) + R"(,"by":"anna"})") ==
        R"({"done":"receipt.reprint","sale":)" + std::to_string(sale.value()) +
            R"(,"copy":1,"before":0,"by":"anna"})"
            "\n");
  device.world.advance(10s);
  CHECK(device.count("*** COPY 1 ***") == 1);

  const auto says = [&](std::string_view line, std::string_view what) {
    CAPTURE(line);
    const std::string answer = device.ask(line);
    CAPTURE(answer);
    CHECK(answer.find(what) != std::string::npos);
  };
  says(R"({"command":"receipt.reprint","by":"anna"})", "'sale' is the number of a sale");
  says(R"({"command":"receipt.reprint","sale":1})", "'by' is the name");
  says(R"({"command":"receipt.reprint","sale":1,"by":"bert"})", "'bert' may not print");
  says(R"({"command":"receipt.reprint","sale":999999,"by":"anna"})", "there is no sale 999999");
  CHECK(device.count("Corner shop") == 2);
}

TEST_CASE("where no printer is fitted nothing waits for one, and a reprint says so", "[terminal]") {
  Device device;
  device.board.printer = nullptr;
  device.open();
  const auto sale = device.sell();
  device.world.advance(1min);

  CHECK(device.till->receipt_printer() == nullptr);
  CHECK(device.watcher.told.empty());
  CHECK(device.ask(R"({"command":"receipt.reprint","sale":)" + std::to_string(sale.value()) + R"(,"by":"anna"})")
            .find("no printer is fitted") != std::string::npos);
}

TEST_CASE("a scanner that is plugged in after the start scans", "[terminal]") {
  Device device;
  device.scanner.unplug();
  device.open();

  device.scanner.plug();
  device.world.advance(2s);
  device.sell();

  CHECK(device.watcher.ended.size() == 1);
}

}  // namespace
}  // namespace tillkit::test
