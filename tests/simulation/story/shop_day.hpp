// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloud.hpp"
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

/// A terminal at each of two counters, the clerk who works at them, the wallet that the shoppers pay with, the cloud,
/// and a power plug. One of the terminals is switched on at a time: the cryptography of a process serves one.
///
/// Each keeps a book of its own: the terminal its journal, the wallet its ledger, the members' home its accounts; the
/// clerk notes what went over the counter and what is in the drawer. Nobody looks into another's book while the day
/// goes on, but for the clerk after a power cut, who then looks at the till's list of sales, as a clerk does.
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

  // Members. From the moment on that the shop is open for them.
  void open_for_members();
  /// The clerk goes on at `T1` or `T2`. Meanwhile the shopper's phone fetches a member code.
  void go_to(std::string_view counter);
  /// Whose wallet pays, and whose phone shows codes, from now on. The first time somebody comes nobody knows who it is.
  void shopper_is_called(std::string_view name);
  void shows_member_code() { scan_code("shows a member code", member_code_); }
  /// 5.00 off from 15.00 on; there are two, with a risk of 5.00 and of 6.00.
  void shows_flyer(std::int64_t risk_minor);
  void types_phone_number(std::string_view number);
  void pay_with_points(std::optional<std::int64_t> part = std::nullopt);
  /// Before paying.
  void wants_no_membership();
  /// Afterwards.
  void leaves(journal::SaleId sale);

  // What the cloud does by itself.
  /// The shopper agrees to be a member, on the phone, and gets points for it.
  void agrees_on_the_phone();
  void cloud_issues(std::string_view coupon, std::string_view offer);
  /// Placed at the terminal that is switched on, as the cloud's news.
  void cloud_leases(std::string_view lease, ledger::Unit unit, std::int64_t amount);
  void cloud_merges(const members::MemberId& from, const members::MemberId& into);
  /// Of the shopper, or of whoever else was enrolled by a sale.
  [[nodiscard]] members::MemberId member() const;
  [[nodiscard]] members::MemberId member_of(journal::SaleId sale) const;
  void look_at_account(const members::MemberId& member);
  /// How many personal values the till keeps of a sale.
  void look_for_personal_values(journal::SaleId sale);

  // The world.
  [[nodiscard]] test::StandInWallet& wallet() { return provider_.wallet; }
  void unplug_network();
  void plug_network();
  /// Power goes during the n-th write or flush of the disk from now on (1: the next), and comes back at once.
  void cut_power_at(std::uint64_t operation);
  void cut_power_now();

  /// Writes all books. False: one could not be.
  [[nodiscard]] bool write_books();
  [[nodiscard]] std::uint64_t cuts() const { return cuts_; }

 private:
  /// What a terminal does not share with the other one.
  struct Counter {
    Counter(hal_virtual::World& world, std::string_view its_name, std::uint64_t device)
        : name(its_name), store(world, device) {}

    std::string name;
    test::Disk disk{};
    test::DiskVfs vfs{disk};
    hal_virtual::VirtualKeyStore store;
  };
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
  void check_member(const members::Hint& hint) override;
  void status_changed(const terminal::Status& status) override;

  [[nodiscard]] test::Disk& disk() { return at_->disk; }
  [[nodiscard]] terminal::Config config() const;
  void start();
  /// What the terminal has to say reaches the cloud, and what the cloud has to say the terminal.
  void talk_to_cloud();
  void scan_code(std::string_view what, const std::string& text);
  void print_flyers();
  [[nodiscard]] bool write_journal(Counter& counter, std::string_view name);
  /// Where power went meanwhile, it comes back: the terminal starts, and the clerk looks what it knows.
  void come_back();
  void look_at_sales();
  template <class Outcome>
  void refused(std::string_view what, const Outcome& outcome);
  void say(std::string_view who, std::string_view text);
  void end_chapter();
  [[nodiscard]] std::string number(journal::SaleId sale) const;

  ShopFiles files_;
  hal_virtual::World world_;
  Counter first_;
  Counter second_;
  Counter* at_ = &first_;
  hal_virtual::VirtualClock clock_;
  hal_virtual::VirtualScheduler scheduler_;
  hal_virtual::VirtualRandom random_;
  hal_virtual::VirtualNetwork network_;
  hal_virtual::VirtualScanner scanner_;
  test::WalletProvider provider_;
  Cloud cloud_;
  fulfilment::CounterFulfilment counter_;
  checkout::PermissionTable permissions_;
  hal::Board board_;
  std::unique_ptr<terminal::Terminal> terminal_;

  std::vector<GoodsEntry> goods_;
  std::vector<DrawerEntry> drawer_;
  journal::SaleId last_closed_;
  std::string shown_;
  std::string shown_order_;
  bool members_ = false;
  std::string shopper_;
  std::string member_code_;
  std::uint64_t flushes_before_ = 0;            // the sale on the screen began
  std::map<std::int64_t, std::string> flyers_;  // codes, by their risk
  int codes_ = 0;
  int chapter_ = 0;
  std::uint64_t cuts_ = 0;
};

}  // namespace tillkit::story
