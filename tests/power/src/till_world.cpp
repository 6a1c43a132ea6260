// SPDX-License-Identifier: Apache-2.0
#include "tillkit/test/till_world.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tillkit/offers/document.hpp"

namespace tillkit::test {
namespace {

using checkout::SaleState;
using core::Result;

template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error("the world of this test does not work: " +
                             std::string(core::to_string(result.error().code)));
  }
  return *std::move(result);
}

// A start takes about a page of the journal, a sale several.
constexpr std::uint64_t kRoomForStarts = 2'000;

constexpr std::string_view kRules = R"({
  "version": "test-1",
  "currency": "CNY",
  "offers": [
    { "id": "spend-30-get-5", "name": "Spend 30, get 5 off",
      "effect": { "amount_off": { "amount": "5.00", "at_least": "30.00" } } }
  ]
})";

struct Article {
  std::string_view id;
  std::string_view code;
  std::string_view name;
  std::int64_t minor;
  std::int64_t per_grams = 0;
  std::int64_t age = 0;
  std::string_view reference = {};
};

checkout::Permission permission(const journal::Operator& who, core::EnumSet<checkout::Action> actions,
                                std::int64_t refund_max) {
  return {.operator_id = who, .actions = actions, .refund_max_minor = refund_max};
}

using checkout::Action;

/// The merchant's, the same on all terminals.
constexpr std::array<std::byte, 32> kMerchantKey{std::byte{7}, std::byte{11}};

}  // namespace

catalog::Catalog make_catalog(std::int64_t cola_minor) {
  const std::array articles{
      Article{"cola", kCola, "可乐 330 ml", cola_minor},
      Article{"rice", kRice, "Rice cakes", 1'290},
      Article{"apples", "2112345", "苹果", 980, 500, 0, "12345"},
      Article{"beer", kBeer, "Beer", 800, 0, 18},
      Article{"bag", "bag", "Bag", 0},
  };
  catalog::CatalogBuilder builder(core::kCny);
  for (const Article& article : articles) {
    const std::array codes{article.code};
    const auto added = builder.add({.id = article.id,
                                    .codes = codes,
                                    .name = article.name,
                                    .price = {article.minor, core::kCny},
                                    .per_grams = article.per_grams,
                                    .tax_rate = core::BasisPoints(1'300),
                                    .minimum_age = article.age,
                                    .reference = article.reference});
    if (!added) throw std::runtime_error("the test's catalog is refused");
  }
  return std::move(builder).finish();
}

std::vector<checkout::Permission> staff() {
  return {permission(kLead,
                     core::EnumSet<Action>{Action::Void, Action::Refund, Action::Reprint, Action::Resolve, Action::Age,
                                           Action::Slots},
                     100'000),
          permission(kAnna, core::EnumSet<Action>{Action::Void, Action::Reprint, Action::Age}, 0)};
}

checkout::CheckoutSettings shop_settings() {
  checkout::CheckoutSettings settings;
  settings.terminal = journal::TerminalName::parse("T1").value();
  settings.store = {.merchant = "Corner shop",
                    .tax_number = {},
                    .store = "Store 1",
                    .address = {},
                    .fapiao_link = "https://fapiao.example/"};
  for (const auto kind : {payment::TenderKind::WalletCode, payment::TenderKind::WalletQr, payment::TenderKind::Cash})
    settings.tenders.add(kind);
  settings.cash = payment::default_cash_rule(core::kCny);
  return settings;
}

namespace {

/// Of a sale whose goods did not come out: what it took of its member's is back, and what it gave.
std::string undone_sums_of(const checkout::SaleStory& sale) {
  std::int64_t taken = 0;
  for (const ledger::Spent& spent : sale.ledger.spent) {
    if (spent.state == ledger::SpentState::Reserved) return "something is still set apart for it";
    taken +=
        spent.state == ledger::SpentState::Taken && spent.part.unit != ledger::Unit::Risk ? spent.part.amount() : 0;
  }
  for (const ledger::GivenBack& back : sale.ledger.given_back)
    taken -= back.part.amount();
  if (taken != 0) return "it was undone, and keeps points, value or a budget";
  std::int64_t earned = 0;
  for (const ledger::Earned& one : sale.ledger.earned)
    earned += one.points;
  for (const ledger::TakenBack& one : sale.ledger.taken_back)
    earned -= one.points;
  if (earned != 0) return "it was undone, and its member keeps points";
  if (sale.members.granted.size() != sale.members.voided.size()) return "it was undone, and gave a coupon";
  const bool used = sale.members.coupons_state == members::CouponsState::Redeemed;
  if (used && sale.members.returned.size() != sale.members.coupons.size()) return "it was undone, and used coupons";
  return "";
}

/// What a sale set apart, gave and took of its member's, against how it ended.
std::string member_sums_of(const checkout::SaleStory& sale) {
  using ledger::SpentState;
  using members::CouponsState;
  const auto any = [&](SpentState state) {
    return std::ranges::any_of(sale.ledger.spent, [state](const ledger::Spent& spent) { return spent.state == state; });
  };
  const auto earned = std::ranges::count(sale.ledger.earned, ledger::EarnWhy::Goods, &ledger::Earned::why);
  if (sale.state == SaleState::Undone && sale.goods) return undone_sums_of(sale);
  if (sale.state == SaleState::Paying) return "";
  if (any(SpentState::Reserved)) return "something is still set apart for it";
  if (sale.members.coupons_state == CouponsState::Reserved) return "coupons are still set apart for it";
  if (earned > 1) return "it earned twice";
  if (sale.state == SaleState::Closed) {
    return sale.members.coupons_state == CouponsState::Released ? "it is paid, and its coupons are not used" : "";
  }
  if (any(SpentState::Taken)) return "it is not paid, and spent points, value or a budget";
  if (sale.members.coupons_state == CouponsState::Redeemed) return "it is not paid, and used coupons";
  if (earned != 0 || !sale.members.granted.empty()) return "it is not paid, and gave something";
  return "";
}

/// Each change of a member's points, coupons or tier has its word, and no other has one.
std::string notices_of(const checkout::SaleStory& sale) {
  std::size_t changes = sale.ledger.earned.size() + sale.ledger.taken_back.size() + sale.members.granted.size() +
                        sale.members.voided.size();
  for (const ledger::GivenBack& back : sale.ledger.given_back)
    changes += !back.part.holds.empty() && back.part.unit <= ledger::Unit::Value ? 1U : 0U;
  for (const ledger::Unit unit : {ledger::Unit::Points, ledger::Unit::Value}) {
    changes += std::ranges::any_of(sale.ledger.spent,
                                   [unit](const ledger::Spent& spent) {
                                     return spent.part.unit == unit && spent.state == ledger::SpentState::Taken;
                                   })
                   ? 1U
                   : 0U;
  }
  changes += sale.members.enrolled ? 1U : 0U;
  const bool redeemed = sale.members.coupons_state == members::CouponsState::Redeemed;
  const bool named = std::ranges::any_of(sale.members.coupons, [](const auto& use) { return !use.member.empty(); });
  changes += redeemed && named ? 1U : 0U;
  changes += sale.members.returned.empty() ? 0U : 1U;
  return sale.members.notices == changes ? "" : "it has not one notice for each change";
}

}  // namespace

std::string sums_of(const checkout::SaleStory& sale) {
  std::int64_t paid = 0;
  for (const payment::PastAttempt& attempt : sale.payments.attempts) {
    if (attempt.state == payment::AttemptState::Paid) paid += attempt.amount.minor;
  }
  std::int64_t settled = 0;
  std::int64_t drawer = 0;
  for (const checkout::CashPart& cash : sale.cash) {
    settled += cash.settled.minor;
    drawer += cash.tendered.minor - cash.change.minor;
    if (cash.tendered.minor - cash.change.minor + cash.rounding.minor != cash.settled.minor)
      return "cash does not add up";
  }
  std::int64_t refunded = 0;
  for (const payment::PastRefund& refund : sale.payments.refunds) {
    if (refund.state == payment::RefundState::Refunded) refunded += refund.amount.minor;
  }
  if (std::string broken = member_sums_of(sale); !broken.empty()) return broken;
  if (std::string broken = notices_of(sale); !broken.empty()) return broken;
  for (const ledger::Spent& spent : sale.ledger.spent)
    settled += spent.state == ledger::SpentState::Taken ? spent.part.settles_minor : 0;
  for (const ledger::GivenBack& back : sale.ledger.given_back)
    refunded += back.part.settles_minor;
  switch (sale.state) {
    case SaleState::Closed:
      if (sale.payments.attempts.empty() && sale.cash.empty() && sale.total.minor == 0 && settled == 0) return "";
      return paid + settled == sale.total.minor ? "" : "its tenders are not its total";
    case SaleState::Undone:
      // Points and value that paid were taken before the goods moved: `undone_sums_of`.
      if (drawer != sale.cash_back.minor) return "its cash did not go back";
      return paid == 0 ? "" : "it was undone and keeps money";
    case SaleState::Voided: return paid + settled == 0 ? "" : "it was voided and keeps money";
    case SaleState::Returned:
      return refunded + sale.cash_back_settled.minor == sale.total.minor ? "" : "it did not give all back";
    case SaleState::Open:
    case SaleState::Suspended: return paid + settled == 0 ? "" : "it is open and keeps money";
    case SaleState::Paying: return "";  // a part was taken, and the shopper thinks
    case SaleState::Fulfilling:
    case SaleState::Undoing:
    case SaleState::Returning: break;
  }
  return "it has no end: " + std::string(to_string(sale.state));
}

std::vector<checkout::SaleStory> stories_of(const journal::Journal& journal) {
  std::vector<journal::SaleId> ids;
  const auto read = journal.each({}, [&](const journal::Record& record) -> Result<> {
    const bool begins = record.sale.value() != 0 && record.sale.value() == record.seq.value();
    if (begins) ids.push_back(record.sale);
    return {};
  });
  if (!read) throw std::runtime_error("the journal cannot be read");
  std::vector<checkout::SaleStory> stories;
  stories.reserve(ids.size());
  for (const journal::SaleId id : ids)
    stories.push_back(must(checkout::read_sale(journal, id)));
  return stories;
}

std::string_view Onlooker::screen() const {
  return screens.empty() ? "" : receipt::to_string(receipt::id_of(screens.back()));
}

void Onlooker::show(const receipt::ScreenModel& screen) {
  if (!has_words(screen)) wordless.emplace_back(receipt::to_string(receipt::id_of(screen)));
  screens.push_back(screen);
}

void Onlooker::attention(receipt::Attention attention, const receipt::TextValues& values) {
  if (!has_words(receipt::AttentionScreen{attention, values})) wordless.emplace_back(receipt::to_string(attention));
  attentions.push_back(attention);
}

bool has_words(const receipt::ScreenModel& screen) {
  return std::ranges::all_of(
      std::array{receipt::Language::ZhCn, receipt::Language::En},
      [&](receipt::Language language) { return receipt::to_json(screen, language).has_value(); });
}

std::unique_ptr<checkout::Shelf> make_shelf() {
  return make_shelf_with_cola_at(350);
}

std::unique_ptr<checkout::Shelf> make_shelf_with_cola_at(std::int64_t minor) {
  offers::DocumentMistake document_mistake;
  offers::RuleMistake rule_mistake;
  auto rules = must(offers::RuleSet::compile(must(offers::read_rules(kRules, document_mistake)), rule_mistake));
  return std::make_unique<checkout::Shelf>(make_catalog(minor), std::move(rules));
}

TillWorld::TillWorld(Disk& its_disk)
    : disk(its_disk),
      clock(world),
      scheduler(world, clock),
      store(world, 1),
      random(7),
      network(world),
      provider(world, clock),
      wallet(provider.wallet),
      cabinet(world),
      permissions(staff()),
      settings(shop_settings()),
      home(scheduler, clock),
      vfs_(its_disk) {
  crypto_ = must(security::Crypto::start(store, random));
  key_ = must(crypto_->create_signing_key(1));
  if (!start()) throw std::runtime_error("the till does not start");
  first_ = journal_->last_seq();
  stop();
  disk.restart(Damage::KeepAll, 0);
  disk.reset_counts();
}

TillWorld::~TillWorld() {
  stop();
  identities.reset();
  merchant_key.reset();
}

bool TillWorld::start() {
  const std::array sets{members::kMemberTables, ledger::kLedgerTables, payment::kPaymentTables,
                        fulfilment::kFulfilmentTables, checkout::kCheckoutTables};
  journal::Settings file{.path = "till.db", .vfs = vfs_.name()};
  if (quota_bytes != 0) file.quota_bytes = quota_bytes;
  if (reserve_bytes != 0) file.reserve_bytes = reserve_bytes;
  auto opened = journal::Journal::open(file, {clock, store, random, *crypto_, key_}, sets);
  if (!opened) return false;
  journal_ = *std::move(opened);
  if (journal_->state() != journal::State::Running || !journal_->start_succeeded()) return false;
  membership_.reset();
  if (with_members) {
    if (!merchant_key) merchant_key.emplace(must(crypto_->import_mac_key(kMerchantKey)));
    if (!identities) identities.emplace(*merchant_key);
    membership_.emplace(checkout::Membership{
        .identities = *identities, .service = &home, .leases = &home, .cache = cache ? &cache->tables() : nullptr});
  }
  fulfilment::Fulfilment* hands_over = goods;
  if (from_cabinet) {
    dispenser_ = std::make_unique<fulfilment::DispenserFulfilment>(cabinet, cabinet_remembers);
    hands_over = dispenser_.get();
  }
  if (make_goods) {
    own_goods_ = make_goods();
    hands_over = own_goods_.get();
  }
  checkout_ = std::make_unique<checkout::Checkout>(checkout::CheckoutParts{*journal_,
                                                                           clock,
                                                                           scheduler,
                                                                           network,
                                                                           provider,
                                                                           *hands_over,
                                                                           permissions,
                                                                           onlooker,
                                                                           codes::default_code_table(),
                                                                           crypto_.get(),
                                                                           membership_ ? &*membership_ : nullptr,
                                                                           {},
                                                                           [this] { return cloud_answers; }},
                                                   settings, shelf(), policies);
  return checkout_->start().has_value();
}

void TillWorld::stop() {
  checkout_.reset();
  dispenser_.reset();
  own_goods_.reset();
  journal_.reset();
  wallet.hang_up();
}

bool TillWorld::scan(std::string_view code, std::int64_t pieces) {
  return till().add(code, must(core::Quantity::pieces(pieces))).has_value();
}

codes::PaymentCode TillWorld::new_code() {
  codes::WalletRoute route;
  route.add(codes::Wallet::WeChatPay);
  return {"13000000000000" + std::to_string(1'000 + codes_++), route, codes_identify};
}

bool TillWorld::pay_by_code(std::optional<std::int64_t> part) {
  std::optional<core::Money> amount;
  if (part) amount = core::Money{*part, core::kCny};
  return till().pay_code(new_code(), amount).has_value();
}

bool TillWorld::pay_points(std::optional<std::int64_t> part) {
  std::optional<core::Money> amount;
  if (part) amount = core::Money{*part, core::kCny};
  return till().pay_points(amount).has_value();
}

bool TillWorld::pay_value(std::optional<std::int64_t> part) {
  std::optional<core::Money> amount;
  if (part) amount = core::Money{*part, core::kCny};
  return till().pay_value(amount).has_value();
}

bool TillWorld::pay_by_qr() {
  return till().pay_qr().has_value();
}

bool TillWorld::pay_cash(std::int64_t minor) {
  return till().pay_cash({minor, core::kCny}).has_value();
}

std::optional<journal::SaleId> TillWorld::refund(journal::SaleId sale, std::vector<offers::UnitRange> units) {
  const auto refunded = till().refund({.sale = sale, .units = units, .by = kLead});
  if (!refunded) return std::nullopt;
  return *refunded;
}

void TillWorld::prepare(const std::function<void()>& what) {
  if (!start()) throw std::runtime_error("the till does not start");
  what();
  first_ = journal_->last_seq();
  stop();
  disk.restart(Damage::KeepAll, 0);
  disk.reset_counts();
}

fulfilment::Slot slot_of(std::uint16_t number, std::string_view item, std::uint32_t stock) {
  return {.slot = hal::SlotId(number), .item = must(offers::Name::parse(item)), .capacity = stock, .stock = stock};
}

void TillWorld::stock_cabinet(const std::vector<fulfilment::Slot>& filled, bool remembers) {
  slots_ = filled;
  from_cabinet = true;
  cabinet_remembers = remembers;
  if (!remembers) cabinet.forget_vends();
  for (const fulfilment::Slot& slot : slots_)
    cabinet.fill(slot.slot, slot.stock);
  prepare([this] {
    static_cast<void>(
        must(journal_->commit([this](journal::Tx& tx) { return fulfilment::set_slots(tx, slots_, true, kLead); })));
  });
}

std::string TillWorld::goods_disagreement() {
  std::uint32_t out = 0;
  std::uint32_t unknown = 0;
  std::uint32_t units = 0;
  for (const checkout::SaleStory& sale : sales()) {
    if (!sale.goods) continue;
    units += static_cast<std::uint32_t>(sale.goods->report.units.size());
    for (const fulfilment::UnitOutcome outcome : sale.goods->report.units) {
      out += outcome == fulfilment::UnitOutcome::Out ? 1U : 0U;
      unknown += outcome == fulfilment::UnitOutcome::Unknown ? 1U : 0U;
    }
  }
  const std::string fell = std::to_string(cabinet.fallen()) + " fell";
  if (cabinet.motor_starts() > units) return "a motor turned more often than goods were paid";
  if (cabinet_remembers && unknown > 0) return "the cabinet remembers, and nobody asked it";
  if (cabinet.fallen() < out || cabinet.fallen() > out + unknown) {
    return fell + ", the journal says " + std::to_string(out) + " and " + std::to_string(unknown) + " unknown";
  }
  if (!must(fulfilment::vends(journal_->tables())).empty()) return "a hand-over has no end";
  std::uint32_t gone = 0;
  for (const fulfilment::Slot& filled : slots_) {
    const auto slot = must(fulfilment::find_slot(journal_->tables(), filled.slot));
    if (!slot) return "a slot is lost";
    gone += filled.stock - slot->stock;
    // Of one that is said to be empty nothing is promised.
    if (slot->stock > cabinet.stock(filled.slot)) {
      return "slot " + std::to_string(filled.slot.value()) + " has less than the journal says";
    }
  }
  return gone < out ? "less is gone from the slots than came out" : "";
}

void TillWorld::fill_storage(bool spare) {
  reserve_bytes = 100'000;
  if (!start()) throw std::runtime_error("the till does not start");
  first_ = journal_->last_seq();
  stop();
  disk.restart(Damage::KeepAll, 0);
  auto file = disk.open("till.db", false);
  if (!file) throw std::runtime_error("the till left no journal");
  const auto used = disk.size(*file);
  disk.close(*file);
  if (!used) throw std::runtime_error("the till's journal cannot be measured");
  // One byte less than the reserve needs; `spare`: and room for a start or two.
  quota_bytes = *used + reserve_bytes + (spare ? kRoomForStarts : 0) - 1;
  disk.reset_counts();
}

bool TillWorld::settle(std::chrono::hours at_most) {
  const auto quiet = [this] {
    if (!disk.has_power() || journal_->state() != journal::State::Running) return true;
    return till().under_way() == 0 && !till().is_paying() && !wallet.next();
  };
  return world.advance_until(quiet, at_most);
}

std::string TillWorld::records() const {
  std::string kinds;
  const auto read =
      journal_->each({.from = journal::Seq(first_.value() + 1)}, [&](const journal::Record& record) -> Result<> {
        std::string_view kind = record.kind.view();
        if (kind == "journal.started") return {};
        for (const std::string_view module : {"payment.", "checkout.", "members.", "ledger.", "fulfilment."}) {
          if (kind.starts_with(module)) kind.remove_prefix(module.size());
        }
        if (!kinds.empty()) kinds += ' ';
        kinds += kind;
        return {};
      });
  return read ? kinds : "unreadable";
}

std::uint64_t TillWorld::commits() const {
  std::uint64_t seals = 0;
  const auto read = journal_->each({}, [&](const journal::Record& record) -> Result<> {
    if (record.seal) ++seals;
    return {};
  });
  if (!read) throw std::runtime_error("the journal cannot be read");
  return seals;
}

std::vector<checkout::SaleStory> TillWorld::sales() const {
  return stories_of(*journal_);
}

journal::SaleId TillWorld::last_sale() const {
  const auto all = sales();
  return all.empty() ? journal::SaleId{} : all.back().id;
}

std::string TillWorld::goods_for_nothing() const {
  for (const receipt::ScreenModel& screen : onlooker.screens) {
    const auto* const given_up = std::get_if<receipt::NotCompletedScreen>(&screen);
    if (given_up == nullptr) continue;
    for (const checkout::SaleStory& sale : sales()) {
      const bool is_it = std::ranges::any_of(sale.payments.attempts, [&](const payment::PastAttempt& attempt) {
        return attempt.order == given_up->order;
      });
      const bool undone = sale.state == SaleState::Undoing || sale.state == SaleState::Undone;
      if (is_it && !undone) return std::string(given_up->order.view()) + " was said not to be completed, and was";
    }
  }
  return "";
}

std::string TillWorld::disagreement() {
  if (std::string broken = test::disagreement(*journal_, wallet); !broken.empty()) return broken;
  if (!onlooker.wordless.empty()) return "a screen has no words: " + onlooker.wordless.front();
  if (std::string broken = goods_for_nothing(); !broken.empty()) return broken;
  if (with_members) {
    home.upload(*journal_);
    if (std::string broken = home.disagreement(); !broken.empty()) return broken;
  }
  const auto all = sales();
  for (const checkout::SaleStory& sale : all) {
    const std::string broken = sums_of(sale);
    if (!broken.empty()) return "sale " + std::to_string(sale.id.value()) + ": " + broken;
  }
  for (const auto& [id, how] : onlooker.ended) {
    const auto story = std::ranges::find(all, id, &checkout::SaleStory::id);
    if (story == all.end() || story->state != how) {
      return "sale " + std::to_string(id.value()) + " was said to be " + std::string(to_string(how)) + " and is not";
    }
    const auto told = std::ranges::count(onlooker.ended, id, &std::pair<journal::SaleId, SaleState>::first);
    if (told > 1) return "sale " + std::to_string(id.value()) + " ended twice";
  }
  return "";
}

}  // namespace tillkit::test
