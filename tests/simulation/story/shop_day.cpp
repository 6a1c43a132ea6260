// SPDX-License-Identifier: Apache-2.0
#include "shop_day.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "tillkit/catalog/csv_import.hpp"
#include "tillkit/checkout/story.hpp"
#include "tillkit/core/calendar.hpp"
#include "tillkit/core/json_writer.hpp"
#include "tillkit/offers/document.hpp"

namespace tillkit::story {
namespace {

using checkout::Action;
using checkout::SaleState;
using core::Result;

constexpr journal::Operator kManager = *journal::Operator::parse("manager");

template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result) {
    throw std::runtime_error(std::string(what) + ": " + std::string(core::to_string(result.error().code)));
  }
  return *std::move(result);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::unique_ptr<checkout::Shelf> read_shelf(const ShopFiles& files) {
  catalog::CsvImport import;
  if (!import.feed(read_file(files.catalog))) throw std::runtime_error("the catalog is refused");
  catalog::Catalog items = must(import.finish(), "the catalog is refused");
  offers::DocumentMistake document_mistake;
  auto document = offers::read_rules(read_file(files.rules), document_mistake);
  if (!document) throw std::runtime_error(offers::to_string(document_mistake));
  offers::RuleMistake rule_mistake;
  auto rules = must(offers::RuleSet::compile(*std::move(document), rule_mistake), "the rules are refused");
  return std::make_unique<checkout::Shelf>(std::move(items), std::move(rules));
}

std::vector<checkout::Permission> staff() {
  const core::EnumSet<Action> all{Action::Void, Action::Refund, Action::Reprint, Action::Resolve, Action::Age};
  return {{.operator_id = kManager, .actions = all, .refund_max_minor = 100'000}};
}

terminal::Config config(const test::DiskVfs& vfs) {
  terminal::Config config{.journal = {.path = "till.db", .vfs = vfs.name()}, .checkout = {}, .policies = {}};
  config.language = receipt::Language::En;
  config.checkout.terminal = *journal::TerminalName::parse("T1");
  config.checkout.store = {.merchant = "Corner shop",
                           .tax_number = {},
                           .store = "Corner shop, Jing'an",
                           .address = {},
                           .fapiao_link = "https://fapiao.example/"};
  for (const auto kind : {payment::TenderKind::WalletCode, payment::TenderKind::WalletQr, payment::TenderKind::Cash})
    config.checkout.tenders.add(kind);
  config.checkout.cash = payment::default_cash_rule(core::kCny);
  return config;
}

bool write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  return file.good();
}

std::string yuan(std::int64_t minor) {
  return receipt::format_money({minor, core::kCny});
}

}  // namespace

ShopDay::ShopDay(const ShopFiles& files)
    : files_(files),
      vfs_(disk_),
      clock_(world_),
      scheduler_(world_, clock_),
      store_(world_, 1),
      random_(7),
      network_(world_),
      scanner_(world_),
      provider_(world_, clock_),
      permissions_(staff()),
      board_{.clock = clock_,
             .scheduler = scheduler_,
             .random = random_,
             .key_store = &store_,
             .network_status = &network_,
             .scanner = &scanner_} {
  start();
}

ShopDay::~ShopDay() {
  terminal_.reset();
}

void ShopDay::start() {
  terminal_ = must(
      terminal::Terminal::open(config(vfs_), {board_, provider_, counter_, permissions_, *this}, read_shelf(files_)),
      "the terminal does not start");
  if (terminal_->stopped()) throw std::runtime_error("the terminal sells nothing");
}

// --- the day ---

void ShopDay::say(std::string_view who, std::string_view text) {
  const auto civil = core::to_civil(clock_.true_wall(), std::chrono::hours{8});
  const auto minutes = civil ? std::chrono::floor<std::chrono::seconds>(civil->since_midnight).count() : 0;
  std::printf("  %02d:%02d:%02d  %-9.*s %.*s\n", static_cast<int>(minutes / 3600), static_cast<int>(minutes / 60 % 60),
              static_cast<int>(minutes % 60), static_cast<int>(who.size()), who.data(), static_cast<int>(text.size()),
              text.data());
}

void ShopDay::begin_chapter(std::string_view title) {
  end_chapter();
  wait(std::chrono::minutes{10});
  std::printf("\n%d. %.*s\n", ++chapter_, static_cast<int>(title.size()), title.data());
  shown_.clear();
  disk_.reset_counts();
}

void ShopDay::end_chapter() {
  if (chapter_ == 0) return;
  const test::DiskCounts counts = disk_.counts();
  std::printf("            cost      %llu flushes, %llu bytes written\n",
              static_cast<unsigned long long>(counts.flushes), static_cast<unsigned long long>(counts.bytes_written));
}

void ShopDay::note(std::string_view text) {
  say("", text);
}

void ShopDay::wait(std::chrono::milliseconds time) {
  world_.advance(time);
  come_back();
}

void ShopDay::settle() {
  const auto quiet = [this] {
    return !disk_.has_power() || (terminal_->checkout().under_way() == 0 && !wallet().next());
  };
  for (int tries = 0; tries < 10; ++tries) {
    if (!world_.advance_until(quiet, std::chrono::hours{24})) throw std::runtime_error("the day has no end");
    if (disk_.has_power()) return;
    come_back();
  }
  throw std::runtime_error("power goes again and again");
}

// --- people ---

template <class Outcome>
void ShopDay::refused(std::string_view what, const Outcome& outcome) {
  if (outcome || !disk_.has_power()) return;
  const auto& no = outcome.error();
  show(receipt::RefusedScreen{no.refusal, no.values, no.works});
  say("clerk", std::string(what) + ": not done");
}

void ShopDay::sign_on(std::string_view who) {
  refused("sign on", terminal_->checkout().sign_on(must(journal::Operator::parse(who), "no operator")));
  say("clerk", std::string(who) + " signs on, shift " + std::to_string(terminal_->journal()->duty().shift));
  come_back();
}

void ShopDay::scan(std::string_view code) {
  scanner_.present(std::string(code));
  world_.advance(std::chrono::seconds{1});
  come_back();
}

void ShopDay::weigh(std::string_view item, std::int64_t grams) {
  say("scale", std::to_string(grams) + " g of " + std::string(item));
  refused("weigh", terminal_->checkout().add(item, must(core::Quantity::grams(grams), "no weight")));
}

void ShopDay::shopper_is(int age) {
  say("clerk", "asks for a card: old enough");
  refused("age", terminal_->checkout().age_checked(age, true, kManager));
}

void ShopDay::pay_with_code(std::optional<std::int64_t> part) {
  const std::string code = "13000000000000" + std::to_string(1'000 + codes_++);
  say("shopper", part ? "shows a payment code for " + yuan(*part) : "shows a payment code");
  if (!part) {
    scanner_.present(code);
    world_.advance(std::chrono::milliseconds{1});
  } else {
    codes::WalletRoute route;
    route.add(codes::Wallet::WeChatPay);
    refused("pay",
            terminal_->checkout().pay_code(codes::PaymentCode(code, route, false), core::Money{*part, core::kCny}));
  }
  come_back();
}

void ShopDay::pay_with_qr() {
  say("shopper", "wants to scan a code");
  refused("show a code", terminal_->checkout().pay_qr());
  wait(std::chrono::seconds{1});
}

void ShopDay::shopper_scans_qr() {
  for (const checkout::OpenSale& sale : must(checkout::open_sales(terminal_->journal()->tables()), "no sales")) {
    for (const payment::Attempt& attempt : must(payment::attempts(terminal_->journal()->tables()), "no attempts")) {
      if (attempt.sale == sale.id && wallet().shopper_scans(attempt.order.view())) say("shopper", "scans it and pays");
    }
  }
  settle();
}

void ShopDay::pay_cash(std::int64_t minor) {
  say("shopper", "gives " + yuan(minor) + " in cash");
  const auto paid = terminal_->checkout().pay_cash({minor, core::kCny});
  refused("cash", paid);
  if (paid) {
    const std::int64_t kept = minor - paid->change.minor;
    drawer_.push_back({number(paid->missing.is_zero() ? last_closed_ : terminal_->checkout().sale()), kept, "in"});
    if (paid->change.is_positive()) say("clerk", "gives " + yuan(paid->change.minor) + " change");
  }
  come_back();
}

void ShopDay::give_up() {
  say("shopper", "wants out");
  refused("give up", terminal_->checkout().give_up(kManager));
  settle();
}

std::optional<journal::SaleId> ShopDay::put_aside() {
  const auto put = terminal_->checkout().suspend();
  refused("put aside", put);
  if (!put) return std::nullopt;
  say("clerk", "puts " + number(*put) + " aside");
  return *put;
}

void ShopDay::go_on_with(journal::SaleId sale) {
  say("clerk", "goes on with " + number(sale));
  refused("go on", terminal_->checkout().resume(sale));
}

void ShopDay::give_back(journal::SaleId sale, std::vector<offers::UnitRange> units) {
  say("clerk", (units.empty() ? "gives back all that is left of " : "gives back a part of ") + number(sale));
  refused("refund", terminal_->checkout().refund({.sale = sale, .units = units, .by = kManager}));
  settle();
}

// --- the world ---

void ShopDay::unplug_network() {
  network_.set_hint(hal::LinkState::Offline);
  say("network", "unplugged");
}

void ShopDay::plug_network() {
  network_.set_hint(hal::LinkState::Online);
  say("network", "plugged");
  wait(std::chrono::seconds{1});
}

void ShopDay::cut_power_at(std::uint64_t operation) {
  disk_.cut_at(disk_.operations() + operation);
}

void ShopDay::cut_power_now() {
  disk_.cut();
  come_back();
}

void ShopDay::come_back() {
  if (disk_.has_power()) return;
  say("power", "goes");
  terminal_.reset();
  wallet().hang_up();
  ++cuts_;
  disk_.restart(cuts_ % 2 == 0 ? test::Damage::Scatter : test::Damage::LoseUnsynced, cuts_);
  shown_.clear();
  start();
  say("power", "is back, the terminal has started");
  look_at_sales();
}

/// What the till closed and the clerk does not know of: the goods go over the counter now. Cash that it knows of is in
/// the drawer; cash that it does not was handed back, and the shopper pays again.
void ShopDay::look_at_sales() {
  const journal::Journal& journal = *terminal_->journal();
  std::vector<journal::SaleId> sales;
  const auto read = journal.each({}, [&](const journal::Record& record) -> Result<> {
    if (record.sale.value() != 0 && record.sale.value() == record.seq.value()) sales.push_back(record.sale);
    return {};
  });
  if (!read) throw std::runtime_error("the journal cannot be read");
  for (const journal::SaleId id : sales) {
    const checkout::SaleStory story = must(checkout::read_sale(journal, id), "a sale cannot be read");
    const std::string name = number(id);
    std::int64_t in_drawer = 0;
    for (const DrawerEntry& entry : drawer_)
      in_drawer += entry.sale == name ? entry.minor : 0;
    std::int64_t known = -story.cash_back.minor;
    for (const checkout::CashPart& cash : story.cash)
      known += cash.tendered.minor - cash.change.minor;
    if (known != in_drawer) drawer_.push_back({name, known - in_drawer, "seen after a power cut"});
    const bool given = std::ranges::any_of(goods_, [&](const GoodsEntry& entry) { return entry.sale == name; });
    if (story.state != SaleState::Closed || given) continue;
    say("clerk", "sees that " + name + " is paid, and hands the goods over");
    goods_.push_back({name, "after a power cut"});
    last_closed_ = id;
  }
}

std::string ShopDay::number(journal::SaleId sale) const {
  return std::string(terminal_->checkout().number_of(sale).view());
}

// --- what the terminal tells ---

void ShopDay::show(const receipt::ScreenModel& screen) {
  std::string text = receipt::text_of(screen, receipt::Language::En, receipt::Audience::Shopper).value_or("?");
  if (const auto* const basket = std::get_if<receipt::BasketScreen>(&screen);
      basket != nullptr && !basket->rows.empty()) {
    const receipt::BasketRow& last = basket->rows.back();
    text = last.name + ' ' + receipt::format_money(last.net) + ", in all " + receipt::format_money(basket->total);
    if (basket->discount.is_positive()) text += " (saved " + receipt::format_money(basket->discount) + ")";
  }
  if (std::exchange(shown_, text) != text) say("screen", text);
}

void ShopDay::sale_ended(journal::SaleId sale, SaleState how) {
  // While a call of its own is under way the terminal is not there to be asked for the number's terminal.
  say("till", "sale " + std::to_string(sale.value()) + " is " + std::string(to_string(how)));
  if (how != SaleState::Closed) return;
  last_closed_ = sale;
  goods_.push_back({number(sale), "at once"});
}

void ShopDay::hand_out(journal::SaleId sale, const core::Money& cash) {
  if (cash.is_zero()) return;
  say("clerk", "hands out " + receipt::format_money(cash) + " in cash");
  drawer_.push_back({number(sale), -cash.minor, "out"});
}

void ShopDay::attention(receipt::Attention attention, const receipt::TextValues&) {
  say("till", "needs somebody: " + std::string(to_string(attention)));
}

void ShopDay::check_age(int minimum_age) {
  say("till", "asks whether the shopper is " + std::to_string(minimum_age));
}

void ShopDay::status_changed(const terminal::Status&) {}

// --- the books ---

bool ShopDay::write_books() {
  end_chapter();
  chapter_ = 0;
  terminal_.reset();
  std::filesystem::create_directories(files_.books);
  std::string goods;
  for (const GoodsEntry& entry : goods_) {
    core::JsonWriter json;
    json.begin_object().name("sale").text(entry.sale).name("how").text(entry.how).end_object();
    goods += must(json.finish(), "goods") + '\n';
  }
  std::string drawer;
  for (const DrawerEntry& entry : drawer_) {
    core::JsonWriter json;
    json.begin_object().name("sale").text(entry.sale).name("minor").integer(entry.minor);
    json.name("what").text(entry.what).end_object();
    drawer += must(json.finish(), "drawer") + '\n';
  }
  std::string ledger;
  for (const test::WalletEntry& entry : wallet().ledger()) {
    constexpr std::array<std::string_view, 3> kKinds{"charge", "reversal", "refund"};
    core::JsonWriter json;
    json.begin_object().name("kind").text(kKinds[static_cast<std::size_t>(entry.kind)]).name("order").text(entry.order);
    json.name("key").text(entry.key).name("minor").integer(entry.minor).end_object();
    ledger += must(json.finish(), "ledger") + '\n';
  }
  bool written = write_file(files_.books / "goods.jsonl", goods) && write_file(files_.books / "drawer.jsonl", drawer) &&
                 write_file(files_.books / "wallet.jsonl", ledger);
  for (const std::string_view name : {"till.db", "till.db-wal"}) {
    const auto size = disk_.size_of(name);
    if (!size) {
      std::filesystem::remove(files_.books / name);
      continue;
    }
    const auto file = disk_.open(name, false);
    std::string bytes(static_cast<std::size_t>(*size), '\0');
    if (!file || !disk_.read(*file, 0, std::as_writable_bytes(std::span(bytes)))) return false;
    written = written && write_file(files_.books / name, bytes);
  }
  return written;
}

}  // namespace tillkit::story
