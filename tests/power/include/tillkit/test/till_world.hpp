// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tillkit/checkout/checkout.hpp"
#include "tillkit/fulfilment/dispenser.hpp"
#include "tillkit/fulfilment/planogram.hpp"
#include "tillkit/hal_virtual/clock.hpp"
#include "tillkit/hal_virtual/key_store.hpp"
#include "tillkit/hal_virtual/network_status.hpp"
#include "tillkit/hal_virtual/product_dispenser.hpp"
#include "tillkit/hal_virtual/random.hpp"
#include "tillkit/hal_virtual/scheduler.hpp"
#include "tillkit/hal_virtual/world.hpp"
#include "tillkit/journal/cache.hpp"
#include "tillkit/journal/journal.hpp"
#include "tillkit/security/crypto.hpp"
#include "tillkit/test/disk.hpp"
#include "tillkit/test/disk_vfs.hpp"
#include "tillkit/test/payment_world.hpp"
#include "tillkit/test/stand_in_home.hpp"
#include "tillkit/test/stand_in_wallet.hpp"

namespace tillkit::test {

/// Notes what the terminal tells people.
class Onlooker final : public checkout::Observer {
 public:
  /// What was shown without its words, in any language or for anybody: a value is missing that the text names.
  std::vector<std::string> wordless;
  std::vector<receipt::ScreenModel> screens;
  std::vector<std::pair<journal::SaleId, checkout::SaleState>> ended;
  std::vector<std::pair<journal::SaleId, core::Money>> handed_out;
  std::vector<receipt::Attention> attentions;
  std::vector<int> age_checks;
  std::vector<members::Hint> member_checks;

  void show(const receipt::ScreenModel& screen) override;
  void sale_ended(journal::SaleId sale, checkout::SaleState how) override { ended.emplace_back(sale, how); }
  void hand_out(journal::SaleId sale, const core::Money& cash) override { handed_out.emplace_back(sale, cash); }
  void attention(receipt::Attention attention, const receipt::TextValues& values) override;
  void check_age(int minimum_age) override { age_checks.push_back(minimum_age); }
  void check_member(const members::Hint& hint) override { member_checks.push_back(hint); }

  /// The screen as it is now: `basket`, `thank_you`, ...
  [[nodiscard]] std::string_view screen() const;
  /// What is on it, if it is of that kind.
  template <class Screen>
  [[nodiscard]] const Screen* shown() const {
    return screens.empty() ? nullptr : std::get_if<Screen>(&screens.back());
  }
  /// All screens of that kind, in order.
  template <class Screen>
  [[nodiscard]] std::vector<Screen> all() const {
    std::vector<Screen> found;
    for (const receipt::ScreenModel& screen : screens) {
      if (const auto* const one = std::get_if<Screen>(&screen)) found.push_back(*one);
    }
    return found;
  }
};

/// A screen has its words, for shopper and operator, in each language, and its data.
[[nodiscard]] bool has_words(const receipt::ScreenModel& screen);

/// What the shop of these tests sells: cola 3.50, rice cakes 12.90, apples 9.80 per 500 g, beer 8.00 for adults, a bag
/// for nothing; 5.00 off from 30.00 on.
[[nodiscard]] std::unique_ptr<checkout::Shelf> make_shelf();
[[nodiscard]] catalog::Catalog make_catalog(std::int64_t cola_minor);
/// The same, and cola costs this much, in fen.
[[nodiscard]] std::unique_ptr<checkout::Shelf> make_shelf_with_cola_at(std::int64_t minor);

/// Its permissions and its settings. Who works there: `kLead`, `kAnna`.
[[nodiscard]] std::vector<checkout::Permission> staff();
[[nodiscard]] checkout::CheckoutSettings shop_settings();

/// The stories of all sales of a journal.
[[nodiscard]] std::vector<checkout::SaleStory> stories_of(const journal::Journal& journal);
/// What a sale's own records say against it, when nothing of it is under way; empty: nothing.
[[nodiscard]] std::string sums_of(const checkout::SaleStory& sale);

inline constexpr std::string_view kCola = "6901234567892";
inline constexpr std::string_view kRice = "6901234500008";
inline constexpr std::string_view kBeer = "6901234500015";
inline constexpr std::string_view kBag = "bag";
inline constexpr std::string_view kApples = "apples";

/// Of the cabinet of these tests.
[[nodiscard]] fulfilment::Slot slot_of(std::uint16_t number, std::string_view item, std::uint32_t stock);

/// A whole till, from the scan to the receipt, on a disk whose power can go, against a wallet with books of its own.
class TillWorld {
 public:
  /// Makes the files, so that what is counted and cut is a terminal's ordinary day.
  explicit TillWorld(Disk& disk);
  ~TillWorld();

  // The program.
  [[nodiscard]] bool start();
  void stop();
  [[nodiscard]] bool running() const { return checkout_ != nullptr; }
  [[nodiscard]] checkout::Checkout& till() { return *checkout_; }
  [[nodiscard]] journal::Journal& journal() { return *journal_; }

  // What people do. False: refused, or it could not be stored.
  bool scan(std::string_view code, std::int64_t pieces = 1);
  /// What a shopper shows is scanned: a member code, a coupon. False: refused.
  bool show(std::string_view text) { return till().scan(text).has_value(); }
  /// The device's own crypto: in these tests the cloud signs with the same key.
  [[nodiscard]] security::Crypto& crypto() { return *crypto_; }
  [[nodiscard]] security::KeyId key() const { return key_; }
  /// A payment code that nobody used before.
  [[nodiscard]] codes::PaymentCode new_code();
  bool pay_by_code(std::optional<std::int64_t> part = std::nullopt);
  bool pay_points(std::optional<std::int64_t> part = std::nullopt);
  bool pay_value(std::optional<std::int64_t> part = std::nullopt);
  bool pay_by_qr();
  bool pay_cash(std::int64_t minor);
  std::optional<journal::SaleId> refund(journal::SaleId sale, std::vector<offers::UnitRange> units = {});

  /// Before the first start: what `what` puts into the journal is there from the beginning, and is not cut.
  void prepare(const std::function<void()>& what);
  /// Before the first start: goods come out of the cabinet, where these slots lie, full of what they hold.
  void stock_cabinet(const std::vector<fulfilment::Slot>& slots, bool remembers = true);
  /// What goods, journal and slots disagree about, in words; empty: nothing. Of a cabinet that the journal knows from
  /// the first product on.
  [[nodiscard]] std::string goods_disagreement();

  /// Before the first start: leaves so little room in the journal's quota that one more sale can begin, and none after
  /// it (`spare`), or none at all.
  void fill_storage(bool spare);

  /// Lets time pass until nothing is under way, here and in the wallet; false: it still is after `at_most`.
  bool settle(std::chrono::hours at_most = std::chrono::hours{24 * 40});
  void advance(std::chrono::milliseconds time) { world.advance(time); }

  /// All that disagrees between sales, tenders, tables and the wallet's books, in words; empty: nothing.
  [[nodiscard]] std::string disagreement();
  /// The kinds of records since the till was made, in order, without their modules where they are checkout's or
  /// payment's: `sale_priced price_proof attempt_intended ...`.
  [[nodiscard]] std::string records() const;
  [[nodiscard]] std::uint64_t commits() const;
  /// The stories of all sales.
  [[nodiscard]] std::vector<checkout::SaleStory> sales() const;
  /// The last sale in the journal; 0: none.
  [[nodiscard]] journal::SaleId last_sale() const;

  Disk& disk;
  hal_virtual::World world;
  hal_virtual::VirtualClock clock;
  hal_virtual::VirtualScheduler scheduler;
  hal_virtual::VirtualKeyStore store;
  hal_virtual::VirtualRandom random;
  hal_virtual::VirtualNetwork network;
  WalletProvider provider;
  StandInWallet& wallet;
  Onlooker onlooker;
  fulfilment::CounterFulfilment counter;
  /// A cabinet with products, which goes on while the till is dark.
  hal_virtual::VirtualProductDispenser cabinet;
  bool cabinet_remembers = true;             ///< and the till knows it
  bool from_cabinet = false;                 ///< the goods come out of it, whatever `goods` is: from the next start on
  fulfilment::Fulfilment* goods = &counter;  ///< likewise, as all below
  /// What hands over is the program's own: made at each start, gone when it stops. None: `goods`.
  std::function<std::shared_ptr<fulfilment::Fulfilment>()> make_goods{};
  checkout::PermissionTable permissions;
  checkout::CheckoutSettings settings;
  payment::PolicySet policies;
  StandInHome home;
  bool codes_identify = false;  ///< the wallet of new codes says whose they are
  bool cloud_answers = false;   ///< whatever the network says of itself
  bool with_members = false;    ///< from the next start on: the shop has members, and their home can be asked
  std::optional<security::MacKey> merchant_key;
  std::optional<members::IdentityMaker> identities;
  std::unique_ptr<journal::Cache> cache;  ///< of members; none: there is none
  std::function<std::unique_ptr<checkout::Shelf>()> shelf = make_shelf;
  std::uint64_t quota_bytes = 0;    ///< of the journal; 0: its default
  std::uint64_t reserve_bytes = 0;  ///< likewise

 private:
  /// A sale that was said not to be completed, and was.
  [[nodiscard]] std::string goods_for_nothing() const;

  DiskVfs vfs_;
  std::vector<fulfilment::Slot> slots_;  // as the cabinet was filled
  std::unique_ptr<fulfilment::DispenserFulfilment> dispenser_;
  std::shared_ptr<fulfilment::Fulfilment> own_goods_;
  std::unique_ptr<security::Crypto> crypto_;
  security::KeyId key_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<checkout::Checkout> checkout_;
  std::optional<checkout::Membership> membership_;
  journal::Seq first_;
  int codes_ = 0;
};

/// Who works in that shop: `lead` may do everything and give back 1,000 yuan, `anna` may void, reprint and look at
/// people's age.
inline constexpr journal::Operator kLead = *journal::Operator::parse("lead");
inline constexpr journal::Operator kAnna = *journal::Operator::parse("anna");

}  // namespace tillkit::test
