// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tillkit/checkout/permissions.hpp"
#include "tillkit/fulfilment/fulfilment.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/network_status.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/scanner.hpp"
#include "tillkit/hal_virtual/scheduler.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/terminal/terminal.hpp"
#include "tillkit/test/disk.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/payment_world.hpp"
#include "tillkit/test/stand_in_wallet.hpp"

namespace tillkit::story {

/// What the shop sells, and where the books go in the end.
struct ShopFiles {
  std::filesystem::path catalog;  ///< CSV
  std::filesystem::path rules;    ///< JSON
  std::filesystem::path books;    ///< a folder that is made
};

/// One terminal at a counter, the clerk who works at it, the wallet that its shoppers pay with, and a power plug.
///
/// Each keeps a book of its own: the terminal its journal, the wallet its ledger; the clerk notes what went over the
/// counter and what is in the drawer. Nobody looks into another's book while the day goes on, but for the clerk after a
/// power cut, who then looks at the till's list of sales, as a clerk does.
class ShopDay final : private terminal::Observer {
 public:
  explicit ShopDay(const ShopFiles& files);
  ~ShopDay() override;

  // The day.
  void begin_chapter(std::string_view title);
  void note(std::string_view text);
  void wait(std::chrono::milliseconds time);
  /// Until nothing is under way.
  void settle();

  // The clerk and the shopper.
  void sign_on(std::string_view who);
  void scan(std::string_view code);
  void weigh(std::string_view item, std::int64_t grams);
  void shopper_is(int age);
  void pay_with_code(std::optional<std::int64_t> part = std::nullopt);
  void pay_with_qr();
  void shopper_scans_qr();
  void pay_cash(std::int64_t minor);
  void give_up();
  std::optional<journal::SaleId> put_aside();
  void go_on_with(journal::SaleId sale);
  void give_back(journal::SaleId sale, std::vector<offers::UnitRange> units = {});
  [[nodiscard]] journal::SaleId last_sale() const { return last_closed_; }

  // The world.
  [[nodiscard]] test::StandInWallet& wallet() { return provider_.wallet; }
  void unplug_network();
  void plug_network();
  /// Power goes during the n-th write or flush of the disk from now on (1: the next), and comes back at once.
  void cut_power_at(std::uint64_t operation);
  void cut_power_now();

  /// Writes the four books. False: one could not be.
  [[nodiscard]] bool write_books();
  [[nodiscard]] std::uint64_t cuts() const { return cuts_; }

 private:
  struct GoodsEntry {
    std::string sale;
    std::string how;
  };
  struct DrawerEntry {
    std::string sale;
    std::int64_t minor;
    std::string what;
  };

  // terminal::Observer
  void show(const receipt::ScreenModel& screen) override;
  void sale_ended(journal::SaleId sale, checkout::SaleState how) override;
  void hand_out(journal::SaleId sale, const core::Money& cash) override;
  void attention(receipt::Attention attention, const receipt::TextValues& values) override;
  void check_age(int minimum_age) override;
  void status_changed(const terminal::Status& status) override;

  void start();
  /// Where power went meanwhile, it comes back: the terminal starts, and the clerk looks what it knows.
  void come_back();
  void look_at_sales();
  template <class Outcome>
  void refused(std::string_view what, const Outcome& outcome);
  void say(std::string_view who, std::string_view text);
  void end_chapter();
  [[nodiscard]] std::string number(journal::SaleId sale) const;

  ShopFiles files_;
  test::Disk disk_;
  test::DiskVfs vfs_;
  hal_virtual::World world_;
  hal_virtual::VirtualClock clock_;
  hal_virtual::VirtualScheduler scheduler_;
  hal_virtual::VirtualKeyStore store_;
  hal_virtual::VirtualRandom random_;
  hal_virtual::VirtualNetwork network_;
  hal_virtual::VirtualScanner scanner_;
  test::WalletProvider provider_;
  fulfilment::CounterFulfilment counter_;
  checkout::PermissionTable permissions_;
  hal::Board board_;
  std::unique_ptr<terminal::Terminal> terminal_;

  std::vector<GoodsEntry> goods_;
  std::vector<DrawerEntry> drawer_;
  journal::SaleId last_closed_;
  std::string shown_;
  std::string shown_order_;
  int codes_ = 0;
  int chapter_ = 0;
  std::uint64_t cuts_ = 0;
};

}  // namespace tillkit::story
